//! An engine whose stream of events falls silent without closing.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;

use super::{port, real_engine};

/// How the request for the stream of events begins.
const EVENTS: &[u8] = b"GET /global/event";

/// Bytes taken at once. A request's beginning always fits.
const CHUNK: usize = 64 * 1024;

/// Runs the real engine on another port and carries every byte between the two. The first piece of an open stream of
/// events that comes while the file `stall` is there takes the file away, and neither it nor anything after it on that
/// stream is handed on. Other connections, new streams among them, are not touched.
pub(crate) fn stall(folder: &Path, mut arguments: Vec<OsString>) -> anyhow::Result<ExitCode> {
    let (place, outer) = port(&arguments)?;
    // Before the engine says that it listens.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, outer)).context("listening")?;
    let inner = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|free| free.local_addr())
        .context("looking for another port")?
        .port();
    if let Some(argument) = arguments.get_mut(place) {
        *argument = inner.to_string().into();
    }
    // Its output is ours: what it says reaches the supervisor as it is.
    let mut engine = std::process::Command::new(real_engine(folder)?)
        .args(arguments)
        .spawn()
        .context("starting the engine")?;
    let trigger = folder.join("stall");
    std::thread::Builder::new()
        .name("connections".to_owned())
        .spawn(move || {
            for connection in listener.incoming().flatten() {
                let trigger = trigger.clone();
                // Without a thread the connection closes, which its client sees.
                let _ = std::thread::Builder::new().spawn(move || carry(&connection, inner, &trigger));
            }
        })
        .context("taking connections")?;
    let status = engine.wait().context("waiting for the engine")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Carries one connection until both sides are done with it.
fn carry(client: &TcpStream, port: u16, trigger: &Path) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return;
    };
    let (Ok(from_client), Ok(to_client)) = (client.try_clone(), client.try_clone()) else {
        return;
    };
    let (Ok(from_server), Ok(to_server)) = (server.try_clone(), server.try_clone()) else {
        return;
    };
    for stream in [client, &server] {
        // It only costs time where it fails.
        let _ = stream.set_nodelay(true);
    }
    let is_stream = Arc::new(AtomicBool::new(false));
    let (asked, trigger) = (is_stream.clone(), PathBuf::from(trigger));
    let back = std::thread::Builder::new().spawn(move || {
        pump(from_server, to_client, |_| {
            // Whoever takes the file away is the one that falls silent.
            !(asked.load(Ordering::Acquire) && std::fs::remove_file(&trigger).is_ok())
        });
    });
    pump(from_client, to_server, |bytes| {
        if bytes.starts_with(EVENTS) {
            is_stream.store(true, Ordering::Release);
        }
        true
    });
    if let Ok(back) = back {
        // A panic there closed its half; there is nothing more to do here.
        let _ = back.join();
    }
}

/// Carries bytes as long as `goes_on` says so, and then swallows them.
fn pump(mut from: TcpStream, mut to: TcpStream, mut goes_on: impl FnMut(&[u8]) -> bool) {
    let mut chunk = vec![0; CHUNK];
    let mut silent = false;
    while let Ok(read @ 1..) = from.read(&mut chunk) {
        let bytes = &chunk[..read];
        silent = silent || !goes_on(bytes);
        if !silent && to.write_all(bytes).is_err() {
            break;
        }
    }
    if !silent {
        // The other side may be gone already.
        let _ = to.shutdown(Shutdown::Write);
    }
}
