//! What a page of ours may load and who may frame it: content security policies as text. Not the pages themselves.
//!
//! Invariant: every policy begins with `default-src 'none'`, so what is not named here is refused by the browser, and every
//! policy says who may frame the page.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::config::Config;

/// Nobody may frame it: everything but the embed page.
pub const NOBODY: &str = "'none'";

/// A policy in the making.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Sources of scripts besides `'self'`: hashes or nonces of inline ones, with their quotes.
    pub scripts: Vec<String>,
    /// Sources of styles besides `'self'`.
    pub styles: Vec<String>,
    /// Whether `style` attributes in markup apply (the web app's templates have them).
    pub style_attributes: bool,
    /// The value of `frame-ancestors`.
    pub ancestors: String,
    /// Where media may come from besides `'self'`: the origin of a store that players are redirected to.
    pub media: Option<String>,
}

impl Policy {
    /// A page that nobody frames and that has no inline script.
    #[must_use]
    pub fn strict(config: &Config) -> Policy {
        let media = store_origin(config);
        Policy { scripts: Vec::new(), styles: Vec::new(), style_attributes: false, ancestors: NOBODY.into(), media }
    }

    /// The header's value.
    #[must_use]
    pub fn header(&self) -> String {
        let list = |own: &[String]| own.iter().fold(String::from("'self'"), |text, source| format!("{text} {source}"));
        let media = self.media.as_deref().map(|origin| format!(" {origin}")).unwrap_or_default();
        let mut text =
            format!("default-src 'none'; script-src {}; style-src {}", list(&self.scripts), list(&self.styles));
        if self.style_attributes {
            text.push_str("; style-src-attr 'unsafe-inline'");
        }
        let _ = write!(
            text,
            "; img-src 'self' data: blob:{media}; media-src 'self' blob:{media}; connect-src 'self'{media}; font-src 'self'; \
             worker-src 'self' blob:; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
             frame-ancestors {}",
            self.ancestors
        );
        text
    }
}

/// The source expression that lets one inline script or style through: the hash of its text.
#[must_use]
pub fn hash(inline: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(inline.as_bytes())))
}

/// The origin players are sent to when the store signs addresses itself.
fn store_origin(config: &Config) -> Option<String> {
    if !config.s3_redirect {
        return None;
    }
    let store = url::Url::parse(&config.store).ok()?;
    let endpoint = store.query_pairs().find(|(key, _)| key == "endpoint").map(|(_, value)| value.into_owned());
    match endpoint {
        Some(endpoint) => url::Url::parse(&endpoint).ok().map(|url| url.origin().ascii_serialization()),
        None => Some("https://*.amazonaws.com".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_refuses_what_it_does_not_name() {
        let policy = Policy {
            scripts: vec![hash("alert(1)")],
            styles: vec![],
            style_attributes: false,
            ancestors: NOBODY.into(),
            media: None,
        };
        let text = policy.header();
        assert!(text.starts_with("default-src 'none'; script-src 'self' 'sha256-"));
        assert!(text.ends_with("frame-ancestors 'none'"));
        assert!(!text.contains("unsafe"));
    }

    #[test]
    fn the_hash_is_that_of_the_specification() {
        // CSP Level 3, "6.7.2.3", example: alert('Hello, world.');
        assert_eq!(hash("alert('Hello, world.');"), "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
    }
}
