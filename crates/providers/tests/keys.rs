//! What is said of keys, and what is shown of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use cowork_providers::{Catalogue, clean_key, looks_wrong, masked};
use proptest::prelude::*;

const ANTHROPIC: &str = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz";
const OPENAI: &str = "sk-proj-abcdefghijklmnopqrstuvwxyz0123";

fn wrong(id: &str, key: &str) -> Option<String> {
    looks_wrong(Catalogue::stock().get(id).unwrap(), key)
}

#[test]
fn the_key_within_a_pasted_line_is_found() {
    for line in [
        format!("  {ANTHROPIC}\r\n"),
        format!("\"{ANTHROPIC}\""),
        format!("'{ANTHROPIC}'"),
        format!("ANTHROPIC_API_KEY={ANTHROPIC}"),
        format!("export ANTHROPIC_API_KEY=\"{ANTHROPIC}\""),
        format!("export ANTHROPIC_API_KEY={ANTHROPIC};"),
        format!("set ANTHROPIC_API_KEY={ANTHROPIC}"),
        format!("$env:ANTHROPIC_API_KEY = '{ANTHROPIC}'"),
        format!("Bearer {ANTHROPIC}"),
    ] {
        assert_eq!(clean_key(&line), ANTHROPIC, "{line}");
    }
}

#[test]
fn a_key_that_only_looks_like_a_line_stays_as_it_is() {
    for key in [
        "ABSKQmVkcm9j==",
        "A_B==",
        "abc=def",
        "KEY",
        "a=",
        "=",
        "\"",
        "x'y",
    ] {
        assert_eq!(clean_key(key), key);
    }
}

#[test]
fn a_good_key_is_not_complained_about() {
    assert_eq!(wrong("anthropic", ANTHROPIC), None);
    assert_eq!(wrong("openai", OPENAI), None);
    assert_eq!(wrong("deepseek", "sk-0123456789abcdef0123456789abcdef"), None);
    assert_eq!(wrong("mistral", "0123456789abcdefghijABCDEFGHIJ01"), None);
    assert_eq!(wrong("amazon-bedrock", "ABSKQmVkcm9ja0FQSUtleS0=="), None);
}

#[test]
fn what_looks_wrong_is_said_in_words_that_hold_nothing_of_the_key() {
    for (id, key, part) in [
        ("anthropic", "", "no key"),
        ("anthropic", OPENAI, "a key of OpenAI, not of Anthropic"),
        ("openai", ANTHROPIC, "a key of Anthropic, not of OpenAI"),
        (
            "openrouter",
            "gsk_abcdefghijklmnop",
            "a key of Groq, not of OpenRouter",
        ),
        ("amazon-bedrock", "AKIAABCDEFGHIJKLMNOP", "an access key's id"),
        ("anthropic", "abcdefghijklmnopqrstuvwxyz", "begin with sk-ant-"),
        ("anthropic", "sk-ant-abc defghijklmnop", "a space"),
        ("anthropic", "sk-ant-abc\ndefghijklmnop", "line break"),
        ("anthropic", "sk-ant-\"abcdefghijklmnop", "quotation mark"),
        ("anthropic", "sk-ant-••••••••••••abcd", "Copy it anew"),
        ("mistral", "short", "shorter"),
        (
            "openai",
            "OPENAI_API_KEY=sk-proj-abcdefghijk",
            "a line with a key in it",
        ),
    ] {
        let said = wrong(id, key).unwrap();
        assert!(said.contains(part), "{id}: {said}");
        for secret in ["abcdefgh", "ABCDEFGH", "••••"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}

#[test]
fn enough_of_a_key_is_shown_to_recognise_it_and_no_more() {
    assert_eq!(masked(ANTHROPIC), "sk-…wxyz");
    assert_eq!(
        masked("0123456789abcdef"),
        "…cdef",
        "its beginning would be too much"
    );
    assert_eq!(masked("0123456789abcde"), "…");
    assert_eq!(masked(""), "…");
    assert_eq!(masked("ключключключключ"), "…ключ");
}

proptest! {
    #[test]
    fn never_more_than_a_quarter_of_a_key_is_shown(key in any::<String>(), plain in "[!-~]{0,80}") {
        for key in [key, plain] {
            let shown = masked(&key).chars().count() - 1;
            prop_assert!(shown * 4 <= key.chars().count());
        }
    }

    #[test]
    fn a_cleaned_key_is_clean_and_a_part_of_what_was_pasted(text in any::<String>(), key in "[a-zA-Z0-9_-]{12,60}") {
        prop_assert!(text.contains(clean_key(&text)));
        prop_assert_eq!(clean_key(&key), key.as_str());
        let line = format!("export SOME_KEY='{key}'");
        prop_assert_eq!(clean_key(&line), key.as_str());
    }

    #[test]
    fn no_complaint_repeats_the_key(key in "[!-~]{12,60}") {
        if let Some(said) = wrong("anthropic", &key) {
            prop_assert!(!said.contains(&key));
        }
    }
}
