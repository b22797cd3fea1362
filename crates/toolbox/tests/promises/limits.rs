//! How much a command may use.

use std::fs;
use std::time::Instant;

use cowork_policy::confinement::Means;

use crate::world::{World, text};

#[test]
fn a_fork_bomb_is_bounded_and_ends_with_its_command() {
    let world = World::with(|rules, _| rules.folders[0].limits.processes = 60);
    let script = "perl -e 'for (1..200) { my $p = fork; if (defined $p && !$p) { sleep 5; exit } $n++ if $p } print $n'";
    let begin = Instant::now();
    let output = world.bash(script);
    assert!(begin.elapsed().as_secs() < 5, "{output:?}");
    let counted: usize = text(&output.stdout).trim().parse().unwrap_or(0);
    assert!(counted > 20 && counted <= 60, "{counted}");
    let world = World::with(|rules, _| {
        rules.means = Means::Landlock;
        rules.folders[0].limits.processes = 60;
    });
    let world = world.for_root();
    let output = world.bash("for i in $(seq 200); do (sleep 20 &); done; exec sleep 20");
    if rustix::process::geteuid().is_root() {
        // The kernel holds an administrator to no number of processes, so the wrapper watches.
        assert_eq!(output.status.code(), Some(137), "{output:?}");
        assert!(
            text(&output.stderr).contains("more than 60 processes"),
            "{output:?}"
        );
    } else {
        assert!(
            text(&output.stderr).contains("Resource temporarily unavailable"),
            "{output:?}"
        );
    }
}

#[test]
fn a_file_does_not_grow_without_end() {
    let world = World::with(|rules, _| rules.folders[0].limits.file_size = 1 << 20);
    world.fails("head -c 5000000 /dev/zero > large");
    assert_eq!(fs::metadata(world.path("folder/large")).unwrap().len(), 1 << 20);
    assert_eq!(world.says("ulimit -n; ulimit -c"), "16384\n0");
}

#[test]
fn a_box_that_uses_too_much_memory_is_stopped_and_says_so() {
    let world = World::with(|rules, _| rules.folders[0].limits.memory = 128 << 20);
    let begin = Instant::now();
    // Two processes, each of which stays below.
    let script = "for i in 1 2; do perl -e '$x = \"x\" x 90_000_000; sleep 20' & done; wait";
    let output = world.bash(script);
    assert_eq!(output.status.code(), Some(137), "{output:?}");
    assert!(
        text(&output.stderr).contains("stopped by the box: it used more than 128 MB of memory"),
        "{output:?}"
    );
    assert!(begin.elapsed().as_secs() < 4);
    assert!(
        World::new()
            .bash(script.replace("sleep 20", "1").as_str())
            .status
            .success(),
        "the control"
    );
}

#[test]
fn temporary_files_are_bounded() {
    let world = World::with(|rules, _| rules.folders[0].limits.memory = 64 << 20);
    for place in ["/var/tmp", "/dev/shm"] {
        world.fails(&format!("head -c 20000000 /dev/zero > {place}/large"));
        world.says(&format!("head -c 2000000 /dev/zero > {place}/small"));
    }
    world.fails("echo x > /dev/made");
    world.says("echo x > /dev/null");
}

#[test]
fn memory_that_is_in_files_counts() {
    let world = World::with(|rules, _| rules.folders[0].limits.memory = 128 << 20);
    let write = "import os,time\nfor i in range(3):\n  f=os.memfd_create('x')\n  for i in range(60): os.write(f, b'x' * (1 << 20))\n";
    for script in [
        format!("python3 -c \"{write}time.sleep(20)\""),
        // Some here, some there.
        "for place in /dev/shm /var/tmp; do head -c 15000000 /dev/zero > $place/x; done; python3 -c \"
import time; x = b'x' * (105 << 20); time.sleep(20)\""
            .to_owned(),
    ] {
        let begin = Instant::now();
        let output = world.bash(&script);
        assert_eq!(output.status.code(), Some(137), "{output:?}");
        assert!(
            text(&output.stderr).contains("it used more than 128 MB of memory"),
            "{output:?}"
        );
        assert!(begin.elapsed().as_secs() < 6);
    }
    // The control: mapped and open, it counts once.
    world.says(
        "python3 -c \"
import mmap,os,time
f=os.memfd_create('x'); os.ftruncate(f, 80 << 20); m=mmap.mmap(f, 80 << 20); m.write(b'x' * (8 << 20))
for i in range(9): m.write(b'x' * (8 << 20))
time.sleep(1.2)\"",
    );
}

/// Works until it is ended, without a child that would be ended in its place.
const SPIN: &str = "for (;;) {}";

#[test]
fn what_works_without_end_is_ended_and_the_limit_is_named() {
    for means in [Means::Namespaces, Means::Landlock] {
        let world = World::with(|rules, _| {
            rules.means = means;
            rules.folders[0].limits.processor_seconds = 2;
            rules.folders[0].limits.background_processor_seconds = 1;
        });
        let begin = Instant::now();
        let output = world.bash(&format!("exec perl -e '{SPIN}'"));
        assert_eq!(output.status.code(), Some(128 + 24), "{output:?}");
        let said = text(&output.stderr);
        assert!(
            said.contains("stopped by the box: a process used more than 2 seconds of processor time"),
            "{output:?}"
        );
        assert!(
            said.contains("Raise the limit of this folder in the app"),
            "{output:?}"
        );
        // A server of tools, by the bound for the background.
        let folder = world.folder();
        let words = [
            "/run/cowork/bin/cowork-box",
            "mcp",
            "--folder",
            folder.to_str().unwrap(),
            "--",
        ];
        let server = [&words[..], &["/usr/bin/perl", "-e", SPIN]].concat();
        let output = world.engine(&folder, &server).output().unwrap();
        assert_eq!(output.status.code(), Some(128 + 24), "{output:?}");
        let said = text(&output.stderr);
        assert!(
            said.contains(
                "a server of tools, which runs in the background, used more than 1 second of processor time"
            ),
            "{output:?}"
        );
        // What will not hear of its end is ended all the same.
        let deaf = format!("exec perl -e '$SIG{{XCPU}} = sub {{}}; {SPIN}'");
        let output = world.bash(&deaf);
        assert_eq!(output.status.code(), Some(137), "{output:?}");
        assert!(begin.elapsed().as_secs() < 60);
        // The controls: what waits is not ended, and a code alone says nothing.
        let waits = [&words[..], &["/usr/bin/perl", "-e", "sleep 2; exit 3"]].concat();
        let output = world.engine(&folder, &waits).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let output = world.bash("exit 152");
        assert!(!text(&output.stderr).contains("stopped by the box"), "{output:?}");
    }
}
