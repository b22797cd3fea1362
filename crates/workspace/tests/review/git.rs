//! git of a folder: what is staged, committed and switched to, and what a repository's settings may not do.

use std::os::unix::fs::PermissionsExt as _;

use cowork_workspace::Consent;
use cowork_workspace::view::{BoxSettingsView, GrantView};

use super::*;

#[test]
fn files_are_staged_and_committed_and_branches_made_and_a_hook_runs_in_the_box_alone() {
    let place = Place::new();
    let folder = place.work();
    repository(&folder);
    let outside = place.root.path().join("secret");
    std::fs::write(&outside, "secret").unwrap();
    life(async {
        let it = Reviewed::open(&place).await;
        it.write("a.txt", "changed\n");
        it.write("new.txt", "new\n");
        let session = it.session.as_str();
        let stage = async |path: &str, staged| {
            it.workspace
                .git_stage(session, vec![path.to_owned()], staged)
                .await
                .unwrap()
        };
        assert!(stage("a.txt", true).await.done);
        assert_eq!(file(&it.files().await, "a.txt").staged, Staged::All);
        assert!(stage("a.txt", false).await.done);
        assert_eq!(file(&it.files().await, "a.txt").staged, Staged::None);
        assert!(
            it.workspace
                .git_stage(session, vec!["../x".to_owned()], true)
                .await
                .is_err()
        );
        stage("new.txt", true).await;

        let hook = it.folder.join(".git/hooks/pre-commit");
        let script = format!(
            "#!/bin/sh\ncat {} > seen 2>&1\necho 'the hook says no'\nexit 1\n",
            outside.display()
        );
        it.write(".git/hooks/pre-commit", script);
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
        let refused = it.workspace.git_commit(session, "two").await.unwrap();
        assert!(
            !refused.done && refused.said.contains("the hook says no"),
            "{refused:?}"
        );
        let seen = it.read("seen").unwrap();
        assert!(
            !seen.contains("secret\n") && seen.contains("No such file"),
            "{seen}"
        );
        std::fs::remove_file(hook).unwrap();
        let done = it
            .workspace
            .git_commit(session, "two\n\n#12 is why")
            .await
            .unwrap();
        assert!(done.done, "{done:?}");
        assert_eq!(
            git(&it.folder, &["log", "-1", "--format=%s|%b"]).trim(),
            "two|#12 is why"
        );
        assert!(it.workspace.git_commit(session, "  ").await.is_err());
        let long = it.workspace.git_commit(session, &"ä".repeat(40_000)).await;
        assert!(long.unwrap_err().to_string().contains("64 KB"));
        let nothing = it.workspace.git_commit(session, "three").await.unwrap();
        assert!(!nothing.done, "{nothing:?}");

        assert!(it.workspace.git_branch(session, "side", true).await.unwrap().done);
        git(&it.folder, &["commit", "-qam", "changed on the side"]);
        it.write("a.txt", "changed again\n");
        let refused = it.workspace.git_branch(session, "main", false).await.unwrap();
        assert!(!refused.done && refused.said.contains("a.txt"), "{refused:?}");
        assert!(it.workspace.git_branch(session, "--orphan", false).await.is_err());
        git(&it.folder, &["checkout", "-q", "--", "a.txt"]);
        assert!(
            it.workspace
                .git_branch(session, "main", false)
                .await
                .unwrap()
                .done
        );
        let list = it.files().await;
        let Some(GitState::Repository { branch, branches, .. }) = list.git else {
            panic!("{list:?}")
        };
        assert_eq!(branch.as_deref(), Some("main"));
        assert!(branches.contains(&"side".to_owned()), "{branches:?}");
        it.workspace.close().await;
    });
}

#[test]
fn a_folder_s_settings_run_no_program_when_it_is_looked_at() {
    let place = Place::new();
    let folder = place.work().canonicalize().unwrap();
    repository(&folder);
    let ran = place.root.path().canonicalize().unwrap().join("ran");
    let script = |name: &str| format!("touch {} {}", ran.display(), folder.join(name).display());
    git(&folder, &["config", "core.fsmonitor", &script("ran-monitor")]);
    git(&folder, &["config", "diff.external", &script("ran-diff")]);
    git(
        &folder,
        &[
            "config",
            "filter.x.clean",
            &format!("{}; cat", script("ran-filter")),
        ],
    );
    std::fs::write(folder.join(".gitattributes"), "*.txt filter=x\n").unwrap();
    std::fs::write(folder.join("a.txt"), "changed\n").unwrap();
    life(async {
        let it = Reviewed::open(&place).await;
        it.files().await;
        it.page("a.txt", ReviewLook::default()).await;
        assert!(!ran.exists(), "nothing ran outside of a box");
        for name in ["ran-monitor", "ran-diff"] {
            assert!(!folder.join(name).exists(), "{name} ran");
        }
        it.workspace.close().await;
    });
}

