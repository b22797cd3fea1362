//! What a server says, made fit to be shown.

/// An explanation that is longer is cut: it explains nothing more.
const LONGEST: usize = 200;

/// What a server said: one line, without control characters, bounded, and without the secrets of this exchange,
/// which a server may well repeat.
pub(crate) fn said(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "[redacted]");
    }
    let mut line = String::new();
    for word in text
        .split(|character: char| character.is_control() || character.is_whitespace())
        .filter(|word| !word.is_empty())
    {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > LONGEST {
            break;
        }
    }
    if line.chars().count() > LONGEST {
        line = line.chars().take(LONGEST).collect();
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn what_a_server_says_is_one_bounded_line_without_secrets() {
        assert_eq!(said("a\n\u{1b}[31mb  c\u{0}", &[]), "a [31mb c");
        assert_eq!(
            said("token tok-1 is bad", &["tok-1", ""]),
            "token [redacted] is bad"
        );
        assert_eq!(said(&"ü".repeat(5000), &[]).chars().count(), 201);
    }
}
