//! A command in the box is a command: its streams, its codes, its signals, its terminal. Without rules it is not run.

use std::fs;
use std::time::{Duration, Instant};

use crate::world::{PASSWORD, World, text};

#[test]
fn output_and_exit_codes_come_through() {
    let world = World::new();
    assert_eq!(
        world.says("cat file; pwd"),
        format!("in the folder{}", world.folder().display())
    );
    for (script, code) in [
        ("exit 7", 7),
        ("false", 1),
        ("no-such-program", 127),
        ("kill -9 $$", 137),
        ("kill $$", 143),
    ] {
        assert_eq!(world.bash(script).status.code(), Some(code), "{script}");
    }
    let output = world.bash("echo to error >&2");
    assert_eq!(text(&output.stderr), "to error\n");
    assert_eq!(world.says("echo $0"), "bash");
}

#[test]
fn what_an_engine_asks_nobody_for_is_not_run() {
    let world = World::new();
    for script in [
        "> file",
        "cd . > file",
        "[[ 'a[$(rm file)]' -eq 0 ]]",
        "x='a[$(rm file)]'; ((x))",
    ] {
        let output = world.bash(script);
        assert_eq!(output.status.code(), Some(126), "{script}: {output:?}");
        assert!(
            text(&output.stderr).contains("nobody was asked for it"),
            "{script}: {output:?}"
        );
    }
    assert_eq!(world.says("cat file"), "in the folder");
    assert_eq!(world.bash("cd .").status.code(), Some(0));
}

#[test]
fn a_shell_by_any_of_its_names_is_boxed() {
    let world = World::new();
    for shell in ["/run/cowork/bin/sh", "/usr/bin/bash", "/bin/sh", "/usr/bin/dash"] {
        let output = world
            .engine(&world.folder(), &[shell, "-c", "echo $COWORK_BOX"])
            .output()
            .unwrap();
        assert_eq!(text(&output.stdout), "1\n", "{shell}: {output:?}");
    }
    // Inside they are what they were.
    assert_eq!(
        world.says("sh -c 'echo from sh'; /usr/bin/dash -c 'echo from dash'"),
        "from sh\nfrom dash"
    );
}

#[test]
fn input_is_passed_on_and_output_is_not_cut() {
    let world = World::new();
    let output = world.piped("wc -c", &vec![b'x'; 3_000_000]);
    assert_eq!(text(&output.stdout).trim(), "3000000", "{output:?}");
    let output = world.bash("head -c 20000000 /dev/zero | tr '\\0' x");
    assert_eq!(output.stdout.len(), 20_000_000);
}

#[test]
fn a_signal_reaches_the_program_which_may_clean_up() {
    let world = World::new();
    let mut child = world.spawn("trap 'echo cleaned; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
    let mut seen = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut seen).unwrap();
    // The wrapper is what the engine would signal: the child of the outer box's first process.
    let wrappers = pids_of("/run/cowork/bin/bash", &world);
    for pid in wrappers {
        std::process::Command::new("kill").arg(pid).status().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "cleaned\n", "{output:?}");
    assert_eq!(output.status.code(), Some(3));
}

/// Processes whose program's own name is this and that belong to the world's outer box.
fn pids_of(name: &str, world: &World) -> Vec<String> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter(|entry| {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let directory = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
            line.starts_with(name.as_bytes()) && directory == world.folder()
        })
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn killing_the_wrapper_leaves_nothing_running() {
    let world = World::new();
    let mut child = world
        .spawn("(setsid sh -c 'while :; do date +%N > beat; sleep 0.02; done' &) ; echo ready; sleep 60");
    let mut seen = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut seen).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    for pid in pids_of("/run/cowork/bin/bash", &world) {
        std::process::Command::new("kill")
            .args(["-9", &pid])
            .status()
            .unwrap();
    }
    child.wait().unwrap();
    let beat = || fs::read(world.path("folder/beat")).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let first = beat();
    std::thread::sleep(Duration::from_millis(150));
    assert_eq!(first, beat(), "it still runs");
}

#[test]
fn what_a_command_leaves_behind_ends_with_it() {
    let world = World::new();
    world.says("(setsid sh -c 'sleep 0.3; echo late > late' > /dev/null 2>&1 &); true");
    std::thread::sleep(Duration::from_millis(500));
    assert!(!world.path("folder/late").exists());
}

