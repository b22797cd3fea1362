//! Rendered markdown of the open conversation, kept so that a delta costs what it adds.

use std::collections::HashMap;

use cowork_engine::PartId;
use cowork_markdown::{Block, BlockKind, Document, Patch};

use crate::view::{Html, HtmlBlock, HtmlBlockChange, HtmlBlockKind, HtmlPatch};

/// One document per text or reasoning part of the open conversation; emptied when another one is opened.
#[derive(Default)]
pub(crate) struct Documents {
    documents: HashMap<PartId, Document>,
}

#[cfg(test)]
thread_local! {
    static RENDERED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How often markdown was rendered in this thread.
#[cfg(test)]
pub(crate) fn rendered() -> usize {
    RENDERED.get()
}

impl Documents {
    /// Brings a part's document up to `source` and says what changed.
    pub(crate) fn update(&mut self, part: &PartId, source: &str, open: bool) -> HtmlPatch {
        #[cfg(test)]
        RENDERED.set(RENDERED.get() + 1);
        let document = self.documents.entry(part.clone()).or_default();
        let known = document.source().len();
        let mut patch = match source.get(known..) {
            // Comparing the ends is enough to tell growth from replacement without reading all of a long text
            // for each delta: a part is only ever appended to or replaced by what a finished request gave.
            Some(added) if ends_alike(document.source(), source) => document.push(added),
            _ => document.replace(source),
        };
        if !open {
            merge(&mut patch, document.finish());
        }
        html_patch(patch)
    }

    /// Everything a part's document holds.
    pub(crate) fn blocks(&self, part: &PartId) -> Vec<HtmlBlock> {
        self.documents
            .get(part)
            .map(|document| document.blocks().iter().map(html_block).collect())
            .unwrap_or_default()
    }

    pub(crate) fn forget(&mut self, part: &PartId) {
        self.documents.remove(part);
    }
}

fn ends_alike(known: &str, source: &str) -> bool {
    const COMPARED: usize = 64;
    let known = known.as_bytes();
    let prefix = &source.as_bytes()[..known.len()];
    let from = known.len().saturating_sub(COMPARED);
    prefix[from..] == known[from..]
        && prefix[..known.len().min(COMPARED)] == known[..known.len().min(COMPARED)]
}

/// Joins a second patch onto a first one, so that both travel as one.
fn merge(first: &mut Patch, second: Patch) {
    first.blocks = second.blocks;
    first.changes.retain(|change| change.index < second.blocks);
    for change in second.changes {
        match first
            .changes
            .iter_mut()
            .find(|earlier| earlier.index == change.index)
        {
            Some(earlier) if change.keep >= earlier.keep => {
                earlier.pieces.truncate(change.keep - earlier.keep);
                earlier.pieces.extend(change.pieces);
                earlier.kind = change.kind;
            }
            Some(earlier) => *earlier = change,
            None => first.changes.push(change),
        }
    }
    first.changes.sort_by_key(|change| change.index);
}

fn frame(kind: &BlockKind) -> HtmlBlockKind {
    match kind {
        BlockKind::Html => HtmlBlockKind::Html,
        BlockKind::Code { language } => HtmlBlockKind::Code {
            language: language.clone(),
        },
        BlockKind::Table => HtmlBlockKind::Table,
    }
}

fn html_block(block: &Block) -> HtmlBlock {
    HtmlBlock {
        frame: frame(&block.kind),
        pieces: block.pieces.iter().map(Html::from).collect(),
    }
}

fn html_patch(patch: Patch) -> HtmlPatch {
    HtmlPatch {
        blocks: patch.blocks,
        changes: patch
            .changes
            .into_iter()
            .map(|change| HtmlBlockChange {
                index: change.index,
                frame: frame(&change.kind),
                keep: change.keep,
                pieces: change.pieces.iter().map(Html::from).collect(),
            })
            .collect(),
    }
}

impl From<&cowork_markdown::SafeHtml> for Html {
    fn from(safe: &cowork_markdown::SafeHtml) -> Self {
        Self(safe.as_str().to_owned())
    }
}
