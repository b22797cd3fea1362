//! Names whose value is a secret, or may be one.
//!
//! A name counts by how it ends: `max_tokens` and `token_count` are none, `GITHUB_TOKEN` is one.

use crate::shapes::Class;

/// Names whose value is a secret whatever it looks like. A name that ends in `key` is one of them when a word of
/// [`KINDS_OF_KEY`] stands before.
pub(crate) const STRONG: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "credential",
    "credentials",
    "jwt",
    "device_code",
    "devicecode",
    "authorization_code",
    "authorizationcode",
    "code_verifier",
    "codeverifier",
];

/// What makes of a `key` a secret one, written together or with `_`, `.`, `-` or a blank between.
const KINDS_OF_KEY: &[&str] = &[
    "access",
    "account",
    "api",
    "auth",
    "client",
    "consumer",
    "deploy",
    "encryption",
    "license",
    "master",
    "private",
    "secret",
    "service",
    "session",
    "shared",
    "signing",
    "subscription",
    "webhook",
];

/// Names whose value is a secret when it looks like one, see [`crate::entropy::is_random`]. In the query of an
/// address those of [`QUERY`] are secret whatever they look like.
pub(crate) const WEAK: &[&str] = &[
    "key",
    "auth",
    "pass",
    "cred",
    "creds",
    "sig",
    "signature",
    "salt",
    "seed",
    "private",
    "hmac",
    "csrf",
    "xsrf",
    "otp",
    "nonce",
];

/// What makes of a `key` an identifier, whose value may look random and is looked up by it.
const KINDS_OF_IDENTIFIER: &[&str] = &[
    "cache",
    "foreign",
    "group",
    "idempotency",
    "index",
    "object",
    "partition",
    "primary",
    "public",
    "row",
    "sort",
];

/// Query parameters that are secret in an address although their names say little elsewhere.
pub(crate) const QUERY: &[&str] = &["key", "sig", "signature", "auth"];

/// The same, of names that say nothing elsewhere; with the sign that ends them.
pub(crate) const QUERY_ONLY: &[&str] = &["code=", "sas=", "ticket=", "assertion=", "samlresponse="];

/// Headers whose value is the rest of the line, with what may stand before the name.
pub(crate) const HEADERS: &[(&str, &str)] = &[("authorization", "proxy-"), ("cookie", "set-")];

/// How long a command line's option may be that a name ends.
const LONGEST_OPTION: usize = 128;

/// How far a name's digits go: `password2`.
pub(crate) fn digits(bytes: &[u8]) -> usize {
    Class::Digit.run(&bytes[..bytes.len().min(3)])
}

/// Whether a `key` that begins where `before` ends is a secret one.
pub(crate) fn is_secret_key(before: &[u8]) -> bool {
    ends_in(without_separator(before), KINDS_OF_KEY)
}

/// Whether a `key` that begins where `before` ends names what is looked up by it.
pub(crate) fn is_identifier(before: &[u8]) -> bool {
    ends_in(without_separator(before), KINDS_OF_IDENTIFIER)
}

/// Whether what ends here could be the first half of a name that a blank divides.
pub(crate) fn may_go_on(before: &[u8]) -> bool {
    ends_in(before, KINDS_OF_KEY)
}

fn without_separator(before: &[u8]) -> &[u8] {
    match before {
        [rest @ .., b'_' | b'.' | b'-' | b' '] => rest,
        _ => before,
    }
}

fn ends_in(before: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| {
        before
            .len()
            .checked_sub(word.len())
            .is_some_and(|start| before[start..].eq_ignore_ascii_case(word.as_bytes()))
    })
}

/// Whether a weak name is a word of its own: `authKey`, `API_AUTH` and `key`, but not `monkey`.
pub(crate) fn is_word(bytes: &[u8], start: usize) -> bool {
    match bytes[..start].last() {
        Some(before) if before.is_ascii_alphabetic() => {
            before.is_ascii_lowercase() && bytes[start].is_ascii_uppercase()
        }
        _ => true,
    }
}

/// Whether a name that begins where `before` ends is, or ends, an option of a command line: `--github-token`.
pub(crate) fn is_option(before: &[u8]) -> bool {
    let length = Class::Url.run_before(before, LONGEST_OPTION);
    before[before.len() - length..].windows(2).any(|two| two == b"--")
}

/// The length of what stands between a name and its value: the closing quote of the name, then `=`, `:`, `=>` or
/// `:=`, with blanks and tabs around it.
pub(crate) fn between(bytes: &[u8]) -> Option<usize> {
    let mut at = bytes.iter().take(8).take_while(|byte| **byte == b'\\').count();
    at += usize::from(matches!(bytes.get(at), Some(b'"' | b'\'' | b']')));
    at += blanks(&bytes[at..]);
    at += match bytes.get(at..) {
        Some([b'=', b'>', ..] | [b':', b'=', ..]) => 2,
        Some([b'=' | b':', ..]) => 1,
        _ => return None,
    };
    loop {
        at += blanks(&bytes[at..]);
        match escaped_tab(&bytes[at..]) {
            Some(length) => at += length,
            None => break,
        }
    }
    let some = b"Some(";
    Some(if bytes[at..].starts_with(some) {
        at + some.len()
    } else {
        at
    })
}

/// The length of a tab that is written as an escape, as in a text that is quoted. It belongs to no value.
fn escaped_tab(bytes: &[u8]) -> Option<usize> {
    let escapes = bytes.iter().take(8).take_while(|byte| **byte == b'\\').count();
    (escapes > 0 && bytes.get(escapes) == Some(&b't')).then_some(escapes + 1)
}

/// How many blanks stand here.
pub(crate) fn blanks(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count()
}

/// Whether a name that stands by itself, apart from its value, hides it.
pub(crate) fn hides(name: &str, value: &str) -> bool {
    let name = name
        .trim_end_matches(|last: char| last.is_ascii_digit())
        .as_bytes();
    let ends_with = |words: &[&str]| ends_in(name, words);
    let before = &name[..name.len().saturating_sub("key".len())];
    let key = ends_with(&["key"]);
    let header = HEADERS.iter().any(|(header, _)| ends_with(&[*header]));
    if header || ends_with(STRONG) || (key && is_secret_key(before)) {
        return true;
    }
    let weak = WEAK
        .iter()
        .any(|weak| ends_with(&[*weak]) && is_word(name, name.len() - weak.len()));
    weak && !(key && is_identifier(before))
        && value.bytes().all(|byte| Class::Credential.holds(byte))
        && crate::entropy::is_random(value.as_bytes())
}
