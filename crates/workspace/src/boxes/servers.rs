//! What serves in the boxes of each folder, and windows that show it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

#[cfg(unix)]
use cowork_gateway::FolderId;
use cowork_policy::confinement::Rules;
use cowork_preview::Server;
use cowork_toolbox::Yard;

use super::lock;
use crate::folders;
use crate::view;
use crate::workspace::Inner;

#[cfg(unix)]
pub(super) type Open = cowork_preview::WayIn;
/// Nothing serves in a box there.
#[cfg(not(unix))]
pub(super) type Open = ();

/// Listens for servers of each folder that has rules, and no more for those that are gone. What could not be opened is
/// tried again each time.
///
/// Called for one change after the other.
pub(super) fn follow(inner: &Inner, yard: &Yard, rules: &Rules) {
    let wanted: HashMap<&Path, &str> = rules
        .folders
        .iter()
        .map(|folder| (folder.path.as_path(), folder.id.as_str()))
        .collect();
    let (gone, missing) = {
        let mut open = lock(&inner.boxes.ways_in);
        let gone: Vec<_> = open
            .extract_if(|path, _| !wanted.contains_key(path.as_path()))
            .collect();
        let missing: Vec<_> = wanted
            .iter()
            .filter(|(path, _)| !open.contains_key(**path))
            .collect();
        (gone, missing)
    };
    // Closing and opening touch the disk, and who asks must not wait for that.
    drop(gone);
    for (path, id) in missing {
        match opened(inner, &yard.way_in(id), id) {
            Ok(way_in) => {
                lock(&inner.boxes.ways_in).insert((*path).to_owned(), way_in);
            }
            // Commands run as before, and nothing promised is broken: what they serve is not shown.
            Err(error) => {
                tracing::error!(%error, folder = %path.display(), "servers of a folder's commands cannot be shown");
            }
        }
    }
}

#[cfg(unix)]
fn opened(inner: &Inner, socket: &Path, id: &str) -> std::io::Result<Open> {
    inner.boxes.previews.serve_folder(socket, FolderId::new(id))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn opened(_inner: &Inner, _socket: &Path, _id: &str) -> std::io::Result<Open> {
    Ok(())
}

/// Has windows show what serves; runs for ever.
pub(crate) async fn watch(inner: Arc<Inner>) {
    let mut servers = inner.boxes.previews.servers();
    while servers.changed().await.is_ok() {
        let servers = servers.borrow_and_update().clone();
        let mut state = inner.state();
        let shown = servers
            .iter()
            // Of a folder that was forgotten a moment ago nothing is shown.
            .filter_map(|server| {
                Some(shown(
                    server,
                    &state.folders.resolve(server.folder.as_str()).ok()?,
                ))
            })
            .collect();
        state.set_servers(shown);
        drop(state);
        inner.feed.changed();
    }
}

fn shown(server: &Server, folder: &Path) -> view::BoxServer {
    let since = server.since.duration_since(UNIX_EPOCH).unwrap_or_default();
    view::BoxServer {
        folder: server.folder.as_str().to_owned(),
        label: folders::label(folder),
        port: server.port,
        since: i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
    }
}
