//! Noticing from a command's output that its box kept a file from it.
//!
//! A command is only told that there is no such file. Its output may be anything, so whatever is offered is looked up
//! first: the file has to be there, outside of the box's reach, and the smallest folder around it is what the person is
//! asked about, by its true path.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use cowork_engine::{EngineEvent, Envelope, PartContent, ToolCall, ToolKind, ToolState};
use cowork_policy::{Kept, kept, may_offer, may_offer_for_git};
use tokio::sync::Semaphore;

use crate::folders::{self, Granted};
use crate::view;
use crate::workspace::{Inner, blocking, now};

/// By these words git and the wrapper say that there is no repository.
const NO_REPOSITORY: [&str; 2] = ["not a git repository", "git of this folder needs"];

/// How long what a command said waits while others are looked up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at the disk for one batch after the other. A path may lead to a drive that does not answer, which holds a thread
/// for as long as it likes: one, however many commands name it.
pub(crate) struct Lookups(Arc<Semaphore>);

impl Default for Lookups {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Lookups {
    /// # Errors
    /// When it does not get its turn in time, or its thread ends before it does.
    async fn run<T: Send + 'static>(&self, look: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
        let turn = tokio::time::timeout(PATIENCE, self.0.clone().acquire_owned()).await;
        let turn = turn.context("a drive does not answer those before")??;
        blocking(move || {
            // Given up when the drive has answered, and not when nobody waits any more.
            let _turn = turn;
            look()
        })
        .await
    }
}

/// A command that ended, and what it said.
struct Ended {
    granted: Granted,
    command: String,
    output: String,
}

/// Looks at the commands that ended in a batch of events, beside whoever waits for the events.
pub(crate) fn notice_kept(inner: &Arc<Inner>, batch: &[Envelope]) {
    let ended: Vec<Ended> = batch
        .iter()
        .filter_map(|envelope| ended(inner, &envelope.event))
        .collect();
    if ended.is_empty() {
        return;
    }
    let inner = inner.clone();
    tokio::spawn(async move {
        let shared = inner.clone();
        let found = inner.lookups.run(move || {
            let found = ended.iter().flat_map(|ended| stopped(&shared, ended));
            found.collect::<Vec<_>>()
        });
        match found.await {
            Ok(found) if !found.is_empty() => {
                let mut state = inner.state();
                for stopped in found.into_iter().rev() {
                    state.file_stopped(stopped);
                }
                drop(state);
                inner.feed.changed();
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = format!("{error:#}"), "what a box kept was not looked up"),
        }
    });
}

fn ended(inner: &Inner, event: &EngineEvent) -> Option<Ended> {
    let EngineEvent::PartChanged { session, part } = event else {
        return None;
    };
    let PartContent::Tool(call) = &part.content else {
        return None;
    };
    let ToolCall {
        kind,
        state,
        target,
        output,
        error,
        ..
    } = &**call;
    if *kind != ToolKind::Shell || !matches!(state, ToolState::Completed | ToolState::Failed) {
        return None;
    }
    let state = inner.state();
    let folder = state.folder_of(session)?;
    let granted = state
        .folders
        .snapshot()
        .into_iter()
        .find(|granted| granted.path == folder)?;
    (!granted.unboxed).then(|| Ended {
        granted,
        command: target.clone().unwrap_or_default(),
        output: format!("{output}\n{}", error.as_deref().unwrap_or_default()),
    })
}

/// What the box kept, as far as it is there. Looks at the disk.
fn stopped(inner: &Inner, ended: &Ended) -> Vec<view::StoppedFile> {
    let home = inner
        .options
        .home_directory
        .as_deref()
        .and_then(|home| home.canonicalize().ok());
    let home = home.as_deref();
    let id = folders::folder_id(&ended.granted.path);
    let view = |path: &Path, offered: Option<view::GrantView>, bridge| view::StoppedFile {
        folder: id.clone(),
        label: folders::label(&ended.granted.path),
        path: path.display().to_string(),
        offered,
        bridge,
        at: now(),
    };
    let closed = closed(inner);
    let mut found = Vec::new();
    if NO_REPOSITORY.iter().any(|words| ended.output.contains(words))
        && let Some(git) = cowork_toolbox::repository::elsewhere(&ended.granted.path, home)
        && may_offer_for_git(git.needed(), home, &closed)
        && !reaches(ended, git.needed(), true)
    {
        // Status alone writes there.
        let offered = grant(git.needed(), true);
        found.push(view(git.needed(), Some(offered), None));
    }
    for Kept { path, change } in kept(&ended.command, &ended.output, home) {
        let Ok(path) = path.canonicalize() else { continue };
        if reaches(ended, &path, change) {
            continue;
        }
        if let Some(bridge) = inner.bridge_of(&path) {
            found.push(view(&path, None, Some(bridge)));
            continue;
        }
        let folder = if path.is_dir() {
            Some(path.as_path())
        } else {
            path.parent()
        };
        if let Some(folder) = folder.filter(|folder| may_offer(folder, home, &closed)) {
            found.push(view(&path, Some(grant(folder, change)), None));
        }
    }
    found
}

