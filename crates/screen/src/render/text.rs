//! Rendered markdown of the open conversation, kept so that a delta costs what it adds.

use std::collections::HashMap;

use cowork_engine::PartId;
use cowork_markdown::{Block, BlockKind, Document, Patch};

use crate::view::{Html, HtmlBlock, HtmlBlockChange, HtmlBlockKind, HtmlPatch};

/// One document per text or reasoning part that grows in the open conversation; emptied when another one is opened.
#[derive(Default)]
pub struct Documents {
    documents: HashMap<PartId, Document>,
}

thread_local! {
    static RENDERED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many bytes of markdown were rendered in this thread: what a batch costs that has some, and that others have none.
#[must_use]
pub fn rendered() -> usize {
    RENDERED.get()
}

impl Documents {
    /// Brings a part's document up to `source` and says what changed; all of it where nothing was kept of the part.
    pub(crate) fn update(&mut self, part: &PartId, source: &str, open: bool) -> HtmlPatch {
        let patch = self.update_document(part, source, open);
        if !open {
            self.forget(part);
        }
        html_patch(patch)
    }

    fn update_document(&mut self, part: &PartId, source: &str, open: bool) -> Patch {
        let document = self.documents.entry(part.clone()).or_default();
        let known = document.source().len();
        // Comparing the ends is enough to tell growth from replacement without reading all of a long text
        // for each delta: a part is only ever appended to or replaced by what a finished request gave.
        let added = source
            .get(known..)
            .filter(|_| ends_alike(document.source(), source));
        RENDERED.set(RENDERED.get() + added.unwrap_or(source).len());
        let mut patch = match added {
            Some(added) => document.push(added),
            None => document.replace(source),
        };
        if !open {
            merge(&mut patch, document.finish());
        }
        patch
    }

    /// Brings a part's document up to `source` and gives everything it holds then. Of a text that grows no more nothing
    /// is kept: the window has it, and should it change after all it is rendered anew.
    pub(crate) fn whole(&mut self, part: &PartId, source: &str, open: bool) -> Vec<HtmlBlock> {
        self.update_document(part, source, open);
        let blocks = self.documents.get(part).map(Document::blocks).unwrap_or_default();
        let blocks = blocks.iter().map(html_block).collect();
        if !open {
            self.forget(part);
        }
        blocks
    }

    pub(crate) fn forget(&mut self, part: &PartId) {
        self.documents.remove(part);
    }

    /// Of how many parts something is kept.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.documents.len()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_text_that_grows_no_more_nothing_is_kept() {
        let mut documents = Documents::default();
        let part = PartId::from("prt_1");
        documents.update(&part, "One.\n\nTw", true);
        assert_eq!(documents.kept(), 1);
        assert_eq!(documents.whole(&part, "One.\n\nTwo.", false).len(), 2);
        assert_eq!(documents.kept(), 0);
        // What comes after all is told whole.
        let late = documents.update(&part, "One.\n\nTwo.\n\nThree.", false);
        assert_eq!((late.blocks, late.changes.len()), (3, 3));
        assert!(late.changes.iter().all(|change| change.keep == 0));
        assert_eq!(documents.kept(), 0);
    }
}
