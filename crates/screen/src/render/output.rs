//! What tools print, made fit to show: bounded, and free of what a terminal would obey.

use super::terminal::Reduced;
use crate::view::OutputView;

/// Bytes of a finished call's text that travel with the conversation: what most outputs have in all. A conversation
/// holds hundreds of calls that nobody opens; who opens one is given the first page.
const INLINE: usize = 4 * 1024;

/// Bytes a running tool shows: the tail a person watches. It travels anew with each change.
const TAIL: usize = 4 * 1024;

/// The output as it is shown while the tool runs (its end) or afterwards (its beginning).
pub(crate) fn view(output: &str, running: bool) -> OutputView {
    let (text, cut) = if running {
        tail(output)
    } else {
        let end = output.floor_char_boundary(INLINE);
        (&output[..end], end < output.len())
    };
    OutputView {
        spans: Reduced::of(text).spans(),
        bytes: output.len() as u64,
        lines: lines(output),
        cut,
    }
}

/// The last lines of an output, and whether there are more: from the beginning of a line on where one begins there, so
/// that no sequence is torn apart.
fn tail(output: &str) -> (&str, bool) {
    let from = output.ceil_char_boundary(output.len().saturating_sub(TAIL));
    let text = &output[from..];
    if from == 0 {
        return (text, false);
    }
    let begins = text.trim_end_matches('\n').find('\n').map_or(0, |end| end + 1);
    (&text[begins..], true)
}

/// Counted by bytes: this runs for each batch while a command prints.
#[must_use]
pub fn lines(output: &str) -> u64 {
    let ends = output.bytes().filter(|byte| *byte == b'\n').count();
    (ends + usize::from(!output.is_empty() && !output.ends_with('\n'))) as u64
}

/// The text without looks, as a terminal would show it in the end.
#[must_use]
pub fn plain(text: &str) -> String {
    Reduced::of(text).into_text()
}

/// The beginning of a text in a line of its own, as plain text.
pub(crate) fn short(text: &str) -> String {
    const SHOWN: usize = 2_000;
    let end = text.floor_char_boundary(SHOWN);
    let mut shown = plain(&text[..end]);
    if end < text.len() {
        shown.push_str(" …");
    }
    shown
}

/// The text of spans, whatever they look like.
#[cfg(test)]
pub(crate) fn text_of(spans: &[crate::view::OutputSpan]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_output_is_cut_and_says_how_long_it_is() {
        let output = "é line\n".repeat(100_000);
        let shown = view(&output, false);
        assert!(shown.cut && shown.bytes == output.len() as u64 && shown.lines == 100_000);
        let text = text_of(&shown.spans);
        assert!(text.len() <= INLINE && output.starts_with(&text));
    }

    #[test]
    fn a_running_tool_shows_its_end_from_a_line_on() {
        let output = format!("{}last", "\u{1b}[31mx\n".repeat(10_000));
        let shown = view(&output, true);
        let text = text_of(&shown.spans);
        assert!(shown.cut && text.starts_with("x\n") && text.ends_with("last") && text.len() <= TAIL);
        assert_eq!(text_of(&view("one\rtwo", true).spans), "two");
        let line = "y".repeat(10_000);
        assert_eq!(text_of(&view(&line, true).spans).replace('\n', "").len(), TAIL);
    }
}
