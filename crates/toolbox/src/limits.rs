//! How much a boxed program may use, as far as the kernel holds it for each process.

use std::str::FromStr;

use cowork_policy::confinement::{Limit, Limits};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limits in the order they are handed on in.
const RESOURCES: [Resource; 5] = [
    Resource::Nproc,
    Resource::Nofile,
    Resource::Fsize,
    Resource::Data,
    Resource::Cpu,
];

/// What the kernel is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kernel([u64; 5]);

impl Kernel {
    /// The kernel counts processes by user, and in a user namespace of its own those of the box alone; `others` are
    /// those it counts beside where there is none.
    ///
    /// What runs in the `background` has a bound of its own on processors.
    pub(crate) fn of(limits: &Limits, others: u64, background: bool) -> Self {
        Self([
            limits.processes.saturating_add(others),
            limits.open_files,
            limits.file_size,
            limits.process_memory,
            on_processors(background).of(limits),
        ])
    }

    /// Binds this process and what it starts. What is bound tighter already stays so.
    pub(crate) fn apply(self) -> std::io::Result<()> {
        for (resource, most) in RESOURCES.into_iter().zip(self.0) {
            // At the lower of the two a program is told, and can then be told from one that was killed.
            let hard = if resource == Resource::Cpu {
                most.saturating_add(GRACE)
            } else {
                most
            };
            let hard = getrlimit(resource).maximum.map_or(hard, |old| old.min(hard));
            let bound = set(resource, most.min(hard), hard);
            if cfg!(target_os = "macos") && resource == Resource::Nofile && bound.is_err() {
                let fewer = hard.min(OPEN_MAX);
                set(resource, fewer, fewer)?;
            } else {
                bound?;
            }
        }
        // A dump of memory would hold what was in it, in the folder.
        set(Resource::Core, 0, 0)
    }
}

/// The most open files that macOS takes for a limit on every machine.
const OPEN_MAX: u64 = 10_240;

/// Seconds on a processor in which a program that hears of its end can put its things in order.
const GRACE: u64 = 5;

/// The limit on processors for what runs in the background, or not.
fn on_processors(background: bool) -> Limit {
    if background {
        Limit::BackgroundProcessor
    } else {
        Limit::Processor
    }
}

/// What to say of a program that ended with `code`, if the limit on processors ended it: `SIGXCPU`, as shells hand it on,
/// when it and its children have used so much.
pub(crate) fn ended_by_processor(limits: &Limits, background: bool, code: i32) -> Option<String> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    const BY_SIGNAL: i32 = 128;
    if code != BY_SIGNAL + libc::SIGXCPU {
        return None;
    }
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let used = used.user_time() + used.system_time();
    let limit = on_processors(background);
    let most = limit.of(limits);
    // Rounded, since the kernel looks at its own count, which is finer.
    let rounded = (used.num_milliseconds() + 500) / 1_000;
    if u64::try_from(rounded).unwrap_or(0) < most {
        return None;
    }
    let what = if background {
        "a server of tools, which runs in the background,"
    } else {
        "a process"
    };
    Some(format!(
        "stopped by the box: {what} used more than {} of processor time. Raise the limit of this folder in the app, or \
         have it do less at a time.",
        limit.in_words(most)
    ))
}

fn set(resource: Resource, current: u64, most: u64) -> std::io::Result<()> {
    let limit = Rlimit {
        current: Some(current),
        maximum: Some(most),
    };
    Ok(setrlimit(resource, limit)?)
}

impl std::fmt::Display for Kernel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers = self.0.map(|number| number.to_string());
        formatter.write_str(&numbers.join(","))
    }
}

impl FromStr for Kernel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u64>, _> = text.split(',').map(str::parse).collect();
        let numbers = numbers.map_err(|error| error.to_string())?;
        let numbers = numbers.try_into().map_err(|_| "not five limits".to_owned())?;
        Ok(Self(numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_come_back_as_they_were() {
        let limits = Kernel::of(&Limits::default(), 7, true);
        assert_eq!(limits.to_string().parse(), Ok(limits));
        assert!("1,2".parse::<Kernel>().is_err());
    }

    #[test]
    fn what_ends_otherwise_is_not_laid_to_the_processor() {
        let limits = Limits::default();
        assert_eq!(ended_by_processor(&limits, false, 0), None);
        assert_eq!(
            ended_by_processor(&limits, false, 128 + libc::SIGXCPU),
            None,
            "it says so, and has used nothing"
        );
    }
}
