//! Text that leaves in pieces.

mod tables;

use std::path::Path;

use cowork_redact::{MARK, Redactor};
use tables::{HARMLESS, KEYS, SECRETS};

fn redactor() -> Redactor {
    Redactor::new(Some(Path::new("/home/ada")))
}

/// What comes out when the pieces go in.
fn streamed<'t>(pieces: impl IntoIterator<Item = &'t str>) -> String {
    let mut stream = redactor().stream();
    let mut out = String::new();
    for piece in pieces {
        out.push_str(&stream.push(piece));
    }
    out.push_str(&stream.finish());
    out
}

/// A text at each of its characters.
fn characters(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices()
        .map(|(at, character)| &text[at..at + character.len_utf8()])
}

#[test]
fn every_split_of_every_row_is_cleaned_as_the_whole_is() {
    let rows = SECRETS.iter().map(|(text, _)| (*text).to_owned());
    let keys = KEYS.iter().map(|(prefix, rest)| format!("a {prefix}{rest} b"));
    let harmless = HARMLESS.iter().map(|text| (*text).to_owned());
    for row in rows.chain(keys).chain(harmless) {
        let text = format!("before\n{row}\nin /home/ada/x\n");
        let whole = redactor().redact(&text).into_owned();
        for (at, _) in text.char_indices() {
            assert_eq!(
                streamed([&text[..at], &text[at..]]),
                whole,
                "{text:?} split at {at}"
            );
        }
        assert_eq!(
            streamed(characters(&text)),
            whole,
            "{text:?} a character at a time"
        );
    }
}

#[test]
fn by_words_every_row_is_cleaned_as_the_whole_is() {
    let rows = SECRETS.iter().map(|(text, _)| (*text).to_owned());
    let keys = KEYS.iter().map(|(prefix, rest)| format!("a {prefix}{rest} b"));
    let harmless = HARMLESS.iter().map(|text| (*text).to_owned());
    for row in rows.chain(keys).chain(harmless) {
        let text = format!(
            "{0} {row} {0} in /home/ada/x\n",
            "words that follow on each other ".repeat(4)
        );
        let mut stream = redactor().stream_by_words();
        let mut out = String::new();
        for character in characters(&text) {
            out.push_str(&stream.push(character));
        }
        out.push_str(&stream.finish());
        assert_eq!(out, redactor().redact(&text), "{text:?} a character at a time");
    }
}

#[test]
fn by_words_a_line_is_read_while_it_comes() {
    let mut stream = redactor().stream_by_words();
    let (mut given, mut out) = (0, 0);
    for word in "and the next word follows on the one before it "
        .split_inclusive(' ')
        .cycle()
        .take(500)
    {
        given += word.len();
        out += stream.push(word).len();
        assert!(given - out <= 128, "{given} bytes came and {out} went out");
    }
}

#[test]
fn at_no_moment_is_a_part_of_a_secret_out() {
    for (text, secret) in SECRETS {
        let mut stream = redactor().stream();
        let mut out = String::new();
        for character in characters(text) {
            out.push_str(&stream.push(character));
            assert!(!out.contains(secret), "{text:?} became {out:?}");
        }
        out.push_str(&stream.finish());
        assert!(!out.contains(secret), "{text:?} became {out:?}");
    }
}

#[test]
fn a_line_goes_out_when_it_ends_and_not_before() {
    let mut stream = redactor().stream();
    assert_eq!(stream.push("one"), "");
    assert_eq!(stream.push(" two\nthr"), "one two\n");
    assert_eq!(stream.push("ee\nfour\nfi"), "three\nfour\n");
    assert_eq!(stream.finish(), "fi");
}

#[test]
fn an_open_quote_or_block_holds_the_lines_in_it_back_and_not_those_before() {
    for (open, inside, close, cleaned) in [
        ("password=\"", "hun\nter2\n", "\"\n", "password=\"[redacted]\"\n"),
        (
            "-----BEGIN PRIVATE KEY-----\n",
            "MIIE\nvQIB\n",
            "-----END PRIVATE KEY-----\n",
            "[redacted]\n",
        ),
    ] {
        let mut stream = redactor().stream();
        assert_eq!(stream.push(&format!("a line\n{open}{inside}")), "a line\n");
        let mut out = stream.push(close);
        out.push_str(&stream.finish());
        assert_eq!(out, cleaned);
    }
}

