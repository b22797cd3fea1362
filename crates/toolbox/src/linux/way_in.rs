//! The way into a box, for the app's preview: what serves in the box is told to the app, and a connection it asks for is
//! made from inside.
//!
//! Nothing connects into a box: its network is its own. What runs first in it connects out to a socket that the app
//! listens at, one for each folder, and says which ports serve. For each connection the app wants it is given a ticket,
//! by which it hands over a new stream that leads to the port. The app trusts nothing of this, since a program in the box
//! can say the same: what it gains is that a person sees what it serves, which is what this is for.
//!
//! ```text
//! box: "serves\n"                    a box that has servers; then, whenever it changes:  "ports 5173 8080\n"
//! app: "open 5173 TICKET\n"          on the same connection
//! box: "stream TICKET\n" + bytes     on a connection of its own; or "refused TICKET\n"
//! ```

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::bridge::start;
use crate::yard::IN_ENGINES_BOX;

/// The name of the socket in a box.
pub(crate) const SOCKET: &str = "way-in.sock";

/// How often it looks. A person does not wait longer for a server they were told of, and a box that serves nothing costs
/// the reading of two short files.
const LOOK_EACH: Duration = Duration::from_secs(1);

/// A page opens tens of connections at once, and each costs two threads.
const MOST_STREAMS: usize = 64;

/// Of the kernel's list. What listens comes first in it, so that what lies behind is connections.
const MOST_OF_LIST: u64 = 64 << 10;

/// Nobody looks at more servers of one command.
const MOST_PORTS: usize = 16;

/// The longest word of the app's, with room.
const MOST_OF_LINE: u64 = 256;

/// A server on the same machine takes a connection at once, or is overrun.
const CONNECT: Duration = Duration::from_secs(2);

/// In the kernel's list the state of a socket that listens.
const LISTENS: &str = "0A";

/// Begins to look, in a thread that ends with the process. `bridge` is our own port, which is no server.
///
/// # Errors
/// When there can be no thread.
pub(crate) fn watch(bridge: Option<u16>) -> io::Result<()> {
    let socket = Path::new(IN_ENGINES_BOX).join(SOCKET);
    if !socket.exists() {
        return Ok(());
    }
    start(move || {
        let mut control = None;
        let mut seen = Vec::new();
        loop {
            let found = listening(bridge);
            // Twice in a row: what a test opens for a moment is no server for a person.
            let serves: Vec<Server> = found
                .iter()
                .filter(|server| seen.contains(*server))
                .copied()
                .collect();
            seen = found;
            if control.is_none() && !serves.is_empty() {
                control = Control::open(&socket).ok();
            }
            let Some(open) = &mut control else {
                thread::sleep(LOOK_EACH);
                continue;
            };
            if open.tell(&serves).and_then(|()| open.obey(&socket)).is_err() {
                // The app is gone, and with it soon the box.
                control = None;
                thread::sleep(LOOK_EACH);
            }
        }
    })
}

/// What listens, and where it is reached in the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Server {
    port: u16,
    address: IpAddr,
}

/// The connection over which the app is told, and asks.
struct Control {
    stream: BufReader<UnixStream>,
    line: Vec<u8>,
    serves: Vec<Server>,
    streams: Arc<AtomicUsize>,
}

impl Control {
    fn open(socket: &Path) -> io::Result<Self> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_write_timeout(Some(LOOK_EACH))?;
        stream.set_read_timeout(Some(LOOK_EACH))?;
        stream.write_all(b"serves\n")?;
        Ok(Self {
            stream: BufReader::with_capacity(1024, stream),
            line: Vec::new(),
            serves: Vec::new(),
            streams: Arc::default(),
        })
    }

    fn tell(&mut self, serves: &[Server]) -> io::Result<()> {
        if self.serves == serves {
            return Ok(());
        }
        let mut line = "ports".to_owned();
        for server in serves {
            line.push(' ');
            line.push_str(&server.port.to_string());
        }
        line.push('\n');
        self.stream.get_mut().write_all(line.as_bytes())?;
        self.serves = serves.to_vec();
        Ok(())
    }

    /// Does what the app asks for until it is time to look again.
    fn obey(&mut self, socket: &Path) -> io::Result<()> {
        let until = std::time::Instant::now() + LOOK_EACH;
        while std::time::Instant::now() < until {
            let room = MOST_OF_LINE.saturating_sub(self.line.len() as u64);
            let read = (&mut self.stream).take(room).read_until(b'\n', &mut self.line);
            match read {
                Ok(_) if self.line.ends_with(b"\n") => {
                    let line = std::mem::take(&mut self.line);
                    self.answer(&line, socket)?;
                }
                // Its end, or a line without one.
                Ok(_) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn answer(&self, line: &[u8], socket: &Path) -> io::Result<()> {
        let line = std::str::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData)?;
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let ["open", port, ticket] = words.as_slice() else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        let wanted: u16 = port.parse().map_err(|_| io::ErrorKind::InvalidData)?;
        let server = self.serves.iter().find(|server| server.port == wanted).copied();
        let (socket, ticket) = (socket.to_owned(), (*ticket).to_owned());
        let is_full = self.streams.load(Ordering::Relaxed) >= MOST_STREAMS;
        let Some(server) = server.filter(|_| !is_full) else {
            return introduced(&socket, "refused", &ticket).map(drop);
        };
        let counted = Counted::new(&self.streams);
        start(move || {
            let _counted = counted;
            // Whoever waits for it sees that it ended.
            let _broken = lead(server, &socket, &ticket);
        })
    }
}

/// One of the open streams.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(open))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn introduced(socket: &Path, word: &str, ticket: &str) -> io::Result<UnixStream> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(format!("{word} {ticket}\n").as_bytes())?;
    Ok(stream)
}

