//! An engine that finds its port taken.

use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::{port, real_engine};

/// Takes the given port as many times as the file `thefts` says, a number that is counted down, and becomes the real
/// engine: the socket stays open in it, so that it finds its port taken by a stranger.
#[cfg(unix)]
pub(crate) fn steal(folder: &Path, arguments: Vec<OsString>) -> anyhow::Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;

    let file = folder.join("thefts");
    let thefts: u32 = std::fs::read_to_string(&file)
        .context("reading how many ports to take")?
        .trim_end()
        .parse()
        .context("the thefts are no number")?;
    if let Some(left) = thefts.checked_sub(1) {
        let (_, port) = port(&arguments)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).context("taking the port")?;
        rustix::io::fcntl_setfd(&listener, rustix::io::FdFlags::empty())
            .context("keeping the port for the engine")?;
        // It lives on in the program that takes our place.
        std::mem::forget(listener);
        std::fs::write(&file, left.to_string()).context("counting down")?;
    }
    let error = std::process::Command::new(real_engine(folder)?)
        .args(arguments)
        .exec();
    Err(error).context("becoming the engine")
}

#[cfg(not(unix))]
pub(crate) fn steal(folder: &Path, arguments: Vec<OsString>) -> anyhow::Result<ExitCode> {
    let _ = (
        TcpListener::bind((Ipv4Addr::LOCALHOST, port(&arguments)?.1)),
        real_engine(folder),
    );
    anyhow::bail!("a socket cannot be handed on here")
}
