//! How much a boxed program may use, as far as the kernel holds it for each process.

use std::str::FromStr;

use cowork_policy::confinement::Limits;
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
    pub(crate) fn of(limits: &Limits, others: u64) -> Self {
        Self([
            limits.processes.saturating_add(others),
            limits.open_files,
            limits.file_size,
            limits.process_memory,
            limits.processor_seconds,
        ])
    }

    /// Binds this process and what it starts. What is bound tighter already stays so.
    pub(crate) fn apply(self) -> std::io::Result<()> {
        for (resource, most) in RESOURCES.into_iter().zip(self.0) {
            let most = getrlimit(resource).maximum.map_or(most, |old| old.min(most));
            set(resource, most)?;
        }
        // A dump of memory would hold what was in it, in the folder.
        set(Resource::Core, 0)
    }
}

fn set(resource: Resource, most: u64) -> std::io::Result<()> {
    let limit = Rlimit {
        current: Some(most),
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
        let limits = Kernel::of(&Limits::default(), 7);
        assert_eq!(limits.to_string().parse(), Ok(limits));
        assert!("1,2".parse::<Kernel>().is_err());
    }
}
