//! Secrets in the system's keychain, or nowhere.
//!
//! Use a [`Vault`] for what would let someone else act as the person: a provider's key, a sign-in's tokens. Do not
//! use it for settings, and not for what is made anew at each start. What the app remembers *about* a secret (that
//! there is one, what its end looks like, when it changed) is kept by [`Records`] and can be listed while the
//! keychain is away. There is no way to take all secrets out.
//!
//! # What is where
//!
//! A small value is an item of its own in the keychain. A larger one is sealed with a key that is in the keychain,
//! and its envelope is in the records. Neither half of that is of use without the other.
//!
//! # When the keychain does not work
//!
//! Nothing is written anywhere, and [`VaultState::Unavailable`] says what to install or unlock. A person may go on
//! with [`Vault::keep_for_this_run`]. *Not set* and *set, but it cannot be read* are different answers of
//! [`Vault::get`], so that nobody is asked for a key again that they have given.
//!
//! # What happens when the app dies between two writes
//!
//! | doing | order | after a fault in between |
//! |---|---|---|
//! | [`set`](Vault::set), small | keychain, record | the new value, or no record of it: *not set*; an item nobody knows of is taken by the next `set` or `delete` of its name |
//! | [`set`](Vault::set), large | data key, record, old item out of the keychain | the old value, then the new one |
//! | [`delete`](Vault::delete) | keychain, record | *cannot be read: missing*; deleting it again ends it |
//! | [`rotate`](Vault::rotate) | keychain \[new, old\], all records at once, keychain \[new\] | every value is readable; the next use of a sealed value finishes it |

mod cache;
mod data_key;
mod envelope;
mod error;
mod keychain;
mod mask;
mod name;
mod operations;
mod records;
mod sensitive;
mod thread;
mod vault;

pub use error::{Reason, Unreadable, VaultError};
pub use keychain::{Keychain, KeychainError};
pub use name::{InvalidName, SecretName};
pub use records::{Kept, MemoryRecords, Record, Records, RecordsError};
pub use sensitive::Sensitive;
pub use vault::{SecretEntry, VALUE_BYTES, Vault, VaultOptions, VaultState};
