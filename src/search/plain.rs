//! Markdown as plain text: what is read, without the signs that shape it. For finding and for snippets, never for showing whole.

use pulldown_cmark::{Event, Options, Parser, TagEnd};

/// The words of a Markdown text, blocks parted by lines.
#[must_use]
pub fn of(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for event in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES) {
        match event {
            Event::Text(words) | Event::Code(words) | Event::Html(words) | Event::InlineHtml(words) => {
                text.push_str(&words)
            }
            Event::SoftBreak | Event::HardBreak | Event::Rule => text.push('\n'),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::CodeBlock
                | TagEnd::TableCell
                | TagEnd::HtmlBlock,
            ) => text.push('\n'),
            _ => {}
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_is_read_stays() {
        assert_eq!(super::of("# Dock\n\n- **two** `bays`\n- [plan](https://x.example)"), "Dock\ntwo bays\nplan");
        assert_eq!(super::of("a *b*c\n\n<script>x</script>"), "a bc\n<script>x</script>");
        assert_eq!(super::of("5 < 6 & 7"), "5 < 6 & 7");
    }
}
