//! What changed, file by file and line by line, and putting it back.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cowork_engine::{FileChange, MessageId, Role, SessionId};
use cowork_transcript::{BlockContent, Transcript};

use super::changes::tool_changes;
use crate::render::display_path;
use crate::review::compare::{self, Sides};
use crate::review::git::{Git, Lacking, Status};
use crate::review::place::{self, Content, Found};
use crate::review::programs::PersonPrograms;
use crate::review::{Change, MOST_COMPARED, MOST_KEPT, kept, patch, renames, rows};
use crate::view::{
    FileStatus, GitState, HunkPlace, KeptRevert, PatchOf, PatchText, RevertLoss, ReviewBody, ReviewFile,
    ReviewList, ReviewLook, ReviewOrigin, ReviewPage, ReviewScope,
};
use crate::workspace::{Inner, blocking, now};
use crate::{Result, Workspace, WorkspaceError};

/// Files that are listed. A person looks through fewer; how many there are is said.
const LISTED: usize = 10_000;

/// Prompts of a session that are asked what they changed, where it is not summed up. Each is a look of some 50 ms.
const PROMPTS: usize = 40;

/// Bytes of a patch that is copied.
const PATCH: usize = 16 << 20;

/// Files that git does not know whose lines are counted, and bytes of each.
const COUNTED: usize = 500;
const COUNTED_BYTES: u64 = 256 << 10;

/// Files that are gone which are looked for among those that git does not know: each is a call of git.
const LOOKED_FOR: usize = 8;

/// Whose changes were listed last, and the file that was looked at last: its further pages need neither be told nor
/// compared anew.
#[derive(Default)]
pub(crate) struct OpenedReview(Mutex<Held>);

#[derive(Default)]
struct Held {
    listed: Option<(String, ReviewScope, Listed)>,
    loaded: Option<(LookedAt, Arc<Loaded>)>,
    /// How often changes were listed: what was loaded of a listing is good for no other.
    listings: u64,
}

/// Which file was looked at, and of which listing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LookedAt {
    session: String,
    scope: ReviewScope,
    listing: u64,
    path: String,
}

impl OpenedReview {
    fn listed(&self, session: &str, scope: &ReviewScope) -> Option<Listed> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, which, listed) = held.listed.as_ref()?;
        (of == session && which == scope).then(|| listed.clone())
    }

    /// Holds what was listed, and gives it with the number that it has from now on.
    fn hold(&self, session: &str, scope: &ReviewScope, mut listed: Listed) -> Listed {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.listings += 1;
        listed.listing = held.listings;
        held.listed = Some((session.to_owned(), scope.clone(), listed.clone()));
        held.loaded = None;
        listed
    }

    /// The file that was looked at last, while what is on the disk is what it was.
    fn loaded(&self, wanted: &LookedAt, stamp: &str) -> Option<Arc<Loaded>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, loaded) = held.loaded.as_ref()?;
        (of == wanted && loaded.stamp == stamp).then(|| loaded.clone())
    }

    /// Holds a file, unless changes were listed anew since it was looked for.
    fn hold_loaded(&self, of: LookedAt, loaded: &Arc<Loaded>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.listings == of.listing {
            held.loaded = Some((of, loaded.clone()));
        }
    }

    fn forget_loaded(&self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.loaded = None;
    }
}

/// Changes as they were listed.
#[derive(Clone)]
struct Listed {
    changes: Arc<[Change]>,
    origin: ReviewOrigin,
    git: Option<GitState>,
    /// What git compares with.
    base: &'static str,
    /// Which listing this is; none before it is held.
    listing: u64,
}

/// A file with both of its sides.
struct Loaded {
    change: Change,
    body: ReviewBody,
    sides: Sides,
    found: Found,
    stamp: String,
    /// What it was before, where it can be put back as a whole.
    old: Option<Old>,
    old_bytes: Option<u64>,
}

/// A file as it was.
enum Old {
    /// It was not there.
    Nothing,
    File(Content),
}

