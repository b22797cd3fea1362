//! What the two loops of a connection share: how each stands, what follows from both, and what they are told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};

use super::{Control, State};
use crate::broker::{BrokerError, Trouble};
use crate::pace::Pace;

/// How one loop stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Connecting,
    Up,
    Down {
        trouble: Trouble,
        reason: String,
        next: Timestamp,
    },
    NeedsPerson(Trouble, String),
    Revoked,
}

/// What both loops see and say.
pub(super) struct Line {
    pub(super) pace: Arc<dyn Pace>,
    /// Of the loop that claims, and of the one that delivers.
    pub(super) links: Mutex<[Link; 2]>,
    pub(super) control: watch::Receiver<Control>,
    pub(super) state: watch::Sender<State>,
    /// The server seems to have lost events.
    pub(super) behind: Notify,
}

pub(super) const CLAIMING: usize = 0;
pub(super) const DELIVERING: usize = 1;

impl Line {
    pub(super) fn links(&self) -> MutexGuard<'_, [Link; 2]> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, which: usize, link: Link) {
        self.links()[which] = link;
        self.publish();
    }

    pub(super) fn down(&self, which: usize, trouble: Trouble, reason: String, pause: Duration) {
        let now = self.pace.now();
        let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::ZERO);
        let next = now.saturating_add(pause).unwrap_or(now);
        let down = Link::Down {
            trouble,
            reason,
            next,
        };
        self.set(which, down);
    }

    /// The worst of both counts.
    pub(super) fn publish(&self) {
        let links = self.links().clone();
        let paused = self.control.borrow().paused;
        let state = if links.contains(&Link::Revoked) {
            State::Revoked
        } else if paused {
            State::Paused
        } else if let Some(state) = links.iter().find_map(|link| match link {
            Link::NeedsPerson(trouble, reason) => Some(State::NeedsPerson {
                trouble: *trouble,
                reason: reason.clone(),
            }),
            _ => None,
        }) {
            state
        } else if let Some(state) = links.iter().find_map(|link| match link {
            Link::Down {
                trouble,
                reason,
                next,
            } => Some(State::Waiting {
                trouble: *trouble,
                reason: reason.clone(),
                next: *next,
            }),
            _ => None,
        }) {
            state
        } else if links.contains(&Link::Connecting) {
            State::Connecting
        } else {
            State::Online
        };
        self.state.send_if_modified(|before| {
            let changed = *before != state;
            *before = state;
            changed
        });
    }

    pub(super) fn is_over(&self) -> bool {
        self.control.borrow().stopped || self.links().contains(&Link::Revoked)
    }

    /// Says what keeps a loop from going on.
    pub(super) fn stopped_by(&self, which: usize, error: &BrokerError) {
        match error {
            BrokerError::Revoked => self.set(which, Link::Revoked),
            error => self.set(which, Link::NeedsPerson(error.trouble(), error.to_string())),
        }
    }
}

/// One loop's ears.
#[derive(Clone)]
pub(super) struct Ears {
    pub(super) control: watch::Receiver<Control>,
    pub(super) state: watch::Receiver<State>,
    pub(super) heard: Control,
}

impl Ears {
    /// Waits until something is said that cuts short what the loop waits for; with `written`, also that there are new
    /// events. True when the person is in a hurry.
    pub(super) async fn called(&mut self, written: bool) -> bool {
        loop {
            let now = *self.control.borrow_and_update();
            let before = self.heard;
            let hurried = now.hurried != before.hurried;
            let cut = hurried || now.paused != before.paused || now.stopped != before.stopped;
            if cut || (written && now.written != before.written) {
                self.heard = now;
                return hurried;
            }
            if *self.state.borrow_and_update() == State::Revoked {
                return false;
            }
            tokio::select! {
                changed = self.control.changed() => if changed.is_err() {
                    // Nobody holds the connection any more; the task is about to be aborted.
                    std::future::pending::<()>().await;
                },
                changed = self.state.changed() => if changed.is_err() {
                    std::future::pending::<()>().await;
                },
            }
        }
    }

    /// Waits for a time, or until [`Self::called`].
    pub(super) async fn wait(&mut self, pause: Duration) -> bool {
        tokio::time::timeout(pause, self.called(false))
            .await
            .unwrap_or(false)
    }
}
