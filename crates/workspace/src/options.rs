//! What the application is told at its start.

use std::path::PathBuf;

use cowork_brand::{Brand, Places};
use cowork_supervisor::{Confinement, Holder};

use crate::clock::Clock;

/// A server of tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolServer {
    /// Its name; its tools are called after it.
    pub name: String,
    /// Its program and arguments.
    pub command: Vec<String>,
}

/// What the application is told at its start; it reads no environment of its own.
#[derive(Clone, Debug)]
pub struct Options {
    /// The product's names.
    pub brand: Brand,
    /// Where its data is.
    pub places: Places,
    /// The engine's program.
    pub engine: PathBuf,
    /// The ripgrep the engine searches with.
    pub ripgrep: Option<PathBuf>,
    /// The wrapper of commands, `cowork-box`: see [`box_program`].
    pub box_program: PathBuf,
    /// Servers of tools (MCP), each started in the box of the folder it works in. None is ever offered but these.
    pub tool_servers: Vec<ToolServer>,
    /// Which program this is, told to whoever finds the private home taken.
    pub holder: Holder,
    /// This program's version.
    pub version: String,
    /// Folders the person handed over on the command line: granted, and the first is where a window begins.
    pub folders: Vec<PathBuf>,
    /// The person's home directory, in which credentials are kept from the engine; none when the system names none.
    pub home_directory: Option<PathBuf>,
    /// How tightly the engine is bound; the default is as tightly as the computer allows.
    pub confinement: Confinement,
    /// The clocks.
    pub clock: Clock,
    /// Changes the log's level while it runs; none where another program logs.
    pub log: Option<cowork_redact::log::LogControl>,
    /// Keep secrets in plain files of this folder. For development alone: a release build has no such field.
    #[cfg(debug_assertions)]
    pub plaintext_secrets: Option<PathBuf>,
}

/// Where the wrapper of commands is: beside the program that runs, or beside the folder of a test that runs.
#[must_use]
pub fn box_program() -> PathBuf {
    let name = format!("cowork-box{}", std::env::consts::EXE_SUFFIX);
    let program = std::env::current_exe().unwrap_or_default();
    let folders = program.ancestors().skip(1).take(2);
    let mut places = folders.map(|folder| folder.join(&name));
    let beside = places.next().unwrap_or_default();
    std::iter::once(beside.clone())
        .chain(places)
        .find(|place| place.is_file())
        .unwrap_or(beside)
}

/// The folder for secrets in plain files, where a development build was told of one: `COWORK_PLAINTEXT_SECRETS`.
#[cfg(debug_assertions)]
#[must_use]
pub fn plaintext_secrets() -> Option<PathBuf> {
    std::env::var_os("COWORK_PLAINTEXT_SECRETS")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
}
