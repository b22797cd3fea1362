//! What a person is asked to allow is what they see.

use std::borrow::Cow;

use cowork_policy::visible;
use proptest::prelude::*;

#[test]
fn text_that_hides_nothing_is_given_back_as_it_is() {
    for text in ["", "rm -rf x\n\ty", "Zürich – 東京 שלום 🙂 a\u{a0}b \u{fffd}"] {
        assert!(
            matches!(visible(text), Cow::Borrowed(shown) if shown == text),
            "{text:?} was changed"
        );
    }
}

#[test]
fn what_reorders_hides_or_commands_is_shown() {
    let bidirectional = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
    let without_width = [
        '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{2060}', '\u{feff}', '\u{ad}',
    ];
    let carrying = ['\u{fe0f}', '\u{e0041}', '\u{e0100}', '\u{3164}'];
    let controls = ['\0', '\r', '\u{1b}', '\u{7f}', '\u{9b}', '\u{2028}', '\u{85}'];
    for character in bidirectional.chain(without_width).chain(carrying).chain(controls) {
        assert_eq!(
            visible(&format!("é{character}b{character}")),
            "é\u{fffd}b\u{fffd}",
            "U+{:04X}",
            u32::from(character)
        );
    }
}

proptest! {
    #[test]
    fn showing_replaces_characters_one_by_one_and_once(text in any::<String>()) {
        let shown = visible(&text);
        prop_assert_eq!(shown.chars().count(), text.chars().count());
        for (before, after) in text.chars().zip(shown.chars()) {
            prop_assert!(after == before || after == char::REPLACEMENT_CHARACTER);
            prop_assert!(!after.is_control() || matches!(after, '\n' | '\t'));
        }
        prop_assert!(matches!(visible(&shown), Cow::Borrowed(_)));
    }
}
