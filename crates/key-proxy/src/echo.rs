//! Nothing that comes back has the key in it.
//!
//! A provider that is misconfigured, or was made to be, may answer with the headers it was sent. The guard replaces
//! the key wherever it stands in an answer, plainly or in the encodings that debugging output commonly has. It holds
//! back only the end of a piece that could be the beginning of a key, so a stream is not slowed: events end with line
//! ends, and no key begins with one.
//!
//! What is compressed is not seen through. Answers are asked for uncompressed, and one that is compressed all the same
//! is not passed on.

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use zeroize::Zeroizing;

/// What stands in place of a key.
pub(crate) const REDACTED: &[u8] = b"[redacted]";

/// A shorter key is no secret but a word some local servers want, which may stand in any answer.
const SHORTEST: usize = 8;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The forms in which a key is looked for.
#[derive(Default)]
pub(crate) struct Forms(Vec<Zeroizing<Vec<u8>>>);

impl Forms {
    /// All forms of `key`; none where it is too short to be a secret.
    pub(crate) fn of(key: &str) -> Self {
        let key = key.as_bytes();
        if key.len() < SHORTEST {
            return Self(Vec::new());
        }
        let mut forms = vec![
            Zeroizing::new(key.to_vec()),
            hex(key, b"0123456789ABCDEF"),
            hex(key, b"0123456789abcdef"),
            slashes_escaped(key),
        ];
        // In an address, and in a form, which differ in what they leave as it is.
        for left in [b"-_.~", b"-_.*"] {
            forms.push(percent_encoded(key, left, b"0123456789ABCDEF"));
            forms.push(percent_encoded(key, left, b"0123456789abcdef"));
        }
        for alphabet in [STANDARD, URL_SAFE] {
            // What stands before it, "Bearer " or a user's name, shifts it by nothing, one or two bytes.
            forms.extend((0..3).map(|shift| base64(key, shift, alphabet)));
        }
        forms.sort_unstable_by(|one, other| one.as_slice().cmp(other.as_slice()));
        forms.dedup();
        Self(forms)
    }

    /// These, and a text that is looked for as it is.
    pub(crate) fn and_literally(mut self, text: &str) -> Self {
        self.0.push(Zeroizing::new(text.as_bytes().to_vec()));
        self
    }

    fn longest(&self) -> usize {
        self.0.iter().map(|form| form.len()).max().unwrap_or_default()
    }

    /// The first place where one of the forms stands, and its end. The shorter one where two begin at one place: it
    /// is the one that is complete first, however the bytes come in.
    fn find(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        self.0
            .iter()
            .filter_map(|form| {
                let start = memchr::memmem::find(bytes, form)?;
                Some((start, start + form.len()))
            })
            .min()
    }

    /// Where the end of `bytes` begins that could be the beginning of a form. The length of `bytes`
    /// where there is none.
    fn find_beginning(&self, bytes: &[u8]) -> usize {
        let mut earliest = bytes.len();
        for form in &self.0 {
            let Some(first) = form.first() else { continue };
            let from = bytes.len().saturating_sub(form.len() - 1);
            let end = bytes.get(from..earliest).unwrap_or_default();
            let begins = memchr::memchr_iter(*first, end)
                .map(|place| from + place)
                .find(|place| form.starts_with(&bytes[*place..]));
            earliest = begins.unwrap_or(earliest);
        }
        earliest
    }

    /// Whether more than half of a form is all that `end` is.
    fn is_most_of_one(&self, end: &[u8]) -> bool {
        !end.is_empty()
            && self
                .0
                .iter()
                .any(|form| end.len() * 2 > form.len() && form.starts_with(end))
    }

    /// A header's value without the key; the value itself where it has none.
    pub(crate) fn header(&self, value: &HeaderValue) -> Option<HeaderValue> {
        if self.find(value.as_bytes()).is_none() {
            return Some(value.clone());
        }
        let mut guard = EchoGuard::new(self);
        let mut clean = guard
            .pass(self, Bytes::copy_from_slice(value.as_bytes()))
            .to_vec();
        clean.extend_from_slice(&guard.finish(self));
        HeaderValue::from_bytes(&clean).ok()
    }
}

/// The state of one answer's stream.
pub(crate) struct EchoGuard {
    /// The end of what came, which could be the beginning of a form. Shorter than the longest form.
    held: Zeroizing<Vec<u8>>,
}

impl EchoGuard {
    pub(crate) fn new(forms: &Forms) -> Self {
        Self {
            // With room for all it can hold: one that grows would leave copies behind.
            held: Zeroizing::new(Vec::with_capacity(forms.longest())),
        }
    }

