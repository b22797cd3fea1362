//! What is shared no longer must not leave any more, also where it waits for a server that does not answer.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use cowork_pairing_protocol::session::VERSION;
use cowork_pairing_protocol::wire::{EventType, RemoteEvent};
use serde_json::json;

use crate::workspace::{Inner, blocking};

/// What takes the place of an event that may have arrived: under its name and number, so that a server which has it takes
/// this for the same, and one which has not gets nothing of it.
fn void(event: &str) -> Option<String> {
    let event: RemoteEvent = serde_json::from_str(event).ok()?;
    let void = RemoteEvent {
        kind: EventType::Audit,
        session_id: None,
        payload: Some(json!({ "v": VERSION, "void": true })),
        ..event
    };
    serde_json::to_string(&void).ok()
}

/// Lets go of what waits to leave over a pairing of these sessions, or of all.
pub(crate) async fn let_go(
    inner: &Arc<Inner>,
    pairing: &str,
    sessions: Option<BTreeSet<String>>,
) -> anyhow::Result<()> {
    let (store, id) = (inner.store.clone(), pairing.to_owned());
    let waiting = blocking(move || {
        store.let_go_of_events(&id, sessions.as_ref(), void)?;
        anyhow::Ok(store.waiting_events(&id)?.rows)
    })
    .await??;
    inner.count_waiting(pairing, waiting);
    Ok(())
}

/// Lets go of what waits of threads that a pairing shares no longer. It counts what is shared and not whether the pairing
/// is paused: what waits while it is leaves when it goes on.
pub(crate) async fn let_go_of_unshared(inner: &Arc<Inner>, pairing: &str) -> anyhow::Result<()> {
    let (store, id) = (inner.store.clone(), pairing.to_owned());
    let mut gone = blocking(move || store.waiting_sessions(&id)).await??;
    gone.retain(|session| !is_shared(inner, pairing, session));
    if gone.is_empty() {
        return Ok(());
    }
    let_go(inner, pairing, Some(gone)).await
}

fn is_shared(inner: &Inner, pairing: &str, session: &str) -> bool {
    // It comes into memory with its family, so that it is known whose it is.
    let Ok((id, _)) = inner.session(session) else {
        return false;
    };
    let state = inner.state();
    let root = state.root_of(&id);
    let folder = state.folder_of(&root);
    let known = state.remote.find(pairing);
    known.is_some_and(|known| known.shares(&root, folder.as_deref()))
}

/// A folder is taken off the list: nothing of it is shared any more by it, over any pairing.
///
/// # Errors
/// When that cannot be kept; then it is shared as before.
pub(crate) async fn folder_goes(inner: &Arc<Inner>, folder: &Path) -> anyhow::Result<()> {
    let _whole = inner.remote.changing.lock().await;
    let sharing: Vec<(String, BTreeSet<std::path::PathBuf>)> = {
        let state = inner.state();
        let all = state.remote.pairings.iter();
        all.filter(|known| known.folders.contains(folder))
            .map(|known| {
                let mut folders = known.folders.clone();
                folders.remove(folder);
                (known.pairing.id.clone(), folders)
            })
            .collect()
    };
    for (id, folders) in sharing {
        let kept: Vec<String> = folders
            .iter()
            .map(|path| path.to_string_lossy().into_owned())
            .collect();
        let (store, pairing) = (inner.store.clone(), id.clone());
        blocking(move || store.share_folders(&pairing, &kept)).await??;
        {
            let mut state = inner.state();
            if let Some(known) = state.remote.find_mut(&id) {
                known.folders = folders;
            }
            state.remote.news.pairings.insert(id.clone());
        }
        let_go_of_unshared(inner, &id).await?;
        let name = crate::folders::label(folder);
        let detail = format!("the folder {name} was taken off the list, and is shared no longer");
        inner.audit(&id, "pairing.updated", &detail).await;
    }
    inner.remote.wake.notify_one();
    inner.tell_pairings();
    Ok(())
}

#[cfg(test)]
mod tests {
    use cowork_engine::SessionId;

    use super::*;
    use crate::remote::tell;

    #[test]
    fn what_takes_the_place_of_an_event_has_its_name_and_nothing_of_it() {
        let session = SessionId::from("ses_1");
        let told = cowork_pairing_protocol::session::SessionEvent::ThreadGone;
        let kept = tell::session_event("p", &session, told).unwrap().event;
        let before: RemoteEvent = serde_json::from_str(&kept).unwrap();
        let after: RemoteEvent = serde_json::from_str(&void(&kept).unwrap()).unwrap();
        assert_eq!((&after.id, &after.pairing_id), (&before.id, &before.pairing_id));
        assert_eq!((after.kind, after.session_id), (EventType::Audit, None));
        assert_eq!(after.payload, Some(json!({ "v": VERSION, "void": true })));
    }
}
