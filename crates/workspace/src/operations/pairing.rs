//! Pairings as a person makes, changes, watches and ends them.

use std::path::PathBuf;

use crate::consent::Consent;
use crate::error::{Result, WorkspaceError};
use crate::view::{
    PairingAddress, PairingAudit, PairingAuditRow, PairingBook, PairingPolicy, PairingPreview, PairingRow,
    PairingToken,
};
use crate::workspace::{Workspace, blocking};

/// Rows of a page of the audit.
const AUDIT_PAGE: u32 = 50;

/// A pairing as a person wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedPairing {
    /// The server's address, as it was written.
    pub address: String,
    /// What this desktop is called there.
    pub label: String,
    /// What it lets in and out.
    pub policy: PairingPolicy,
    /// The ids of folders all of whose threads are shared.
    pub folders: Vec<String>,
    /// The sessions of threads that are shared by themselves.
    pub threads: Vec<String>,
    /// Whether to go past the proxy.
    pub past_proxy: bool,
}

const SOON: &str = "Pairing is being built.";

impl Workspace {
    /// How every pairing stands, with the head of the audit.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pairing_book(&self) -> Result<PairingBook> {
        let audit = self.pairing_audit(None, None).await?;
        let state = self.inner.state();
        Ok(PairingBook {
            pairings: state.remote.view(&state),
            audit,
        })
    }

    /// A page of what was done with pairings and over them, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pairing_audit(&self, pairing: Option<&str>, before: Option<i64>) -> Result<PairingAudit> {
        let (store, pairing) = (self.inner.store.clone(), pairing.map(str::to_owned));
        let (mut rows, count) = blocking(move || {
            let pairing = pairing.as_deref();
            Ok::<_, cowork_store::StoreError>((
                store.audit(pairing, before, AUDIT_PAGE + 1)?,
                store.audit_count(pairing)?,
            ))
        })
        .await
        .map_err(WorkspaceError::Internal)?
        .map_err(|error| WorkspaceError::Internal(error.into()))?;
        let more = rows.len() > AUDIT_PAGE as usize;
        rows.truncate(AUDIT_PAGE as usize);
        let rows = rows.into_iter().map(|kept| PairingAuditRow {
            number: kept.number,
            pairing: kept.row.pairing,
            label: kept.row.label,
            action: kept.row.action,
            who: kept.row.who,
            detail: kept.row.detail,
            at: kept.row.at,
        });
        Ok(PairingAudit {
            rows: rows.collect(),
            count,
            more,
        })
    }

    pub async fn check_pairing_address(&self, _: &str, _: bool) -> Result<PairingAddress> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
    pub async fn create_pairing(&self, _: WantedPairing, _: Consent) -> Result<PairingToken> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
    pub async fn renew_pairing(&self, _: &str) -> Result<PairingToken> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
    pub async fn update_pairing(
        &self,
        _: &str,
        _: &str,
        _: PairingPolicy,
        _: &[String],
        _: bool,
        _: Consent,
    ) -> Result<PairingRow> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
    pub async fn pause_pairing(&self, _: &str, _: bool) -> Result<PairingRow> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
    pub async fn sync_pairing(&self, _: &str) -> Result<PairingRow> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
    pub async fn revoke_pairing(&self, _: &str) -> Result<()> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
    pub async fn share_thread(&self, _: &str, _: &str, _: bool) -> Result<PairingRow> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
    pub async fn preview_pairing(
        &self,
        _: Option<&str>,
        _: Option<PairingPolicy>,
        _: &str,
        _: u32,
    ) -> Result<PairingPreview> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
    pub async fn export_pairing_audit(&self, _: PathBuf) -> Result<String> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
    pub async fn answer_proposal(&self, _: &str, _: bool) -> Result<()> {
        Err(WorkspaceError::NotAllowed(SOON.into()))
    }
}
