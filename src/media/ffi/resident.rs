//! What the server itself keeps in memory of the libraries that only its children run. Loading them maps a good thirty
//! megabytes of read-only pages that the server never looks at again; they are handed back, and would be read from
//! their files again if anybody did.
//!
//! Invariant: only mappings are touched that can never be written to and of which no page differs from its file.

use std::ffi::c_void;
use std::fs;
use std::ptr;

/// Hands back every page of memory that is free, or nothing but a copy of a file. Answers how many bytes of mappings were let go; 0 where
/// the system does not tell of them. Cheap enough to be called once after the start, not more often.
#[must_use]
pub fn hand_back() -> usize {
    // SAFETY: gives free memory of the allocator back to the system; nothing that is in use moves.
    #[cfg(target_env = "gnu")]
    unsafe {
        libc::malloc_trim(0)
    };
    let Ok(maps) = fs::read_to_string("/proc/self/smaps") else { return 0 };
    let mut bytes = 0;
    for (start, end) in untouched(&maps) {
        // SAFETY: the range is a mapping of this process that was read-only and private to a file when it was listed, and no page of
        // it was changed; dropping such pages loses nothing, for the next access reads them from the file again.
        let done =
            unsafe { libc::madvise(ptr::without_provenance_mut::<c_void>(start), end - start, libc::MADV_DONTNEED) };
        if done == 0 {
            bytes += end - start;
        }
    }
    bytes
}

/// From where to where the mappings go that are read-only, of a file, and unchanged.
fn untouched(smaps: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut current = None;
    for line in smaps.lines() {
        if let Some(head) = head(line) {
            current = head;
        } else if line == "Anonymous:             0 kB" {
            found.extend(current.take());
        }
    }
    found
}

/// The first line of a mapping: none when it is another line, an empty inside when the mapping is to be left alone.
fn head(line: &str) -> Option<Option<(usize, usize)>> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let range = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
    let (rights, file) = (words.next()?, words.nth(3));
    let plain = matches!(rights, "r--p" | "r-xp") && file.is_some_and(|name| name.starts_with('/'));
    Some(plain.then_some(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unchanged_pages_of_files_are_let_go() {
        let smaps = "\
7f0000000000-7f0000002000 r--p 00000000 fe:00 12                         /usr/lib/libone.so
Size:                  8 kB
Anonymous:             0 kB
7f0000002000-7f0000003000 r--p 00002000 fe:00 12                         /usr/lib/libone.so
Anonymous:             4 kB
7f0000003000-7f0000004000 rw-p 00003000 fe:00 12                         /usr/lib/libone.so
Anonymous:             0 kB
7f0000004000-7f0000006000 r-xp 00004000 fe:00 12                         /usr/lib/libone.so
Anonymous:             0 kB
7f0000006000-7f0000007000 r--p 00000000 00:00 0 
Anonymous:             0 kB
7fff00000000-7fff00001000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
";
        assert_eq!(untouched(smaps), [(0x7f00_0000_0000, 0x7f00_0000_2000), (0x7f00_0000_4000, 0x7f00_0000_6000)]);
    }

    #[test]
    fn the_process_goes_on_as_before() {
        assert!(hand_back() > 0);
        assert!(super::super::has_decoder("vp8"), "the libraries still answer");
    }
}
