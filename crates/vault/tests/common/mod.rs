//! A keychain and records that do what a real one will not do on command: fail, hang, lose power between two writes.

#![expect(dead_code, reason = "no test file uses all of it")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use cowork_vault::{
    Keychain, KeychainError, MemoryRecords, Reason, Record, Records, RecordsError, SecretName, Sensitive,
    Vault, VaultError, VaultOptions,
};
use zeroize::Zeroizing;

pub(crate) const SERVICE: &str = "org.example.cowork";
/// More than any call takes that is not meant to hang.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// What survives the app: the keychain's items and the records. All writes to both are counted in one row.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) items: Mutex<BTreeMap<String, Vec<u8>>>,
    pub(crate) records: MemoryRecords,
    /// Writes that still happen before the power goes; `None` for all.
    pub(crate) power: Mutex<Option<usize>>,
    pub(crate) behaviour: Mutex<Behaviour>,
    /// Calls of the keychain.
    pub(crate) calls: AtomicUsize,
    pub(crate) hanging: Mutex<bool>,
    pub(crate) released: Condvar,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Behaviour {
    #[default]
    Works,
    /// Every call.
    Refuses(Reason),
    /// It has nothing and takes nothing.
    HasNoCollection,
    /// The next call.
    Panics,
    /// Records alone.
    RecordsFail,
    /// It takes what it is given and does not keep it.
    Forgets,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The app, started with this world.
    pub(crate) fn app(self: &Arc<Self>, patience: Duration) -> Vault {
        let mut options = VaultOptions::new(SERVICE, "Example");
        options.patience = patience;
        let world = Arc::clone(self);
        let keychain = move || Box::new(FakeKeychain(Arc::clone(&world))) as Box<dyn Keychain>;
        Vault::with_keychain(options, Arc::new(FakeRecords(Arc::clone(self))), keychain)
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    pub(crate) fn power(&self, writes: Option<usize>) {
        *self.power.lock().unwrap() = writes;
    }

    pub(crate) fn hang(&self) {
        *self.hanging.lock().unwrap() = true;
    }

    pub(crate) fn release(&self) {
        *self.hanging.lock().unwrap() = false;
        self.released.notify_all();
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn item_names(&self) -> Vec<String> {
        self.items.lock().unwrap().keys().cloned().collect()
    }

    pub(crate) fn record(&self, text: &str) -> Option<Record> {
        self.records.get(&name(text)).unwrap()
    }

    fn may_write(&self) -> bool {
        match &mut *self.power.lock().unwrap() {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }

    fn call(&self) -> Result<(), KeychainError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mut hanging = self.hanging.lock().unwrap();
        while *hanging {
            hanging = self.released.wait(hanging).unwrap();
        }
        drop(hanging);
        let behaviour = *self.behaviour.lock().unwrap();
        match behaviour {
            Behaviour::Refuses(reason) => Err(error(reason)),
            Behaviour::Panics => {
                self.behave(Behaviour::Works);
                panic!("a keychain that panics");
            }
            _ => Ok(()),
        }
    }

    fn is(&self, behaviour: Behaviour) -> bool {
        *self.behaviour.lock().unwrap() == behaviour
    }
}

fn error(reason: Reason) -> KeychainError {
    KeychainError {
        reason,
        detail: "as the test wants it".to_owned(),
    }
}

struct FakeKeychain(Arc<World>);

impl Keychain for FakeKeychain {
    fn get(&mut self, item: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        self.0.call()?;
        if self.0.is(Behaviour::HasNoCollection) {
            return Ok(None);
        }
        Ok(self
            .0
            .items
            .lock()
            .unwrap()
            .get(item)
            .cloned()
            .map(Zeroizing::new))
    }

    fn set(&mut self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        self.0.call()?;
        if self.0.is(Behaviour::HasNoCollection) {
            return Err(error(Reason::NoCollection));
        }
        if !self.0.may_write() {
            return Err(error(Reason::Failed));
        }
        if !self.0.is(Behaviour::Forgets) {
            self.0
                .items
                .lock()
                .unwrap()
                .insert(item.to_owned(), bytes.to_vec());
        }
        Ok(())
    }

    fn delete(&mut self, item: &str) -> Result<bool, KeychainError> {
        self.0.call()?;
        if self.0.is(Behaviour::HasNoCollection) {
            return Ok(false);
        }
        if !self.0.may_write() {
            return Err(error(Reason::Failed));
        }
        Ok(self.0.items.lock().unwrap().remove(item).is_some())
    }
}

struct FakeRecords(Arc<World>);

impl FakeRecords {
    fn write(&self) -> Result<(), RecordsError> {
        if self.0.is(Behaviour::RecordsFail) || !self.0.may_write() {
            return Err(RecordsError("the disk is full".into()));
        }
        Ok(())
    }
}

impl Records for FakeRecords {
    fn put(&self, record: &Record) -> Result<(), RecordsError> {
        self.write()?;
        self.0.records.put(record)
    }

    fn remove(&self, name: &SecretName) -> Result<(), RecordsError> {
        self.write()?;
        self.0.records.remove(name)
    }

    fn get(&self, name: &SecretName) -> Result<Option<Record>, RecordsError> {
        self.0.records.get(name)
    }

    fn list(&self) -> Result<Vec<Record>, RecordsError> {
        self.0.records.list()
    }

    fn replace_all_sealed(&self, envelopes: &[(SecretName, Vec<u8>)]) -> Result<(), RecordsError> {
        self.write()?;
        self.0.records.replace_all_sealed(envelopes)
    }
}

pub(crate) fn name(text: &str) -> SecretName {
    SecretName::new(text).unwrap()
}

/// A value that is too large for the keychain.
pub(crate) fn large(seed: &str) -> String {
    seed.repeat(5_000 / seed.len())
}

pub(crate) async fn set(vault: &Vault, text: &str, value: &str) -> Result<(), VaultError> {
    vault.set(&name(text), Sensitive::new(value)).await.map(|_| ())
}

/// The value as text, which a test alone may want.
pub(crate) async fn get(vault: &Vault, text: &str) -> Result<Option<String>, VaultError> {
    let value = vault.get(&name(text)).await?;
    Ok(value.map(|value| value.expose().to_owned()))
}
