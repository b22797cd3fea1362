//! Where the memory of an engine and all its boxes is held as a whole: in a control group of the system's, or by those who
//! look each moment.
//!
//! A control group is the kernel's own bound, which nothing outruns. It is asked of the person's service manager (systemd's,
//! by D-Bus), once the engine is up and beside everything else: where there is no manager, or it does not answer, the
//! engine is none the later for it, and memory is held by the wrappers' watch alone, as it is in any case.

use std::ffi::OsString;
use std::path::PathBuf;

use cowork_policy::confinement::Ceiling;
use tokio::sync::watch;

/// Who holds the memory of all boxes together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemoryKeeper {
    /// It is being found out.
    Unknown,
    /// The kernel, by a control group of this name.
    ControlGroup {
        /// The unit of the service manager.
        unit: String,
        /// Bytes, as the kernel has them.
        most: u64,
    },
    /// Wrappers that look each half second.
    Watchdog {
        /// Why there is no control group.
        reason: String,
    },
}

impl MemoryKeeper {
    fn watchdog(reason: impl Into<String>) -> Self {
        Self::Watchdog {
            reason: reason.into(),
        }
    }
}

/// The addresses of buses at which the person's service manager may be found, in the order in which they are tried.
///
/// Its own socket, without a bus, is for its own tools alone.
pub(crate) fn buses(variable: impl Fn(&str) -> Option<OsString>) -> Vec<String> {
    let runtime = variable("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let named = variable("DBUS_SESSION_BUS_ADDRESS").and_then(|address| address.into_string().ok());
    let usual = runtime.map(|runtime| runtime.join("bus"));
    let usual = usual
        .filter(|bus| bus.exists())
        .map(|bus| format!("unix:path={}", bus.display()));
    let mut buses: Vec<String> = named.into_iter().chain(usual).collect();
    buses.dedup();
    buses
}

/// Begins to have the process `root` and all below it held, and says at once where it will be known by whom.
pub(crate) fn hold(root: u32, ceiling: Option<Ceiling>, buses: Vec<String>) -> watch::Receiver<MemoryKeeper> {
    let (told, known) = watch::channel(MemoryKeeper::Unknown);
    let Some(ceiling) = ceiling else {
        told.send_replace(MemoryKeeper::watchdog("none was asked for"));
        return known;
    };
    tokio::spawn(async move {
        let keeper = held_by(root, ceiling, &buses).await;
        match &keeper {
            MemoryKeeper::ControlGroup { unit, most } => {
                tracing::info!(
                    unit,
                    most,
                    "a control group holds the memory of the engine and its boxes"
                );
            }
            MemoryKeeper::Watchdog { reason } => {
                tracing::info!(
                    reason,
                    "no control group holds the memory of the boxes; their wrappers watch it"
                );
            }
            MemoryKeeper::Unknown => {}
        }
        told.send_replace(keeper);
    });
    known
}

#[cfg(not(target_os = "linux"))]
async fn held_by(_root: u32, _ceiling: Ceiling, _buses: &[String]) -> MemoryKeeper {
    MemoryKeeper::watchdog("there are none on this system")
}

#[cfg(target_os = "linux")]
use linux::held_by;

#[cfg(target_os = "linux")]
mod linux {
    use std::path::Path;
    use std::time::Duration;

    use anyhow::Context as _;
    use cowork_policy::confinement::Ceiling;
    use zbus::zvariant::{OwnedObjectPath, Value};
    use zbus::{Connection, connection};

    use super::MemoryKeeper;
    use crate::process_table::{ProcessIdentity, descendants};

    const NAME: &str = "org.freedesktop.systemd1";
    const PATH: &str = "/org/freedesktop/systemd1";
    const INTERFACE: &str = "org.freedesktop.systemd1.Manager";

    /// For all of it with one manager. It takes some milliseconds; nobody waits for it.
    const PATIENCE: Duration = Duration::from_secs(10);
    /// How long the manager takes at most to move a process that it said it will, and how often that is looked at.
    const MOVE: Duration = Duration::from_secs(3);
    const LOOK_EACH: Duration = Duration::from_millis(20);
    /// Rounds of moving in what was started by a process that was not moved yet.
    const ROUNDS: usize = 5;

    /// A property of a unit, as the manager takes it.
    type Property<'a> = (&'a str, Value<'a>);
    /// No other units come with it.
    type NoMore<'a> = Vec<(&'a str, Vec<Property<'a>>)>;

    pub(super) async fn held_by(root: u32, ceiling: Ceiling, buses: &[String]) -> MemoryKeeper {
        let mut reasons = Vec::new();
        for address in buses {
            let asked = tokio::time::timeout(PATIENCE, ask(root, ceiling, address)).await;
            match asked.unwrap_or_else(|_| Err(anyhow::anyhow!("it did not answer"))) {
                Ok(keeper) => return keeper,
                Err(error) => reasons.push(format!("{error:#}")),
            }
        }
        MemoryKeeper::watchdog(if reasons.is_empty() {
            "there is no service manager of the person's".to_owned()
        } else {
            reasons.join("; ")
        })
    }

    async fn ask(root: u32, ceiling: Ceiling, address: &str) -> anyhow::Result<MemoryKeeper> {
        let builder = connection::Builder::address(address).context("the address of the bus")?;
        let connection = builder.build().await.context("connecting to the session's bus")?;
        let manager = Manager(connection);
        anyhow::ensure!(
            manager.is_there().await,
            "no service manager is at the session's bus"
        );
        let unit = format!("cowork-engine-{root}.scope");
        manager.start(&unit, root, ceiling).await?;
        let moved = async {
            while group_of(root).is_none_or(|group| !group.ends_with(&format!("/{unit}"))) {
                tokio::time::sleep(LOOK_EACH).await;
            }
        };
        tokio::time::timeout(MOVE, moved)
            .await
            .context("the service manager took the engine in, and did not move it")?;
        manager.take_in_the_rest(&unit, root).await?;
        let group = group_of(root).context("the engine is gone")?;
        let most =
            bound_of(&group).context("the system does not let a person's programs be bound by memory")?;
        Ok(MemoryKeeper::ControlGroup { unit, most })
    }

    struct Manager(Connection);

    impl Manager {
        /// Nobody is started for having been asked.
        async fn is_there(&self) -> bool {
            let bus = "org.freedesktop.DBus";
            let asked = self.0.call_method(
                Some(bus),
                "/org/freedesktop/DBus",
                Some(bus),
                "NameHasOwner",
                &NAME,
            );
            asked
                .await
                .is_ok_and(|answer| answer.body().deserialize().unwrap_or(false))
        }

        async fn call(
            &self,
            method: &str,
            body: &(impl serde::Serialize + zbus::zvariant::DynamicType + Sync),
        ) -> zbus::Result<zbus::Message> {
            self.0
                .call_method(Some(NAME), PATH, Some(INTERFACE), method, body)
                .await
        }

        async fn start(&self, unit: &str, root: u32, ceiling: Ceiling) -> anyhow::Result<()> {
            let mut properties = properties(root, ceiling);
            let none = NoMore::new();
            let mut started = self
                .call("StartTransientUnit", &(unit, "fail", &properties, &none))
                .await;
            if let Err(zbus::Error::MethodError(name, said, _)) = &started {
                // A manager from before it knew this one ends what was moved in when the kernel ends one process of it:
                // the engine then starts anew, as after any end.
                tracing::debug!(%name, said, "the service manager refuses; asked without what only newer ones know");
                properties.retain(|(name, _)| *name != "OOMPolicy");
                started = self
                    .call("StartTransientUnit", &(unit, "fail", &properties, &none))
                    .await;
            }
            let started = started.context("the service manager refused")?;
            let _job: OwnedObjectPath = started.body().deserialize().context("its answer")?;
            Ok(())
        }

        /// What a process started before it was moved itself is not in the group, nor what that starts.
        async fn take_in_the_rest(&self, unit: &str, root: u32) -> anyhow::Result<()> {
            for _ in 0..ROUNDS {
                let within = format!("/{unit}");
                let outside: Vec<u32> = all(root)
                    .into_iter()
                    .filter(|process| group_of(*process).is_some_and(|group| !group.ends_with(&within)))
                    .collect();
                if outside.is_empty() {
                    return Ok(());
                }
                let body = (unit, "", &outside);
                // One that ended meanwhile makes it an error as a whole; the next round has those that are left.
                if let Err(error) = self.call("AttachProcessesToUnit", &body).await {
                    tracing::debug!(%error, "moving in what the engine started meanwhile");
                }
            }
            anyhow::bail!("some of what the engine started could not be moved in")
        }
    }

    fn all(root: u32) -> Vec<u32> {
        let below = descendants(root).into_iter().map(ProcessIdentity::process_id);
        [root].into_iter().chain(below).collect()
    }

    fn properties(root: u32, ceiling: Ceiling) -> Vec<Property<'static>> {
        vec![
            (
                "Description",
                Value::from("An engine of agents and all that it runs"),
            ),
            ("PIDs", Value::from(all(root))),
            // Where the desktop's programs are, with which it shares the processors.
            ("Slice", Value::from("app.slice")),
            ("MemoryMax", Value::from(ceiling.memory)),
            ("TasksMax", Value::from(ceiling.tasks)),
            ("CPUWeight", Value::from(ceiling.processor_weight)),
            // When the kernel ends one command for its memory, the engine and the other commands go on.
            ("OOMPolicy", Value::from("continue")),
            // One that failed is forgotten with its last process.
            ("CollectMode", Value::from("inactive-or-failed")),
        ]
    }

    /// The control group a process is in, of the one hierarchy there is since version 2.
    fn group_of(process: u32) -> Option<String> {
        let listed = std::fs::read_to_string(format!("/proc/{process}/cgroup")).ok()?;
        let group = listed.lines().find_map(|line| line.strip_prefix("0::"))?;
        Some(group.to_owned())
    }

    /// The bound of memory that the kernel has for a group, if it has one.
    fn bound_of(group: &str) -> Option<u64> {
        let file = Path::new("/sys/fs/cgroup")
            .join(group.trim_start_matches('/'))
            .join("memory.max");
        std::fs::read_to_string(file).ok()?.trim().parse().ok()
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
