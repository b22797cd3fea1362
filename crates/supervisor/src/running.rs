//! An engine that is up, until it is stopped or dies.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use tokio::sync::watch;

use crate::address::Address;
use crate::containment::Containment;
use crate::control_group::MemoryKeeper;
use crate::failure::{Exit, StopFailure};
use crate::output::{OutputLine, OutputLog};
use crate::plan::{Limits, Probe, WindDown};
use crate::process::{EngineProcess, next_exit};
use crate::process_table::{self, ProcessIdentity};
use crate::shelter::{Seal, Shelter};

/// For its box to be changed; it takes milliseconds.
const CHANGE: Duration = Duration::from_secs(5);

/// A started engine. Dropping it kills the engine without asking; [`Running::stop`] asks first.
pub struct Running {
    pub(crate) process: EngineProcess,
    /// The engine below its wrapper, when it has one.
    pub(crate) engine: Option<ProcessIdentity>,
    pub(crate) address: Address,
    pub(crate) version: String,
    pub(crate) started_at: SystemTime,
    pub(crate) output: Arc<OutputLog>,
    pub(crate) probe: Probe,
    pub(crate) seal: Seal,
    pub(crate) yard: Option<PathBuf>,
    pub(crate) shelter: Shelter,
    pub(crate) bars_links: bool,
    pub(crate) follows_links: Option<String>,
    pub(crate) memory_keeper: watch::Receiver<MemoryKeeper>,
    pub(crate) wind_down: Option<WindDown>,
    pub(crate) limits: Limits,
}

impl Running {
    /// Where it listens, and its password.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The version it answered.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// When it became ready.
    #[must_use]
    pub fn started_at(&self) -> SystemTime {
        self.started_at
    }

