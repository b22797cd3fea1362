//! Where the value beside a name begins and ends.

use std::ops::Range;

use crate::MARK;

/// Says that nothing is there to hide.
const NO_SECRET: [&str; 8] = [
    "null",
    "none",
    "nil",
    "true",
    "false",
    "undefined",
    "unset",
    "default",
];

/// A value within quotes: the text between them. The quotes may be escaped any number of times, as JSON within
/// JSON is; the value ends at the same quote escaped as often. Unclosed, it goes on to the end of the text.
fn quoted(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    // Python's and Rust's byte and raw strings have letters before the quote.
    let letters = bytes[start..]
        .iter()
        .take(2)
        .take_while(|byte| b"bBrRuUfF".contains(byte))
        .count();
    let escapes = escapes(bytes, start + letters);
    let at = start + letters + escapes;
    let quote = *bytes.get(at).filter(|byte| b"\"'`".contains(byte))?;
    Some(at + 1..closing(text, at + 1, quote, escapes))
}

fn escapes(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|byte| **byte == b'\\').count()
}

/// Where the text in a quote escaped `level` times ends, the escapes of the closing quote not included.
fn closing(text: &str, start: usize, quote: u8, level: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut run) = (start, 0);
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            run += 1;
        } else {
            // Fewer escapes end an outer quote; of more, every second doubling is an escaped quote within.
            if bytes[at] == quote && (run < level || run % (2 * (level + 1)) == level) {
                return at - run.min(level);
            }
            run = 0;
        }
        at += 1;
    }
    bytes.len()
}

/// A value beside a name, by what stands before it. Nothing when there is nothing to hide.
pub(crate) fn beside(text: &str, before: &str, start: usize) -> Option<Range<usize>> {
    let start = start + scheme(&text[start..]);
    let rest = &text[start..];
    if let Some(range) = quoted(text, start) {
        return (!range.is_empty()).then_some(range);
    }
    let colon = before.trim_end().trim_end_matches("Some(").ends_with(':');
    // A path in code, an address, or structure whose own names are looked at in turn.
    let structure = colon && rest.starts_with([':', '/', '{', '[', '(']);
    if structure || rest.starts_with(MARK) {
        return None;
    }
    let range = start..start + bare(rest);
    let value = &text[range.clone()];
    // PWD is also where a shell stands. Longer than a path can be, it is none.
    let folder =
        before.to_ascii_lowercase().contains("pwd") && value.starts_with(['/', '~']) && value.len() <= 4096;
    let nothing = value.is_empty() || folder || NO_SECRET.iter().any(|word| value.eq_ignore_ascii_case(word));
    (!nothing).then_some(range)
}

/// The value of a command-line option that stands after a blank.
pub(crate) fn after_option(text: &str, start: usize) -> Option<Range<usize>> {
    if text[start..].starts_with('-') {
        None
    } else {
        beside(text, " ", start)
    }
}

/// The length of an authentication scheme's name, which is no secret but stands before one.
fn scheme(text: &str) -> usize {
    for name in ["bearer", "basic", "digest", "token"] {
        let named = text
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name));
        if named {
            let blanks = text[name.len()..]
                .bytes()
                .take_while(|byte| b" \t".contains(byte))
                .count();
            if blanks > 0 {
                return name.len() + blanks;
            }
        }
    }
    0
}

/// The length of a value without quotes. A word in it that is itself a name (`secret: x`) takes its own value
/// along, blanks and quotes included.
fn bare(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let named = text[..end].trim_end_matches([' ', '\t']).ends_with([':', '=']);
        let step = text[end..].chars().next().map_or(1, char::len_utf8);
        let blank = matches!(bytes[end], b' ' | b'\t');
        if named && blank {
            end += step;
            continue;
        }
        if let Some(range) = named.then(|| quoted(text, end)).flatten() {
            end = text.len().min(range.end + (range.start - end));
            continue;
        }
        let ends = match bytes[end] {
            b'"' | b'\'' | b'`' | b'<' | b'>' => true,
            b'&' => next_parameter(&bytes[end + 1..]),
            b'\\' => matches!(
                bytes.get(end + 1),
                Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'\\')
            ),
            _ => text[end..].starts_with(char::is_whitespace),
        };
        if ends {
            break;
        }
        end += step;
    }
    end = text[..end].trim_end().len();
    while end > 0 && !text[..end].ends_with(MARK) && b",;.)]}".contains(&bytes[end - 1]) {
        end -= 1;
    }
    end
}

/// Whether another query parameter begins here.
fn next_parameter(bytes: &[u8]) -> bool {
    let name = bytes
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_.%-[]".contains(byte));
    let length = name.count();
    length > 0 && bytes.get(length) == Some(&b'=')
}

/// A query parameter's value.
pub(crate) fn parameter(text: &str, start: usize) -> Option<Range<usize>> {
    let ends = |character: char| character.is_whitespace() || "&#\"'`<>\\".contains(character);
    let length = text[start..].find(ends).unwrap_or(text.len() - start);
    (length > 0).then_some(start..start + length)
}

/// A header's value: within quotes, up to the quote that the whole header stands in, or up to the line's end.
pub(crate) fn header(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let start = name.end;
    if let Some(range) = quoted(text, start) {
        return (!range.is_empty()).then_some(range);
    }
    let line = line_end(text, start);
    let end = match enclosing(text, name) {
        Some((quote, level)) => closing(&text[..line], start, quote, level),
        None => line,
    };
    (end > start).then_some(start..end)
}

/// The quote that stands right before a header's name, unless it is closed right after it.
fn enclosing(text: &str, name: &Range<usize>) -> Option<(u8, usize)> {
    let before = &text.as_bytes()[..name.start];
    let quote = *before.last().filter(|byte| b"\"'`".contains(byte))?;
    let level = before[..before.len() - 1]
        .iter()
        .rev()
        .take_while(|byte| **byte == b'\\')
        .count();
    let closed = text[name.clone()].contains(['"', '\'', '`']);
    (!closed).then_some((quote, level))
}

/// A line ends at a line break, or at one that is written as an escape in a string.
fn line_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while at < bytes.len() {
        let escaped = bytes[at] == b'\\' && matches!(bytes.get(at + 1), Some(b'n' | b'r'));
        if escaped || matches!(bytes[at], b'\n' | b'\r') {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// A private key block from its head to its foot, or to the end of the text where the foot is missing.
pub(crate) fn block(text: &str, head: &Range<usize>) -> Range<usize> {
    let foot = text[head.end..]
        .find("-----END")
        .map(|found| head.end + found + "-----END".len());
    let end = foot.and_then(|foot| {
        text[foot..]
            .find("-----")
            .map(|found| foot + found + "-----".len())
    });
    head.start..end.unwrap_or(text.len())
}
