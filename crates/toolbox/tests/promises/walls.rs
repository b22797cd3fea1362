//! What a boxed command cannot reach, each beside the same try without a box.

use std::fs;

use cowork_policy::confinement::Grant;
use cowork_toolbox::Proof;

use crate::world::{KEY, PASSWORD, World, text};

fn prove(world: &World, more: &[&str]) -> Proof {
    let folder = world.folder();
    let mut words = vec![
        "/run/cowork/bin/cowork-box",
        "prove",
        "--folder",
        folder.to_str().unwrap(),
    ];
    words.extend(more);
    let output = world.engine(&world.path("outside"), &words).output().unwrap();
    Proof::read(&text(&output.stdout)).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn the_box_is_proven_quickly_and_leaves_nothing() {
    let world = World::new();
    let key = world.path("home/.ssh/key");
    let before = fs::read_dir(world.folder()).unwrap().count();
    let proof = prove(&world, &["--secret", key.to_str().unwrap()]);
    assert!(proof.proven, "{proof:?}");
    assert!(proof.held.len() >= 22, "{proof:?}");
    assert_eq!(proof.means, "namespaces");
    assert!(proof.milliseconds < 2_000, "{proof:?}");
    assert_eq!(fs::read_dir(world.folder()).unwrap().count(), before);
    println!("proven in {} ms", proof.milliseconds);
}

#[test]
fn the_same_attack_without_a_box_gets_through() {
    let world = World::with(|rules, _| rules.folders[0].unboxed = true);
    let key = world.path("home/.ssh/key");
    let proof = prove(&world, &["--secret", key.to_str().unwrap()]);
    assert!(!proof.proven);
    let failed: Vec<&str> = proof.failed.iter().map(|failed| failed.name.as_str()).collect();
    for name in [
        "environments-of-others",
        "tracing",
        "signals",
        "secret-file",
        "secret-by-link",
        "ports",
        "datagrams",
        "sockets",
        "abstract-socket",
        "writing-outside",
        "staying-behind",
    ] {
        assert!(failed.contains(&name), "{name} in {proof:?}");
    }
}

#[test]
fn a_box_that_runs_nothing_is_not_proven() {
    let world = World::with(|rules, root| rules.folders[0].home = root.join("app/index"));
    let proof = prove(&world, &[]);
    assert!(!proof.proven);
    assert!(
        proof.failed.iter().any(|failed| failed.name == "running"),
        "{proof:?}"
    );
}

#[test]
fn the_folder_can_be_written_and_nothing_else_is_there() {
    let world = World::new();
    world.says("mkdir -p new/deep && echo x > new/deep/file && rm -r new && echo y > sub/file");
    assert_eq!(fs::read_to_string(world.path("folder/sub/file")).unwrap(), "y\n");
    for hidden in ["home/.ssh/key", "other/file", "app/index", "outside"] {
        world.fails(&format!("ls {}", world.path(hidden).display()));
    }
    for place in [
        "/usr/made",
        "/etc/made",
        "/home/made",
        "/made",
        "/run/cowork/bin/made",
        "/sys/made",
    ] {
        world.fails(&format!("echo x > {place}"));
    }
    assert!(
        !world
            .says("grep -rs engine-password /proc/*/environ /proc/*/cmdline; true")
            .contains(PASSWORD)
    );
}

#[test]
fn links_that_lead_out_lead_nowhere() {
    let world = World::new();
    world.link(&world.path("home/.ssh/key"), "folder/link");
    world.link(&world.path("outside"), "folder/out");
    world.fails("cat link");
    world.fails("echo x > out/made");
    assert_eq!(fs::read_to_string(world.path("folder/link")).unwrap(), KEY);
}

#[test]
fn the_home_is_the_folders_own_and_kept_with_the_toolchains_in_it() {
    let world = World::new();
    assert_eq!(world.says("echo kept > ~/note; ~/.tools/bin/tool"), "tool ran");
    assert_eq!(world.says("cat ~/note"), "kept");
    world.fails("echo x >> ~/.tools/bin/tool");
    world.fails("rm -r ~/.tools");
    assert!(!world.path("home/note").exists());
    let other = world
        .engine(
            &world.path("other"),
            &["/run/cowork/bin/bash", "-c", "cat ~/note"],
        )
        .output()
        .unwrap();
    assert!(!other.status.success(), "another folder has another home");
}

#[test]
fn a_link_planted_in_the_home_moves_no_mount() {
    let world = World::with(|rules, root| rules.read_only = vec![root.join("home/.tools/bin")]);
    fs::create_dir_all(world.path("app/homes/one")).unwrap();
    let target = format!("/oldroot{}", world.path("outside").display());
    std::os::unix::fs::symlink(target, world.path("app/homes/one/.tools")).unwrap();
    world.give_away();
    assert_eq!(world.says("~/.tools/bin/tool"), "tool ran");
    assert_eq!(fs::read_dir(world.path("outside")).unwrap().count(), 0);
    world.fails("mv ~/.tools ~/elsewhere");
}

#[test]
fn other_folders_are_there_as_far_as_they_were_opened() {
    let world = World::with(|rules, root| {
        fs::create_dir_all(root.join("shared")).unwrap();
        rules.folders[0].granted = vec![
            Grant {
                path: root.join("other"),
                writable: false,
            },
            Grant {
                path: root.join("shared"),
                writable: true,
            },
        ];
    });
    let [other, shared] = ["other", "shared"].map(|name| world.path(name).display().to_string());
    assert_eq!(
        world.says(&format!("cat {other}/file; echo x > {shared}/made")),
        "of another folder"
    );
    world.fails(&format!("echo x > {other}/made"));
    assert!(world.path("shared/made").exists());
}

#[test]
fn what_is_hidden_stays_so_in_an_opened_folder_and_cannot_be_moved_away() {
    let world = World::with(|rules, root| {
        fs::create_dir_all(root.join("folder/deep/er/hidden")).unwrap();
        fs::write(root.join("folder/deep/er/hidden/secret"), "hidden").unwrap();
        fs::write(root.join("folder/deep/file"), "hidden").unwrap();
        rules
            .hidden
            .extend([root.join("folder/deep/er/hidden"), root.join("folder/deep/file")]);
    });
    world.fails("cat deep/er/hidden/secret");
    assert_eq!(world.says("cat deep/file; ls deep/er/hidden"), "");
    world.fails("mv deep moved");
    world.fails("mv deep/er deep/moved");
    world.fails("mv deep/file moved");
    world.says("echo x > deep/er/beside");
    world.fails("cat deep/er/hidden/secret");
    assert!(world.path("folder/deep/er/hidden/secret").exists());
}

#[test]
fn a_folder_may_be_the_home_itself_and_its_keys_stay_hidden() {
    let world = World::with(|rules, root| rules.folders[0].path = root.join("home"));
    let home = world.path("home");
    let run = |script: &str| {
        world
            .engine(&home, &["/run/cowork/bin/bash", "-c", script])
            .output()
            .unwrap()
    };
    let output = run("echo x > ~/made; cat ~/.ssh/key");
    assert!(
        !output.status.success() && !text(&output.stdout).contains(KEY),
        "{output:?}"
    );
    assert!(world.path("home/made").exists());
    assert!(
        !run("echo x > ~/.tools/made").status.success(),
        "toolchains stay as they are"
    );
    assert!(!run("mv ~/.ssh ~/moved").status.success());
}

#[test]
fn what_a_consent_opened_of_the_home_is_there_to_be_changed_but_for_what_is_hidden() {
    let world = World::with(|rules, root| {
        for name in ["home/.aws", "home/.config/gh", "outside/keys/deep"] {
            fs::create_dir_all(root.join(name)).unwrap();
            fs::write(root.join(name).join("settings"), "settings").unwrap();
        }
        fs::write(root.join("home/.gitconfig"), "[user]\n\tname = Ada\n").unwrap();
        std::os::unix::fs::symlink(root.join("outside/keys"), root.join("home/.keys")).unwrap();
        let names = [".aws", ".config/gh", ".gitconfig", ".keys", ".ssh", ".missing"];
        rules.opened = names.map(|name| root.join("home").join(name)).into();
        // What is not of the home is not opened by this.
        rules.opened.extend([root.join("other"), root.join("home")]);
        rules.hidden.push(root.join("outside/keys/deep"));
    });
    assert_eq!(
        world.says("cat ~/.aws/settings ~/.config/gh/settings; git config user.name; ls ~/.keys/deep"),
        "settingssettingsAda"
    );
    world.says("echo x > ~/.aws/made; echo y > ~/.config/beside; printf '[user]\\n\\temail = a@b\\n' >> ~/.gitconfig");
    assert!(world.path("home/.aws/made").exists());
    assert!(!world.path("home/.config/beside").exists());
    assert!(
        fs::read_to_string(world.path("home/.gitconfig"))
            .unwrap()
            .contains("a@b")
    );
    world.fails("cat ~/.ssh/key");
    world.fails(&format!("cat {}", world.path("other/file").display()));
    world.fails("mv ~/.aws ~/moved");
    world.fails("mv ~/.config ~/moved");
}

#[test]
fn a_folder_in_a_hidden_place_is_refused() {
    let world = World::with(|rules, root| rules.hidden.push(root.join("folder")));
    let output = world.bash("echo ran");
    assert_eq!(output.status.code(), Some(126), "{output:?}");
    assert!(text(&output.stderr).contains("out of reach"), "{output:?}");
}

#[test]
fn this_machine_can_do_namespaces() {
    let world = World::new();
    let mut ask = world.bare(&world.root(), &world.yard.wrapper(), &["means"]);
    let said = text(&ask.output().unwrap().stdout);
    assert!(said.contains(r#""means":"namespaces""#), "{said}");
}

#[test]
fn a_tracer_works_on_its_own_children() {
    let world = World::new();
    let script = "perl -e 'my $r = syscall(101, 0, 0, 0, 0); print $r == 0 ? \"traced\" : \"refused\"'";
    if cfg!(target_arch = "x86_64") {
        assert_eq!(world.says(script), "traced");
    }
}
