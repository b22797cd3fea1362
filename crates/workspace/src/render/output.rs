//! What tools print, made fit to show: bounded, and free of what a terminal would obey.

use crate::view::OutputView;

/// Bytes of a tool's output a conversation shows; the rest is fetched in pages. More than this in one row has
/// frozen other apps' windows.
const SHOWN: usize = 64 * 1024;

/// Bytes a running tool shows: the tail a person watches. It travels anew with each change.
const TAIL: usize = 4 * 1024;

/// Bytes in a page.
const PAGE: usize = 256 * 1024;

/// The output as it is shown while the tool runs (its end) or afterwards (its beginning).
pub(crate) fn view(output: &str, running: bool) -> OutputView {
    let (text, cut) = if running {
        let from = output.ceil_char_boundary(output.len().saturating_sub(TAIL));
        (&output[from..], from > 0)
    } else {
        let end = output.floor_char_boundary(SHOWN);
        (&output[..end], end < output.len())
    };
    OutputView {
        text: plain(text),
        bytes: output.len() as u64,
        lines: lines(output),
        cut,
    }
}

/// Counted by bytes: this runs for each batch while a command prints.
fn lines(output: &str) -> u64 {
    let ends = output.bytes().filter(|byte| *byte == b'\n').count();
    (ends + usize::from(!output.is_empty() && !output.ends_with('\n'))) as u64
}

/// A page of the output from a byte on, and where the next one begins.
pub(crate) fn page(output: &str, offset: u64) -> (String, Option<u64>) {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(output.len());
    let from = output.ceil_char_boundary(offset);
    let end = output.floor_char_boundary(from.saturating_add(PAGE));
    (
        plain(&output[from..end]),
        (end < output.len()).then_some(end as u64),
    )
}

/// Takes out terminal control sequences and applies carriage returns as a terminal would: what follows one
/// replaces the line so far.
pub(crate) fn plain(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut line_start = 0;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_sequence(&mut characters),
            '\r' if characters.peek() == Some(&'\n') || characters.peek().is_none() => {}
            '\r' => result.truncate(line_start),
            '\n' => {
                result.push('\n');
                line_start = result.len();
            }
            '\u{8}' => {
                if result.len() > line_start {
                    result.pop();
                }
            }
            '\t' => result.push('\t'),
            // Marks that reorder or hide text could make a command's output read as something else.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => result.push('\u{fffd}'),
            other if other.is_control() => {}
            other => result.push(other),
        }
    }
    result
}

/// Skips one escape sequence: CSI up to its final byte, OSC and the like up to their terminator, else one
/// character.
fn skip_sequence(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match characters.next() {
        Some('[') => {
            for character in characters.by_ref() {
                if ('\u{40}'..='\u{7e}').contains(&character) || character == '\n' {
                    break;
                }
            }
        }
        Some(']' | 'P' | '^' | '_' | 'X') => {
            while let Some(character) = characters.next() {
                if character == '\u{7}' || character == '\u{9c}' {
                    break;
                }
                if character == '\u{1b}' {
                    characters.next_if_eq(&'\\');
                    break;
                }
            }
        }
        Some('(' | ')' | '#' | '%') => {
            characters.next();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_titles_and_cursor_moves_are_taken_out() {
        assert_eq!(
            plain("\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7}end\u{1b}]8;;x\u{1b}\\!"),
            "red end!"
        );
    }

    #[test]
    fn a_progress_line_shows_its_last_state() {
        assert_eq!(plain("10%\r55%\r100%\ndone\r\n"), "100%\ndone\n");
    }

    #[test]
    fn a_long_output_is_cut_and_pages_give_all_of_it() {
        let output = "é line\n".repeat(100_000);
        let shown = view(&output, false);
        assert!(shown.cut && shown.bytes == output.len() as u64 && shown.text.len() <= SHOWN);
        let mut read = String::new();
        let mut offset = Some(0);
        while let Some(from) = offset {
            let (text, next) = page(&output, from);
            read.push_str(&text);
            offset = next;
        }
        assert_eq!(read, output);
    }

    #[test]
    fn a_running_tool_shows_its_end() {
        let output = format!("{}last", "x\n".repeat(10_000));
        let shown = view(&output, true);
        assert!(shown.cut && shown.text.ends_with("last") && shown.text.len() <= TAIL);
    }
}
