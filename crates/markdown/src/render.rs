//! One block of markdown to HTML: parse, write, sanitize.

pub(crate) mod brackets;
mod code_memory;
mod links;
mod raw;
mod source;
mod writer;

use std::collections::HashSet;

use crate::definitions::{Definitions, Label};
use crate::safe_html::SafeHtml;

pub(crate) use code_memory::CodeMemory;
pub(crate) use source::read_events;
pub(crate) use writer::Writer;

/// A list whose beginning is already shown as a block of its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListContinuation {
    /// Number of the next item of an ordered list.
    pub(crate) number: Option<u64>,
    /// Whether the part before had paragraphs as items; then the rest has, too.
    pub(crate) loose: bool,
}

/// A rendered block.
pub(crate) struct Rendered {
    pub(crate) html: SafeHtml,
    /// The labels whose meaning went into the HTML.
    pub(crate) asked: HashSet<Label>,
    /// Whether the items of the block, a list, are paragraphs.
    pub(crate) loose: bool,
}

/// Renders one top-level block.
pub(crate) fn render_block(
    text: &str,
    continuation: Option<&ListContinuation>,
    definitions: &Definitions,
    code: &mut CodeMemory,
) -> Rendered {
    let mut writer = Writer::new(definitions, code, continuation);
    let asked = read_events(text, definitions, |event, range| {
        writer.event(event, &text[range]);
    });
    let loose = writer.has_loose_items();
    Rendered {
        html: SafeHtml::sanitize(&writer.finish()),
        asked,
        loose,
    }
}
