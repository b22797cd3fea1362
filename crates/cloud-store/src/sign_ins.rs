//! Browsers in which somebody is signed in.

use crate::{SecretHash, SignInId, Store, StoreError, User, UserId};

/// How many sign-ins of a person are kept. One more ends the one that was seen least lately.
pub const SIGN_INS: u32 = 50;

/// A sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Its id, by which it is ended from another browser.
    pub id: SignInId,
    /// Whose it is.
    pub user: UserId,
    /// What a request that changes something has to repeat.
    pub csrf: String,
    /// What the browser called itself.
    pub agent: String,
    /// Since when, in milliseconds since the epoch.
    pub created: i64,
    /// When it was used last, to the minute.
    pub last_seen: i64,
    /// Until when, however much it is used.
    pub expires: i64,
}

/// A sign-in that is new.
#[derive(Clone)]
pub struct NewSignIn {
    /// Whose it is.
    pub user: UserId,
    /// The hash of what is in the cookie.
    pub secret: SecretHash,
    /// What a request that changes something has to repeat.
    pub csrf: String,
    /// What the browser calls itself; cut to 200 bytes.
    pub agent: String,
    /// Until when, in milliseconds since the epoch.
    pub expires: i64,
}

impl Store {
    /// Somebody signed in.
    pub async fn sign_in(&self, sign_in: &NewSignIn, now: i64) -> Result<SignIn, StoreError> {
        todo!()
    }

    /// The sign-in with that secret and its person, when it is neither over nor idle for longer than `idle`
    /// milliseconds. Notes, once in a minute at most, that it was seen.
    pub async fn sign_in_by_secret(
        &self,
        secret: &SecretHash,
        idle: i64,
        now: i64,
    ) -> Result<Option<(SignIn, User)>, StoreError> {
        todo!()
    }

    /// Somebody's sign-ins that are not over, the one seen last first.
    pub async fn sign_ins(&self, user: &UserId, idle: i64, now: i64) -> Result<Vec<SignIn>, StoreError> {
        todo!()
    }

    /// Ends one of somebody's.
    pub async fn sign_out(&self, user: &UserId, sign_in: &SignInId, now: i64) -> Result<(), StoreError> {
        todo!()
    }

    /// Ends all of somebody's but one. Says how many.
    pub async fn sign_out_everywhere(
        &self,
        user: &UserId,
        keep: Option<&SignInId>,
        now: i64,
    ) -> Result<u64, StoreError> {
        todo!()
    }
}
