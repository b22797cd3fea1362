//! Highlighting of code blocks inside lists and quotes, remembered between the deltas of one open block.
//!
//! Such a block is rendered again with every delta; without this, a delta would cost the highlighting of all the
//! code above it. It changes the cost only, never the result.

use crate::highlight::{LineHighlighter, syntax_for};
use crate::limits;
use crate::safe_html::CodeHtml;

/// The code blocks of the open block, in order.
#[derive(Default)]
pub(crate) struct CodeMemory {
    blocks: Vec<Remembered>,
    next: usize,
}

struct Remembered {
    language: Option<String>,
    /// The complete lines that were read.
    source: String,
    html: CodeHtml,
    highlighter: LineHighlighter,
}

impl CodeMemory {
    /// Starts over with the first code block.
    pub(crate) fn rewind(&mut self) {
        self.next = 0;
    }

    pub(crate) fn highlight(&mut self, language: Option<String>, code: &str) -> CodeHtml {
        let slot = self.next;
        self.next += 1;
        let complete = code.rfind('\n').map_or(0, |newline| newline + 1);
        let mut block = match self.blocks.get_mut(slot) {
            Some(block) if block.language == language && code[..complete].starts_with(&block.source) => {
                std::mem::replace(block, Remembered::new(None))
            }
            _ => Remembered::new(language),
        };
        for line in code[block.source.len()..complete].split_inclusive('\n') {
            block
                .html
                .append(&block.highlighter.line(line.trim_end_matches('\n')));
            block.html.push(None, "\n");
        }
        block.source.push_str(&code[block.source.len()..complete]);
        let mut html = block.html.clone();
        if complete < code.len() {
            html.append(&block.highlighter.open_line(&code[complete..]));
        }
        if slot < limits::REMEMBERED_CODE_BLOCKS {
            self.blocks.truncate(slot.max(self.blocks.len()));
            match self.blocks.get_mut(slot) {
                Some(place) => *place = block,
                None => self.blocks.push(block),
            }
        }
        html
    }
}

impl Remembered {
    fn new(language: Option<String>) -> Self {
        let highlighter = LineHighlighter::new(language.as_deref().and_then(syntax_for));
        Self {
            language,
            source: String::new(),
            html: CodeHtml::default(),
            highlighter,
        }
    }
}
