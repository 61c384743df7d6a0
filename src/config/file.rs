//! The settings file: TOML, the same names as the flags with underscores. An unknown key is an error, not a silence.

use std::path::Path;

use super::Args;

/// Reads the named file, or `DATA/twotake.toml` when none is named and it exists.
pub fn read(named: Option<&Path>, data: &Path) -> Result<Args, String> {
    let fallback = data.join("twotake.toml");
    let path = match named {
        Some(path) => path,
        None if fallback.is_file() => &fallback,
        None => return Ok(Args::default()),
    };
    let text =
        std::fs::read_to_string(path).map_err(|e| format!("cannot read the settings file {}: {e}", path.display()))?;
    toml::from_str(&text).map_err(|e| format!("the settings file {} is not right: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Role};
    use super::*;

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_the_default() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("twotake.toml"), "role = 'worker'\nworkers = 3\n").unwrap();
        let args = Args { data: Some(dir.path().to_owned()), workers: Some(5), ..Args::default() };
        let config = Config::resolve(args).unwrap();
        assert_eq!((config.role, config.workers, config.keep_original_days), (Role::Worker, 5, 7));
    }

    #[test]
    fn an_unknown_key_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("twotake.toml"), "colour = 'red'\n").unwrap();
        let args = Args { data: Some(dir.path().to_owned()), ..Args::default() };
        assert!(Config::resolve(args).unwrap_err().contains("colour"));
    }
}
