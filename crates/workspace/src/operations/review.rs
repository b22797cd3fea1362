//! What changed, file by file and line by line.

mod beginning;
mod putting_back;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cowork_engine::{FileChange, MessageId, SessionId};

use super::changes::tool_changes;
use crate::render::display_path;
use crate::review::git::{Git, Lacking};
use crate::review::loaded::{Loaded, load, write_patch};
use crate::review::opened::{Listed, LookedAt};
use crate::review::place::{self, Found};
use crate::review::programs::PersonPrograms;
use crate::review::reach::Reach;
use crate::review::told::{all_tool_changes, by_file};
use crate::review::untracked::{count_untracked, pair_with_untracked};
use crate::review::{Change, MOST_KEPT, rows};
use crate::view::{
    GitState, PatchOf, PatchText, ReviewFile, ReviewList, ReviewLook, ReviewOrigin, ReviewPage, ReviewScope,
};
use crate::workspace::{Inner, blocking};
use crate::{Result, Workspace, WorkspaceError};

/// Files that are listed. A person looks through fewer; how many there are is said.
const LISTED: usize = 10_000;

/// Bytes of a patch that is copied.
const PATCH: usize = 16 << 20;

impl Workspace {
    /// Which files a turn, a session or a person changed.
    ///
    /// # Errors
    /// When the session is not known, or the engine does not answer.
    pub async fn review_files(&self, session: &str, scope: ReviewScope) -> Result<ReviewList> {
        let listed = self.list_changes(session, &scope).await?;
        let files = listed.changes.iter().map(|change| &change.file);
        let sum = |lines: fn(&ReviewFile) -> Option<u64>| files.clone().filter_map(lines).sum();
        Ok(ReviewList {
            total: listed.changes.len() as u64,
            additions: sum(|file| file.additions),
            deletions: sum(|file| file.deletions),
            files: files.clone().take(LISTED).cloned().collect(),
            origin: listed.origin,
            more: listed.more,
            git: listed.git.clone(),
        })
    }

    /// A page of a file's lines.
    ///
    /// # Errors
    /// When the file is not among the changes any more, or may not be read.
    pub async fn review_page(
        &self,
        session: &str,
        scope: ReviewScope,
        path: &str,
        look: ReviewLook,
        page: usize,
    ) -> Result<ReviewPage> {
        let loaded = self.look_at(session, &scope, path).await?;
        blocking(move || {
            let edits = loaded.sides.edits(look.ignore_whitespace);
            let shown = rows::page(&loaded.change.file.path, &loaded.sides, &edits, &look, page);
            ReviewPage {
                body: loaded.body,
                rows: shown.rows,
                pages: shown.pages.max(1),
                total: shown.total,
                hunks: shown.hunks,
                stamp: loaded.stamp.clone(),
                old_bytes: loaded.old_bytes,
                new_bytes: loaded.new_bytes(),
                can_revert: loaded.old.is_some(),
            }
        })
        .await
        .map_err(WorkspaceError::Internal)
    }

    /// What of a review is copied as a patch.
    ///
    /// # Errors
    /// When a file of it is not among the changes any more, or git does not answer.
    pub async fn review_patch(
        &self,
        session: &str,
        scope: ReviewScope,
        of: PatchOf,
        ignore_whitespace: bool,
    ) -> Result<PatchText> {
        let listed = self.listed(session, &scope).await?;
        let (chosen, hunk) = match &of {
            PatchOf::File { path } => (Some(path), None),
            PatchOf::Hunk { path, hunk } => (Some(path), Some(*hunk)),
            PatchOf::All => (None, None),
        };
        let mut patch = PatchText {
            text: String::new(),
            left_out: 0,
        };
        if scope == ReviewScope::Tree && of == PatchOf::All {
            // One call for all files that git knows, and none for each.
            let (_, folder) = self.inner.session(session)?;
            let git = Git::of(&self.inner, &folder).await.map_err(|why| lacking(&why))?;
            patch.text = git
                .patch(listed.base, &["."])
                .await
                .map_err(|why| lacking(&why))?;
        }
        let of_git = scope == ReviewScope::Tree && chosen.is_none();
        let is_wanted = |change: &&Change| match chosen {
            Some(named) => change.file.path == *named,
            None => !of_git || change.file.untracked,
        };
        let wanted: Vec<&Change> = listed.changes.iter().filter(is_wanted).collect();
        patch.left_out += u64::from(chosen.is_some() && wanted.is_empty());
        let reach = self.reach(session).await?;
        for change in wanted {
            let looked = self.look_at_change(session, &scope, &listed, change.clone(), reach.clone());
            let Ok(loaded) = looked.await else {
                patch.left_out += 1;
                continue;
            };
            let written = blocking(move || write_patch(&loaded, hunk.as_ref(), ignore_whitespace))
                .await
                .map_err(WorkspaceError::Internal)?;
            match written {
                Some(text) if patch.text.len() + text.len() <= PATCH => patch.text.push_str(&text),
                _ => patch.left_out += 1,
            }
        }
        Ok(patch)
    }

