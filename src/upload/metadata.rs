//! `Upload-Metadata`: what a client says of its file. Believed for nothing but names; kept as it was sent for HEAD, and
//! made harmless where it is shown.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::UploadError;

/// Longest header that is kept.
const LONGEST: usize = 8 << 10;
/// Longest name or title that is kept, in characters.
const NAME: usize = 200;

/// The keys that mean something here; others are kept and echoed only.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Name of the file, without folders.
    pub filename: String,
    /// Its media type as the client believes it.
    pub filetype: String,
    /// Title for the recording.
    pub title: String,
    /// The take session it belongs to.
    pub take_session: Option<crate::id::TakeSessionId>,
    /// Length as the client believes it.
    pub declared_ms: Option<i64>,
}

/// Reads the header: `key base64, key base64, key`. Keys are unique.
///
/// # Errors
/// [`UploadError::BadHeader`] with the part that cannot be read.
pub fn parse(header: &str) -> Result<Metadata, UploadError> {
    let wrong = |what: &str| UploadError::BadHeader(format!("Upload-Metadata cannot be read: {what}."));
    if header.len() > LONGEST {
        return Err(wrong("it is longer than 8 KiB"));
    }
    let mut values = BTreeMap::new();
    for pair in header.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let bytes =
            BASE64_STANDARD.decode(value.trim()).map_err(|_| wrong(&format!("the value of {key:?} is not base64")))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if values.insert(key.to_owned(), text).is_some() {
            return Err(wrong(&format!("the key {key:?} is there twice")));
        }
    }
    let mut take = |key: &str| values.remove(key).filter(|value| !value.is_empty());
    let take_session = take("take_session").map(|id| id.trim().parse());
    let declared_ms = take("declared_ms").map(|ms| ms.trim().parse::<f64>());
    Ok(Metadata {
        filename: take("filename").or_else(|| take("name")).map(|name| file_name(&name)).unwrap_or_default(),
        filetype: take("filetype").or_else(|| take("type")).map(|kind| clean(&kind)).unwrap_or_default(),
        title: take("title").map(|title| clean(&title)).unwrap_or_default(),
        take_session: take_session.transpose().map_err(|_| wrong("take_session is not an id"))?,
        declared_ms: match declared_ms.transpose().map_err(|_| wrong("declared_ms is not a number"))? {
            Some(ms) if !(0.0..=1e12).contains(&ms) => return Err(wrong("declared_ms is not a length")),
            #[expect(clippy::cast_possible_truncation, reason = "checked to be between 0 and 1e12")]
            ms => ms.map(|ms| ms.round() as i64),
        },
    })
}

/// The last part of a path, on whatever system it was made.
fn file_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = clean(name);
    if name.chars().all(|c| c == '.') { String::new() } else { name }
}

/// Without control characters and without those that turn the direction of text, cut to a length that can be shown.
fn clean(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    text.chars().filter(|c| !c.is_control() && !turns(*c)).take(NAME).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: &str) -> String {
        format!("{key} {}", BASE64_STANDARD.encode(value))
    }

    #[test]
    fn every_key_is_read_and_unknown_ones_do_no_harm() {
        let header =
            [pair("filename", "a.webm"), pair("title", "Week 46"), pair("declared_ms", "1500.4"), "flag".into()]
                .join(",");
        let found = parse(&header).unwrap();
        assert_eq!(
            (found.filename.as_str(), found.title.as_str(), found.declared_ms),
            ("a.webm", "Week 46", Some(1500))
        );
        assert_eq!(parse("").unwrap(), Metadata::default());
    }

    #[test]
    fn a_name_can_neither_climb_nor_break_a_header_nor_turn_the_text() {
        for (sent, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\videos\\x.mp4", "x.mp4"),
            ("a\r\nSet-Cookie: x.mp4", "aSet-Cookie: x.mp4"),
            ("cod\u{202E}4pm.exe", "cod4pm.exe"),
            ("nul\0.mp4", "nul.mp4"),
            ("..", ""),
        ] {
            assert_eq!(parse(&pair("filename", sent)).unwrap().filename, kept);
        }
        assert_eq!(parse(&pair("filename", &"x".repeat(999))).unwrap().filename.len(), NAME);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let twice = format!("{},{}", pair("title", "a"), pair("title", "b"));
        for bad in
            ["title !!!", &twice, &pair("take_session", "7"), &pair("declared_ms", "soon"), &pair("declared_ms", "-1")]
        {
            assert!(matches!(parse(bad), Err(UploadError::BadHeader(_))), "{bad}");
        }
    }
}
