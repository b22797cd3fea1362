//! git in folders whose repository is elsewhere.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use cowork_policy::confinement::{GitElsewhere, Grant, Means};

use crate::world::{World, text};

fn git(directory: &Path, words: &[&str]) {
    let output = Command::new("/usr/bin/git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "-C"])
        .arg(directory)
        .args(words)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
}

/// A repository with a file, two linked worktrees, and a folder in it. The first folder of the rules is `place`.
fn world(place: &str, means: Means) -> World {
    World::with(|rules, root| {
        rules.means = means;
        let main = root.join("main");
        fs::create_dir_all(main.join("part")).unwrap();
        git(&main, &["init", "-q"]);
        fs::write(main.join("file"), "committed\n").unwrap();
        fs::write(main.join("part/inner"), "inner\n").unwrap();
        git(&main, &["add", "."]);
        git(&main, &["commit", "-qm", "first"]);
        fs::write(main.join("untracked"), "of the main worktree").unwrap();
        git(&main, &["worktree", "add", "-q", "../tree"]);
        git(&main, &["worktree", "add", "-q", "../another"]);
        let folder = &mut rules.folders[0];
        folder.path = root.join(place);
        folder.git = cowork_toolbox::repository::elsewhere(&folder.path, None);
    })
}

/// Opens what git needs.
fn opened(place: &str, means: Means) -> World {
    let mut world = world(place, means);
    let path = world.rules.folders[0].git_lacks().unwrap().to_owned();
    world.rules.folders[0].granted = vec![Grant { path, writable: true }];
    world.write_rules();
    world
}

fn bash(world: &World, script: &str) -> Output {
    let folder = &world.rules.folders[0].path;
    world
        .engine(folder, &["/run/cowork/bin/bash", "-c", script])
        .output()
        .unwrap()
}

fn says(world: &World, script: &str) -> String {
    let output = bash(world, script);
    assert!(output.status.success(), "{script}: {output:?}");
    text(&output.stdout)
}

#[test]
fn what_git_lacks_is_said_when_it_gives_up_and_by_nothing_else() {
    for means in [Means::Namespaces, Means::Landlock] {
        for (place, needed) in [("tree", "main/.git"), ("main/part", "main")] {
            let world = world(place, means);
            let needed = world.path(needed);
            let said = format!("git of this folder needs {}, which is not open", needed.display());
            let called_by_engine = world
                .engine(&world.path(place), &["git", "log", "--oneline"])
                .output()
                .unwrap();
            for (which, output) in [bash(&world, "git log --oneline"), called_by_engine]
                .into_iter()
                .enumerate()
            {
                assert_eq!(output.status.code(), Some(128), "{means:?} {place}: {output:?}");
                let errors = text(&output.stderr);
                assert_eq!(
                    errors.matches(&said).count(),
                    1,
                    "{means:?} {place} {which}: {output:?}"
                );
                assert!(errors.contains("fatal:"), "git's own words: {output:?}");
            }
            let other = bash(
                &world,
                "git --version && git init -q made && git -C made grep nothing; exit $?",
            );
            assert_eq!(other.status.code(), Some(1), "{other:?}");
            assert!(!text(&other.stderr).contains("git of this folder"), "{other:?}");
        }
    }
}

#[test]
fn a_linked_worktree_works_with_its_repository_and_sees_no_other_file() {
    for means in [Means::Namespaces, Means::Landlock] {
        let world = opened("tree", means);
        let script = "git status --short && echo new > new && git add new && git -c user.name=a -c user.email=a@b commit -qm second \
                      && git log --format=%s";
        assert_eq!(says(&world, script), "second\nfirst\n", "{means:?}");
        for hidden in ["main/untracked", "main/file", "another/file"] {
            let path = world.path(hidden);
            assert!(
                !bash(&world, &format!("cat {}", path.display())).status.success(),
                "{means:?} {hidden}"
            );
        }
    }
}

#[test]
fn what_git_knows_of_other_worktrees_outlives_a_box_that_has_none_of_them() {
    let world = opened("tree", Means::Namespaces);
    bash(
        &world,
        "git worktree prune; git gc -q --prune=now; rm -rf ../main/.git/worktrees/another; true",
    );
    bash(&world, "mv ../main/.git/worktrees ../main/.git/moved; true");
    let other = world.path("main/.git/worktrees/another/HEAD");
    assert!(fs::read_to_string(&other).unwrap().contains("refs/heads/another"));
    assert_eq!(says(&world, "git worktree list | wc -l").trim(), "3");
    assert_eq!(
        says(&world, "git config gc.worktreePruneExpire"),
        "never\n",
        "what git tidies up by itself"
    );
}

#[test]
fn below_a_root_git_works_with_all_of_it_and_finds_no_file_deleted() {
    for means in [Means::Namespaces, Means::Landlock] {
        let world = opened("main/part", means);
        assert!(matches!(
            world.rules.folders[0].git,
            Some(GitElsewhere::Around { .. })
        ));
        assert_eq!(
            says(&world, "echo more >> inner && git status --short"),
            " M inner\n?? ../untracked\n",
            "{means:?}"
        );
    }
}

#[test]
fn however_many_worktrees_a_command_pretends_they_are_one_mount() {
    let world = opened("tree", Means::Namespaces);
    let all = world.path("main/.git/worktrees");
    for number in 0..500 {
        fs::create_dir(all.join(format!("made-{number}"))).unwrap();
    }
    world.give_away();
    let mounts = says(
        &world,
        &format!("grep -c ' {}' /proc/self/mountinfo", all.display()),
    );
    assert_eq!(mounts.trim(), "2", "all of them, and the folder's own");
    assert_eq!(says(&world, "git status --short"), "");
    // A link in the place of all of them leads to what is not the folder's.
    fs::rename(&all, world.path("main/.git/moved")).unwrap();
    world.link(&world.path("outside"), "main/.git/worktrees");
    let output = bash(&world, "true");
    assert_eq!(output.status.code(), Some(126), "{output:?}");
    assert!(
        text(&output.stderr).contains("something else was put there"),
        "{output:?}"
    );
}

#[test]
fn a_folder_that_was_opened_to_be_read_is_read_where_it_was_and_not_where_a_link_leads_now() {
    for means in [Means::Namespaces, Means::Landlock] {
        for exchanged in ["shared/data", "shared"] {
            let mut world = World::with(|rules, root| {
                rules.means = means;
                fs::create_dir_all(root.join("shared/data")).unwrap();
                fs::create_dir_all(root.join("outside/data")).unwrap();
                for place in ["outside/secret", "outside/data/secret"] {
                    fs::write(root.join(place), "of the person").unwrap();
                }
                fs::write(root.join("shared/data/file"), "opened").unwrap();
            });
            let path = world.path("shared/data");
            world.rules.folders[0].granted = vec![Grant {
                path: path.clone(),
                writable: false,
            }];
            world.write_rules();
            let run = |world: &World| {
                let script = format!("cat {0}/file {0}/secret", path.display());
                match means {
                    Means::Namespaces => bash(world, &script),
                    _ => world
                        .bare(&world.folder(), &world.yard.shell(), &["-c", &script])
                        .output()
                        .unwrap(),
                }
            };
            assert_eq!(text(&run(&world).stdout), "opened", "{means:?}");
            fs::rename(world.path(exchanged), world.path("moved")).unwrap();
            world.link(&world.path("outside"), exchanged);
            let output = run(&world);
            assert_eq!(text(&output.stdout), "", "{means:?} {exchanged}: {output:?}");
            assert_eq!(
                output.status.code(),
                Some(126),
                "{means:?} {exchanged}: {output:?}"
            );
        }
    }
}
