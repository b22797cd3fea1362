//! What a command installs for its user is the folder's own, and never the person's.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use cowork_policy::confinement::Means;

use crate::world::{World, text};

/// A person with toolchains at the usual places, each with something in it.
fn world(means: Means) -> World {
    World::with(|rules, root| {
        rules.means = means;
        for place in [".local/bin", ".local/lib", ".cargo/bin", "go/bin"] {
            let place = root.join("home").join(place);
            fs::create_dir_all(&place).unwrap();
            rules.read_only.push(place);
        }
        let packages = root.join("home/.local/lib").join(python()).join("site-packages");
        fs::create_dir_all(&packages).unwrap();
        fs::write(packages.join("of_person.py"), "said = 'by the person'\n").unwrap();
        fs::write(packages.join("both.py"), "said = 'by the person'\n").unwrap();
        fs::write(
            root.join("home/.local/bin/tool"),
            "#!/bin/sh\necho the person\\'s\n",
        )
        .unwrap();
        fs::set_permissions(
            root.join("home/.local/bin/tool"),
            fs::Permissions::from_mode(0o755),
        )
        .unwrap();
        packages_to_install(root);
    })
}

/// As `python3.11`.
fn python() -> String {
    let output = std::process::Command::new("/usr/bin/python3")
        .args(["-c", "import sys; print('python%d.%d' % sys.version_info[:2])"])
        .output();
    text(&output.unwrap().stdout).trim().to_owned()
}

/// A package of npm and one of Python, the latter as a wheel, which is installed without building.
fn packages_to_install(root: &Path) {
    let folder = root.join("folder");
    fs::create_dir_all(folder.join("npm-tool")).unwrap();
    fs::write(
        folder.join("npm-tool/package.json"),
        r#"{"name":"npm-tool","version":"1.0.0","bin":{"npm-tool":"tool.js"}}"#,
    )
    .unwrap();
    fs::write(
        folder.join("npm-tool/tool.js"),
        "#!/usr/bin/env node\nconsole.log('by npm')\n",
    )
    .unwrap();
    fs::write(
        folder.join("wheel.py"),
        r"
import zipfile
with zipfile.ZipFile('both-1.0-py3-none-any.whl', 'w') as wheel:
    meta = 'both-1.0.dist-info/'
    wheel.writestr('both.py', 'said = \'by pip\'\ndef main(): print(said)\n')
    wheel.writestr(meta + 'METADATA', 'Metadata-Version: 2.1\nName: both\nVersion: 1.0\n')
    wheel.writestr(meta + 'WHEEL', 'Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
    wheel.writestr(meta + 'entry_points.txt', '[console_scripts]\nboth = both:main\n')
    wheel.writestr(meta + 'RECORD', '')
",
    )
    .unwrap();
}

/// All files of the person's home, with what is in them.
fn of_person(world: &World) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut left = vec![world.path("home")];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                found.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn runs(world: &World, script: &str) -> String {
    let landlock = world.rules.means == Means::Landlock;
    let output = if landlock {
        let shell = world.yard.shell();
        world
            .bare(&world.folder(), &shell, &["-c", script])
            .output()
            .unwrap()
    } else {
        world.bash(script)
    };
    assert!(output.status.success(), "{script}: {output:?}");
    text(&output.stdout)
}

#[test]
fn what_pip_and_npm_install_is_found_by_the_next_command_and_is_not_the_person_s() {
    for means in [Means::Namespaces, Means::Landlock] {
        let world = world(means);
        let before = of_person(&world);
        assert_eq!(
            runs(&world, "/usr/bin/python3 -c 'import both; print(both.said)'"),
            "by the person\n",
            "{means:?}"
        );
        runs(
            &world,
            "/usr/bin/python3 wheel.py && /usr/bin/python3 -m pip install -q --user --no-index ./both-1.0-py3-none-any.whl",
        );
        runs(&world, "npm install -g --offline --no-audit --no-fund ./npm-tool");
        assert_eq!(runs(&world, "both; npm-tool"), "by pip\nby npm\n", "{means:?}");
        assert_eq!(
            runs(
                &world,
                "/usr/bin/python3 -c 'import of_person, both; print(of_person.said, both.said)'"
            ),
            "by the person by pip\n",
            "{means:?}: the folder's come first, and the person's are still there"
        );
        assert_eq!(of_person(&world), before, "{means:?}");
        assert!(world.path("app/homes/one/.installed/bin/both").exists());
    }
}

#[test]
fn what_cargo_and_go_install_is_found_by_the_next_command_and_is_not_the_person_s() {
    for means in [Means::Namespaces, Means::Landlock] {
        let world = world(means);
        let before = of_person(&world);
        runs(
            &world,
            "mkdir -p crate/src module && echo 'fn main() { println!(\"by cargo\"); }' > crate/src/main.rs && printf \
             '[package]\\nname = \"crate-tool\"\\nversion = \"1.0.0\"\\nedition = \"2021\"\\n' > crate/Cargo.toml && /usr/bin/cargo \
             install --quiet --path crate",
        );
        runs(
            &world,
            "cd module && printf 'module example.org/go-tool\\n\\ngo 1.19\\n' > go.mod && printf 'package main\\n\\nfunc main() { \
             println(\"\") ; print(\"\") }\\n' > main.go && go install .",
        );
        assert_eq!(runs(&world, "crate-tool; go-tool 2> /dev/null"), "by cargo\n");
        assert_eq!(of_person(&world), before, "{means:?}");
        for tool in ["crate-tool", "go-tool"] {
            let place = world.path("app/homes/one/.installed/bin").join(tool);
            assert!(place.exists(), "{means:?}: {tool}");
        }
    }
}

#[test]
fn a_tool_of_the_folder_comes_before_the_person_s_and_none_runs_beside_a_snapshot() {
    let world = world(Means::Namespaces);
    let place = world.path("app/homes/one/.installed/bin");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("git-x"), "#!/bin/sh\necho planted\n").unwrap();
    fs::set_permissions(place.join("git-x"), fs::Permissions::from_mode(0o755)).unwrap();
    world.give_away();
    assert_eq!(runs(&world, "git init -q . && git x"), "planted\n");
    for means in [Means::Namespaces, Means::Landlock] {
        let snapshot = world.path("app/engine/snapshot/one/a");
        let mut rules = world.rules.clone();
        rules.means = means;
        world.yard.write_rules(&rules).unwrap();
        world.give_away();
        let git = |words: &[&str]| {
            let mut all = vec!["git", "--git-dir", snapshot.to_str().unwrap()];
            all.extend(words);
            world.engine(&world.folder(), &all).output().unwrap()
        };
        assert!(git(&["init", "-q"]).status.success(), "{means:?}");
        let output = git(&["x"]);
        assert!(!output.status.success(), "{means:?}: {output:?}");
    }
}

