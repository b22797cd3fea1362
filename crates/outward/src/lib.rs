//! Requests that leave this machine.
//!
//! A name is judged by where it leads, and may lead elsewhere a moment later; so whoever sends something with a
//! secret in it must connect to the addresses that were judged, not to the name. This room is the only one that
//! does that, for the key proxy, for sign-ins and for the connection test.
//!
//! For each new connection the name is resolved once, all its addresses are judged by `cowork_policy`, and one of
//! exactly these is connected to. What is found must be what was agreed on ([`Reach`]): a name that stood for a
//! service on the internet and now leads into a private network is refused. TLS is rustls with the certificates the
//! system trusts. Redirects are never followed, and nothing is decompressed. Errors name hosts, never paths, queries
//! or headers.
//!
//! **Behind a proxy less is known.** What goes to the internet takes the system's proxy where one is set
//! (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, or the system's own settings). The proxy resolves the name, so only its
//! spelling can be judged here, and the certificate is what holds the other end to its name. What stays on this
//! machine or in the local network never takes a proxy: it would leave the network that was agreed on.
//!
//! Do not use it to talk to the engine (that is its adapter's) nor to serve anything.

mod certificates;
mod connect;
mod error;
mod judge;
mod options;
mod outward;
mod tunnel;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;

pub use connect::{ConnectStep, Duplex, Stream};
pub use error::OutwardError;
pub use judge::Reach;
pub use options::{Options, Patience, Proxies, Resolve, SystemResolver};
pub use outward::Outward;
pub use rustls::pki_types::CertificateDer;

/// What a request or a response is made of.
pub type Body = BoxBody<Bytes, std::io::Error>;
