//! Text to be approved, so that what is seen is what is approved.

use std::borrow::Cow;

/// The text with everything that cannot be seen, or that changes how its surroundings are seen, replaced by U+FFFD:
/// bidirectional overrides and isolates (they show `gpj.x` for `x.jpg`), characters without width (they make two
/// different names look alike and carry messages nobody reads), Unicode's line and paragraph separators, and control
/// characters other than line feed and tab (a terminal obeys them). Takes one pass; clean text is given back as it is.
///
/// Use it for what a person is asked to allow. It is too strict for prose: it takes joined emoji and some scripts'
/// letters apart.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(hides) else {
        return Cow::Borrowed(text);
    };
    let (clean, rest) = text.split_at(first);
    let mut shown = String::with_capacity(text.len());
    shown.push_str(clean);
    shown.extend(rest.chars().map(|character| {
        if hides(character) {
            char::REPLACEMENT_CHARACTER
        } else {
            character
        }
    }));
    Cow::Owned(shown)
}

/// Control characters, separators, interlinear marks, and what Unicode lists as `Default_Ignorable_Code_Point`
/// (`DerivedCoreProperties.txt`), which holds the bidirectional controls and everything of no width.
fn hides(character: char) -> bool {
    match character {
        '\n' | '\t' | ' '..='~' => false,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}
