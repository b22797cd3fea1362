//! Ports something listens on.

use std::fs;

/// The ports of this machine's own addresses on which connections are taken.
pub(super) fn listening() -> Vec<u16> {
    let mut ports: Vec<u16> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().filter_map(listener).collect::<Vec<_>>())
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn listener(line: &str) -> Option<u16> {
    const LISTENING: &str = "0A";
    let mut words = line.split_ascii_whitespace().skip(1);
    let (_, port) = words.next()?.rsplit_once(':')?;
    let state = words.nth(1)?;
    (state == LISTENING).then(|| u16::from_str_radix(port, 16).ok())?
}
