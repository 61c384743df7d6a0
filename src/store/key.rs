//! What may be a key: generated names only, so that nothing a person typed ever becomes a path.

use super::StoreError;

/// Longest key; S3 takes 1024 bytes, file names 255.
const LONGEST: usize = 512;

/// Checks a key: parts of `[A-Za-z0-9._~-]`, separated by single slashes, none of them starting with a dot.
///
/// # Errors
/// [`StoreError::BadKey`].
pub fn check(key: &str) -> Result<(), StoreError> {
    let part_is_right = |part: &str| {
        !part.is_empty()
            && part.len() <= 200
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b'-'))
    };
    if key.len() <= LONGEST && key.split('/').all(part_is_right) {
        Ok(())
    } else {
        Err(StoreError::BadKey(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn only_generated_names_are_keys() {
        for good in ["a", "uploads/0190-x/0000000000000000-y", "takes/t/1/seg_00001.m4s"] {
            assert!(check(good).is_ok(), "{good}");
        }
        let long = "x".repeat(600);
        for bad in ["", "/", "/a", "a/", "a//b", "..", "a/../b", ".tmp/x", "a b", "a\0b", "a\\b", "ä", "a\nb", &long] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }
}
