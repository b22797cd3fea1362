//! Payloads that try to run, load, style or leave: none of it may survive, in any place markdown can put it.

use crate::payloads::PAYLOADS;
use crate::reading;
use cowork_markdown::{Document, render};

/// The places a payload can stand in.
fn placed(payload: &str) -> Vec<String> {
    let one_line = payload.replace('\n', " ");
    let indented = payload.replace('\n', "\n  ");
    vec![
        payload.to_owned(),
        format!("text {payload} text"),
        format!("- {indented}"),
        format!("> {}", payload.replace('\n', "\n> ")),
        format!("# {one_line}"),
        format!("| a |\n|---|\n| {one_line} |"),
        format!("| {one_line} |\n|---|\n| b |"),
        format!("**{payload}**"),
        format!("[{one_line}](https://safe.example)"),
        format!("a[^1]\n\n[^1]: {one_line}"),
        format!("<div>\n{payload}\n</div>"),
        format!("<b><i>{payload}"),
        format!("```html\n{payload}\n```"),
        format!("```{one_line}\nx\n```"),
    ]
}

#[test]
fn no_payload_survives_in_any_place() {
    assert!(PAYLOADS.len() >= 80);
    for payload in PAYLOADS {
        for source in placed(payload) {
            reading::assert_safe(&source, &render(&source));
        }
    }
}

#[test]
fn no_payload_shows_for_a_moment_while_it_streams() {
    for payload in PAYLOADS {
        for source in placed(payload) {
            let mut document = Document::new();
            for character in source.chars() {
                document.push(character.encode_utf8(&mut [0; 4]));
                reading::assert_safe(&source, document.blocks());
            }
        }
    }
}

#[test]
fn the_check_of_these_tests_sees_what_it_looks_for() {
    for bad in [
        "<script>",
        "<b onclick=x>",
        "<a href=javascript:x>",
        "<p style=x>",
        "<b id=x>",
        "<img src=x>",
    ] {
        let seen = reading::read(bad);
        let found = seen.iter().any(|seen| match seen {
            reading::Seen::Open(name, attributes) => name == "script" || !attributes.is_empty(),
            _ => false,
        });
        assert!(found, "{bad}");
    }
}
