//! What is looked for, and the forms it may have.

use std::str::FromStr;

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Characters by which a value is found before it is compared. Everybody may know them.
const ANCHOR: usize = 10;
/// A longer value would need a larger overlap between pieces of a stream than is kept.
const LONGEST: usize = 256;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// As it is.
    Plain,
    /// Base64 of either alphabet, whatever stands before it, with or without line ends.
    Base64,
    /// Two hexadecimal digits for each byte, of either case.
    Hex,
    /// As in an address, with any of its bytes escaped.
    UrlEncoded,
    /// Two bytes for each character, of either order.
    Utf16,
}

/// What a value is recognised by without being known: how it begins, how long it is, and its SHA-256.
///
/// As text: `BEGINNING:LENGTH:DIGEST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    beginning: String,
    length: usize,
    digest: [u8; 32],
}

/// A value, or a description of one, that cannot be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoNeedle(&'static str);

impl std::fmt::Display for NoNeedle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for NoNeedle {}

impl Description {
    /// The description of a value.
    ///
    /// # Errors
    /// When it has less than 16 or more than 256 characters, or one that is not visible ASCII.
    pub fn of(value: &str) -> Result<Self, NoNeedle> {
        let beginning = value.get(..ANCHOR).unwrap_or(value).to_owned();
        Self::new(
            beginning,
            value.len(),
            Sha256::digest(value.as_bytes()).into(),
            value,
        )
    }

    fn new(beginning: String, length: usize, digest: [u8; 32], characters: &str) -> Result<Self, NoNeedle> {
        if beginning.len() != ANCHOR || !(16..=LONGEST).contains(&length) {
            return Err(NoNeedle("a value that is looked for has 16 to 256 characters"));
        }
        if !characters.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NoNeedle("a value that is looked for is of visible ASCII"));
        }
        Ok(Self {
            beginning,
            length,
            digest,
        })
    }

    fn is(&self, value: &[u8]) -> bool {
        value.len() == self.length && Sha256::digest(value).as_slice() == self.digest.as_slice()
    }
}

