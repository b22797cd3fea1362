//! What the vault does, step by step, on the keychain's thread. One operation is finished before the next begins, so
//! that none sees another half done. The order of the steps is what the crate's table of faults says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::data_key::{DataKey, DataKeys};
use crate::envelope;
use crate::error::{Reason, Unreadable, VaultError};
use crate::keychain::{DATA_KEY_ITEM, Keychain, KeychainError, PROBE_ITEM};
use crate::mask::masked;
use crate::name::SecretName;
use crate::records::{Kept, Record, Records};
use crate::sensitive::Sensitive;
use crate::vault::{DIRECT_BYTES, Known, LOCKED_REST, SecretEntry, Shared};

/// The keychain and the records, and what is known of them.
pub(crate) struct Operations {
    pub(crate) keychain: Box<dyn Keychain>,
    pub(crate) records: Arc<dyn Records>,
    pub(crate) service: String,
    /// Where this vault puts small values: [`Kept::Keychain`], or [`Kept::Plaintext`] where everything is in files.
    pub(crate) direct: Kept,
    pub(crate) shared: Arc<Shared>,
    /// This thread was left to itself: another one works on the same things now.
    pub(crate) given_up: Arc<AtomicBool>,
}

impl Operations {
    /// Writes, reads and deletes an item. Nothing less shows that a keychain works: one without a place for items
    /// answers every question with "no such item".
    pub(crate) fn probe(&mut self) -> Result<(), VaultError> {
        self.item_set(PROBE_ITEM, b"probe")?;
        let read = self.item_get(PROBE_ITEM)?;
        self.item_delete(PROBE_ITEM)?;
        if read.is_some_and(|read| **read == *b"probe") {
            return Ok(());
        }
        self.note::<()>(Err(KeychainError {
            reason: Reason::Failed,
            detail: "what was written was not there to be read".to_owned(),
        }))
    }

    pub(crate) fn get(&mut self, name: &SecretName) -> Result<Option<Sensitive>, VaultError> {
        let Some(record) = self.records()?.get(name)? else {
            return Ok(None);
        };
        // An unlock dialog that was dismissed must not come back with each of a turn's requests.
        if let Some(Known::Refused {
            reason: Reason::Locked,
            at,
        }) = self.shared.known()
            && at.elapsed() < LOCKED_REST
        {
            return Err(unreadable(name, Unreadable::Keychain(Reason::Locked)));
        }
        let read = if record.kept == Kept::Sealed {
            self.unsealed(name, record.sealed.as_deref().unwrap_or_default())
        } else if record.kept == self.direct {
            self.item(name)
        } else {
            // It was kept by a build of the other kind, in a place this one does not look at.
            Err(unreadable(name, Unreadable::Missing))
        };
        let value = read.map_err(|error| match error {
            VaultError::Unavailable { reason } => unreadable(name, Unreadable::Keychain(reason)),
            VaultError::UnknownDataKey => unreadable(name, Unreadable::Damaged),
            error => error,
        })?;
        self.shared.cache.put(name, value.duplicate());
        Ok(Some(value))
    }

    fn item(&mut self, name: &SecretName) -> Result<Sensitive, VaultError> {
        match self.item_get(name.as_str())? {
            Some(bytes) => match std::str::from_utf8(&bytes) {
                Ok(text) => Ok(Sensitive::new(text)),
                Err(_) => Err(unreadable(name, Unreadable::Damaged)),
            },
            None => Err(self.missing(name)),
        }
    }

    fn unsealed(&mut self, name: &SecretName, envelope: &[u8]) -> Result<Sensitive, VaultError> {
        let Some(id) = envelope::key_id(envelope) else {
            return Err(unreadable(name, Unreadable::Damaged));
        };
        let Some(keys) = self.read_keys()? else {
            return Err(self.missing(name));
        };
        let value = match keys.find(id) {
            Some(key) => envelope::open(key, &self.service, name, envelope)
                .ok_or_else(|| unreadable(name, Unreadable::Damaged)),
            None => Err(unreadable(name, Unreadable::Missing)),
        };
        self.finish_rotation(keys);
        value
    }

    /// What it means that the keychain has no such item although a record says so.
    fn missing(&mut self, name: &SecretName) -> VaultError {
        match self.probe() {
            Ok(()) => unreadable(name, Unreadable::Missing),
            Err(error) => error,
        }
    }

    /// Keeps a secret, unless something else was decided about it while the keychain waited for the person.
    pub(crate) fn set(
        &mut self,
        name: &SecretName,
        value: &Sensitive,
        now: i64,
        decision: u64,
    ) -> Result<SecretEntry, VaultError> {
        let overtaken = VaultError::Unavailable {
            reason: Reason::WaitingForPerson,
        };
        if !self.shared.is_last(name, decision) {
            return Err(overtaken);
        }
        let entry = self.keep(name, value, now)?;
        if self.shared.is_last(name, decision) {
            self.shared.forget_this_run(name);
            return Ok(entry);
        }
        // What the person decided since stands, and this one must not be back with the next start.
        self.delete_kept(name)?;
        Err(overtaken)
    }

