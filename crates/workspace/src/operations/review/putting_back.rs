//! Putting a file or a hunk back as it was, and undoing that.

use super::store;
use crate::review::loaded::{changed_meanwhile, wanted};
use crate::review::place::{self, Found};
use crate::review::reach::Reach;
use crate::review::{MOST_KEPT, kept};
use crate::view::{HunkPlace, KeptRevert, RevertLoss, ReviewScope};
use crate::workspace::{blocking, now};
use crate::{Result, Workspace, WorkspaceError};

impl Workspace {
    /// What putting a file or a hunk back takes away.
    ///
    /// # Errors
    /// When it cannot be put back.
    pub async fn review_loss(
        &self,
        session: &str,
        scope: ReviewScope,
        path: &str,
        hunk: Option<HunkPlace>,
        ignore_whitespace: bool,
    ) -> Result<RevertLoss> {
        self.beginning_is_known(session, &scope, hunk.as_ref()).await?;
        let loaded = self.look_at(session, &scope, path).await?;
        let wanted = wanted(&loaded, hunk.as_ref(), ignore_whitespace)?;
        let file = &loaded.change.file;
        Ok(RevertLoss {
            path: file.path.clone(),
            old_path: file.old_path.clone().filter(|_| hunk.is_none()),
            lines_lost: wanted.lost,
            lines_back: wanted.back,
            removes_file: wanted.content.is_none(),
            restores_file: loaded.found == Found::Nothing,
            bytes: loaded.new_bytes().unwrap_or(0),
            stamp: loaded.stamp.clone(),
            kept: true,
        })
    }

    /// Puts a file or a hunk back as it was; what is there now is kept. `stamp` is what a person was shown.
    ///
    /// # Errors
    /// When the file is another one by now, or cannot be written.
    pub async fn review_revert(
        &self,
        session: &str,
        scope: ReviewScope,
        path: &str,
        hunk: Option<HunkPlace>,
        ignore_whitespace: bool,
        stamp: &str,
    ) -> Result<KeptRevert> {
        let (_, folder) = self.inner.session(session)?;
        self.beginning_is_known(session, &scope, hunk.as_ref()).await?;
        let loaded = self.look_at(session, &scope, path).await?;
        if loaded.stamp != stamp {
            return Err(changed_meanwhile());
        }
        let wanted = wanted(&loaded, hunk.as_ref(), ignore_whitespace)?;
        let file = &loaded.change.file;
        let mut steps = Vec::new();
        let moved = file.old_path.as_ref().filter(|_| hunk.is_none());
        if let Some(old_path) = moved {
            let (inner, root, at) = (self.inner.clone(), folder.clone(), old_path.clone());
            let before = blocking(move || Reach::of(&inner, &root).read(&at, MOST_KEPT));
            steps.push(kept::Step {
                path: old_path.clone(),
                before: before.await.map_err(WorkspaceError::Internal)??,
                wanted: wanted.content.clone(),
            });
            if steps[0].before != Found::Nothing {
                return Err(WorkspaceError::NotAllowed(format!(
                    "{old_path} is there again, so the file cannot get its name back. Move it away, then try again."
                )));
            }
        }
        steps.push(kept::Step {
            path: file.path.clone(),
            before: loaded.found.clone(),
            wanted: wanted.content.filter(|_| moved.is_none()),
        });
        let (store, named) = (store(&self.inner), (file.path.clone(), hunk.is_some()));
        let kept = blocking(move || kept::carry_out(&store, &folder, (&named.0, named.1), now(), &steps))
            .await
            .map_err(WorkspaceError::Internal)?;
        self.inner.opened_review.forget_loaded();
        kept.map_err(not_written)
    }

    /// What was put back in a session's folder and can be undone, the newest first.
    ///
    /// # Errors
    /// When the session is not known.
    pub async fn review_kept(&self, session: &str) -> Result<Vec<KeptRevert>> {
        let (_, folder) = self.inner.session(session)?;
        let store = store(&self.inner);
        blocking(move || kept::list(&store, &folder))
            .await
            .map_err(WorkspaceError::Internal)
    }

    /// Undoes putting something back, unless the file was changed since. The file's path.
    ///
    /// # Errors
    /// When it is not kept any more, the file changed, or it cannot be written.
    pub async fn review_undo(&self, session: &str, id: &str) -> Result<String> {
        let (_, folder) = self.inner.session(session)?;
        let (store, id) = (store(&self.inner), id.to_owned());
        let undone = blocking(move || kept::undo(&store, &folder, &id))
            .await
            .map_err(WorkspaceError::Internal)?;
        undone.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => WorkspaceError::NotFound("What was kept of the file"),
            _ => not_written(error),
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn not_written(error: std::io::Error) -> WorkspaceError {
    if error.to_string() == place::CHANGED {
        return changed_meanwhile();
    }
    WorkspaceError::NotSaved(error.to_string())
}
