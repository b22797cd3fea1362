//! The way out of a box that has no network: a port on its own loopback, behind which sits the app's gateway.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::yard::IN_ENGINES_BOX;

/// The usual port of a proxy. Another one is taken when it is not free.
pub(crate) const PORT: u16 = 3128;

/// No package manager opens more at once; each costs two threads.
const MOST_CONNECTIONS: usize = 128;

/// Enough to copy bytes.
const STACK: usize = 64 << 10;

/// Opens the port. The threads behind it end with the process.
pub(crate) fn open() -> io::Result<SocketAddr> {
    let gateway = Path::new(IN_ENGINES_BOX).join("gateway.sock");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    let open = Arc::new(AtomicUsize::new(0));
    start(move || {
        for stream in listener.incoming().flatten() {
            if open.load(Ordering::Relaxed) >= MOST_CONNECTIONS {
                // Closed unanswered: whoever asks tries again.
                continue;
            }
            let Ok(upstream) = UnixStream::connect(&gateway) else {
                continue;
            };
            open.fetch_add(1, Ordering::Relaxed);
            let open = Arc::clone(&open);
            let counted = Arc::clone(&open);
            let relay = start(move || {
                let _broken = relay(&stream, &upstream);
                open.fetch_sub(1, Ordering::Relaxed);
            });
            if relay.is_err() {
                counted.fetch_sub(1, Ordering::Relaxed);
            }
        }
    })?;
    Ok(address)
}

/// Copies both ways until both are at their end.
fn relay(inner: &TcpStream, outer: &UnixStream) -> io::Result<()> {
    let (mut inner_reader, mut outer_writer) = (inner.try_clone()?, outer.try_clone()?);
    start(move || {
        let _broken = io::copy(&mut inner_reader, &mut outer_writer);
        let _gone = outer_writer.shutdown(Shutdown::Write);
    })?;
    let (mut outer_reader, mut inner_writer) = (outer, inner);
    let copied = io::copy(&mut outer_reader, &mut inner_writer);
    let _gone = inner.shutdown(Shutdown::Write);
    copied.map(drop)
}

/// Starts a thread with no more stack than copying takes.
pub(crate) fn start(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().stack_size(STACK).spawn(work).map(drop)
}
