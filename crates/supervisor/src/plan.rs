//! What the supervisor must be told about an engine, since it knows none.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use cowork_policy::confinement::Ceiling;

use crate::address::Address;
use crate::shelter::Shelter;

/// A future behind a pointer, so that a plan can carry it without a type parameter.
pub type BoxedFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Arguments and environment of one attempt to start.
#[derive(Clone, Default)]
pub struct Invocation {
    /// The arguments after the program's name. Other users of the machine can read them: no secret in here.
    pub arguments: Vec<OsString>,
    /// What is added to the environment of [`crate::environment::child_environment`], over it where names meet.
    pub environment: BTreeMap<OsString, OsString>,
}

impl fmt::Debug for Invocation {
    /// Names without values: the engine's password is one of them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Invocation")
            .field("arguments", &self.arguments)
            .field("environment", &self.environment.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// What a healthy engine answers to a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeAnswer {
    /// The version it says it has.
    pub version: String,
}

/// A file that must stand in the private home before the engine starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedFile {
    /// Relative to the root of the private home, for example `config/engine/settings.json`.
    pub path: PathBuf,
    /// The whole file. It replaces what is there, at each start.
    pub contents: Vec<u8>,
}

/// How long, and how often, the supervisor waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the spawn to the readiness line. A cold start takes 4 s here; slow disks and virus scanners take more.
    pub readiness: Duration,
    /// For the answer to one probe. Short, because a probe that arrives too early may never be answered.
    pub probe: Duration,
    /// How many probes may fail.
    pub probe_attempts: u32,
    /// Between two probes.
    pub probe_pause: Duration,
    /// How many more ports are tried after the first was taken by someone else.
    pub port_retries: u32,
    /// For the plan's own `wind_down`, before any signal.
    pub wind_down: Duration,
    /// From the request to terminate to the kill.
    pub terminate: Duration,
    /// From the kill to the exit. Only a process stuck in the kernel needs more than an instant.
    pub kill: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            readiness: Duration::from_secs(30),
            probe: Duration::from_millis(500),
            probe_attempts: 20,
            probe_pause: Duration::from_millis(100),
            port_retries: 5,
            wind_down: Duration::from_secs(3),
            terminate: Duration::from_secs(2),
            kill: Duration::from_secs(5),
        }
    }
}

/// How tightly the engine is bound to us, so that it never outlives us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confinement {
    /// On Linux a box by bubblewrap where that works, else as below. Inside it nobody can gain rights that they do
    /// not have, so `sudo` in a command of an agent does not work.
    #[default]
    Strongest,
    /// Linux: parent-death signal, and a search for what the engine left behind after it ends.
    WithoutBox,
    /// What macOS does, to be tried elsewhere: a watcher that kills the engine's process group when we die.
    Watched,
}

