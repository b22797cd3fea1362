//! What a person opened to every box: it is there with their consent, and not without.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;

use cowork_policy::confinement::{Means, OpenedSocket, Rules};

use crate::world::{World, text};

/// What the consents name in a home, each with what is in it, and whether it may be changed.
const OPENED: &[(&str, &str, bool)] = &[
    (".ssh/key", "of ssh", true),
    (".gnupg/ring", "of gpg", true),
    (".aws/credentials", "of a cloud", false),
    (".config/gh/hosts.yml", "of a tool", false),
    (".npmrc", "in a file", false),
];

/// As the app writes it: directories, and files by themselves.
const TO_CHANGE: &[&str] = &[".ssh", ".gnupg"];
const TO_READ: &[&str] = &[".aws", ".config/gh", ".npmrc"];

fn world(means: Means, consents: bool) -> World {
    World::with(|rules, root| {
        rules.means = means;
        rules.hidden.retain(|hidden| !hidden.ends_with(".ssh"));
        for (name, content, _) in OPENED {
            let place = root.join("home").join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, content).unwrap();
        }
        if consents {
            let places = |names: &[&str]| names.iter().map(|name| root.join("home").join(name)).collect();
            (rules.opened, rules.opened_to_read) = (places(TO_CHANGE), places(TO_READ));
        }
    })
}

/// A call with the engine's outer box around it, or without one as where there are no namespaces.
fn run(world: &World, means: Means, script: &str) -> std::process::Output {
    match means {
        Means::Namespaces => world.bash(script),
        _ => world
            .bare(&world.folder(), &world.yard.shell(), &["-c", script])
            .output()
            .unwrap(),
    }
}

#[test]
fn what_a_consent_opened_is_there_and_changed_where_it_names_no_programs_and_what_none_did_is_not() {
    for means in [Means::Namespaces, Means::Landlock] {
        let (with, without) = (world(means, true), world(means, false));
        for (name, content, is_writable) in OPENED {
            let place = |world: &World| world.path("home").join(name).display().to_string();
            let read = run(&with, means, &format!("cat {}", place(&with)));
            let said = text(&read.stdout);
            assert!(said.starts_with(content), "{means:?} {name}: {read:?}");
            let changed = run(&with, means, &format!("echo ' changed' >> {}", place(&with)));
            assert_eq!(
                changed.status.success(),
                *is_writable,
                "{means:?} {name}: {changed:?}"
            );
            let replaced = run(
                &with,
                means,
                &format!("echo x > /tmp/x; mv -f /tmp/x {0}; rm -f {0}; true", place(&with)),
            );
            let kept = fs::read_to_string(place(&with));
            if *is_writable {
                assert!(kept.is_err(), "it is the person's own: {replaced:?}");
            } else {
                assert_eq!(kept.unwrap(), *content, "{means:?} {name}: {replaced:?}");
            }

            let unread = run(&without, means, &format!("cat {}", place(&without)));
            assert!(!unread.status.success(), "{means:?} {name}: {unread:?}");
            assert!(!text(&unread.stdout).contains(content), "{unread:?}");
            let folder = Path::new(name).parent().filter(|parent| *parent != Path::new(""));
            let folder = folder.map_or(place(&without), |parent| {
                without.path("home").join(parent).display().to_string()
            });
            // In a home of the box's own what is written there goes to that home.
            run(
                &without,
                means,
                &format!("mkdir -p {folder}; echo x >> {}", place(&without)),
            );
            let kept = fs::read_to_string(place(&without)).unwrap();
            assert_eq!(kept, *content, "{means:?} {name} was changed");
        }
    }
}

