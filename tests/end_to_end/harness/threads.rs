//! Threads of long ago, put into an index.

use cowork_store::{FolderKind, SessionRow};

/// The row of a thread in a folder, last changed at a time in milliseconds.
pub(crate) fn old_thread(number: i64, folder: String, folder_kind: FolderKind, updated: i64) -> SessionRow {
    SessionRow {
        id: format!("ses_old{number:08}"),
        folder,
        folder_kind,
        parent: None,
        title: format!("Thread {number}: what was asked long ago"),
        agent: Some("build".to_owned()),
        model: Some("demo/demo".to_owned()),
        created: updated,
        updated,
        mark: None,
        unread: false,
        cost: 0.0,
        demo: true,
        needs_you: false,
        tags: Vec::new(),
    }
}
