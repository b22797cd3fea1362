//! Text to HTML text: escaping, and the characters that would make text lie about itself.
//!
//! Bidirectional overrides can show code in another order than it runs (CVE-2021-42574, "Trojan Source"), so code
//! shows them as marks; in prose they and control characters carry no meaning and are left out.

use std::fmt::Write as _;

/// Whether a character reorders the text around it: the embeddings, overrides and isolates of Unicode.
fn reorders(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character must not reach the document as itself.
pub(crate) fn deceives(character: char) -> bool {
    reorders(character) || (character.is_control() && !matches!(character, '\n' | '\t'))
}

/// Appends prose: markup characters escaped, deceiving characters left out.
pub(crate) fn push_text(out: &mut String, text: &str) {
    push(out, text, |_, _| ());
}

/// Appends code: markup characters escaped, deceiving characters shown as marks that name them.
pub(crate) fn push_code(out: &mut String, code: &str) {
    push(out, code, |out, character| {
        let point = u32::from(character);
        let glyph = match point {
            0x00..=0x1F => char::from_u32(0x2400 + point).unwrap_or('␣'),
            0x7F => '␡',
            _ => '␣',
        };
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "<span class=\"control\" title=\"U+{point:04X}\">{glyph}</span>"
        );
    });
}

/// Appends an attribute value (for double quotes), deceiving characters left out.
pub(crate) fn push_attribute(out: &mut String, value: &str) {
    push_text(out, value);
}

fn push(out: &mut String, text: &str, deceiving: impl Fn(&mut String, char)) {
    let mut from = 0;
    for (at, character) in text.char_indices() {
        let entity = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            _ if deceives(character) => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        from = at + character.len_utf8();
        if entity.is_empty() {
            deceiving(out, character);
        } else {
            out.push_str(entity);
        }
    }
    out.push_str(&text[from..]);
}
