//! People, and their passwords' hashes.

use crate::{Store, StoreError, UserId};

/// The longest address of a person's mail, in bytes: what mail servers take.
pub const EMAIL_LIMIT: usize = 254;
/// The longest name, in bytes.
pub const NAME_LIMIT: usize = 200;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their mail's address, in small letters; two people never have the same.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Their password's argon2id hash, as it is written by that function.
    pub password_hash: String,
    /// Since when, in milliseconds since the epoch.
    pub created: i64,
}

/// A person who is new.
#[derive(Clone)]
pub struct NewUser {
    /// Their mail's address. It is kept in small letters.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Their password's argon2id hash.
    pub password_hash: String,
}

impl Store {
    /// Somebody by their address, for a sign-in.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        todo!()
    }

    /// Somebody.
    pub async fn user(&self, user: &UserId) -> Result<Option<User>, StoreError> {
        todo!()
    }

    /// Names somebody anew.
    pub async fn rename_user(&self, user: &UserId, name: &str, now: i64) -> Result<(), StoreError> {
        todo!()
    }

    /// Another password. Every sign-in of theirs but `keep` ends, in the same transaction.
    pub async fn set_password(
        &self,
        user: &UserId,
        password_hash: &str,
        keep: Option<&crate::SignInId>,
        now: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// The same password under a newer hash: nothing ends.
    pub async fn replace_password_hash(
        &self,
        user: &UserId,
        old_hash: &str,
        new_hash: &str,
    ) -> Result<(), StoreError> {
        todo!()
    }
}
