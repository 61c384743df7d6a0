//! Whether the new set is better than the shown one: the same pictures, cut at the same instants, in clearly fewer bytes. Pure.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::media::ResultJson;
use crate::media::child::Level;
use crate::recording::replaced::sql::Shown;

/// Of the bytes of the shown set's pictures the new ones may have this share at most.
const SHARE: f64 = 0.9;
/// The same where the shown set has the sender's own pictures: making them anew must be worth it.
const SHARE_OF_COPIED: f64 = 0.8;

/// What is known of a set.
#[derive(Clone, Debug)]
pub struct Set {
    /// Its attempt.
    pub attempt: String,
    /// Its manifest, when it is the shown one.
    pub media: Value,
    /// What was done to the level of its sound.
    pub level: Option<Level>,
    /// Its renditions, top first.
    pub renditions: Vec<Rendition>,
}

/// A rendition of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Rendition {
    name: String,
    frames: u64,
    /// Bits a second.
    bitrate: u64,
    /// Its playlist.
    pub playlist: String,
    /// Its pictures are those that were sent.
    #[serde(default)]
    copied: bool,
    /// The lengths of its segments as its playlist tells them.
    #[serde(default)]
    lengths: Vec<String>,
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Show the new set.
    Better,
    /// It has other renditions or other pictures.
    OtherPictures,
    /// Its segments are cut at other instants.
    OtherCuts,
    /// It is not enough smaller.
    NotSmaller,
}

impl Set {
    /// The shown set; none when its manifest cannot be read, so that it stays.
    #[must_use]
    pub fn of(shown: Shown) -> Option<Set> {
        let media = shown.media?.0;
        let renditions: Vec<Rendition> = serde_json::from_value(media["renditions"].clone()).ok()?;
        let level = serde_json::from_value(media["audio"]["level"].clone()).ok().flatten();
        (!renditions.is_empty()).then_some(Set { attempt: shown.attempt?, media, level, renditions })
    }

    /// The set that has been made in `dir`.
    ///
    /// # Errors
    /// When a playlist cannot be read there.
    pub async fn made(attempt: &str, result: &ResultJson, dir: &Path) -> Result<Set, std::io::Error> {
        let renditions = serde_json::to_value(&result.renditions).and_then(serde_json::from_value);
        let mut renditions: Vec<Rendition> = renditions.map_err(std::io::Error::other)?;
        for rendition in &mut renditions {
            rendition.cut_as(&tokio::fs::read_to_string(dir.join(&rendition.playlist)).await?);
        }
        Ok(Set { attempt: attempt.to_owned(), media: Value::Null, level: None, renditions })
    }

    /// About how many bytes its pictures are in that time.
    #[must_use]
    pub fn bytes(&self, ms: i64) -> u64 {
        self.weight().saturating_mul(ms.unsigned_abs()) / 8_000
    }

    fn weight(&self) -> u64 {
        self.renditions.iter().map(|rendition| rendition.bitrate).sum()
    }
}

impl Rendition {
    /// Notes the lengths of its segments from the text of its playlist.
    pub fn cut_as(&mut self, playlist: &str) {
        let lengths = playlist.lines().filter_map(|line| line.strip_prefix("#EXTINF:"));
        self.lengths = lengths.map(str::to_owned).collect();
    }
}

/// The new set's share of the bytes of the shown one's pictures.
#[must_use]
pub fn share(before: &Set, after: &Set) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "bits a second are far below 2^52")]
    let share = after.weight() as f64 / before.weight().max(1) as f64;
    (share * 1000.0).round() / 1000.0
}

/// Compares them. A copied rendition has the sender's own cuts and pictures, so it is compared by its bytes alone.
#[must_use]
pub fn of(before: &Set, after: &Set) -> Verdict {
    let names = |set: &Set| set.renditions.iter().map(|rendition| rendition.name.clone()).collect::<Vec<_>>();
    let copied = before.renditions.iter().any(|rendition| rendition.copied);
    let pairs = || before.renditions.iter().zip(&after.renditions);
    if names(before) != names(after) || (!copied && pairs().any(|(old, new)| old.frames != new.frames)) {
        return Verdict::OtherPictures;
    }
    if !copied && pairs().any(|(old, new)| old.lengths.is_empty() || old.lengths != new.lengths) {
        return Verdict::OtherCuts;
    }
    let most = if copied { SHARE_OF_COPIED } else { SHARE };
    if share(before, after) <= most { Verdict::Better } else { Verdict::NotSmaller }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sqlx::types::Json;

    use super::*;

    fn set(bitrate: u64, frames: u64, lengths: &[&str], copied: bool) -> Set {
        let rendition = json!({ "name": "720", "frames": frames, "bitrate": bitrate, "playlist": "720.m3u8",
            "copied": copied, "lengths": lengths });
        let media = json!({ "renditions": [rendition], "audio": { "level": { "gain_db": 3.5, "ceiling_db": -2.0 } } });
        Set::of(Shown { attempt: Some("one".into()), media: Some(Json(media)), discarded_at: None }).unwrap()
    }

    #[test]
    fn only_the_same_pictures_in_clearly_fewer_bytes_are_better() {
        let before = set(1000, 300, &["2.0,", "2.0,"], false);
        assert_eq!(before.bytes(16_000), 2_000);
        assert_eq!(before.level.map(|level| level.gain_db), Some(3.5));
        for (after, verdict) in [
            (set(890, 300, &["2.0,", "2.0,"], false), Verdict::Better),
            (set(910, 300, &["2.0,", "2.0,"], false), Verdict::NotSmaller),
            (set(500, 299, &["2.0,", "2.0,"], false), Verdict::OtherPictures),
            (set(500, 300, &["2.0,", "1.9,"], false), Verdict::OtherCuts),
        ] {
            assert_eq!(of(&before, &after), verdict);
        }
        let unknown = set(1000, 300, &[], false);
        assert_eq!(of(&unknown, &set(500, 300, &[], false)), Verdict::OtherCuts, "what cannot be compared stays");
    }

    #[test]
    fn pictures_as_they_were_sent_are_made_anew_only_for_a_fifth() {
        let before = set(1000, 300, &["3.1,"], true);
        assert_eq!(of(&before, &set(850, 300, &["2.0,", "1.1,"], false)), Verdict::NotSmaller);
        assert_eq!(of(&before, &set(790, 299, &["2.0,", "1.1,"], false)), Verdict::Better);
    }

    #[test]
    fn a_manifest_without_renditions_is_left_alone() {
        assert!(
            Set::of(Shown { attempt: Some("1".into()), media: Some(Json(json!({}))), discarded_at: None }).is_none()
        );
    }
}
