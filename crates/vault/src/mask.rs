//! What of a secret may be shown, so that a person knows which one it is.

/// Characters of the end that are shown at most.
const END: usize = 4;
/// Characters before the first dash that are still a kind of key (`sk-`, `xai-`) and not the key itself.
const KIND: usize = 3;

/// `sk-…abcd`: the kind and the end. Never more than a quarter of the characters, so that a short secret shows
/// nothing. Control characters are shown as `·`.
pub(crate) fn masked(value: &str) -> String {
    let count = value.chars().count();
    let shown = count / 4;
    let end = END.min(shown);
    let kind = match value.chars().position(|letter| letter == '-') {
        Some(dash @ 1..=KIND) if dash + 1 + end <= shown => dash + 1,
        _ => 0,
    };
    let visible = |letter: char| if letter.is_control() { '·' } else { letter };
    let beginning = value.chars().take(kind);
    let ending = value.chars().skip(count - end);
    beginning.chain(['…']).chain(ending).map(visible).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_kind_and_the_end_are_shown() {
        assert_eq!(masked("sk-ant-api03-0123456789abcd"), "…abcd");
        assert_eq!(masked("sk-ant-api03-0123456789-xyzabcd"), "sk-…abcd");
        assert_eq!(masked("xai-0123456789012345678901234567abcd"), "xai-…abcd");
        assert_eq!(masked("gsk_0123456789012345678901234567abcd"), "…abcd");
    }

    #[test]
    fn a_short_secret_shows_nothing() {
        assert_eq!(masked(""), "…");
        assert_eq!(masked("abc"), "…");
        assert_eq!(masked("hunter2"), "…2");
    }

    proptest! {
        #[test]
        fn never_more_than_a_quarter_is_shown(value in ".{0,80}") {
            let shown = masked(&value).chars().count() - 1;
            prop_assert!(shown * 4 <= value.chars().count());
            prop_assert!(!masked(&value).chars().any(char::is_control));
        }
    }
}
