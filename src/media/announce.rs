//! The master playlist before the end: told once, as soon as the first segment of every rendition lies in the folder. Its rates
//! are those the encoders are bound to; the measured ones stand in the final one.

use std::sync::{Mutex, PoisonError};

use super::playlist::{self, Sound, Variant};

/// Who has begun, and who is awaited.
#[derive(Default)]
pub struct Announcement(Mutex<State>);

#[derive(Default)]
struct State {
    max_fps: u32,
    rungs: Option<Vec<(String, Option<Variant>)>>,
    /// None while it is not known whether there will be sound.
    sound: Option<Option<Sound>>,
    begun: Vec<String>,
    told: bool,
}

impl Announcement {
    fn change(&self, change: impl FnOnce(&mut State)) -> Option<String> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        state.text()
    }

    /// The rungs that will be, top first.
    pub fn rungs(&self, names: impl Iterator<Item = String>, max_fps: u32) -> Option<String> {
        self.change(|state| (state.rungs, state.max_fps) = (Some(names.map(|name| (name, None)).collect()), max_fps))
    }

    /// Whether there will be sound.
    pub fn sound(&self, sound: Option<Sound>) -> Option<String> {
        self.change(|state| state.sound = Some(sound))
    }

    /// A rung is known in full.
    pub fn variant(&self, name: &str, variant: Variant) -> Option<String> {
        self.change(|state| {
            let rungs = state.rungs.iter_mut().flatten();
            rungs.filter(|(rung, _)| rung == name).for_each(|(_, known)| *known = Some(variant.clone()));
        })
    }

    /// The first segment of a rendition has been told of. Answers the playlist when it was the last that was awaited.
    pub fn begun(&self, rendition: &str) -> Option<String> {
        self.change(|state| state.begun.push(rendition.to_owned()))
    }
}

impl State {
    fn text(&mut self) -> Option<String> {
        let (rungs, sound) = (self.rungs.as_ref()?, self.sound.as_ref()?);
        let begun = |name: &str| self.begun.iter().any(|begun| begun == name);
        let variants: Vec<Variant> = rungs.iter().filter_map(|(_, variant)| variant.clone()).collect();
        let all = variants.len() == rungs.len()
            && rungs.iter().all(|(name, _)| begun(name))
            && sound.as_ref().is_none_or(|_| begun(super::sound::NAME));
        if self.told || !all || rungs.is_empty() {
            return None;
        }
        self.told = true;
        Some(playlist::master(&variants, sound.as_ref(), self.max_fps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_master_is_told_once_when_the_last_has_begun() {
        let all = Announcement::default();
        let variant = |name: &str| Variant {
            playlist: format!("{name}.m3u8"),
            codec: "avc1.64001f".into(),
            size: (2, 2),
            average: 1,
            peak: 1,
        };
        let sound = Sound { playlist: "audio.m3u8".into(), codec: "mp4a.40.2".into(), average: 1, peak: 1 };
        assert_eq!(all.rungs(["720", "480"].map(str::to_owned).into_iter(), 30), None);
        assert_eq!(all.sound(Some(sound)), None);
        assert_eq!((all.variant("720", variant("720")), all.variant("480", variant("480"))), (None, None));
        assert_eq!((all.begun("480"), all.begun("audio")), (None, None));
        let text = all.begun("720").unwrap();
        assert!(text.contains("720.m3u8") && text.contains("480.m3u8") && text.contains("audio.m3u8"));
        assert_eq!(all.begun("720"), None);
    }
}