pub(crate) type Compose = Arc<dyn Fn(&Address) -> Invocation + Send + Sync>;
pub(crate) type Probe = Arc<dyn Fn(Address) -> BoxedFuture<anyhow::Result<ProbeAnswer>> + Send + Sync>;
pub(crate) type WindDown = Arc<dyn Fn(Address) -> BoxedFuture<anyhow::Result<()>> + Send + Sync>;
pub(crate) type Redact = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// One engine, described for [`crate::start()`]. It can be started any number of times, one after the other.
#[derive(Clone)]
pub struct LaunchPlan {
    /// The program. Whether it is the right one (hash, signature) is for the caller to know.
    pub program: PathBuf,
    /// The working directory; the private home's `home` when `None`.
    pub current_directory: Option<PathBuf>,
    /// Directories put before everything else in `PATH`, in this order. Absolute.
    pub tool_directories: Vec<PathBuf>,
    /// The beginning of the line on standard output that says the engine listens. Shorter than 4 KiB.
    pub readiness_line_prefix: String,
    /// The beginning of a line on standard output without which the engine is not used, even when it listens and
    /// answers: how it shows that what guards it was loaded. Nothing is asked when `None`.
    pub required_line_prefix: Option<String>,
    /// What a line on standard error holds when the engine ended because the port was taken; `None` when it cannot be told.
    pub port_taken_pattern: Option<String>,
    /// The version the probe must answer; any when `None`.
    pub expected_version: Option<String>,
    /// Directories made before the start, mode 0700, relative to the root of the private home.
    pub seed_directories: Vec<PathBuf>,
    /// Files written before the start, mode 0600.
    pub seed_files: Vec<SeedFile>,
    /// How long to wait for what.
    pub limits: Limits,
    /// How tightly the engine is bound to us.
    pub confinement: Confinement,
    /// What is out of its reach while it runs in a box.
    pub shelter: Shelter,
    /// Files and directories of the private home that the engine's box has read only, relative to its root: what the engine
    /// is told, which nobody but the app may write.
    pub fixed: Vec<PathBuf>,
    /// Where the wrapper is that stands in place of each shell of the box, with `bin/cowork-box` in it. Without one
    /// programs of the agent run beside the engine.
    pub yard: Option<PathBuf>,
    /// Whether the engine's own tools are kept from following links in the folders of its box, which commands still follow
    /// in boxes of their own.
    pub bars_links: bool,
    /// How much it may use with all that it starts, where the system has a service manager that can hold it to that.
    pub ceiling: Option<Ceiling>,
    /// The person's search path, as their login shell has it; ours alone when `None`.
    pub search_path: Option<OsString>,
    pub(crate) compose: Compose,
    pub(crate) probe: Probe,
    pub(crate) wind_down: Option<WindDown>,
    pub(crate) redact: Redact,
}

impl LaunchPlan {
    /// A plan with what every engine needs; the public fields hold defaults to be changed.
    ///
    /// - `compose` gives arguments and environment for the port and the password of one attempt.
    /// - `probe` asks the engine, over a fresh connection, whether it is well. It is cut off after [`Limits::probe`].
    /// - `redact` takes secrets out of a line of output before it is kept or logged. The password of the run is
    ///   taken out besides.
    pub fn new<P>(
        program: impl Into<PathBuf>,
        readiness_line_prefix: impl Into<String>,
        compose: impl Fn(&Address) -> Invocation + Send + Sync + 'static,
        probe: impl Fn(Address) -> P + Send + Sync + 'static,
        redact: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self
    where
        P: Future<Output = anyhow::Result<ProbeAnswer>> + Send + 'static,
    {
        Self {
            program: program.into(),
            current_directory: None,
            tool_directories: Vec::new(),
            readiness_line_prefix: readiness_line_prefix.into(),
            required_line_prefix: None,
            port_taken_pattern: None,
            expected_version: None,
            seed_directories: Vec::new(),
            seed_files: Vec::new(),
            limits: Limits::default(),
            confinement: Confinement::default(),
            shelter: Shelter::default(),
            fixed: Vec::new(),
            yard: None,
            bars_links: false,
            ceiling: None,
            search_path: None,
            compose: Arc::new(compose),
            probe: Arc::new(move |address| Box::pin(probe(address))),
            wind_down: None,
            redact: Arc::new(redact),
        }
    }

    /// Where the engine and the programs are that it calls, and where links to them lead.
    pub(crate) fn program_directories(&self) -> Vec<PathBuf> {
        let real = self.program.canonicalize().ok();
        let beside = [Some(self.program.clone()), real];
        let beside = beside
            .into_iter()
            .flatten()
            .filter_map(|program| program.parent().map(std::path::Path::to_owned));
        beside.chain(self.tool_directories.iter().cloned()).collect()
    }

    /// Sets what is asked of the engine before it is told to terminate: let go of children, close streams.
    #[must_use]
    pub fn with_wind_down<W>(mut self, wind_down: impl Fn(Address) -> W + Send + Sync + 'static) -> Self
    where
        W: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.wind_down = Some(Arc::new(move |address| Box::pin(wind_down(address))));
        self
    }
}

impl fmt::Debug for LaunchPlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LaunchPlan")
            .field("program", &self.program)
            .field("expected_version", &self.expected_version)
            .field("confinement", &self.confinement)
            .finish_non_exhaustive()
    }
}
