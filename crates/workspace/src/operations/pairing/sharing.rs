//! What is shared over a pairing: threads by themselves, and folders with all of theirs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cowork_store::{PairingState as Kept, SharedThread};

use super::over;
use crate::error::{Result, WorkspaceError};
use crate::remote;
use crate::view::PairingRow;
use crate::workspace::{Workspace, now};

impl Workspace {
    /// Shares a thread by itself over a pairing, or no longer.
    ///
    /// # Errors
    /// When the pairing or the thread is not known, too many are shared, or it cannot be saved.
    pub async fn share_thread(&self, pairing: &str, session: &str, shared: bool) -> Result<PairingRow> {
        let inner = &self.inner;
        let _whole = inner.remote.changing.lock().await;
        let row = self.pairing_row(pairing)?;
        if matches!(row.state, Kept::Revoking | Kept::Revoked) {
            return Err(over());
        }
        let let_go = if shared {
            let session = self.roots(&[session.to_owned()])?.remove(0);
            let thread = SharedThread {
                session,
                from_afar: false,
                shared_at: now(),
            };
            let (id, kept) = (pairing.to_owned(), thread.clone());
            self.store(move |store| store.share_thread(&id, &kept)).await?;
            let mut state = inner.state();
            if let Some(known) = state.remote.find_mut(pairing)
                && known.threads.iter().all(|known| known.session != thread.session)
            {
                known.threads.insert(0, thread);
            }
            Ok(())
        } else {
            let (id, gone) = (pairing.to_owned(), session.to_owned());
            self.store(move |store| store.unshare_thread(&id, &gone)).await?;
            if let Some(known) = inner.state().remote.find_mut(pairing) {
                known.threads.retain(|known| known.session != session);
            }
            // Where that fails it is tried again with what is told next.
            remote::let_go_of_unshared(inner, pairing).await
        };
        inner.state().remote.news.pairings.insert(pairing.to_owned());
        inner.remote.wake.notify_one();
        let said = if shared {
            "is shared"
        } else {
            "is shared no longer"
        };
        inner
            .audit(
                pairing,
                "pairing.updated",
                &format!("the thread {session} {said}"),
            )
            .await;
        inner.tell_pairings();
        let_go.map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        self.row(pairing)
    }

    /// The paths of folders that were granted.
    pub(super) fn granted(&self, ids: &[String]) -> Result<Vec<String>> {
        let state = self.inner.state();
        let paths = ids.iter().map(|id| state.folders.resolve(id));
        let paths: BTreeSet<PathBuf> = paths.collect::<Result<_>>()?;
        paths
            .into_iter()
            .map(|path| {
                path.into_os_string().into_string().map_err(|path| {
                    let name = path.to_string_lossy();
                    WorkspaceError::InvalidInput(format!(
                        "The folder {name} has a name that cannot be kept. Rename it."
                    ))
                })
            })
            .collect()
    }

    /// The threads of sessions.
    pub(super) fn roots(&self, sessions: &[String]) -> Result<Vec<String>> {
        let mut roots = BTreeSet::new();
        for session in sessions {
            let (id, _) = self.inner.session(session)?;
            roots.insert(self.inner.state().root_of(&id).to_string());
        }
        Ok(roots.into_iter().collect())
    }
}
