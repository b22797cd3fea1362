//! Which of the names in a conversation are files that can be opened.

use super::review::place_in;
use crate::workspace::blocking;
use crate::{Result, Workspace, WorkspaceError};

/// Names asked about at once: those of a long answer. A window asks again for more.
const MOST: usize = 64;

/// Bytes of a name; no path of a conversation that a person reads is longer.
const LONGEST: usize = 1_024;

impl Workspace {
    /// Those of the names that are plain files of a session's folder, as they were given. Neither is what lies outside of it,
    /// what is reached by a link, what is git's own nor what is kept out of reach of threads.
    ///
    /// # Errors
    /// When there is no such session, or too much is asked at once.
    pub async fn files_named(&self, session: &str, names: Vec<String>) -> Result<Vec<String>> {
        if names.len() > MOST {
            return Err(WorkspaceError::InvalidInput(format!(
                "Not more than {MOST} names can be asked about at once."
            )));
        }
        let reach = self.reach(session).await?;
        let is_file = move |name: &String| name.len() <= LONGEST && place_in(&reach, name).is_ok();
        blocking(move || names.into_iter().filter(is_file).collect())
            .await
            .map_err(WorkspaceError::Internal)
    }
}
