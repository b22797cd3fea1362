//! Why nothing came back.

use cowork_policy::UrlRefusal;

use crate::judge::Reach;

/// Why nothing came back, in words for the person. Hosts are named; paths, queries, headers and bodies never are.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OutwardError {
    /// The address is not one that may be connected to.
    #[error("{0}")]
    Refused(#[from] UrlRefusal),
    /// The name leads to another place than the one that was agreed on.
    #[error("{name} was agreed on as an address {agreed}, but leads to one {found}; nothing was sent")]
    LeadsElsewhere {
        /// The host of the address.
        name: String,
        /// What the request was allowed.
        agreed: Reach,
        /// What the name leads to now.
        found: Reach,
    },
    /// What leaves the local network has to be encrypted.
    #[error(
        "{name} is on the internet, where nothing is sent unencrypted; its address has to begin with https"
    )]
    NotEncrypted {
        /// The host of the address.
        name: String,
    },
    /// The name has no address.
    #[error("the name {name} could not be found; check its spelling and the network")]
    NameNotFound {
        /// The host of the address, or that of the system's proxy.
        name: String,
    },
    /// Nobody took the connection.
    #[error("nothing answers at {at}: {cause}")]
    NotConnected {
        /// Host and port.
        at: String,
        /// What the system or the proxy says.
        cause: String,
    },
    /// The encryption was not agreed on, or the certificate is not to be trusted.
    #[error("no safe connection to {name}: {cause}")]
    NotSecure {
        /// The host whose certificate was asked for.
        name: String,
        /// What is wrong with it.
        cause: String,
    },
    /// It took too long.
    #[error("{what} took longer than {seconds} s")]
    TimedOut {
        /// What was waited for.
        what: &'static str,
        /// For how long.
        seconds: u64,
    },
    /// The connection broke, or what came was no HTTP.
    #[error("the connection to {name} broke off: {cause}")]
    Broken {
        /// The host of the address.
        name: String,
        /// What was wrong.
        cause: String,
    },
    /// The answer is longer than the caller takes.
    #[error("the answer of {name} is longer than {limit} bytes")]
    TooLong {
        /// The host of the address.
        name: String,
        /// How much would have been taken.
        limit: usize,
    },
}
