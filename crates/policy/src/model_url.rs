//! Which model addresses may be connected to, and how.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// A model's address is typed by a person; a longer one is a mistake.
const LONGEST: usize = 2048;

/// How far away an address is, nearest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// This machine.
    Loopback,
    /// The network this machine is in.
    LocalNetwork,
    /// Everything else.
    Public,
}

/// What may be done with an address: connect to exactly this one, its query and fragment gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// On this machine: at once.
    Loopback(Url),
    /// In the local network: after the person has consented to this address.
    LocalNetwork(Url),
    /// On the internet: at once, and always encrypted, for what is sent there holds a key.
    Public(Url),
}

/// Why an address was refused, in words for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    /// It is no address.
    #[error("this is not an address; it has to look like http://127.0.0.1:11434/v1")]
    NotAnAddress,
    /// It is neither http nor https.
    #[error("only http and https addresses can be connected to, not {0}")]
    Scheme(String),
    /// A name or password stands in it.
    #[error("the address holds a user name or password; take it out, a key is entered in a field of its own")]
    Credentials,
    /// It hands out a cloud machine's credentials, or is reachable by whoever sits on the same wire.
    #[error("{0} is a metadata or link-local address, which is never connected to")]
    Metadata(String),
    /// No machine has such an address.
    #[error("{0} is not the address of a machine")]
    NotAMachine(String),
    /// The name has no address.
    #[error("the name {0} could not be found; check its spelling and the network")]
    Unresolved(String),
    /// A name that means this machine leads elsewhere.
    #[error("{0} should mean this machine, but leads elsewhere; check the hosts file")]
    NotThisMachine(String),
    /// It is on the internet and would be sent to unencrypted.
    #[error(
        "{0} is on the internet, where a key and all that is written are sent by https alone; write https:// \
         instead of http://"
    )]
    NotEncrypted(String),
}

/// Decides on a model's address. `resolved` is what its name resolves to just now (empty for a literal address);
/// the farthest of them counts, and one that is refused refuses all. Decide again before each connection made
/// by name, or connect to the addresses that were judged: names change their addresses.
///
/// # Errors
/// [`UrlRefusal`] says why not and what would help.
pub fn may_connect(text: &str, resolved: &[IpAddr]) -> Result<Connection, UrlRefusal> {
    let url = cleaned(text)?;
    let spelled = spelled(&url)?;
    let name = url.host_str().unwrap_or_default().to_owned();
    let by_name = matches!(url.host(), Some(Host::Domain(_)));
    let reach = if by_name && !resolved.is_empty() {
        let mut farthest = Reach::Loopback;
        for address in resolved {
            farthest = farthest.max(reach(*address)?);
        }
        if spelled == Reach::Loopback && farthest != Reach::Loopback {
            return Err(UrlRefusal::NotThisMachine(name));
        }
        farthest
    } else if by_name && spelled == Reach::Public {
        return Err(UrlRefusal::Unresolved(name));
    } else {
        spelled
    };
    match reach {
        Reach::Loopback => Ok(Connection::Loopback(url)),
        Reach::LocalNetwork => Ok(Connection::LocalNetwork(url)),
        Reach::Public if url.scheme() == "https" => Ok(Connection::Public(url)),
        Reach::Public => Err(UrlRefusal::NotEncrypted(name)),
    }
}

fn cleaned(text: &str) -> Result<Url, UrlRefusal> {
    let text = text.trim();
    if text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err(UrlRefusal::NotAnAddress);
    }
    let mut url = Url::parse(text).map_err(|_| UrlRefusal::NotAnAddress)?;
    if !matches!(url.scheme(), "http" | "https") {
        // "localhost:11434" parses as a scheme; who typed it forgot "http://".
        let forgotten =
            url.cannot_be_a_base() && url.path().starts_with(|first: char| first.is_ascii_digit());
        return Err(if forgotten {
            UrlRefusal::NotAnAddress
        } else {
            UrlRefusal::Scheme(url.scheme().to_owned())
        });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlRefusal::Credentials);
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// How far away an address is by its spelling alone: literal addresses, `localhost` and `.local` names. Any other
/// name counts as public.
fn spelled(url: &Url) -> Result<Reach, UrlRefusal> {
    match url.host() {
        None => Err(UrlRefusal::NotAnAddress),
        Some(Host::Ipv4(address)) => reach(address.into()),
        Some(Host::Ipv6(address)) => reach(address.into()),
        Some(Host::Domain(name)) => {
            // A trailing dot only says that the name is whole.
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let below = |zone: &str| name == zone || name.ends_with(&format!(".{zone}"));
            if below("metadata.google.internal") || name == "metadata" || name == "instance-data" {
                Err(UrlRefusal::Metadata(name))
            } else if below("localhost") {
                Ok(Reach::Loopback)
            } else if below("local") {
                Ok(Reach::LocalNetwork)
            } else {
                Ok(Reach::Public)
            }
        }
    }
}

/// Whether a literal address is one of the internet.
pub(crate) fn is_public(address: IpAddr) -> bool {
    matches!(reach(address), Ok(Reach::Public))
}

/// How far away a literal address is.
fn reach(address: IpAddr) -> Result<Reach, UrlRefusal> {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => match inner_v4(address) {
            Some(inner) => reach_v4(inner),
            None => reach_v6(address),
        },
    }
}

fn reach_v4(address: Ipv4Addr) -> Result<Reach, UrlRefusal> {
    let [first, second, third, _] = address.octets();
    let metadata = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16)];
    if address.is_link_local() || metadata.contains(&address) {
        Err(UrlRefusal::Metadata(address.to_string()))
    } else if address.is_loopback() {
        Ok(Reach::Loopback)
    } else if address.is_private() || (first == 100 && (64..128).contains(&second)) {
        // 100.64/10 is shared address space: overlay networks put a person's own machines there.
        Ok(Reach::LocalNetwork)
    } else if first == 0
        || first >= 224
        || address.is_documentation()
        || (first == 198 && (second == 18 || second == 19))
        || (first == 192 && second == 0 && third == 0)
    {
        Err(UrlRefusal::NotAMachine(address.to_string()))
    } else {
        Ok(Reach::Public)
    }
}

fn reach_v6(address: Ipv6Addr) -> Result<Reach, UrlRefusal> {
    let segments = address.segments();
    let metadata = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    if address == metadata || address.is_unicast_link_local() {
        Err(UrlRefusal::Metadata(address.to_string()))
    } else if address.is_loopback() {
        Ok(Reach::Loopback)
    } else if address.is_unique_local() {
        Ok(Reach::LocalNetwork)
    } else if address.is_unspecified()
        || address.is_multicast()
        || (segments[0] == 0x2001 && segments[1] == 0xdb8)
        || segments[0] & 0xffc0 == 0xfec0
    {
        Err(UrlRefusal::NotAMachine(address.to_string()))
    } else {
        Ok(Reach::Public)
    }
}

/// The IPv4 address inside an IPv6 one: mapped, compatible, translated (NAT64, both prefixes) or 6to4.
fn inner_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [prefix @ .., high, low] = address.segments();
    let join = |high: u16, low: u16| {
        let ([first, second], [third, fourth]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(first, second, third, fourth)
    };
    match prefix {
        [0, 0, 0, 0, 0, 0xffff]
        | [0, 0, 0, 0, 0xffff, 0]
        | [0x64, 0xff9b, 0, 0, 0, 0]
        | [0x64, 0xff9b, 1, ..] => Some(join(high, low)),
        [0, 0, 0, 0, 0, 0] if high != 0 => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}
