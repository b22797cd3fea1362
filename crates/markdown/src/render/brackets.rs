//! Formulas between `\(` and `\)` and between `\[` and `\]`, found before the parser takes their marks for escapes.
//!
//! A backslash before a bracket is an escape of markdown, too: what only keeps its brackets from being a link, as in
//! `\[x\] done` and `f\(x\)`, is no formula.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::math;

/// Where the marks of the formulas stand in `text`: from before the first to behind the last of each, in order.
///
/// Which backslashes are escapes is the parser's to say: there are none in code, in tags and in addresses.
pub(crate) fn formulas(text: &str, options: Options) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !opens(text) {
        return found;
    }
    let (mut stretch, mut code) = (0usize, false);
    let mut open: Option<(usize, u8, usize)> = None;
    let mut read = 0;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match &event {
            // A formula ends in the paragraph, the item or the cell that it began in.
            Event::Start(tag) if !is_inline(tag) => {
                stretch += 1;
                code = matches!(tag, Tag::CodeBlock(_));
            }
            Event::End(tag) if !is_inline_end(*tag) => {
                stretch += 1;
                code = false;
            }
            Event::Text(_) if !code => {
                // What is escaped begins a text of its own, behind its backslash.
                let before = std::mem::replace(&mut read, range.end);
                let Some(start) = range.start.checked_sub(1).filter(|start| *start >= before) else {
                    continue;
                };
                let bytes = text.as_bytes();
                let (b'\\', Some(mark)) = (bytes[start], bytes.get(range.start)) else {
                    continue;
                };
                match (*mark, open) {
                    (b'(' | b'[', _) => open = Some((start, *mark, stretch)),
                    (b')' | b']', Some((from, opener, within)))
                        if within == stretch && *mark == closer(opener) =>
                    {
                        let formula = from..range.start + 1;
                        if math::is_between_brackets(text, &formula) {
                            found.push(formula);
                        }
                        open = None;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether a formula between brackets may begin in it.
pub(crate) fn opens(text: &str) -> bool {
    text.contains(r"\(") || text.contains(r"\[")
}

fn closer(opener: u8) -> u8 {
    if opener == b'(' { b')' } else { b']' }
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
    )
}

fn is_inline_end(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image
    )
}
