//! Decisions about bytes that need not be taken again for each of the many requests that a player makes. Not a rule of its
//! own: what stands here came out of [`super::decide`] a moment ago. Only permissions are remembered, never refusals.
//!
//! Invariant: a decision is repeated for at most [`REPEATED`], and not at all after this process has committed anything that
//! may change a right. So a revocation holds at once on the node that made it, and after that time everywhere.

use std::time::Duration;

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::Problem;
use crate::id::{RecordingId, TakeId};

/// How long a decision is repeated: what another node revokes ends here after this at the latest.
pub const REPEATED: Duration = Duration::from_secs(5);
/// Decisions kept; forgetting one costs three queries.
const KEPT: usize = 16_384;

/// Who asks for what, hashed: no credential is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Key([u8; 32]);

impl Key {
    /// Of everything that the decision depends on. Each part is marked off by its length, so that no two lists look alike.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Key {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Key(hash.finalize().into())
    }
}

/// What was found to be open: the set of files that the asker named themselves (`None`), or the one that is shown now.
pub type Opened = Option<(RecordingId, TakeId, String)>;

#[derive(Clone, Debug)]
struct Pass {
    opened: Opened,
    changes: u64,
    until: Duration,
}

/// Decisions by what they depend on.
pub struct Passes(Cache<Key, Pass>);

impl Default for Passes {
    fn default() -> Self {
        Passes(Cache::new(KEPT))
    }
}

impl std::fmt::Debug for Passes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Passes({})", self.0.len())
    }
}

impl Passes {
    /// What `key` opens: as decided a moment ago, or else as `decide` says now.
    ///
    /// # Errors
    /// Those of `decide`.
    pub async fn ask(
        app: &App,
        key: Key,
        decide: impl Future<Output = Result<Opened, Problem>>,
    ) -> Result<Opened, Problem> {
        let kept = &app.passes.0;
        // Read before anything is looked up: a change that comes in between makes the decision one that is not repeated.
        let (changes, now) = (app.db.changes(), app.clock.steady());
        if let Some(pass) = kept.get(&key)
            && pass.changes == changes
            && now < pass.until
        {
            return Ok(pass.opened);
        }
        let opened = decide.await?;
        kept.insert(key, Pass { opened: opened.clone(), changes, until: now + REPEATED });
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_eq!(Key::of(&[b"ab", b"c"]), Key::of(&[b"ab", b"c"]));
        assert_ne!(Key::of(&[b"ab", b"c"]), Key::of(&[b"a", b"bc"]));
        assert_ne!(Key::of(&[b"ab"]), Key::of(&[b"ab", b""]));
    }
}
