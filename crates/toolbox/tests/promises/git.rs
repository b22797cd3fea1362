//! git, as the engine calls it for itself.

use std::fs;

use cowork_policy::confinement::Means;

use crate::world::{PASSWORD, World, text};

fn git(world: &World, directory: &str, words: &[&str]) -> std::process::Output {
    let mut all = vec!["git", "-c", "user.name=a", "-c", "user.email=a@b"];
    all.extend(words);
    world.engine(&world.path(directory), &all).output().unwrap()
}

#[test]
fn a_filter_that_a_folder_brings_sees_nothing_of_the_engine() {
    let world = World::new();
    assert!(git(&world, "folder", &["init", "-q"]).status.success());
    let key = world.path("home/.ssh/key");
    let script = format!(
        "env > seen; cat {} >> seen; cat /proc/*/environ >> seen; cat",
        key.display()
    );
    assert!(
        git(&world, "folder", &["config", "filter.x.clean", &script])
            .status
            .success()
    );
    fs::write(world.path("folder/.gitattributes"), "* filter=x\n").unwrap();
    world.give_away();
    let output = git(&world, "folder", &["add", "."]);
    assert!(output.status.success(), "{output:?}");
    let seen = fs::read_to_string(world.path("folder/seen")).unwrap();
    assert!(
        seen.contains("COWORK_BOX=1") && !seen.contains(PASSWORD) && !seen.contains("ssh-key"),
        "{seen}"
    );
    assert_eq!(text(&git(&world, "folder", &["log", "--oneline"]).stdout), "");
    assert!(
        git(&world, "folder", &["commit", "-qm", "first"])
            .status
            .success()
    );
}

#[test]
fn snapshots_are_written_by_git_alone_and_only_the_one_that_is_meant() {
    let world = World::new();
    let [snapshot, other] = ["one/a", "one/b"].map(|name| world.path("app/engine/snapshot").join(name));
    let (at, folder) = (snapshot.to_str().unwrap(), world.folder());
    let mut init = world.outer(&[
        "--chdir",
        folder.to_str().unwrap(),
        "--setenv",
        "GIT_DIR",
        at,
        "--setenv",
        "GIT_WORK_TREE",
        folder.to_str().unwrap(),
        "--",
        "git",
        "init",
        "-q",
    ]);
    let output = init.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    fs::create_dir_all(&other).unwrap();
    world.give_away();
    let work_tree = format!("--work-tree={}", folder.display());
    for directory in ["folder", "app/engine/snapshot/one/a", "outside"] {
        let output = git(
            &world,
            directory,
            &[
                "--git-dir",
                at,
                &work_tree,
                "add",
                folder.join("file").to_str().unwrap(),
            ],
        );
        assert!(output.status.success(), "{directory}: {output:?}");
    }
    let output = git(&world, "folder", &["--git-dir", at, &work_tree, "write-tree"]);
    assert_eq!(text(&output.stdout).trim().len(), 40, "{output:?}");
    let alias = format!(
        "alias.x=!ls {}; echo x > {}/made",
        other.display(),
        other.display()
    );
    git(&world, "folder", &["-c", &alias, "--git-dir", at, "x"]);
    assert_eq!(fs::read_dir(&other).unwrap().count(), 0);
    world.fails(&format!("ls {at}"));
}

#[test]
fn git_says_its_version_anywhere_and_does_nothing_else_there() {
    let world = World::new();
    let output = world
        .engine(&world.path("outside"), &["git", "--version"])
        .output()
        .unwrap();
    assert!(text(&output.stdout).starts_with("git version"), "{output:?}");
    let output = world
        .engine(&world.path("outside"), &["git", "init"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(126), "{output:?}");
}

#[test]
fn settings_that_a_command_left_do_not_run_beside_a_snapshot() {
    let world = World::new();
    let snapshot = world.path("app/engine/snapshot/one/a");
    let at = snapshot.to_str().unwrap();
    assert!(
        git(&world, "folder", &["--git-dir", at, "init", "-q"])
            .status
            .success()
    );
    world.says("git config --global alias.x '!echo from the settings'");
    assert_eq!(text(&git(&world, "folder", &["x"]).stdout), "from the settings\n");
    let output = git(&world, "folder", &["--git-dir", at, "x"]);
    assert!(!output.status.success(), "{output:?}");
}

#[test]
fn the_person_is_known_to_git_and_a_repository_may_say_otherwise() {
    for means in [Means::Namespaces, Means::Landlock] {
        let world = World::with(|rules, _| {
            rules.means = means;
            let name = "Ada \"of\" Lovelace\\ # 1";
            for (variable, value) in [
                ("GIT_AUTHOR_NAME", name),
                ("GIT_AUTHOR_EMAIL", "ada@example.org"),
                ("GIT_COMMITTER_NAME", "nobody"),
            ] {
                rules.environment.insert(variable.to_owned(), value.to_owned());
            }
        });
        let seen = world.says(
            "git init -q . 2>&1; echo x > x; git add x; git commit -qm first; git log --format='%an %ae %cn'",
        );
        let name = "Ada \"of\" Lovelace\\ # 1";
        assert_eq!(seen, format!("{name} ada@example.org {name}"));
        assert!(!world.says("env").contains("GIT_AUTHOR"));
        world.says("git config user.email other@example.org");
        assert_eq!(
            world.says("git config user.email; git config --global user.name x; git config user.name"),
            "other@example.org\nx"
        );
        world.fails("echo x >> /run/cowork/gitconfig");
    }
}

#[test]
fn what_commands_wrote_to_opened_settings_does_not_run_beside_a_snapshot() {
    let world = World::with(|rules, root| {
        fs::write(root.join("home/.gitconfig"), "").unwrap();
        rules.opened.push(root.join("home/.gitconfig"));
    });
    let snapshot = world.path("app/engine/snapshot/one/a");
    let at = snapshot.to_str().unwrap();
    assert!(
        git(&world, "folder", &["--git-dir", at, "init", "-q"])
            .status
            .success()
    );
    world.says("printf '[alias]\\n\\tx = !echo from the settings\\n' >> ~/.gitconfig; echo left > /tmp/left");
    assert_eq!(text(&git(&world, "folder", &["x"]).stdout), "from the settings\n");
    let output = git(&world, "folder", &["--git-dir", at, "x"]);
    assert!(!output.status.success(), "{output:?}");
    let look = ["-c", "alias.look=!ls /tmp", "--git-dir", at, "look"];
    assert!(!text(&git(&world, "folder", &look).stdout).contains("left"));
}
