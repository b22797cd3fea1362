//! What can go wrong, in words for the person and with the next step. No token, code or state is in any of it.

use crate::provider::Way;

/// Why a sign-in did not come about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The provider has no such way.
    #[error("{provider} has no sign-in of this kind: choose another one")]
    NotOffered {
        /// The provider's name.
        provider: &'static str,
    },
    /// Another program listens where the browser would come back to.
    #[error(
        "port {port} on this computer is taken by another program, perhaps by another sign-in that is still open: \
         close it and try again, or sign in with a code instead"
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// This computer lets us listen nowhere.
    #[error("this computer let the app not wait for the browser ({cause}): sign in with a code instead")]
    NoCallback {
        /// What the operating system said.
        cause: String,
    },
    /// Nothing came back.
    #[error("{host} cannot be reached ({cause}): check the network connection, then sign in again")]
    Unreachable {
        /// Whom we asked.
        host: String,
        /// What happened.
        cause: String,
    },
    /// What came back is no answer of a sign-in.
    #[error(
        "{host} did not answer like a sign-in ({what}): if this network has a login page or a filtering proxy, get \
         past it first; else try again later"
    )]
    Unexpected {
        /// Whom we asked.
        host: String,
        /// What came instead.
        what: String,
    },
    /// The provider has trouble of its own.
    #[error("{host} has trouble at the moment (status {status}): try again later")]
    Trouble {
        /// Whom we asked.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The person, or who governs their account, said no.
    #[error("access was not granted at the provider ({said}): sign in again, and allow it there")]
    Denied {
        /// What the provider said, bounded and cleaned.
        said: String,
    },
    /// The provider refused for another reason.
    #[error("{host} refused the sign-in ({said}): start the sign-in again")]
    Refused {
        /// Whom we asked.
        host: String,
        /// What the provider said, bounded and cleaned.
        said: String,
    },
    /// Signing in by code is switched off there.
    #[error("{host} does not offer signing in with a code: sign in with the browser instead")]
    CodesSwitchedOff {
        /// Whom we asked.
        host: String,
    },
    /// Nobody finished it in time.
    #[error("the sign-in was not finished in time: start it again")]
    Expired,
    /// It was waited for already.
    #[error("this sign-in is over: start a new one")]
    Over,
    /// The operating system gave no random numbers.
    #[error(
        "this computer gave no random numbers, without which a sign-in is not safe: restart it and try again"
    )]
    NoRandomness,
}

impl SignInError {
    /// The way to offer next.
    #[must_use]
    pub fn alternative(&self) -> Option<Way> {
        match self {
            Self::PortTaken { .. } | Self::NoCallback { .. } => Some(Way::DeviceCode),
            Self::CodesSwitchedOff { .. } => Some(Way::Browser),
            _ => None,
        }
    }

    /// Whether the same question may well be answered a moment later.
    pub(crate) fn passes(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Unexpected { .. } | Self::Trouble { .. }
        )
    }
}

/// Why a pasted address was not taken. The sign-in goes on, and another one may be pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasteError {
    /// This sign-in wants none.
    #[error("this sign-in needs nothing pasted: enter its code on the provider's page")]
    NotWanted,
    /// The answer is there already.
    #[error("this sign-in has its answer already")]
    Over,
    /// It is no address the browser was sent to.
    #[error(
        "this is not the address the browser was sent to at the end: copy the whole address from the browser's \
         address bar; it begins with http://localhost and has \"code=\" in it"
    )]
    NotTheAddress,
    /// It is of another sign-in.
    #[error(
        "this address is from another sign-in: finish the one that was opened last, and paste its address"
    )]
    AnotherSignIn,
}

/// Why there is no token to send.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeeperError {
    /// Nobody signed in.
    #[error("nobody is signed in at {provider}: sign in first")]
    NotSignedIn {
        /// The provider's name.
        provider: &'static str,
    },
    /// The provider no longer takes what we have; asking again would not help.
    #[error("{provider} ended this sign-in ({cause}): sign in again")]
    SignedOut {
        /// The provider's name.
        provider: &'static str,
        /// What the provider said, bounded and cleaned.
        cause: String,
    },
    /// The sign-in could not be renewed just now.
    #[error("the sign-in at {provider} could not be renewed: {cause}")]
    NotRenewed {
        /// The provider's name.
        provider: &'static str,
        /// Why, with what to do.
        cause: String,
    },
    /// The place where the tokens are kept does not give them out.
    #[error("the sign-in at {provider} cannot be read: {cause}")]
    Unreadable {
        /// The provider's name.
        provider: &'static str,
        /// Why, with what to do.
        cause: String,
    },
}

/// Why the place where tokens are kept did not give or take them, in words with what to do and without any token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);
