//! The master playlist before the end: told as soon as the first segment of every rendition lies in the folder. Where the top rung is
//! the source's own picture and the rest takes its time, the playlist is told twice: with that rung and the sound at first. Its rates
//! are those the encoders are bound to; the measured ones stand in the final one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::playlist::{self, Sound, Variant};

/// Who has begun, and who is awaited.
#[derive(Default)]
pub struct Announcement(Mutex<State>);

#[derive(Default)]
struct State {
    max_fps: u32,
    rungs: Option<Vec<String>>,
    variants: BTreeMap<String, Variant>,
    /// The rung that is copied.
    copied: Option<String>,
    /// None while it is not known whether there will be sound.
    sound: Option<Option<Sound>>,
    begun: Vec<String>,
    /// How many rungs were told.
    told: usize,
    /// Whether to wait for no other than the copied rung.
    early: bool,
}

impl Announcement {
    fn change(&self, change: impl FnOnce(&mut State)) -> Option<String> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        state.text()
    }

    /// The rungs that will be, top first.
    pub fn rungs(&self, names: impl Iterator<Item = String>, max_fps: u32) -> Option<String> {
        self.change(|state| (state.rungs, state.max_fps) = (Some(names.collect()), max_fps))
    }

    /// Whether there will be sound.
    pub fn sound(&self, sound: Option<Sound>) -> Option<String> {
        self.change(|state| state.sound = Some(sound))
    }

    /// A rung is known in full.
    pub fn variant(&self, name: &str, variant: Variant) -> Option<String> {
        self.change(|state| drop(state.variants.insert(name.to_owned(), variant)))
    }

    /// A rung is copied: it is known in full before the others are.
    pub fn copied(&self, name: &str, variant: Variant, max_fps: u32) -> Option<String> {
        self.change(|state| {
            state.variants.insert(name.to_owned(), variant);
            (state.copied, state.max_fps) = (Some(name.to_owned()), max_fps);
        })
    }

    /// The first segment of a rendition has been told of. Answers the playlist when it was the last that was awaited; `early` says
    /// that a copied rung need not wait for the others.
    pub fn begun(&self, rendition: &str, early: bool) -> Option<String> {
        self.change(|state| {
            state.begun.push(rendition.to_owned());
            state.early |= early;
        })
    }
}

impl State {
    fn text(&mut self) -> Option<String> {
        let sound = self.sound.as_ref()?;
        let begun = |name: &str| self.begun.iter().any(|begun| begun == name);
        if sound.is_some() && !begun(super::sound::NAME) {
            return None;
        }
        let all = self.rungs.iter().flatten();
        let known = |name: &String| self.variants.get(name).filter(|_| begun(name)).cloned();
        let mut variants: Vec<Variant> = all.clone().filter_map(known).collect();
        if variants.is_empty() || variants.len() < all.count() {
            let copied = self.copied.as_ref().filter(|_| self.early);
            variants = copied.and_then(known).into_iter().collect();
        }
        if variants.len() <= self.told {
            return None;
        }
        self.told = variants.len();
        Some(playlist::master(&variants, sound.as_ref(), self.max_fps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(name: &str) -> Variant {
        Variant { playlist: format!("{name}.m3u8"), codec: "avc1.64001f".into(), size: (2, 2), average: 1, peak: 1 }
    }

    #[test]
    fn a_copied_rung_is_told_alone_and_then_with_the_others() {
        let all = Announcement::default();
        assert_eq!((all.sound(None), all.copied("720", variant("720"), 30)), (None, None));
        let text = all.begun("720", true).unwrap();
        assert!(text.contains("720.m3u8") && !text.contains("480.m3u8"), "{text}");
        assert_eq!(all.rungs(["720", "480"].map(str::to_owned).into_iter(), 30), None);
        assert_eq!(all.variant("480", variant("480")), None);
        let text = all.begun("480", true).unwrap();
        assert!(text.contains("720.m3u8") && text.contains("480.m3u8"), "{text}");
    }

    #[test]
    fn a_copied_rung_waits_for_the_others_while_it_is_recorded() {
        let all = Announcement::default();
        assert_eq!((all.sound(None), all.copied("720", variant("720"), 30)), (None, None));
        assert_eq!(all.begun("720", false), None);
        assert_eq!(all.rungs(["720", "480"].map(str::to_owned).into_iter(), 30), None);
        assert_eq!(all.variant("480", variant("480")), None);
        assert_eq!(all.begun("480", false).unwrap().matches("720.m3u8").count(), 1);
    }

    #[test]
    fn the_master_is_told_once_when_the_last_has_begun() {
        let all = Announcement::default();
        let sound = Sound { playlist: "audio.m3u8".into(), codec: "mp4a.40.2".into(), average: 1, peak: 1 };
        assert_eq!(all.rungs(["720", "480"].map(str::to_owned).into_iter(), 30), None);
        assert_eq!(all.sound(Some(sound)), None);
        assert_eq!((all.variant("720", variant("720")), all.variant("480", variant("480"))), (None, None));
        assert_eq!((all.begun("480", true), all.begun("audio", true)), (None, None));
        let text = all.begun("720", true).unwrap();
        assert!(text.contains("720.m3u8") && text.contains("480.m3u8") && text.contains("audio.m3u8"));
        assert_eq!(all.begun("720", true), None);
    }
}