    /// The next piece of the stream, without the key. May be empty.
    pub(crate) fn pass(&mut self, forms: &Forms, piece: Bytes) -> Bytes {
        let joined: Bytes = if self.held.is_empty() {
            piece
        } else {
            let mut joined = BytesMut::with_capacity(self.held.len() + piece.len());
            joined.extend_from_slice(&self.held);
            joined.extend_from_slice(&piece);
            joined.freeze()
        };
        let mut rest = joined.clone();
        let mut clean: Option<BytesMut> = None;
        loop {
            let beginning = forms.find_beginning(&rest);
            match forms.find(&rest) {
                // A form that may have begun earlier is decided on first.
                Some((start, end)) if start <= beginning => {
                    let clean = clean.get_or_insert_with(|| BytesMut::with_capacity(joined.len()));
                    clean.extend_from_slice(&rest[..start]);
                    clean.extend_from_slice(REDACTED);
                    rest = rest.slice(end..);
                }
                _ => {
                    self.held.clear();
                    self.held.extend_from_slice(&rest[beginning..]);
                    let passed = rest.slice(..beginning);
                    return match clean {
                        None => passed,
                        Some(mut clean) => {
                            clean.extend_from_slice(&passed);
                            clean.freeze()
                        }
                    };
                }
            }
        }
    }

    /// What was held back, at the end of the stream. More than half a key is one that was cut off.
    pub(crate) fn finish(&mut self, forms: &Forms) -> Bytes {
        let held = std::mem::take(&mut *self.held);
        let held = Zeroizing::new(held);
        let mut rest = held.as_slice();
        let mut clean = BytesMut::new();
        // A form that did not come to its end may have hidden whole ones, or others that were cut off, inside it.
        while !rest.is_empty() {
            if forms.is_most_of_one(rest) {
                clean.extend_from_slice(REDACTED);
                break;
            }
            if let Some((0, end)) = forms.find(rest) {
                clean.extend_from_slice(REDACTED);
                rest = &rest[end..];
            } else {
                clean.extend_from_slice(&rest[..1]);
                rest = &rest[1..];
            }
        }
        clean.freeze()
    }
}

fn percent_encoded(key: &[u8], left: &[u8], digits: &[u8; 16]) -> Zeroizing<Vec<u8>> {
    let mut encoded = Zeroizing::new(Vec::with_capacity(key.len() * 3));
    for byte in key {
        if byte.is_ascii_alphanumeric() || left.contains(byte) {
            encoded.push(*byte);
        } else {
            encoded.push(b'%');
            encoded.extend([byte >> 4, byte & 15].map(|digit| digits[usize::from(digit)]));
        }
    }
    encoded
}

fn hex(key: &[u8], digits: &[u8; 16]) -> Zeroizing<Vec<u8>> {
    let mut encoded = Zeroizing::new(Vec::with_capacity(key.len() * 2));
    for byte in key {
        encoded.extend([byte >> 4, byte & 15].map(|digit| digits[usize::from(digit)]));
    }
    encoded
}

/// As some write JSON.
fn slashes_escaped(key: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut escaped = Zeroizing::new(Vec::with_capacity(key.len() * 2));
    for byte in key {
        if *byte == b'/' {
            escaped.push(b'\\');
        }
        escaped.push(*byte);
    }
    escaped
}