#[test]
fn a_terminal_works_with_its_jobs_and_takes_no_pushed_characters() {
    let world = World::new();
    let mut command = world.outer(&["--chdir", world.folder().to_str().unwrap(), "--"]);
    command.args([
        "/usr/bin/script",
        "-qec",
        "tty; sleep 0.1 & wait; stty -a | head -1",
        "/dev/null",
    ]);
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    let said = text(&output.stdout);
    assert!(said.contains("/dev/"), "{output:?}");
    assert!(said.contains("speed"), "{output:?}");
    let mut command = world.outer(&["--chdir", world.folder().to_str().unwrap(), "--"]);
    let push = "perl -e 'my $c = \"x\"; ioctl(STDIN, 0x5412, $c) or print \"refused: $!\\n\"'";
    command.args(["/usr/bin/script", "-qec", push, "/dev/null"]);
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    assert!(
        text(&output.stdout).contains("refused: Operation not permitted"),
        "{output:?}"
    );
}

#[test]
fn an_interactive_shell_has_job_control() {
    let world = World::new();
    let mut command = world.outer(&["--chdir", world.folder().to_str().unwrap(), "--"]);
    command.args(["/usr/bin/script", "-qec", "exec bash --norc -i", "/dev/null"]);
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for line in ["sleep 30\n", "\u{3}", "echo code $((40+2))\n", "exit 5\n"] {
        std::thread::sleep(Duration::from_millis(150));
        std::io::Write::write_all(&mut stdin, line.as_bytes()).unwrap();
    }
    let begin = Instant::now();
    let output = child.wait_with_output().unwrap();
    let said = text(&output.stdout);
    assert!(said.contains("code 42"), "{output:?}");
    assert!(!said.contains("no job control"), "{output:?}");
    assert!(begin.elapsed() < Duration::from_secs(10));
    assert_eq!(output.status.code(), Some(5));
}

#[test]
fn nothing_of_the_engines_environment_passes_but_the_list() {
    let world = World::new();
    let seen = world.says("env | sort; tr '\\0' '\\n' < /proc/1/environ");
    assert!(!seen.contains(PASSWORD) && !seen.contains("LD_DEBUG"), "{seen}");
    for expected in [
        "COWORK_BOX=1",
        "FROM_RULES=yes",
        "LANG=C.UTF-8",
        "TMPDIR=/tmp",
        "USER=ada",
        "PIP_RETRIES=0",
    ] {
        assert!(seen.lines().any(|line| line == expected), "{expected} in {seen}");
    }
    let home = world.path("home");
    assert!(seen.contains(&format!("HOME={}", home.display())), "{seen}");
    assert!(!seen.contains("/run/cowork"), "{seen}");
    // The control: it was there to be passed on.
    let output = world.engine(&world.folder(), &["/usr/bin/env"]).output().unwrap();
    assert!(text(&output.stdout).contains(PASSWORD));
}

#[test]
fn without_rules_that_hold_nothing_is_run() {
    let world = World::new();
    let refused = |why: &str| {
        let output = world.bash("echo ran");
        assert_eq!(output.status.code(), Some(126), "{why}: {output:?}");
        assert!(output.stdout.is_empty());
        let said = text(&output.stderr);
        assert!(
            said.starts_with("command not run: ") && said.contains(why),
            "{said}"
        );
    };
    fs::write(world.yard.rules_file(), "{").unwrap();
    refused("garbled");
    fs::write(world.yard.rules_file(), r#"{"version":99}"#).unwrap();
    refused("another version");
    fs::remove_file(world.yard.rules_file()).unwrap();
    refused("not there");
    world.write_rules();
    assert_eq!(world.says("echo ran"), "ran");
    let output = world
        .engine(
            &world.path("outside"),
            &["/run/cowork/bin/bash", "-c", "echo ran"],
        )
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(126));
    assert!(
        text(&output.stderr).contains("in no folder that is open"),
        "{output:?}"
    );
}

#[test]
fn nothing_is_run_before_boxes_were_proven_but_what_proves_them() {
    let mut world = World::with(|rules, _| {
        rules.folders[0].proven = false;
        rules.folders[1].proven = false;
        rules.folders[1].unboxed = true;
    });
    let key = world.path("home/.ssh/key");
    let folder = world.folder();
    let mut words = vec!["/run/cowork/bin/cowork-box", "prove", "--folder"];
    words.extend([folder.to_str().unwrap(), "--secret", key.to_str().unwrap()]);
    let output = world.engine(&world.path("outside"), &words).output().unwrap();
    let proof = cowork_toolbox::Proof::read(&text(&output.stdout)).unwrap();
    assert!(proof.proven, "{proof:?}");
    // What needs no box, or no folder, does not wait.
    let begin = Instant::now();
    let other = world.path("other");
    let shell = ["/run/cowork/bin/bash", "-c", "echo ran"];
    let output = world.engine(&other, &shell).output().unwrap();
    assert_eq!(text(&output.stdout), "ran\n", "{output:?}");
    let output = world
        .engine(&world.path("outside"), &["git", "--version"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(begin.elapsed() < Duration::from_secs(5));
    // Who is early waits until they are.
    let mut early = world.spawn("echo ran");
    std::thread::sleep(Duration::from_millis(600));
    assert!(early.try_wait().unwrap().is_none());
    world.rules.folders[0].proven = true;
    world.write_rules();
    let output = early.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "ran\n", "{output:?}");
    // Or until nobody can expect it any more.
    world.rules.folders[0].proven = false;
    world.write_rules();
    let begin = Instant::now();
    let calls = [
        vec!["/run/cowork/bin/bash", "-c", "echo ran"],
        vec!["git", "status"],
        vec!["/run/cowork/bin/cowork-box", "mcp", "--", "echo", "ran"],
    ];
    let started = calls.map(|call| {
        let mut command = world.engine(&folder, &call);
        command.stdout(std::process::Stdio::piped());
        command.stderr(std::process::Stdio::piped()).spawn().unwrap()
    });
    for child in started {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(126), "{output:?}");
        let said = text(&output.stderr);
        assert!(
            said.starts_with("command not run: boxes were not proven"),
            "{said}"
        );
        assert!(output.stdout.is_empty());
    }
    assert!(begin.elapsed() >= Duration::from_secs(19));
}

