//! The alphabets that keys are written in.

/// A set of bytes. None holds a byte beyond ASCII, so that a run of a class begins and ends between characters,
/// and none holds a comma or white space, which [`crate::RedactingStream`] relies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// `0-9`
    Digit,
    /// `0-9a-fA-F`
    Hexadecimal,
    /// `A-Z0-9`
    Capital,
    /// `A-Za-z0-9`
    Letter,
    /// `A-Za-z0-9_`
    Word,
    /// `A-Za-z0-9-`
    Dashed,
    /// `A-Za-z0-9_-`, which is base64 for addresses.
    Url,
    /// `A-Za-z0-9_.-`
    Dotted,
    /// `A-Za-z0-9_~.-`
    Tilde,
    /// `A-Za-z0-9/_-`
    Path,
    /// `A-Za-z0-9+/=_-`, which is base64 of every kind.
    Base64,
    /// `A-Za-z0-9._~+/=-`, what a credential in a header is made of.
    Credential,
}

impl Class {
    pub(crate) fn holds(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Hexadecimal => byte.is_ascii_hexdigit(),
            Self::Capital => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            _ if byte.is_ascii_alphanumeric() => true,
            Self::Letter => false,
            Self::Word => byte == b'_',
            Self::Dashed => byte == b'-',
            Self::Url => matches!(byte, b'_' | b'-'),
            Self::Dotted => matches!(byte, b'_' | b'.' | b'-'),
            Self::Tilde => matches!(byte, b'_' | b'~' | b'.' | b'-'),
            Self::Path => matches!(byte, b'/' | b'_' | b'-'),
            Self::Base64 => matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-'),
            Self::Credential => matches!(byte, b'.' | b'_' | b'~' | b'+' | b'/' | b'=' | b'-'),
        }
    }

    /// How many bytes of the class stand here.
    pub(crate) fn run(self, bytes: &[u8]) -> usize {
        bytes
            .iter()
            .position(|byte| !self.holds(*byte))
            .unwrap_or(bytes.len())
    }

    /// How many bytes of the class stand right before the end, of which no more than `most` are looked at.
    pub(crate) fn run_before(self, bytes: &[u8], most: usize) -> usize {
        bytes
            .iter()
            .rev()
            .take(most)
            .take_while(|byte| self.holds(**byte))
            .count()
    }

    /// Whether at least so many bytes of the class stand here. Looks no further than that.
    pub(crate) fn runs_for(self, bytes: &[u8], least: usize) -> bool {
        bytes
            .get(..least)
            .is_some_and(|bytes| bytes.iter().all(|byte| self.holds(*byte)))
    }
}
