//! The app, as a process that can be spoken with and killed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command as Program, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use cowork_chaos::{Command, Outcome, Request};

use super::processes::{kill, until};
use super::screen::Screen;
use super::{Home, PATIENCE, given};

/// A running app. Killed when it is dropped.
pub(crate) struct App {
    home: Arc<Home>,
    child: Child,
    stdin: Option<ChildStdin>,
    screen: Arc<(Mutex<Screen>, Condvar)>,
    readers: Vec<JoinHandle<()>>,
    complaints: Arc<Mutex<String>>,
    requests: u64,
    /// The session that is shown.
    pub(super) session: Option<String>,
}

impl App {
    /// Starts the app on a home, with the real engine.
    pub(crate) fn start(home: &Arc<Home>) -> Self {
        Self::start_with(home, &given("COWORK_ENGINE"))
    }

    /// The same with another program in the engine's place.
    pub(crate) fn start_with(home: &Arc<Home>, engine: &Path) -> Self {
        Self::spawn(home, engine, Program::new(env!("CARGO_BIN_EXE_chaos-app")))
    }

    /// The same, where all its data is on a disk of so many bytes.
    pub(crate) fn start_on_small_disk(home: &Arc<Home>, bytes: u64) -> Self {
        let mut program = Program::new("bwrap");
        program
            .args(["--die-with-parent", "--dev-bind", "/", "/", "--size"])
            .arg(bytes.to_string())
            .arg("--tmpfs")
            .arg(home.data())
            .args(["--", env!("CARGO_BIN_EXE_chaos-app")]);
        Self::spawn(home, &given("COWORK_ENGINE"), program)
    }

    fn spawn(home: &Arc<Home>, engine: &Path, mut program: Program) -> Self {
        let mut child = program
            .arg(home.data())
            .arg(home.work())
            .arg(engine)
            .arg(given("COWORK_RIPGREP"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the app can be started");
        let stdout = child.stdout.take().expect("it is a pipe");
        let mut stderr = child.stderr.take().expect("it is a pipe");
        let screen = Arc::<(Mutex<Screen>, Condvar)>::default();
        let complaints = Arc::<Mutex<String>>::default();
        let (shown, said) = (screen.clone(), complaints.clone());
        let readers = vec![
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    // A line that was cut off by a kill is no line.
                    if let Ok(report) = serde_json::from_str(&line) {
                        lock(&shown.0).take(report);
                        shown.1.notify_all();
                    }
                }
                lock(&shown.0).has_ended = true;
                shown.1.notify_all();
            }),
            std::thread::spawn(move || {
                let mut text = String::new();
                // What was read before it failed says enough.
                let _ = stderr.read_to_string(&mut text);
                lock(&said).push_str(&text);
            }),
        ];
        Self {
            home: home.clone(),
            stdin: child.stdin.take(),
            child,
            screen,
            readers,
            complaints,
            requests: 0,
            session: None,
        }
    }

    /// What the app has shown so far.
    pub(crate) fn screen(&self) -> Screen {
        let mut screen = lock(&self.screen.0).clone();
        screen.session.clone_from(&self.session);
        screen
    }

    /// Waits until the screen says so.
    #[track_caller]
    pub(crate) fn until<T>(&self, what: &str, mut look: impl FnMut(&Screen) -> Option<T>) -> T {
        let begun = Instant::now();
        let mut screen = lock(&self.screen.0);
        loop {
            if let Some(found) = look(&screen) {
                return found;
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            if screen.has_ended || left.is_zero() {
                let seen = screen.clone();
                drop(screen);
                self.fail(&format!("{what} never came"), &seen);
            }
            screen = self
                .screen
                .1
                .wait_timeout(screen, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Fails with everything that is known.
    #[track_caller]
    fn fail(&self, what: &str, screen: &Screen) -> ! {
        panic!(
            "{what}. The app {}.\nThe screen:\n{screen}\nProcesses: {:#?}\n{}\nStandard error:\n{}",
            if screen.has_ended { "has ended" } else { "runs" },
            self.home.processes(),
            self.home.logs(),
            lock(&self.complaints)
        );
    }

    /// Says that something be done, and waits for nothing. Gives the number of the request.
    pub(crate) fn ask(&mut self, command: Command) -> u64 {
        self.requests += 1;
        let request = Request {
            number: self.requests,
            command,
        };
        let mut line = serde_json::to_string(&request).expect("a request has a JSON form");
        line.push('\n');
        let stdin = self.stdin.as_mut().expect("it was not told to end");
        stdin.write_all(line.as_bytes()).expect("the app reads");
        self.requests
    }

    /// Waits for the end of a request.
    #[track_caller]
    pub(crate) fn answered(&self, request: u64) -> Outcome {
        self.until("an answer", |screen| screen.answers.get(&request).cloned())
    }

    /// Has something done, which must not fail.
    #[track_caller]
    pub(crate) fn have(&mut self, command: Command) -> String {
        let what = format!("{command:?}");
        let request = self.ask(command);
        match self.answered(request) {
            Ok(answer) => answer,
            Err(error) => self.fail(&format!("{what} was refused: {error}"), &self.screen()),
        }
    }

    /// Waits until the engine takes prompts.
    #[track_caller]
    pub(crate) fn ready(&self) {
        self.until("an engine that takes prompts", |screen| {
            screen.engine_is_up().then_some(())
        });
    }

    /// Kills the engine, and waits until the app knows and another one lives. Gives the moment of the kill.
    #[track_caller]
    pub(crate) fn kill_engine(&self) -> Instant {
        let engine = self.home.engine();
        let died = Instant::now();
        assert!(kill(engine), "the engine lived until now");
        until("another engine", || {
            self.home
                .engines()
                .iter()
                .any(|other| *other != engine)
                .then_some(())
        });
        died
    }

    /// Nobody had to start the engine.
    pub(crate) fn started_by_itself(&mut self) {
        let starts = self.have(Command::Starts);
        assert!(starts.ends_with(" 0"), "a person started the engine: {starts}");
    }

    /// Kills it, and gives what was on screen.
    pub(crate) fn kill(mut self) -> Screen {
        self.child.kill().expect("the app can be killed");
        self.end()
    }

    /// Has it end well, and gives what was on screen. Nothing of ours is left then.
    pub(crate) fn quit(mut self) -> Screen {
        let request = self.ask(Command::Quit);
        self.answered(request).expect("an end cannot be refused");
        let ended = until("the app's end", || {
            self.child.try_wait().expect("it can be waited for")
        });
        assert!(ended.success(), "the app ended badly: {ended}");
        self.home.is_empty();
        self.end()
    }

    fn end(&mut self) -> Screen {
        self.child.wait().expect("the app can be waited for");
        for reader in self.readers.drain(..) {
            reader.join().expect("reading does not fail");
        }
        self.screen()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // It has ended, unless the test failed.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
