//! The top-level blocks of a stretch of markdown, without rendering them.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use crate::definitions::{Label, Meaning};
use crate::limits;

/// The dialect: GitHub Flavored Markdown without its alerts and heading attributes.
///
/// Tables are left out for a text in which one could have more cells than the parser fills up
/// ([`limits::FILLED_CELLS`]): beyond its own limit it leaves its tree half built.
pub(crate) fn dialect(text: &str) -> Options {
    let mut options = Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    options.set(Options::ENABLE_TABLES, !overflows_cells(text));
    options
}

/// Whether the lines below what may be a table's delimiter row are too many for its columns.
fn overflows_cells(text: &str) -> bool {
    let mut lines_below = 0usize;
    for line in text.rsplit('\n') {
        if line.trim().is_empty() {
            lines_below = 0;
            continue;
        }
        // The row may stand inside of lists and quotes.
        let delimiters = line.bytes().all(|byte| b"|-: \t>+*.)0123456789".contains(&byte));
        if delimiters && (line.matches('|').count() + 1) * lines_below > limits::FILLED_CELLS {
            return true;
        }
        lines_below += 1;
    }
    false
}

/// What a top-level block is, as far as it matters for cutting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Paragraph or quote: a blank line ends it.
    Flowing,
    /// Heading or rule: it ends with its line.
    Single,
    /// Where the list's own items start, and the number of an ordered list's first item.
    List {
        items: Vec<usize>,
        first_number: Option<u64>,
    },
    /// The info string.
    Fence(String),
    IndentedCode,
    Table,
    Html,
    /// The label.
    Footnote(String),
}

/// A top-level block: from the start of its first line to the end of its last, line end excluded. Reference
/// definitions that stand directly above it belong to it, because they change how its first line is read.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) shape: Shape,
    pub(crate) range: Range<usize>,
}

/// A link reference definition and where it stands.
pub(crate) struct Definition {
    pub(crate) label: Label,
    pub(crate) meaning: Meaning,
    pub(crate) range: Range<usize>,
}

/// The blocks and link definitions of `text`; offsets count from its start.
pub(crate) fn read(text: &str) -> (Vec<Segment>, Vec<Definition>) {
    let mut segments: Vec<Segment> = Vec::new();
    let mut depth = 0usize;
    let mut events = Parser::new_ext(text, dialect(text)).into_offset_iter();
    for (event, range) in events.by_ref() {
        if depth == 0 {
            if let Some(shape) = shape_of(&event) {
                let floor = segments.last().map_or(0, |previous| previous.range.end);
                let after_note = matches!(
                    segments.last(),
                    Some(Segment {
                        shape: Shape::Footnote(_),
                        ..
                    })
                );
                let start = match shape {
                    // One footnote may begin inside of another, indented or on the same line.
                    Shape::Footnote(_) if after_note => range.start,
                    _ => first_line(text, range.start, floor),
                };
                // The parser lets a list reach to the next block, over definitions that follow it; its items do not.
                let end = if matches!(shape, Shape::List { .. }) {
                    start
                } else {
                    range.end.max(start)
                };
                segments.push(Segment {
                    shape,
                    range: start..end,
                });
            }
        } else if let Some(segment) = segments.last_mut()
            && !(depth == 1 && matches!(event, Event::End(_)))
        {
            segment.range.end = segment.range.end.max(range.end);
            if depth == 1
                && let (Shape::List { items, .. }, Event::Start(Tag::Item)) = (&mut segment.shape, &event)
            {
                items.push(line_start(text, range.start));
            }
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    for segment in &mut segments {
        segment.range.end = content_end(text, segment.range.clone());
    }
    let definitions = events
        .reference_definitions()
        .iter()
        .map(|(label, definition)| Definition {
            label: Label::link(label),
            meaning: Meaning::Target {
                url: definition.dest.to_string(),
                title: definition.title.as_deref().unwrap_or_default().to_owned(),
            },
            range: definition.span.clone(),
        })
        .collect();
    (segments, definitions)
}

/// What the still open blocks define, numbering footnotes from `next_footnote`.
pub(crate) fn provisional(
    segments: &[Segment],
    definitions: &[Definition],
    mut next_footnote: usize,
    taken: impl Fn(&Label) -> bool,
) -> HashMap<Label, Meaning> {
    let mut found: HashMap<Label, Meaning> = definitions
        .iter()
        .map(|definition| (definition.label.clone(), definition.meaning.clone()))
        .collect();
    for segment in segments {
        if let Shape::Footnote(label) = &segment.shape {
            let label = Label::footnote(label);
            if taken(&label) {
                continue;
            }
            found.entry(label).or_insert_with(|| {
                next_footnote += 1;
                Meaning::Number(next_footnote - 1)
            });
        }
    }
    found
}

fn shape_of(event: &Event<'_>) -> Option<Shape> {
    Some(match event {
        Event::Rule | Event::Start(Tag::Heading { .. }) => Shape::Single,
        Event::Start(Tag::List(first_number)) => Shape::List {
            items: Vec::new(),
            first_number: *first_number,
        },
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => Shape::Fence(info.to_string()),
        Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => Shape::IndentedCode,
        Event::Start(Tag::Table(_)) => Shape::Table,
        Event::Start(Tag::HtmlBlock) => Shape::Html,
        Event::Start(Tag::FootnoteDefinition(label)) => Shape::Footnote(label.to_string()),
        Event::Start(_) => Shape::Flowing,
        _ => return None,
    })
}

/// The end of the last line in `range` that is not blank. The spaces at its end stay: `- [ ] ` needs its own.
pub(crate) fn content_end(text: &str, range: Range<usize>) -> usize {
    let content = range.start + text[range.clone()].trim_end_matches([' ', '\t', '\n']).len();
    text[content..]
        .find('\n')
        .map_or(text.len(), |newline| content + newline)
}

/// The start of the line `at` is in.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The first of the unbroken lines that lead up to the block at `at`, not before `floor`.
fn first_line(text: &str, at: usize, floor: usize) -> usize {
    let mut start = line_start(text, at);
    while start > floor {
        let previous = line_start(text, start - 1).max(floor);
        if text[previous..start].trim().is_empty() {
            break;
        }
        start = previous;
    }
    start
}

/// Whether a blank, complete line follows `end`.
pub(crate) fn blank_line_after(text: &str, end: usize) -> Option<usize> {
    let mut lines = text[end..].split_inclusive('\n');
    let rest_of_line = lines.next()?;
    let next = lines.next()?;
    let blank = rest_of_line.trim().is_empty() && next.ends_with('\n') && next.trim().is_empty();
    blank.then_some(end + rest_of_line.len() + next.len())
}
