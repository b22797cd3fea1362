//! One phase of a run: spawned, read and held to its bounds by the thread that calls.
//!
//! The signal by which a box ends with the app follows the *thread* that spawned it. So whoever calls this does it in
//! a thread of its own, which lives as long as the box.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;

use crate::limits::PhaseLimits;
use crate::news::{OutputStream, Reason};
use crate::output::Output;
use crate::stop::Stop;
use crate::tree;

/// Between two looks at what a box uses.
const LOOK: Duration = Duration::from_millis(25);
/// While there is nothing to wait for but the end, or for who listens.
const SHORT: Duration = Duration::from_millis(2);
/// What is read at once.
const PIECE: usize = 16 * 1024;
/// For all processes of a box to be gone once its first one is killed.
const GONE: Duration = Duration::from_secs(5);
/// For a container engine to end a box. One that hangs must keep neither the person nor the place of a run waiting.
const REMOVED: Duration = Duration::from_secs(20);

/// A box, ready to be started.
pub(crate) struct Boxed {
    pub(crate) command: Command,
    /// Where bubblewrap says that the box was made.
    pub(crate) status: Option<OwnedFd>,
    /// What ends it besides a kill of the process itself.
    pub(crate) end: Option<Command>,
    /// A directory of the disk that it writes to, which may grow to [`PhaseLimits::file_size`].
    pub(crate) grows: Option<PathBuf>,
}

/// How a phase ended.
pub(crate) struct Ending {
    pub(crate) reason: Reason,
    pub(crate) elapsed: Duration,
}

/// Runs one phase to its end. When it returns, nothing of it is left.
pub(crate) fn keep(boxed: Boxed, limits: &PhaseLimits, stop: &Stop, mut output: Output<'_>) -> Ending {
    let started = Instant::now();
    let Boxed {
        mut command,
        status,
        end,
        grows,
    } = boxed;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let spawned = command.spawn();
    // With it goes this side's copy of what the box writes to.
    drop(command);
    let reason = match spawned {
        Err(error) => Reason::NotStarted {
            advice: format!("the box could not be started: {error}"),
        },
        Ok(child) => {
            let mut watch = Watch {
                child,
                limits,
                stop,
                deadline: started + limits.wall,
                looked: started,
                grows,
                status: Status::new(status),
            };
            watch.until_the_end(&mut output, end)
        }
    };
    output.finish();
    Ending {
        reason,
        elapsed: started.elapsed(),
    }
}

struct Watch<'a> {
    child: Child,
    limits: &'a PhaseLimits,
    stop: &'a Stop,
    deadline: Instant,
    looked: Instant,
    grows: Option<PathBuf>,
    status: Status,
}

/// One of the two streams.
struct Source {
    stream: OutputStream,
    from: Box<dyn Pipe>,
    open: bool,
}

trait Pipe: Read + AsFd {}

impl<T: Read + AsFd> Pipe for T {}

