//! Sets of files that take the place of a take's published set, and how long the ones before them stay. A set is everything one
//! attempt put under its own word; `take.attempt` names the one that is shown.
//!
//! Invariant: a set is deleted only when it is not the shown one, the shown one's playlists name nothing of it, it was not
//! replaced within [`VIEWED`], and no job of the take is unfinished. Nothing is ever overwritten.

pub mod sql;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// A set that was replaced stays so long: longer than a playback token opens it, so nobody's player breaks.
pub const VIEWED: TimeDelta = TimeDelta::hours(24);
/// What attempts left behind that were never shown stays so long after their job ended.
pub const LOST: TimeDelta = TimeDelta::hours(1);

/// When to sweep after a job on a take has ended.
#[must_use]
pub fn sweep_after(now: DateTime<Utc>) -> DateTime<Utc> {
    now + LOST
}

/// A set that is to take the place of the one it was made from.
#[derive(Clone, Copy, Debug)]
pub struct NewSet<'a> {
    /// The attempt it was made from: only that one is replaced.
    pub from: &'a str,
    /// Its manifest; `"also"` lists the other attempts whose files its playlists name.
    pub media: &'a Value,
    /// Bytes of everything it needs: its own files, and those of the others that it names.
    pub media_bytes: i64,
    /// Why, for the audit trail and the log: `level` or `refine`.
    pub because: &'static str,
}

/// The other attempts that a manifest says its playlists name.
#[must_use]
pub fn also(media: &Value) -> Vec<String> {
    let words = media["also"].as_array().into_iter().flatten();
    words.filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use serde_json::json;

    use super::*;
    use crate::recording::bytes::playback;

    #[test]
    fn a_manifest_names_the_sets_it_leans_on() {
        assert_eq!(also(&json!({ "files": [], "also": ["one", "two"] })), ["one", "two"]);
        assert!(also(&json!({ "files": [] })).is_empty() && also(&Value::Null).is_empty());
    }

    #[test]
    fn a_replaced_set_outlives_every_playback_token_for_it() {
        assert!(VIEWED >= playback::VALID + Duration::hours(1));
    }
}
