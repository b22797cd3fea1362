//! Whether what stands between marks is a formula: prices, variables of a shell and escaped brackets have them, too.

use std::ops::Range;

use super::Marks;

/// Whether what stands between two dollars at `range` of `text` is a formula, and not two prices or two variables of a
/// shell with words between.
pub(crate) fn is_formula(text: &str, range: &Range<usize>, source: &str, display: bool) -> bool {
    if display {
        return source
            .contains(|character: char| character.is_ascii_digit() || "\\^_{=+-<>*/".contains(character))
            || source.trim().chars().count() <= 2;
    }
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    if before.is_some_and(|character| character.is_ascii_alphanumeric() || character == '\\')
        || after.is_some_and(|character| character.is_ascii_digit())
    {
        return false;
    }
    let written_as_tex = source.contains(['\\', '^', '{']);
    if after.is_some_and(|character| character.is_ascii_alphabetic()) {
        return written_as_tex || source.len() <= 4;
    }
    let words = source
        .split(|character: char| !character.is_alphabetic())
        .filter(|word| word.chars().count() > 1)
        .count();
    let price = source.starts_with(|character: char| character.is_ascii_digit() || character == '.');
    written_as_tex || words < if price { 1 } else { 3 }
}

/// Whether what stands between brackets with backslashes, at `range` of `text` with them, is a formula, and not words
/// whose brackets are escaped so that they are no link, no task and no call.
pub(crate) fn is_between_brackets(text: &str, range: &Range<usize>) -> bool {
    let written = &text[range.clone()];
    let Some(source) = written.get(2..written.len() - 2).map(str::trim) else {
        return false;
    };
    if source.is_empty() {
        return false;
    }
    if is_written_as_tex(source) {
        return true;
    }
    let alphanumeric = |character: char| character.is_alphanumeric() || matches!(character, '_' | ']');
    let called = text[..range.start].chars().next_back().is_some_and(alphanumeric);
    let mut words = source
        .split(|character: char| !character.is_alphabetic())
        .map(|word| word.chars().count())
        .filter(|length| *length > 1);
    // One product of up to three letters, as the sides of a triangle; anything longer is a word.
    let prose = words.next().is_some_and(|length| length > 3) || words.next().is_some();
    if called || prose {
        return false;
    }
    if Marks::of(written).display() {
        let compares = source.contains(['=', '+', '<', '>', '*', '/']);
        return compares || source.contains('-') && source.contains(char::is_alphabetic);
    }
    true
}

/// Whether there is something in it that only TeX has: a command, an exponent, a group.
fn is_written_as_tex(source: &str) -> bool {
    let command = |(at, _): (usize, &str)| {
        source[at + 1..].starts_with(|next: char| {
            next.is_ascii_alphabetic() || matches!(next, '\\' | ',' | ';' | '{' | '}')
        })
    };
    // One that begins with it is a footnote.
    source.match_indices('\\').any(command) || !source.starts_with('^') && source.contains(['^', '{'])
}