#[test]
fn a_link_where_the_folder_s_packages_are_leads_nothing_elsewhere() {
    let world = world(Means::Namespaces);
    let outside = world.path("outside");
    for link in [".installed", ".installed/lib"] {
        let link = world.path("app/homes/one").join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        if link.exists() {
            fs::remove_dir_all(&link).unwrap();
        }
        std::os::unix::fs::symlink(&outside, &link).unwrap();
        world.give_away();
        assert_eq!(runs(&world, "echo ran"), "ran\n");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "{}", link.display());
        assert!(!link.is_symlink());
    }
}

#[test]
fn no_command_ends_all_later_ones_by_what_it_leaves_in_its_home() {
    for means in [Means::Namespaces, Means::Landlock] {
        let world = World::with(|rules, root| {
            rules.means = means;
            let packages = root.join("home/.local/lib/python3.11/site-packages");
            fs::create_dir_all(packages).unwrap();
            rules.read_only.push(root.join("home/.local/lib"));
        });
        let run = |script: &str| match means {
            Means::Namespaces => world.bash(script),
            _ => world
                .bare(&world.folder(), &world.yard.shell(), &["-c", script])
                .output()
                .unwrap(),
        };
        for left in [
            "chmod -R u+rwX ~/.installed; f=$(echo ~/.installed/lib/python3.11/site-packages); rm -rf $f; mkdir -p \
             $f/of-the-person.pth/x",
            "chmod 0 ~/.installed",
            "chmod 0 ~/.installed/lib",
            "chmod 0 ~/.temporary ~/.local ~; true",
        ] {
            let output = run(left);
            assert!(output.status.success(), "{means:?} {left}: {output:?}");
            let output = run("echo ran");
            assert_eq!(text(&output.stdout), "ran\n", "{means:?} {left}: {output:?}");
        }
    }
}
