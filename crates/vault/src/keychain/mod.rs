//! The keychain as the vault needs it: bytes by name, and errors that say what a person can do.

#[cfg(debug_assertions)]
mod plaintext;
mod system;

use zeroize::Zeroizing;

#[cfg(debug_assertions)]
pub(crate) use plaintext::PlaintextKeychain;
pub(crate) use system::SystemKeychain;

use crate::error::Reason;

/// The item with the keys that seal large values.
pub(crate) const DATA_KEY_ITEM: &str = "data-key";
/// The item that is written, read and deleted to see that the keychain works.
pub(crate) const PROBE_ITEM: &str = "probe";
/// What no secret is called.
pub(crate) const OWN_ITEMS: [&str; 2] = [DATA_KEY_ITEM, PROBE_ITEM];

/// Why a keychain did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("{reason} ({detail})")]
pub struct KeychainError {
    /// What it means to a person.
    pub reason: Reason,
    /// What the system said, for the log. Never a value.
    pub detail: String,
}

/// A place for bytes by name. The calls block, possibly for as long as a person thinks about a password, and come
/// from one thread. Bytes are within what every system's keychain takes (see [`crate::VALUE_BYTES`]).
///
/// An empty answer is no proof of anything: a daemon without a place for items has no items either.
pub trait Keychain {
    /// The bytes of an item; `None` when it has no such item.
    ///
    /// # Errors
    /// When it cannot be used.
    fn get(&mut self, item: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError>;

    /// Writes an item in the place of the one with its name.
    ///
    /// # Errors
    /// When it cannot be used.
    fn set(&mut self, item: &str, bytes: &[u8]) -> Result<(), KeychainError>;

    /// Takes an item out. Whether there was one.
    ///
    /// # Errors
    /// When it cannot be used.
    fn delete(&mut self, item: &str) -> Result<bool, KeychainError>;
}
