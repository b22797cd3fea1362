//! One pass over a text.
//!
//! Every step is a loop over bytes that looks ahead by a bound or consumes what it looked at, so that a pass takes
//! time in proportion to the text, whatever is in it. There is no backtracking because there is no pattern engine.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use crate::MARK;
use crate::anchors::{ANCHORS, Anchor};
use crate::names;
use crate::shapes::{self, Class};

/// What a pass made of a text.
pub(crate) struct Passed<'t> {
    /// The text, cleaned.
    pub(crate) text: Cow<'t, str>,
    /// Where something begins that the text's end cut: more text could make more of it a secret.
    pub(crate) open: Option<usize>,
}

/// Takes out what can be seen at once.
pub(crate) fn pass(text: &str) -> Passed<'_> {
    let mut found = ANCHORS.find(text);
    clean(text, |start| {
        found.skip_to(start);
        found.next()
    })
}

/// Takes out the secrets at the anchors, which come by where they begin. `next` gives the next one; those before
/// the place it is told are of no interest.
fn clean(text: &str, mut next: impl FnMut(usize) -> Option<(Anchor, Range<usize>)>) -> Passed<'_> {
    let scan = Scan {
        text,
        at: Cell::new(0),
        url_run: Cell::new((0, 0)),
        open: Cell::new(None),
    };
    let mut kept: Option<String> = None;
    let mut copied = 0;
    while let Some((anchor, range)) = next(copied) {
        if range.start < copied {
            continue;
        }
        scan.at.set(range.start);
        let secret = scan.secret(anchor, &range);
        if let Some(secret) = secret.filter(|secret| secret.start >= copied) {
            let kept = kept.get_or_insert_with(|| String::with_capacity(text.len()));
            kept.push_str(&text[copied..secret.start]);
            kept.push_str(MARK);
            copied = secret.end;
        }
    }
    let text = match kept {
        None => Cow::Borrowed(text),
        Some(mut kept) => {
            kept.push_str(&text[copied..]);
            Cow::Owned(kept)
        }
    };
    Passed {
        text,
        open: scan.open.get(),
    }
}

/// Whether an anchor ends in the last bytes of a text, so that what follows may be its value.
pub(crate) fn ends_in_an_anchor(text: &str, within: usize) -> bool {
    ANCHORS
        .find(text)
        .any(|(_, range)| range.len() > 1 && range.end + within >= text.len())
}

/// A text that is read, and what was learnt on the way.
pub(crate) struct Scan<'t> {
    pub(crate) text: &'t str,
    /// The anchor that is looked at.
    at: Cell<usize>,
    /// The last run of [`Class::Url`] that was measured. Keys in it that fail would each measure it again.
    url_run: Cell<(usize, usize)>,
    open: Cell<Option<usize>>,
}

