//! One run of the command line.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Home, PATIENCE, given};

/// Between two looks at what it printed, and whether it ended.
const AGAIN: Duration = Duration::from_millis(10);

/// A run that goes on; killed when it is dropped.
pub(crate) struct Run {
    home: Arc<Home>,
    child: Child,
    stdin: ChildStdin,
    output: [Arc<Mutex<Vec<u8>>>; 2],
    readers: Vec<JoinHandle<()>>,
}

/// How a run ended.
pub(crate) struct Ended {
    /// The status it ended with; none when it was killed.
    pub(crate) code: Option<i32>,
    /// What it printed of the answer.
    pub(crate) answer: String,
    /// What it said beside it.
    pub(crate) notes: String,
}

impl Run {
    /// Runs one turn with the scripted model.
    pub(crate) fn start(home: &Arc<Home>, prompt: &str) -> Self {
        // Built beside this suite's own programs: Cargo tells a test the path of no other package's.
        let program = Path::new(env!("CARGO_BIN_EXE_chaos-app")).with_file_name("cowork");
        assert!(
            program.is_file(),
            "the command line is not built: cargo build -p cowork-cli"
        );
        let mut child = Command::new(program)
            .args(["run", "--demo", "--dir"])
            .arg(home.work())
            .arg(prompt)
            .env("COWORK_HOME", home.data())
            .env("COWORK_ENGINE", given("COWORK_ENGINE"))
            .env("COWORK_RIPGREP", given("COWORK_RIPGREP"))
            .current_dir(home.work())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command line can be started");
        let pipes: [Box<dyn std::io::Read + Send>; 2] = [
            Box::new(child.stdout.take().expect("it is a pipe")),
            Box::new(child.stderr.take().expect("it is a pipe")),
        ];
        let output = [Arc::default(), Arc::default()];
        let readers = pipes
            .into_iter()
            .zip(&output)
            .map(|(mut pipe, output): (_, &Arc<Mutex<Vec<u8>>>)| {
                let output = output.clone();
                std::thread::spawn(move || {
                    let mut chunk = [0; 4096];
                    while let Ok(read @ 1..) = pipe.read(&mut chunk) {
                        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
                        output.extend_from_slice(&chunk[..read]);
                    }
                })
            })
            .collect();
        Self {
            home: home.clone(),
            stdin: child.stdin.take().expect("it is a pipe"),
            child,
            output,
            readers,
        }
    }

    /// What it printed of the answer so far.
    pub(crate) fn answer(&self) -> String {
        self.text(0)
    }

    /// What it said beside the answer so far.
    pub(crate) fn notes(&self) -> String {
        self.text(1)
    }

    fn text(&self, which: usize) -> String {
        let output = self.output[which].lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&output).into_owned()
    }

    /// Waits until the run looks so.
    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < PATIENCE, "{what} never came\n{}", self.all());
            std::thread::sleep(AGAIN);
        }
    }

    /// Everything it printed, for who has to find out why a test failed.
    fn all(&self) -> String {
        format!(
            "The answer:\n{}\nThe notes:\n{}\n{}",
            self.answer(),
            self.notes(),
            self.home.logs()
        )
    }

    /// Allows the next thing it asks for.
    pub(crate) fn allow(&mut self) {
        self.until("a request for permission", |run| {
            run.notes().contains("Allow [o]nce")
        });
        self.stdin.write_all(b"o\n").expect("it reads");
    }

    /// Kills it.
    pub(crate) fn kill(mut self) -> Ended {
        self.child.kill().expect("it can be killed");
        self.ended()
    }

    /// Waits for its end. A run that was not killed leaves nothing behind.
    pub(crate) fn ended(mut self) -> Ended {
        let mut status = None;
        let begun = Instant::now();
        while status.is_none() {
            assert!(begun.elapsed() < PATIENCE, "it never ended\n{}", self.all());
            std::thread::sleep(AGAIN);
            status = self.child.try_wait().expect("it can be waited for");
        }
        let status = status.expect("it ended");
        if status.code().is_some() {
            self.home.is_empty();
        }
        for reader in self.readers.drain(..) {
            reader.join().expect("reading does not fail");
        }
        Ended {
            code: status.code(),
            answer: self.answer(),
            notes: self.notes(),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // It has ended, unless the test failed.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