fn grant(path: &Path, writable: bool) -> view::GrantView {
    view::GrantView {
        path: path.display().to_string(),
        writable,
    }
}

/// Whether commands of the folder reach a place already.
fn reaches(ended: &Ended, path: &Path, change: bool) -> bool {
    let grants = ended.granted.settings.granted.iter();
    let open = grants
        .filter(|grant| grant.writable || !change)
        .map(|grant| &grant.path);
    open.chain([&ended.granted.path])
        .any(|open| path.starts_with(open))
}

/// What is opened by nothing that a command says: secrets, and the app's own.
fn closed(inner: &Inner) -> Vec<PathBuf> {
    let shelter = inner.shelter();
    let own = shelter
        .app_directories
        .iter()
        .filter_map(|path| path.canonicalize().ok());
    own.chain(shelter.covered_paths()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::boxes::BoxSettings;
    use crate::providers::testing::{Ring, open};
    use crate::view::FolderKind;

    #[cfg(unix)]
    #[tokio::test]
    async fn made_up_output_offers_no_repository_but_the_one_that_the_folder_is_of() {
        let (_root, workspace) = open(&Ring::default()).await;
        // The usual name would be a hidden one.
        let place = tempfile::Builder::new().prefix("kept").tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        for repository in ["other/.git", "bare.git", "main/.git"] {
            for part in ["objects", "refs", "hooks"] {
                std::fs::create_dir_all(place.join(repository).join(part)).unwrap();
            }
            std::fs::write(place.join(repository).join("HEAD"), "ref: refs/heads/main\n").unwrap();
        }
        let (tree, own) = (place.join("tree"), place.join("main/.git/worktrees/tree"));
        std::fs::create_dir_all(&tree).unwrap();
        std::fs::create_dir_all(&own).unwrap();
        std::fs::write(own.join("commondir"), "../..\n").unwrap();
        std::fs::write(own.join("gitdir"), format!("{}\n", tree.join(".git").display())).unwrap();
        std::fs::write(tree.join(".git"), format!("gitdir: {}\n", own.display())).unwrap();
        std::fs::write(place.join("other/notes"), "").unwrap();
        let granted = Granted {
            path: tree,
            kind: FolderKind::Project,
            unboxed: false,
            settings: BoxSettings::default(),
        };
        let offered = |output: String| {
            let ended = Ended {
                granted: granted.clone(),
                command: String::new(),
                output,
            };
            let offered = stopped(&workspace.inner, &ended)
                .into_iter()
                .map(|stopped| stopped.offered);
            offered.flatten().map(|grant| grant.path).collect::<Vec<_>>()
        };
        for file in [
            "other/.git/HEAD",
            "other/.git/hooks",
            "bare.git/HEAD",
            "main/.git/hooks",
        ] {
            let made_up = format!("{}: Read-only file system", place.join(file).display());
            assert_eq!(offered(made_up), [""; 0], "{file}");
        }
        let beside = format!("{}: Read-only file system", place.join("other/notes").display());
        assert_eq!(offered(beside), [place.join("other").display().to_string()]);
        let needed = offered("fatal: not a git repository".to_owned());
        assert_eq!(needed, [place.join("main/.git").display().to_string()]);
    }

    #[tokio::test]
    async fn a_drive_that_does_not_answer_holds_one_thread_and_no_later_command_for_long() {
        let lookups = Arc::new(Lookups::default());
        let (answers, waits) = channel::<()>();
        let (begun, begins) = tokio::sync::oneshot::channel();
        let held = tokio::spawn({
            let lookups = lookups.clone();
            async move {
                let look = move || {
                    begun.send(()).ok();
                    waits.recv().ok();
                };
                lookups.run(look).await
            }
        });
        begins.await.unwrap();
        // Nobody waits for it any more, and yet its thread is held.
        held.abort();
        let later = lookups.run(|| ()).await;
        assert!(later.is_err(), "it began beside one that does not end");
        answers.send(()).unwrap();
        lookups.run(|| ()).await.unwrap();
    }
}