    /// Where a file of a session's folder is, to be opened by a program of the person's.
    ///
    /// # Errors
    /// When it is no plain file of the folder.
    pub async fn file_place(&self, session: &str, path: &str) -> Result<PathBuf> {
        let (reach, path) = (self.reach(session).await?, path.to_owned());
        blocking(move || place_in(&reach, &path))
            .await
            .map_err(WorkspaceError::Internal)?
    }

    /// What can be reached of a session's folder.
    pub(super) async fn reach(&self, session: &str) -> Result<Arc<Reach>> {
        let (_, folder) = self.inner.session(session)?;
        let inner = self.inner.clone();
        blocking(move || Arc::new(Reach::of(&inner, &folder)))
            .await
            .map_err(WorkspaceError::Internal)
    }

    /// Where programs of the person's are: the directories of their search path, links resolved, and what commands of
    /// agents can write. A program in it, or that leads to it, may be one that they left there.
    #[must_use]
    pub fn person_programs(&self) -> PersonPrograms {
        let known = self.inner.login_path.borrow().clone().flatten();
        let path = known.or_else(|| std::env::var_os("PATH")).unwrap_or_default();
        let shelter = self.inner.shelter();
        let folders = self.inner.state().folders.snapshot();
        let granted = folders
            .iter()
            .flat_map(|folder| &folder.settings.granted)
            .map(|grant| grant.path.clone());
        let writable = folders
            .iter()
            .map(|folder| folder.path.clone())
            .chain(granted)
            .chain(shelter.opened_to_change())
            .chain(shelter.machine_places())
            .chain(shelter.folders.iter().cloned())
            .chain(shelter.reachable.iter().cloned());
        PersonPrograms::new(std::env::split_paths(&path), writable)
    }

    /// What was listed last, or what there is now.
    async fn listed(&self, session: &str, scope: &ReviewScope) -> Result<Listed> {
        match self.inner.opened_review.listed(session, scope) {
            Some(listed) => Ok(listed),
            None => self.list_changes(session, scope).await,
        }
    }

    async fn list_changes(&self, session: &str, scope: &ReviewScope) -> Result<Listed> {
        let (id, folder) = self.inner.session(session)?;
        let listed = match scope {
            ReviewScope::Tree => self.list_tree(&folder).await,
            ReviewScope::Turn { message } => {
                let prompt = MessageId::from(message.as_str());
                let engine = self.inner.engine().await?;
                let told = engine.changes(&folder, &id, &prompt).await?;
                self.list_told(&id, &folder, told, Some(&prompt)).await?
            }
            ReviewScope::Session => {
                let engine = self.inner.engine().await?;
                let mut told = engine.session_changes(&folder, &id).await?;
                let mut more = false;
                if told.is_empty() {
                    // It sums a session up when it comes to it; what each turn changed it knows at once.
                    let (prompts, older) = self.newest_prompts(&id).await?;
                    more = older;
                    for prompt in prompts {
                        told.extend(engine.changes(&folder, &id, &prompt).await?);
                    }
                }
                let mut listed = self.list_told(&id, &folder, told, None).await?;
                listed.more |= more && listed.origin == ReviewOrigin::History;
                listed
            }
        };
        Ok(self.inner.opened_review.hold(session, scope, listed))
    }

    /// What was told of a turn or a session, by file.
    async fn list_told(
        &self,
        session: &SessionId,
        folder: &Path,
        told: Vec<FileChange>,
        prompt: Option<&MessageId>,
    ) -> Result<Listed> {
        let mut more = false;
        let (told, origin) = if told.is_empty() {
            // An engine that keeps no history of the folder still reported what its tools changed.
            self.load(session).await?;
            if let Some(prompt) = prompt {
                self.read_back_to(session, prompt.as_str()).await?;
            } else {
                more = self.has_older(session);
            }
            let state = self.inner.state();
            let transcript = state.live.get(session).map(|live| &live.transcript);
            let changes = transcript.map(|transcript| match prompt {
                Some(prompt) => tool_changes(transcript, prompt),
                None => all_tool_changes(transcript),
            });
            (changes.unwrap_or_default(), ReviewOrigin::Tools)
        } else {
            (told, ReviewOrigin::History)
        };
        let root = folder.to_owned();
        let changes = blocking(move || by_file(told, &root))
            .await
            .map_err(WorkspaceError::Internal)?;
        Ok(Listed {
            changes: changes.into(),
            origin,
            more,
            git: None,
            base: "",
            listing: 0,
        })
    }

