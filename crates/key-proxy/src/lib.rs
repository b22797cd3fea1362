//! The loopback proxy that puts the real key on a model request.
//!
//! The engine and everything it starts can read the engine's environment and configuration. So those hold only a
//! token that is good for one run of the engine at this proxy ([`KeyProxy::begin_run`]), and the key is put on a
//! request after it has left the engine: asked for at each request ([`KeySource`]), sent to the addresses that were
//! judged (`cowork_outward`), and taken out of whatever comes back.
//!
//! A child of the engine can read the token, too, and make model requests with it while the run lasts. It can make
//! nothing but model requests: paths are allowed by list ([`Route`]), and each run is counted and capped
//! ([`Limits::requests_in_a_run`], [`ProxyNews`]).
//!
//! Answers stream: nothing of a body is kept longer than it takes to see that it is not the beginning of the key.
//!
//! Do not put here how keys are kept (that is the vault's) or which providers there are (`cowork_providers`).

mod answer;
mod body;
pub mod check;
mod echo;
mod headers;
mod keys;
mod limits;
mod news;
mod proxy;
mod request;
mod route;
mod socket;
mod token;
mod usage;

pub use headers::{BadKey, key_value};
pub use keys::{KeySource, KeyUnavailable};
pub use limits::Limits;
pub use news::ProxyNews;
pub use proxy::KeyProxy;
pub use route::{KeyUse, Route};
pub use token::RunToken;
pub use usage::ProviderUsage;
