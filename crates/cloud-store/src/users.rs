//! People, and their passwords' hashes.

use sqlx::any::AnyRow;

use crate::audit::record_everywhere;
use crate::database::{Tx, transaction};
use crate::error::line;
use crate::rows::Columns;
use crate::sign_ins::end_sign_ins;
use crate::{Actor, SignInId, Store, StoreError, UserId};

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
        // Nobody has one that cannot be kept, and PostgreSQL takes no such text.
        if email.contains('\0') {
            return Ok(None);
        }
        sqlx::query("SELECT id, email, name, password_hash, created FROM people WHERE email = $1")
            .bind(folded(email))
            .fetch_optional(self.database().reading())
            .await?
            .map(|row| user(&row))
            .transpose()
    }

    /// Somebody.
    pub async fn user(&self, user: &UserId) -> Result<Option<User>, StoreError> {
        sqlx::query("SELECT id, email, name, password_hash, created FROM people WHERE id = $1")
            .bind(user.as_str())
            .fetch_optional(self.database().reading())
            .await?
            .map(|row| self::user(&row))
            .transpose()
    }

    /// Names somebody anew.
    pub async fn rename_user(
        &self,
        user: &UserId,
        name: &str,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        let name = line("the name", name, NAME_LIMIT)?;
        transaction!(self.database(), |tx| {
            let changed = sqlx::query("UPDATE people SET name = $2 WHERE id = $1")
                .bind(user.as_str())
                .bind(name)
                .execute(tx.on())
                .await?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound("person"));
            }
            record_everywhere(&mut tx, user, by, "user.renamed", now).await?;
        })
    }

    /// Another password. Every sign-in of theirs but `keep` ends, in the same transaction.
    pub async fn set_password(
        &self,
        user: &UserId,
        password_hash: &str,
        keep: Option<&SignInId>,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        transaction!(self.database(), |tx| {
            let changed = sqlx::query("UPDATE people SET password_hash = $2 WHERE id = $1")
                .bind(user.as_str())
                .bind(password_hash)
                .execute(tx.on())
                .await?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound("person"));
            }
            end_sign_ins(&mut tx, user, keep).await?;
            record_everywhere(&mut tx, user, by, "user.password_changed", now).await?;
        })
    }
}

/// An address as it is compared.
pub(crate) fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

/// An address that mail might go to, as it is kept.
pub(crate) fn address(email: &str) -> Result<String, StoreError> {
    let email = folded(line("the address", email, EMAIL_LIMIT)?);
    let usable = email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
        && !email.contains(char::is_whitespace);
    if usable {
        Ok(email)
    } else {
        Err(StoreError::Invalid {
            what: "the address",
            why: "is not one".to_owned(),
        })
    }
}

pub(crate) fn user(row: &AnyRow) -> Result<User, StoreError> {
    Ok(User {
        id: row.id("id")?,
        email: row.text("email")?,
        name: row.text("name")?,
        password_hash: row.text("password_hash")?,
        created: row.number("created")?,
    })
}

/// Makes a person.
pub(crate) async fn insert(tx: &mut Tx, user: &NewUser, email: &str, now: i64) -> Result<UserId, StoreError> {
    let id = UserId::random();
    let inserted = sqlx::query(
        "INSERT INTO people (id, email, name, password_hash, created) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (email) DO NOTHING",
    )
    .bind(id.as_str())
    .bind(address(email)?)
    .bind(line("the name", &user.name, NAME_LIMIT)?)
    .bind(user.password_hash.as_str())
    .bind(now)
    .execute(tx.on())
    .await?;
    if inserted.rows_affected() == 0 {
        return Err(StoreError::Conflict(
            "somebody has this address already; sign in first",
        ));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_however_it_is_typed() {
        assert_eq!(address(" Ada@Example.ORG ").unwrap(), "ada@example.org");
        for wrong in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a da@example.org",
            "ada\u{0}@example.org",
        ] {
            assert!(address(wrong).is_err(), "{wrong:?}");
        }
        assert!(address(&format!("{}@example.org", "a".repeat(EMAIL_LIMIT))).is_err());
    }
}
