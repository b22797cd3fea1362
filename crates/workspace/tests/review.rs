//! Reviewing what changed, putting it back, and git of a folder, with the real engine, real git and real boxes.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, bubblewrap and git, which the check script brings.
#![cfg(all(target_os = "linux", debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "review/git.rs"]
mod of_git;
#[path = "attacks/turns.rs"]
mod turns;
#[path = "common/upstream.rs"]
mod upstream;

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Place, life};
use cowork_workspace::view::{
    FileStatus, GitState, OpenedGap, PatchOf, ReviewBody, ReviewFile, ReviewList, ReviewLook, ReviewOrigin,
    ReviewPage, ReviewScope, Staged,
};
use cowork_workspace::{Workspace, WorkspaceError};

fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    let mut command = Command::new("git");
    let ended = command
        .args(identity)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(ended.status.success(), "git {arguments:?}: {ended:?}");
    String::from_utf8(ended.stdout).unwrap()
}

fn numbered(lines: std::ops::Range<u32>) -> String {
    lines.fold(String::new(), |text, line| text + &format!("line {line}\n"))
}

/// A session in a folder.
struct Reviewed {
    workspace: Workspace,
    session: String,
    folder: PathBuf,
}

impl Reviewed {
    async fn open(place: &Place) -> Self {
        let workspace = place.open_as(|_| {}).await;
        let folder = workspace.start().await.unwrap().initial_folder;
        let session = workspace.create_session(folder.as_deref()).await.unwrap().id;
        Self {
            workspace,
            session,
            folder: place.work().canonicalize().unwrap(),
        }
    }

    async fn files(&self) -> ReviewList {
        self.workspace
            .review_files(&self.session, ReviewScope::Tree)
            .await
            .unwrap()
    }

    async fn page(&self, path: &str, look: ReviewLook) -> ReviewPage {
        self.workspace
            .review_page(&self.session, ReviewScope::Tree, path, look, 0)
            .await
            .unwrap()
    }

    async fn revert(&self, path: &str, hunk: Option<usize>) -> Result<String, WorkspaceError> {
        let page = self.page(path, ReviewLook::default()).await;
        let hunk = hunk.map(|index| page.hunks[index]);
        self.revert_as(path, hunk, &page.stamp).await
    }

    async fn revert_as(
        &self,
        path: &str,
        hunk: Option<cowork_workspace::view::HunkPlace>,
        stamp: &str,
    ) -> Result<String, WorkspaceError> {
        let kept = self
            .workspace
            .review_revert(&self.session, ReviewScope::Tree, path, hunk, false, stamp)
            .await?;
        Ok(kept.id)
    }

    async fn undo(&self, kept: &str) -> Result<String, WorkspaceError> {
        self.workspace.review_undo(&self.session, kept).await
    }

    fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(name)).ok()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn file<'a>(list: &'a ReviewList, path: &str) -> &'a ReviewFile {
    let found = list.files.iter().find(|file| file.path == path);
    found.unwrap_or_else(|| panic!("{path} is not in {list:?}"))
}

fn repository(folder: &Path) {
    git(folder, &["init", "-q", "-b", "main"]);
    git(folder, &["config", "user.name", "A"]);
    git(folder, &["config", "user.email", "a@example.org"]);
    for (name, content) in [
        ("a.txt", numbered(0..40)),
        ("gone.txt", "gone\n".into()),
        ("b/moved.txt", numbered(0..9)),
    ] {
        std::fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        std::fs::write(folder.join(name), content).unwrap();
    }
    std::fs::write(folder.join("picture"), b"one\0two").unwrap();
    git(folder, &["add", "."]);
    git(folder, &["commit", "-qm", "one"]);
}

/// What `a.txt` comes to.
fn changed() -> String {
    numbered(0..40)
        .replace("line 3\n", "line three\n")
        .replace("line 30\n", "")
}

/// Changes files of the folder in each of the ways there are.
fn change(it: &Reviewed) {
    it.write("a.txt", changed());
    std::fs::remove_file(it.folder.join("gone.txt")).unwrap();
    std::fs::rename(it.folder.join("b/moved.txt"), it.folder.join("b/there.txt")).unwrap();
    it.write("picture", b"other\0bytes");
    it.write("new <i>.txt", "new\n");
    symlink("/etc/passwd", it.folder.join("link")).unwrap();
}

