//! A session to begin with.

use cowork_store::{FolderKind, SessionRow};

/// A session of which nothing is known but its name.
pub(crate) fn session(id: &str) -> SessionRow {
    SessionRow {
        id: id.to_owned(),
        folder: "/work/x".to_owned(),
        folder_kind: FolderKind::Project,
        parent: None,
        title: format!("Title of {id}"),
        agent: None,
        model: None,
        created: 1,
        updated: 2,
        mark: None,
        unread: false,
        cost: 0.0,
        demo: false,
        needs_you: false,
        tags: Vec::new(),
    }
}
