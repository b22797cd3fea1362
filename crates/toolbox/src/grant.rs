//! Opening a folder to an engine that runs already, without starting it again.
//!
//! The app runs the command this makes outside of the engine's box. Commands that start afterwards see the folder when
//! the rules have it; one that is running does not.

use std::path::Path;
use std::process::Command;

/// The command that mounts `folder` into the view of files of the process `engine`, which may be any in its box.
#[must_use]
pub fn grant(wrapper: &Path, engine: u32, folder: &Path, writable: bool) -> Command {
    let mut command = command(wrapper, engine, folder);
    if !writable {
        command.arg("--read-only");
    }
    command
}

/// The command that takes the folder away again.
#[must_use]
pub fn revoke(wrapper: &Path, engine: u32, folder: &Path) -> Command {
    let mut command = command(wrapper, engine, folder);
    command.arg("--revoke");
    command
}

fn command(wrapper: &Path, engine: u32, folder: &Path) -> Command {
    let mut command = Command::new(wrapper);
    command
        .arg("grant")
        .arg("--pid")
        .arg(engine.to_string())
        .arg("--folder")
        .arg(folder);
    command
}
