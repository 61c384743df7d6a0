//! The texts of HLS: one playlist per rendition and the master. Pure; a growing playlist is EVENT, a finished one VOD.

use std::fmt::Write as _;

use super::cadence::SECOND;
use super::report::{AudioResult, RenditionResult};

/// A line of a media playlist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The file.
    pub name: String,
    /// Its length in ticks.
    pub duration: i64,
    /// Its size.
    pub bytes: u64,
}

/// The playlist of one rendition, whose segments last so many seconds at most: the same in every playlist of a recording, and from
/// its first text to the last (RFC 8216, 6.2.1 and 6.2.4).
#[must_use]
pub fn media(init: &str, entries: &[Entry], ended: bool, longest: u32) -> String {
    let found = entries.iter().map(|entry| (entry.duration + SECOND / 2) / SECOND).max().unwrap_or(0);
    let longest = found.max(i64::from(longest));
    let kind = if ended { "VOD" } else { "EVENT" };
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{longest}\n#EXT-X-MEDIA-SEQUENCE:0\n\
         #EXT-X-PLAYLIST-TYPE:{kind}\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"{init}\"\n"
    );
    for entry in entries {
        let micros = entry.duration * 1_000_000 / SECOND;
        let _ = writeln!(text, "#EXTINF:{}.{:06},\n{}", micros / 1_000_000, micros % 1_000_000, entry.name);
    }
    if ended {
        text.push_str("#EXT-X-ENDLIST\n");
    }
    text
}

/// A rendition in the master playlist.
#[derive(Clone, PartialEq, Debug)]
pub struct Variant {
    /// Its playlist.
    pub playlist: String,
    /// Its codec string.
    pub codec: String,
    /// Width and height.
    pub size: (u32, u32),
    /// Bits per second on average.
    pub average: u64,
    /// Bits per second of the busiest segment.
    pub peak: u64,
}

/// The sound in the master playlist.
#[derive(Clone, PartialEq, Debug)]
pub struct Sound {
    /// Its playlist.
    pub playlist: String,
    /// Its codec string.
    pub codec: String,
    /// Bits per second on average.
    pub average: u64,
    /// Bits per second of the busiest segment.
    pub peak: u64,
}

/// The master playlist, top rendition first.
#[must_use]
pub fn master(variants: &[Variant], sound: Option<&Sound>, max_fps: u32) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    if let Some(sound) = sound {
        let _ = writeln!(
            text,
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"Sound\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"{}\"",
            sound.playlist
        );
    }
    for variant in variants {
        let (codecs, group, peak, average) = match sound {
            Some(sound) => (
                format!("{},{}", variant.codec, sound.codec),
                ",AUDIO=\"sound\"",
                variant.peak + sound.peak,
                variant.average + sound.average,
            ),
            None => (variant.codec.clone(), "", variant.peak, variant.average),
        };
        let _ = writeln!(
            text,
            "#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS=\"{codecs}\",RESOLUTION={}x{},\
             FRAME-RATE={max_fps}.000{group}\n{}",
            variant.size.0, variant.size.1, variant.playlist
        );
    }
    text
}

/// The master playlist of what the work made.
#[must_use]
pub fn of(renditions: &[RenditionResult], audio: Option<&AudioResult>, max_fps: u32) -> String {
    let variant = |rendition: &RenditionResult| Variant {
        playlist: rendition.playlist.clone(),
        codec: rendition.codec.clone(),
        size: (rendition.width, rendition.height),
        average: rendition.bitrate,
        peak: rendition.peak_bitrate,
    };
    let sound = audio.map(|audio| Sound {
        playlist: audio.playlist.clone(),
        codec: audio.codec.clone(),
        average: audio.bitrate,
        peak: audio.peak_bitrate.max(audio.bitrate),
    });
    master(&renditions.iter().map(variant).collect::<Vec<_>>(), sound.as_ref(), max_fps)
}

/// Average and peak of a rendition, in bits per second.
#[must_use]
pub fn rates(entries: &[Entry]) -> (u64, u64) {
    let rate = |bytes: u64, duration: i64| bytes * 8 * SECOND.unsigned_abs() / duration.max(1).unsigned_abs();
    let average = rate(entries.iter().map(|e| e.bytes).sum(), entries.iter().map(|e| e.duration).sum());
    // A blink at the end says nothing about the rate.
    let peak = entries.iter().filter(|e| e.duration >= SECOND).map(|e| rate(e.bytes, e.duration)).max();
    (average, peak.unwrap_or(average).max(average))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_playlist_grows_and_ends() {
        let entries = [Entry { name: "720-00000.m4s".into(), duration: 2 * SECOND, bytes: 1000 }];
        let growing = media("720-init.mp4", &entries, false, 2);
        assert!(growing.contains("EVENT") && !growing.contains("ENDLIST"));
        assert!(growing.contains("#EXTINF:2.000000,\n720-00000.m4s\n"));
        let ended = media("720-init.mp4", &entries, true, 4);
        assert!(growing.contains("TARGETDURATION:2\n") && ended.contains("TARGETDURATION:4\n"));
        assert!(ended.contains("VOD") && ended.ends_with("#EXT-X-ENDLIST\n"));
    }

    #[test]
    fn the_master_names_codecs_and_adds_the_sound() {
        let variant = Variant {
            playlist: "720.m3u8".into(),
            codec: "avc1.64001f".into(),
            size: (1280, 720),
            average: 10,
            peak: 20,
        };
        let sound = Sound { playlist: "audio.m3u8".into(), codec: "mp4a.40.2".into(), average: 1, peak: 2 };
        let text = master(std::slice::from_ref(&variant), Some(&sound), 30);
        assert!(
            text.contains("BANDWIDTH=22,AVERAGE-BANDWIDTH=11,CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720")
        );
        assert!(!master(&[variant], None, 30).contains("AUDIO"));
    }
}
