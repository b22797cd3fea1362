//! The parser's events for one block, with what other blocks define put within its reach.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag};

use crate::definitions::{Definitions, Label, Meaning};
use crate::structure::dialect;
use crate::{limits, math};

/// The longest footnote label that is looked for.
const FOOTNOTE_LABEL_BYTES: usize = 200;

/// Parses `text`, gives each event with its place in `text` to `each`, and returns the labels that were asked for.
///
/// Link definitions of other blocks come in through the parser's callback. Footnotes have no such callback: an empty
/// definition of each that is meant is put in front, ended by a comment so that no line of `text` can continue it.
pub(crate) fn read_events(
    text: &str,
    definitions: &Definitions,
    mut each: impl FnMut(Event<'_>, Range<usize>),
) -> HashSet<Label> {
    let asked = RefCell::new(HashSet::new());
    let mut preamble = String::new();
    for raw_label in footnote_labels(text) {
        let label = Label::footnote(raw_label);
        let known = matches!(definitions.get(&label), Some(Meaning::Number(_)));
        if asked.borrow_mut().insert(label) && known {
            preamble.push_str("[^");
            preamble.push_str(raw_label);
            preamble.push_str("]:\n");
        }
    }
    let source = if preamble.is_empty() {
        Cow::Borrowed(text)
    } else {
        preamble.push_str("<!-- -->\n\n");
        Cow::Owned(format!("{preamble}{text}"))
    };
    let look_up = |link: BrokenLink<'_>| -> Option<(CowStr<'_>, CowStr<'_>)> {
        let label = Label::link(&link.reference.replace(DOLLAR, "$"));
        let found = match definitions.get(&label) {
            Some(Meaning::Target { url, title }) => Some((url.clone().into(), title.clone().into())),
            _ => None,
        };
        asked.borrow_mut().insert(label);
        found
    };
    let (source, options) = without_prices(source);
    let marked = options.contains(Options::ENABLE_MATH) && source.contains(DOLLAR);
    let parser = Parser::new_with_broken_link_callback(&source, options, Some(look_up));
    for (event, range) in parser.into_offset_iter() {
        if range.start < preamble.len() {
            continue;
        }
        let event = if marked { with_dollars(event) } else { event };
        let event = match event {
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let (dest_url, title) = meant(link_type, dest_url, title, &id, definitions, &asked);
                Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                })
            }
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let (dest_url, title) = meant(link_type, dest_url, title, &id, definitions, &asked);
                Event::Start(Tag::Image {
                    link_type,
                    dest_url,
                    title,
                    id,
                })
            }
            other => other,
        };
        each(event, range.start - preamble.len()..range.end - preamble.len());
    }
    asked.into_inner()
}

/// Stands for a dollar that begins no formula while a text is read: of the same length, and nothing to the parser.
const DOLLAR: char = '\u{1A}';

/// The text with [`DOLLAR`] for the dollars that begin no formula, and the dialect to read it in. The parser takes two
/// dollars for a formula before it looks at anything else between them, so that what is none must be known before.
fn without_prices(text: Cow<'_, str>) -> (Cow<'_, str>, Options) {
    let plain = dialect(&text);
    if !text.contains('$') || text.contains(DOLLAR) {
        return (text, plain);
    }
    let options = plain | Options::ENABLE_MATH;
    let mut text = text;
    for _ in 0..limits::MATH_PASSES {
        let prices: Vec<usize> = Parser::new_ext(&text, options)
            .into_offset_iter()
            .filter_map(|(event, range)| {
                let formula = match event {
                    Event::InlineMath(source) => math::is_formula(&text, &range, &source, false),
                    Event::DisplayMath(source) => math::is_formula(&text, &range, &source, true),
                    _ => true,
                };
                (!formula).then_some(range.start)
            })
            .collect();
        if prices.is_empty() {
            return (text, options);
        }
        let mut marked = text.into_owned();
        for at in prices {
            if marked[at..].starts_with('$') {
                marked.replace_range(at..=at, "\u{1A}");
            }
        }
        text = Cow::Owned(marked);
    }
    (Cow::Owned(text.replace(DOLLAR, "$")), plain)
}

/// An event with its dollars as they were written, wherever they stand in it.
fn with_dollars(event: Event<'_>) -> Event<'_> {
    let written = |text: CowStr<'_>| -> CowStr<'static> { text.replace(DOLLAR, "$").into() };
    match event {
        Event::Text(text) => Event::Text(written(text)),
        Event::Code(text) => Event::Code(written(text)),
        Event::Html(text) => Event::Html(written(text)),
        Event::InlineHtml(text) => Event::InlineHtml(written(text)),
        Event::InlineMath(text) => Event::InlineMath(written(text)),
        Event::DisplayMath(text) => Event::DisplayMath(written(text)),
        Event::FootnoteReference(label) => Event::FootnoteReference(written(label)),
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(written(info))))
        }
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            link_type,
            dest_url: written(dest_url),
            title: written(title),
            id: written(id),
        }),
        Event::Start(Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Image {
            link_type,
            dest_url: written(dest_url),
            title: written(title),
            id: written(id),
        }),
        other => other,
    }
}

/// Where a reference leads: an earlier block's definition wins over one in this block.
fn meant<'a>(
    link_type: LinkType,
    url: CowStr<'a>,
    title: CowStr<'a>,
    id: &str,
    definitions: &Definitions,
    asked: &RefCell<HashSet<Label>>,
) -> (CowStr<'a>, CowStr<'a>) {
    let reference = !matches!(link_type, LinkType::Inline | LinkType::Autolink | LinkType::Email);
    if !reference {
        return (url, title);
    }
    let label = Label::link(id);
    let found = match definitions.get(&label) {
        Some(Meaning::Target { url, title }) => (url.clone().into(), title.clone().into()),
        _ => (url, title),
    };
    asked.borrow_mut().insert(label);
    found
}

/// Everything in `text` that may be a footnote reference; more than that does no harm.
fn footnote_labels(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("[^").filter_map(|(at, _)| {
        let rest = &text[at + 2..];
        let end = rest
            .bytes()
            .take(FOOTNOTE_LABEL_BYTES)
            .position(|byte| matches!(byte, b']' | b'[' | b'\n'))?;
        let label = &rest[..end];
        let plain = rest[end..].starts_with(']') && !label.trim().is_empty() && !label.contains(['|', '\\']);
        plain.then_some(label)
    })
}
