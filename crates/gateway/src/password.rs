//! What the engine shows at its gate.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderMap;
use http::header::PROXY_AUTHORIZATION;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The name that goes with it.
pub(crate) const USER: &str = "engine";

/// 256 bits from the system, for one run.
pub(crate) struct Password {
    /// As it stands in an address.
    text: Zeroizing<String>,
    /// As it is sent.
    sent: Zeroizing<String>,
}

impl Password {
    /// # Errors
    /// The system has no randomness to give.
    pub(crate) fn new() -> std::io::Result<Self> {
        let mut random = Zeroizing::new([0_u8; 32]);
        getrandom::fill(random.as_mut_slice()).map_err(|error| std::io::Error::other(error.to_string()))?;
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
        let pair = Zeroizing::new(format!("{USER}:{}", text.as_str()));
        let sent = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        Ok(Self { text, sent })
    }

    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    /// Whether it stands in the headers. How long it takes does not depend on how much of a wrong one is right.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        const SCHEME: &[u8] = b"basic ";
        let Some(value) = headers.get(PROXY_AUTHORIZATION) else {
            return false;
        };
        match value.as_bytes().split_at_checked(SCHEME.len()) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => {
                rest.trim_ascii().ct_eq(self.sent.as_bytes()).into()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_password_opens() {
        let (one, other) = (Password::new().unwrap(), Password::new().unwrap());
        let headers = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(PROXY_AUTHORIZATION, value.parse().unwrap());
            headers
        };
        assert!(one.is_in(&headers(&format!("Basic {}", one.sent.as_str()))));
        assert!(one.is_in(&headers(&format!("BASIC  {}", one.sent.as_str()))));
        for wrong in [
            String::new(),
            "Basic ".to_owned(),
            "Basic".to_owned(),
            format!("Bearer {}", one.sent.as_str()),
            format!("Basic {}", other.sent.as_str()),
            format!("Basic {}", &one.sent[..one.sent.len() - 1]),
            one.text.to_string(),
        ] {
            assert!(!one.is_in(&headers(&wrong)), "{wrong}");
        }
        assert!(!one.is_in(&HeaderMap::new()));
    }
}
