//! How much a box may use: what every folder has, and what a person sets for one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How much a box may use. Each is held by the kernel where it can be, by a watching parent otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Processes and threads at once.
    pub processes: u64,
    /// Open files of each process.
    pub open_files: u64,
    /// Bytes of one file.
    pub file_size: u64,
    /// Bytes of data of each process (`RLIMIT_DATA`; an address space limit would kill JavaScript runtimes and Java).
    pub process_memory: u64,
    /// Bytes of resident memory of the whole box.
    pub memory: u64,
    /// Seconds on a processor for each process.
    pub processor_seconds: u64,
    /// The same for what runs beside what a person waits for: servers of tools.
    pub background_processor_seconds: u64,
}

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const HOUR: u64 = 60 * 60;

impl Default for Limits {
    /// What a large build takes on a developer's machine, with room; less than what brings such a machine down.
    fn default() -> Self {
        Self {
            processes: 4_096,
            open_files: 16_384,
            file_size: 16 * GIB,
            process_memory: 16 * GIB,
            memory: 12 * GIB,
            processor_seconds: 4 * HOUR,
            // A server of tools waits nearly all of its life: one that works a minute of each hour lasts for days. What
            // spins at nobody's bidding is ended within the afternoon.
            background_processor_seconds: HOUR,
        }
    }
}

/// A limit that a person may set for a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Bytes of memory of all commands of one box together.
    Memory,
    /// Processes and threads at once.
    Processes,
    /// Open files of each process.
    OpenFiles,
    /// Bytes of one file.
    FileSize,
    /// Seconds on a processor for each process.
    Processor,
    /// The same for servers of tools.
    BackgroundProcessor,
}

/// What a limit may be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Less would stop what every folder needs.
    pub least: u64,
    /// What it is when nobody set it.
    pub usual: u64,
    /// More would be no limit.
    pub most: u64,
}

impl Limit {
    /// All of them, as they are listed to a person.
    pub const ALL: [Self; 6] = [
        Self::Memory,
        Self::Processes,
        Self::OpenFiles,
        Self::FileSize,
        Self::Processor,
        Self::BackgroundProcessor,
    ];

    /// What it may be set to.
    #[must_use]
    pub fn range(self) -> Range {
        let usual = self.of(&Limits::default());
        let (least, most) = match self {
            // The least in which a language server, or a compiler with its linker, starts. No computer for one person
            // has the most.
            Self::Memory => (GIB, 1024 * GIB),
            // A shell that builds with a job for each processor, each of them a few processes deep. The most is how many
            // numbers for processes many systems have at all.
            Self::Processes => (128, 32_768),
            // What systems give a program that asked for nothing, and so what programs expect. The most is what the
            // kernel grants anyone unless it is told otherwise.
            Self::OpenFiles => (1_024, 1 << 20),
            // Lockfiles, archives and most binaries are below the least. The most is the largest that people keep on one
            // disk.
            Self::FileSize => (GIB, 4096 * GIB),
            // The smallest that is said in whole hours. A program that has worked for a month is not waited for.
            Self::Processor | Self::BackgroundProcessor => (HOUR, 30 * 24 * HOUR),
        };
        Range { least, usual, most }
    }

    /// Its value among those of a box.
    #[must_use]
    pub fn of(self, limits: &Limits) -> u64 {
        match self {
            Self::Memory => limits.memory,
            Self::Processes => limits.processes,
            Self::OpenFiles => limits.open_files,
            Self::FileSize => limits.file_size,
            Self::Processor => limits.processor_seconds,
            Self::BackgroundProcessor => limits.background_processor_seconds,
        }
    }

    /// An amount of it, as people say it.
    #[must_use]
    pub fn in_words(self, amount: u64) -> String {
        match self {
            Self::Memory | Self::FileSize => bytes_in_words(amount),
            Self::Processor | Self::BackgroundProcessor => seconds_in_words(amount),
            Self::Processes | Self::OpenFiles => amount.to_string(),
        }
    }
}

impl Range {
    /// Whether it may be set to `amount`.
    #[must_use]
    pub fn holds(&self, amount: u64) -> bool {
        (self.least..=self.most).contains(&amount)
    }
}

/// The limits a person set for one folder. What is not among them is as in every folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnLimits(pub BTreeMap<Limit, u64>);

impl OwnLimits {
    /// The limits of the folder. What was set when other bounds were kept is brought within those of now.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let usual = Limits::default();
        let of = |limit: Limit| {
            let range = limit.range();
            let set = self.0.get(&limit).copied();
            set.map_or(range.usual, |set| set.clamp(range.least, range.most))
        };
        let memory = of(Limit::Memory);
        Limits {
            processes: of(Limit::Processes),
            open_files: of(Limit::OpenFiles),
            file_size: of(Limit::FileSize),
            // One process may have all there is, and room beside it: data that was asked for and never touched counts.
            process_memory: usual.process_memory.max(memory.saturating_add(memory / 3)),
            memory,
            processor_seconds: of(Limit::Processor),
            background_processor_seconds: of(Limit::BackgroundProcessor),
        }
    }
}

