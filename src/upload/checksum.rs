//! `Upload-Checksum`: the sum of one request's bytes, checked before any of them counts.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::UploadError;

/// The algorithms offered, as OPTIONS lists them.
pub const ALGORITHMS: &str = "sha1,sha256";

/// A sum that bytes are to match.
pub struct Checksum {
    hasher: Hasher,
    expected: Vec<u8>,
}

enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// Reads `ALGORITHM BASE64`.
    ///
    /// # Errors
    /// [`UploadError::BadHeader`] for another algorithm or a sum that is none.
    pub fn parse(header: &str) -> Result<Checksum, UploadError> {
        let wrong = |what: &str| UploadError::BadHeader(format!("Upload-Checksum {what}."));
        let (name, sum) =
            header.trim().split_once(' ').ok_or_else(|| wrong("is written as an algorithm and a sum in base64"))?;
        let expected = BASE64_STANDARD.decode(sum.trim()).map_err(|_| wrong("has a sum that is not base64"))?;
        let hasher = match name.to_ascii_lowercase().as_str() {
            "sha1" => Hasher::Sha1(Sha1::new()),
            "sha256" => Hasher::Sha256(Sha256::new()),
            _ => return Err(wrong(&format!("knows {ALGORITHMS}"))),
        };
        Ok(Checksum { hasher, expected })
    }

    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.hasher {
            Hasher::Sha1(hasher) => hasher.update(bytes),
            Hasher::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// Whether all bytes together have the sum that was told.
    #[must_use]
    pub fn matches(self) -> bool {
        match self.hasher {
            Hasher::Sha1(hasher) => hasher.finalize()[..] == self.expected[..],
            Hasher::Sha256(hasher) => hasher.finalize()[..] == self.expected[..],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_algorithms_tell_right_from_wrong() {
        // Sums of "hello" from coreutils.
        for sum in ["sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=", "SHA256 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="] {
            let mut right = Checksum::parse(sum).unwrap();
            right.update(b"hel");
            right.update(b"lo");
            assert!(right.matches(), "{sum}");
            let mut wrong = Checksum::parse(sum).unwrap();
            wrong.update(b"hellp");
            assert!(!wrong.matches(), "{sum}");
        }
        assert!(
            Checksum::parse("md5 AAAA").is_err()
                && Checksum::parse("sha1").is_err()
                && Checksum::parse("sha1 ?").is_err()
        );
    }
}