#[test]
fn files_of_the_folder_are_listed_and_compared() {
    let place = Place::new();
    repository(&place.work());
    life(async {
        let it = Reviewed::open(&place).await;
        change(&it);
        let list = it.files().await;
        assert_eq!(list.origin, ReviewOrigin::Git);
        let Some(GitState::Repository {
            branch,
            staged,
            unstaged,
            untracked,
            ..
        }) = list.git.clone()
        else {
            panic!("{list:?}");
        };
        assert_eq!(
            (branch.as_deref(), staged, unstaged, untracked),
            (Some("main"), 0, 4, 3)
        );
        let found = file(&list, "a.txt");
        assert_eq!(
            (found.status, found.additions, found.deletions),
            (FileStatus::Modified, Some(1), Some(2))
        );
        assert_eq!(file(&list, "gone.txt").status, FileStatus::Deleted);
        let moved = file(&list, "b/there.txt");
        assert_eq!(
            (moved.status, moved.old_path.as_deref(), moved.similarity),
            (FileStatus::Renamed, Some("b/moved.txt"), Some(100))
        );
        assert!(file(&list, "picture").binary);
        let added = file(&list, "new <i>.txt");
        assert_eq!(
            (added.status, added.untracked, added.additions),
            (FileStatus::Added, true, Some(1))
        );

        let page = it.page("a.txt", ReviewLook::default()).await;
        assert_eq!(
            (page.body, page.hunks.len(), page.can_revert),
            (ReviewBody::Whole, 2, true)
        );
        let marked = page
            .rows
            .iter()
            .filter_map(|row| row.right.as_ref())
            .map(|html| format!("{html:?}"))
            .find(|html| html.contains("<mark>"));
        assert!(marked.unwrap().contains("three"), "{page:?}");
        let opened = OpenedGap {
            gap: 1,
            first: 100,
            last: 0,
        };
        let more = it
            .page(
                "a.txt",
                ReviewLook {
                    opened: vec![opened],
                    split: true,
                    ..ReviewLook::default()
                },
            )
            .await;
        assert!(more.total > page.total, "{} {}", more.total, page.total);
        it.workspace.close().await;
    });
}

#[test]
fn hunks_and_files_are_put_back_and_that_is_undone() {
    let place = Place::new();
    repository(&place.work());
    life(async {
        let it = Reviewed::open(&place).await;
        change(&it);
        it.files().await;
        it.page("a.txt", ReviewLook::default()).await;
        let kept = it.revert("a.txt", Some(1)).await.unwrap();
        assert_eq!(
            it.read("a.txt").unwrap(),
            numbered(0..40).replace("line 3\n", "line three\n")
        );
        assert_eq!(it.undo(&kept).await.unwrap(), "a.txt");
        assert_eq!(it.read("a.txt").unwrap(), changed());

        for (path, back) in [
            ("gone.txt", "gone.txt"),
            ("b/there.txt", "b/moved.txt"),
            ("new <i>.txt", ""),
            ("picture", "picture"),
        ] {
            it.files().await;
            let before = std::fs::read(it.folder.join(path)).ok();
            let kept = it
                .revert(path, None)
                .await
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            assert_eq!(it.folder.join(path).exists(), path == back, "{path}");
            assert!(back.is_empty() || it.folder.join(back).exists(), "{path}");
            it.undo(&kept).await.unwrap();
            assert_eq!(std::fs::read(it.folder.join(path)).ok(), before, "{path}");
        }
        it.files().await;
        it.revert("picture", None).await.unwrap();
        assert_eq!(std::fs::read(it.folder.join("picture")).unwrap(), b"one\0two");
        it.workspace.close().await;
    });
}

#[test]
fn what_changed_since_it_was_looked_at_is_not_touched_and_a_link_is_neither_read_nor_replaced() {
    let place = Place::new();
    repository(&place.work());
    life(async {
        let it = Reviewed::open(&place).await;
        change(&it);
        it.files().await;
        let page = it.page("a.txt", ReviewLook::default()).await;
        it.write("a.txt", "meanwhile\n");
        let refused = it.revert_as("a.txt", Some(page.hunks[0]), &page.stamp).await;
        assert!(
            matches!(refused, Err(WorkspaceError::NotAllowed(_))),
            "{refused:?}"
        );
        assert_eq!(it.read("a.txt").unwrap(), "meanwhile\n");
        let link = it.page("link", ReviewLook::default()).await;
        assert_eq!((link.body, link.can_revert), (ReviewBody::NoLines, false));
        let unknown = it
            .workspace
            .review_page(
                &it.session,
                ReviewScope::Tree,
                "../outside",
                ReviewLook::default(),
                0,
            )
            .await;
        assert!(unknown.is_err());
        let opened = it.workspace.file_place(&it.session, "a.txt").await.unwrap();
        assert_eq!(opened, it.folder.join("a.txt"));
        let named = ["a.txt", "link", "../x", ".git/config", "b", "/etc/passwd"].map(str::to_owned);
        let files = it.workspace.files_named(&it.session, named.into()).await.unwrap();
        assert_eq!(files, ["a.txt"]);
        let whole = it.folder.join("a.txt").display().to_string();
        let files = it
            .workspace
            .files_named(&it.session, vec![whole.clone()])
            .await
            .unwrap();
        assert_eq!(files, [whole]);
        assert!(
            it.workspace
                .files_named(&it.session, vec![String::new(); 65])
                .await
                .is_err()
        );
        assert!(it.workspace.files_named("ses_none", Vec::new()).await.is_err());
        for other in ["link", "../x", ".git/config", "b"] {
            assert!(
                it.workspace.file_place(&it.session, other).await.is_err(),
                "{other}"
            );
        }
        it.workspace.close().await;
    });
}

