//! The engine's own gate.

use std::collections::HashSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use crate::destination::Destination;
use crate::gate::{Counters, Traffic};
use crate::password::{Password, USER};

/// What of this machine and of private networks the engine may connect to all the same: exactly these hosts at exactly
/// these ports, such as a model of the person's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions(HashSet<Destination>);

impl Exceptions {
    /// By host (a name or an address; IPv6 in brackets) and port. What is no host is left out.
    pub fn new<'a>(hosts: impl IntoIterator<Item = (&'a str, u16)>) -> Self {
        let hosts = hosts.into_iter();
        Self(
            hosts
                .filter_map(|(host, port)| Destination::new(host, port))
                .collect(),
        )
    }

    pub(crate) fn hold(&self, destination: &Destination) -> bool {
        self.0.contains(destination)
    }
}

/// The address of the engine's gate, the password in it. Printed it shows neither.
pub struct EngineUrl(Zeroizing<String>);

impl EngineUrl {
    /// `http://engine:PASSWORD@127.0.0.1:PORT`, for the engine's environment alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EngineUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EngineUrl(hidden)")
    }
}

/// The engine's gate. It is open until it is closed or dropped; dropped, open connections are cut.
pub struct EngineGate {
    pub(crate) address: SocketAddr,
    pub(crate) password: Arc<Password>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) open: Open,
}

impl EngineGate {
    /// What the engine is given as its proxy.
    #[must_use]
    pub fn engine_url(&self) -> EngineUrl {
        let password = self.password.expose();
        EngineUrl(Zeroizing::new(format!(
            "http://{USER}:{password}@{}",
            self.address
        )))
    }

    /// Where it listens, on this machine.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What went through it.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.counters.read()
    }

    /// Takes no more connections, and waits [`crate::Limits::grace`] for the open ones to end.
    pub async fn close(self) {
        self.open.close().await;
    }
}

/// A gate's task.
pub(crate) struct Open {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Open {
    pub(crate) fn new(stop: oneshot::Sender<()>, task: JoinHandle<()>) -> Self {
        Self {
            stop: Some(stop),
            task,
        }
    }

    pub(crate) async fn close(mut self) {
        drop(self.stop.take());
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "a gate ended by a fault");
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // The connections belong to the task.
        self.task.abort();
    }
}
