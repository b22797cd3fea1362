//! Names of rows, each kind a type of its own, so that one is never taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The longest id that is taken from outside, in bytes. Ours have 36; the published protocol says nothing of theirs.
pub const ID_LIMIT: usize = 200;

/// A text that is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to {ID_LIMIT} bytes and no control characters")]
pub struct NotAnId;

fn is_an_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= ID_LIMIT && !text.chars().any(char::is_control)
}

/// 16 random bytes in hexadecimal.
///
/// # Panics
/// When the system has no random numbers: nothing that is safe can be made then.
fn random_part() -> String {
    let mut bytes = [0; 16];
    #[expect(
        clippy::expect_used,
        reason = "without random numbers every id and token could be guessed"
    )]
    getrandom::fill(&mut bytes).expect("the system gives random numbers");
    hex::encode(bytes)
}

macro_rules! id {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id that is spelled so, when it can be one.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                if is_an_id(text) { Ok(Self(text.to_owned())) } else { Err(NotAnId) }
            }

            /// How it is spelled.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;

            fn try_from(text: String) -> Result<Self, NotAnId> {
                if is_an_id(&text) { Ok(Self(text)) } else { Err(NotAnId) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
    ($(#[$about:meta])* $name:ident, $prefix:literal) => {
        id!($(#[$about])* $name);

        impl $name {
            /// A new one, with 128 random bits.
            #[must_use]
            pub fn random() -> Self {
                Self(format!(concat!($prefix, "_{}"), random_part()))
            }
        }
    };
}

id!(
    /// An organization.
    OrganizationId, "org"
);
id!(
    /// A person.
    UserId, "usr"
);
id!(
    /// A browser in which a person is signed in.
    SignInId, "sgn"
);
id!(
    /// An invitation into an organization.
    InvitationId, "inv"
);
id!(
    /// A token for programs.
    ApiTokenId, "tok"
);
id!(
    /// A desktop's pairing. The desktop makes it.
    PairingId, "dsk"
);
id!(
    /// A desktop's device. The desktop makes it.
    DeviceId
);
id!(
    /// A command for a desktop.
    CommandId, "cmd"
);
id!(
    /// Whose turn a command is; another one for each time it is given out.
    LeaseToken, "lse"
);
id!(
    /// An event of a desktop. The desktop makes it.
    EventId
);
id!(
    /// A session on a desktop. Its engine makes it.
    SessionId
);

/// What is kept of a secret with enough random bits in it (a token, a cookie, the code of a link): its SHA-256. A
/// password is something else, and is hashed slowly by whoever asks for it.
#[derive(Clone, Eq)]
pub struct SecretHash(String);

impl SecretHash {
    /// That of a secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(hex::encode(Sha256::digest(secret.as_bytes())))
    }

    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_plain() {
        assert!(OrganizationId::random().as_str().starts_with("org_"));
        assert_eq!(OrganizationId::random().as_str().len(), 36);
        assert_ne!(CommandId::random(), CommandId::random());
        assert_eq!(SessionId::parse(""), Err(NotAnId));
        assert_eq!(SessionId::parse("a\u{0}b"), Err(NotAnId));
        assert_eq!(SessionId::parse(&"x".repeat(ID_LIMIT + 1)), Err(NotAnId));
        assert!(SessionId::parse(&"x".repeat(ID_LIMIT)).is_ok());
        assert!(serde_json::from_str::<EventId>("\"\\u0000\"").is_err());
    }

    #[test]
    fn a_hash_says_nothing_when_it_is_printed() {
        let hash = SecretHash::of("ocp_secret");
        assert_eq!(format!("{hash:?}"), "SecretHash(…)");
        assert_eq!(hash, SecretHash::of("ocp_secret"));
        assert_ne!(hash, SecretHash::of("ocp_other"));
    }
}
