//! What was done with pairings and over them, to be read and taken along.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use cowork_store::StoreError;

use crate::error::{Result, WorkspaceError};
use crate::view::{PairingAudit, PairingAuditRow};
use crate::workspace::{Workspace, blocking};

/// Rows of a page of the audit, and of one that is read at once to be written into a file.
const AUDIT_PAGE: u32 = 50;

impl Workspace {
    /// A page of what was done with pairings and over them, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pairing_audit(&self, pairing: Option<&str>, before: Option<i64>) -> Result<PairingAudit> {
        let (store, pairing) = (self.inner.store.clone(), pairing.map(str::to_owned));
        let (mut rows, count) = blocking(move || {
            let pairing = pairing.as_deref();
            Ok::<_, StoreError>((
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

    /// Writes the whole audit into a new file of a folder that the person picked, a row of JSON each. The file's name.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn export_pairing_audit(&self, folder: PathBuf) -> Result<String> {
        let store = self.inner.store.clone();
        let short = self.inner.options.brand.data_dir_name.clone();
        blocking(move || export(&store, &folder, &short))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))
    }
}

/// Writes all rows of the audit into a new file, the oldest first.
fn export(store: &cowork_store::Store, folder: &Path, short: &str) -> anyhow::Result<String> {
    let stamp = jiff::Zoned::now().strftime("%Y-%m-%d-%H%M%S").to_string();
    let name = format!("{short}-pairing-audit-{stamp}.jsonl");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = std::io::BufWriter::new(options.open(folder.join(&name))?);
    let mut rows = store.audit(None, None, cowork_store::AUDIT_LIMIT)?;
    rows.reverse();
    for kept in rows {
        let row = kept.row;
        let line = serde_json::json!({
            "number": kept.number,
            "at": jiff::Timestamp::from_millisecond(row.at)?.to_string(),
            "action": row.action,
            "pairing": row.pairing,
            "label": row.label,
            "who": row.who,
            "detail": row.detail,
        });
        writeln!(file, "{line}")?;
    }
    file.into_inner()?.sync_all()?;
    Ok(name)
}
