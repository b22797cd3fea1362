//! The parser's events for one block, with what other blocks define put within its reach.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag};

use super::brackets;
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
    let (source, options) = with_formulas(source);
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

/// The text as the parser is to read it for its formulas, of the same length, and the dialect to read it in: two dollars
/// for the brackets of a formula, and [`DOLLAR`] for the dollars that begin none. The parser takes two dollars for a
/// formula before it looks at anything else between them, so that what is none must be known before.
fn with_formulas(text: Cow<'_, str>) -> (Cow<'_, str>, Options) {
    let plain = dialect(&text);
    if !text.contains('$') && !brackets::opens(&text) || text.contains(DOLLAR) {
        return (text, plain);
    }
    let mut bracketed = brackets::formulas(&text, plain);
    if !text.contains('$') && bracketed.is_empty() {
        return (text, plain);
    }
    let options = plain | Options::ENABLE_MATH;
    let mut prices: Vec<usize> = Vec::new();
    for _ in 0..limits::MATH_PASSES {
        let marked = marked(&text, &bracketed, &prices);
        let (mut whole, before) = (HashSet::new(), prices.len());
        for (event, range) in Parser::new_ext(&marked, options).into_offset_iter() {
            let display = matches!(event, Event::DisplayMath(_));
            let (Event::InlineMath(source) | Event::DisplayMath(source)) = event else {
                continue;
            };
            if bracketed
                .binary_search_by_key(&range.start, |formula| formula.start)
                .is_ok()
            {
                whole.insert(range);
            } else if text[range.start..].starts_with('$')
                && !math::is_formula(&marked, &range, &source, display)
            {
                prices.push(range.start);
            }
        }
        if prices.len() > before {
            continue;
        }
        let all = bracketed.len();
        bracketed.retain(|formula| whole.contains(formula));
        if bracketed.len() == all {
            return (Cow::Owned(marked), options);
        }
        // What the parser reads otherwise, because of a dollar or an unequal brace in it, stays as it is written.
    }
    (text, plain)
}

/// `text` with two dollars in place of each bracket of these formulas, and [`DOLLAR`] for the dollars at these places.
fn marked(text: &str, bracketed: &[Range<usize>], prices: &[usize]) -> String {
    let brackets = bracketed
        .iter()
        .flat_map(|formula| [(formula.start, "$$"), (formula.end - 2, "$$")]);
    let mut places: Vec<(usize, &str)> = prices.iter().map(|at| (*at, "\u{1A}")).chain(brackets).collect();
    places.sort_unstable();
    let mut marked = String::with_capacity(text.len());
    let mut from = 0;
    for (at, mark) in places {
        marked.push_str(&text[from..at]);
        marked.push_str(mark);
        from = at + mark.len();
    }
    marked.push_str(&text[from..]);
    marked
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
