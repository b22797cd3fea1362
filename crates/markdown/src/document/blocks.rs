//! Rendering single blocks, final or open.

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{Event, Parser};

use super::{Document, Role};
use crate::block::{Block, BlockKind};
use crate::code_pieces::CodePieces;
use crate::definitions::{Label, Place};
use crate::limits;
use crate::render::{ListContinuation, Rendered, render_block};
use crate::safe_html::SafeHtml;
use crate::structure::dialect;
use crate::table::Table;

impl Document {
    /// Renders the block at `range` as formatted text, or as plain text when it is too large.
    pub(super) fn rich(
        &mut self,
        range: Range<usize>,
        list: Option<&ListContinuation>,
    ) -> (Block, HashSet<Label>, bool) {
        if range.len() > limits::RICH_BYTES {
            let pieces = plain_pieces(&self.text[range]);
            return (
                Block {
                    kind: BlockKind::Html,
                    pieces,
                },
                HashSet::new(),
                list.is_some_and(|list| list.loose),
            );
        }
        let Rendered { html, asked, loose } =
            render_block(&self.text[range], list, &self.definitions, &mut self.memory);
        (
            Block {
                kind: BlockKind::Html,
                pieces: pieces_of(html),
            },
            asked,
            loose,
        )
    }

    /// Renders the inside of a footnote.
    pub(super) fn note(&mut self, range: Range<usize>) -> (SafeHtml, HashSet<Label>) {
        let (block, asked, _) = self.rich(range, None);
        (SafeHtml::concat(&block.pieces), asked)
    }

    pub(super) fn indented_code(&self, range: Range<usize>) -> Block {
        let mut code = String::new();
        let text = &self.text[range];
        for event in Parser::new_ext(text, dialect(text)) {
            if let Event::Text(text) = event {
                code.push_str(&text);
            }
        }
        let mut pieces = CodePieces::new("");
        for line in code.lines() {
            pieces.line(line);
        }
        let tail = pieces.tail(None);
        let pieces = pieces.take_closed().into_iter().chain(tail).collect();
        Block {
            kind: BlockKind::Code { language: None },
            pieces,
        }
    }

    /// Renders a final block again, because a definition it refers to changed.
    pub(super) fn render_again(&mut self, place: Place) {
        match place {
            Place::Footnote(index) => {
                let range = self.notes[index].range.clone();
                let (html, asked) = self.note(range);
                self.notes[index].html = html;
                self.definitions.depend(place, asked);
            }
            Place::Block(index) => {
                let range = self.closed[index].range.clone();
                let (block, asked) = match self.closed[index].role.clone() {
                    Role::Code => return,
                    Role::Rich(list) => {
                        let (block, asked, _) = self.rich(range, list.as_ref());
                        (block, asked)
                    }
                    Role::Note(number) => {
                        let (html, asked) = self.note(range);
                        (note_block(number, &html), asked)
                    }
                    Role::Table => {
                        let Some(mut table) = Table::open(&self.text, range.start, &self.definitions) else {
                            return;
                        };
                        table.advance(&self.text, range.end, &self.definitions);
                        let asked = std::mem::take(&mut table.asked);
                        (
                            Block {
                                kind: BlockKind::Table,
                                pieces: table.finish(),
                            },
                            asked,
                        )
                    }
                };
                // The memory belongs to the open block; this one is not it.
                self.memory = crate::render::CodeMemory::default();
                self.definitions.depend(place, asked);
                self.shown.set(index, block);
            }
        }
    }
}

pub(super) fn note_block(number: usize, html: &SafeHtml) -> Block {
    Block {
        kind: BlockKind::Html,
        pieces: vec![SafeHtml::footnotes(number, [html])],
    }
}

/// A block that renders to nothing (a comment) has no pieces.
fn pieces_of(html: SafeHtml) -> Vec<SafeHtml> {
    if html.as_str().is_empty() {
        Vec::new()
    } else {
        vec![html]
    }
}

/// Plain text in pieces of bounded size.
pub(super) fn plain_pieces(text: &str) -> Vec<SafeHtml> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.floor_char_boundary(limits::PLAIN_PIECE_BYTES.min(rest.len()));
        pieces.push(SafeHtml::plain(&rest[..end]));
        rest = &rest[end..];
    }
    pieces
}
