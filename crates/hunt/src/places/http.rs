//! HTTP as it is written, so that it can be written wrongly, too.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// What is read of an answer.
const BYTES: usize = 16 * 1024 * 1024;
/// Of which its head is at most so much.
const HEAD: usize = 64 * 1024;

/// What came back.
pub(super) struct Reply {
    /// 0 where it is no HTTP.
    pub(super) status: u16,
    /// All of it, with the marks between its pieces taken out.
    pub(super) bytes: Vec<u8>,
}

impl Reply {
    pub(super) fn body(&self) -> &[u8] {
        let end = self.bytes.windows(4).position(|four| four == b"\r\n\r\n");
        end.map_or(&[], |end| &self.bytes[end + 4..])
    }
}

/// One request's head, without the lines every request has.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a str,
}

/// Sends a request to a port of this machine and reads what comes until the end of the connection. Nothing when nobody
/// answers in time.
pub(super) fn send(port: u16, request: &Request<'_>, patience: Duration) -> Option<Reply> {
    let mut text = format!(
        "{} {} HTTP/1.1\r\nConnection: close\r\n",
        request.method, request.target
    );
    let has_host = request
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"));
    let mut line = |name: &str, value: &str| {
        text.extend([name, ": ", value, "\r\n"]);
    };
    if !has_host {
        line("Host", &format!("127.0.0.1:{port}"));
    }
    for (name, value) in request.headers {
        line(name, value);
    }
    if !request.body.is_empty() {
        line("Content-Type", "application/json");
        line("Content-Length", &request.body.len().to_string());
    }
    text.push_str("\r\n");
    text.push_str(request.body);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.set_write_timeout(Some(patience)).ok()?;
    // A refusal may come before all is sent.
    stream.write_all(text.as_bytes()).ok();
    let bytes = read(&mut stream);
    let status = bytes
        .strip_prefix(b"HTTP/1.")
        .and_then(|rest| std::str::from_utf8(rest.get(2..5)?).ok()?.parse().ok())
        .unwrap_or_default();
    (!bytes.is_empty()).then(|| Reply {
        status,
        bytes: joined(bytes),
    })
}

/// Reads an answer: to its end where it says where that is, else until nothing more comes. What came before the time
/// was over counts.
fn read(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut piece = [0; 8 * 1024];
    while bytes.len() < BYTES && !is_whole(&bytes) {
        match stream.read(&mut piece) {
            Ok(read @ 1..) => bytes.extend_from_slice(&piece[..read]),
            _ => break,
        }
    }
    bytes
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).take(HEAD).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    if head.contains("transfer-encoding: chunked") {
        return bytes.ends_with(b"\r\n0\r\n\r\n");
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() >= end + 4 + length)
}

/// A body in pieces has marks between them, which could stand within a value.
fn joined(bytes: Vec<u8>) -> Vec<u8> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return bytes;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    if !head.contains("transfer-encoding: chunked") {
        return bytes;
    }
    let (mut whole, mut rest) = (bytes[..end + 4].to_vec(), &bytes[end + 4..]);
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..line]).ok();
        let size = size.and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
        let Some(size @ 1..) = size else { break };
        let piece = rest.get(line + 2..).unwrap_or_default();
        whole.extend_from_slice(piece.get(..size).unwrap_or(piece));
        rest = piece.get(size + 2..).unwrap_or_default();
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_comes_in_pieces_is_one_again() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let reply = joined(format!("{head}5\r\nsk-ca\r\n4\r\nnary\r\n0\r\n\r\n").into_bytes());
        assert_eq!(reply, format!("{head}sk-canary").into_bytes());
    }
}
