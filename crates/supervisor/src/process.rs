//! One engine process and the thread that it belongs to.
//!
//! # Why a thread
//! On Linux the parent-death signal, bubblewrap's included, is sent when the *thread* that spawned the child ends,
//! not when the process does. Spawned from a thread of a pool, a healthy engine dies as soon as the pool shrinks. So
//! each engine has a thread that spawns it, waits for its end, and lives exactly as long.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

#[cfg(target_os = "linux")]
use crate::containment::threshold;
use crate::containment::{Containment, Wrapper};
use crate::failure::Exit;
use crate::home::Seat;
use crate::output::{Ears, OutputLog, OutputStream, ReadinessBell};
use crate::process_table;
use crate::registry::{Nonce, Record, Registry};
use crate::tie::Tie;

/// How many of the last lines go with an [`Exit`].
const LAST_LINES: usize = 50;
/// After the end, for the readers to take what is still in the pipes. Only a survivor that holds the pipe open uses
/// it up.
const DRAIN: Duration = Duration::from_millis(500);

/// Everything needed to spawn.
pub(crate) struct Spawn {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: BTreeMap<OsString, OsString>,
    pub(crate) current_directory: PathBuf,
    pub(crate) wrapper: Wrapper,
    /// The options of the box, when there is one; the environment is among them.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "there is no box elsewhere")
    )]
    pub(crate) walls: Vec<OsString>,
    /// The box has a wrapper in place of each shell.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "there is no box elsewhere")
    )]
    pub(crate) behind_wrapper: bool,
    pub(crate) nonce: Nonce,
    pub(crate) output: Arc<OutputLog>,
    pub(crate) bell: ReadinessBell,
}

impl Spawn {
    /// # Errors
    /// When the options of the box cannot be handed over.
    fn command(&self) -> io::Result<Command> {
        let mut command = match &self.wrapper.bubblewrap {
            #[cfg(target_os = "linux")]
            Some(bubblewrap) => {
                let mut command = Command::new(bubblewrap);
                // With an empty environment: what bubblewrap has stays readable inside as that of process 1. The
                // engine's is among the options, which nobody can read in the list of processes.
                crate::options_file::hand_over(&mut command, &self.walls)?;
                command
                    .arg("--")
                    .args(threshold(self.behind_wrapper))
                    .arg(&self.program);
                command.args(&self.arguments).env_clear().stdin(Stdio::piped());
                command
            }
            _ => {
                let mut command = Command::new(&self.program);
                command
                    .args(&self.arguments)
                    .env_clear()
                    .envs(&self.environment)
                    .current_dir(&self.current_directory)
                    .stdin(Stdio::null());
                command
            }
        };
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        bind_to_us(&mut command, self.wrapper.containment);
        Ok(command)
    }
}

/// Its own process group, so that signals reach it and its plain children, and a Ctrl+C on our terminal does not;
/// and on Linux the parent-death signal.
#[cfg(unix)]
fn bind_to_us(command: &mut Command, containment: Containment) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
    #[cfg(target_os = "linux")]
    if containment != Containment::Watched {
        let us = rustix::process::getpid();
        let bind = move || {
            rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
            // We may have died before the line above; then nobody would ever send the signal.
            if rustix::process::getppid() == Some(us) {
                Ok(())
            } else {
                Err(io::Error::from(rustix::io::Errno::SRCH))
            }
        };
        // SAFETY: the closure runs between fork and exec, where only async-signal-safe calls are allowed. It makes two
        // system calls, takes no lock and does not allocate: rustix calls prctl and getppid directly, and both errors
        // hold a plain number.
        unsafe {
            command.pre_exec(bind);
        }
    }
}