#[test]
fn the_home_folder_split_over_pieces_becomes_a_tilde() {
    let text = "in /home/ada/notes\n/home/adam\n/home/ada";
    assert_eq!(streamed(characters(text)), "in ~/notes\n/home/adam\n~");
    let windows = Redactor::new(Some(Path::new("C:\\Users\\Ada Lovelace")));
    let mut stream = windows.stream();
    let mut out = String::new();
    for character in characters("{\"cwd\":\"C:\\\\Users\\\\Ada Lovelace\\\\x\"} C:/Users/Ada Lovelace/y") {
        out.push_str(&stream.push(character));
    }
    out.push_str(&stream.finish());
    assert_eq!(out, "{\"cwd\":\"~\\\\x\"} ~/y");
}

#[test]
fn a_long_line_goes_out_in_parts() {
    let text = "{\"id\":1,\"text\":\"some words\"},".repeat(20_000);
    let mut stream = redactor().stream();
    let (mut out, mut most_held) = (String::new(), 0);
    let mut taken = 0;
    for piece in text.as_bytes().chunks(1000) {
        out.push_str(&stream.push(std::str::from_utf8(piece).unwrap()));
        taken += piece.len();
        most_held = most_held.max(taken - out.len());
    }
    out.push_str(&stream.finish());
    assert_eq!(out, text);
    assert!(most_held < 16 * 1024, "{most_held} bytes were held back");
}

#[test]
fn words_without_a_comma_or_a_line_s_end_go_out_too() {
    let text = "ab12 ".repeat(40_000);
    assert_eq!(streamed(characters(&text)), text);
}

#[test]
fn a_value_longer_than_can_be_held_takes_the_rest_along() {
    for open in [
        "password=\"",
        "Cookie: ",
        "token=",
        "-----BEGIN PRIVATE KEY-----\n",
        "https://u:",
    ] {
        let text = format!("a line\n{open}{}SECRET", "x7".repeat(60_000));
        let mut stream = redactor().stream();
        let mut out = stream.push(&text);
        assert!(out.starts_with("a line\n") && out.ends_with(MARK), "{out:?}");
        out.push_str(&stream.push("more@\"\n-----END PRIVATE KEY-----\nand on\n"));
        out.push_str(&stream.finish());
        assert_eq!(
            out,
            format!("a line\n{MARK}"),
            "what follows could be of the secret"
        );
    }
}

#[test]
fn a_word_without_end_is_dropped_and_what_follows_it_is_not() {
    let picture = "iVBORw0KGgo".repeat(20_000);
    let text = format!("{{\"n\":1,\"data\":\"{picture}\",\"token\":\"hunter2\",\"n\":2}}\n");
    let cleaned = format!("{{\"n\":1,\"data\":\"{MARK}\",\"token\":\"{MARK}\",\"n\":2}}\n");
    assert_eq!(streamed([text.as_str()]), cleaned);
    assert_eq!(streamed(characters(&text)), cleaned);
}

#[test]
fn a_word_without_end_that_ends_in_a_name_hides_the_value_behind_it() {
    for named in [
        "token: hunter2",
        "token\": \"hunter2\"",
        "token hunter2 = x",
        "Cookie\": \"hunter2\"",
    ] {
        let text = format!("{}{named}\n", "a1".repeat(60_000));
        let out = streamed([text.as_str()]);
        assert!(!out.contains("hunter2"), "{named:?} became {out:?}");
    }
    let key = format!("sk-{}", "aB3".repeat(60_000));
    assert_eq!(streamed([key.as_str(), " and on"]), format!("{MARK} and on"));
}

#[test]
fn what_is_held_back_shows_in_no_debug_output() {
    let mut stream = redactor().stream();
    assert_eq!(stream.push("password=hunter2"), "");
    assert!(!format!("{stream:?}").contains("hunter2"));
}
