//! Granting and forgetting folders.

use std::path::PathBuf;

use crate::boxes;
use crate::error::{Result, WorkspaceError};
use crate::folders::{self, Folders};
use crate::index;
use crate::operations::threads;
use crate::remote;
use crate::view::{Folder, FolderKind};
use crate::workspace::{Workspace, blocking, now};

impl Workspace {
    /// Grants a folder the person picked in a place no client can reach: the system's dialog, or the command line.
    ///
    /// # Errors
    /// When it cannot be read, or the grant cannot be saved.
    pub async fn grant_folder(&self, path: PathBuf) -> Result<Folder> {
        let folder = self.grant(path, FolderKind::Project).await?;
        let path = self.inner.state().folders.resolve(&folder.id)?;
        self.recall_in_background(path);
        Ok(folder)
    }

    /// Lists the threads the engine still has of a folder. The index knows them already, unless it was lost and begun
    /// anew. Not awaited by anyone: the engine may still be starting.
    pub(crate) fn recall_in_background(&self, folder: PathBuf) {
        let inner = self.inner.clone();
        tokio::spawn(async move {
            let sessions = async { Ok::<_, WorkspaceError>(inner.engine().await?.sessions(&folder).await?) };
            match sessions.await {
                Ok(sessions) => threads::take_in(&inner, sessions).await,
                Err(error) => tracing::warn!(%error, "the earlier threads of a folder are not known"),
            }
        });
    }

    pub(crate) async fn grant(&self, path: PathBuf, kind: FolderKind) -> Result<Folder> {
        let store = self.inner.store.clone();
        let path = blocking(move || {
            let path = folders::readable(&path)?;
            index::grant(&store, &path, kind, now())
                .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
            Ok::<_, WorkspaceError>(path)
        })
        .await
        .map_err(WorkspaceError::Internal)??;
        self.inner.state().folders.grant(path.clone(), kind);
        boxes::bring_into_reach(&self.inner, &path).await;
        self.rules_changed().await;
        let list = self.tell_folders().await?;
        let id = folders::folder_id(&path);
        list.into_iter()
            .find(|folder| folder.id == id)
            .ok_or(WorkspaceError::NotFound("The folder"))
    }

    /// Takes a folder off the list. Its files and sessions stay.
    ///
    /// # Errors
    /// When it is not known, or the change cannot be saved.
    pub async fn forget_folder(&self, folder: &str) -> Result<()> {
        let path = self.inner.state().folders.resolve(folder)?;
        // First of all: whoever takes it off the list does not expect it to be seen from elsewhere.
        remote::folder_goes(&self.inner, &path)
            .await
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        let _whole = self.inner.changing_boxes.lock().await;
        let rules = self.inner.changing_allowances.lock().await;
        let (store, forgotten) = (self.inner.store.clone(), path.clone());
        let mut kept = self.inner.state().folders.settings.clone();
        kept.remove(&path);
        // What was open to its commands goes first: a folder that is opened anew begins with nothing.
        blocking(move || {
            index::save_box_settings(&store, &kept)?;
            index::forget(&store, &forgotten)
        })
        .await
        .and_then(std::convert::identity)
        .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        {
            let mut state = self.inner.state();
            state.folders.forget(&path);
            state
                .allowances
                .retain(|rule| std::path::Path::new(&rule.folder) != path);
        }
        drop(rules);
        boxes::take_out_of_reach(&self.inner, &path).await;
        self.rules_changed().await;
        // No command is put into it any more.
        boxes::forget_home(&self.inner, &path).await;
        self.tell_folders().await.map(drop)
    }

    /// Looks again which folders can be reached, and has the engine reach those that are back.
    ///
    /// # Errors
    /// When a background task was cut off.
    pub async fn look_at_folders(&self) -> Result<Vec<Folder>> {
        let granted = self.inner.state().folders.snapshot();
        for folder in granted {
            boxes::bring_into_reach(&self.inner, &folder.path).await;
        }
        self.rules_changed().await;
        self.tell_folders().await
    }

    /// Writes the rules of the boxes anew. A folder they do not know runs no command, so a failure harms nobody.
    pub(crate) async fn rules_changed(&self) {
        if let Err(error) = boxes::write_rules(&self.inner).await {
            tracing::error!(
                error = format!("{error:#}"),
                "the rules of the boxes could not be written"
            );
        }
    }

    pub(crate) async fn tell_folders(&self) -> Result<Vec<Folder>> {
        let granted = self.inner.state().folders.snapshot();
        let list = blocking(move || Folders::list(&granted))
            .await
            .map_err(WorkspaceError::Internal)?;
        self.inner.state().tell_folders(list.clone());
        self.inner.feed.changed();
        Ok(list)
    }
}
