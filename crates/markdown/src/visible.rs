//! What of markdown can be read on the screen.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::math::Marks;
use crate::raw_html;
use crate::render::brackets;
use crate::structure::dialect;

/// The text of complete markdown as a reader sees it: without the marks that format it and without the addresses of its
/// links, each block on lines of its own. It is made to be searched and costs the parsing alone, no rendering.
#[must_use]
pub fn visible_text(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut formulas = brackets::formulas(source, dialect(source)).into_iter().peekable();
    let mut behind = 0;
    for (event, range) in Parser::new_ext(source, dialect(source)).into_offset_iter() {
        if is_shown(&event) {
            // The backslash before what is escaped is of no event.
            if let Some(formula) = formulas.next_if(|formula| formula.start <= range.start) {
                push_formula(&mut text, &source[formula.clone()]);
                behind = formula.end;
            }
            if range.start < behind {
                // What follows the last bracket in a line is in one event with it.
                let rest = matches!(event, Event::Text(_)) && range.end > behind;
                text.push_str(if rest { &source[behind..range.end] } else { "" });
                continue;
            }
        }
        match event {
            // Formulas are not told from prices here, and are found by their source.
            Event::Text(piece) | Event::Code(piece) => text.push_str(&piece),
            Event::Html(piece) | Event::InlineHtml(piece) => {
                for token in raw_html::tokens(&piece) {
                    if let raw_html::Token::Text(shown) = token {
                        text.push_str(shown);
                    }
                }
            }
            Event::SoftBreak => text.push(' '),
            Event::End(TagEnd::TableCell) => text.push('\t'),
            Event::HardBreak
            | Event::Rule
            | Event::Start(Tag::List(_))
            | Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::CodeBlock
                | TagEnd::Item
                | TagEnd::TableHead
                | TagEnd::TableRow
                | TagEnd::HtmlBlock,
            ) => text.push('\n'),
            _ => {}
        }
    }
    text
}

fn is_shown(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::Text(_)
            | Event::Code(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::SoftBreak
            | Event::HardBreak
    )
}

/// A formula between brackets, as the window has those of both kinds.
fn push_formula(text: &mut String, written: &str) {
    let dollars = if Marks::of(written).display() { "$$" } else { "$" };
    text.push_str(dollars);
    text.push_str(&written[2..written.len() - 2]);
    text.push_str(dollars);
}

#[cfg(test)]
mod tests {
    use super::visible_text;

    #[test]
    fn is_what_a_reader_sees() {
        let source = "# A *big* title\n\nSome **bold words** and\n`code`, [a link](https://hidden.example/).\n\n- one\n  - two\n\n```rust\nfn main() {}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
        assert_eq!(
            visible_text(source),
            "A big title\nSome bold words and code, a link.\n\none\ntwo\n\nfn main() {}\n\na\tb\t\n1\t2\t\n"
        );
    }

    #[test]
    fn markup_is_not_read_and_what_is_no_markup_is() {
        assert_eq!(visible_text("a <b>c</b> & d &amp; e"), "a c & d & e\n");
    }

    #[test]
    fn formulas_are_found_by_their_source() {
        assert_eq!(
            visible_text("So \\(x_1 * y\\, dx\\) and\n\\[\na * b = c_{1*2*3}\n\\] it, \\[no\\] *is*."),
            "So $x_1 * y\\, dx$ and $$\na * b = c_{1*2*3}\n$$ it, [no] is.\n"
        );
        assert_eq!(visible_text("`\\(x\\)`\n\n    \\(y\\)\n"), "\\(x\\)\n\\(y\\)\n\n");
    }
}
