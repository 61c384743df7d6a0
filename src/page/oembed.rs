//! oEmbed 1.0: what was asked, how large the frame may be, and the answer as JSON or XML. Pure; the handler finds the
//! recording and decides who may know of it.
//!
//! Invariant: the URL asked about is only compared with our own addresses, never fetched; width and height never pass the
//! maxima and keep the picture's shape.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::config::Config;
use crate::error::{Code, Problem};

use super::card::Card;
use super::thumbnail;

/// Seconds a consumer may keep an answer. Short: a link can be ended at any time.
const CACHE_AGE: u32 = 300;

/// The query as it comes.
#[derive(Debug, Deserialize)]
pub struct Query {
    url: Option<String>,
    format: Option<String>,
    maxwidth: Option<String>,
    maxheight: Option<String>,
}

/// The two forms of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// `application/json`, the default.
    Json,
    /// `text/xml`.
    Xml,
}

/// What an address of ours names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A watch or embed page: its slug or token.
    Watch(String),
    /// A check-in: members only.
    CheckIn,
}

/// A request that can be answered.
#[derive(Debug)]
pub struct Request {
    /// What it asks about.
    pub subject: Subject,
    /// In which form.
    pub format: Format,
    /// The largest frame, in pixels.
    pub max: (Option<u32>, Option<u32>),
}

impl Query {
    /// Reads the request.
    ///
    /// # Errors
    /// 400 without an address, 501 for another format, 404 for an address that is not ours.
    pub fn read(&self, config: &Config) -> Result<Request, Problem> {
        let Some(url) = self.url.as_deref().filter(|url| !url.is_empty()) else {
            return Err(Problem::new(Code::BadRequest, "Say which address: ?url=…"));
        };
        let format = match self.format.as_deref() {
            None | Some("" | "json") => Format::Json,
            Some("xml") => Format::Xml,
            Some(_) => return Err(Problem::new(Code::NotImplemented, "The formats are json and xml.")),
        };
        let subject = subject(url, &config.origin()).ok_or_else(Problem::not_found)?;
        Ok(Request { subject, format, max: (pixels(&self.maxwidth)?, pixels(&self.maxheight)?) })
    }
}

fn pixels(text: &Option<String>) -> Result<Option<u32>, Problem> {
    match text.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => match text.parse::<u32>() {
            Ok(pixels) if pixels > 0 => Ok(Some(pixels)),
            _ => Err(Problem::new(Code::BadRequest, "maxwidth and maxheight are whole numbers of pixels.")),
        },
    }
}

/// What the address names, if it is one of ours: scheme, host and port as people use them, then a known path.
fn subject(url: &str, origin: &str) -> Option<Subject> {
    let (url, own) = (Url::parse(url).ok()?, Url::parse(origin).ok()?);
    if url.origin() != own.origin() || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let parts: Vec<&str> = url.path_segments()?.collect();
    match parts[..] {
        ["w" | "embed", id] | ["w" | "embed", id, ""] if is_word(id) => Some(Subject::Watch(id.to_owned())),
        ["check-ins", id] if id.parse::<uuid::Uuid>().is_ok() => Some(Subject::CheckIn),
        _ => None,
    }
}

