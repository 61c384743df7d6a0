//! The master playlist before the end: told as soon as the first segment of every rendition lies in the folder. Where the others
//! take their time it is told with the top rung and the sound at first, and again when they have come. Its rates are those the
//! encoders are bound to; the measured ones stand in the final one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::playlist::{self, Sound, Variant};

/// How long the other rungs are expected to take when one has begun.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Others {
    /// They come at once, as in a recording that is being made.
    #[default]
    Soon,
    /// They take as long as the encoding of a file: a copied rung does not wait for them.
    Later,
    /// They are held back: the top rung does not wait for them.
    HeldBack,
}

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
    others: Others,
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

    /// The first segment of a rendition has been told of. Answers the playlist when it was the last that was awaited.
    pub fn begun(&self, rendition: &str, others: Others) -> Option<String> {
        self.change(|state| {
            state.begun.push(rendition.to_owned());
            state.others = state.others.max(others);
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
        if variants.is_empty() || variants.len() < all.clone().count() {
            let lead = match self.others {
                Others::Soon => None,
                Others::Later => self.copied.as_ref(),
                Others::HeldBack => self.copied.as_ref().or(all.clone().next()),
            };
            let lead = lead.and_then(known)?;
            if variants.first() != Some(&lead) {
                variants = vec![lead];
            }
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
        let text = all.begun("720", Others::Later).unwrap();
        assert!(text.contains("720.m3u8") && !text.contains("480.m3u8"), "{text}");
        assert_eq!(all.rungs(["720", "480"].map(str::to_owned).into_iter(), 30), None);
        assert_eq!(all.variant("480", variant("480")), None);
        let text = all.begun("480", Others::Later).unwrap();
        assert!(text.contains("720.m3u8") && text.contains("480.m3u8"), "{text}");
    }

    #[test]
    fn a_copied_rung_waits_for_the_others_while_it_is_recorded() {
        let all = Announcement::default();
        assert_eq!((all.sound(None), all.copied("720", variant("720"), 30)), (None, None));
        assert_eq!(all.begun("720", Others::Soon), None);
        assert_eq!(all.rungs(["720", "480"].map(str::to_owned).into_iter(), 30), None);
        assert_eq!(all.variant("480", variant("480")), None);
        assert_eq!(all.begun("480", Others::Soon).unwrap().matches("720.m3u8").count(), 1);
    }

    #[test]
    fn a_top_rung_does_not_wait_for_those_that_are_held_back() {
        let all = Announcement::default();
        assert_eq!(all.rungs(["1080", "720", "480"].map(str::to_owned).into_iter(), 30), None);
        assert_eq!(all.sound(None), None);
        assert!(["1080", "720", "480"].iter().all(|name| all.variant(name, variant(name)).is_none()));
        let names = |text: &str| ["1080", "720", "480"].map(|name| text.contains(&format!("{name}.m3u8")));
        assert_eq!(names(&all.begun("1080", Others::HeldBack).unwrap()), [true, false, false]);
        assert_eq!(names(&all.begun("480", Others::Soon).unwrap()), [true, false, true]);
        assert_eq!(names(&all.begun("720", Others::Soon).unwrap()), [true, true, true]);
    }

    #[test]
    fn a_lower_rung_is_never_told_before_the_top() {
        let all = Announcement::default();
        assert_eq!(all.rungs(["720", "480"].map(str::to_owned).into_iter(), 30), None);
        assert_eq!(all.sound(None), None);
        assert!(["720", "480"].iter().all(|name| all.variant(name, variant(name)).is_none()));
        assert_eq!(all.begun("480", Others::HeldBack), None);
        assert!(all.begun("720", Others::HeldBack).is_some());
    }

    #[test]
    fn the_master_is_told_once_when_the_last_has_begun() {
        let all = Announcement::default();
        let sound = Sound { playlist: "audio.m3u8".into(), codec: "mp4a.40.2".into(), average: 1, peak: 1 };
        assert_eq!(all.rungs(["720", "480"].map(str::to_owned).into_iter(), 30), None);
        assert_eq!(all.sound(Some(sound)), None);
        assert_eq!((all.variant("720", variant("720")), all.variant("480", variant("480"))), (None, None));
        assert_eq!((all.begun("480", Others::Later), all.begun("audio", Others::Later)), (None, None));
        let text = all.begun("720", Others::Later).unwrap();
        assert!(text.contains("720.m3u8") && text.contains("480.m3u8") && text.contains("audio.m3u8"));
        assert_eq!(all.begun("720", Others::Later), None);
    }
}
