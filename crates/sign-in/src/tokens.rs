//! What a sign-in yields.

use std::fmt;

use cowork_vault::Sensitive;
use serde::{Deserialize, Serialize};
use url::Url;

/// The version of the text the vault keeps.
const VERSION: u64 = 1;
/// Real tokens have up to a few thousand characters, and the vault takes 64 KB in all.
pub(crate) const LONGEST_TOKEN: usize = 16 * 1024;

/// The tokens of one sign-in.
pub struct Tokens {
    /// Goes onto requests.
    pub access: Sensitive,
    /// Gets new ones; none where the access token does not run out.
    pub refresh: Option<Sensitive>,
    /// When the access token runs out, in milliseconds since 1970; none when it does not.
    pub expires: Option<u64>,
    /// The account, where requests have to name it.
    pub account: Option<String>,
    /// Where the models answer, where that is not the provider's usual address.
    pub base: Option<Url>,
}

/// Why a text from the vault is no sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokensError {
    /// It is damaged.
    #[error("what is kept of this sign-in cannot be understood: sign in again")]
    Damaged,
    /// A newer app wrote it.
    #[error("this sign-in was kept by a newer version of the app: update the app, or sign in again")]
    Newer,
}

#[derive(Serialize)]
struct Keeping<'a> {
    version: u64,
    access: &'a str,
    refresh: Option<&'a str>,
    expires: Option<u64>,
    account: Option<&'a str>,
    base: Option<&'a str>,
}

#[derive(Deserialize)]
struct Kept {
    version: u64,
    access: Option<Sensitive>,
    refresh: Option<Sensitive>,
    expires: Option<u64>,
    account: Option<String>,
    base: Option<String>,
}

impl Tokens {
    /// As one secret text for the vault.
    #[must_use]
    pub fn to_secret(&self) -> Sensitive {
        let text = serde_json::to_string(&Keeping {
            version: VERSION,
            access: self.access.expose(),
            refresh: self.refresh.as_ref().map(Sensitive::expose),
            expires: self.expires,
            account: self.account.as_deref(),
            base: self.base.as_ref().map(Url::as_str),
        });
        // Texts and numbers always become JSON.
        Sensitive::new(text.unwrap_or_default())
    }

    /// From what [`Self::to_secret`] made.
    ///
    /// # Errors
    /// [`TokensError`] when it is damaged, or from a newer version.
    pub fn from_secret(secret: &Sensitive) -> Result<Self, TokensError> {
        let kept: Kept = serde_json::from_str(secret.expose()).map_err(|_| TokensError::Damaged)?;
        if kept.version > VERSION {
            return Err(TokensError::Newer);
        }
        let base = kept
            .base
            .map(|base| Url::parse(&base))
            .transpose()
            .map_err(|_| TokensError::Damaged)?;
        let access = kept.access.filter(is_token).ok_or(TokensError::Damaged)?;
        Ok(Self {
            access,
            refresh: kept.refresh,
            expires: kept.expires,
            account: kept.account,
            base,
        })
    }

    /// A second set, on purpose.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self {
            access: self.access.duplicate(),
            refresh: self.refresh.as_ref().map(Sensitive::duplicate),
            expires: self.expires,
            account: self.account.clone(),
            base: self.base.clone(),
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Tokens")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Whether a text may be a token: something that can stand in a header.
pub(crate) fn is_token(text: &Sensitive) -> bool {
    let text = text.expose();
    !text.is_empty() && text.len() <= LONGEST_TOKEN && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens {
            access: Sensitive::new("access-1"),
            refresh: Some(Sensitive::new("refresh \"1\"")),
            expires: Some(1_800_000_000_000),
            account: Some("acc".to_owned()),
            base: Some(Url::parse("https://copilot-api.company.ghe.com/").unwrap()),
        }
    }

    #[test]
    fn a_sign_in_comes_back_from_the_vault_as_it_was() {
        let back = Tokens::from_secret(&tokens().to_secret()).unwrap();
        assert_eq!(back.access.expose(), "access-1");
        assert_eq!(
            back.refresh.as_ref().map(Sensitive::expose),
            Some("refresh \"1\"")
        );
        assert_eq!(back.expires, tokens().expires);
        assert_eq!(back.account, tokens().account);
        assert_eq!(back.base, tokens().base);
    }

    #[test]
    fn a_sign_in_without_the_rest_comes_back_too() {
        let bare = Tokens {
            refresh: None,
            expires: None,
            account: None,
            base: None,
            ..tokens()
        };
        let back = Tokens::from_secret(&bare.to_secret()).unwrap();
        assert!(
            back.refresh.is_none() && back.expires.is_none() && back.account.is_none() && back.base.is_none()
        );
    }

    #[test]
    fn what_is_damaged_or_newer_says_so() {
        for (text, expected) in [
            ("", TokensError::Damaged),
            ("sk-not-json", TokensError::Damaged),
            ("{}", TokensError::Damaged),
            (r#"{"version":1}"#, TokensError::Damaged),
            (r#"{"version":1,"access":""}"#, TokensError::Damaged),
            (r#"{"version":1,"access":"a\r\nb"}"#, TokensError::Damaged),
            (r#"{"version":1,"access":"a","base":"x"}"#, TokensError::Damaged),
            (r#"{"version":2,"access":"a"}"#, TokensError::Newer),
        ] {
            assert_eq!(
                Tokens::from_secret(&Sensitive::new(text)).unwrap_err(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn no_token_shows_when_it_is_printed() {
        let shown = format!("{:?}", tokens());
        assert!(
            !shown.contains("access-1") && !shown.contains("refresh"),
            "{shown}"
        );
    }
}