    fn keep(&mut self, name: &SecretName, value: &Sensitive, now: i64) -> Result<SecretEntry, VaultError> {
        let previous = self.records()?.get(name)?;
        let mut record = Record {
            name: name.clone(),
            kept: self.direct,
            hint: masked(value.expose()),
            sealed: None,
            created: previous.as_ref().map_or(now, |previous| previous.created),
            changed: now,
        };
        if value.expose().len() <= DIRECT_BYTES || self.direct == Kept::Plaintext {
            let was_direct = previous.is_some_and(|previous| previous.kept == self.direct);
            self.set_directly(&record, value, was_direct)?;
        } else {
            record.kept = Kept::Sealed;
            let keys = self.keys_to_seal()?;
            let sealed = envelope::seal(&keys.current, &self.service, name, value);
            record.sealed = Some(sealed.map_err(|error| failed(&error))?);
            self.records()?.put(&record)?;
            // The value before this one, or what a fault has left.
            self.item_delete_if_possible(name);
        }
        self.shared.cache.put(name, value.duplicate());
        Ok(SecretEntry::from(record))
    }

    fn set_directly(
        &mut self,
        record: &Record,
        value: &Sensitive,
        was_direct: bool,
    ) -> Result<(), VaultError> {
        let item = record.name.as_str();
        let before = if was_direct { self.item_get(item) } else { Ok(None) };
        // A value that cannot be read, because there are two of it, is what a person sets it anew for.
        if let Err(VaultError::Unavailable { reason }) = &before
            && *reason != Reason::Failed
        {
            return before.map(|_| ());
        }
        self.item_set(item, value.expose().as_bytes())?;
        let Err(error) = self.records()?.put(record) else {
            return Ok(());
        };
        // It was not set, so the value before is what is to be read.
        let undone = match before {
            Ok(Some(before)) => self.item_set(item, &before),
            Ok(None) => self.item_delete(item).map(|_| ()),
            Err(error) => Err(error),
        };
        if let Err(error) = undone {
            tracing::warn!(%error, name = item, "putting back what was in the keychain");
        }
        Err(error.into())
    }

    pub(crate) fn delete(&mut self, name: &SecretName) -> Result<(), VaultError> {
        self.delete_kept(name)?;
        self.shared.forget_this_run(name);
        Ok(())
    }

    fn delete_kept(&mut self, name: &SecretName) -> Result<(), VaultError> {
        let previous = self.records()?.get(name)?;
        if previous.is_some_and(|previous| previous.kept == self.direct) {
            // Without an item there, only a keychain that works may say that it is gone.
            if !self.item_delete(name.as_str())? {
                self.probe()?;
            }
        } else {
            // What was sealed is gone with its record. A fault can have left an item.
            self.item_delete_if_possible(name);
        }
        self.records()?.remove(name)?;
        self.shared.cache.remove(name);
        Ok(())
    }

    pub(crate) fn forget_all(&mut self) -> Result<(), VaultError> {
        let mut outcome = Ok(());
        for record in self.records()?.list()? {
            outcome = outcome.and(self.delete(&record.name));
        }
        outcome?;
        self.item_delete(DATA_KEY_ITEM).map(|_| ())
    }

    pub(crate) fn rotate(&mut self) -> Result<usize, VaultError> {
        let Some(keys) = self.read_keys()? else {
            let sealed = self.sealed()?;
            return match sealed.first() {
                Some((name, _)) => Err(self.missing(name)),
                None => Ok(0),
            };
        };
        // A third key has no place: a rotation that was interrupted is finished first.
        if keys.former.is_some() {
            self.reseal(&keys)?;
        }
        let keys = DataKeys {
            current: DataKey::random().map_err(|error| failed(&error))?,
            former: Some(keys.current),
        };
        self.item_set(DATA_KEY_ITEM, &keys.to_item())?;
        self.reseal(&keys)
    }

    /// Seals with the current key what the former one sealed, then lets the former one go. How many were sealed anew.
    fn reseal(&mut self, keys: &DataKeys) -> Result<usize, VaultError> {
        let Some(former) = &keys.former else {
            return Ok(0);
        };
        let mut envelopes = Vec::new();
        for (name, sealed) in self.sealed()? {
            // What does not open now never will, and must not keep the others from getting a new key.
            let Some(value) = envelope::open(former, &self.service, &name, &sealed) else {
                continue;
            };
            let sealed = envelope::seal(&keys.current, &self.service, &name, &value);
            envelopes.push((name, sealed.map_err(|error| failed(&error))?));
        }
        self.records()?.replace_all_sealed(&envelopes)?;
        self.item_set(DATA_KEY_ITEM, &one_key(&keys.current))?;
        Ok(envelopes.len())
    }

