//! What the media work needs from the FFmpeg libraries of this machine, for `twotake doctor`.

use super::ffi;

/// What the libraries offer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Library {
    /// FFmpeg's own version.
    pub version: String,
    /// What is missing and must be there, each with its purpose.
    pub missing: Vec<String>,
    /// What is missing and can be done without, each with what is lost.
    pub lost: Vec<String>,
}

/// Looks at the libraries this program runs with.
#[must_use]
pub fn library() -> Library {
    let needed = [
        (ffi::has_encoder("libx264"), "the encoder libx264 (every rendition)"),
        (ffi::has_encoder("aac"), "the encoder aac (sound)"),
        (ffi::has_encoder("mjpeg"), "the encoder mjpeg (poster)"),
        (ffi::has_encoder("gif"), "the encoder gif (preview)"),
        (ffi::has_decoder("vp8"), "the decoder vp8 (recordings of Chrome and Firefox)"),
        (ffi::has_decoder("vp9"), "the decoder vp9 (recordings of Chrome)"),
        (ffi::has_decoder("opus"), "the decoder opus (recordings of Chrome and Firefox)"),
        (ffi::has_decoder("h264"), "the decoder h264 (phones, Safari)"),
        (ffi::has_decoder("aac"), "the decoder aac (phones, Safari)"),
        (ffi::has_filter("scale"), "the filter scale"),
        (ffi::has_filter("aresample"), "the filter aresample"),
        (ffi::has_filter("paletteuse"), "the filter paletteuse (preview)"),
    ];
    let welcome = [
        (ffi::has_decoder("hevc"), "the decoder hevc: videos of newer phones are refused"),
        (ffi::has_decoder("libdav1d"), "the decoder libdav1d: AV1 recordings are refused"),
        (
            ffi::has_filter("zscale") && ffi::has_filter("tonemap"),
            "the filters zscale and tonemap: HDR videos look pale, and every video takes longer",
        ),
    ];
    let absent = |all: &[(bool, &str)]| all.iter().filter(|one| !one.0).map(|one| one.1.to_owned()).collect();
    Library { version: ffi::version(), missing: absent(&needed), lost: absent(&welcome) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_machine_has_everything() {
        let library = super::library();
        assert_eq!((library.missing.len(), library.lost.len()), (0, 0), "{library:?}");
        assert!(!library.version.is_empty());
    }
}
