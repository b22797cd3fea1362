//! What the person should hear of.

/// What the person should hear of, as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyNews {
    /// Four fifths of what a run may ask of a provider are used up.
    CapNear {
        /// The provider's id.
        provider: String,
        /// Requests of this run.
        requests: u64,
        /// Requests this run may make.
        cap: u64,
    },
    /// A run has asked as often as it may; what it asks from now on is refused. Told once for each cap.
    CapReached {
        /// The provider's id.
        provider: String,
        /// Requests this run may make.
        cap: u64,
    },
    /// A key was needed and could not be had.
    KeyUnavailable {
        /// The provider's id.
        provider: String,
        /// The key source's words.
        message: String,
    },
    /// The provider does not take the key.
    KeyRefused {
        /// The provider's id.
        provider: String,
        /// 401 or 403.
        status: u16,
    },
    /// Nothing was sent, since the address is not, or no longer, one that may be sent to; or since no safe connection
    /// to it was possible.
    NotSafe {
        /// The provider's id.
        provider: String,
        /// Why, in words.
        message: String,
    },
    /// A program without a valid token asked. Told at the first, second, fourth, eighth… attempt.
    Stranger {
        /// Attempts since the proxy started.
        attempts: u64,
    },
}
