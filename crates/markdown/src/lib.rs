//! Markdown to safe HTML, block by block, while it is still arriving.
//!
//! A model's answer arrives in small deltas and is written in markdown by something that may repeat what a hostile web
//! page said. This crate turns it into HTML that can enter the app's window as it is, and makes a delta cost the block
//! that is being written instead of the message. It does no I/O and knows neither clock nor network.
//!
//! Use [`Document`] for text that streams, [`render`] for text that is complete, [`highlight`] for code outside of
//! markdown: diffs and file views. Do not use it for HTML pages, and do not assemble its output from strings:
//! [`SafeHtml`] exists so that nothing else can pass for it.
//!
//! ```
//! use cowork_markdown::{Document, render};
//!
//! let mut document = Document::new();
//! let patch = document.push("Hello *wor");
//! assert_eq!(patch.changes[0].pieces[0].as_str(), "<p>Hello *wor</p>");
//! document.push("ld*\n\n- one");
//! document.finish();
//! assert_eq!(document.blocks(), render(document.source()));
//! ```
//!
//! # The dialect
//!
//! CommonMark with GitHub's tables, task lists, strikethrough, bare links and footnotes. It departs from them where a
//! streamed, sandboxed message calls for it:
//!
//! - An image is a link with the class `image-link`; nothing loads by itself. Only `http`, `https` and `mailto` links
//!   are links.
//! - Raw HTML formats only with a few inline and block tags, without their attributes. Any other tag is shown as the
//!   text it is, since in an answer it usually means itself (`Vec<String>`). A tag opened in one block ends with it.
//! - Footnotes are numbered in the order of their definitions and gathered in a last block without anchors. Past
//!   16 KB of definitions the further ones stay where they are defined.
//! - A top-level list longer than 2 KB is shown as several blocks, cut between items; the later ones carry the class
//!   `continued`.
//! - Formulas stand between `$` and `$` or `\(` and `\)` in a line, and between `$$` and `$$` or `\[` and `\]` by
//!   themselves, and become `MathML`. What cannot be read is shown as its source with the class `math-source`. Two prices
//!   or two variables of a shell are no formula with words between, and brackets that are only escaped are none.
//! - What is too large or too deep to be meant is shown as plain text: single blocks over 128 KB, nesting over 32
//!   levels, tables over 64 columns or 5,000 rows.
//!
//! # What a delta costs
//!
//! Text before the open top-level block is not looked at. An open fence or table costs its open piece, a list its
//! last items, any other block itself up to 4 KB; a larger one shows what arrives unformatted and is rendered again
//! each time it has grown by an eighth. A late definition renders the blocks again that refer to it, within a budget
//! in proportion to the message; what exceeds it waits for [`Document::finish`].

mod block;
mod code_pieces;
mod definitions;
mod document;
mod escape;
mod fence;
mod highlight;
mod limits;
mod link;
mod math;
mod raw_html;
mod render;
mod safe_html;
mod structure;
mod table;
mod visible;

pub use block::{Block, BlockChange, BlockKind, Patch};
pub use document::Document;
pub use highlight::{highlight, highlight_marked};
pub use safe_html::SafeHtml;
pub use visible::visible_text;

/// Renders markdown that is complete.
///
/// The result is the one a [`Document`] has after the same text in any number of deltas and [`Document::finish`].
#[must_use]
pub fn render(source: &str) -> Vec<Block> {
    Document::whole(source).into_blocks()
}