impl Scan<'_> {
    /// Says that something was read to the end of the text, and where that is.
    pub(crate) fn to_the_end(&self) -> usize {
        if self.open.get().is_none() {
            self.open.set(Some(self.at.get()));
        }
        self.text.len()
    }

    fn url_run(&self, at: usize) -> usize {
        let (start, end) = self.url_run.get();
        if (start..end).contains(&at) {
            return end;
        }
        let end = at + Class::Url.run(&self.text.as_bytes()[at..]);
        self.url_run.set((at, end));
        end
    }

    /// What to take out at an anchor, if anything.
    fn secret(&self, anchor: Anchor, range: &Range<usize>) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        match anchor {
            Anchor::PrivateKey => {
                let exact = bytes[range.clone()] == *b"-----BEGIN ";
                let length = exact.then(|| head_of_block(&bytes[range.end..])).flatten()?;
                Some(self.block(&(range.start..range.end + length)))
            }
            Anchor::Key(key) => {
                let end = key.end(bytes, range.start, range.end)?;
                Some(range.start..end)
            }
            Anchor::Composed(shape) => shape.secret(bytes, range, |at| self.url_run(at)),
            // The user every git server has is no secret, and says which protocol is spoken.
            Anchor::UserInformation => self
                .user_information(range.end)
                .filter(|user| self.text[user.clone()] != *"git"),
            Anchor::Scheme => self.scheme(range),
            Anchor::Query => is_parameter(bytes, range.start)
                .then(|| self.parameter(range.end))
                .flatten(),
            Anchor::Header(prefix) => {
                let end = range.end + names::between(&bytes[range.end..])?;
                let start = range.start.saturating_sub(prefix.len());
                let prefixed = bytes[start..range.start].eq_ignore_ascii_case(prefix.as_bytes());
                self.header(&(if prefixed { start } else { range.start }..end))
            }
            Anchor::Strong => self.strong(range),
            Anchor::Weak => self.weak(range),
        }
    }

    fn scheme(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let blanks = names::blanks(&bytes[range.end..]);
        if blanks == 0 || !shapes::begins(bytes, range.start) {
            return None;
        }
        let start = range.end + blanks;
        let length = Class::Credential.run(&bytes[start..]);
        (length >= 8 && !is_prose(&bytes[start..start + length])).then(|| start..start + length)
    }

    fn strong(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let end = range.end + names::digits(&bytes[range.end..]);
        if let Some(between) = names::between(&bytes[end..]) {
            let value = end + between;
            return self.beside(&self.text[range.start..value], value);
        }
        let value = self.option(range.start, end)?;
        self.beside(" ", value)
    }

    fn weak(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let end = range.end + names::digits(&bytes[range.end..]);
        // Nearly all of them are words in a sentence or parts of longer ones.
        if !matches!(
            bytes.get(end),
            Some(b'=' | b':' | b'"' | b'\'' | b'\\' | b']' | b' ' | b'\t')
        ) {
            return None;
        }
        let name = &self.text[range.clone()];
        let (key, before) = (name.eq_ignore_ascii_case("key"), &bytes[..range.start]);
        if key && names::is_secret_key(before) {
            return self.strong(range);
        }
        if bytes[range.end] == b'=' && is_query(name, bytes, range.start) {
            return self.parameter(range.end + 1);
        }
        if !names::is_word(bytes, range.start) || (key && names::is_identifier(before)) {
            return None;
        }
        let value = match names::between(&bytes[end..]) {
            Some(between) => end + between,
            None => self.option(range.start, end)?,
        };
        self.random(value)
    }

    /// Where the value of a command line's option begins that a name ends.
    fn option(&self, start: usize, end: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let blanks = names::blanks(&bytes[end..]);
        let value = end + blanks;
        let follows = blanks > 0 && bytes.get(value).is_some_and(|byte| *byte != b'-');
        (follows && names::is_option(&bytes[..start])).then_some(value)
    }
}

/// Whether a query parameter begins here.
fn is_parameter(bytes: &[u8], start: usize) -> bool {
    matches!(bytes[..start].last(), Some(b'?' | b'&' | b';'))
}

/// Whether a weak name is one of an address's query that is secret there.
fn is_query(name: &str, bytes: &[u8], start: usize) -> bool {
    let is_one = |known: &&str| known.eq_ignore_ascii_case(name);
    let signed = || {
        ["x-amz-", "x-goog-"].iter().any(|vendor| {
            start.checked_sub(vendor.len()).is_some_and(|at| {
                bytes[at..start].eq_ignore_ascii_case(vendor.as_bytes()) && is_parameter(bytes, at)
            })
        })
    };
    names::QUERY.iter().any(is_one)
        && (is_parameter(bytes, start) || (name.eq_ignore_ascii_case("signature") && signed()))
}

/// The length of a private key block's head after `-----BEGIN `: at most four words, then what it is.
fn head_of_block(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    for _ in 0..=4 {
        for end in ["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"] {
            if bytes[at..].starts_with(end.as_bytes()) {
                return Some(at + end.len());
            }
        }
        let word = Class::Capital.run(&bytes[at..bytes.len().min(at + 17)]);
        if word == 0 || bytes.get(at + word) != Some(&b' ') {
            return None;
        }
        at += word + 1;
    }
    None
}

/// Whether what follows "basic" or "bearer" is an English word rather than a credential.
fn is_prose(bytes: &[u8]) -> bool {
    let word = bytes
        .iter()
        .rposition(|byte| *byte != b'.')
        .map_or(0, |last| last + 1);
    bytes.len() < 24 && bytes[..word].iter().skip(1).all(u8::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::{clean, pass};
    use crate::anchors::Anchors;
    use crate::redact;
    use crate::soup;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn what_is_clean_stays_as_it_is(text in soup::text()) {
            let once = redact(&text).into_owned();
            prop_assert_eq!(redact(&once), once.as_str(), "from {:?}", text);
        }

        #[test]
        fn looking_at_the_anchors_alone_finds_what_looking_everywhere_does(text in soup::text()) {
            let mut slowly = Anchors::find_slowly(&text).into_iter();
            let everywhere = clean(&text, |_| slowly.next());
            let fast = pass(&text);
            prop_assert_eq!(fast.text, everywhere.text, "from {:?}", text);
            prop_assert_eq!(fast.open, everywhere.open, "from {:?}", text);
        }
    }
}