impl Watch<'_> {
    fn until_the_end(&mut self, output: &mut Output<'_>, end: Option<Command>) -> Reason {
        let mut sources = Vec::new();
        if let (Some(from_output), Some(from_error)) = (self.child.stdout.take(), self.child.stderr.take()) {
            sources.push(Source::new(OutputStream::Output, Box::new(from_output)));
            sources.push(Source::new(OutputStream::Error, Box::new(from_error)));
        }
        let ended = loop {
            match self.step(&mut sources, output) {
                Ok(None) => {}
                Ok(Some(ended)) => break ended,
                Err(error) => {
                    break Err(Reason::NotStarted {
                        advice: format!("the box could not be watched: {error}"),
                    });
                }
            }
        };
        self.status.listen();
        self.end(end);
        let reason = match ended {
            Err(reason) => reason,
            Ok(exit) => {
                // All writers are gone; what they wrote is still in the pipes.
                let within = sources.iter_mut().all(|source| source.drain(output));
                if within {
                    finished(exit, self.limits, &self.status)
                } else {
                    Reason::OutputLimit {
                        bytes: self.limits.output,
                    }
                }
            }
        };
        drop(sources);
        reason
    }

    /// None while it goes on.
    fn step(
        &mut self,
        sources: &mut [Source],
        output: &mut Output<'_>,
    ) -> io::Result<Option<Result<ExitStatus, Reason>>> {
        if let Some(exit) = self.child.try_wait()? {
            return Ok(Some(Ok(exit)));
        }
        let now = Instant::now();
        if self.stop.is_given() {
            return Ok(Some(Err(Reason::Stopped)));
        }
        if now >= self.deadline {
            let seconds = self.limits.wall.as_secs();
            return Ok(Some(Err(Reason::TimedOut { seconds })));
        }
        if now.duration_since(self.looked) >= LOOK {
            self.looked = now;
            if let Some(reason) = self.look() {
                return Ok(Some(Err(reason)));
            }
        }
        let free = output.is_free();
        let any_open = sources.iter().any(|source| source.open);
        let patience = if free && any_open { LOOK } else { SHORT };
        let ready = self.wait(sources, free, patience.min(self.deadline - now))?;
        for (source, ready) in sources.iter_mut().zip(ready) {
            // Each read may fill the place that the next one would need.
            if ready && output.is_free() && !source.read(output) {
                let bytes = self.limits.output;
                return Ok(Some(Err(Reason::OutputLimit { bytes })));
            }
        }
        Ok(None)
    }

    /// Which sources can be read.
    fn wait(&self, sources: &[Source], free: bool, patience: Duration) -> io::Result<[bool; 2]> {
        let mut waited = vec![PollFd::from_borrowed_fd(self.stop.descriptor(), PollFlags::IN)];
        let mut which = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            if free && source.open {
                waited.push(PollFd::from_borrowed_fd(source.descriptor(), PollFlags::IN));
                which.push(number);
            }
        }
        let timeout = Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(1),
            tv_nsec: patience.subsec_nanos().into(),
        };
        match poll(&mut waited, Some(&timeout)) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok([false; 2]),
            Err(error) => return Err(error.into()),
        }
        let mut ready = [false; 2];
        for (place, number) in which.into_iter().enumerate() {
            ready[number] = !waited[place + 1].revents().is_empty();
        }
        Ok(ready)
    }

    fn look(&mut self) -> Option<Reason> {
        /// bubblewrap's own.
        const MARGIN: u64 = 8;
        if self.status.first().is_none() {
            self.status.listen();
        }
        let most = self.limits.processes + MARGIN;
        let usage = tree::usage(self.child.id(), self.status.first(), self.limits.memory, most);
        // The kernel holds the count, but not for who is root.
        if usage.tasks > most {
            let processes = self.limits.processes;
            return Some(Reason::ProcessLimit { processes });
        }
        if usage.memory > self.limits.memory {
            return Some(Reason::MemoryLimit {
                bytes: self.limits.memory,
            });
        }
        let bytes = self.limits.file_size;
        if self
            .grows
            .as_deref()
            .is_some_and(|directory| crate::artifacts::size(directory) > bytes)
        {
            return Some(Reason::DiskLimit { bytes });
        }
        None
    }

    /// Kills what is left and waits until it is gone.
    fn end(&mut self, end: Option<Command>) {
        // bubblewrap may end a moment before the first process of the box does, which in turn is the last to go.
        let first = self.status.first();
        // Once a process was asked how it ended its number may be another's.
        let members = match self.child.try_wait() {
            Ok(None) if first.is_none() => tree::members(self.child.id()),
            _ => Vec::new(),
        };
        if let Some(mut end) = end {
            let ending = end
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            if !ending.is_ok_and(|ending| ends_within(ending, REMOVED)) {
                tracing::error!("a container was not seen to end");
            }
        }
        // The first process of the box dies with bubblewrap, and with it, by the kernel, all others; but not when
        // bubblewrap is killed while it still makes the box.
        if matches!(self.child.try_wait(), Ok(None)) {
            tree::kill_children(self.child.id());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let deadline = Instant::now() + GONE;
        while first.is_some_and(tree::is_running) || members.iter().any(|member| tree::is_there(*member)) {
            if Instant::now() > deadline {
                tracing::error!("processes of a box are left after its end");
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Waits for the end of what was started, or ends it. Whether it ended by itself.
fn ends_within(mut started: Child, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        match started.try_wait() {
            Ok(Some(_)) => return true,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(SHORT),
            _ => {
                let _ = started.kill();
                let _ = started.wait();
                return false;
            }
        }
    }
}

/// What bubblewrap says beside the program's output: the number of the box's first process, and the exit code of a
/// program that was started.
struct Status {
    from: Option<OwnedFd>,
    said: String,
}

impl Status {
    fn new(from: Option<OwnedFd>) -> Self {
        let from = from.filter(|from| rustix::fs::fcntl_setfl(from, OFlags::NONBLOCK).is_ok());
        Self {
            from,
            said: String::new(),
        }
    }

    /// Takes what it has said since. It says the first when the box is made and the second right before it ends.
    fn listen(&mut self) {
        let mut said = [0; 1024];
        // Others of the box hold the pipe open, too, so its end is not waited for.
        if let Some(Ok(count)) = self.from.as_ref().map(|from| rustix::io::read(from, &mut said)) {
            self.said.push_str(&String::from_utf8_lossy(&said[..count]));
        }
    }

    fn first(&self) -> Option<u32> {
        let (_, after) = self.said.split_once("\"child-pid\":")?;
        let number = after
            .trim_start()
            .split(|end: char| !end.is_ascii_digit())
            .next()?;
        number.parse().ok()
    }

    /// False when the box was not made. What says nothing is taken to have started its program.
    fn tells_of_a_start(&self) -> bool {
        self.from.is_none() || self.said.contains("\"exit-code\"")
    }
}

impl Source {
    fn new(stream: OutputStream, from: Box<dyn Pipe>) -> Self {
        Self {
            stream,
            from,
            open: true,
        }
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        self.from.as_fd()
    }

    /// Whether it is within the limit.
    fn read(&mut self, output: &mut Output<'_>) -> bool {
        let mut piece = [0; PIECE];
        match self.from.read(&mut piece) {
            Ok(0) => {
                self.open = false;
                true
            }
            Ok(count) => output.push(self.stream, &piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Err(_) => {
                self.open = false;
                true
            }
        }
    }

    fn drain(&mut self, output: &mut Output<'_>) -> bool {
        // Should a writer be left all the same, it is not waited for.
        let unblocked = rustix::fs::fcntl_getfl(self.descriptor())
            .and_then(|flags| rustix::fs::fcntl_setfl(self.descriptor(), flags | OFlags::NONBLOCK));
        let mut piece = [0; PIECE];
        while self.open && unblocked.is_ok() {
            match self.from.read(&mut piece) {
                Ok(0) => self.open = false,
                Ok(count) => {
                    if !output.push_rest(self.stream, &piece[..count]) {
                        return false;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.open = false,
            }
        }
        true
    }
}

fn finished(exit: ExitStatus, limits: &PhaseLimits, status: &Status) -> Reason {
    const PROCESSOR_TIME: i32 = 24;
    if !status.tells_of_a_start() {
        return Reason::NotStarted {
            advice: "bubblewrap could not make the box; what it says is in the output".to_owned(),
        };
    }
    // A box tells a signal as shells do.
    let signal = exit.signal().or_else(|| match exit.code() {
        Some(code @ 129..=192) => Some(code - 128),
        _ => None,
    });
    match signal {
        Some(PROCESSOR_TIME) => Reason::TimedOut {
            seconds: limits.processor_seconds,
        },
        Some(signal) => Reason::Signalled { signal },
        None => Reason::Finished {
            code: exit.code().unwrap_or(-1),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_to_end_a_box_and_hangs_is_not_waited_for() {
        let begun = Instant::now();
        let start = |program: &str, argument: &str| Command::new(program).arg(argument).spawn().unwrap();
        assert!(!ends_within(start("sleep", "60"), Duration::from_millis(50)));
        assert!(ends_within(start("sleep", "0"), Duration::from_mins(1)));
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}
