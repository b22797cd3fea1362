//! How keys look. None is kept or copied here: what goes in comes out as a part of itself, or as words about it that
//! hold nothing of it.

use crate::descriptor::Descriptor;
use crate::known;

/// Keys are longer than this; a shorter text is a part of one, or something else.
const SHORTEST: usize = 12;
/// How a key begins is shown of those that are long enough for it, in characters.
const SHOWN_BEFORE: usize = 3;
/// How a key ends is what people compare.
const SHOWN_AFTER: usize = 4;

/// The key within what was pasted: without space around it, without an assignment before it (`export NAME=`), without
/// quotes around it and without `Bearer` before it. What is none of that stays as it is.
#[must_use]
pub fn clean_key(pasted: &str) -> &str {
    let text = without_name(pasted.trim());
    let text = text.strip_suffix(';').unwrap_or(text).trim_end();
    let text = without_quotes(text).trim();
    match text.get(..7) {
        Some(bearer) if bearer.eq_ignore_ascii_case("bearer ") => text[7..].trim_start(),
        _ => text,
    }
}

/// Without `NAME=` before it, as files of settings have it, with `export` and the like before that.
fn without_name(text: &str) -> &str {
    let line = ["export ", "set ", "$env:", "setx "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text)
        .trim_start();
    let Some((name, value)) = line.split_once('=') else {
        return text;
    };
    let (name, value) = (name.trim_end(), value.trim_start());
    let is_name = name.contains('_')
        && name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    // Some keys end in signs of equality.
    if is_name && !value.trim_matches('=').is_empty() {
        value
    } else {
        text
    }
}

fn without_quotes(text: &str) -> &str {
    ['"', '\'', '`']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(text)
}

/// What looks odd about a key for this provider, in words that hold nothing of it; none when nothing does. A warning and
/// no refusal: providers change how their keys look. Of a pasted line that [`clean_key`] finds a key in, it says so.
#[must_use]
pub fn looks_wrong(descriptor: &Descriptor, key: &str) -> Option<String> {
    let cleaned = clean_key(key);
    if cleaned.is_empty() {
        return Some("There is no key in it.".to_owned());
    }
    if cleaned != key.trim() {
        return Some("It is a line with a key in it; only the key within it is taken.".to_owned());
    }
    if cleaned.chars().any(char::is_whitespace) {
        return Some("There is a space or a line break within it. A key is one piece.".to_owned());
    }
    if cleaned.contains(['"', '\'', '`']) {
        return Some("There is a quotation mark in it. Take it out if it is not part of the key.".to_owned());
    }
    if !cleaned.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some(
            "It holds characters no key has, perhaps dots that stand for hidden ones. Copy it anew."
                .to_owned(),
        );
    }
    if let Some((_, whose, takers)) = known::SIGNS.iter().find(|(sign, ..)| cleaned.starts_with(sign))
        && !takers.contains(&descriptor.id.as_str())
    {
        return Some(format!(
            "It looks like a key of {whose}, not of {}.",
            descriptor.name
        ));
    }
    if !descriptor.key_prefix.is_empty() && !cleaned.starts_with(descriptor.key_prefix) {
        return Some(format!(
            "Keys of {} begin with {}, and this one does not.",
            descriptor.name, descriptor.key_prefix
        ));
    }
    if cleaned.len() < SHORTEST {
        return Some("It is shorter than keys are. Perhaps a part of it is missing.".to_owned());
    }
    None
}

/// Enough of a key to recognise it by: `sk-…abcd`. Never more than a quarter of it: of a short one only `…`.
#[must_use]
pub fn masked(key: &str) -> String {
    let characters: Vec<char> = key.chars().collect();
    let may_show = characters.len() / 4;
    let part = |from: usize, to: usize| {
        characters
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .collect::<String>()
    };
    let after = if may_show >= SHOWN_AFTER {
        part(characters.len() - SHOWN_AFTER, characters.len())
    } else {
        String::new()
    };
    let before = if may_show >= SHOWN_BEFORE + SHOWN_AFTER {
        part(0, SHOWN_BEFORE)
    } else {
        String::new()
    };
    format!("{before}…{after}")
}
