//! Secrets whose mark stands in their middle, or that are made of parts.

use std::ops::Range;

use super::{Class, begins};

/// A secret that is known by a text in or before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Composed {
    /// A JSON web token: `eyJ….….…`
    WebToken,
    /// `SG.….…`
    SendGrid,
    /// The part after `…slack.com/services/`, which is all it takes to write there.
    SlackHook,
    /// The same of Discord: `…/api/webhooks/1/…`
    DiscordHook,
    /// `M….….…`: the user's number in base64, a time and the secret.
    Discord,
    /// `123456789:AA…`
    Telegram,
    /// `….atlasv1.…`
    Terraform,
    /// `xxx8Q~…`, a client secret of Microsoft's directory.
    Azure,
    /// `…-us1`, thirty-two hexadecimal digits and the data centre.
    Mailchimp,
}

/// What each is known by. A point alone is much looked at, and nearly always dismissed by the byte after it.
pub(crate) const COMPOSED: &[(&str, Composed)] = &[
    ("eyJ", Composed::WebToken),
    ("SG.", Composed::SendGrid),
    ("hooks.slack.com/", Composed::SlackHook),
    ("/api/webhooks/", Composed::DiscordHook),
    (".", Composed::Discord),
    (":AA", Composed::Telegram),
    (".atlasv1.", Composed::Terraform),
    ("Q~", Composed::Azure),
    ("-us", Composed::Mailchimp),
];

/// The parts of a web token after its first two: three when it is encrypted.
const MORE_PARTS: usize = 3;
/// How far back a first part is looked for. Real ones are shorter.
const LONGEST_FIRST: usize = 32;

impl Composed {
    /// What to take out where `mark` was seen. `url_run` finds where the run of [`Class::Url`] ends that a place
    /// lies in; it remembers, because a run may be asked for many times.
    pub(crate) fn secret(
        self,
        bytes: &[u8],
        mark: &Range<usize>,
        url_run: impl Fn(usize) -> usize,
    ) -> Option<Range<usize>> {
        let after = &bytes[mark.end..];
        match self {
            Self::WebToken => {
                let exact = bytes[mark.clone()] == *b"eyJ" && begins(bytes, mark.start);
                exact.then(|| web_token(bytes, mark, url_run)).flatten()
            }
            Self::SendGrid => {
                let exact = bytes[mark.clone()] == *b"SG." && begins(bytes, mark.start);
                let second = exact.then(|| part(bytes, mark.end, 16, &url_run)).flatten()?;
                let end = part(bytes, second + 1, 16, &url_run)?;
                (bytes.get(second) == Some(&b'.')).then_some(mark.start..end)
            }
            Self::SlackHook => {
                let kind = [&b"services/"[..], b"workflows/", b"triggers/"]
                    .into_iter()
                    .find(|kind| after.starts_with(kind))?;
                let start = mark.end + kind.len();
                let length = Class::Path.run(&bytes[start..]);
                (length >= 16).then_some(start..start + length)
            }
            Self::DiscordHook => {
                let number = Class::Digit.run(after);
                let start = mark.end + number + 1;
                let slash = number >= 16 && bytes.get(start - 1) == Some(&b'/');
                let end = slash.then(|| part(bytes, start, 40, &url_run)).flatten()?;
                Some(start..end)
            }
            Self::Discord => discord(bytes, mark, &url_run),
            Self::Telegram => {
                let number = Class::Digit.run_before(&bytes[..mark.start], 13);
                let exact = bytes[mark.clone()] == *b":AA" && (8..=12).contains(&number);
                let end = exact.then(|| part(bytes, mark.end, 30, &url_run)).flatten()?;
                Some(mark.start - number..end)
            }
            Self::Terraform => {
                let first = Class::Letter.run_before(&bytes[..mark.start], LONGEST_FIRST);
                let end = part(bytes, mark.end, 40, &url_run)?;
                (first >= 10).then_some(mark.start - first..end)
            }
            Self::Azure => {
                // Three of any kind and a digit, of which no more is looked at: a name may stand right before.
                let before = &bytes[..mark.start];
                let exact = bytes[mark.clone()] == *b"Q~"
                    && before.last().is_some_and(u8::is_ascii_digit)
                    && Class::Tilde.run_before(before, 4) == 4
                    && Class::Tilde.runs_for(after, 30);
                exact.then(|| mark.start - 4..mark.end + Class::Tilde.run(after))
            }
            Self::Mailchimp => {
                let digits = Class::Digit.run(&after[..after.len().min(3)]);
                let before = Class::Hexadecimal.run_before(&bytes[..mark.start], 33);
                let ends = after.get(digits).is_none_or(|byte| !Class::Word.holds(*byte));
                let exact = (1..=2).contains(&digits) && before == 32 && ends;
                exact.then(|| mark.start - 32..mark.end + digits)
            }
        }
    }
}

/// The end of a part of at least so many bytes.
fn part(bytes: &[u8], start: usize, least: usize, url_run: impl Fn(usize) -> usize) -> Option<usize> {
    let enough = bytes
        .get(start..)
        .is_some_and(|rest| Class::Url.runs_for(rest, least));
    enough.then(|| url_run(start))
}

fn web_token(bytes: &[u8], mark: &Range<usize>, url_run: impl Fn(usize) -> usize) -> Option<Range<usize>> {
    let first = part(bytes, mark.end, 8, &url_run)?;
    if bytes.get(first) != Some(&b'.') {
        return None;
    }
    let mut end = part(bytes, first + 1, 8, &url_run)?;
    for _ in 0..MORE_PARTS {
        if bytes.get(end) != Some(&b'.') {
            break;
        }
        end = end + 1 + Class::Url.run(&bytes[end + 1..]);
    }
    Some(mark.start..end)
}

fn discord(bytes: &[u8], mark: &Range<usize>, url_run: impl Fn(usize) -> usize) -> Option<Range<usize>> {
    let after = &bytes[mark.end..];
    // In order of what it costs: six bytes and a point come first.
    let middle = after
        .iter()
        .take(8)
        .take_while(|byte| Class::Url.holds(**byte))
        .count();
    if !(6..=7).contains(&middle) || after.get(middle) != Some(&b'.') {
        return None;
    }
    let first = Class::Url.run_before(&bytes[..mark.start], LONGEST_FIRST);
    let start = mark.start - first;
    let numbered = (23..=29).contains(&first) && matches!(bytes[start], b'M' | b'N' | b'O');
    let last = mark.end + middle + 1;
    let end = numbered.then(|| part(bytes, last, 27, url_run)).flatten()?;
    Some(start..end)
}
