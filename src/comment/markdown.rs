//! Markdown to HTML that is safe to put into a page: what people write under a video, in a post, in a check-in.
//!
//! Invariant: whatever is written, the result holds only the tags and attributes listed here, links go to http, https or
//! mailto, and nothing is loaded from elsewhere. Raw HTML is shown as text; a picture becomes a link to it.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html};

use super::mention::word::{Piece, Quiet, pieces};
use super::mention::{Mention, MentionKind, Named};

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

/// What of Markdown is understood beside its core.
pub const OPTIONS: Options = Options::ENABLE_STRIKETHROUGH.union(Options::ENABLE_TABLES);

/// Around a mention from before cleaning until after; in what people write these two are taken out.
const MARKS: [char; 2] = ['\u{e000}', '\u{e001}'];

/// The text as HTML.
#[must_use]
pub fn to_html(text: &str) -> String {
    render(text, &Named::new())
}

/// The text as HTML, in which the words that name somebody are links.
#[must_use]
pub fn render(text: &str, named: &Named) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let text = text.replace(MARKS, "");
    let mut quiet = Quiet::default();
    let events = TextMergeStream::new(Parser::new_ext(&text, OPTIONS)).flat_map(|event| {
        let may_name = quiet.hears(&event);
        match event {
            Event::Text(plain) if may_name && !named.is_empty() => vec![Event::Text(marked(&plain, named).into())],
            other => vec![tame(other)],
        }
    });
    let mut unsafe_html = String::with_capacity(text.len() * 2);
    html::push_html(&mut unsafe_html, events);
    let clean = CLEANER.clean(&unsafe_html).to_string();
    linked(clean.trim_end(), named)
}

/// The text with marks around the words that name somebody.
fn marked(text: &str, named: &Named) -> String {
    let [open, close] = MARKS;
    let show = |piece: Piece<'_>| match piece {
        Piece::Plain(plain) => plain.to_owned(),
        Piece::Word(word) if named.contains_key(&word.to_lowercase()) => {
            format!("{open}{}{close}", word.to_lowercase())
        }
        Piece::Word(word) => format!("@{word}"),
    };
    pieces(text).into_iter().map(show).collect()
}

/// Clean HTML with a link for each marked word. Only words that were found get here, so only what we wrote ourselves is added.
fn linked(clean: &str, named: &Named) -> String {
    let [open, close] = MARKS;
    let mut parts = clean.split(open);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (word, rest) = part.split_once(close).unwrap_or(("", part));
        whole.extend(named.get(word).map(link));
        whole.push_str(rest);
    }
    whole
}

fn link(mention: &Mention) -> String {
    let Mention { kind, id, word, name } = mention;
    let (href, title) = match kind {
        MentionKind::Person => (format!("/people?person={id}"), name.as_str()),
        MentionKind::Unit => (format!("/goals?unit={id}"), name.as_str()),
        MentionKind::Channel => (format!("/channels/{name}"), "Everybody this channel is for"),
    };
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    format!("<a class=\"mention\" href=\"{href}\" title=\"{title}\">@{word}</a>")
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
    fn words_that_name_somebody_become_links() {
        let omar = Mention {
            kind: MentionKind::Person,
            id: uuid::Uuid::nil(),
            word: "omar".to_owned(),
            name: "Omar \"<b>\" Haddad".to_owned(),
        };
        let named = Named::from([("omar".to_owned(), omar)]);
        let link = "<a class=\"mention\" href=\"/people?person=00000000-0000-0000-0000-000000000000\" \
                    title=\"Omar &quot;&lt;b&gt;&quot; Haddad\">@omar</a>";
        assert_eq!(render("**@Omar**, @ada", &named), format!("<p><strong>{link}</strong>, @ada</p>"));
        assert_eq!(render("`@omar`", &named), "<p><code>@omar</code></p>");
        assert_eq!(render("\u{e000}omar\u{e001} <x>", &named), "<p>omar &lt;x&gt;</p>");
        assert!(!render("[@omar](https://example.com)", &named).contains("mention"));
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
