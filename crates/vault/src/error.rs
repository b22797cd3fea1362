//! Why the vault did not do what was asked, in words that say what to do. No secret is in any of them.

use std::fmt;

use crate::name::SecretName;
use crate::records::RecordsError;

/// Why the keychain cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is none, or it cannot be reached.
    NoService,
    /// It is locked, and whoever was asked to unlock it did not.
    Locked,
    /// It runs and has no place to put items in.
    NoCollection,
    /// It has not answered yet, probably because a person is asked to unlock it.
    WaitingForPerson,
    /// Anything else. The log has what the system said.
    Failed,
}

impl Reason {
    /// What is the matter, in one sentence, on this operating system. What to do about it is [`Self::advice`].
    #[must_use]
    pub const fn cause(self) -> &'static str {
        self.words().0
    }

    /// What a person can do about it, on this operating system. It says nothing that [`Self::cause`] says.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        if cfg!(target_os = "macos") {
            self.words_on_mac()
        } else if cfg!(windows) {
            self.words_on_windows()
        } else {
            self.words_on_linux()
        }
    }

    const fn words_on_linux(self) -> (&'static str, &'static str) {
        match self {
            Self::NoService => (
                "No key ring answers.",
                "Install gnome-keyring or KWallet (KDE) from your system's packages, log out and in again, then try \
                 again.",
            ),
            Self::Locked => (
                "Your key ring is locked.",
                "Unlock it in Passwords and Keys (GNOME) or KWalletManager (KDE), then try again.",
            ),
            Self::NoCollection => (
                "Your key ring has no place for keys yet.",
                "Create a password key ring named \"Login\" in Passwords and Keys and set it as the default one, \
                 then try again.",
            ),
            Self::WaitingForPerson => (
                "Your key ring has not answered yet.",
                "It may be waiting for you: look for a window that asks to unlock it.",
            ),
            Self::Failed => (
                "Your key ring did not do what was asked.",
                "Check in Passwords and Keys (GNOME) or KWalletManager (KDE) that it works, then try again; the log \
                 says more.",
            ),
        }
    }

    const fn words_on_mac(self) -> (&'static str, &'static str) {
        match self {
            Self::NoService | Self::NoCollection => (
                "Your login keychain was not found.",
                "Check in Keychain Access that it is there and is the default one, then try again.",
            ),
            Self::Locked => (
                "Your login keychain is locked, or access to it was denied.",
                "Unlock it in Keychain Access, then try again.",
            ),
            Self::WaitingForPerson => (
                "Your keychain has not answered yet.",
                "It may be waiting for you: look for a window that asks for access.",
            ),
            Self::Failed => (
                "Your keychain did not do what was asked.",
                "Check in Keychain Access that it works, then try again; the log says more.",
            ),
        }
    }

    const fn words_on_windows(self) -> (&'static str, &'static str) {
        match self {
            Self::NoService | Self::NoCollection | Self::Locked => (
                "Credential Manager cannot be used in this logon session.",
                "Sign in to Windows as yourself and not through a service or a network logon, then try again.",
            ),
            Self::WaitingForPerson => (
                "Credential Manager has not answered yet.",
                "Try again in a moment.",
            ),
            Self::Failed => (
                "Credential Manager did not do what was asked.",
                "Check that it opens in Control Panel, then try again; the log says more.",
            ),
        }
    }
}

/// The cause and the advice, for who shows no more than an error's text.
impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.cause(), self.advice())
    }
}

/// Why a secret that is set cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The keychain works and does not have it, or not the key it is sealed with.
    Missing,
    /// It was changed, or is not what this app writes.
    Damaged,
    /// The keychain cannot be used.
    Keychain(Reason),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("The keychain does not have it any more. Enter it again."),
            Self::Damaged => {
                formatter.write_str("What is kept of it was changed or damaged. Enter it again.")
            }
            Self::Keychain(reason) => reason.fmt(formatter),
        }
    }
}

/// Why the vault did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The keychain cannot be used. Nothing was written.
    #[error("{reason}")]
    Unavailable {
        /// Why.
        reason: Reason,
    },
    /// The secret is set and cannot be read. It is not the same as one that is not set.
    #[error("`{name}` is set but cannot be read. {reason}")]
    CannotBeRead {
        /// The secret.
        name: SecretName,
        /// Why.
        reason: Unreadable,
    },
    /// The key that seals large values is there and is not what this app writes. A newer version may have written
    /// it, so nothing is put in its place.
    #[error(
        "the keychain's item `data-key` was not written by this version of the app; update the app, or delete the \
         item if you do not need the sign-ins that are kept with it"
    )]
    UnknownDataKey,
    /// A value of no characters.
    #[error("an empty value cannot be kept")]
    Empty,
    /// A value above the bound.
    #[error(
        "a value of {bytes} bytes cannot be kept; at most {} can",
        crate::vault::VALUE_BYTES
    )]
    TooLong {
        /// Its length in UTF-8.
        bytes: usize,
    },
    /// What is remembered about secrets could not be read or written.
    #[error("what is remembered about secrets could not be read or written: {0}")]
    Records(#[from] RecordsError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_one_sentence_and_its_advice_says_nothing_of_it_again() {
        for reason in [
            Reason::NoService,
            Reason::Locked,
            Reason::NoCollection,
            Reason::WaitingForPerson,
            Reason::Failed,
        ] {
            for (cause, advice) in [
                reason.words_on_linux(),
                reason.words_on_mac(),
                reason.words_on_windows(),
            ] {
                assert_eq!(cause.matches('.').count(), 1, "{cause}");
                assert!(cause.ends_with('.') && advice.ends_with('.'), "{cause} {advice}");
                assert!(!advice.contains(cause.trim_end_matches('.')), "{advice}");
            }
            let shown = reason.to_string();
            assert_eq!(shown.matches(reason.cause()).count(), 1, "{shown}");
            assert_eq!(shown.matches(reason.advice()).count(), 1, "{shown}");
        }
    }
}