    async fn list_tree(&self, folder: &Path) -> Listed {
        let nothing = |git: GitState| Listed {
            changes: Arc::new([]),
            origin: ReviewOrigin::Git,
            more: false,
            git: Some(git),
            base: "",
            listing: 0,
        };
        let found = async {
            let git = Git::of(&self.inner, folder).await?;
            let (status, branches) = tokio::join!(git.status(), git.branches());
            let mut status = status?;
            pair_with_untracked(&git, folder, &mut status).await;
            Ok::<_, Lacking>((status, branches?))
        };
        let (status, (branches, more)) = match found.await {
            Ok(found) => found,
            Err(lacking) => return nothing(lacking.into()),
        };
        let (state, base) = (status.state(branches, more), status.base());
        let root = folder.to_owned();
        let mut changes = status.changes;
        let counted = blocking(move || {
            count_untracked(&root, &mut changes);
            changes
        });
        match counted.await {
            Ok(changes) => Listed {
                changes: changes.into(),
                origin: ReviewOrigin::Git,
                more: false,
                git: Some(state),
                base,
                listing: 0,
            },
            Err(error) => nothing(GitState::Failed {
                reason: format!("{error:#}"),
            }),
        }
    }

    /// A file of a review with both of its sides.
    async fn look_at(&self, session: &str, scope: &ReviewScope, path: &str) -> Result<Arc<Loaded>> {
        let listed = self.listed(session, scope).await?;
        let change = listed.changes.iter().find(|change| change.file.path == path);
        let change = change.ok_or(WorkspaceError::NotFound("The change"))?.clone();
        let reach = self.reach(session).await?;
        self.look_at_change(session, scope, &listed, change, reach).await
    }

    async fn look_at_change(
        &self,
        session: &str,
        scope: &ReviewScope,
        listed: &Listed,
        mut change: Change,
        reach: Arc<Reach>,
    ) -> Result<Arc<Loaded>> {
        let folder = reach.folder().to_owned();
        let path = change.file.path.clone();
        let path = path.as_str();
        let found = if change.in_folder {
            let at = path.to_owned();
            blocking(move || reach.read(&at, MOST_KEPT))
                .await
                .map_err(WorkspaceError::Internal)??
        } else {
            Found::Other
        };
        let stamp = place::stamp(&found);
        let looked_at = LookedAt {
            session: session.to_owned(),
            scope: scope.clone(),
            listing: listed.listing,
            path: path.to_owned(),
        };
        if let Some(loaded) = self.inner.opened_review.loaded(&looked_at, &stamp) {
            return Ok(loaded);
        }
        let mut committed = None;
        let mut old_bytes = None;
        let asks_git = *scope == ReviewScope::Tree && !change.file.untracked;
        if asks_git {
            let git = Git::of(&self.inner, &folder).await.map_err(|why| lacking(&why))?;
            let from = change.file.old_path.clone().unwrap_or_else(|| path.to_owned());
            if change.file.binary {
                old_bytes = git.committed_size(listed.base, &from).await;
                if old_bytes.is_some_and(|bytes| bytes <= MOST_KEPT) {
                    // Without it the file is shown with its size alone. What was there before cannot be put back then; one
                    // that was not there can still be taken away.
                    committed = git.committed(listed.base, &from).await.ok();
                }
            } else {
                let mut paths = vec![path];
                paths.extend(change.file.old_path.as_deref());
                change.patches = vec![
                    git.patch(listed.base, &paths)
                        .await
                        .map_err(|why| lacking(&why))?,
                ];
            }
        }
        let loaded = blocking(move || load(change, found, stamp, committed, old_bytes)).await;
        let loaded = Arc::new(loaded.map_err(WorkspaceError::Internal)?);
        self.inner.opened_review.hold_loaded(looked_at, &loaded);
        Ok(loaded)
    }
}

/// Where is kept what was there before something was put back.
pub(super) fn store(inner: &Inner) -> PathBuf {
    inner.options.places.data.join("reverted")
}

/// Where a plain file is that is named in some way, if it is one and can be reached.
pub(super) fn place_in(reach: &Reach, name: &str) -> Result<PathBuf> {
    let within = reach.within(&display_path(name, reach.folder()))?;
    match place::read(reach.folder(), &within, 0) {
        Ok(Found::File(_) | Found::Large(_)) => Ok(reach.folder().join(within)),
        _ => Err(WorkspaceError::NotFound("The file")),
    }
}

fn lacking(lacking: &Lacking) -> WorkspaceError {
    WorkspaceError::NotAllowed(lacking_words(lacking))
}

/// Why git is not run, in words.
pub(super) fn lacking_words(lacking: &Lacking) -> String {
    match lacking {
        Lacking::Repository => "The folder is no git repository.".to_owned(),
        Lacking::Elsewhere(path) => format!(
            "git of this folder needs {}, which is not open to it. Open it under What commands may reach.",
            path.display()
        ),
        Lacking::NoBox(reason) => format!("git runs in a box alone, and there is none here. {reason}"),
        Lacking::Failed(reason) => format!("git did not answer as it should: {reason}"),
    }
}

#[cfg(test)]
mod tests;
