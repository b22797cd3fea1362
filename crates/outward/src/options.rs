//! How requests are sent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rustls::pki_types::CertificateDer;

/// Looks names up; tests put their own in its place.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// All addresses of a name, with the port.
    async fn resolve(&self, name: &str, port: u16) -> std::io::Result<Vec<SocketAddr>>;
}

/// The system's own look-up.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((name, port)).await?.collect())
    }
}

/// Which proxies are taken to the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxies {
    /// What the environment says, or else the system's settings, as they are when [`crate::Outward`] is made.
    #[default]
    System,
    /// None.
    None,
    /// These, spelled as in `HTTPS_PROXY` and `NO_PROXY`.
    Fixed {
        /// The proxy for https.
        https: String,
        /// The hosts that are reached without it.
        no: String,
    },
}

/// How long each step before a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// To find a name.
    pub resolve: Duration,
    /// To be taken by one of the addresses, through the proxy where there is one.
    pub connect: Duration,
    /// To agree on the encryption.
    pub secure: Duration,
}

impl Default for Patience {
    /// Ten seconds each: a mobile network that wakes up needs some, and a person who waits longer takes the app for
    /// broken.
    fn default() -> Self {
        Self {
            resolve: Duration::from_secs(10),
            connect: Duration::from_secs(10),
            secure: Duration::from_secs(10),
        }
    }
}

/// How requests are sent. The default is what the app uses.
#[derive(Clone)]
pub struct Options {
    /// Trust these certificate authorities alone, and none of the system's.
    pub roots: Option<Vec<CertificateDer<'static>>>,
    /// Looks names up.
    pub resolver: Arc<dyn Resolve>,
    /// Which proxies are taken.
    pub proxies: Proxies,
    /// How long the steps before a request may take.
    pub patience: Patience,
    /// How long a connection is kept for the next request. Servers close theirs after a minute or more; one that
    /// is used just when it is closed costs a failed request.
    pub idle: Duration,
    /// How many connections are kept for each host. A conversation uses one, with sub-agents some more.
    pub idle_connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            roots: None,
            resolver: Arc::new(SystemResolver),
            proxies: Proxies::default(),
            patience: Patience::default(),
            idle: Duration::from_secs(50),
            idle_connections: 8,
        }
    }
}