    /// Takes up a rotation that was interrupted. It can wait: both keys are there until it succeeds.
    fn finish_rotation(&mut self, keys: DataKeys) -> DataKeys {
        if keys.former.is_none() {
            return keys;
        }
        match self.reseal(&keys) {
            Ok(_) => DataKeys { former: None, ..keys },
            Err(error) => {
                tracing::warn!(%error, "finishing the change of the data key; it is tried again at its next use");
                keys
            }
        }
    }

    fn read_keys(&mut self) -> Result<Option<DataKeys>, VaultError> {
        match self.item_get(DATA_KEY_ITEM)? {
            Some(item) => DataKeys::from_item(&item)
                .map(Some)
                .ok_or(VaultError::UnknownDataKey),
            None => Ok(None),
        }
    }

    fn keys_to_seal(&mut self) -> Result<DataKeys, VaultError> {
        if let Some(keys) = self.read_keys()? {
            return Ok(self.finish_rotation(keys));
        }
        if !self.sealed()?.is_empty() {
            tracing::warn!(
                "the keychain has lost the data key; what was sealed with it cannot be read any more"
            );
        }
        let current = DataKey::random().map_err(|error| failed(&error))?;
        let item = one_key(&current);
        self.item_set(DATA_KEY_ITEM, &item)?;
        // A value sealed with a key that was not kept would be lost at once.
        match self.item_get(DATA_KEY_ITEM)? {
            Some(kept) if *kept == *item => Ok(DataKeys {
                current,
                former: None,
            }),
            _ => self.note(Err(KeychainError {
                reason: Reason::Failed,
                detail: "the data key was not kept".to_owned(),
            })),
        }
    }

    fn sealed(&self) -> Result<Vec<(SecretName, Vec<u8>)>, VaultError> {
        let records = self.records()?.list()?.into_iter();
        let sealed = records.filter(|record| record.kept == Kept::Sealed);
        Ok(sealed
            .filter_map(|record| Some((record.name, record.sealed?)))
            .collect())
    }

    fn item_get(&mut self, item: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.check_still_in_charge()?;
        let answer = self.keychain.get(item);
        let found = self.note(answer)?;
        if found.is_some() {
            self.shared.know(Known::Works);
        }
        Ok(found)
    }

    fn item_set(&mut self, item: &str, bytes: &[u8]) -> Result<(), VaultError> {
        self.check_still_in_charge()?;
        let answer = self.keychain.set(item, bytes);
        self.note(answer)?;
        self.shared.know(Known::Works);
        Ok(())
    }

    fn item_delete(&mut self, item: &str) -> Result<bool, VaultError> {
        self.check_still_in_charge()?;
        let answer = self.keychain.delete(item);
        self.note(answer)
    }

    fn item_delete_if_possible(&mut self, name: &SecretName) {
        if let Err(error) = self.item_delete(name.as_str()) {
            tracing::warn!(%error, %name, "deleting an item that is not in use any more");
        }
    }

    fn records(&self) -> Result<&dyn Records, VaultError> {
        self.check_still_in_charge()?;
        Ok(&*self.records)
    }

    /// Notes what a keychain's failure says about it. No success is noted here: an empty answer is none.
    fn note<T>(&self, answer: Result<T, KeychainError>) -> Result<T, VaultError> {
        self.check_still_in_charge()?;
        answer.map_err(|error| {
            let KeychainError { reason, detail } = error;
            tracing::warn!(?reason, detail, "the keychain cannot be used");
            self.shared.know(Known::Refused {
                reason,
                at: Instant::now(),
            });
            VaultError::Unavailable { reason }
        })
    }

    /// Asked before each step, so that a thread that comes back late changes nothing behind its successor's back.
    fn check_still_in_charge(&self) -> Result<(), VaultError> {
        if self.given_up.load(Ordering::Acquire) {
            return Err(VaultError::Unavailable {
                reason: Reason::WaitingForPerson,
            });
        }
        Ok(())
    }
}

fn one_key(key: &DataKey) -> Zeroizing<Vec<u8>> {
    let key = DataKey {
        id: key.id,
        key: key.key.clone(),
    };
    DataKeys {
        current: key,
        former: None,
    }
    .to_item()
}

fn unreadable(name: &SecretName, reason: Unreadable) -> VaultError {
    VaultError::CannotBeRead {
        name: name.clone(),
        reason,
    }
}

/// The random source or the cipher failed, which no input brings about.
fn failed(error: &dyn std::fmt::Display) -> VaultError {
    tracing::error!(%error, "sealing a value");
    VaultError::Unavailable {
        reason: Reason::Failed,
    }
}
