//! What stands in the engine's place: the real engine behind something that makes trouble.
//!
//! The folder a stand-in lies in holds a file `engine` with the path of the real one, and the files by which a test
//! tells it when to do what it is there for.

mod stall;
mod steal;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

pub(crate) use stall::stall;
pub(crate) use steal::steal;

fn real_engine(folder: &Path) -> anyhow::Result<PathBuf> {
    let file = folder.join("engine");
    let path = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    Ok(PathBuf::from(path.trim_end()))
}

/// Where in the arguments the port stands, and which it is.
fn port(arguments: &[std::ffi::OsString]) -> anyhow::Result<(usize, u16)> {
    let place = arguments
        .iter()
        .position(|argument| argument == "--port")
        .context("no port was given")?
        + 1;
    let port = arguments.get(place).and_then(|port| port.to_str());
    let port = port
        .context("the port is missing")?
        .parse()
        .context("the port is no number")?;
    Ok((place, port))
}
