//! Markdown to HTML that is safe to put into a page: what people write under a video, in a post, in a check-in.
//!
//! Invariant: whatever is written, the result holds only the tags and attributes listed here, links go to http, https or
//! mailto, and nothing is loaded from elsewhere. Raw HTML is shown as text; a picture becomes a link to it.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

const TAGS: [&str; 24] = [
    "p",
    "br",
    "strong",
    "em",
    "del",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "hr",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "span",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .tags(HashSet::from(TAGS))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href", "title"])), ("ol", HashSet::from(["start"]))]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener noreferrer nofollow"))
        .url_relative(ammonia::UrlRelative::Deny);
    builder
});

/// The text as HTML.
#[must_use]
pub fn to_html(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    let mut unsafe_html = String::with_capacity(text.len() * 2);
    html::push_html(&mut unsafe_html, Parser::new_ext(text, options).map(tame));
    CLEANER.clean(&unsafe_html).to_string().trim_end().to_owned()
}

fn tame(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        // A line break is meant as one: people write comments, not sources.
        Event::SoftBreak => Event::HardBreak,
        Event::Start(Tag::Image { dest_url, title, id, .. }) => {
            Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        // The page has its own h1 and h2.
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: lower(level), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        other => other,
    }
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_writing_becomes_ordinary_html() {
        assert_eq!(
            to_html("Two *runs* at **12°**\nsince Wednesday."),
            "<p>Two <em>runs</em> at <strong>12°</strong><br>\nsince Wednesday.</p>"
        );
        assert_eq!(to_html("# Title"), "<h3>Title</h3>");
        assert_eq!(
            to_html("[rota](https://example.com/x)"),
            "<p><a href=\"https://example.com/x\" rel=\"noopener noreferrer nofollow\">rota</a></p>"
        );
        assert_eq!(to_html("  \n "), "");
        assert!(to_html("| a | b |\n|---|---|\n| 1 | 2 |").contains("<td>1</td>"));
    }

    #[test]
    fn hostile_writing_stays_text() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java\u{0}script:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:msgbox)",
            "![x](javascript:alert(1))",
            "![x](https://tracker.example/pixel.gif)",
            "<a href=\"https://x\" onclick=\"alert(1)\">x</a>",
            "<iframe src=https://evil.example></iframe>",
            "<math><mi//xlink:href=\"data:x,<script>alert(4)</script>\">",
            "<style>@import'https://evil.example/x.css';</style>",
            "`<script>`\n```html\n<script>alert(1)</script>\n```",
            "[x](https://a\" onmouseover=\"alert(1))",
            "<p style=\"position:fixed\">x</p>",
            "<form action=https://evil.example><input name=p></form>",
            "[x]: javascript:alert(1)\n[x]",
            "<javascript:alert(1)>",
            "//evil.example [x](//evil.example)",
        ];
        for text in hostile {
            let html = to_html(text);
            let tags: Vec<&str> = html.split('<').skip(1).collect();
            for tag in tags {
                let whole = tag.split('>').next().unwrap_or_default();
                let name = whole.trim_start_matches('/').split([' ', '\n']).next().unwrap_or_default();
                assert!(TAGS.contains(&name), "{text:?} gave <{whole}> in {html:?}");
                let lower = whole.to_lowercase();
                for bad in ["script:", "data:", " on", "style", "src=", "href=\"//"] {
                    assert!(!lower.contains(bad), "{text:?} gave <{whole}> in {html:?}");
                }
            }
        }
    }
}
