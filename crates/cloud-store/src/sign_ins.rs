//! Browsers in which somebody is signed in.

use crate::audit::record_everywhere;
use crate::database::{Tx, transaction};
use crate::rows::Columns;
use crate::{Actor, SecretHash, SignInId, Store, StoreError, User, UserId, WakeKey, users};

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
    /// The hash that is kept of the password they showed to know.
    pub password_hash: String,
    /// The hash of what is in the cookie.
    pub secret: SecretHash,
    /// What a request that changes something has to repeat.
    pub csrf: String,
    /// What the browser calls itself; cut to 200 bytes.
    pub agent: String,
    /// Until when, in milliseconds since the epoch.
    pub expires: i64,
}

/// How seldom, in milliseconds, it is written that somebody was seen.
pub(crate) const SEEN_EVERY: i64 = 60_000;
/// The longest name of a browser that is kept, in bytes.
const AGENT_LIMIT: usize = 200;

impl Store {
    /// Somebody signed in. A [`StoreError::Conflict`] when their password is another one by now: what ended every sign-in
    /// does not let one in that was on its way.
    pub async fn sign_in(&self, sign_in: &NewSignIn, by: &Actor, now: i64) -> Result<SignIn, StoreError> {
        let kept = SignIn {
            id: SignInId::random(),
            user: sign_in.user.clone(),
            csrf: sign_in.csrf.clone(),
            agent: cut(&sign_in.agent),
            created: now,
            last_seen: now,
            expires: sign_in.expires,
        };
        transaction!(self.database(), |tx| {
            // Holds the person's row, so that many at once do not pass the bound together.
            let statement = tx
                .database()
                .locking("SELECT password_hash FROM people WHERE id = $1");
            let person = sqlx::query(statement)
                .bind(kept.user.as_str())
                .fetch_optional(tx.on())
                .await?
                .ok_or(StoreError::NotFound("person"))?;
            if person.text("password_hash")? != sign_in.password_hash {
                return Err(StoreError::Conflict(
                    "the password was changed in the meantime; sign in with the new one",
                ));
            }
            let over = sqlx::query(
                "DELETE FROM sign_ins WHERE id IN (SELECT id FROM sign_ins WHERE person = $1 \
                 ORDER BY last_seen DESC, id LIMIT 1000 OFFSET $2)",
            )
            .bind(kept.user.as_str())
            .bind(i64::from(SIGN_INS) - 1)
            .execute(tx.on())
            .await?;
            if over.rows_affected() > 0 {
                tx.wake(WakeKey::User(kept.user.clone()));
            }
            sqlx::query(
                "INSERT INTO sign_ins (id, secret, person, csrf, agent, created, last_seen, expires) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(kept.id.as_str())
            .bind(sign_in.secret.as_str())
            .bind(kept.user.as_str())
            .bind(kept.csrf.as_str())
            .bind(kept.agent.as_str())
            .bind(kept.created)
            .bind(kept.last_seen)
            .bind(kept.expires)
            .execute(tx.on())
            .await?;
            record_everywhere(&mut tx, &kept.user, by, "user.signed_in", now).await?;
            kept.clone()
        })
    }

    /// The sign-in with that secret and its person, when it is neither over nor idle for longer than `idle`
    /// milliseconds. Notes, once in a minute at most, that it was seen.
    pub async fn sign_in_by_secret(
        &self,
        secret: &SecretHash,
        idle: i64,
        now: i64,
    ) -> Result<Option<(SignIn, User)>, StoreError> {
        let found = sqlx::query(
            "SELECT sign_ins.id AS sign_in, csrf, agent, sign_ins.created AS since, last_seen, expires, \
             people.id, people.email, people.name, people.password_hash, people.created FROM sign_ins \
             JOIN people ON people.id = sign_ins.person \
             WHERE secret = $1 AND expires > $2 AND last_seen > $3",
        )
        .bind(secret.as_str())
        .bind(now)
        .bind(now.saturating_sub(idle))
        .fetch_optional(self.database().reading())
        .await?;
        let Some(row) = found else { return Ok(None) };
        let user = users::user(&row)?;
        let mut sign_in = SignIn {
            id: row.id("sign_in")?,
            user: user.id.clone(),
            csrf: row.text("csrf")?,
            agent: row.text("agent")?,
            created: row.number("since")?,
            last_seen: row.number("last_seen")?,
            expires: row.number("expires")?,
        };
        if now >= sign_in.last_seen.saturating_add(SEEN_EVERY) {
            let noted = sqlx::query("UPDATE sign_ins SET last_seen = $2 WHERE id = $1 AND last_seen < $2")
                .bind(sign_in.id.as_str())
                .bind(now)
                .execute(self.database().writing())
                .await;
            if was_noted(&noted) {
                sign_in.last_seen = now;
            }
        }
        Ok(Some((sign_in, user)))
    }

    /// Somebody's sign-ins that are not over, the one seen last first.
    pub async fn sign_ins(&self, user: &UserId, idle: i64, now: i64) -> Result<Vec<SignIn>, StoreError> {
        sqlx::query(
            "SELECT id, csrf, agent, created, last_seen, expires FROM sign_ins \
             WHERE person = $1 AND expires > $2 AND last_seen > $3 ORDER BY last_seen DESC, id",
        )
        .bind(user.as_str())
        .bind(now)
        .bind(now.saturating_sub(idle))
        .fetch_all(self.database().reading())
        .await?
        .iter()
        .map(|row| {
            Ok(SignIn {
                id: row.id("id")?,
                user: user.clone(),
                csrf: row.text("csrf")?,
                agent: row.text("agent")?,
                created: row.number("created")?,
                last_seen: row.number("last_seen")?,
                expires: row.number("expires")?,
            })
        })
        .collect()
    }

    /// Ends one of somebody's.
    pub async fn sign_out(
        &self,
        user: &UserId,
        sign_in: &SignInId,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        transaction!(self.database(), |tx| {
            let gone = sqlx::query("DELETE FROM sign_ins WHERE person = $1 AND id = $2")
                .bind(user.as_str())
                .bind(sign_in.as_str())
                .execute(tx.on())
                .await?;
            if gone.rows_affected() == 0 {
                return Err(StoreError::NotFound("sign-in"));
            }
            tx.wake(WakeKey::User(user.clone()));
            record_everywhere(&mut tx, user, by, "user.signed_out", now).await?;
        })
    }

    /// Ends all of somebody's but one. Says how many.
    pub async fn sign_out_everywhere(
        &self,
        user: &UserId,
        keep: Option<&SignInId>,
        by: &Actor,
        now: i64,
    ) -> Result<u64, StoreError> {
        transaction!(self.database(), |tx| {
            let ended = end_sign_ins(&mut tx, user, keep).await?;
            record_everywhere(&mut tx, user, by, "user.signed_out_everywhere", now).await?;
            ended
        })
    }
}

/// Ends all of somebody's but one.
pub(crate) async fn end_sign_ins(
    tx: &mut Tx,
    user: &UserId,
    keep: Option<&SignInId>,
) -> Result<u64, StoreError> {
    let gone = sqlx::query("DELETE FROM sign_ins WHERE person = $1 AND id <> $2")
        .bind(user.as_str())
        .bind(keep.map_or("", SignInId::as_str))
        .execute(tx.on())
        .await?
        .rows_affected();
    tx.wake(WakeKey::User(user.clone()));
    Ok(gone)
}

/// Whether it was written down that somebody was seen. Where it cannot be, as on a disk that is full, it is known all the
/// same who they are, and what is only read is there for them.
pub(crate) fn was_noted<T>(noted: &Result<T, sqlx::Error>) -> bool {
    if let Err(error) = noted {
        tracing::warn!(%error, "that somebody was seen could not be written down");
    }
    noted.is_ok()
}

/// What a browser calls itself, as much as is kept, in one line.
fn cut(agent: &str) -> String {
    let mut kept = String::new();
    for each in agent.chars().filter(|each| !each.is_control()) {
        if kept.len() + each.len_utf8() > AGENT_LIMIT {
            break;
        }
        kept.push(each);
    }
    kept
}
