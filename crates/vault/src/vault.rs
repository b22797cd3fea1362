//! The vault: what other rooms call.

use std::collections::HashMap;
use std::fmt;
#[cfg(debug_assertions)]
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::cache::Cache;
use crate::error::{Reason, Unreadable, VaultError};
#[cfg(debug_assertions)]
use crate::keychain::PlaintextKeychain;
use crate::keychain::{Keychain, SystemKeychain};
use crate::mask::masked;
use crate::name::SecretName;
use crate::operations::Operations;
use crate::records::{Kept, Record, Records, RecordsError};
use crate::sensitive::Sensitive;
use crate::thread::{Unanswered, Worker};

/// Bytes of UTF-8 a value may have. The largest there are, a sign-in's tokens, are below 20 KB.
pub const VALUE_BYTES: usize = 64 * 1024;
/// Bytes of UTF-8 up to which a value is an item of its own. Credential Manager takes 2,560 bytes for one, and other
/// programs that write them there use two for each character.
pub(crate) const DIRECT_BYTES: usize = 1_280;
/// How long reading does not ask for a locked keychain again after a person did not unlock it.
pub(crate) const LOCKED_REST: Duration = Duration::from_mins(1);
/// A call is given up, when a person asks for another look, after this many times the patience. An unlock dialog
/// whose daemon died never answers; one that is open for ten minutes is looked at by nobody.
const PATIENCES: u32 = 10;

/// How a vault is made.
#[derive(Clone, Debug)]
pub struct VaultOptions {
    /// Tells this app's items from others' in the keychain: the brand's app id.
    pub service: String,
    /// What a person sees beside an item's name when they look at their keychain: the brand's name.
    pub label: String,
    /// How long a caller waits for the keychain. A person may be looking for their password meanwhile.
    pub patience: Duration,
    #[cfg(debug_assertions)]
    plaintext_folder: Option<PathBuf>,
}

impl VaultOptions {
    /// With a patience of a minute.
    #[must_use]
    pub fn new(service: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            label: label.into(),
            patience: Duration::from_mins(1),
            #[cfg(debug_assertions)]
            plaintext_folder: None,
        }
    }

    /// Keeps everything in files in the place of the keychain, for developing on a computer that has none. A release
    /// build does not have this function:
    ///
    #[cfg_attr(debug_assertions, doc = "```")]
    #[cfg_attr(not(debug_assertions), doc = "```compile_fail")]
    /// let options = cowork_vault::VaultOptions::new("org.example.cowork", "Example");
    /// let options = options.in_plaintext("/tmp/secrets");
    /// ```
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn in_plaintext(mut self, folder: impl Into<PathBuf>) -> Self {
        self.plaintext_folder = Some(folder.into());
        self
    }
}

/// Whether secrets can be kept, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultState {
    /// In the system's keychain, or sealed with a key in it.
    Encrypted,
    /// Not at all. Nothing is written anywhere.
    Unavailable {
        /// Why.
        reason: Reason,
        /// What a person can do about it.
        advice: String,
    },
    /// In files that anyone with the person's rights can read. Builds for development alone.
    Plaintext,
}

/// What may be shown of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretEntry {
    /// What it is called.
    pub name: SecretName,
    /// Enough of it to tell it from another: `sk-…abcd`, never more than a quarter.
    pub hint: String,
    /// Where its value is.
    pub kept: Kept,
    /// When it was last set, in milliseconds since 1970.
    pub changed: i64,
}

impl From<Record> for SecretEntry {
    fn from(record: Record) -> Self {
        Self {
            name: record.name,
            hint: record.hint,
            kept: record.kept,
            changed: record.changed,
        }
    }
}

/// What the last answers of the keychain say about it.
#[derive(Clone, Copy)]
pub(crate) enum Known {
    Works,
    Refused { reason: Reason, at: Instant },
}

/// What callers and the keychain's thread both see.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) cache: Arc<Cache>,
    known: Mutex<Option<Known>>,
    this_run: Mutex<HashMap<SecretName, (Sensitive, SecretEntry)>>,
    /// Counts for each name what was asked of it, so that an answer that comes late does not undo what was decided
    /// since.
    decisions: Mutex<HashMap<SecretName, u64>>,
}

impl Shared {
    pub(crate) fn known(&self) -> Option<Known> {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn know(&self, known: Known) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }

    fn forget_refusal(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*known, Some(Known::Refused { .. })) {
            *known = None;
        }
    }

    /// The number of a new decision about a secret.
    fn decide(&self, name: &SecretName) -> u64 {
        let mut decisions = self.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        let number = decisions.entry(name.clone()).or_default();
        *number += 1;
        *number
    }

    /// Whether nothing was decided about a secret since.
    pub(crate) fn is_last(&self, name: &SecretName, decision: u64) -> bool {
        let decisions = self.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        decisions.get(name).copied().unwrap_or_default() == decision
    }

    /// Whether there was one.
    pub(crate) fn forget_this_run(&self, name: &SecretName) -> bool {
        self.this_run().remove(name).is_some()
    }

    fn this_run(&self) -> MutexGuard<'_, HashMap<SecretName, (Sensitive, SecretEntry)>> {
        self.this_run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Secrets by name. Cheap to clone; all clones are the same vault. Its functions are called within a tokio runtime.