#[test]
fn a_patch_that_is_copied_is_one_that_git_takes() {
    let place = Place::new();
    repository(&place.work());
    life(async {
        let it = Reviewed::open(&place).await;
        it.write(
            "a.txt",
            numbered(0..40)
                .replace("line 3\n", "three\n")
                .replace("line 30\n", "thirty\n"),
        );
        it.write("new.txt", "new");
        std::fs::remove_file(it.folder.join("gone.txt")).unwrap();
        let list = it.files().await;
        assert_eq!(list.total, 3);
        let page = it.page("a.txt", ReviewLook::default()).await;
        let patch = async |of: PatchOf| {
            let patch = it
                .workspace
                .review_patch(&it.session, ReviewScope::Tree, of, false)
                .await
                .unwrap();
            assert_eq!(patch.left_out, 0);
            patch.text
        };
        let hunk = patch(PatchOf::Hunk {
            path: "a.txt".into(),
            hunk: page.hunks[1],
        })
        .await;
        assert!(hunk.contains("+thirty") && !hunk.contains("+three"), "{hunk}");
        let all = patch(PatchOf::All).await;
        let file = patch(PatchOf::File {
            path: "new.txt".into(),
        })
        .await;
        for text in [&hunk, &all, &file] {
            let clean = tempfile::tempdir().unwrap();
            git(clean.path(), &["clone", "-q", it.folder.to_str().unwrap(), "."]);
            std::fs::write(clean.path().join(".git/given"), text).unwrap();
            git(clean.path(), &["apply", ".git/given"]);
        }
        it.workspace.close().await;
    });
}

#[test]
fn what_an_agent_did_is_reviewed_by_turn_and_by_session() {
    for with_git in [true, false] {
        let place = Place::new();
        let folder = place.work().canonicalize().unwrap();
        if with_git {
            repository(&folder);
        }
        turns::with_model(
            &place,
            |_| {},
            async |workspace, model| {
                let write = |name: &str, text: &str| {
                    cowork_scripted_model::Action::tool(
                        "write",
                        serde_json::json!({ "filePath": folder.join(name), "content": text }),
                    )
                };
                turns::steps(
                    workspace,
                    model,
                    vec![
                        vec![write("one.txt", "one\ntwo\n")],
                        vec![turns::bash("echo by-command > two.txt")],
                    ],
                )
                .await;
                let session = workspace.start().await.unwrap().sessions[0].id.clone();
                let list = workspace
                    .review_files(&session, ReviewScope::Session)
                    .await
                    .unwrap();
                let expected = if with_git {
                    ReviewOrigin::History
                } else {
                    ReviewOrigin::Tools
                };
                assert_eq!(list.origin, expected, "{list:?}");
                assert_eq!(file(&list, "one.txt").status, FileStatus::Added);
                assert_eq!(list.files.iter().any(|file| file.path == "two.txt"), with_git);
                let page = workspace
                    .review_page(
                        &session,
                        ReviewScope::Session,
                        "one.txt",
                        ReviewLook::default(),
                        0,
                    )
                    .await
                    .unwrap();
                assert_eq!((page.body, page.can_revert), (ReviewBody::Whole, true));
                let kept = workspace
                    .review_revert(
                        &session,
                        ReviewScope::Session,
                        "one.txt",
                        None,
                        false,
                        &page.stamp,
                    )
                    .await
                    .unwrap();
                assert!(!folder.join("one.txt").exists());
                assert_eq!(workspace.review_kept(&session).await.unwrap()[0], kept);
                workspace.review_undo(&session, &kept.id).await.unwrap();
                std::fs::write(folder.join("one.txt"), "by a person\n").unwrap();
                let page = workspace
                    .review_page(
                        &session,
                        ReviewScope::Session,
                        "one.txt",
                        ReviewLook::default(),
                        0,
                    )
                    .await
                    .unwrap();
                assert_eq!(
                    (page.body, page.can_revert),
                    (ReviewBody::Parts, false),
                    "{page:?}"
                );
            },
        );
    }
}