#[test]
fn a_server_of_tools_stands_back_and_a_command_does_not() {
    let world = World::new();
    assert_eq!(world.says("nice"), "0");
    let folder = world.folder();
    let output = world
        .engine(&folder, &["/run/cowork/bin/cowork-box", "mcp", "--", "nice"])
        .output()
        .unwrap();
    assert_eq!(text(&output.stdout), "5\n", "{output:?}");
}

#[test]
fn temporary_files_are_kept_for_the_folders_next_command() {
    let world = World::new();
    world.says("echo kept > /tmp/note; echo gone > /var/tmp/note");
    assert_eq!(
        world.says("cat /tmp/note; cat $TMPDIR/note; ls -A /var/tmp ~/.temporary | grep -v :"),
        "kept\nkept"
    );
    let other = world
        .engine(
            &world.path("other"),
            &["/run/cowork/bin/bash", "-c", "cat /tmp/note"],
        )
        .output()
        .unwrap();
    assert!(!other.status.success(), "another folder has another");
    let kept = world.path("app/homes/one/.temporary");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&kept).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
    // A link that was left in its place leads nowhere.
    fs::remove_dir_all(&kept).unwrap();
    world.link(&world.path("outside"), "app/homes/one/.temporary");
    world.says("echo x > /tmp/made");
    assert!(kept.join("made").exists());
    assert!(!world.path("outside/made").exists());
}

#[test]
fn a_box_that_cannot_be_made_is_said_to_be_that() {
    let world = World::with(|rules, root| {
        rules.folders[0].home = root.join("app/index");
    });
    let output = world.bash("echo ran");
    assert_eq!(output.status.code(), Some(126), "{output:?}");
    assert!(
        text(&output.stderr).contains("command not run: its box could not be made"),
        "{output:?}"
    );
}

#[test]
fn a_folder_without_a_box_is_the_persons_choice_and_still_without_secrets() {
    let world = World::with(|rules, _| rules.folders[0].unboxed = true);
    let outside = world.path("outside/made");
    let seen = world.says(&format!("env; echo x > {}", outside.display()));
    assert!(outside.exists(), "there is no box");
    assert!(!seen.contains(PASSWORD) && !seen.contains("COWORK_BOX"), "{seen}");
}

#[test]
fn a_server_of_tools_runs_in_the_box_with_variables_of_its_own() {
    let world = World::new();
    let folder = world.folder();
    let mut command = world.engine(
        &world.path("outside"),
        &[
            "/run/cowork/bin/cowork-box",
            "mcp",
            "--folder",
            folder.to_str().unwrap(),
            "--env",
            "TOKEN=abc",
            "--env",
            "OPENCODE_SERVER_PASSWORD",
            "--",
            "sh",
            "-c",
            "pwd; echo $TOKEN; echo $OPENCODE_SERVER_PASSWORD; read line; echo got $line; ls /run/cowork",
        ],
    );
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"hello\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let expected = format!("{}\nabc\n{PASSWORD}\ngot hello\nbin\n", folder.display());
    assert_eq!(text(&output.stdout), expected, "{output:?}");
}

#[test]
fn where_no_box_can_be_made_nothing_runs_but_what_runs_without_one() {
    let mut world = World::with(|rules, _| rules.no_box = Some("This kernel has none.".to_owned()));
    for words in [
        &["/run/cowork/bin/bash", "-c", "echo ran"][..],
        &["git", "status"],
    ] {
        let output = world.engine(&world.folder(), words).output().unwrap();
        assert_eq!(output.status.code(), Some(126), "{output:?}");
        let said = text(&output.stderr);
        assert!(
            said.contains("no box can be made for it here (This kernel has none)"),
            "{said}"
        );
    }
    world.rules.folders[0].unboxed = true;
    world.write_rules();
    assert_eq!(world.says("echo ran"), "ran");
}
