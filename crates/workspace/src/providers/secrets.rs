//! Secrets' records in the index, and what a window is told of them.

use std::sync::Arc;

use cowork_store::{SecretRecord, Store};
use cowork_vault::{
    Kept, Record, Records, RecordsError, SecretEntry, SecretName, Vault, VaultError, VaultOptions,
};

use crate::engine::sentence;
use crate::options::Options;
use crate::view::KeyState;

/// The vault of this brand, with its records in the index.
pub(crate) fn vault(options: &Options, store: &Store) -> Vault {
    let brand = &options.brand;
    let vault_options = VaultOptions::new(brand.app_id.clone(), brand.name.clone());
    let records: Arc<dyn Records> = Arc::new(IndexRecords(store.clone()));
    #[cfg(test)]
    if let Some(vault) = super::testing::vault(&vault_options, &records) {
        return vault;
    }
    #[cfg(debug_assertions)]
    let vault_options = match &options.plaintext_secrets {
        Some(folder) => vault_options.in_plaintext(folder.clone()),
        None => vault_options,
    };
    Vault::new(vault_options, records)
}

/// What is said where the session's bus is in reach of the engine's box.
pub(crate) const EXPOSED: &str = "The session's bus has a socket that is no file, which no cover hides from the agent: it \
                                  could ask the key ring there.";
/// And what to do.
pub(crate) const EXPOSED_ADVICE: &str =
    "Use a session whose bus has a path, as sessions of systemd have, or keep the key until the app closes.";

/// Whether what the keychain holds could be asked for from inside the engine's box.
pub(crate) fn keychain_is_exposed(options: &Options) -> bool {
    #[cfg(debug_assertions)]
    if options.plaintext_secrets.is_some() {
        return false;
    }
    let _ = options;
    let address = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok();
    cfg!(target_os = "linux") && address.is_some_and(|address| is_exposed(&address))
}

/// A bus that is a file is covered in the box. Any other, a socket in the abstract namespace or a port, is not.
fn is_exposed(address: &str) -> bool {
    let is_file = |one: &str| one.starts_with("unix:path=") || one.starts_with("unix:runtime=");
    address
        .split(';')
        .filter(|one| !one.is_empty())
        .any(|one| !is_file(one))
}

/// What a provider's key is called.
pub(crate) fn key_name(provider: &str) -> anyhow::Result<SecretName> {
    Ok(SecretName::new(&format!("key/{provider}"))?)
}

/// What the tokens of a sign-in at a provider are called.
pub(crate) fn sign_in_name(provider: &str) -> anyhow::Result<SecretName> {
    Ok(SecretName::new(&format!("sign-in/{provider}"))?)
}

/// The provider whose secret it is; none for another one.
pub(crate) fn provider_of(name: &SecretName) -> Option<&str> {
    let name = name.as_str();
    name.strip_prefix("key/")
        .or_else(|| name.strip_prefix("sign-in/"))
}

/// Why the vault did not do what was asked, for a person: what a secret is called in it says nothing to them.
pub(crate) fn why(error: &VaultError) -> String {
    match error {
        VaultError::CannotBeRead { reason, .. } => reason.to_string(),
        error => sentence(&error.to_string()),
    }
}

/// How a key that is there is shown.
pub(crate) fn shown(entry: &SecretEntry) -> KeyState {
    let hint = entry.hint.clone();
    match entry.kept {
        Kept::Keychain | Kept::Sealed => KeyState::Kept {
            hint,
            changed: entry.changed,
        },
        Kept::ThisRun => KeyState::ThisRun { hint },
        Kept::Plaintext => KeyState::Plain { hint },
    }
}

struct IndexRecords(Store);

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RecordsError {
    RecordsError(error.into())
}

fn record(stored: SecretRecord) -> Result<Record, RecordsError> {
    let kept = Kept::from_word(&stored.kept).ok_or_else(|| {
        failed(format!(
            "a secret is kept in a way this version does not know: {}",
            stored.kept
        ))
    })?;
    Ok(Record {
        name: SecretName::new(&stored.name).map_err(failed)?,
        kept,
        hint: stored.hint,
        sealed: stored.sealed,
        created: stored.created,
        changed: stored.changed,
    })
}

impl Records for IndexRecords {
    fn put(&self, record: &Record) -> Result<(), RecordsError> {
        let stored = SecretRecord {
            name: record.name.as_str().to_owned(),
            kept: record.kept.as_str().to_owned(),
            hint: record.hint.clone(),
            sealed: record.sealed.clone(),
            created: record.created,
            changed: record.changed,
        };
        self.0.put_secret(&stored).map_err(failed)
    }

    fn remove(&self, name: &SecretName) -> Result<(), RecordsError> {
        self.0.remove_secret(name.as_str()).map(drop).map_err(failed)
    }

    fn get(&self, name: &SecretName) -> Result<Option<Record>, RecordsError> {
        self.0
            .secret(name.as_str())
            .map_err(failed)?
            .map(record)
            .transpose()
    }

    fn list(&self) -> Result<Vec<Record>, RecordsError> {
        let stored = self.0.secrets().map_err(failed)?;
        let records = stored.into_iter().filter_map(|stored| {
            let name = stored.name.clone();
            // One that a newer version wrote must not hide the others.
            record(stored)
                .inspect_err(|error| tracing::warn!(%error, name, "a secret's record is not understood"))
                .ok()
        });
        Ok(records.collect())
    }

    fn replace_all_sealed(&self, envelopes: &[(SecretName, Vec<u8>)]) -> Result<(), RecordsError> {
        let sealed: Vec<_> = envelopes
            .iter()
            .map(|(name, envelope)| (name.as_str().to_owned(), envelope.clone()))
            .collect();
        self.0.reseal_secrets(&sealed).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_no_secret_s_own_name_and_each_advice_once() {
        use cowork_vault::{Reason, Unreadable};
        for reason in [
            Unreadable::Keychain(Reason::Locked),
            Unreadable::Missing,
            Unreadable::Damaged,
        ] {
            let error = VaultError::CannotBeRead {
                name: key_name("local-upstream").unwrap(),
                reason,
            };
            assert!(error.to_string().contains("key/local-upstream"), "for the log");
            assert_eq!(why(&error), reason.to_string());
        }
        let reason = Reason::Locked;
        let said = why(&VaultError::Unavailable { reason });
        assert_eq!(said.matches(reason.cause()).count(), 1, "{said}");
        assert_eq!(said.matches(reason.advice()).count(), 1, "{said}");
    }

    #[test]
    fn a_bus_that_is_no_file_is_in_reach_of_the_box() {
        for kept in [
            "unix:path=/run/user/1000/bus",
            "unix:path=/run/user/1000/bus,guid=1",
            "unix:runtime=yes",
            "",
        ] {
            assert!(!is_exposed(kept), "{kept}");
        }
        for exposed in [
            "unix:abstract=/tmp/dbus-1,guid=1",
            "unix:path=/run/user/1000/bus;unix:abstract=/tmp/dbus-1",
            "tcp:host=127.0.0.1,port=1",
            "autolaunch:",
        ] {
            assert!(is_exposed(exposed), "{exposed}");
        }
    }
}
