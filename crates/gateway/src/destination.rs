//! What a request asks to be connected to, and what the rules say to it.

use std::fmt;

use cowork_policy::Network;
use url::Host;

use crate::news::Why;

/// What listed hosts are spoken to by: the web, and git by SSH. Anything else on such a host may be a way on to others.
const LISTED_PORTS: [u16; 3] = [443, 80, 22];

/// A host and a port, in the one spelling that is judged, connected to and shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Destination {
    /// In lower case, without a dot at the end; an IPv6 address in brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// It is an address. However it was spelled (`0x7f.1`, `2130706433`), it is written here as usual.
    pub(crate) literal: bool,
}

impl Destination {
    /// None where `host` is none.
    pub(crate) fn new(host: &str, port: u16) -> Option<Self> {
        // An escape has no place in a host, and could mean one thing here and another thing further on.
        if port == 0 || host.contains('%') {
            return None;
        }
        let host = Host::parse(host.trim_end_matches('.')).ok()?;
        let literal = !matches!(host, Host::Domain(_));
        let host = host.to_string();
        (!host.is_empty()).then_some(Self { host, port, literal })
    }

    /// The target of CONNECT: always with a port.
    pub(crate) fn of_tunnel(uri: &http::Uri) -> Option<Self> {
        let authority = uri.authority()?;
        if authority.as_str().contains('@') {
            return None;
        }
        Self::new(authority.host(), authority.port_u16()?)
    }

    /// The target of a request for an `http://` address.
    pub(crate) fn of_request(uri: &http::Uri) -> Option<Self> {
        let authority = uri.authority()?;
        if uri.scheme_str() != Some("http") || authority.as_str().contains('@') {
            return None;
        }
        Self::new(authority.host(), authority.port_u16().unwrap_or(80))
    }

    /// What can be said of it before its name is looked up.
    pub(crate) fn held_against(&self, network: &Network) -> Result<(), Why> {
        match network {
            Network::Off => Err(Why::NetworkOff),
            // An address says nothing about whose it is, and a list is one of names.
            Network::Listed(_) if self.literal => Err(Why::Address),
            Network::Listed(_) if !network.allows(&self.host) => Err(Why::NotListed),
            Network::Listed(_) if !LISTED_PORTS.contains(&self.port) => Err(Why::Port),
            Network::Open | Network::Listed(_) => Ok(()),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(host: &str) -> String {
        Destination::new(host, 443).map_or_else(|| "none".to_owned(), |found| found.host)
    }

    #[test]
    fn a_host_has_one_spelling() {
        for (given, meant) in [
            ("Example.ORG.", "example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("2130706433", "127.0.0.1"),
            ("0x7f000001", "127.0.0.1"),
            ("0177.1", "127.0.0.1"),
            ("127.0.0.1.", "127.0.0.1"),
            ("[::FFFF:127.0.0.1]", "[::ffff:7f00:1]"),
            ("127%2e0.0.1", "none"),
            ("example.org%00", "none"),
            ("a b", "none"),
            ("", "none"),
            (".", "none"),
            ("[::1", "none"),
            ("1.2.3.4.5", "none"),
        ] {
            assert_eq!(spelled(given), meant, "{given}");
        }
    }

    #[test]
    fn the_list_opens_names_at_the_ports_of_the_web_and_of_git() {
        let listed = Network::Listed(vec!["git.example".to_owned()]);
        let held = |host: &str, port| Destination::new(host, port).unwrap().held_against(&listed);
        for port in LISTED_PORTS {
            assert_eq!(held("git.example", port), Ok(()));
        }
        assert_eq!(held("git.example", 25), Err(Why::Port));
        assert_eq!(held("other.example", 443), Err(Why::NotListed));
        assert_eq!(held("8.8.8.8", 443), Err(Why::Address));
        let anywhere = Destination::new("8.8.8.8", 9999).unwrap();
        assert_eq!(anywhere.held_against(&Network::Open), Ok(()));
        assert_eq!(anywhere.held_against(&Network::Off), Err(Why::NetworkOff));
    }

    #[test]
    fn only_what_a_proxy_is_asked_for_is_a_destination() {
        let tunnel = |uri: &str| Destination::of_tunnel(&uri.parse().unwrap());
        assert!(tunnel("example.org:443").is_some());
        assert!(tunnel("example.org").is_none(), "without a port");
        assert!(tunnel("user@example.org:443").is_none());
        let request = |uri: &str| Destination::of_request(&uri.parse().unwrap());
        assert_eq!(request("http://example.org/x?y").unwrap().port, 80);
        for none in [
            "/x",
            "https://example.org/",
            "ftp://example.org/",
            "http://me:pw@example.org/",
        ] {
            assert!(request(none).is_none(), "{none}");
        }
    }
}