/// Whether this can be a slug or a token: letters and digits only.
#[must_use]
pub fn is_word(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The largest size not above `max` (nor above `natural`) with the shape of `natural`.
#[must_use]
pub fn fit(natural: (u32, u32), max: (Option<u32>, Option<u32>)) -> (u32, u32) {
    let (width, height) = (f64::from(natural.0.max(1)), f64::from(natural.1.max(1)));
    let across = max.0.map_or(1.0, |m| f64::from(m) / width);
    let down = max.1.map_or(1.0, |m| f64::from(m) / height);
    let scale = across.min(down).min(1.0);
    // Floor, so that rounding never passes a maximum; one pixel is the least a frame can be.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a non-negative size below u32::MAX")]
    let size = |side: f64| ((side * scale + 1e-6).floor() as u32).max(1);
    (size(width), size(height))
}

/// The answer for a recording.
#[must_use]
pub fn answer(card: &Card, request: &Request, origin: &str) -> String {
    let (width, height) = fit(card.frame(), request.max);
    let title = escape(&card.title);
    let src = format!("{origin}{}", card.embed_path);
    let html = format!(
        "<iframe src=\"{src}\" width=\"{width}\" height=\"{height}\" title=\"{title}\" frameborder=\"0\" \
         allow=\"autoplay; fullscreen; picture-in-picture\" allowfullscreen></iframe>"
    );
    let mut fields = vec![
        ("type", json!("video")),
        ("version", json!("1.0")),
        ("title", json!(card.title)),
        ("author_name", json!(card.author)),
        ("provider_name", json!("Twotake")),
        ("provider_url", json!(origin)),
        ("cache_age", json!(CACHE_AGE)),
        ("width", json!(width)),
        ("height", json!(height)),
        ("html", json!(html)),
        ("duration", json!(card.seconds())),
    ];
    if let Some(thumbnail) = &card.thumbnail {
        let (across, down) = fit(thumbnail.size, request.max);
        // The size is part of the address: the picture sent is as large as is said here.
        let url = format!("{origin}{}{}", thumbnail.path, thumbnail::query((across, down), None));
        fields.extend([
            ("thumbnail_url", json!(url)),
            ("thumbnail_width", json!(across)),
            ("thumbnail_height", json!(down)),
        ]);
    }
    match request.format {
        Format::Json => {
            serde_json::Value::Object(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()).to_string()
        }
        Format::Xml => xml(&fields),
    }
}

fn xml(fields: &[(&str, serde_json::Value)]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<oembed>");
    for (name, value) in fields {
        let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let _ = write!(text, "<{name}>{}</{name}>", escape(&plain));
    }
    text.push_str("</oembed>\n");
    text
}

/// Text for an attribute or an element, in HTML and XML alike. Characters that XML 1.0 does not know are left out.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c < ' ' || matches!(c, '\u{7f}' | '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_obeys_both_maxima_and_keeps_its_shape() {
        let table = [
            ((1280, 720), (None, None), (1280, 720)),
            ((1280, 720), (Some(640), None), (640, 360)),
            ((1280, 720), (None, Some(180)), (320, 180)),
            ((1280, 720), (Some(400), Some(711)), (400, 225)),
            ((720, 1280), (Some(640), Some(480)), (270, 480)),
            ((1280, 720), (Some(4000), Some(4000)), (1280, 720)),
            ((1280, 720), (Some(1), Some(1)), (1, 1)),
        ];
        for (natural, max, expected) in table {
            assert_eq!(fit(natural, max), expected, "{natural:?} within {max:?}");
        }
    }

    #[test]
    fn only_our_own_addresses_name_something() {
        let origin = "https://two.example";
        let watch = |id: &str| Some(Subject::Watch(id.into()));
        assert_eq!(subject("https://two.example/w/k7Qm2xD9ab?t=68#x", origin), watch("k7Qm2xD9ab"));
        assert_eq!(subject("https://two.example:443/embed/abc", origin), watch("abc"));
        assert_eq!(
            subject("https://two.example/check-ins/019aab00-0000-7000-8000-000000000000", origin),
            Some(Subject::CheckIn)
        );
        for other in [
            "http://two.example/w/abc",
            "https://two.example:8443/w/abc",
            "https://other.example/w/abc",
            "/w/abc",
            "https://two.example/w/",
            "https://two.example/w/a/b",
            "https://two.example/goals/abc",
            "file:///w/abc",
            "https://u@two.example/w/abc",
            "https://two.example/w/..%2Fabc",
            "https://two.example.evil.example/w/abc",
        ] {
            assert_eq!(subject(other, origin), None, "{other}");
        }
    }

    #[test]
    fn text_is_escaped_for_attributes_and_elements() {
        assert_eq!(escape("<b> \"a\" & 'b'\u{0}\u{b}"), "&lt;b&gt; &quot;a&quot; &amp; &#39;b&#39;");
    }
}