#[test]
fn a_folder_without_git_says_so_and_an_own_settings_of_a_merge_are_told() {
    let place = Place::new();
    life(async {
        let it = Reviewed::open(&place).await;
        it.write("a.txt", "a\n");
        let list = it.files().await;
        assert_eq!((list.git, list.total), (Some(GitState::None), 0));
        let refused = it.workspace.git_commit(&it.session, "one").await;
        assert!(
            matches!(refused, Err(WorkspaceError::NotAllowed(_))),
            "{refused:?}"
        );

        // A repository before its first commit.
        git(&it.folder, &["init", "-q", "-b", "main"]);
        let list = it.files().await;
        let Some(GitState::Repository { head, .. }) = &list.git else {
            panic!("{list:?}")
        };
        assert_eq!((head.as_deref(), list.total), (None, 1));
        git(&it.folder, &["add", "."]);
        let list = it.files().await;
        assert_eq!(file(&list, "a.txt").additions, Some(1));
        assert!(it.page("a.txt", ReviewLook::default()).await.can_revert);
        git(&it.folder, &["commit", "-qm", "one"]);
        for (branch, text) in [("left", "l\n"), ("right", "r\n")] {
            git(&it.folder, &["switch", "-q", "-c", branch, "main"]);
            it.write("a.txt", text);
            git(&it.folder, &["commit", "-qam", branch]);
        }
        let merge = Command::new("git")
            .args([
                "-c",
                "user.name=A",
                "-c",
                "user.email=a@example.org",
                "merge",
                "-q",
                "left",
            ])
            .current_dir(&it.folder)
            .output()
            .unwrap();
        assert!(!merge.status.success());
        let list = it.files().await;
        assert_eq!(file(&list, "a.txt").status, FileStatus::Conflicted);
        let refused = it.workspace.git_branch(&it.session, "main", false).await;
        assert!(
            matches!(refused, Err(WorkspaceError::NotAllowed(_))),
            "{refused:?}"
        );
        it.workspace.close().await;
    });
}

#[test]
fn what_was_taken_out_of_git_and_is_still_there_is_told_once_and_made_no_worse() {
    let place = Place::new();
    let folder = place.work();
    repository(&folder);
    // Without lines around a change nothing would be known of where it stands.
    git(&folder, &["config", "diff.context", "0"]);
    life(async {
        let it = Reviewed::open(&place).await;
        git(&it.folder, &["rm", "-q", "--cached", "a.txt"]);
        it.write("new.txt", "new\n");
        git(&it.folder, &["add", "new.txt"]);
        std::fs::remove_file(it.folder.join("new.txt")).unwrap();
        it.write("gone.txt", "gone\nmore\n");
        let list = it.files().await;
        let named: Vec<_> = list.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(named, ["a.txt", "gone.txt", "new.txt"], "{list:?}");
        let aside = file(&list, "a.txt");
        assert_eq!((aside.status, aside.staged), (FileStatus::Deleted, Staged::All));
        for (path, body, can_revert) in [
            ("a.txt", ReviewBody::Parts, false),
            ("new.txt", ReviewBody::Whole, false),
            ("gone.txt", ReviewBody::Whole, true),
        ] {
            let page = it.page(path, ReviewLook::default()).await;
            assert_eq!((page.body, page.can_revert), (body, can_revert), "{path}");
        }
        assert!(it.revert("a.txt", None).await.is_err());
        assert_eq!(it.read("a.txt").unwrap(), numbered(0..40));
        it.revert("gone.txt", None).await.unwrap();
        assert_eq!(it.read("gone.txt").unwrap(), "gone\n");
        it.workspace.close().await;
    });
}

#[test]
fn what_a_commit_takes_along_from_beside_the_folder_is_counted() {
    let place = Place::new();
    let root = place.root.path().join("many");
    std::fs::create_dir(&root).unwrap();
    repository(&root);
    life(async {
        let mut it = Reviewed::open(&place).await;
        it.folder = root.join("b").canonicalize().unwrap();
        let folder = it.workspace.grant_folder(it.folder.clone()).await.unwrap().id;
        it.session = it.workspace.create_session(Some(&folder)).await.unwrap().id;
        let Some(GitState::Elsewhere { path }) = it.files().await.git else {
            panic!("the repository lies around it");
        };
        let wanted = BoxSettingsView {
            granted: vec![GrantView { path, writable: true }],
            ..BoxSettingsView::default()
        };
        let missing = it
            .workspace
            .set_box(&folder, wanted.clone(), Consent::Missing)
            .await;
        let agreed = Consent::To(missing.unwrap_err().to_string());
        it.workspace.set_box(&folder, wanted, agreed).await.unwrap();

        it.write("moved.txt", "changed\n");
        std::fs::write(root.join("a.txt"), "changed\n").unwrap();
        git(&root, &["add", "a.txt", "b/moved.txt"]);
        let list = it.files().await;
        let Some(GitState::Repository { staged, .. }) = list.git else {
            panic!("{list:?}");
        };
        assert_eq!((staged, list.total), (2, 1));
        let done = it.workspace.git_commit(&it.session, "two").await.unwrap();
        assert!(done.done, "{done:?}");
        let names = git(&root, &["show", "--name-only", "--format="]);
        assert_eq!(names.lines().collect::<Vec<_>>(), ["a.txt", "b/moved.txt"]);
        it.workspace.close().await;
    });
}
