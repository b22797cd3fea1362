//! `cowork run` with the real engine and the scripted demo model.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, which the run and check scripts set.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// What a run may take before the test gives up on it; far more than it needs on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A home for the app's data, and a folder to work in.
struct Place {
    root: TempDir,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("work")).unwrap();
        Self { root }
    }

    fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    fn cowork(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cowork"));
        for name in ["COWORK_ENGINE", "COWORK_RIPGREP"] {
            let file = std::env::var_os(name)
                .unwrap_or_else(|| panic!("{name} has to name the program that these tests run with"));
            assert!(
                Path::new(&file).is_file(),
                "{name} names no file: {}",
                file.display()
            );
        }
        command
            .arg("run")
            .args(arguments)
            .current_dir(self.work())
            .env("COWORK_HOME", self.root.path().join("home"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs to the end with these lines to answer with, and nobody there after them.
    fn run(&self, arguments: &[&str], lines: &str) -> Ended {
        let mut running = Running::start(&mut self.cowork(arguments));
        let mut stdin = running.stdin.take().unwrap();
        // Who ends without reading what was written is judged by how it ended.
        stdin.write_all(lines.as_bytes()).ok();
        drop(stdin);
        running.ended()
    }

    fn demo(&self, prompt: &str, lines: &str) -> Ended {
        let work = self.work();
        self.run(&["--demo", "--dir", work.to_str().unwrap(), prompt], lines)
    }

    /// Processes that know this place: the engine, and what it started.
    #[cfg(target_os = "linux")]
    fn processes(&self) -> Vec<String> {
        let root = self.root.path().to_str().unwrap().as_bytes();
        let holds = |path: PathBuf| {
            std::fs::read(path).is_ok_and(|text| text.windows(root.len()).any(|part| part == root))
        };
        std::fs::read_dir("/proc")
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|process| holds(process.join("environ")) || holds(process.join("cmdline")))
            .map(|process| process.display().to_string())
            .collect()
    }

    #[cfg(not(target_os = "linux"))]
    fn processes(&self) -> Vec<String> {
        // Other systems do not show what a process was started with.
        Vec::new()
    }
}

struct Ended {
    code: Option<i32>,
    answer: String,
    notes: String,
}

impl Ended {
    #[track_caller]
    fn has_code(&self, code: i32) -> &Self {
        assert_eq!(
            self.code,
            Some(code),
            "answer:\n{}\nnotes:\n{}",
            self.answer,
            self.notes
        );
        self
    }

    #[track_caller]
    fn notes(&self, text: &str) -> &Self {
        assert!(
            self.notes.contains(text),
            "{text:?} is not among the notes:\n{}",
            self.notes
        );
        self
    }
}

/// A run that goes on; ended by force when the test ends before it.
struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    output: [Arc<Mutex<Vec<u8>>>; 2],
    readers: Vec<thread::JoinHandle<()>>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let pipes: [Box<dyn std::io::Read + Send>; 2] = [
            Box::new(child.stdout.take().unwrap()),
            Box::new(child.stderr.take().unwrap()),
        ];
        let output = [Arc::default(), Arc::default()];
        let readers = pipes
            .into_iter()
            .zip(&output)
            .map(|(mut pipe, output): (_, &Arc<Mutex<Vec<u8>>>)| {
                let output = output.clone();
                thread::spawn(move || {
                    let mut chunk = [0; 4096];
                    while let Ok(read @ 1..) = pipe.read(&mut chunk) {
                        output.lock().unwrap().extend_from_slice(&chunk[..read]);
                    }
                })
            })
            .collect();
        Self {
            stdin: child.stdin.take(),
            child,
            output,
            readers,
        }
    }

    fn text(&self, which: usize) -> String {
        String::from_utf8_lossy(&self.output[which].lock().unwrap()).into_owned()
    }

    /// Waits until something holds; says what was printed when it never does.
    fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(
                begun.elapsed() < PATIENCE,
                "{what} never came; the notes:\n{}",
                self.text(1)
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn ended(mut self) -> Ended {
        self.until("its end", |running| running.child.try_wait().unwrap().is_some());
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        Ended {
            code: self.child.wait().unwrap().code(),
            answer: self.text(0),
            notes: self.text(1),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, unless the test failed.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn the_tour_is_answered_line_by_line_shows_each_change_and_leaves_nothing_behind() {
    let place = Place::new();
    let ended = place.demo("tour", "o\no\n1\no\n");
    ended
        .has_code(0)
        .notes("no AI, no key, no network")
        .notes("Change scripted-demo.md?")
        .notes("  +++ ")
        .notes("  @@ -0,0 +1,6 @@")
        .notes("Always would allow: ")
        .notes("Run ls");
    assert!(
        ended.answer.contains("The scripted tour is over"),
        "{}",
        ended.answer
    );
    let written = std::fs::read_to_string(place.work().join("scripted-demo.md")).unwrap();
    for line in written.lines().filter(|line| !line.is_empty()) {
        ended.notes(&format!("  +{line}"));
    }
    assert_eq!(place.processes(), Vec::<String>::new());
}

#[test]
fn where_nobody_answers_nothing_is_allowed_and_the_end_says_why() {
    let place = Place::new();
    place
        .demo("tour", "")
        .has_code(1)
        .notes("Nobody is there to allow this.")
        .notes("The turn failed: Nobody was there to answer its question. Run it in a terminal, or pipe the answers");
    assert!(!place.work().join("scripted-demo.md").exists());
    assert_eq!(place.processes(), Vec::<String>::new());
}

#[test]
fn what_cannot_be_run_is_said_in_words() {
    let place = Place::new();
    place
        .run(&["--demo", "--dir", "nowhere", "tour"], "")
        .has_code(1)
        .notes("The folder nowhere cannot be read");
    place
        .run(&["--model", "nobody/nothing", "hello"], "")
        .has_code(1)
        .notes("The turn failed: ")
        .notes("nobody/nothing");
    let mut command = place.cowork(&["--demo", "tour"]);
    command.env("COWORK_ENGINE", place.root.path().join("no-engine"));
    Running::start(&mut command)
        .ended()
        .has_code(1)
        .notes("The engine is not at ")
        .notes("no-engine");
    assert_eq!(place.processes(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_request_to_end_is_followed_while_a_question_waits_and_the_home_is_held_until_then() {
    use rustix::process::{Pid, Signal, kill_process};

    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let place = Place::new();
        let mut running = Running::start(&mut place.cowork(&["--demo", "edit"]));
        running.until("the request for permission", |running| {
            running.text(1).contains("Allow [o]nce")
        });
        if signal == Signal::INT {
            place
                .run(&["--demo", "tour"], "")
                .has_code(1)
                .notes("is in use by the command line")
                .notes(&format!("process {}", running.child.id()));
        }
        let process = Pid::from_raw(running.child.id().try_into().unwrap()).unwrap();
        kill_process(process, signal).unwrap();
        // Nobody presses Enter: the pipe to its standard input stays open.
        running.ended().has_code(code).notes("Stopped.");
        assert_eq!(place.processes(), Vec::<String>::new());
    }
}
