//! Which servers a desktop may be paired with.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use cowork_outward::{Outward, Reach, Resolve};
use cowork_policy::{Connection, UrlRefusal, may_connect};
use url::{Host, Url};

/// Why an address was refused, in words for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefusal {
    /// It is no address.
    #[error("this is not an address; it has to look like https://cloud.example.com")]
    NotAnAddress,
    /// It is neither http nor https.
    #[error("a server is reached by https, not by {0}; write https:// in front of its name")]
    Scheme(String),
    /// A name or password stands in it.
    #[error("the address holds a user name or password; take it out, the desktop brings a token of its own")]
    Credentials,
    /// It hands out a cloud machine's credentials, or is reachable by whoever sits on the same wire.
    #[error("{0} is a metadata or link-local address, which is never connected to")]
    Metadata(String),
    /// No machine has such an address.
    #[error("{0} is not the address of a machine; check its spelling")]
    NotAMachine(String),
    /// It is in the local network.
    #[error(
        "{0} is in a private network; a server needs a name on the internet, or has to run on this machine"
    )]
    Private(String),
    /// It is on this machine and spoken to by https.
    #[error("{0} is this machine, which is spoken to by http; write http:// instead of https://")]
    LoopbackByHttps(String),
    /// A name of the internet leads to this machine.
    #[error("{0} leads to this machine; for a server on this machine write http://127.0.0.1 and its port")]
    LeadsHere(String),
    /// A name of this machine leads elsewhere.
    #[error("{0} should mean this machine, but leads elsewhere; check the hosts file")]
    NotThisMachine(String),
    /// It would be sent to unencrypted.
    #[error("{0} is on the internet, where nothing is sent unencrypted; write https:// instead of http://")]
    NotEncrypted(String),
    /// The name has no address.
    #[error("the name {0} could not be found; check its spelling and the network")]
    NotFound(String),
}

/// The address of a server that a desktop may be paired with, as far as its spelling says: no user, query or fragment,
/// and no slash at its end.
///
/// Where a name leads can change at any time, so nothing is said of that here for longer than [`looked_up`] takes; each
/// connection is judged again, and made to exactly what was judged, by `cowork_outward` with [`Self::reach`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerAddress {
    text: String,
    url: Url,
    reach: Reach,
}

impl BrokerAddress {
    /// Judges an address by its spelling.
    ///
    /// # Errors
    /// [`AddressRefusal`] says why not and what would help.
    pub fn judge(text: &str) -> Result<Self, AddressRefusal> {
        let (url, reach) = match may_connect(text, &[]) {
            Ok(Connection::Loopback(url)) => (url, Reach::Loopback),
            Ok(Connection::Public(url)) => (url, Reach::Public),
            Ok(Connection::LocalNetwork(url)) => return Err(AddressRefusal::Private(named(&url))),
            // A name that says nothing about where it leads: the address is good as far as it goes.
            Err(UrlRefusal::Unresolved(name)) => {
                let mut url = Url::parse(text.trim()).map_err(|_| AddressRefusal::NotAnAddress)?;
                url.set_query(None);
                url.set_fragment(None);
                if url.scheme() != "https" {
                    return Err(AddressRefusal::NotEncrypted(name));
                }
                (url, Reach::Public)
            }
            Err(refusal) => return Err(refused(refusal)),
        };
        if reach == Reach::Loopback && url.scheme() == "https" {
            return Err(AddressRefusal::LoopbackByHttps(named(&url)));
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            url,
            reach,
        })
    }

    /// The address, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How far a request to it may go: on the internet, or on this machine.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The host alone.
    #[must_use]
    pub fn host(&self) -> String {
        named(&self.url)
    }

    /// Where a path of the protocol is, which begins with a slash.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

impl fmt::Display for BrokerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Judges an address by where its name leads just now, for who types it. It is judged again with each connection.
///
/// # Errors
/// [`AddressRefusal`] says why not and what would help.
pub async fn looked_up(address: &BrokerAddress, resolver: &dyn Resolve) -> Result<(), AddressRefusal> {
    let Some(Host::Domain(name)) = address.url.host() else {
        return Ok(());
    };
    let port = address.url.port_or_known_default().unwrap_or(443);
    let found = resolver.resolve(name, port).await.unwrap_or_default();
    if found.is_empty() {
        return Err(AddressRefusal::NotFound(name.to_owned()));
    }
    let found: Vec<IpAddr> = found.iter().map(SocketAddr::ip).collect();
    // The nearest of them counts as much as the farthest: any may be the one that is connected to.
    for one in &found {
        match (address.reach, may_connect(address.url.as_str(), &[*one])) {
            (Reach::Public, Ok(Connection::Public(_))) | (Reach::Loopback, Ok(Connection::Loopback(_))) => {}
            (_, Ok(Connection::Loopback(_))) => return Err(AddressRefusal::LeadsHere(name.to_owned())),
            (Reach::Loopback, Ok(_)) => return Err(AddressRefusal::NotThisMachine(name.to_owned())),
            (_, Ok(_)) => return Err(AddressRefusal::Private(name.to_owned())),
            (_, Err(refusal)) => return Err(refused(refusal)),
        }
    }
    Ok(())
}

/// A proxy that stands between this machine and a server, by name and port. Behind one nobody here knows where the
/// server's name leads, so that what is connected to cannot be held to what was judged; the server's certificate alone
/// says who it is. To go past it, make the [`Outward`] with [`cowork_outward::Proxies::None`].
#[must_use]
pub fn proxy_for(address: &BrokerAddress, outward: &Outward) -> Option<String> {
    outward.proxy(&address.url, address.reach)
}

fn named(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn refused(refusal: UrlRefusal) -> AddressRefusal {
    match refusal {
        UrlRefusal::NotAnAddress => AddressRefusal::NotAnAddress,
        UrlRefusal::Scheme(scheme) => AddressRefusal::Scheme(scheme),
        UrlRefusal::Credentials => AddressRefusal::Credentials,
        UrlRefusal::Metadata(name) => AddressRefusal::Metadata(name),
        UrlRefusal::NotAMachine(name) => AddressRefusal::NotAMachine(name),
        UrlRefusal::Unresolved(name) => AddressRefusal::NotFound(name),
        UrlRefusal::NotThisMachine(name) => AddressRefusal::NotThisMachine(name),
        UrlRefusal::NotEncrypted(name) => AddressRefusal::NotEncrypted(name),
    }
}