impl Loaded {
    fn new_bytes(&self) -> Option<u64> {
        match &self.found {
            Found::File(content) => Some(content.bytes.len() as u64),
            Found::Large(bytes) => Some(*bytes),
            Found::Nothing | Found::Other => None,
        }
    }
}

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
            let before = blocking(move || read(&root, &reachable(&inner, &root, &at)?));
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
        for change in wanted {
            let looked = self.look_at_change(session, &scope, &listed, change.clone());
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
        let (_, folder) = self.inner.session(session)?;
        let relative = display_path(path, &folder);
        let inner = self.inner.clone();
        blocking(move || {
            let within = reachable(&inner, &folder, &relative)?;
            match place::read(&folder, &within, 0) {
                Ok(Found::File(_) | Found::Large(_)) => Ok(folder.join(within)),
                _ => Err(WorkspaceError::NotFound("The file")),
            }
        })
        .await
        .map_err(WorkspaceError::Internal)?
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
                if told.is_empty() {
                    // It sums a session up when it comes to it; what each turn changed it knows at once.
                    self.load(&id).await?;
                    for prompt in self.newest_prompts(&id) {
                        told.extend(engine.changes(&folder, &id, &prompt).await?);
                    }
                }
                self.list_told(&id, &folder, told, None).await?
            }
        };
        Ok(self.inner.opened_review.hold(session, scope, listed))
    }

    /// The newest prompts of a session that are asked what they changed, the oldest first.
    fn newest_prompts(&self, session: &SessionId) -> Vec<MessageId> {
        let state = self.inner.state();
        let transcript = state.live.get(session).map(|live| &live.transcript);
        let entries = transcript.map(Transcript::messages).unwrap_or_default();
        let prompts = entries.iter().filter(|entry| entry.message.role == Role::User);
        let ids: Vec<MessageId> = prompts.map(|entry| entry.message.id.clone()).collect();
        ids[ids.len().saturating_sub(PROMPTS)..].to_vec()
    }

    /// What was told of a turn or a session, by file.
    async fn list_told(
        &self,
        session: &SessionId,
        folder: &Path,
        told: Vec<FileChange>,
        prompt: Option<&MessageId>,
    ) -> Result<Listed> {
        let (told, origin) = if told.is_empty() {
            // An engine that keeps no history of the folder still reported what its tools changed.
            self.load(session).await?;
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
            git: None,
            base: "",
            listing: 0,
        })
    }

    async fn list_tree(&self, folder: &Path) -> Listed {
        let nothing = |git: GitState| Listed {
            changes: Arc::new([]),
            origin: ReviewOrigin::Git,
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
        self.look_at_change(session, scope, &listed, change).await
    }

    async fn look_at_change(
        &self,
        session: &str,
        scope: &ReviewScope,
        listed: &Listed,
        mut change: Change,
    ) -> Result<Arc<Loaded>> {
        let (_, folder) = self.inner.session(session)?;
        let path = change.file.path.clone();
        let path = path.as_str();
        let found = if change.in_folder {
            let (inner, root, at) = (self.inner.clone(), folder.clone(), path.to_owned());
            blocking(move || read(&root, &reachable(&inner, &root, &at)?))
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
                    // Without it the file is shown with its size alone, and cannot be put back from here.
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

fn store(inner: &Inner) -> PathBuf {
    inner.options.places.data.join("reverted")
}

/// A path of a folder that is neither outside of it, nor git's own, nor covered. It reads directories.
fn reachable(inner: &Inner, folder: &Path, path: &str) -> Result<PathBuf> {
    let within = place::below(path).ok_or_else(|| {
        WorkspaceError::NotAllowed(
            "Only files of the folder itself can be looked at and put back here.".to_owned(),
        )
    })?;
    let whole = folder.join(&within);
    let covered = inner.shelter().covered_paths();
    if covered.iter().any(|covered| whole.starts_with(covered)) {
        return Err(WorkspaceError::NotAllowed(
            "This file is kept out of reach of threads, because it opens other doors.".to_owned(),
        ));
    }
    Ok(within)
}

fn read(folder: &Path, path: &Path) -> Result<Found> {
    place::read(folder, path, MOST_KEPT)
        .map_err(|error| WorkspaceError::NotAllowed(format!("The file cannot be read: {error}.")))
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

fn changed_meanwhile() -> WorkspaceError {
    WorkspaceError::NotAllowed(
        "The file changed meanwhile, so nothing was touched. Look at it again, then decide.".to_owned(),
    )
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn not_written(error: std::io::Error) -> WorkspaceError {
    if error.to_string() == place::CHANGED {
        return changed_meanwhile();
    }
    WorkspaceError::NotSaved(error.to_string())
}

/// What is to be there after something was put back.
struct Wanted {
    /// Nothing for a file that goes.
    content: Option<Content>,
    lost: u64,
    back: u64,
}

fn wanted(loaded: &Loaded, hunk: Option<&HunkPlace>, ignore_whitespace: bool) -> Result<Wanted> {
    let old = loaded.old.as_ref().ok_or_else(|| {
        WorkspaceError::NotAllowed(
            "The file became another one since, or what it was is not known, so it cannot be put back from here."
                .to_owned(),
        )
    })?;
    let edits = loaded.sides.edits(ignore_whitespace);
    let Some(hunk) = hunk else {
        let (lost, back) = compare::counts(&loaded.sides.edits(false));
        let content = match old {
            Old::Nothing => None,
            Old::File(content) => Some(content.clone()),
        };
        return Ok(Wanted { content, lost, back });
    };
    let same = |place: &HunkPlace| {
        (place.old_start, place.old_lines, place.new_start, place.new_lines)
            == (hunk.old_start, hunk.old_lines, hunk.new_start, hunk.new_lines)
    };
    let index = rows::hunk_places(&loaded.sides, &edits).iter().position(same);
    let hunks = compare::hunks(&loaded.sides, &edits);
    let chosen = index
        .and_then(|index| hunks.get(index))
        .filter(|_| loaded.sides.whole)
        .ok_or_else(changed_meanwhile)?;
    let edits = &edits[chosen.edits.clone()];
    let (lost, back) = compare::counts(edits);
    let text = compare::without(&loaded.sides, edits);
    let mode = match (&loaded.found, old) {
        (Found::File(content), _) | (_, Old::File(content)) => content.mode,
        _ => 0o644,
    };
    let goes = text.is_empty() && matches!(old, Old::Nothing);
    let content = (!goes).then(|| Content {
        bytes: text.into_bytes(),
        mode,
    });
    Ok(Wanted { content, lost, back })
}

/// Both sides of a file, of what was told of it and of what is on the disk.
fn load(
    change: Change,
    found: Found,
    stamp: String,
    committed: Option<Vec<u8>>,
    old_bytes: Option<u64>,
) -> Loaded {
    let mut loaded = Loaded {
        body: ReviewBody::NoLines,
        sides: Sides::default(),
        old: None,
        old_bytes,
        stamp,
        found,
        change,
    };
    let mode = old_mode(&loaded);
    let new = match &loaded.found {
        Found::Nothing => Some(""),
        Found::File(content) if content.bytes.len() as u64 <= MOST_COMPARED => content.text(),
        _ => None,
    };
    let is_binary = loaded.change.file.binary || (new.is_none() && matches!(loaded.found, Found::File(_)));
    let conflicted = loaded.change.file.status == FileStatus::Conflicted;
    if let Some(new) = new.filter(|_| !loaded.change.file.binary) {
        let old = loaded.change.old_text.clone().or_else(|| {
            let mut patches = loaded.change.patches.iter().rev();
            patches.try_fold(new.to_owned(), |text, told| patch::before(&text, told))
        });
        let told_any = loaded.change.old_text.is_some() || !loaded.change.patches.is_empty();
        let old = if loaded.change.file.untracked && !told_any {
            Some(String::new())
        } else {
            old.filter(|_| told_any)
        };
        if let Some(old) = old {
            loaded.sides = Sides::whole(&old, new);
            loaded.body = ReviewBody::Whole;
            let was_there = loaded.change.file.status != FileStatus::Added;
            loaded.old_bytes = was_there.then_some(old.len() as u64);
            if !conflicted {
                loaded.old = Some(if was_there {
                    Old::File(Content {
                        bytes: old.into_bytes(),
                        mode,
                    })
                } else {
                    Old::Nothing
                });
            }
            return loaded;
        }
    }
    if is_binary {
        loaded.body = ReviewBody::Binary;
        let is_kept = !matches!(loaded.found, Found::Large(_) | Found::Other);
        loaded.old = match (committed, loaded.change.file.status) {
            _ if !is_kept || conflicted => None,
            (_, FileStatus::Added) => Some(Old::Nothing),
            (Some(bytes), _) => Some(Old::File(Content { bytes, mode })),
            _ => None,
        };
        return loaded;
    }
    if matches!(loaded.found, Found::Large(_))
        || loaded.new_bytes().is_some_and(|bytes| bytes > MOST_COMPARED)
    {
        loaded.body = ReviewBody::TooLarge;
    }
    let told = Sides::told(&loaded.change.patches);
    if !told.parts.is_empty() {
        loaded.sides = told;
        loaded.body = ReviewBody::Parts;
    }
    loaded
}

/// The rights that the file had.
fn old_mode(loaded: &Loaded) -> u32 {
    let now = match &loaded.found {
        Found::File(content) => content.mode & 0o777,
        _ => 0o644,
    };
    let told = loaded
        .change
        .file
        .mode
        .as_deref()
        .and_then(|mode| mode.split(' ').next());
    let gone = loaded
        .change
        .patches
        .iter()
        .any(|told| told.contains("\ndeleted file mode 100755"));
    match told {
        Some("100755") => now | 0o111,
        Some("100644") => now & !0o111,
        _ if gone => 0o755,
        _ => now,
    }
}

fn write_patch(loaded: &Loaded, hunk: Option<&HunkPlace>, ignore_whitespace: bool) -> Option<String> {
    if !matches!(loaded.body, ReviewBody::Whole | ReviewBody::Parts) {
        return None;
    }
    let file = &loaded.change.file;
    let edits = loaded.sides.edits(ignore_whitespace);
    let mode = file.mode.as_deref().and_then(|mode| mode.split_once(" → "));
    let mut text = String::new();
    patch::write_head(
        &mut text,
        &patch::Head {
            old: (file.status != FileStatus::Added).then(|| file.old_path.as_deref().unwrap_or(&file.path)),
            new: (file.status != FileStatus::Deleted).then_some(&file.path),
            mode,
        },
    );
    let places = rows::hunk_places(&loaded.sides, &edits);
    for (found, place) in compare::hunks(&loaded.sides, &edits).iter().zip(&places) {
        let wanted = hunk.is_none_or(|hunk| {
            (hunk.old_start, hunk.new_start, hunk.new_lines)
                == (place.old_start, place.new_start, place.new_lines)
        });
        if wanted {
            compare::write_hunk(&mut text, &loaded.sides, &edits, found);
        }
    }
    Some(text)
}

/// What all tools of a session said that they changed.
fn all_tool_changes(transcript: &Transcript) -> Vec<FileChange> {
    let blocks = transcript.messages().iter().flat_map(|entry| &entry.blocks);
    blocks
        .filter_map(|block| match &block.content {
            BlockContent::Tool(tool) => tool.call.change.clone(),
            _ => None,
        })
        .collect()
}

/// Changes by file, in the order the files were first touched; files that went and came as one are one.
fn by_file(told: Vec<FileChange>, folder: &Path) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for change in told {
        let (path, in_folder) = place_of(&change.path, folder);
        let index = *places.entry(path.clone()).or_insert_with(|| {
            changes.push(Change {
                file: ReviewFile {
                    path,
                    additions: Some(0),
                    deletions: Some(0),
                    ..ReviewFile::default()
                },
                in_folder,
                ..Change::default()
            });
            changes.len() - 1
        });
        let known = &mut changes[index];
        let add = |sum: &mut Option<u64>, more: u64| *sum = sum.map(|sum| sum + more);
        add(&mut known.file.additions, change.additions);
        add(&mut known.file.deletions, change.deletions);
        known.file.binary =
            change.patch.contains("\nBinary files ") || change.patch.starts_with("Binary files ");
        known.patches.push(change.patch);
    }
    for change in &mut changes {
        change.file.status = status_of(&change.patches);
    }
    pair_told(&mut changes);
    changes
}

/// Where a file is that an engine named: from the root of the repository on, or in full.
fn place_of(path: &str, folder: &Path) -> (String, bool) {
    let shown = display_path(path, folder);
    if Path::new(&shown).is_absolute() {
        return (shown, false);
    }
    let root = folder
        .ancestors()
        .find(|around| std::fs::symlink_metadata(around.join(".git")).is_ok());
    let within = root.and_then(|root| folder.strip_prefix(root).ok());
    let Some(within) = within.filter(|within| !within.as_os_str().is_empty()) else {
        let plain = place::below(&shown).is_some();
        return (shown, plain);
    };
    if let Ok(relative) = Path::new(&shown).strip_prefix(within) {
        return (relative.display().to_string(), true);
    }
    let found = folder.join(&shown).symlink_metadata().is_ok();
    (shown, found)
}

/// What became of a file, by what its first and last patch say.
fn status_of(patches: &[String]) -> FileStatus {
    let only = |patch: &String, side: fn(&patch::Part) -> bool| {
        patch::parts(patch).is_some_and(|parts| parts.len() == 1 && side(&parts[0]))
    };
    let came = patches
        .first()
        .is_some_and(|patch| only(patch, |part| part.old.is_empty() && part.old_start == 0));
    let went = patches
        .last()
        .is_some_and(|patch| only(patch, |part| part.new.is_empty() && part.new_start == 0));
    match (came, went) {
        (_, true) => FileStatus::Deleted,
        (true, false) => FileStatus::Added,
        (false, false) => FileStatus::Modified,
    }
}

/// Makes one of files that went and came as one.
fn pair_told(changes: &mut Vec<Change>) {
    let text_of = |change: &Change, status: FileStatus| -> Option<String> {
        let single = change.file.status == status && change.patches.len() == 1;
        let parts = patch::parts(change.patches.first().filter(|_| single)?)?;
        let part = parts.first()?;
        let lines = if status == FileStatus::Deleted {
            &part.old
        } else {
            &part.new
        };
        Some(lines.concat())
    };
    let texts = |status: FileStatus| -> (Vec<usize>, Vec<String>) {
        let found = changes.iter().enumerate();
        found
            .filter_map(|(index, change)| Some((index, text_of(change, status)?)))
            .unzip()
    };
    let (went, old) = texts(FileStatus::Deleted);
    let (came, new) = texts(FileStatus::Added);
    let mut gone = HashSet::new();
    for (from, to, similarity) in renames::pairs(&old, &new) {
        let (from_path, in_folder) = (
            changes[went[from]].file.path.clone(),
            changes[went[from]].in_folder,
        );
        let sides = Sides::whole(&old[from], &new[to]);
        let (added, removed) = compare::counts(&sides.edits(false));
        let change = &mut changes[came[to]];
        if !in_folder || !change.in_folder {
            continue;
        }
        change.file.status = FileStatus::Renamed;
        change.file.old_path = Some(from_path);
        change.file.similarity = Some(similarity);
        (change.file.additions, change.file.deletions) = (Some(added), Some(removed));
        // What it became since is compared with what it was under its old name.
        change.old_text = Some(old[from].clone());
        gone.insert(went[from]);
    }
    let mut index = 0;
    changes.retain(|_| {
        index += 1;
        !gone.contains(&(index - 1))
    });
}

/// Finds files that are gone among those that git does not know: renamed without a word to git.
async fn pair_with_untracked(git: &Git, folder: &Path, status: &mut Status) {
    let is_gone = |change: &&Change| {
        change.file.status == FileStatus::Deleted && change.in_folder && !change.file.binary
    };
    let gone: Vec<String> = status
        .changes
        .iter()
        .filter(is_gone)
        .map(|change| change.file.path.clone())
        .collect();
    if gone.is_empty() || gone.len() > LOOKED_FOR || status.untracked == 0 {
        return;
    }
    let mut went = Vec::new();
    for path in &gone {
        let bytes = git.committed(status.base(), path).await.unwrap_or_default();
        went.push(String::from_utf8(bytes).unwrap_or_default());
    }
    let root = folder.to_owned();
    let untracked: Vec<String> = status
        .changes
        .iter()
        .filter(|change| change.file.untracked && change.in_folder)
        .take(100)
        .map(|change| change.file.path.clone())
        .collect();
    let looked = untracked.clone();
    let came = blocking(move || {
        let text = |path: &String| match place::read(&root, &place::below(path)?, COUNTED_BYTES) {
            Ok(Found::File(content)) => content.text().map(str::to_owned),
            _ => None,
        };
        looked
            .iter()
            .map(|path| text(path).unwrap_or_default())
            .collect::<Vec<_>>()
    });
    let Ok(came) = came.await else { return };
    for (from, to, similarity) in renames::pairs(&went, &came) {
        let (added, removed) = compare::counts(&Sides::whole(&went[from], &came[to]).edits(false));
        status.changes.retain(|change| change.file.path != gone[from]);
        let change = status
            .changes
            .iter_mut()
            .find(|change| change.file.path == untracked[to]);
        if let Some(change) = change {
            change.file.status = FileStatus::Renamed;
            change.file.old_path = Some(gone[from].clone());
            change.file.similarity = Some(similarity);
            (change.file.additions, change.file.deletions) = (Some(added), Some(removed));
            change.old_text = Some(went[from].clone());
        }
    }
}

/// Counts the lines of files that git does not know, and finds out which hold no text.
fn count_untracked(folder: &Path, changes: &mut [Change]) {
    let unknown = changes
        .iter_mut()
        .filter(|change| change.file.untracked && change.in_folder && change.file.additions.is_none());
    for change in unknown.take(COUNTED) {
        let Some(path) = place::below(&change.file.path) else {
            continue;
        };
        if let Ok(Found::File(content)) = place::read(folder, &path, COUNTED_BYTES) {
            match content.text() {
                Some(text) => {
                    change.file.additions = Some(text.split_inclusive('\n').count() as u64);
                    change.file.deletions = Some(0);
                }
                None => change.file.binary = true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, patch: &str) -> FileChange {
        FileChange {
            path: name.to_owned(),
            patch: patch.to_owned(),
            additions: 1,
            deletions: 1,
        }
    }

    #[test]
    fn a_file_that_was_loaded_is_good_for_its_own_listing_alone() {
        let opened = OpenedReview::default();
        let listed = Listed {
            changes: Arc::new([]),
            origin: ReviewOrigin::Tools,
            git: None,
            base: "",
            listing: 0,
        };
        let of = |session: &str, scope: ReviewScope, listing: u64| LookedAt {
            session: session.to_owned(),
            scope,
            listing,
            path: "a".to_owned(),
        };
        let listing = opened.hold("one", &ReviewScope::Session, listed.clone()).listing;
        let own = of("one", ReviewScope::Session, listing);
        let loaded = Arc::new(load(
            Change::default(),
            Found::Nothing,
            "x".to_owned(),
            None,
            None,
        ));
        opened.hold_loaded(own.clone(), &loaded);
        assert!(opened.loaded(&own, "x").is_some() && opened.loaded(&own, "y").is_none());
        for other in [
            of("two", ReviewScope::Session, listing),
            of("one", ReviewScope::Tree, listing),
            of("one", ReviewScope::Session, listing + 1),
        ] {
            assert!(opened.loaded(&other, "x").is_none());
        }
        opened.hold("one", &ReviewScope::Session, listed);
        opened.hold_loaded(own.clone(), &loaded);
        assert!(opened.loaded(&own, "x").is_none(), "listed anew meanwhile");
    }

    #[test]
    fn changes_of_one_file_are_one_and_a_file_that_moved_is_renamed() {
        let root = tempfile::tempdir().unwrap();
        let lines: Vec<_> = (0..10).map(|line| format!("line {line}")).collect();
        let (gone, came) = (
            format!("-{}\n", lines.join("\n-")),
            format!("+{}\n", lines.join("\n+").replace("line 9", "last")),
        );
        let changes = by_file(
            vec![
                told("a.txt", "@@ -1 +1 @@\n-a\n+b\n"),
                told("old.txt", &format!("@@ -1,10 +0,0 @@\n{gone}")),
                told("new.txt", &format!("@@ -0,0 +1,10 @@\n{came}")),
                told("a.txt", "@@ -1 +1 @@\n-b\n+c\n"),
                told("../outside", "@@ -1 +1 @@\n-b\n+c\n"),
            ],
            root.path(),
        );
        let found: Vec<_> = changes
            .iter()
            .map(|change| (change.file.path.as_str(), change.file.status, change.in_folder))
            .collect();
        assert_eq!(
            found,
            [
                ("a.txt", FileStatus::Modified, true),
                ("new.txt", FileStatus::Renamed, true),
                ("../outside", FileStatus::Modified, false),
            ]
        );
        assert_eq!(changes[0].patches.len(), 2);
        assert_eq!(changes[1].file.old_path.as_deref(), Some("old.txt"));
        assert_eq!(
            (changes[1].file.additions, changes[1].file.deletions),
            (Some(1), Some(1))
        );

        let file = |text: &str| {
            Found::File(Content {
                bytes: text.as_bytes().to_vec(),
                mode: 0o644,
            })
        };
        let now = load(changes[0].clone(), file("c\n"), String::new(), None, None);
        assert_eq!(
            (now.body, now.sides.parts[0].old.as_slice()),
            (ReviewBody::Whole, &["a\n".to_owned()][..])
        );
        let later = load(changes[0].clone(), file("d\n"), String::new(), None, None);
        assert_eq!(later.body, ReviewBody::Parts);
        assert!(later.old.is_none() && wanted(&later, None, false).is_err());
        let other = load(changes[0].clone(), Found::Other, String::new(), None, None);
        assert!(other.old.is_none());
    }
}