/// The characters that `key` alone decides on when `shift` bytes stand before it.
fn base64(key: &[u8], shift: usize, alphabet: &[u8; 64]) -> Zeroizing<Vec<u8>> {
    let bit = |place: usize| {
        key.get(place / 8)
            .is_some_and(|byte| byte >> (7 - place % 8) & 1 == 1)
    };
    // The first bits are in a character that what stands before has a part in.
    let first = (6 - shift * 8 % 6) % 6;
    let characters = (key.len() * 8 - first) / 6;
    let mut encoded = Zeroizing::new(Vec::with_capacity(characters));
    for character in 0..characters {
        let value = (0..6).fold(0, |value, place| {
            value << 1 | usize::from(bit(first + character * 6 + place))
        });
        encoded.push(alphabet[value]);
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "sk-ant/a+b=c~sk-ant-0123";

    fn guarded(key: &str, pieces: &[&[u8]]) -> Vec<u8> {
        let forms = Forms::of(key);
        let mut guard = EchoGuard::new(&forms);
        let mut out = Vec::new();
        for piece in pieces {
            out.extend_from_slice(&guard.pass(&forms, Bytes::copy_from_slice(piece)));
            assert!(
                guard.held.len() < forms.longest().max(1),
                "no more is held than a form has"
            );
        }
        out.extend_from_slice(&guard.finish(&forms));
        out
    }

    fn contains(bytes: &[u8], part: &[u8]) -> bool {
        memchr::memmem::find(bytes, part).is_some()
    }

    /// As other programs encode, not as the guard does.
    fn encodings(key: &str) -> Vec<String> {
        use base64::Engine as _;
        use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE};
        let mut all = vec![key.to_owned(), key.replace('/', "\\/")];
        all.push(url::form_urlencoded::byte_serialize(key.as_bytes()).collect());
        all.push(
            key.bytes()
                .map(|byte| format!("{byte:02x}"))
                .collect::<Vec<_>>()
                .concat(),
        );
        all.push(
            key.bytes()
                .map(|byte| format!("{byte:02X}"))
                .collect::<Vec<_>>()
                .concat(),
        );
        all.into_iter()
            .chain(
                ["", "a", "ab", "abc", "Bearer ", "user:"]
                    .into_iter()
                    .flat_map(|before| {
                        let text = format!("{before}{key}");
                        [
                            BASE64_STANDARD.encode(&text),
                            BASE64_STANDARD_NO_PAD.encode(&text),
                            BASE64_URL_SAFE.encode(text),
                        ]
                    }),
            )
            .collect()
    }

    #[test]
    fn the_key_does_not_come_back_in_any_common_form() {
        for key in [KEY, "eightchr", "sk-proj-abcDEF0123456789"] {
            for form in encodings(key) {
                let text = format!("{{\"echo\":\"{form}\",\"more\":\"{form}\"}}");
                let clean = String::from_utf8(guarded(key, &[text.as_bytes()])).unwrap();
                assert_eq!(clean.matches("[redacted]").count(), 2, "{form} in {clean}");
                // Of a base64 text, the characters that the key has to share may stay: two at either end.
                let core = &form[form.len() / 3..form.len() / 3 * 2];
                assert!(!clean.contains(core), "{form} in {clean}");
            }
        }
    }

    #[test]
    fn what_has_no_key_passes_untouched_and_at_once() {
        let forms = Forms::of(KEY);
        let mut guard = EchoGuard::new(&forms);
        for event in ["data: {\"delta\":\"sk\"}\n\n", "data: [DONE]\n\n", ": ping\n\n"] {
            let piece = Bytes::from_static(event.as_bytes());
            assert_eq!(guard.pass(&forms, piece.clone()), piece);
        }
        assert!(guard.held.is_empty());
    }

    #[test]
    fn a_word_that_is_no_secret_is_left_alone() {
        assert_eq!(guarded("ollama", &[b"ollama is a llama"]), b"ollama is a llama");
        assert_eq!(guarded("", &[b"text"]), b"text");
    }

    #[test]
    fn a_key_that_is_cut_off_at_the_end_is_not_shown() {
        let most = &KEY.as_bytes()[..KEY.len() - 1];
        assert_eq!(guarded(KEY, &[b"x ", most]), b"x [redacted]");
        assert_eq!(guarded(KEY, &[b"x sk-"]), b"x sk-");
    }

    #[test]
    fn a_header_comes_back_without_the_key() {
        let forms = Forms::of(KEY);
        let value = HeaderValue::from_str(&format!("got {KEY}")).unwrap();
        assert_eq!(forms.header(&value).unwrap(), "got [redacted]");
        let value = HeaderValue::from_static("req_123");
        assert_eq!(forms.header(&value).unwrap(), "req_123");
    }

    /// Text that is rich in keys, parts of keys and what looks like them.
    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let forms: Vec<Vec<u8>> = Forms::of(KEY).0.iter().map(|form| form.to_vec()).collect();
        let index = any::<prop::sample::Index>;
        let part = (proptest::sample::select(forms), index(), index()).prop_map(|(form, one, other)| {
            let (one, other) = (one.index(form.len() + 1), other.index(form.len() + 1));
            form[one.min(other)..one.max(other)].to_vec()
        });
        let whole = proptest::sample::select(encodings(KEY)).prop_map(String::into_bytes);
        let noise = proptest::collection::vec(proptest::sample::select(b"sk-ant/ \n%5zZ".to_vec()), 0..6);
        proptest::collection::vec(prop_oneof![part, whole, noise], 0..12).prop_map(|parts| parts.concat())
    }

    fn split<'a>(text: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
        let mut places: Vec<usize> = places.iter().map(|place| place.index(text.len() + 1)).collect();
        places.sort_unstable();
        let mut pieces = Vec::new();
        let mut last = 0;
        for place in places {
            pieces.push(&text[last..place]);
            last = place;
        }
        pieces.push(&text[last..]);
        pieces
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn however_a_stream_is_cut_the_key_is_not_in_it(
            text in texts(),
            places in proptest::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let whole = guarded(KEY, &[&text]);
            let pieces = split(&text, &places);
            prop_assert_eq!(&guarded(KEY, &pieces), &whole, "the cuts make no difference");
            for form in &Forms::of(KEY).0 {
                prop_assert!(!contains(&whole, form));
            }
        }

        #[test]
        fn text_without_any_of_it_is_not_changed(
            text in "[ -~\n]{0,200}",
            places in proptest::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            prop_assume!(Forms::of(KEY).find(text.as_bytes()).is_none());
            prop_assume!(!Forms::of(KEY).is_most_of_one(&text.as_bytes()[text.len() - text.len().min(13)..]));
            prop_assert_eq!(guarded(KEY, &split(text.as_bytes(), &places)), text.as_bytes());
        }
    }
}
