//! What the tests of this room begin with.

use cowork_store::{Document, DocumentKind, FolderKind, NewAllowance, SessionRow, Store};
use tempfile::TempDir;

/// A fresh database, gone with its folder.
pub(crate) fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(&folder.path().join("data/cowork.db"), 0).unwrap();
    (folder, store)
}

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

/// An answer.
pub(crate) fn document(session: &str, message: &str, text: &str) -> Document {
    Document {
        session: session.to_owned(),
        message: message.to_owned(),
        kind: DocumentKind::Answer,
        agent: None,
        model: None,
        created: 1,
        tokens: 1,
        usage: None,
        text: text.to_owned(),
        tools: String::new(),
        changed_files: Vec::new(),
    }
}

/// Something that is allowed for good.
pub(crate) fn allowance(folder: &str, pattern: &str, created: i64) -> NewAllowance {
    NewAllowance {
        folder: folder.to_owned(),
        agent: "build".to_owned(),
        permission: "bash".to_owned(),
        pattern: pattern.to_owned(),
        origin: format!("{pattern} was asked"),
        session: "s".to_owned(),
        created,
    }
}