/// Where the engine lives in the person's own home of it, code is loaded from there.
#[test]
fn what_the_engine_loads_code_from_is_in_no_commands_box_though_git_has_the_snapshots_there() {
    for means in [Means::Namespaces, Means::Landlock] {
        let places = [".config/opencode", ".cache/opencode", ".local/share/opencode"];
        let world = World::with(|rules, root| {
            rules.means = means;
            for place in places {
                fs::create_dir_all(root.join("home").join(place)).unwrap();
                rules.hidden.push(root.join("home").join(place));
            }
            let snapshots = root.join("home/.local/share/opencode/snapshot");
            fs::create_dir_all(snapshots.join("one")).unwrap();
            rules.snapshots = Some(snapshots);
        });
        for place in places {
            let place = world.path("home").join(place);
            run(
                &world,
                means,
                &format!(
                    "mkdir -p {0}/plugin; echo x > {0}/plugin/planted.js; true",
                    place.display()
                ),
            );
            assert!(!place.join("plugin").exists(), "{means:?} {}", place.display());
        }
        let repository = world.path("home/.local/share/opencode/snapshot/one");
        let folder = world.folder();
        let words = [
            "--git-dir",
            repository.to_str().unwrap(),
            "--work-tree",
            folder.to_str().unwrap(),
            "init",
        ];
        let made = match means {
            Means::Namespaces => {
                let words: Vec<&str> = ["git"].into_iter().chain(words).collect();
                world.engine(&folder, &words).output()
            }
            _ => world
                .bare(&folder, &world.yard.programs().join("git"), &words)
                .output(),
        };
        assert!(repository.join("HEAD").exists(), "{means:?}: {made:?}");
    }
}

#[test]
fn what_is_new_in_an_opened_directory_is_the_persons_and_beside_it_nothing_is() {
    for means in [Means::Namespaces, Means::Landlock] {
        let world = world(means, true);
        let home = world.path("home");
        let made = run(
            &world,
            means,
            &format!("echo new > {}/.ssh/known_hosts", home.display()),
        );
        assert!(made.status.success(), "{means:?}: {made:?}");
        assert_eq!(
            fs::read_to_string(home.join(".ssh/known_hosts")).unwrap(),
            "new\n"
        );
        run(
            &world,
            means,
            &format!("echo new > {}/.config/other", home.display()),
        );
        run(&world, means, &format!("echo new > {}/.netrc", home.display()));
        assert!(
            !home.join(".config/other").exists() && !home.join(".netrc").exists(),
            "{means:?}"
        );
    }
}

/// Asks at a socket, and prints what it answers.
fn ask(socket: &str) -> String {
    format!(
        "perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Peer => shift) or die \"no way: $!\\n\"; print <$s>' \
         \"{socket}\""
    )
}

/// A docker that answers everyone with one word.
fn docker(place: &Path) {
    let docker = UnixListener::bind(place).unwrap();
    fs::set_permissions(place, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    std::thread::spawn(move || {
        for asked in docker.incoming().flatten() {
            let _gone = std::io::Write::write_all(&mut &asked, b"docker\n");
        }
    });
}

fn opened(rules: &mut Rules, path: &Path, variable: Option<&str>) {
    let variable = variable.map(str::to_owned);
    let path = path.to_owned();
    rules.folders[0].sockets = vec![OpenedSocket { path, variable }];
}

#[test]
fn docker_in_a_place_of_its_own_is_found_by_its_variable_with_the_consent_alone() {
    for consents in [true, false] {
        let world = World::with(|rules, root| {
            let socket = root.join("outside/podman.sock");
            docker(&socket);
            if consents {
                opened(rules, &socket, Some("DOCKER_HOST"));
            }
        });
        let socket = world.path("outside/podman.sock");
        assert_eq!(
            world.bash("echo $DOCKER_HOST").stdout,
            if consents {
                &b"unix:///run/cowork/sockets/0\n"[..]
            } else {
                b"\n"
            }
        );
        for place in ["${DOCKER_HOST#unix://}", socket.to_str().unwrap()] {
            let asked = world.bash(&ask(place));
            let reached = consents && place.starts_with('$');
            assert_eq!(text(&asked.stdout) == "docker\n", reached, "{place}: {asked:?}");
        }
    }
}

#[test]
fn docker_in_its_usual_place_is_there_with_the_consent_alone() {
    for consents in [true, false] {
        let world = World::with(|rules, root| {
            docker(&root.join("outside/docker.sock"));
            if consents {
                opened(rules, Path::new("/run/docker.sock"), None);
            }
        });
        let socket = world.path("outside/docker.sock");
        let folder = world.folder();
        // The engine's box has it in both cases, so that it is the command's box which is looked at.
        let run = |words: &[&str]| {
            let mut command = world.outer(&["--bind", socket.to_str().unwrap(), "/run/docker.sock"]);
            command.args(["--new-session", "--chdir", folder.to_str().unwrap(), "--"]);
            command.args(words).output().unwrap()
        };
        for place in ["/run/docker.sock", "/var/run/docker.sock"] {
            let asked = run(&["/run/cowork/bin/bash", "-c", &ask(place)]);
            assert_eq!(text(&asked.stdout) == "docker\n", consents, "{place}: {asked:?}");
        }
    }
}
