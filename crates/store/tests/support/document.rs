//! A message to begin with.

use cowork_store::{Document, DocumentKind};

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
