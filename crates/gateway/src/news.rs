//! What the app is told.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::destination::Destination;

/// How many events wait for the app. A person who is asked more than that at once reads none of it.
const WAITING: usize = 64;
/// How many refusals are remembered, so that each is told once: more hosts than programs ask for in a minute. When
/// there are more, the oldest is forgotten and may be told again.
const REMEMBERED: usize = 512;

/// Which folder a gate belongs to: the `id` of its rules.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FolderId(String);

impl FolderId {
    /// The folder whose rules have this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// As it is written in the rules.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FolderId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Who asked to be connected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A program in the box of this folder.
    Folder(FolderId),
    /// The engine itself.
    Engine,
}

/// What was against a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The folder has no network. Can be widened.
    NetworkOff,
    /// The host is not on the folder's list. Can be widened by putting it there.
    NotListed,
    /// Listed hosts are reached at ports 443, 80 and 22 alone. Can be widened by opening the whole internet.
    Port,
    /// It is a bare address, and the folder's list is one of names. Can be widened by opening the whole internet.
    Address,
    /// It is this machine, a private network or no machine's address. Cannot be widened.
    Near,
}

/// What the app is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayEvent {
    /// A connection was refused. The same source and host are told once in [`crate::Limits::tell_again`].
    Refused {
        /// Who asked.
        source: Source,
        /// The host, in lower case, international names as they are looked up.
        host: String,
        /// The port.
        port: u16,
        /// What was against it.
        why: Why,
    },
}

/// Tells the app, but not the same again and again.
pub(crate) struct News {
    events: mpsc::Sender<GatewayEvent>,
    again: Duration,
    told: Mutex<HashMap<(Source, String), Instant>>,
}

impl News {
    pub(crate) fn new(again: Duration) -> (Self, mpsc::Receiver<GatewayEvent>) {
        let (events, receiver) = mpsc::channel(WAITING);
        let news = Self {
            events,
            again,
            told: Mutex::default(),
        };
        (news, receiver)
    }

    pub(crate) fn refused(&self, source: &Source, destination: &Destination, why: Why) {
        if !self.is_new(source, destination, Instant::now()) {
            return;
        }
        tracing::info!(?source, %destination, ?why, "a connection was refused");
        let event = GatewayEvent::Refused {
            source: source.clone(),
            host: destination.host.clone(),
            port: destination.port,
            why,
        };
        if self.events.try_send(event).is_err() {
            tracing::debug!("nobody takes the gateway's events, one was dropped");
        }
    }

    fn is_new(&self, source: &Source, destination: &Destination, now: Instant) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (source.clone(), destination.host.clone());
        if let Some(before) = told.get(&key)
            && now.duration_since(*before) < self.again
        {
            return false;
        }
        if told.len() >= REMEMBERED {
            let oldest = told.iter().min_by_key(|(_, at)| **at).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                told.remove(&oldest);
            }
        }
        told.insert(key, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_once_in_a_while_for_each_folder_and_host() {
        let (news, _receiver) = News::new(Duration::from_mins(1));
        let folder = |id: &str| Source::Folder(FolderId::new(id));
        let host = |host: &str| Destination::new(host, 443).unwrap();
        let start = Instant::now();
        assert!(news.is_new(&folder("a"), &host("x.example"), start));
        assert!(!news.is_new(&folder("a"), &host("x.example"), start + Duration::from_secs(59)));
        assert!(news.is_new(&folder("b"), &host("x.example"), start));
        assert!(news.is_new(&folder("a"), &host("y.example"), start));
        assert!(news.is_new(&folder("a"), &host("x.example"), start + Duration::from_secs(61)));
    }

    #[test]
    fn what_is_remembered_and_what_waits_has_a_bound() {
        let (news, mut receiver) = News::new(Duration::from_mins(1));
        for number in 0..REMEMBERED * 2 {
            let destination = Destination::new(&format!("h{number}.example"), 443).unwrap();
            news.refused(&Source::Engine, &destination, Why::Near);
        }
        assert_eq!(news.told.lock().unwrap().len(), REMEMBERED);
        let mut count = 0;
        while receiver.try_recv().is_ok() {
            count += 1;
        }
        assert_eq!(count, WAITING);
    }
}
