//! The box without namespaces.

use std::fs;
use std::process::Output;
use std::time::Instant;

use cowork_policy::confinement::Means;
use cowork_toolbox::Proof;

use crate::world::{PASSWORD, World, text};

fn world() -> World {
    World::with(|rules, _| rules.means = Means::Landlock)
}

fn bash(world: &World, script: &str) -> Output {
    world
        .bare(&world.folder(), &world.yard.shell(), &["-c", script])
        .output()
        .unwrap()
}

#[test]
fn a_command_works_in_the_folder_and_its_home() {
    let world = world();
    let output = bash(
        &world,
        "echo x > made; echo y > ~/note; echo z > $TMPDIR/t; cat made ~/note; ls /usr > /dev/null; exit 4",
    );
    assert_eq!(text(&output.stdout), "x\ny\n", "{output:?}");
    assert_eq!(output.status.code(), Some(4));
    assert!(world.path("app/homes/one/note").exists());
    assert_eq!(bash(&world, "kill -9 $$").status.code(), Some(137));
}

#[test]
fn what_is_outside_can_be_neither_read_nor_written_nor_connected_to() {
    let world = world();
    for place in ["home/.ssh/key", "other/file", "app/index", "yard/rules.json"] {
        let path = world.path(place);
        assert!(
            !bash(&world, &format!("cat {}", path.display())).status.success(),
            "{place}"
        );
        assert!(
            !bash(&world, &format!("echo x >> {}", path.display()))
                .status
                .success(),
            "{place}"
        );
    }
    let seen = text(&bash(&world, "env; cat /proc/*/environ 2> /dev/null | tr '\\0' '\\n'").stdout);
    assert!(!seen.contains(PASSWORD), "{seen}");
    for script in ["exec 3<>/dev/tcp/127.0.0.1/22", "exec 3<>/dev/udp/127.0.0.1/53"] {
        let output = bash(&world, script);
        assert!(
            text(&output.stderr).contains("Operation not permitted"),
            "{output:?}"
        );
    }
}

#[test]
fn it_is_proven_too_as_far_as_this_kernel_goes() {
    let world = world();
    let key = world.path("home/.ssh/key");
    let folder = world.folder();
    let words = [
        "prove",
        "--folder",
        folder.to_str().unwrap(),
        "--secret",
        key.to_str().unwrap(),
    ];
    let output = world
        .bare(&world.path("outside"), &world.yard.wrapper(), &words)
        .output()
        .unwrap();
    let proof = Proof::read(&text(&output.stdout)).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(proof.means, "landlock");
    let unexpected: Vec<_> = proof
        .failed
        .iter()
        .filter(|failed| failed.name != "privileges")
        .collect();
    assert!(unexpected.is_empty(), "{proof:?}");
    assert!(proof.proven, "{proof:?}");
}

#[test]
fn what_leaves_its_parent_ends_with_the_command() {
    let world = world();
    let begin = Instant::now();
    assert!(
        bash(
            &world,
            "(setsid sh -c 'sleep 0.3; echo late > late' > /dev/null 2>&1 &); true"
        )
        .status
        .success()
    );
    assert!(begin.elapsed().as_millis() < 300);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(!world.path("folder/late").exists());
}

#[test]
fn a_folder_that_holds_something_hidden_is_refused() {
    let world = World::with(|rules, root| {
        rules.means = Means::Landlock;
        fs::create_dir_all(root.join("folder/hidden")).unwrap();
        rules.hidden.push(root.join("folder/hidden"));
    });
    let output = bash(&world, "echo ran");
    assert_eq!(output.status.code(), Some(126));
    assert!(
        text(&output.stderr).contains("cannot be hidden without namespaces"),
        "{output:?}"
    );
}

#[test]
fn it_works_in_the_engines_box_with_the_shells_masked_and_for_the_administrator() {
    for world in [world(), world().for_root()] {
        let script = "printf '#!/bin/bash\\necho from a script: $0\\n' > script; chmod +x script; ./script; git --version";
        let output = world.bash(script);
        let said = text(&output.stdout);
        assert!(
            said.starts_with("from a script: ./script\ngit version"),
            "{output:?}"
        );
        let made = world.path("outside/made");
        world.fails(&format!("/usr/bin/bash -c 'echo x > {}'", made.display()));
        let key = world.path("home/.ssh/key");
        let folder = world.folder();
        let words = [
            "/run/cowork/bin/cowork-box",
            "prove",
            "--folder",
            folder.to_str().unwrap(),
            "--secret",
            key.to_str().unwrap(),
        ];
        let output = world.engine(&world.path("outside"), &words).output().unwrap();
        let proof = Proof::read(&text(&output.stdout)).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        assert!(proof.proven, "{proof:?}");
    }
}