///
/// Nothing asks the keychain before it is needed: a new vault has not looked whether there is one, because a look can
/// bring up a dialog.
#[derive(Clone)]
pub struct Vault {
    worker: Arc<Worker<Operations>>,
    records: Arc<dyn Records>,
    shared: Arc<Shared>,
    patience: Duration,
    plaintext: bool,
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Vault")
            .field("plaintext", &self.plaintext)
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// A vault over the system's keychain.
    #[must_use]
    pub fn new(options: VaultOptions, records: Arc<dyn Records>) -> Self {
        #[cfg(debug_assertions)]
        if let Some(folder) = options.plaintext_folder.clone() {
            let keychain = move || Box::new(PlaintextKeychain::new(folder.clone())) as Box<dyn Keychain>;
            return Self::over(options, records, Kept::Plaintext, keychain);
        }
        let VaultOptions { service, label, .. } = options.clone();
        let keychain =
            move || Box::new(SystemKeychain::new(service.clone(), label.clone())) as Box<dyn Keychain>;
        Self::over(options, records, Kept::Keychain, keychain)
    }

    /// A vault over another keychain. It is made on the thread that uses it, and again when that thread had to be
    /// replaced.
    #[must_use]
    pub fn with_keychain(
        options: VaultOptions,
        records: Arc<dyn Records>,
        keychain: impl Fn() -> Box<dyn Keychain> + Send + Sync + 'static,
    ) -> Self {
        Self::over(options, records, Kept::Keychain, keychain)
    }

    fn over(
        options: VaultOptions,
        records: Arc<dyn Records>,
        direct: Kept,
        keychain: impl Fn() -> Box<dyn Keychain> + Send + Sync + 'static,
    ) -> Self {
        let VaultOptions {
            service, patience, ..
        } = options;
        let shared = Arc::new(Shared::default());
        let (its_records, its_shared) = (Arc::clone(&records), Arc::clone(&shared));
        let worker = Worker::new(
            patience,
            Box::new(move |given_up| Operations {
                keychain: keychain(),
                records: Arc::clone(&its_records),
                service: service.clone(),
                direct,
                shared: Arc::clone(&its_shared),
                given_up,
            }),
        );
        Self {
            worker: Arc::new(worker),
            records,
            shared,
            patience,
            plaintext: direct == Kept::Plaintext,
        }
    }

