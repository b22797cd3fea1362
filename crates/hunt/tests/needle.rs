//! A value is found in every form it may have, and nothing else is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cowork_hunt::{Description, Form, Needle};

const VALUE: &str = "sk-canary-Zq8vT3mKw1rYx6Bn0LpJd5HsUf2GcAeQ9o7Mi4";

fn found(bytes: &[u8]) -> Vec<(Form, usize)> {
    // By its description alone, as a hunter in the box has to.
    let description: Description = Description::of(VALUE).unwrap().to_string().parse().unwrap();
    let whole: Vec<_> = Needle::new(description).find(bytes).forms().collect();
    let needle = Needle::of(VALUE).unwrap();
    let (in_pieces, read) = needle.find_in(bytes, u64::MAX).unwrap();
    assert_eq!(in_pieces.forms().collect::<Vec<_>>(), whole);
    assert_eq!(read, bytes.len() as u64);
    whole
}

fn hex(sign: &str, upper: bool) -> String {
    let digits = VALUE.bytes().map(|byte| {
        if upper {
            format!("{sign}{byte:02X}")
        } else {
            format!("{sign}{byte:02x}")
        }
    });
    digits.collect()
}

#[test]
fn every_form_is_found_between_other_bytes() {
    for (written, form) in [
        (VALUE.to_owned(), Form::Plain),
        (hex("", false), Form::Hex),
        (hex("", true), Form::Hex),
        (hex("%", false), Form::UrlEncoded),
        (hex("%", true), Form::UrlEncoded),
        (VALUE.replace('-', "%2D"), Form::UrlEncoded),
        (VALUE.replace('-', "%2d"), Form::UrlEncoded),
    ] {
        for text in [
            written.clone(),
            format!("key={written}&"),
            format!("sk-canary-{written}\""),
        ] {
            assert_eq!(found(text.as_bytes()), [(form, 1)], "{text}");
        }
        assert_eq!(found(&written.as_bytes()[..written.len() - 1]), [], "{written}");
    }
}

#[test]
fn base64_is_found_whatever_stands_before_and_after_it() {
    for before in ["", "x", "xy", "Bearer ", "opencode:"] {
        for after in ["", "\n", "\",\"more\":1"] {
            let bytes = format!("{before}{VALUE}{after}");
            for text in [STANDARD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
                assert_eq!(found(text.as_bytes()), [(Form::Base64, 1)], "{bytes}");
                let lines: Vec<_> = text
                    .as_bytes()
                    .chunks(60)
                    .map(|line| String::from_utf8_lossy(line).into_owned())
                    .collect();
                assert_eq!(
                    found(lines.join("\r\n").as_bytes()),
                    [(Form::Base64, 1)],
                    "{bytes}"
                );
            }
        }
    }
}

#[test]
fn two_bytes_for_each_character_are_found_in_either_order() {
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let text: Vec<u8> = format!("a{VALUE}b").encode_utf16().flat_map(order).collect();
        assert_eq!(found(&text), [(Form::Utf16, 1)]);
        assert_eq!(found(&text[1..text.len() - 1]), [(Form::Utf16, 1)]);
    }
}

#[test]
fn a_value_is_found_once_wherever_a_piece_ends() {
    const PIECE: usize = 1024 * 1024;
    let forms: [(String, Form); 3] = [
        (VALUE.to_owned(), Form::Plain),
        (STANDARD.encode(format!("xy{VALUE}")), Form::Base64),
        (hex("%", true), Form::UrlEncoded),
    ];
    for (written, form) in forms {
        for end in (PIECE - 300..PIECE + 300).step_by(7) {
            let mut bytes = vec![b'.'; end - written.len()];
            bytes.extend_from_slice(written.as_bytes());
            bytes.extend(vec![b'.'; 2 * PIECE]);
            assert_eq!(found(&bytes), [(form, 1)], "{form:?} that ends at {end}");
        }
    }
}

#[test]
fn another_value_is_not_found() {
    let other = VALUE.replace("Zq8v", "Zq8w");
    let mut upper = VALUE.to_owned();
    upper.make_ascii_uppercase();
    for text in [
        other.clone(),
        STANDARD.encode(&other),
        upper,
        "sk-canary-".repeat(50),
    ] {
        assert_eq!(found(text.as_bytes()), [], "{text}");
    }
}

#[test]
fn a_description_does_not_hold_the_value() {
    let text = Description::of(VALUE).unwrap().to_string();
    assert!(text.starts_with("sk-canary-:48:"), "{text}");
    assert!(!text.contains(&VALUE[10..14]), "{text}");
    assert_eq!(found(text.as_bytes()), []);
}

#[test]
fn what_cannot_be_looked_for_is_refused() {
    for value in ["", "short", "sixteen letters\u{e9}x", &"x".repeat(257)] {
        assert!(Description::of(value).is_err(), "{value}");
    }
    for text in [
        "",
        "a:b:c",
        "sk-canary-:48:00",
        "short:48:aa",
        &format!("sk-canary-:x:{}", "0".repeat(64)),
    ] {
        assert!(text.parse::<Description>().is_err(), "{text}");
    }
}
