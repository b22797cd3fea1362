//! Where the value beside a name begins and ends.

use std::ops::Range;

use crate::MARK;
use crate::entropy;
use crate::names;
use crate::scan::Scan;
use crate::shapes::Class;

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

/// Longer than a path can be, the value of `PWD` is none.
const LONGEST_FOLDER: usize = 4096;

/// Names of authentication schemes, which are no secret but stand before one.
const SCHEMES: [&str; 4] = ["bearer", "basic", "digest", "token"];

/// Whether a value says that nothing is there to hide.
pub(crate) fn is_nothing(value: &str) -> bool {
    value.is_empty() || NO_SECRET.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// A value within quotes.
struct Quoted {
    /// The text between the quotes.
    inside: Range<usize>,
    /// Where what follows the closing quote begins.
    after: usize,
}

impl Scan<'_> {
    /// A value within quotes, if one begins here. The quotes may be escaped any number of times, as JSON within
    /// JSON is; the value ends at the same quote escaped as often. Unclosed, it goes on to the end of the text.
    fn quoted(&self, start: usize) -> Option<Quoted> {
        let bytes = self.text.as_bytes();
        // Python's and Rust's byte and raw strings have letters before the quote.
        let letters = bytes[start..]
            .iter()
            .take(2)
            .take_while(|byte| b"bBrRuUfF".contains(byte))
            .count();
        let escapes = escapes(&bytes[start + letters..]);
        let at = start + letters + escapes;
        let quote = *bytes.get(at).filter(|byte| b"\"'`".contains(byte))?;
        let (end, after) = closing(bytes, at + 1, quote, escapes).unwrap_or_else(|| {
            let end = self.to_the_end();
            (end, end)
        });
        Some(Quoted {
            inside: at + 1..end,
            after,
        })
    }

    /// A value beside a name whose value is a secret, by what stands before it. Nothing when there is nothing to
    /// hide.
    pub(crate) fn beside(&self, before: &str, start: usize) -> Option<Range<usize>> {
        let start = start + scheme(&self.text[start..]);
        if let Some(quoted) = self.quoted(start) {
            return (!quoted.inside.is_empty()).then_some(quoted.inside);
        }
        let rest = &self.text[start..];
        let colon = before.trim_end().trim_end_matches("Some(").ends_with(':');
        // A path in code, an address, or structure whose own names are looked at in turn.
        let structure = colon && rest.starts_with([':', '/', '{', '[', '(']);
        if structure || rest.starts_with(MARK) {
            return None;
        }
        let range = start..self.bare(start);
        let value = &self.text[range.clone()];
        (!is_nothing(value) && !is_folder(before, value)).then_some(range)
    }

    /// A value beside a name whose value may be a secret: only what looks random, and ends as a value does.
    pub(crate) fn random(&self, start: usize) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let escapes = escapes(&bytes[start..]);
        let quote = bytes.get(start + escapes).filter(|byte| b"\"'`".contains(byte));
        let start = if quote.is_some() {
            start + escapes + 1
        } else {
            start
        };
        // Base64 ends in `=`; elsewhere the sign stands between a name and a value, which is looked at in turn.
        let body = bytes[start..]
            .iter()
            .position(|byte| *byte == b'=' || !Class::Credential.holds(*byte))
            .unwrap_or(bytes.len() - start);
        let padding = bytes[start + body..]
            .iter()
            .take(3)
            .take_while(|byte| **byte == b'=')
            .count();
        let next = self.text[start + body + padding..].chars().next();
        let ends = next.is_none_or(|next| next.is_whitespace() || "\"'`,;&)]}<>\\|".contains(next));
        if padding > 2 || !ends {
            return None;
        }
        // A point behind a value ends a sentence.
        let value = &self.text[start..start + body + padding];
        let value = value.trim_end_matches('.');
        entropy::is_random(value.as_bytes()).then(|| start..start + value.len())
    }

    /// Where a value without quotes ends. A word in it that is itself a name (`secret: x`) takes its own value
    /// along, blanks and quotes included.
    fn bare(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        // Whether what was read so far ends like a name and its sign, blanks aside.
        let mut named = false;
        while let Some(byte) = bytes.get(at) {
            if named {
                if matches!(byte, b' ' | b'\t') {
                    at += 1;
                    continue;
                }
                if let Some(quoted) = self.quoted(at) {
                    at = quoted.after;
                    named = false;
                    continue;
                }
            }
            let ends = match byte {
                b'"' | b'\'' | b'`' | b'<' | b'>' => true,
                b'&' => next_parameter(&bytes[at + 1..]),
                b'\\' => matches!(bytes.get(at + 1), Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'\\')),
                byte if byte.is_ascii() => byte.is_ascii_whitespace() || *byte == b'\x0b',
                _ => self.text[at..].starts_with(char::is_whitespace),
            };
            if ends {
                break;
            }
            named = matches!(byte, b':' | b'=');
            at += self.text[at..].chars().next().map_or(1, char::len_utf8);
        }
        if at == bytes.len() {
            self.to_the_end();
        }
        let mut value = self.text[start..at].trim_end();
        while !value.ends_with(MARK)
            && let Some(shorter) = value.strip_suffix([',', ';', '.', ')', ']', '}'])
        {
            value = shorter;
        }
        start + value.len()
    }

    /// A query parameter's value.
    pub(crate) fn parameter(&self, start: usize) -> Option<Range<usize>> {
        let ends = |character: char| character.is_whitespace() || "&#\"'`<>\\".contains(character);
        let end = match self.text[start..].find(ends) {
            Some(length) => start + length,
            None => self.to_the_end(),
        };
        (end > start).then_some(start..end)
    }

    /// A header's value: within quotes, up to the quote that the whole header stands in, or up to the line's end.
    pub(crate) fn header(&self, name: &Range<usize>) -> Option<Range<usize>> {
        let start = name.end;
        if let Some(quoted) = self.quoted(start) {
            return (!quoted.inside.is_empty()).then_some(quoted.inside);
        }
        let bytes = self.text.as_bytes();
        let line = line_end(bytes, start).unwrap_or_else(|| self.to_the_end());
        let end = enclosing(bytes, name)
            .and_then(|(quote, level)| closing(&bytes[..line], start, quote, level))
            .map_or(line, |(end, _)| end);
        (end > start).then_some(start..end)
    }

    /// A private key block from its head to its foot, or to the end of the text where the foot is missing.
    pub(crate) fn block(&self, head: &Range<usize>) -> Range<usize> {
        const FOOT: &str = "-----END";
        const DASHES: &str = "-----";
        let foot = self.text[head.end..]
            .find(FOOT)
            .map(|found| head.end + found + FOOT.len());
        let end = foot.and_then(|foot| {
            let found = self.text[foot..].find(DASHES)?;
            Some(foot + found + DASHES.len())
        });
        head.start..end.unwrap_or_else(|| self.to_the_end())
    }

    /// What stands before an address's host.
    pub(crate) fn user_information(&self, start: usize) -> Option<Range<usize>> {
        let ends = |character: char| character.is_whitespace() || "/?#\"'<>".contains(character);
        let end = match self.text[start..].find(ends) {
            Some(length) => start + length,
            None => self.to_the_end(),
        };
        let user = self.text[start..end].rfind('@').filter(|length| *length > 0)?;
        Some(start..start + user)
    }
}

