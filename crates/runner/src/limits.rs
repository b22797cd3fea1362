//! How much a code block may use.

use std::time::Duration;

const MIB: u64 = 1 << 20;

/// How much one phase of a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseLimits {
    /// From its start to its end.
    pub wall: Duration,
    /// Seconds on a processor for each process.
    pub processor_seconds: u64,
    /// Bytes of memory: of each process by the kernel, of all together by a watch that looks forty times a second.
    pub memory: u64,
    /// Processes and threads at once.
    pub processes: u64,
    /// Open files of each process.
    pub open_files: u64,
    /// Bytes of one file.
    pub file_size: u64,
    /// Bytes of the scratch directory.
    pub scratch: u64,
    /// Bytes of output, of both streams together. More than a person reads, little enough to keep.
    pub output: usize,
}

/// How much a code block may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The code block itself.
    pub run: PhaseLimits,
    /// Compiling it.
    pub compile: PhaseLimits,
    /// Runs at the same time. A laptop's processors are not all for code blocks.
    pub at_once: usize,
    /// Runs that wait for a place; one more is refused.
    pub waiting: usize,
    /// Bytes of source.
    pub source: usize,
    /// Bytes of compiled code blocks that are kept.
    pub kept_bytes: u64,
    /// Compiled code blocks that are kept.
    pub kept_entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let run = PhaseLimits {
            wall: Duration::from_secs(10),
            processor_seconds: 10,
            memory: 512 * MIB,
            processes: 256,
            open_files: 64,
            file_size: 64 * MIB,
            scratch: 64 * MIB,
            output: 256 * 1024,
        };
        Self {
            run,
            compile: PhaseLimits {
                wall: Duration::from_mins(1),
                processor_seconds: 60,
                memory: 1024 * MIB,
                processes: 512,
                // Linkers and the caches of compilers hold many files open.
                open_files: 1024,
                file_size: 256 * MIB,
                scratch: 512 * MIB,
                output: 256 * 1024,
            },
            at_once: 4,
            waiting: 32,
            source: 1024 * 1024,
            kept_bytes: 256 * MIB,
            kept_entries: 200,
        }
    }
}
