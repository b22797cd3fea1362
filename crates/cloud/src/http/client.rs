//! Who is at the other end of a connection.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

/// The address a request comes from: the connection's, or behind a proxy that is trusted the one the proxy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub IpAddr);

const FORWARDED: &str = "x-forwarded-for";

/// Whether an address is among some networks.
#[must_use]
pub fn is_among(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// Reads the list from its end, where what a trusted proxy wrote stands; before the first that is not trusted anybody
/// may have written anything.
#[must_use]
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Client {
    let mut client = peer.to_canonical();
    if !is_among(trusted, client) {
        return Client(client);
    }
    let values: Vec<&str> = headers
        .get_all(FORWARDED)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for value in values.into_iter().rev() {
        let Ok(address) = value.trim().parse::<IpAddr>() else {
            break;
        };
        client = address.to_canonical();
        if !is_among(trusted, client) {
            break;
        }
    }
    Client(client)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED, value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &headers, &trusted).0.to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_what_it_wrote_itself() {
        let proxies = ["10.0.0.0/8", "127.0.0.1/32"];
        assert_eq!(asked("192.0.2.1", &["198.51.100.7"], &proxies), "192.0.2.1");
        assert_eq!(asked("10.0.0.1", &["198.51.100.7"], &[]), "10.0.0.1");
        assert_eq!(asked("10.0.0.1", &["198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(
            asked("10.0.0.1", &["203.0.113.9, 198.51.100.7"], &proxies),
            "198.51.100.7"
        );
        assert_eq!(
            asked("10.0.0.1", &["203.0.113.9", "198.51.100.7, 10.0.0.2"], &proxies),
            "198.51.100.7"
        );
        assert_eq!(
            asked("10.0.0.1", &["198.51.100.7, unknown"], &proxies),
            "10.0.0.1"
        );
        assert_eq!(
            asked("::ffff:10.0.0.1", &["2001:db8::1"], &proxies),
            "2001:db8::1"
        );
        assert_eq!(asked("10.0.0.1", &[], &proxies), "10.0.0.1");
    }
}