impl std::fmt::Display for Description {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}:", self.beginning, self.length)?;
        self.digest
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl FromStr for Description {
    type Err = NoNeedle;

    fn from_str(text: &str) -> Result<Self, NoNeedle> {
        const SHAPE: NoNeedle = NoNeedle("a description is BEGINNING:LENGTH:DIGEST");
        let mut parts = text.rsplitn(3, ':');
        let digest = parts.next().ok_or(SHAPE)?.as_bytes();
        let length = parts.next().ok_or(SHAPE)?.parse().map_err(|_| SHAPE)?;
        let beginning = parts.next().ok_or(SHAPE)?;
        if digest.len() != 64 {
            return Err(SHAPE);
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(digest.chunks(2)) {
            *byte = hexadecimal(digits).ok_or(SHAPE)?;
        }
        Self::new(beginning.to_owned(), length, bytes, beginning)
    }
}

/// What is looked for.
pub struct Needle {
    description: Description,
    pub(crate) anchors: Vec<Anchor>,
}

/// Bytes that every value in one form begins with.
pub(crate) struct Anchor {
    pub(crate) bytes: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Plain,
    /// So many bytes of the group of three stand before the value.
    Base64(usize),
    Hex,
    UrlEncoded,
    Utf16,
}

impl Needle {
    /// Looks for what a description describes.
    #[must_use]
    pub fn new(description: Description) -> Self {
        let beginning = description.beginning.as_bytes();
        let mut anchors = Vec::new();
        let mut add = |kind, bytes: Vec<u8>| anchors.push(Anchor { bytes, kind });
        add(Kind::Plain, beginning.to_vec());
        for before in 0..3 {
            add(Kind::Base64(before), base64_anchor(beginning, before));
        }
        let hexadecimal = |upper: bool, sign: &str| -> Vec<u8> {
            let digits = beginning.iter().map(|byte| escaped(*byte, sign, upper));
            digits.collect::<String>().into_bytes()
        };
        for upper in [false, true] {
            add(Kind::Hex, hexadecimal(upper, ""));
            add(Kind::UrlEncoded, hexadecimal(upper, "%"));
            let punctuation_alone = beginning.iter().map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(*byte).to_string()
                } else {
                    escaped(*byte, "%", upper)
                }
            });
            add(
                Kind::UrlEncoded,
                punctuation_alone.collect::<String>().into_bytes(),
            );
        }
        // Of either order: the first zero and the last may be a neighbour's.
        let mut wide: Vec<u8> = beginning.iter().flat_map(|byte| [*byte, 0]).collect();
        wide.pop();
        add(Kind::Utf16, wide);
        anchors.sort_by(|one, other| one.bytes.cmp(&other.bytes));
        anchors.dedup_by(|one, other| one.bytes == other.bytes);
        Self { description, anchors }
    }

    /// Looks for a value.
    ///
    /// # Errors
    /// As [`Description::of`].
    pub fn of(value: &str) -> Result<Self, NoNeedle> {
        Description::of(value).map(Self::new)
    }

    /// Bytes that no form of the value is longer than, with what is looked at before it.
    pub(crate) fn reach(&self) -> usize {
        // Base64 in short lines, or every byte escaped; and some room.
        4 * self.description.length + 16
    }

    /// Whether the value stands where an anchor was found, and in which form.
    pub(crate) fn confirm(&self, bytes: &[u8], place: usize, anchor: &Anchor) -> Option<Form> {
        let length = self.description.length;
        let rest = bytes.get(place..)?;
        let (form, value) = match anchor.kind {
            Kind::Plain => (Form::Plain, rest.get(..length)?.to_vec()),
            Kind::Utf16 => {
                let value = rest.iter().step_by(2).take(length).copied();
                (Form::Utf16, value.collect())
            }
            Kind::Hex => {
                let digits = rest.get(..2 * length)?.chunks(2);
                (Form::Hex, digits.map(hexadecimal).collect::<Option<_>>()?)
            }
            Kind::UrlEncoded => (Form::UrlEncoded, percent_decoded(rest, length)?),
            Kind::Base64(before) => (Form::Base64, base64_decoded(bytes, place, before, length)?),
        };
        self.description.is(&value).then_some(form)
    }
}

fn escaped(byte: u8, sign: &str, upper: bool) -> String {
    if upper {
        format!("{sign}{byte:02X}")
    } else {
        format!("{sign}{byte:02x}")
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    u8::try_from(16 * value(high)? + value(low)?).ok()
}

fn percent_decoded(mut bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut value = Vec::with_capacity(length);
    while value.len() < length {
        let used = if let [b'%', high, low, ..] = bytes {
            value.push(hexadecimal(&[*high, *low])?);
            3
        } else {
            value.push(*bytes.first()?);
            1
        };
        bytes = &bytes[used..];
    }
    Some(value)
}

/// The characters of base64 that `beginning` decides alone when `before` bytes of its group stand before it.
fn base64_anchor(beginning: &[u8], before: usize) -> Vec<u8> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(beginning);
    let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&bytes);
    let first = (8 * before).div_ceil(6);
    let last = 8 * bytes.len() / 6;
    text.as_bytes()[first..last].to_vec()
}

/// The value whose base64 has its anchor at `place`. A character is shared with what stands before it when
/// something does; what is shared is skipped.
fn base64_decoded(bytes: &[u8], place: usize, before: usize, length: usize) -> Option<Vec<u8>> {
    let shared = usize::from(before != 0);
    let mut characters = bytes
        .get(place.checked_sub(shared)?..)?
        .iter()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'));
    // Bits before the value in the first character that has some of it.
    let mut skipped = 8 * before % 6;
    let (mut bits, mut held) = (0_u32, 0_usize);
    let mut value = Vec::with_capacity(length);
    while value.len() < length {
        bits = bits << 6 | six_bits(*characters.next()?)?;
        held += 6 - std::mem::take(&mut skipped);
        if held >= 8 {
            held -= 8;
            value.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some(value)
}

fn six_bits(character: u8) -> Option<u32> {
    let value = match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(value.into())
}
