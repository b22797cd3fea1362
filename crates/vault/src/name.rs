//! What a secret is called.

use std::fmt;
use std::sync::Arc;

/// Characters of a name. Windows takes user names of 513 and SQLite anything; what is longer than this was not
/// thought of as a name.
const LENGTH: usize = 120;

/// What a secret is called: `anthropic`, or `sign-in/github-copilot`. Lower case, because Windows does not tell case
/// apart. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(Arc<str>);

/// A text that cannot be the name of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` cannot name a secret: a name has 1 to {LENGTH} of the characters a-z 0-9 . _ / -, no part between slashes \
     that is empty or only dots, and is not one of the vault's own items"
)]
pub struct InvalidName(String);

impl SecretName {
    /// Takes a text as a name.
    ///
    /// # Errors
    /// When it is empty, longer than 120 characters, has others than `[a-z0-9._/-]`, has a part between slashes that
    /// is empty or only dots, or is `data-key` or `probe`, which the vault calls its own items.
    pub fn new(name: &str) -> Result<Self, InvalidName> {
        let characters = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'/' | b'-');
        let is_name = name.len() <= LENGTH
            && name.bytes().all(characters)
            && name.split('/').all(|part| part.bytes().any(|byte| byte != b'.'))
            && !crate::keychain::OWN_ITEMS.contains(&name);
        if is_name {
            Ok(Self(name.into()))
        } else {
            // What was refused may be anything, a key that was pasted into the wrong field too.
            Err(InvalidName(
                name.chars()
                    .filter(|letter| letter.is_alphanumeric())
                    .take(3)
                    .chain(['…'])
                    .collect(),
            ))
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_providers_and_sign_ins_are_names() {
        for name in [
            "anthropic",
            "sign-in/github-copilot",
            "a",
            "io.net",
            "z_ai",
            &"a".repeat(120),
        ] {
            assert_eq!(SecretName::new(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn what_could_leave_a_folder_or_hide_is_no_name() {
        let long = "a".repeat(121);
        let refused = [
            "", "/", "a/", "/a", "a//b", "..", "../a", "a/./b", "A", "ä", "a b", "a\0", "a\\b", &long,
        ];
        for name in refused {
            assert!(SecretName::new(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn the_vault_s_own_items_are_no_names() {
        assert!(SecretName::new("data-key").is_err());
        assert!(SecretName::new("probe").is_err());
    }

    #[test]
    fn a_key_in_the_place_of_a_name_is_not_repeated() {
        let error = SecretName::new("SK-ant-0123456789").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("0123"));
    }
}
