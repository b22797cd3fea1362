//! Opening a folder to an engine that runs.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Output, Stdio};

use cowork_policy::confinement::Grant;

use crate::world::{World, text};

/// An engine of sorts: it runs each line that it reads, in its own box or, after an exclamation mark, beside the wrapper.
struct Engine {
    process: Child,
    pid: String,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Engine {
    const PROGRAM: &str = "import sys,subprocess
for line in sys.stdin:
  shell = '/run/cowork-real/usr/bin/bash' if line[0] == '!' else '/run/cowork/bin/bash'
  r = subprocess.run([shell,'-c',line.lstrip('!')],capture_output=True,text=True)
  print(r.returncode,r.stdout.strip(),r.stderr.strip().replace('\\n',' '),flush=True)";

    /// One in whose view nothing of `covered` is.
    fn start(world: &World, covered: &Path) -> Self {
        let folder = world.folder();
        let mut command = world.outer(&[
            "--tmpfs",
            covered.to_str().unwrap(),
            "--bind",
            folder.to_str().unwrap(),
            folder.to_str().unwrap(),
            "--new-session",
            "--chdir",
            folder.to_str().unwrap(),
            "--info-fd",
            "2",
            "--",
        ]);
        let mut process = command
            .args(["/usr/bin/python3", "-c", Self::PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut info = String::new();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        while !info.contains('}') {
            stderr.read_line(&mut info).unwrap();
        }
        let digits = info.chars().skip_while(|letter| !letter.is_ascii_digit());
        Self {
            pid: digits.take_while(char::is_ascii_digit).collect(),
            stdin: process.stdin.take().unwrap(),
            stdout: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    fn ask(&mut self, line: &str) -> String {
        writeln!(self.stdin, "{line}").unwrap();
        let mut answer = String::new();
        self.stdout.read_line(&mut answer).unwrap();
        answer
    }

    fn grant(&self, world: &World, folder: &Path, more: &[&str]) -> Output {
        self.change("grant", world, folder, more)
    }

    fn change(&self, verb: &str, world: &World, folder: &Path, more: &[&str]) -> Output {
        let mut words = vec![verb, "--pid", &self.pid, "--folder", folder.to_str().unwrap()];
        words.extend(more);
        let mut command = world.bare(&world.root(), &world.yard.wrapper(), &words);
        command.output().unwrap()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// A folder in a parent directory that an engine does not have.
fn shared(world: &World, name: &str) -> PathBuf {
    let shared = world.path("parent").join(name);
    fs::create_dir_all(&shared).unwrap();
    fs::write(shared.join("file"), "shared").unwrap();
    world.give_away();
    shared
}

#[test]
fn a_folder_is_opened_to_a_running_engine_and_taken_away_again() {
    let mut world = World::new();
    let shared = shared(&world, "shared");
    let at = shared.display();
    let mut engine = Engine::start(&world, &world.path("parent"));
    let look = format!("cat {at}/file");
    assert!(engine.ask(&look).starts_with("1 "));
    let output = engine.grant(&world, &shared, &[]);
    assert!(output.status.success(), "{output:?}");
    world.rules.folders[0].granted = vec![Grant {
        path: shared.clone(),
        writable: true,
    }];
    world.write_rules();
    assert!(engine.ask(&look).starts_with("0 shared"));
    assert!(engine.ask(&format!("echo x > {at}/made")).starts_with("0 "));
    assert!(shared.join("made").exists());
    // Once more, over itself: both are taken away.
    assert!(engine.grant(&world, &shared, &["--read-only"]).status.success());
    let written = engine.ask(&format!("!echo x > {at}/second"));
    assert!(written.contains("Read-only file system"), "{written}");
    assert!(engine.ask(&format!("!{look}")).starts_with("0 shared"));
    let output = engine.grant(&world, &shared, &["--revoke"]);
    assert!(output.status.success(), "{output:?}");
    let after = engine.ask(&format!("!{look}"));
    assert!(after.starts_with("1 "), "{after}");
    assert!(!shared.join("second").exists());
}

#[test]
fn a_link_that_is_planted_in_the_engines_view_moves_no_mount() {
    let world = World::new();
    let shared = shared(&world, "deep/shared");
    let parent = world.path("parent").display().to_string();
    let mut engine = Engine::start(&world, &world.path("parent"));
    let folder = world.folder().display().to_string();
    engine.ask(&format!("!ln -s {folder} {parent}/deep"));
    let output = engine.grant(&world, &shared, &[]);
    assert_eq!(output.status.code(), Some(126), "{output:?}");
    assert!(text(&output.stderr).contains("making its place"), "{output:?}");
    assert!(!world.path("folder/shared").exists());
    // Where it is none it is opened, places that are missing are made, and it is found by its own place alone.
    engine.ask(&format!("!rm {parent}/deep"));
    assert!(engine.grant(&world, &shared, &[]).status.success());
    let look = format!("!cat {parent}/deep/shared/file");
    assert!(engine.ask(&look).starts_with("0 shared"));
    engine.ask(&format!(
        "!mv {parent}/deep {parent}/moved; ln -s moved {parent}/deep"
    ));
    let output = engine.grant(&world, &shared, &["--revoke"]);
    assert_eq!(output.status.code(), Some(126), "{output:?}");
    engine.ask(&format!("!rm {parent}/deep; mkdir -p {parent}/deep/shared"));
    let output = engine.grant(&world, &shared, &["--revoke"]);
    assert_eq!(output.status.code(), Some(126), "{output:?}");
    assert!(
        engine
            .ask(&format!("!cat {parent}/moved/shared/file"))
            .starts_with("0 shared")
    );
}

#[test]
fn what_the_engine_needs_is_not_taken_away_by_a_link() {
    let world = World::new();
    let yard = shared(&world, "deep/cowork");
    let parent = world.path("parent").display().to_string();
    let mut engine = Engine::start(&world, &world.path("parent"));
    engine.ask(&format!("!ln -s /run {parent}/deep"));
    let output = engine.grant(&world, &yard, &["--revoke"]);
    assert_eq!(output.status.code(), Some(126), "{output:?}");
    let answer = engine.ask("echo ran");
    assert!(answer.starts_with("0 ran"), "{answer}");
}

#[test]
fn a_link_is_not_opened() {
    let world = World::new();
    world.link(&world.path("home"), "linked");
    let own = std::process::id().to_string();
    for folder in ["linked", "linked/.ssh", "home/.ssh/key", "nothing"] {
        let path = world.path(folder);
        let words = ["grant", "--pid", &own, "--folder", path.to_str().unwrap()];
        let output = world
            .bare(&world.root(), &world.yard.wrapper(), &words)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(126), "{output:?}");
        assert!(text(&output.stderr).contains("opening it"), "{output:?}");
    }
}

#[test]
fn the_engines_own_tools_follow_no_link_out_of_a_folder_and_a_commands_box_follows_them_within() {
    let mut world = World::new();
    let shared = shared(&world, "shared");
    let folder = world.folder();
    let (at, folder_at) = (shared.display(), folder.display());
    let mut engine = Engine::start(&world, &world.path("parent"));
    let outside = "/etc/hostname";
    let links =
        format!("ln -s {outside} {folder_at}/out; echo here > {folder_at}/real; ln -s real {folder_at}/in");
    assert!(engine.ask(&links).starts_with("0 "));
    let followed = engine.ask(&format!("!cat {folder_at}/out"));
    assert!(
        followed.starts_with("0 "),
        "links are followed at first: {followed}"
    );
    let output = engine.change("bar-links", &world, &folder, &[]);
    assert!(output.status.success(), "{output:?}");
    assert!(engine.grant(&world, &shared, &["--bar-links"]).status.success());
    world.rules.folders[0].granted = vec![Grant {
        path: shared.clone(),
        writable: true,
    }];
    world.write_rules();
    engine.ask(&format!("!ln -s {outside} {at}/out"));
    for place in [&folder, &shared] {
        for tool in ["cat", "tee -a", "ls -L"] {
            let answer = engine.ask(&format!("!{tool} {}/out < /dev/null", place.display()));
            assert!(answer.contains("symbolic links"), "{tool}: {answer}");
        }
    }
    // Kept are the files themselves, and links for what runs in a box.
    assert!(
        engine
            .ask(&format!("!cat {folder_at}/real"))
            .starts_with("0 here")
    );
    for (within, said) in [(format!("{folder_at}/in"), "0 here"), (format!("{at}/out"), "0 ")] {
        let answer = engine.ask(&format!("cat {within}"));
        assert!(answer.starts_with(said), "{answer}");
    }
    // What the box never had is no failure; what lies in another place of it is one.
    assert!(
        engine
            .change("bar-links", &world, &world.path("nothing"), &[])
            .status
            .success()
    );
    let output = engine.change("bar-links", &world, Path::new("/usr/bin"), &[]);
    assert_eq!(output.status.code(), Some(126), "{output:?}");
}