/// Connects a stream of the app's with a server.
fn lead(server: Server, socket: &Path, ticket: &str) -> io::Result<()> {
    let there = TcpStream::connect_timeout(&SocketAddr::new(server.address, server.port), CONNECT);
    let there = match there {
        Ok(there) => there,
        Err(error) => {
            introduced(socket, "refused", ticket)?;
            return Err(error);
        }
    };
    there.set_nodelay(true)?;
    let app = introduced(socket, "stream", ticket)?;
    let (mut from_app, mut to_server) = (app.try_clone()?, there.try_clone()?);
    start(move || {
        let _broken = io::copy(&mut from_app, &mut to_server);
        // The app hears answers to their end. When it lets go nobody reads any more, and a server that goes on would
        // keep both threads.
        let _gone = to_server.shutdown(Shutdown::Both);
    })?;
    let copied = io::copy(&mut &there, &mut &app);
    let _gone = app.shutdown(Shutdown::Both);
    let _gone = there.shutdown(Shutdown::Both);
    copied.map(drop)
}

/// What listens where a connection from this machine to itself arrives.
fn listening(bridge: Option<u16>) -> Vec<Server> {
    let mut found: Vec<Server> = Vec::new();
    for list in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
        let mut text = Vec::new();
        let read = std::fs::File::open(list).and_then(|file| file.take(MOST_OF_LIST).read_to_end(&mut text));
        // Without IPv6 there is no second list.
        if read.is_ok() {
            found.extend(listed(&String::from_utf8_lossy(&text)));
        }
    }
    found.retain(|server| Some(server.port) != bridge);
    found.sort_unstable();
    // The first of a port is the one of IPv4.
    found.dedup_by_key(|server| server.port);
    found.truncate(MOST_PORTS);
    found
}

fn listed(list: &str) -> impl Iterator<Item = Server> {
    list.lines().skip(1).filter_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let (address, port) = words.next()?.split_once(':')?;
        let state = words.nth(1)?;
        let port = u16::from_str_radix(port, 16).ok()?;
        let address = reached_at(address)?;
        (state == LISTENS).then_some(Server { port, address })
    })
}

/// Where what listens at an address of the kernel's list is reached, if it is from this machine itself.
fn reached_at(address: &str) -> Option<IpAddr> {
    // Words of 32 bits, each as this processor keeps it.
    let word = |at: usize| {
        Some(
            u32::from_str_radix(address.get(at..at + 8)?, 16)
                .ok()?
                .to_ne_bytes(),
        )
    };
    match address.len() {
        8 => {
            let address = Ipv4Addr::from(word(0)?);
            let everywhere = address.is_unspecified().then_some(Ipv4Addr::LOCALHOST);
            Some(everywhere.or(address.is_loopback().then_some(address))?.into())
        }
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            let mut bytes = [0; 16];
            for (to, from) in bytes.iter_mut().zip(words.iter().flatten()) {
                *to = *from;
            }
            let address = Ipv6Addr::from(bytes);
            if address.is_unspecified() || address.is_loopback() {
                return Some(Ipv6Addr::LOCALHOST.into());
            }
            let mapped = address.to_ipv4_mapped()?;
            mapped.is_loopback().then_some(mapped.into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn what_listens_on_the_machine_itself_is_found_in_the_kernels_list() {
        let list = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
             0: 0100007F:1435 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000\n\
             1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000\n\
             2: 0100A8C0:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000\n\
             3: 0100007F:1436 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000\n\
             4: garbled\n";
        let found: Vec<_> = listed(list).collect();
        let local = IpAddr::from(Ipv4Addr::LOCALHOST);
        assert_eq!(
            found,
            [
                Server {
                    port: 5173,
                    address: local
                },
                Server {
                    port: 8080,
                    address: local
                }
            ]
        );
        for (address, expected) in [
            ("00000000000000000000000000000000", Some("::1")),
            ("00000000000000000000000001000000", Some("::1")),
            ("0000000000000000FFFF00000100007F", Some("127.0.0.1")),
            ("B80D0120000000000000000001000000", None),
            ("0200007F", Some("127.0.0.2")),
            ("", None),
        ] {
            let found = reached_at(address).map(|found| found.to_string());
            assert_eq!(found.as_deref(), expected, "{address}");
        }
    }
}
