//! The web app and the player as files: embedded in a release, read from web/dist in a debug build. Serves them compressed
//! as they were built, for ever where the name carries a hash, and answers every page of the app with its index.html.
//! Not the pages that the server renders itself (`page`).
//!
//! Invariant: nothing under /api, /media, /health or /metrics is ever answered with HTML here.

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::app::App;
use crate::config::Config;
use crate::error::{Code, Problem};

use super::policy::{self, Policy};

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

/// Paths that belong to programs: an unknown one is a problem document, not the app.
const PROGRAMS: [&str; 6] = ["api", "media", "health", "metrics", "oembed", "player"];
/// What the app may use of the machine: the recorder needs all three.
const PERMISSIONS: &str =
    "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The catch-all: a file of the app, or its index.html for a page of it.
///
/// # Errors
/// Nothing there, or a method that is not for reading.
pub async fn serve(app: Data<App>, req: HttpRequest) -> Result<HttpResponse, Problem> {
    let path = req.path().trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    if !matches!(*req.method(), Method::GET | Method::HEAD) {
        return Err(match PROGRAMS.contains(&first) {
            true => Problem::not_found(),
            false => Problem::new(Code::MethodNotAllowed, "This address is only for reading."),
        });
    }
    if let Some(answer) = file(path, req.headers()) {
        return Ok(answer);
    }
    if PROGRAMS.contains(&first) || path.starts_with("_app/") || !wants_html(path, req.headers()) {
        return Err(Problem::not_found());
    }
    Ok(match Shell::read() {
        Some(shell) => shell.answer(&app.config),
        None => not_built(&app.config),
    })
}

/// The app's index.html, taken apart for pages that carry the app inside.
#[derive(Clone, Debug)]
pub struct Shell {
    /// All of it.
    pub html: String,
    /// What its head has after the title: links to scripts, styles and the font.
    pub head: String,
    /// The script that starts the app, with its tags: it must stand inside `#app`.
    pub boot: String,
    /// Source expressions for its inline scripts.
    pub hashes: Vec<String>,
}

impl Shell {
    /// Reads the built index.html; `None` when the web app was not built.
    #[must_use]
    pub fn read() -> Option<Shell> {
        let file = Dist::get("index.html")?;
        Some(Self::parse(&String::from_utf8_lossy(&file.data)))
    }

    fn parse(html: &str) -> Shell {
        let head = between(html, "</title>", "</head>").unwrap_or_default();
        let boot =
            html.split_once("<div id=\"app\">").and_then(|(_, rest)| between(rest, "", "</div>")).unwrap_or_default();
        let hashes = inline_scripts(html).map(policy::hash).collect();
        Shell { html: html.to_owned(), head: head.trim().to_owned(), boot: boot.trim().to_owned(), hashes }
    }

    /// The policy of a page with the app inside.
    #[must_use]
    pub fn policy(&self, config: &Config) -> Policy {
        Policy { scripts: self.hashes.clone(), style_attributes: true, ..Policy::strict(config) }
    }

    fn answer(&self, config: &Config) -> HttpResponse {
        html(StatusCode::OK, &self.policy(config)).body(self.html.clone())
    }
}

/// An HTML answer with the headers every page has; the body is added by the caller.
#[must_use]
pub fn html(status: StatusCode, policy: &Policy) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy.header()))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .insert_header((header::PERMISSIONS_POLICY, PERMISSIONS));
    answer
}

/// Path of a built file under /player whose name begins so and carries a hash, or of the plain one.
#[must_use]
pub fn player_script() -> String {
    let hashed = Dist::iter().find(|name| name.starts_with("player/player-") && name.ends_with(".js"));
    format!("/{}", hashed.as_deref().unwrap_or("player/player.js"))
}