/// No console window flashes up for it.
#[cfg(windows)]
fn bind_to_us(command: &mut Command, _containment: Containment) {
    use std::os::windows::process::CommandExt as _;
    /// Not in the standard library: `CREATE_NO_WINDOW` of the Windows headers.
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

/// The child while it may still be signalled. Once it is reaped its id can belong to someone else.
struct Handle {
    child: Child,
    reaped: bool,
}

/// A spawned engine. Dropping it kills it.
pub(crate) struct EngineProcess {
    process_id: u32,
    containment: Containment,
    unboxed: Option<String>,
    handle: Arc<Mutex<Handle>>,
    requested: Arc<AtomicBool>,
    exit: watch::Receiver<Option<Exit>>,
}

impl EngineProcess {
    /// Spawns on a thread of its own, which keeps `seat` until the process and what it left behind are gone.
    ///
    /// # Errors
    /// What the operating system said.
    pub(crate) async fn spawn(spawn: Spawn, seat: Arc<Seat>) -> io::Result<Self> {
        let (started, spawned) = oneshot::channel();
        std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || live(spawn, seat, started))?;
        spawned
            .await
            .unwrap_or_else(|_| Err(io::Error::other("the thread of the engine ended too early")))
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process_id
    }

    pub(crate) fn containment(&self) -> Containment {
        self.containment
    }

    /// Why it is not in a box.
    pub(crate) fn unboxed(&self) -> Option<&str> {
        self.unboxed.as_deref()
    }

    pub(crate) fn exit_watch(&self) -> watch::Receiver<Option<Exit>> {
        self.exit.clone()
    }

    /// From now on an exit is what we wanted.
    pub(crate) fn expect_exit(&self) {
        self.requested.store(true, Ordering::Release);
    }

    /// Asks the process group to terminate. Windows knows no such request, so there it is killed at once.
    pub(crate) fn terminate(&self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::TERM);
        #[cfg(not(unix))]
        self.kill();
    }

    /// Kills the process group.
    pub(crate) fn kill(&self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::KILL);
        #[cfg(not(unix))]
        {
            let mut handle = lock(&self.handle);
            if !handle.reaped
                && let Err(error) = handle.child.kill()
            {
                tracing::warn!(%error, "killing the engine");
            }
        }
    }

    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        let handle = lock(&self.handle);
        if handle.reaped {
            return;
        }
        let group = rustix::process::Pid::from_child(&handle.child);
        if let Err(error) = rustix::process::kill_process_group(group, signal) {
            tracing::warn!(%error, ?signal, "signalling the engine");
        }
    }

    /// Kills it and waits for the end, at most `patience`.
    pub(crate) async fn end(&self, patience: Duration) -> Option<Exit> {
        self.expect_exit();
        self.kill();
        self.exit_within(patience).await
    }

    pub(crate) async fn exit_within(&self, patience: Duration) -> Option<Exit> {
        tokio::time::timeout(patience, next_exit(self.exit.clone()))
            .await
            .ok()
    }
}

impl Drop for EngineProcess {
    fn drop(&mut self) {
        if self.exit.borrow().is_none() {
            self.expect_exit();
            self.kill();
        }
    }
}

/// Waits until `exit` holds a value.
pub(crate) async fn next_exit(mut exit: watch::Receiver<Option<Exit>>) -> Exit {
    match exit.wait_for(Option::is_some).await {
        Ok(found) => found.clone(),
        Err(_) => None,
    }
    // The sender goes only after it has sent, short of a panic of the thread.
    .unwrap_or(Exit {
        code: None,
        signal: None,
        requested: false,
        last_lines: Vec::new(),
    })
}

fn lock(handle: &Mutex<Handle>) -> MutexGuard<'_, Handle> {
    handle.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The life of one engine, on its thread.
fn live(spawn: Spawn, seat: Arc<Seat>, started: oneshot::Sender<io::Result<EngineProcess>>) {
    let registry = Registry::new(seat.layout().registry_directory());
    let bound = spawn
        .command()
        .and_then(|mut command| {
            write_down(&registry, Record::planned(&command, &spawn.nonce).as_ref());
            command.spawn()
        })
        .and_then(|child| Tie::bind(child, spawn.wrapper.containment));
    let (mut child, tie) = match bound {
        Ok(bound) => bound,
        Err(error) => {
            registry.strike(&spawn.nonce);
            // Freed first, so that who is told can start again at once.
            drop(seat);
            let _ = started.send(Err(error));
            return;
        }
    };
    let Spawn {
        wrapper,
        output,
        bell,
        nonce,
        ..
    } = spawn;
    let process_id = child.id();
    let record = Record::of(process_id, &nonce);
    write_down(&registry, record.as_ref());
    let readers = read_output(&mut child, &output, bell);
    let handle = Arc::new(Mutex::new(Handle { child, reaped: false }));
    let requested = Arc::new(AtomicBool::new(false));
    let (exit_sender, exit) = watch::channel(None);
    let process = EngineProcess {
        process_id,
        containment: wrapper.containment,
        unboxed: wrapper.unboxed,
        handle: Arc::clone(&handle),
        requested: Arc::clone(&requested),
        exit,
    };
    // If nobody waits any more, the start was given up: the value comes back, is dropped, and so kills the engine.
    drop(started.send(Ok(process)));

    let status = wait(process_id, &handle, tie);
    let left = record.as_ref().map_or(0, process_table::kill_run);
    if left > 0 {
        tracing::warn!(left, "processes of the engine cannot be killed");
    } else {
        registry.strike(&nonce);
    }
    await_readers(&readers);
    let mut last_lines = output.recent();
    last_lines.drain(..last_lines.len().saturating_sub(LAST_LINES));
    let (code, signal) = status.map_or((None, None), |status| read_status(status, wrapper.containment));
    drop(seat);
    exit_sender.send_replace(Some(Exit {
        code,
        signal,
        requested: requested.load(Ordering::Acquire),
        last_lines,
    }));
}