    /// Whether secrets can be kept. What the last call of the keychain said; when there was none, an item is written,
    /// read and deleted, which may ask the person to unlock.
    pub async fn state(&self) -> VaultState {
        if self.plaintext {
            return VaultState::Plaintext;
        }
        if self.worker.is_overdue() {
            return unavailable(Reason::WaitingForPerson);
        }
        let known = match self.shared.known() {
            Some(Known::Works) => Ok(()),
            Some(Known::Refused { reason, .. }) => Err(reason),
            None => match self.worker.call(Operations::probe).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(VaultError::Unavailable { reason })) => Err(reason),
                Ok(Err(_)) => Err(Reason::Failed),
                Err(unanswered) => Err(reason(unanswered)),
            },
        };
        known.map_or_else(unavailable, |()| VaultState::Encrypted)
    }

    /// Looks again: forgets what is known of the keychain and the values that were read from it. For when a person
    /// says that they have unlocked or installed one.
    pub async fn recheck(&self) -> VaultState {
        self.worker.give_up_after(self.patience * PATIENCES);
        self.shared.cache.clear();
        *self.shared.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.state().await
    }

    /// Lets the next call ask a keychain again that refused a moment ago. For when a person begins something that needs
    /// a secret: they may have unlocked it since. Nothing is asked here, and what was read stays at hand.
    pub fn ask_again(&self) {
        self.worker.give_up_after(self.patience * PATIENCES);
        self.shared.forget_refusal();
    }

    /// Keeps a secret in the place of the one with its name. When the wait ends without an answer
    /// ([`Reason::WaitingForPerson`]) and the person unlocks later, it is kept then.
    ///
    /// # Errors
    /// [`VaultError::Empty`] and [`VaultError::TooLong`]; [`VaultError::Unavailable`] when there is no keychain to
    /// keep it in, and [`VaultError::Records`] when it cannot be remembered that it is there. After any of these the
    /// secret is what it was before.
    pub async fn set(&self, name: &SecretName, value: Sensitive) -> Result<SecretEntry, VaultError> {
        let bytes = value.expose().len();
        if bytes == 0 {
            return Err(VaultError::Empty);
        }
        if bytes > VALUE_BYTES {
            return Err(VaultError::TooLong { bytes });
        }
        let (name, now) = (name.clone(), now());
        let decision = self.shared.decide(&name);
        self.on_thread(move |operations| operations.set(&name, &value, now, decision))
            .await
    }

    /// Keeps a secret in memory until the app ends, in front of one that may be kept for longer. [`Self::set`] and
    /// [`Self::delete`] end that. A [`Self::set`] of before that still waits for the person comes to nothing.
    #[expect(
        clippy::must_use_candidate,
        reason = "what may be shown of it is for whoever shows it"
    )]
    pub fn keep_for_this_run(&self, name: &SecretName, value: Sensitive) -> SecretEntry {
        self.shared.decide(name);
        let hint = masked(value.expose());
        let entry = SecretEntry {
            name: name.clone(),
            hint,
            kept: Kept::ThisRun,
            changed: now(),
        };
        self.shared
            .this_run()
            .insert(name.clone(), (value, entry.clone()));
        entry
    }

    /// A secret; `None` when it is not set. What was read is kept in memory until a minute after its last use.
    ///
    /// # Errors
    /// [`VaultError::CannotBeRead`] when it is set and cannot be read; [`VaultError::Records`] when it cannot be said
    /// whether it is set.
    pub async fn get(&self, name: &SecretName) -> Result<Option<Sensitive>, VaultError> {
        if let Some((value, _)) = self.shared.this_run().get(name) {
            return Ok(Some(value.duplicate()));
        }
        if let Some(value) = self.shared.cache.get(name) {
            return Ok(Some(value));
        }
        // A keychain that hangs must not turn "not set" into "cannot be read".
        if self.record(name).await?.is_none() {
            return Ok(None);
        }
        let its_name = name.clone();
        let answer = self
            .worker
            .call(move |operations| operations.get(&its_name))
            .await;
        answer.unwrap_or_else(|unanswered| {
            let reason = Unreadable::Keychain(reason(unanswered));
            Err(VaultError::CannotBeRead {
                name: name.clone(),
                reason,
            })
        })
    }

    /// Deletes a secret, wherever it is. One that is not set is deleted already.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] when it is in a keychain that cannot be used: it is still there then.
    /// [`VaultError::Records`] when it cannot be forgotten that it is set.
    pub async fn delete(&self, name: &SecretName) -> Result<(), VaultError> {
        let was_for_this_run = self.shared.forget_this_run(name);
        self.shared.cache.remove(name);
        if was_for_this_run && self.record(name).await?.is_none() {
            return Ok(());
        }
        let name = name.clone();
        self.on_thread(move |operations| operations.delete(&name)).await
    }

    /// What may be shown of all secrets, by name. It does not need the keychain.
    ///
    /// # Errors
    /// [`VaultError::Records`].
    pub async fn list(&self) -> Result<Vec<SecretEntry>, VaultError> {
        let records = self.with_records(|records| records.list()).await?;
        let mut entries: HashMap<SecretName, SecretEntry> = records
            .into_iter()
            .map(|record| (record.name.clone(), record.into()))
            .collect();
        for (_, entry) in self.shared.this_run().values() {
            entries.insert(entry.name.clone(), entry.clone());
        }
        let mut entries: Vec<_> = entries.into_values().collect();
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    /// Seals everything that is sealed with a new key, and lets the old one go. How many values that were.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`], [`VaultError::UnknownDataKey`] and [`VaultError::Records`]; every value is
    /// readable after them, and what was begun is finished at the next use of a sealed value.
    /// [`VaultError::CannotBeRead`] when values are sealed and their key is gone.
    pub async fn rotate(&self) -> Result<usize, VaultError> {
        self.on_thread(Operations::rotate).await
    }

    /// Deletes all secrets, and the key that sealed the large ones. What can be deleted is, whatever cannot.
    ///
    /// # Errors
    /// The first of those of [`Self::delete`].
    pub async fn forget_all(&self) -> Result<(), VaultError> {
        self.shared.this_run().clear();
        self.shared.cache.clear();
        self.on_thread(Operations::forget_all).await
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&mut Operations) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let answer = self.worker.call(operation).await;
        answer.unwrap_or_else(|unanswered| {
            Err(VaultError::Unavailable {
                reason: reason(unanswered),
            })
        })
    }

    async fn record(&self, name: &SecretName) -> Result<Option<Record>, VaultError> {
        let name = name.clone();
        self.with_records(move |records| records.get(&name)).await
    }

    async fn with_records<T: Send + 'static>(
        &self,
        action: impl FnOnce(&dyn Records) -> Result<T, RecordsError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let records = Arc::clone(&self.records);
        match tokio::task::spawn_blocking(move || action(&*records)).await {
            Ok(answer) => Ok(answer?),
            Err(error) => Err(RecordsError(Box::new(error)).into()),
        }
    }
}

fn reason(unanswered: Unanswered) -> Reason {
    match unanswered {
        Unanswered::NotYet => Reason::WaitingForPerson,
        Unanswered::Never => Reason::Failed,
    }
}

fn unavailable(reason: Reason) -> VaultState {
    VaultState::Unavailable {
        reason,
        advice: reason.advice().to_owned(),
    }
}

/// Milliseconds since 1970; a clock before that says 0.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
