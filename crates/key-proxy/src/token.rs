//! The throw-away token that an engine holds instead of keys.

use std::sync::{PoisonError, RwLock};

use cowork_providers::KeyHeader;
use cowork_vault::Sensitive;
use http::HeaderMap;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// What a token begins with, so that it can be told from a key wherever it turns up.
pub(crate) const PREFIX: &str = "cwk_";

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The token of one run of the engine: `cwk_` and 43 characters, 256 bits from the system. It opens the proxy's
/// listed paths on this machine until the run ends, and nothing else anywhere.
pub struct RunToken(Sensitive);

impl RunToken {
    /// A new one.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub(crate) fn new() -> std::io::Result<Self> {
        let mut random = Zeroizing::new([0_u8; 32]);
        getrandom::fill(random.as_mut_slice()).map_err(|error| std::io::Error::other(error.to_string()))?;
        let mut text = String::with_capacity(PREFIX.len() + 43);
        text.push_str(PREFIX);
        for bytes in random.chunks(3) {
            let [first, second, third] =
                [bytes.first(), bytes.get(1), bytes.get(2)].map(|byte| byte.copied().unwrap_or_default());
            let bits = u32::from_be_bytes([0, first, second, third]);
            // Three bytes are four characters, two are three.
            for place in 0..=bytes.len() {
                text.push(char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]));
            }
        }
        Ok(Self(Sensitive::new(text)))
    }

    /// The token itself, for the engine's environment.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    fn duplicate(&self) -> Self {
        Self(self.0.duplicate())
    }
}

/// The token that is valid now; none between runs.
#[derive(Default)]
pub(crate) struct ValidToken(RwLock<Option<RunToken>>);

impl ValidToken {
    /// Makes another one valid, and the one before invalid.
    pub(crate) fn replace(&self) -> std::io::Result<RunToken> {
        let token = RunToken::new()?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(token.duplicate());
        Ok(token)
    }

    pub(crate) fn clear(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether one of the headers that keys come in holds the valid token. How long it takes does not depend on how
    /// much of a wrong one is right.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        let valid = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(valid) = valid.as_ref() else { return false };
        let mut found = Choice::from(0);
        for header in KeyHeader::ALL {
            for value in headers.get_all(header.name()) {
                found |= without_scheme(value.as_bytes()).ct_eq(valid.expose().as_bytes());
            }
        }
        found.into()
    }
}

fn without_scheme(value: &[u8]) -> &[u8] {
    const SCHEME: &[u8] = b"bearer ";
    match value.split_at_checked(SCHEME.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => rest.trim_ascii(),
        _ => value.trim_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_token_has_its_shape_and_is_never_the_same() {
        let (one, other) = (RunToken::new().unwrap(), RunToken::new().unwrap());
        assert_ne!(one.expose(), other.expose());
        let random = one.expose().strip_prefix("cwk_").unwrap();
        assert_eq!(random.len(), 43);
        assert!(random.bytes().all(|byte| ALPHABET.contains(&byte)), "{random}");
    }

    #[test]
    fn the_token_counts_in_every_header_a_key_comes_in() {
        let valid = ValidToken::default();
        let token = valid.replace().unwrap();
        for header in KeyHeader::ALL {
            assert!(valid.is_in(&headers(header.name(), token.expose())));
            for scheme in ["Bearer ", "bearer ", "BEARER  "] {
                let value = format!("{scheme}{}", token.expose());
                assert!(valid.is_in(&headers(header.name(), &value)), "{scheme}");
            }
        }
        assert!(!valid.is_in(&headers("x-other", token.expose())));
    }

    #[test]
    fn nothing_else_counts() {
        let valid = ValidToken::default();
        assert!(
            !valid.is_in(&headers("x-api-key", "")),
            "before the first run nothing is valid"
        );
        let token = valid.replace().unwrap();
        let short = &token.expose()[..46];
        for wrong in [
            "",
            "Bearer ",
            "Bearer",
            "cwk_",
            short,
            &format!("{}x", token.expose()),
        ] {
            assert!(!valid.is_in(&headers("authorization", wrong)), "{wrong}");
        }
        valid.replace().unwrap();
        assert!(
            !valid.is_in(&headers("x-api-key", token.expose())),
            "a run's token ends with it"
        );
        valid.clear();
        assert!(!valid.is_in(&headers("x-api-key", token.expose())));
    }
}
