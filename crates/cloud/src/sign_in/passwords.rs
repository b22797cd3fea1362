//! Passwords: what is taken for one, and how it is hashed and compared.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::http::refusal::Refusal;

/// The least characters. Guessing online is bounded by rates; this is for a database that was stolen.
pub const SHORTEST: usize = 10;
/// The most bytes. Whatever is longer is no password, but work for us.
pub const LONGEST: usize = 256;
/// Memory in KB, passes and lanes: the second choice of OWASP's list, 19 MB and two passes.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// Hashes and compares passwords beside the requests, a few at once.
#[derive(Clone, Debug)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    worked: Arc<AtomicU64>,
    most_waiting: usize,
    /// A hash of nothing anybody knows, so that an unknown account costs what a known one does.
    nobody: Arc<str>,
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(COST.0, COST.1, COST.2, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Option<String> {
    let hash = argon2()?.hash_password(password.as_bytes()).ok()?;
    Some(hash.to_string())
}

fn fits_now(password: &str, hash: &str) -> bool {
    let (Some(argon2), Ok(hash)) = (argon2(), PasswordHash::new(hash)) else {
        return false;
    };
    argon2.verify_password(password.as_bytes(), &hash).is_ok()
}

/// Refuses what is too short or too long to be a password.
///
/// # Errors
/// With what it has to be.
pub fn check(password: &str) -> Result<(), Refusal> {
    if password.chars().count() < SHORTEST {
        return Err(Refusal::invalid(format!(
            "A password has at least {SHORTEST} characters."
        )));
    }
    if password.len() > LONGEST {
        return Err(Refusal::invalid(format!(
            "A password has at most {LONGEST} bytes."
        )));
    }
    Ok(())
}

/// Counts one that waits for as long as it lives.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Passwords {
    /// So many at once, and so many that wait.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(at_once: usize, most_waiting: usize) -> anyhow::Result<Self> {
        let nobody = hash_now(&super::secrets::random()?)
            .ok_or_else(|| anyhow::anyhow!("could not hash a password; the system has no random numbers"))?;
        Ok(Self {
            at_once: Arc::new(Semaphore::new(at_once)),
            waiting: Arc::new(AtomicUsize::new(0)),
            worked: Arc::new(AtomicU64::new(0)),
            most_waiting,
            nobody: nobody.into(),
        })
    }

    /// How many wait or are worked on.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many were hashed, to be kept or to be compared.
    #[must_use]
    pub fn worked(&self) -> u64 {
        self.worked.load(Ordering::Relaxed)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let waiting = Waiting(self.waiting.clone());
        if waiting.0.fetch_add(1, Ordering::Relaxed) >= self.most_waiting {
            return Err(Refusal::busy(
                "Many people are signing in; try again in a second.",
            ));
        }
        let permit = self
            .at_once
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Refusal::busy("The server is about to stop."))?;
        let worked = self.worked.clone();
        tokio::task::spawn_blocking(move || {
            let done = work();
            worked.fetch_add(1, Ordering::Relaxed);
            drop(permit);
            drop(waiting);
            done
        })
        .await
        .map_err(|error| {
            tracing::error!(%error, "a password was not hashed");
            Refusal::internal()
        })
    }

    /// The hash that is kept of a password.
    ///
    /// # Errors
    /// When it is none, or too many wait.
    pub async fn hash(&self, password: String) -> Result<String, Refusal> {
        check(&password)?;
        self.work(move || hash_now(&password))
            .await?
            .ok_or_else(Refusal::internal)
    }

    /// Whether a password is the one that was hashed. Without a hash it is none, after the same work.
    ///
    /// # Errors
    /// When too many wait.
    pub async fn fits(&self, password: String, hash: Option<String>) -> Result<bool, Refusal> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        if password.len() > LONGEST {
            // Nobody has such a one. The work is that of another wrong one.
            let wrong = "x".repeat(SHORTEST);
            self.work(move || fits_now(&wrong, &hash)).await?;
            return Ok(false);
        }
        let fits = self.work(move || fits_now(&password, &hash)).await?;
        Ok(known && fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_hash_and_no_other() {
        let passwords = Passwords::new(1, 4).unwrap();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            passwords
                .fits("correct horse".to_owned(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .fits("correct horsf".to_owned(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.fits("correct horse".to_owned(), None).await.unwrap());
        assert!(!passwords.fits("x".repeat(LONGEST + 1), Some(hash)).await.unwrap());
        assert!(
            !passwords
                .fits("correct horse".to_owned(), Some("plain".to_owned()))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn short_and_endless_ones_are_refused() {
        let passwords = Passwords::new(1, 4).unwrap();
        for password in ["", "123456789", &"x".repeat(LONGEST + 1)] {
            let refusal = passwords.hash(password.to_owned()).await.unwrap_err();
            assert_eq!(refusal.code, "invalidInput");
        }
    }

    #[tokio::test]
    async fn whoever_comes_when_many_wait_is_told_to_come_again() {
        let passwords = Passwords::new(1, 0).unwrap();
        let refusal = passwords.hash("correct horse".to_owned()).await.unwrap_err();
        assert_eq!((refusal.status.as_u16(), refusal.retry_after), (503, Some(1)));
        assert_eq!(passwords.waiting(), 0);
    }
}