/// How much the engine may use with all boxes together, where the system can hold them as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceiling {
    /// Bytes of memory.
    pub memory: u64,
    /// Processes and threads at once.
    pub tasks: u64,
    /// Its share of the processors when others want them too; other programs have 100.
    pub processor_weight: u64,
}

impl Ceiling {
    /// For a machine with so much memory.
    #[must_use]
    pub fn of_machine(memory: u64) -> Self {
        Self {
            // A quarter stays for the desktop and the app itself: several boxes that each keep their limits are too much
            // for a machine together, and the kernel would choose among the person's own programs.
            memory: memory / 4 * 3,
            // As many as one folder can be given at most, and eight of the usual at once.
            tasks: Limit::Processes.range().most,
            // Half of what any other program has. It matters only while both want the processors: a build takes all of an
            // idle machine, and a window stays quick.
            processor_weight: 50,
        }
    }
}

/// An amount of memory or of a disk, as people say it.
#[must_use]
pub fn bytes_in_words(bytes: u64) -> String {
    if bytes >= GIB && bytes.is_multiple_of(GIB) {
        format!("{} GB", bytes / GIB)
    } else {
        format!("{} MB", bytes / MIB)
    }
}

/// A length of time, as people say it.
#[must_use]
pub fn seconds_in_words(seconds: u64) -> String {
    match seconds {
        HOUR => "1 hour".to_owned(),
        1 => "1 second".to_owned(),
        seconds if seconds > 0 && seconds.is_multiple_of(HOUR) => format!("{} hours", seconds / HOUR),
        seconds if seconds > 60 && seconds.is_multiple_of(60) => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_may_be_set_and_is_there_when_nothing_is() {
        for limit in Limit::ALL {
            let range = limit.range();
            assert!(range.holds(range.usual), "{limit:?}");
            assert!(range.holds(range.least) && range.holds(range.most));
            assert!(!range.holds(range.least - 1) && !range.holds(range.most + 1));
        }
        assert_eq!(OwnLimits::default().limits(), Limits::default());
    }

    #[test]
    fn each_that_is_set_changes_itself_alone() {
        for limit in Limit::ALL {
            let range = limit.range();
            let set = OwnLimits(BTreeMap::from([(limit, range.least)])).limits();
            for other in Limit::ALL {
                let expected = if other == limit {
                    range.least
                } else {
                    other.range().usual
                };
                assert_eq!(other.of(&set), expected, "{other:?} when {limit:?} is set");
            }
        }
    }

    #[test]
    fn one_process_may_have_the_memory_that_was_raised_for_all() {
        let raised = OwnLimits(BTreeMap::from([(Limit::Memory, 60 * GIB)])).limits();
        assert_eq!(raised.memory, 60 * GIB);
        assert_eq!(raised.process_memory, 80 * GIB);
    }

    #[test]
    fn what_is_out_of_bounds_is_brought_within() {
        let set = OwnLimits(BTreeMap::from([(Limit::Memory, 1), (Limit::OpenFiles, u64::MAX)]));
        assert_eq!(set.limits().memory, GIB);
        assert_eq!(set.limits().open_files, 1 << 20);
    }

    #[test]
    fn they_come_back_from_where_they_are_kept() {
        let set = OwnLimits(BTreeMap::from([(Limit::BackgroundProcessor, 2 * HOUR)]));
        let written = serde_json::to_string(&set).unwrap();
        assert_eq!(written, r#"{"background-processor":7200}"#);
        assert_eq!(serde_json::from_str::<OwnLimits>(&written).unwrap(), set);
    }

    #[test]
    fn all_boxes_together_leave_room_for_the_person_and_hold_what_one_folder_may() {
        let ceiling = Ceiling::of_machine(16 * GIB);
        assert_eq!(ceiling.memory, 12 * GIB);
        assert!(ceiling.tasks >= Limit::Processes.range().most);
        assert!(ceiling.processor_weight < 100);
    }

    #[test]
    fn amounts_are_said_in_round_numbers() {
        assert_eq!(bytes_in_words(12 << 30), "12 GB");
        assert_eq!(bytes_in_words(64 << 20), "64 MB");
        assert_eq!(bytes_in_words(1536 << 20), "1536 MB");
        assert_eq!(seconds_in_words(4 * HOUR), "4 hours");
        assert_eq!(seconds_in_words(HOUR), "1 hour");
        assert_eq!(seconds_in_words(90 * 60), "90 minutes");
        assert_eq!(seconds_in_words(1), "1 second");
        assert_eq!(seconds_in_words(0), "0 seconds");
    }
}
