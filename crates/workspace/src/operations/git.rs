//! What a person has git do in a session's folder: stage, commit, make and switch branches. Nothing is sent anywhere.

use super::review::lacking_words;
use crate::review::git::{Git, Lacking, Said};
use crate::review::place;
use crate::view::GitDone;
use crate::{Result, Workspace, WorkspaceError};

/// Paths that are staged at once: of as many files as are listed, each with the name it had.
const MOST_PATHS: usize = 20_000;

/// Bytes of a commit's message.
const MESSAGE: usize = 64 << 10;

/// Bytes of a branch's name.
const NAME: usize = 250;

impl Workspace {
    /// Takes files into the next commit, or out of it.
    ///
    /// # Errors
    /// When a path is none of the folder's, or git is not run.
    pub async fn git_stage(&self, session: &str, paths: Vec<String>, staged: bool) -> Result<GitDone> {
        if paths.is_empty()
            || paths.len() > MOST_PATHS
            || paths.iter().any(|path| place::below(path).is_none())
        {
            return Err(WorkspaceError::InvalidInput(
                "Choose files of the folder to take into the commit.".to_owned(),
            ));
        }
        let git = self.git(session).await?;
        let list = ["--pathspec-from-file=-", "--pathspec-file-nul"];
        let born = git
            .ask(&["rev-parse", "--verify", "--quiet", "HEAD"])
            .await
            .map_err(refused)?
            .well;
        let mut asked = match (staged, born) {
            (true, _) => vec!["add", "--all"],
            (false, true) => vec!["reset", "--quiet"],
            // Before the first commit there is nothing to go back to.
            (false, false) => vec!["rm", "--cached", "--quiet", "-r"],
        };
        asked.extend(list);
        self.done(&git, &asked, paths.join("\0").into_bytes()).await
    }

    /// Commits what is staged. Hooks of the repository run in its box, and may refuse it.
    ///
    /// # Errors
    /// When there is no message or one too long, or git is not run.
    pub async fn git_commit(&self, session: &str, message: &str) -> Result<GitDone> {
        if message.trim().is_empty() || message.len() > MESSAGE {
            let why = if message.len() > MESSAGE {
                "The commit's words are longer than 64 KB. Shorten them, then commit again."
            } else {
                "Say in a few words what the commit does."
            };
            return Err(WorkspaceError::InvalidInput(why.to_owned()));
        }
        let git = self.git(session).await?;
        // Nothing is in it that the person did not write, so a line that begins with # is no remark of git's.
        let asked = ["commit", "--quiet", "--file=-", "--cleanup=whitespace"];
        self.done(&git, &asked, message.as_bytes().to_vec()).await
    }

    /// Switches to a branch, and makes it first where it is new.
    ///
    /// # Errors
    /// When the name is none, conflicts are open, or git is not run.
    pub async fn git_branch(&self, session: &str, name: &str, create: bool) -> Result<GitDone> {
        let name = name.trim();
        let is_name = !name.is_empty() && !name.starts_with('-') && name.len() <= NAME;
        if !is_name || name.chars().any(|letter| letter.is_control() || letter == ' ') {
            return Err(WorkspaceError::InvalidInput(
                "A branch needs a name without spaces, which does not begin with a hyphen.".to_owned(),
            ));
        }
        let git = self.git(session).await?;
        let status = git.status().await.map_err(refused)?;
        if status.conflicts > 0 {
            return Err(WorkspaceError::NotAllowed(format!(
                "{} files have conflicts that nobody settled. Settle them and commit, then switch.",
                status.conflicts
            )));
        }
        let asked: &[&str] = if create {
            &["switch", "--quiet", "--no-guess", "--create", name]
        } else {
            &["switch", "--quiet", "--no-guess", name]
        };
        self.done(&git, asked, Vec::new()).await
    }

    async fn git(&self, session: &str) -> Result<Git> {
        let (_, folder) = self.inner.session(session)?;
        Git::of(&self.inner, &folder).await.map_err(refused)
    }

    async fn done(&self, git: &Git, asked: &[&str], input: Vec<u8>) -> Result<GitDone> {
        let said: Said = git.change(asked, input).await.map_err(refused)?;
        Ok(GitDone {
            done: said.well,
            said: said.words(),
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn refused(lacking: Lacking) -> WorkspaceError {
    WorkspaceError::NotAllowed(lacking_words(&lacking))
}