    /// The process id of the engine itself, as our system counts, not of a wrapper around it.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.engine
            .map_or(self.process.process_id(), ProcessIdentity::process_id)
    }

    /// How it is bound to us.
    #[must_use]
    pub fn containment(&self) -> Containment {
        self.process.containment()
    }

    /// What stood at the covered places when its box was made.
    #[must_use]
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// What its box was made with.
    #[must_use]
    pub fn shelter(&self) -> &Shelter {
        &self.shelter
    }

    /// Why it is not in a box, and what would help; `None` when it is in one.
    #[must_use]
    pub fn unboxed(&self) -> Option<&str> {
        self.process.unboxed()
    }

    /// Why its own tools could not be kept from following links out of folders, when that was tried and failed.
    #[must_use]
    pub fn follows_links(&self) -> Option<&str> {
        self.follows_links.as_deref()
    }

    /// Who holds the memory of it and all that it starts together. It is known a moment after the start.
    #[must_use]
    pub fn memory_keeper(&self) -> watch::Receiver<MemoryKeeper> {
        self.memory_keeper.clone()
    }

    /// Puts a folder into the box that stands. See [`crate::shelter::Shelter::is_plain`] for which can be.
    ///
    /// # Errors
    /// When there is no box with a wrapper, or the operating system does not allow it; the engine has to be started
    /// anew then.
    pub async fn grant(&self, folder: &Path, writable: bool) -> anyhow::Result<()> {
        let more: &[&str] = if writable { &[] } else { &["--read-only"] };
        self.change_reach(folder, more).await
    }

    /// Takes a folder out of the box that stands.
    ///
    /// # Errors
    /// As [`Running::grant`].
    pub async fn revoke(&self, folder: &Path) -> anyhow::Result<()> {
        self.change_reach(folder, &["--revoke"]).await
    }

    async fn change_reach(&self, folder: &Path, more: &[&str]) -> anyhow::Result<()> {
        let yard = self.yard.as_deref().context("there is no wrapper in its box")?;
        anyhow::ensure!(self.containment() == Containment::Box, "it is in no box");
        let mut words: Vec<&OsStr> = vec!["--folder".as_ref(), folder.as_ref()];
        words.extend(more.iter().map(OsStr::new));
        if self.bars_links {
            words.push("--bar-links".as_ref());
        }
        change_box(yard, self.process_id(), "grant", &words).await
    }

    /// Asks it, over a fresh connection, whether it is well; cut off after [`Limits::probe`].
    ///
    /// # Errors
    /// Why there was no answer in time.
    pub async fn probe(&self) -> Result<(), String> {
        match tokio::time::timeout(self.limits.probe, (self.probe)(self.address.clone())).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(format!("{error:#}")),
            Err(_) => Err(format!("no answer within {} ms", self.limits.probe.as_millis())),
        }
    }

    /// Memory of it and everything it started, in bytes; what they share counts for each. `None` when it cannot be
    /// read.
    pub async fn memory(&self) -> Option<u64> {
        let process_id = self.process_id();
        let reading = tokio::task::spawn_blocking(move || process_table::memory_of_tree(process_id));
        reading.await.ok().flatten()
    }

    /// Holds the [`Exit`] once the engine has ended, for whichever reason, and what it left behind is gone.
    #[must_use]
    pub fn exit_watch(&self) -> watch::Receiver<Option<Exit>> {
        self.process.exit_watch()
    }

    /// Waits for the end.
    pub async fn exited(&self) -> Exit {
        next_exit(self.process.exit_watch()).await
    }

    /// The last lines that it printed, oldest first, within the bounds of [`crate::output`].
    #[must_use]
    pub fn recent_output(&self) -> Vec<OutputLine> {
        self.output.recent()
    }

    /// How many earlier lines were let go to stay within the bounds.
    #[must_use]
    pub fn dropped_lines(&self) -> u64 {
        self.output.dropped()
    }

    /// Ends the engine: asks it to wind down, then to terminate, then kills it, then kills what survived it.
    ///
    /// Takes at most the sum of the limits `wind_down`, `terminate` and `kill`. Calling it again, or after the engine
    /// died, gives the same [`Exit`].
    ///
    /// # Errors
    /// [`StopFailure::StillAlive`] when the process stays although it was killed.
    pub async fn stop(&self) -> Result<Exit, StopFailure> {
        let already = self.process.exit_watch().borrow().clone();
        if let Some(exit) = already {
            return Ok(exit);
        }
        self.process.expect_exit();
        self.ask_to_wind_down().await;
        let family = self.family().await;
        self.terminate();
        let ended = match self.process.exit_within(self.limits.terminate).await {
            Some(exit) => Some(exit),
            None => self.process.end(self.limits.kill).await,
        };
        // A child that changed its environment is not found by the mark, so those seen before are looked at again.
        let search = tokio::task::spawn_blocking(move || process_table::kill_survivors(&family));
        match search.await {
            Ok(0) => {}
            Ok(left) => tracing::warn!(left, "processes of the engine cannot be killed"),
            Err(error) => tracing::error!(%error, "looking for what the engine left behind"),
        }
        ended.ok_or(StopFailure::StillAlive {
            process_id: self.process_id(),
        })
    }

    async fn ask_to_wind_down(&self) {
        let Some(wind_down) = &self.wind_down else { return };
        let asked = tokio::select! {
            asked = tokio::time::timeout(self.limits.wind_down, wind_down(self.address.clone())) => asked,
            _ = self.exited() => return,
        };
        match asked {
            Ok(Ok(())) => {}
            // An engine that cannot wind down is terminated all the same; the person need not know.
            Ok(Err(error)) => tracing::warn!(error = format!("{error:#}"), "the engine did not wind down"),
            Err(_) => tracing::warn!(limit = ?self.limits.wind_down, "the engine did not wind down in time"),
        }
    }

    /// Everyone below the engine, taken while the family ties still show.
    async fn family(&self) -> Vec<ProcessIdentity> {
        let process_id = self.process.process_id();
        tokio::task::spawn_blocking(move || process_table::descendants(process_id))
            .await
            .unwrap_or_else(|error| {
                tracing::error!(%error, "listing what the engine has started");
                Vec::new()
            })
    }

    /// A wrapper would die of the signal at once and take the engine with it unasked, so the engine alone gets it.
    fn terminate(&self) {
        if let Some(engine) = self.engine
            && engine.terminate()
        {
            return;
        }
        self.process.terminate();
    }
}

/// Has the wrapper change the box that the process `engine` is in.
pub(crate) async fn change_box(yard: &Path, engine: u32, verb: &str, words: &[&OsStr]) -> anyhow::Result<()> {
    let changing = tokio::process::Command::new(yard.join("bin/cowork-box"))
        .arg(verb)
        .arg("--pid")
        .arg(engine.to_string())
        .args(words)
        .env_clear()
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(CHANGE, changing)
        .await
        .context("it took too long")?
        .context("the wrapper could not be run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{}", said.trim());
    Ok(())
}

impl fmt::Debug for Running {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Running")
            .field("process_id", &self.process_id())
            .field("address", &self.address)
            .field("version", &self.version)
            .field("containment", &self.containment())
            .finish_non_exhaustive()
    }
}
