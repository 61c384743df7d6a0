//! The bytes of a recording for players: segments, playlists, the whole file, pictures. Three doors to the same files, all
//! behind `access`: with a session or bearer, with a playback token in the path (for frames without cookies), and by a share
//! link (a stable address for previews elsewhere).
//!
//! Each request passes a door, which asks for the right (or remembers it for a few seconds), and is then answered: small files
//! and blocks of large ones from memory, the rest from the store.
//! Where an attempt would stand, `live` names the playlists of a take that is still being made, and `captions` what is said in its
//! recording.
//!
//! Invariant: an address under an attempt names bytes that never change, so its answer may be kept for a year; no answer from
//! here ever sets a cookie.

mod answer;
pub mod cache;
mod caption;
mod door;
mod live;
pub mod playback;
mod range;
pub mod routes;

use crate::error::Problem;
use crate::id::{RecordingId, TakeId};

/// One file of a take's outputs, as an address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The recording it belongs to.
    pub recording: RecordingId,
    /// The take.
    pub take: TakeId,
    /// The set of outputs.
    pub attempt: String,
    /// The file's name.
    pub name: String,
}

impl File {
    /// Where it rests.
    #[must_use]
    pub fn key(&self) -> String {
        format!("takes/{}/{}/{}", self.take, self.attempt, self.name)
    }

    /// The same, unless a part could not have been made by this program.
    fn checked(self) -> Result<File, Problem> {
        let plain = |part: &str, also: &[u8]| {
            !part.is_empty()
                && part.len() <= 100
                && !part.starts_with('.')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || also.contains(&b))
        };
        if plain(&self.attempt, b"-_") && plain(&self.name, b"-_.") { Ok(self) } else { Err(Problem::not_found()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_this_program_makes_are_looked_for() {
        let file = |attempt: &str, name: &str| File {
            recording: RecordingId(uuid::Uuid::nil()),
            take: TakeId(uuid::Uuid::nil()),
            attempt: attempt.into(),
            name: name.into(),
        };
        assert!(file("01-a", "1080_3.m4s").checked().is_ok());
        for (attempt, name) in
            [("..", "a"), ("a", ".."), ("a", "a/b"), ("a/b", "c"), ("", "a"), ("a", ""), ("a", ".x"), ("a", "ü")]
        {
            assert!(file(attempt, name).checked().is_err(), "{attempt} {name}");
        }
    }
}
