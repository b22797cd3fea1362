//! Which processes were started: one file for each, so that what a fault left behind is found again.
//!
//! A file is written before the process is started and says who it is (id, start time, command line), which nonce its environment and that of all its
//! descendants carries, and who kept it. The reaper kills only what is recorded here, is still what was recorded or
//! carries the nonce, and is proved orphaned: its keeper is gone. Whoever reaps holds the claim on the home, so no
//! keeper can come up meanwhile.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::home::make_private_directory;
use crate::process_table::{self, ProcessIdentity};
use crate::seed::write_atomically;

/// A record is a few kilobytes, most of it the command line; whatever is longer was not written by us.
const RECORD_BYTES: u64 = 256 * 1024;
/// Records read at most. Each run has one, and it is struck when it ends.
const RECORDS: usize = 1_000;

/// What the environment of one run carries: 128 random bits as hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Nonce(String);

impl Nonce {
    /// # Errors
    /// When the operating system has no random source to offer.
    pub(crate) fn random() -> anyhow::Result<Self> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes)
            .map_err(|error| anyhow::anyhow!("taking a nonce from the random source: {error}"))?;
        Ok(Self(bytes.iter().fold(String::new(), |mut digits, byte| {
            // Writing to a String cannot fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        })))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// One that could not have been made here would match what is not ours: an empty one, everything.
    fn is_whole(&self) -> bool {
        self.0.len() == 32 && self.0.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

/// One process that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) process: ProcessIdentity,
    /// Its arguments, the program's name first.
    pub(crate) command_line: Vec<String>,
    /// Of its run. A wrapper itself carries none; what runs in it does.
    pub(crate) nonce: Nonce,
    /// The process that started it and would end it.
    pub(crate) keeper: ProcessIdentity,
}

impl Record {
    /// That a process is about to be started with these arguments. Written down before, so that a fault between the
    /// start and the record leaves nothing that is not known.
    pub(crate) fn planned(command: &Command, nonce: &Nonce) -> Option<Self> {
        let (keeper, _) = process_table::look_up(std::process::id())?;
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        Some(Self {
            process: ProcessIdentity::not_started_yet(),
            command_line: words.map(|word| word.to_string_lossy().into_owned()).collect(),
            nonce: nonce.clone(),
            keeper,
        })
    }

    /// That `process_id` was started by us in the run of `nonce`; `None` when it is gone already.
    pub(crate) fn of(process_id: u32, nonce: &Nonce) -> Option<Self> {
        let (process, command_line) = process_table::look_up(process_id)?;
        let (keeper, _) = process_table::look_up(std::process::id())?;
        Some(Self {
            process,
            command_line,
            nonce: nonce.clone(),
            keeper,
        })
    }
}

/// The directory of records of one home.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    directory: PathBuf,
}

/// What a look at the registry came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reaped {
    /// Records whose keeper is gone.
    pub(crate) orphaned: usize,
    /// Processes that stay although they were killed.
    pub(crate) left: usize,
}

impl Registry {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Writes a record down.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn note(&self, record: &Record) -> io::Result<()> {
        make_private_directory(&self.directory)?;
        write_atomically(&self.file(&record.nonce), &serde_json::to_vec(record)?)
    }

    /// Takes out a run of which nothing is left.
    pub(crate) fn strike(&self, nonce: &Nonce) {
        let file = self.file(nonce);
        if let Err(error) = fs::remove_file(&file)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, file = %file.display(), "striking a process off the registry");
        }
    }

    fn file(&self, nonce: &Nonce) -> PathBuf {
        self.directory.join(format!("{}.json", nonce.as_str()))
    }

    /// Ends what keepers that are gone have left behind, and strikes it. For whoever holds the claim on the home.
    pub(crate) fn reap(&self) -> Reaped {
        let mut reaped = Reaped::default();
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()).take(RECORDS) {
            let Some(record) = read(&path) else {
                tracing::warn!(file = %path.display(), "what is no record was removed from the registry");
                remove(&path);
                continue;
            };
            // What we kept ourselves has ended, or nobody would hold the seat that reaping takes.
            if record.keeper.process_id() != std::process::id() && record.keeper.is_alive() {
                continue;
            }
            reaped.orphaned += 1;
            let left = process_table::kill_run(&record);
            if left == 0 {
                remove(&path);
            }
            reaped.left += left;
        }
        reaped
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(%error, file = %path.display(), "removing a record");
    }
}

fn read(path: &Path) -> Option<Record> {
    let mut contents = Vec::new();
    File::open(path)
        .ok()?
        .take(RECORD_BYTES)
        .read_to_end(&mut contents)
        .ok()?;
    serde_json::from_slice::<Record>(&contents)
        .ok()
        .filter(|record| record.nonce.is_whole())
}
