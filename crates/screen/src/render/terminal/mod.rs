//! What a program prints for a terminal, reduced to text with colours.
//!
//! Control sequences are read with `vte`, the parser of Alacritty, and carried out as far as they shape text: colours
//! and attributes, overwriting by carriage return, backspace and cursor moves, erasing. Everything else a terminal
//! would obey (titles, links, the clipboard, queries, modes) is dropped. A progress display that moves up and writes
//! again works on the last rows, which are kept open; what left them is final. Nothing is hidden: there is no screen to
//! clear, a line ends each sequence that was not ended, and concealed text is shown.
//!
//! Time and space are linear in what was printed: a sequence costs at most what a row or the open rows hold, and no
//! sequence writes more than it has bytes but for a fixed allowance.

mod pages;
mod row;
mod screen;
mod style;

pub use pages::Paged;
use style::Style;

use crate::view::OutputSpan;

/// Names the place where a row ends that is no end of a line.
const GOES_ON: &str = "goes-on";

/// Text with looks, and the places where a row ends without its line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reduced {
    text: String,
    /// Where a look ends, in bytes, and the look.
    runs: Vec<(usize, Style)>,
    cuts: Vec<usize>,
}

impl Reduced {
    /// Reduces what a program printed.
    pub(crate) fn of(printed: &str) -> Self {
        screen::reduce(printed)
    }

    /// The text alone.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// All of it as spans.
    pub(crate) fn spans(&self) -> Vec<OutputSpan> {
        self.spans_between(0, self.text.len())
    }

    fn push(&mut self, text: &str, style: Style) {
        self.text.push_str(text);
        self.end_run(style);
    }

    fn push_character(&mut self, character: char, style: Style) {
        self.text.push(character);
        self.end_run(style);
    }

    /// A line end has no look of its own; as part of the look before it makes no span more.
    fn push_line_end(&mut self) {
        let style = self.runs.last().map_or(Style::default(), |(_, style)| *style);
        self.push("\n", style);
    }

    fn end_run(&mut self, style: Style) {
        let end = self.text.len();
        match self.runs.last_mut() {
            Some((last_end, last)) if *last == style => *last_end = end,
            _ => self.runs.push((end, style)),
        }
    }

    fn spans_between(&self, start: usize, end: usize) -> Vec<OutputSpan> {
        let mut spans = Vec::new();
        let mut run = self.runs.partition_point(|(run_end, _)| *run_end <= start);
        let mut cut = self.cuts.partition_point(|cut| *cut <= start);
        let mut at = start;
        while at < end
            && let Some((run_end, style)) = self.runs.get(run)
        {
            let next_cut = self.cuts.get(cut).copied().unwrap_or(end);
            let stop = (*run_end).min(next_cut).min(end);
            if at < stop {
                spans.push(OutputSpan {
                    text: self.text[at..stop].to_owned(),
                    look: style.classes(),
                });
            }
            at = stop;
            while self.cuts.get(cut) == Some(&at) {
                spans.push(OutputSpan {
                    text: "\n".to_owned(),
                    look: GOES_ON.to_owned(),
                });
                cut += 1;
            }
            if *run_end <= at {
                run += 1;
            }
        }
        spans
    }
}

#[cfg(test)]
mod tests;
