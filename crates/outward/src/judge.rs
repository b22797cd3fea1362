//! Which addresses a request may be connected to.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use cowork_policy::{Connection, UrlRefusal, may_connect};
use url::{Host, Url};

use crate::error::OutwardError;

/// How far a request may go, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// This machine.
    Loopback,
    /// The local network, to which the person agreed, or this machine.
    LocalNetwork,
    /// Anywhere but this machine and private networks, by https alone.
    Public,
}

impl Reach {
    /// A service on the internet that leads nearer is as wrong as a near one that leads to the internet: the first
    /// hands what was meant for the service to whoever answers in the person's network.
    fn covers(self, found: Self) -> bool {
        match self {
            Self::Public => found == Self::Public,
            Self::LocalNetwork | Self::Loopback => found <= self,
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Loopback => "on this machine",
            Self::LocalNetwork => "in the local network",
            Self::Public => "on the internet",
        })
    }
}

/// Where a connection is to end: the scheme, host and port of a request, and nothing else of it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    url: Url,
    /// The host as it is named in errors, looked up and held against a certificate; without brackets.
    pub(crate) name: String,
    pub(crate) port: u16,
    /// Whether it is spoken to by TLS.
    pub(crate) secure: bool,
    /// The address, where the host is one literally.
    pub(crate) literal: Option<IpAddr>,
}

impl Target {
    /// What `uri` leads to.
    pub(crate) fn of(uri: &http::Uri) -> Result<Self, OutwardError> {
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(UrlRefusal::NotAnAddress.into());
        };
        let url = Url::parse(&format!("{scheme}://{authority}/")).map_err(|_| UrlRefusal::NotAnAddress)?;
        let (name, literal) = match url.host() {
            None => return Err(UrlRefusal::NotAnAddress.into()),
            Some(Host::Domain(name)) => (name.to_owned(), None),
            Some(Host::Ipv4(address)) => (address.to_string(), Some(IpAddr::V4(address))),
            Some(Host::Ipv6(address)) => (address.to_string(), Some(IpAddr::V6(address))),
        };
        let secure = url.scheme() == "https";
        let port = url.port_or_known_default().ok_or(UrlRefusal::NotAnAddress)?;
        Ok(Self {
            url,
            name,
            port,
            secure,
            literal,
        })
    }

    /// What `host` (a name, or an address with or without brackets) and `port` lead to, for bytes that nobody here
    /// understands: they are as good as encrypted, since whoever sends them chooses.
    pub(crate) fn opaque(host: &str, port: u16) -> Result<Self, OutwardError> {
        let host = if host.contains(':') && !host.starts_with('[') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        };
        let uri = http::Uri::builder()
            .scheme("https")
            .authority(host)
            .path_and_query("/")
            .build();
        Self::of(&uri.map_err(|_| UrlRefusal::NotAnAddress)?)
    }

    /// Host and port, as they are named in errors.
    pub(crate) fn at(&self) -> String {
        match self.literal {
            Some(address) => SocketAddr::new(address, self.port).to_string(),
            None => format!("{}:{}", self.name, self.port),
        }
    }

    /// What can be said before the name is looked up. Behind a proxy it is all that can be said.
    pub(crate) fn judge_spelling(&self, reach: Reach) -> Result<(), OutwardError> {
        let spelled = self.spelled()?;
        // Any other name says nothing about where it leads, which may well be near.
        if self.literal.is_some() || reach == Reach::Public {
            self.agreed(reach, spelled)?;
        }
        if reach == Reach::Public && !self.secure {
            return Err(OutwardError::NotEncrypted {
                name: self.name.clone(),
            });
        }
        Ok(())
    }

    /// Whether all of `addresses`, which the name leads to, may be connected to.
    pub(crate) fn judge(&self, addresses: &[SocketAddr], reach: Reach) -> Result<(), OutwardError> {
        for address in addresses {
            let found = found(may_connect(self.url.as_str(), &[address.ip()]))?;
            self.agreed(reach, found)?;
        }
        Ok(())
    }

    fn agreed(&self, agreed: Reach, found: Reach) -> Result<(), OutwardError> {
        if agreed.covers(found) {
            Ok(())
        } else {
            Err(OutwardError::LeadsElsewhere {
                name: self.name.clone(),
                agreed,
                found,
            })
        }
    }

    fn spelled(&self) -> Result<Reach, OutwardError> {
        match may_connect(self.url.as_str(), &[]) {
            // A name that says nothing about where it leads.
            Err(UrlRefusal::Unresolved(_)) => Ok(Reach::Public),
            judged => found(judged),
        }
    }
}

fn found(judged: Result<Connection, UrlRefusal>) -> Result<Reach, OutwardError> {
    match judged {
        Ok(Connection::Loopback(_)) => Ok(Reach::Loopback),
        Ok(Connection::LocalNetwork(_)) => Ok(Reach::LocalNetwork),
        // Who may go that far without encryption was refused before any name was looked up.
        Ok(Connection::Public(_)) | Err(UrlRefusal::NotEncrypted(_)) => Ok(Reach::Public),
        Err(refusal) => Err(refusal.into()),
    }
}
