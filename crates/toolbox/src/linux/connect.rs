//! What SSH of git is told to reach others by: standard input and output, connected to a host by way of the gateway.

use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::process::ExitCode;

use super::bridge::PORT;
use crate::Refusal;

/// The head of an answer is no longer.
const MOST_OF_HEAD: usize = 16 << 10;

/// Connects to `HOST PORT` and copies both ways until the other side is at its end.
pub(crate) fn connect(words: impl IntoIterator<Item = OsString>) -> Result<ExitCode, Refusal> {
    let words: Vec<String> = words
        .into_iter()
        .filter_map(|word| word.into_string().ok())
        .collect();
    let [host, port] = words.as_slice() else {
        return Err(Refusal::new(
            "it needs a host and a port",
            "Usage: cowork-box connect HOST PORT",
        ));
    };
    let asks = ask_for(host, port).ok_or_else(|| {
        Refusal::new(
            format!("{host} {port} is no host and port"),
            "Check the spelling of the address",
        )
    })?;
    let failed = |error: io::Error| {
        Refusal::new(
            format!("{host} could not be reached: {error}"),
            "Open the host to the folder in the app",
        )
    };
    let bridge = address(std::env::var("HTTPS_PROXY").ok().as_deref());
    let stream = TcpStream::connect(bridge).map_err(failed)?;
    (&stream).write_all(asks.as_bytes()).map_err(failed)?;
    let head = head(&stream).map_err(failed)?;
    if !is_good(&head) {
        // What the gateway says of it comes after the head.
        let mut reason = String::new();
        let _partly = (&stream).take(4096).read_to_string(&mut reason);
        let first = head.lines().next().unwrap_or_default();
        return Err(failed(io::Error::other(format!("{first} {}", reason.trim()))));
    }
    relay(&stream).map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

/// The bridge of this box. A proxy that a command chose itself is none.
fn address(proxy: Option<&str>) -> SocketAddr {
    let named = proxy
        .and_then(|url| url.strip_prefix("http://"))
        .and_then(|address| address.parse::<SocketAddr>().ok())
        .filter(|address| address.ip() == Ipv4Addr::LOCALHOST);
    named.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, PORT).into())
}

/// The question for a host and a port, unless they hold what is neither.
fn ask_for(host: &str, port: &str) -> Option<String> {
    let port: u16 = port.parse().ok()?;
    let speaks = |letter: char| letter.is_ascii_alphanumeric() || "-._:[]".contains(letter);
    if host.is_empty() || !host.chars().all(speaks) {
        return None;
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let host = if bare.contains(':') {
        format!("[{bare}]")
    } else {
        bare.to_owned()
    };
    Some(format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
    ))
}

/// The answer up to its empty line. A byte at a time: what follows belongs to whom we connect for.
fn head(mut stream: &TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MOST_OF_HEAD || stream.read(&mut byte)? == 0 {
            return Err(io::Error::other("the gateway did not answer"));
        }
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn is_good(head: &str) -> bool {
    let mut words = head.split(' ');
    words.next().is_some_and(|word| word.starts_with("HTTP/1."))
        && words.next().is_some_and(|code| code.starts_with('2'))
}

fn relay(stream: &TcpStream) -> io::Result<()> {
    let mut sink = stream.try_clone()?;
    std::thread::Builder::new().spawn(move || {
        let _broken = io::copy(&mut io::stdin().lock(), &mut sink);
        let _gone = sink.shutdown(Shutdown::Write);
    })?;
    // Each piece at once: a line that waits for more would keep the other side waiting.
    let mut output = std::fs::File::from(rustix::io::dup(rustix::stdio::stdout())?);
    io::copy(&mut &*stream, &mut output).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_holds_a_host_and_a_port_and_nothing_else() {
        let asks = ask_for("git.example.org", "22").unwrap();
        assert!(
            asks.starts_with("CONNECT git.example.org:22 HTTP/1.1\r\n"),
            "{asks}"
        );
        assert!(
            ask_for("2001:db8::1", "22")
                .unwrap()
                .starts_with("CONNECT [2001:db8::1]:22 ")
        );
        for (host, port) in [
            ("a\r\nX: y", "22"),
            ("a b", "22"),
            ("", "22"),
            ("a", "x"),
            ("a", "70000"),
        ] {
            assert_eq!(ask_for(host, port), None, "{host} {port}");
        }
    }

    #[test]
    fn only_a_bridge_of_the_box_is_asked() {
        let port = |proxy: Option<&str>| address(proxy).port();
        assert_eq!(port(Some("http://127.0.0.1:4000")), 4000);
        assert_eq!(port(Some("http://10.0.0.1:4000")), PORT);
        assert_eq!(port(None), PORT);
        assert!(is_good("HTTP/1.1 200 OK\r\n\r\n") && !is_good("HTTP/1.1 403 No\r\n\r\n"));
    }
}
