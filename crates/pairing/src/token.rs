//! What a desktop proves itself with.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cowork_pairing_protocol::wire::TOKEN_PREFIX;
use zeroize::Zeroizing;

/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;
/// Random bytes of an id: it is no secret, and must only never be another one's.
const ID_BYTES: usize = 16;

/// The system has no randomness to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random numbers; restart the computer, and try again")]
pub struct NoRandomness;

/// A text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no token of a pairing; make a new pairing")]
pub struct NotAToken;

/// The token of a pairing. It is wiped from memory when it is dropped, and shows itself nowhere: it has no `Display` and
/// no `Serialize`, and its `Debug` says nothing.
///
/// ```
/// let token = cowork_pairing::token::Token::mint().unwrap();
/// assert!(token.expose().starts_with("ocp_"));
/// assert_eq!(format!("{token:?}"), "Token(..)");
/// ```
/// ```compile_fail
/// let token = cowork_pairing::token::Token::mint().unwrap();
/// println!("{token}");
/// ```
/// ```compile_fail
/// fn serialized(value: impl serde::Serialize) {}
/// serialized(cowork_pairing::token::Token::mint().unwrap());
/// ```
pub struct Token(Zeroizing<String>);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn mint() -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
        // As long as it gets from the beginning, so that no part of it is left where it was before it grew.
        let mut text = Zeroizing::new(String::with_capacity(64));
        text.push_str(TOKEN_PREFIX);
        URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
        Ok(Self(text))
    }

    /// Takes back one that was kept.
    ///
    /// # Errors
    /// [`NotAToken`] when the text has not the shape of one.
    pub fn parse(text: impl Into<String>) -> Result<Self, NotAToken> {
        let text = Zeroizing::new(text.into());
        let encoded = text.strip_prefix(TOKEN_PREFIX).ok_or(NotAToken)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map(Zeroizing::new);
        match bytes {
            Ok(bytes) if bytes.len() == TOKEN_BYTES => Ok(Self(text)),
            _ => Err(NotAToken),
        }
    }

    /// The text itself. Keep it no longer than the call it is for.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A second one, on purpose.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(..)")
    }
}

/// The id of a new pairing.
///
/// # Errors
/// [`NoRandomness`].
pub fn pairing_id() -> Result<String, NoRandomness> {
    id("pairing_")
}

/// The id of a new device.
///
/// # Errors
/// [`NoRandomness`].
pub fn device_id() -> Result<String, NoRandomness> {
    id("device_")
}

/// The id of a new event.
///
/// # Errors
/// [`NoRandomness`].
pub fn event_id() -> Result<String, NoRandomness> {
    id("event_")
}

fn id(prefix: &str) -> Result<String, NoRandomness> {
    let mut bytes = [0; ID_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    let mut text = prefix.to_owned();
    URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{NotAToken, Token, event_id};

    #[test]
    fn a_token_is_thirty_two_random_bytes_behind_its_prefix_and_never_the_same_twice() {
        let (one, other) = (Token::mint().unwrap(), Token::mint().unwrap());
        assert_eq!(one.expose().len(), "ocp_".len() + 43);
        assert_ne!(one.expose(), other.expose());
        assert_eq!(Token::parse(one.expose()).unwrap().expose(), one.expose());
        assert_eq!(one.duplicate().expose(), one.expose());
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let long = format!("ocp_{}", "A".repeat(44));
        for text in ["", "ocp_", "ocp_AAAA", "sk-123", &long] {
            assert_eq!(Token::parse(text).err(), Some(NotAToken), "{text:?}");
        }
    }

    #[test]
    fn a_token_that_got_into_a_text_is_taken_out_of_it() {
        let token = Token::mint().unwrap();
        let text = format!("could not pair with {}, sorry", token.expose());
        assert!(!cowork_redact::redact(&text).contains(token.expose()));
    }

    #[test]
    fn ids_differ() {
        assert_ne!(event_id().unwrap(), event_id().unwrap());
    }
}