/// `PWD` is also where a shell stands.
fn is_folder(before: &str, value: &str) -> bool {
    value.starts_with(['/', '~'])
        && value.len() <= LONGEST_FOLDER
        // A name in it would be read again for each name before it.
        && !value.contains(['=', ':'])
        && before.to_ascii_lowercase().contains("pwd")
}

fn escapes(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| **byte == b'\\').count()
}

/// Where the text in a quote escaped `level` times ends, the escapes of the closing quote not included, and where
/// what follows the quote begins.
fn closing(bytes: &[u8], start: usize, quote: u8, level: usize) -> Option<(usize, usize)> {
    let (mut at, mut run) = (start, 0);
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            run += 1;
        } else {
            // Fewer escapes end an outer quote; of more, every second doubling is an escaped quote within.
            if bytes[at] == quote && (run < level || run % (2 * (level + 1)) == level) {
                return Some((at - run.min(level), at + 1));
            }
            run = 0;
        }
        at += 1;
    }
    None
}

/// The length of an authentication scheme's name and the blanks after it.
fn scheme(text: &str) -> usize {
    for name in SCHEMES {
        let named = text
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name));
        if named {
            let blanks = names::blanks(&text.as_bytes()[name.len()..]);
            if blanks > 0 {
                return name.len() + blanks;
            }
        }
    }
    0
}

/// Whether another query parameter begins here.
fn next_parameter(bytes: &[u8]) -> bool {
    let length = bytes
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_.%-[]".contains(byte))
        .count();
    length > 0 && bytes.get(length) == Some(&b'=')
}

/// The quote that stands right before a header's name, unless it is closed right after it.
fn enclosing(bytes: &[u8], name: &Range<usize>) -> Option<(u8, usize)> {
    let (quote, before) = bytes[..name.start].split_last()?;
    if !b"\"'`".contains(quote) {
        return None;
    }
    let level = before.iter().rev().take_while(|byte| **byte == b'\\').count();
    let closed = bytes[name.clone()].iter().any(|byte| b"\"'`".contains(byte));
    (!closed).then_some((*quote, level))
}

/// A line ends at a line break, or at one that is written as an escape in a string.
fn line_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while at < bytes.len() {
        let escaped = bytes[at] == b'\\' && matches!(bytes.get(at + 1), Some(b'n' | b'r'));
        if escaped || matches!(bytes[at], b'\n' | b'\r') {
            return Some(at);
        }
        at += 1;
    }
    None
}
