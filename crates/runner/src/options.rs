//! What a runner is told, and what it says is there.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::language::Language;
use crate::limits::Limits;

/// Where a runner finds and puts things.
#[derive(Clone, Debug)]
pub struct Options {
    /// The person's own search path; the system's directories come after it.
    pub search_path: OsString,
    /// The person's home, of which nothing but toolchains is shown to a code block.
    pub home: Option<PathBuf>,
    /// What is compiled is kept here; a directory of its own, which no box can write.
    pub cache: PathBuf,
    /// Sources lie below it while they run; usually the directory for temporary files.
    pub scratch: PathBuf,
    /// bubblewrap, where it is not to be looked for in the system's directories.
    pub bubblewrap: Option<PathBuf>,
    /// Whether a container engine may do it where bubblewrap cannot.
    pub containers: bool,
    /// Images that take the place of the usual ones.
    pub images: BTreeMap<Language, String>,
    /// How much may be used.
    pub limits: Limits,
}

/// A language that can run here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Which.
    pub language: Language,
    /// The program that runs or compiles it.
    pub program: PathBuf,
}
