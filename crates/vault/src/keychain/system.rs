//! The operating system's keychain: the Secret Service on Linux, the login keychain on macOS, Credential Manager on
//! Windows.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use super::{Keychain, KeychainError};
use crate::error::Reason;

/// The operating system's keychain. It is connected to when it is first used, and anew after a failure: a daemon
/// that was restarted knows nothing of the session we had with it.
pub(crate) struct SystemKeychain {
    service: String,
    label: String,
    store: Option<Arc<CredentialStore>>,
}

impl SystemKeychain {
    /// `service` tells this app's items from others', `label` is the app's name for a person who looks at them.
    pub(crate) fn new(service: String, label: String) -> Self {
        Self {
            service,
            label,
            store: None,
        }
    }

    /// Does something with an entry; once more with a new connection when the system failed. Everything done here
    /// can be done twice.
    fn with_entry<T>(
        &mut self,
        item: &str,
        action: impl Fn(&Entry) -> Result<T, Error>,
    ) -> Result<T, KeychainError> {
        let kept = self.store.is_some();
        match self.once(item, &action) {
            Err(Error::PlatformFailure(_)) if kept => {
                self.store = None;
                self.once(item, &action).map_err(classified)
            }
            answer => answer.map_err(classified),
        }
        .inspect_err(|_| self.store = None)
    }

    fn once<T>(&mut self, item: &str, action: impl Fn(&Entry) -> Result<T, Error>) -> Result<T, Error> {
        let store = match &self.store {
            Some(store) => store,
            None => self.store.insert(connect()?),
        };
        let label = format!("{}: {item}", self.label);
        action(&store.build(&self.service, item, Some(&modifiers(&label)))?)
    }
}

impl Keychain for SystemKeychain {
    fn get(&mut self, item: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        self.with_entry(item, |entry| match entry.get_secret() {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn set(&mut self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        self.with_entry(item, |entry| match entry.set_secret(bytes) {
            // Which of several is right nobody can tell any more; what is set now is.
            Err(Error::Ambiguous(entries)) => {
                for entry in entries {
                    entry.delete_credential()?;
                }
                entry.set_secret(bytes)
            }
            answer => answer,
        })
    }

    fn delete(&mut self, item: &str) -> Result<bool, KeychainError> {
        self.with_entry(item, |entry| match entry.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(Error::Ambiguous(entries)) => {
                for entry in entries {
                    entry.delete_credential()?;
                }
                Ok(true)
            }
            Err(error) => Err(error),
        })
    }
}

#[cfg(target_os = "linux")]
fn connect() -> Result<Arc<CredentialStore>, Error> {
    // Whatever goes wrong here: there is no bus, nobody on it has the name, or it did not take a session.
    match zbus_secret_service_keyring_store::Store::new() {
        Ok(store) => Ok(store),
        Err(error) => Err(Error::NoStorageAccess(Box::new(NoService(error)))),
    }
}

#[cfg(target_os = "macos")]
fn connect() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn connect() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn connect() -> Result<Arc<CredentialStore>, Error> {
    Err(Error::NoDefaultStore)
}

/// What a person sees in their key ring.
#[cfg(target_os = "linux")]
fn modifiers(label: &str) -> HashMap<&str, &str> {
    HashMap::from([("label", label)])
}

/// "Enterprise", which the store would take, follows a roaming profile to other computers. A key given here stays
/// here. An item's label is its name and the service.
#[cfg(windows)]
fn modifiers(_label: &str) -> HashMap<&str, &str> {
    HashMap::from([("persistence", "Local")])
}

/// The login keychain shows the service and the name; it takes no label.
#[cfg(not(any(target_os = "linux", windows)))]
fn modifiers(_label: &str) -> HashMap<&str, &str> {
    HashMap::new()
}

/// No connection came about.
#[cfg(target_os = "linux")]
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NoService(Error);

fn classified(error: Error) -> KeychainError {
    let reason = match &error {
        Error::NoStorageAccess(source) => no_access(source.as_ref()),
        Error::PlatformFailure(source) => failure(source.as_ref()),
        Error::NoDefaultStore => Reason::NoService,
        _ => Reason::Failed,
    };
    // Some errors have the bytes of an item in their `Debug`; none has them in its `Display`.
    let detail = match error {
        Error::Ambiguous(entries) => format!("{} items have this name", entries.len()),
        error => error.to_string(),
    };
    KeychainError { reason, detail }
}

/// The store says "no access" of a locked key ring and of one that is not there.
#[cfg(target_os = "linux")]
fn no_access(source: &(dyn std::error::Error + Send + Sync + 'static)) -> Reason {
    use secret_service::Error as Service;
    if source.is::<NoService>() {
        return Reason::NoService;
    }
    match source.downcast_ref::<Service>() {
        Some(Service::NoResult) => Reason::NoCollection,
        Some(Service::Unavailable) => Reason::NoService,
        Some(_) => Reason::Locked,
        None => Reason::Failed,
    }
}

/// What a locked collection says to a new item, and a bus to a name that nobody has any more.
#[cfg(target_os = "linux")]
fn failure(source: &(dyn std::error::Error + Send + Sync + 'static)) -> Reason {
    let said = source.to_string();
    if said.contains("org.freedesktop.Secret.Error.IsLocked") {
        Reason::Locked
    } else if said.contains("org.freedesktop.DBus.Error.ServiceUnknown") {
        Reason::NoService
    } else {
        Reason::Failed
    }
}

/// On macOS the keychain is not there or may not be written; on Windows the logon session has none.
#[cfg(not(target_os = "linux"))]
fn no_access(_source: &(dyn std::error::Error + Send + Sync + 'static)) -> Reason {
    Reason::NoService
}

/// The codes of macOS for a person who refused (-128), a password that was wrong (-25293) and a keychain that may
/// not ask (-25308). The store does not give them out but as the error of a library it does not give out either.
#[cfg(target_os = "macos")]
fn failure(source: &(dyn std::error::Error + Send + Sync + 'static)) -> Reason {
    let said = format!("{source:?}");
    if ["-128", "-25293", "-25308"]
        .iter()
        .any(|code| said.contains(code))
    {
        Reason::Locked
    } else {
        Reason::Failed
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn failure(_source: &(dyn std::error::Error + Send + Sync + 'static)) -> Reason {
    Reason::Failed
}