fn file(path: &str, asked: &HeaderMap) -> Option<HttpResponse> {
    let compressed = path.ends_with(".br") || path.ends_with(".gz");
    if path.is_empty() || path == "index.html" || compressed || path.contains("..") {
        return None;
    }
    let plain = Dist::get(path)?;
    let (encoding, found) = encoded(path, asked).unwrap_or(("", plain));
    let etag = format!("\"{}\"", hex::encode(&found.metadata.sha256_hash()[..16]));
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::ETAG, etag.clone()))
        .insert_header((header::CACHE_CONTROL, if hashed(path) { FOR_EVER } else { "no-cache" }))
        .insert_header((header::VARY, "accept-encoding"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Fonts and scripts are read by our own pages inside frames of others: an origin of their own, no credentials.
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .insert_header((header::CONTENT_TYPE, content_type(path)));
    let known = asked.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(&etag));
    if known {
        return Some(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    if !encoding.is_empty() {
        answer.insert_header((header::CONTENT_ENCODING, encoding));
    }
    Some(match found.data {
        Cow::Borrowed(bytes) => answer.body(bytes),
        Cow::Owned(bytes) => answer.body(bytes),
    })
}

/// The smallest form of the file that the asker understands, where one was built.
fn encoded(path: &str, asked: &HeaderMap) -> Option<(&'static str, EmbeddedFile)> {
    let accepted = asked.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |name: &str| {
        accepted.split(',').map(str::trim).any(|part| {
            let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
            coding.trim().eq_ignore_ascii_case(name) && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    };
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(name, _)| takes(name))
        .find_map(|(name, ending)| Some((name, Dist::get(&format!("{path}.{ending}"))?)))
}

/// Whether a name carries a hash of its content, so that it may be kept for ever.
fn hashed(path: &str) -> bool {
    path.starts_with("_app/immutable/") || (path.starts_with("player/") && path.contains('-'))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Browsers name HTML; a person at a terminal (`*/*`) may have it too, but not where a file was meant.
fn wants_html(path: &str, asked: &HeaderMap) -> bool {
    let accepted = asked.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("*/*");
    let a_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    accepted.contains("text/html") || (accepted.contains("*/*") && !a_file)
}

/// What a browser is told when the program was built without the web app.
fn not_built(config: &Config) -> HttpResponse {
    html(StatusCode::NOT_FOUND, &Policy::strict(config)).body(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Twotake</title>\
         <h1>The web app was not built</h1>\
         <p>This server runs, but its web app is missing. Run <code>make build</code> (or <code>npm run build</code> in web/) \
         and start it again. The interface for programs is at /api.</p></html>",
    )
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let rest = text.split_once(from).map_or(text, |(_, rest)| rest);
    rest.split_once(to).map(|(inner, _)| inner)
}

/// The text of every script element without an address.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|part| {
        let (attributes, rest) = part.split_once('>')?;
        let inline = !attributes.contains("src=") && !attributes.contains("application/json");
        rest.split_once("</script>").filter(|_| inline).map(|(text, _)| text)
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    const INDEX: &str = "<!doctype html><html><head><title>Twotake</title><script>theme()</script><link href=\"/a.js\" \
        rel=\"modulepreload\"></head><body><div id=\"app\">\n<script>start()</script>\n</div></body></html>";

    #[test]
    fn the_index_is_taken_apart_and_its_scripts_are_hashed() {
        let shell = Shell::parse(INDEX);
        assert_eq!(shell.boot, "<script>start()</script>");
        assert!(shell.head.starts_with("<script>theme()</script>") && shell.head.ends_with("rel=\"modulepreload\">"));
        assert_eq!(shell.hashes, [policy::hash("theme()"), policy::hash("start()")]);
    }

    #[test]
    fn names_with_a_hash_are_kept_for_ever() {
        let names =
            ["_app/immutable/entry/start.D8Ps5VFM.js", "player/player-6SoJlTWb.js", "player/player.js", "icon.svg"];
        assert_eq!(names.map(hashed), [true, true, false, false]);
    }

    #[test]
    fn a_coding_of_weight_zero_is_not_wanted() {
        let mut asked = HeaderMap::new();
        asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br;q=0, gzip;q=0"));
        assert!(encoded("player/player.js", &asked).is_none());
    }
}
