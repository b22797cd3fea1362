//! Windows that show what a command serves.

use std::io;

use cowork_gateway::FolderId;
use cowork_preview::{Preview, Watch};

use crate::error::{Result, WorkspaceError};
use crate::folders;
use crate::workspace::Workspace;

/// A way for one window to a server in a folder's boxes. Dropped, it is closed.
pub struct OpenPreview {
    preview: Preview,
    label: String,
    folder: String,
}

impl OpenPreview {
    /// The folder's name.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The folder's reference.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The server's port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.preview.port()
    }

    /// The one host that the window may reach.
    #[must_use]
    pub fn host(&self) -> &str {
        self.preview.host()
    }

    /// What the window shows.
    #[must_use]
    pub fn address(&self) -> String {
        self.preview.address()
    }

    /// The HTTP proxy that the window uses for everything.
    #[must_use]
    pub fn proxy(&self) -> String {
        self.preview.proxy()
    }

    /// Whether something serves there, as it changes.
    #[must_use]
    pub fn watch(&self) -> Watch {
        self.preview.watch()
    }
}

impl Workspace {
    /// Opens a way for one window to a server that a command of a folder runs in its box.
    ///
    /// # Errors
    /// When the folder is not known, nothing serves there any more, or the system gives no port.
    pub async fn open_preview(&self, folder: &str, port: u16) -> Result<OpenPreview> {
        let path = self.inner.state().folders.resolve(folder)?;
        let id = FolderId::new(folder);
        let serves = self
            .inner
            .boxes
            .previews
            .servers()
            .borrow()
            .iter()
            .any(|server| server.folder == id && server.port == port);
        if !serves {
            let words = "The command that served this has ended. Ask for it to be started again.";
            return Err(WorkspaceError::Unreachable(words.to_owned()));
        }
        let opened = self.inner.boxes.previews.open(id, port).await;
        let preview = opened.map_err(|error: io::Error| {
            WorkspaceError::Internal(anyhow::Error::new(error).context("opening a way to the server"))
        })?;
        Ok(OpenPreview {
            preview,
            label: folders::label(&path),
            folder: folder.to_owned(),
        })
    }
}