/// A full disk must not keep a person from working; what ends under our eyes is ended all the same.
fn write_down(registry: &Registry, record: Option<&Record>) {
    if let Some(Err(error)) = record.map(|record| registry.note(record)) {
        tracing::warn!(%error, "the engine could not be put on the registry");
    }
}

/// Starts the two readers. What comes back closes when both have reached the end.
fn read_output(child: &mut Child, output: &Arc<OutputLog>, bell: ReadinessBell) -> mpsc::Receiver<()> {
    let (at_end, readers) = mpsc::channel();
    let threshold = child.stdin.take();
    if let Some(pipe) = child.stdout.take() {
        let ears = Ears {
            threshold,
            bell: Some(bell),
        };
        start_reader(pipe, OutputStream::Stdout, output, ears, at_end.clone());
    }
    if let Some(pipe) = child.stderr.take() {
        start_reader(pipe, OutputStream::Stderr, output, Ears::default(), at_end);
    }
    readers
}

fn start_reader(
    pipe: impl io::Read + Send + 'static,
    stream: OutputStream,
    output: &Arc<OutputLog>,
    ears: Ears,
    at_end: mpsc::Sender<()>,
) {
    let output = Arc::clone(output);
    let reader = std::thread::Builder::new()
        .name("engine-output".to_owned())
        .spawn(move || {
            if let Err(error) = output.drain(pipe, stream, ears) {
                tracing::warn!(%error, ?stream, "reading the engine's output");
            }
            drop(at_end);
        });
    if let Err(error) = reader {
        // The pipe closes with its reader, so the engine sees a closed pipe instead of stalling.
        tracing::error!(%error, ?stream, "no thread to read the engine's output");
    }
}

fn await_readers(readers: &mpsc::Receiver<()>) {
    // Nothing is ever sent; the channel closes with the last reader.
    if readers.recv_timeout(DRAIN) == Err(mpsc::RecvTimeoutError::Timeout) {
        tracing::warn!("something that survived the engine holds its output open");
    }
}

/// Waits without reaping, so that the id stays the child's until nobody can signal it any more.
#[cfg(unix)]
fn wait(process_id: u32, handle: &Mutex<Handle>, tie: Tie) -> io::Result<ExitStatus> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    if let Some(pid) = i32::try_from(process_id).ok().and_then(Pid::from_raw) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(pid), options), Err(rustix::io::Errno::INTR)) {}
    }
    // While the id is still the child's: a watcher that kills the group later could hit another's.
    drop(tie);
    let mut handle = lock(handle);
    handle.reaped = true;
    handle.child.wait()
}

/// The standard library waits only while it holds the child, which would keep everyone else from killing it.
#[cfg(not(unix))]
fn wait(_process_id: u32, handle: &Mutex<Handle>, tie: Tie) -> io::Result<ExitStatus> {
    const LOOK_AGAIN: Duration = Duration::from_millis(50);
    loop {
        {
            let mut handle = lock(handle);
            if let Some(status) = handle.child.try_wait()? {
                handle.reaped = true;
                // Closing the job ends what is left in it.
                drop(tie);
                return Ok(status);
            }
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

#[cfg(unix)]
fn read_status(status: ExitStatus, containment: Containment) -> (Option<i32>, Option<i32>) {
    use std::os::unix::process::ExitStatusExt as _;
    /// Linux has 64 signals.
    const SIGNALS: std::ops::RangeInclusive<i32> = 1..=64;
    match status.code() {
        Some(code) if containment == Containment::Box && SIGNALS.contains(&(code - 128)) => {
            (None, Some(code - 128))
        }
        code => (code, status.signal()),
    }
}

#[cfg(not(unix))]
fn read_status(status: ExitStatus, _containment: Containment) -> (Option<i32>, Option<i32>) {
    (status.code(), None)
}

/// Whether `path` can be run at all, before anything is done for it.
pub(crate) fn check_program(path: &Path) -> Result<(), crate::StartFailure> {
    let missing = || crate::StartFailure::Missing {
        path: path.to_owned(),
    };
    let metadata = std::fs::metadata(path).map_err(|_| missing())?;
    if metadata.is_file() && is_executable(&metadata) {
        Ok(())
    } else {
        Err(crate::StartFailure::NotExecutable {
            path: path.to_owned(),
        })
    }
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &std::fs::Metadata) -> bool {
    true
}
