//! An output in pages that a window lays out without a pause.

use super::Reduced;
use crate::view::OutputSpan;

/// Bytes in a page. Text without a space is what a webview lays out slowest: sixteen kilobytes of it in about a frame.
const BYTES: usize = 16 * 1024;

/// Rows in a page: some four screens.
const ROWS: usize = 200;

/// Spans in a page. Each is an element of the document; an output whose every character has a colour of its own has more
/// of them than characters fit a page.
const SPANS: usize = 400;

/// Rows that are given in pages at all. A webview counts heights in units of which 2³¹ are 33 million pixels; what goes
/// on below that is reached by copying the output.
const MOST_ROWS: usize = 500_000;

/// An output and where its pages begin.
#[derive(Debug, Default)]
pub struct Paged {
    reduced: Reduced,
    /// Where each page begins, and where the last one ends.
    ends: Vec<usize>,
    /// Lines after the last page.
    left_out: u64,
}

impl Paged {
    /// Lays an output out in pages.
    #[must_use]
    pub fn of(printed: &str) -> Self {
        let reduced = Reduced::of(printed);
        let mut ends = vec![0];
        let (mut begun, mut rows, mut spans, mut all_rows) = (0, 0, 0, 0);
        let (mut at, mut run, mut cut) = (0, 0, 0);
        let text = reduced.text.as_str();
        while at < text.len() && all_rows < MOST_ROWS {
            let next_cut = reduced.cuts.get(cut).copied().unwrap_or(text.len());
            let end = text.as_bytes()[at..next_cut]
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(next_cut, |place| at + place + 1);
            let first_run = run;
            while reduced.runs.get(run).is_some_and(|(run_end, _)| *run_end <= end) {
                run += 1;
            }
            let row_spans = run - first_run + 1;
            if rows > 0 && (rows == ROWS || spans + row_spans > SPANS || end - begun > BYTES) {
                ends.push(at);
                (begun, rows, spans) = (at, 0, 0);
            }
            rows += 1;
            all_rows += 1;
            // A row without a change of its look is part of a span that has others.
            spans += row_spans - 1 + usize::from(end == next_cut && end < text.len()) * 2;
            while reduced.cuts.get(cut).is_some_and(|cut| *cut <= end) {
                cut += 1;
            }
            at = end;
        }
        ends.push(at);
        let left_out = text[at..].lines().count() as u64;
        Self {
            reduced,
            ends,
            left_out,
        }
    }

    /// How many pages there are; one at least.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ends.len() - 1
    }

    /// A page of it, empty where there is none.
    #[must_use]
    pub fn page(&self, index: usize) -> Vec<OutputSpan> {
        match self.ends.get(index..index + 2) {
            Some([start, end]) => self.reduced.spans_between(*start, *end),
            _ => Vec::new(),
        }
    }

    /// Lines after the last page.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// All of the text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.reduced.text()
    }
}
