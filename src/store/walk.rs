//! Listing a folder tree as if it were a flat, sorted set of keys, the way an object store does.

use std::path::Path;
use std::{fs, io};

use super::{Stat, content_type};

/// At most `limit` keys below `root` that start with `prefix` and come after `after`, in key order.
pub fn keys(root: &Path, prefix: &str, after: Option<&str>, limit: usize) -> io::Result<Vec<Stat>> {
    let mut walk = Walk { prefix, after, limit, found: Vec::new() };
    walk.folder(root, "")?;
    Ok(walk.found)
}

struct Walk<'a> {
    prefix: &'a str,
    after: Option<&'a str>,
    limit: usize,
    found: Vec<Stat>,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path, base: &str) -> io::Result<()> {
        // A folder's keys sort as if its name ended in a slash: `a.b` comes before `a/b`.
        let mut names: Vec<String> = match fs::read_dir(path) {
            Ok(entries) => entries.filter_map(|e| name(&e.ok()?)).collect(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(e),
        };
        names.sort_unstable();
        for name in names.iter().filter(|name| !(base.is_empty() && name.as_str() == ".tmp/")) {
            if self.found.len() == self.limit {
                return Ok(());
            }
            let key = format!("{base}{name}");
            if key.ends_with('/') {
                if self.may_hold(&key) {
                    self.folder(&path.join(name), &key)?;
                }
            } else if key.starts_with(self.prefix) && self.after.is_none_or(|after| key.as_str() > after) {
                self.take(path, name, key)?;
            }
        }
        Ok(())
    }

    /// Whether any key below this folder can be asked for.
    fn may_hold(&self, folder: &str) -> bool {
        let wanted = folder.starts_with(self.prefix) || self.prefix.starts_with(folder);
        wanted && self.after.is_none_or(|after| folder > after || after.starts_with(folder))
    }

    fn take(&mut self, path: &Path, name: &str, key: String) -> io::Result<()> {
        match fs::metadata(path.join(name)) {
            Ok(found) => {
                let content_type = content_type(&key).to_owned();
                self.found.push(Stat { key, size: found.len(), content_type });
                Ok(())
            }
            // Deleted since the folder was read.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
        }
    }
}

fn name(entry: &fs::DirEntry) -> Option<String> {
    let name = entry.file_name().into_string().ok()?;
    Some(if entry.file_type().ok()?.is_dir() { name + "/" } else { name })
}
