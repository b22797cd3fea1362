//! What pairings there are, which threads each shares, how each stands, and what was answered over them. No I/O.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cowork_engine::SessionId;
use cowork_pairing_protocol::wire::CommandKind;
use cowork_store::{Pairing, PairingState as Kept, SharedThread};

use super::presence::Presence;
use super::tap::News;
use crate::folders::{folder_id, label};
use crate::state::State;
use crate::view;

/// Threads of a pairing that are listed: those shared last. How many more there are is said.
const LISTED_THREADS: usize = 100;
/// Answers from afar that are shown of one ask. Each is of another person.
const SHOWN_PROPOSALS: usize = 8;

/// How a connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: view::PairingState,
    pub(crate) since: i64,
    pub(crate) trouble: Option<view::PairingTrouble>,
    pub(crate) detail: String,
    pub(crate) last_answer: Option<i64>,
    pub(crate) next_try: Option<i64>,
}

/// A pairing as it is known in memory.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) pairing: Pairing,
    pub(crate) policy: view::PairingPolicy,
    /// Folders all of whose threads are shared.
    pub(crate) folders: BTreeSet<PathBuf>,
    /// Threads that are shared by themselves, those shared last first.
    pub(crate) threads: Vec<SharedThread>,
    pub(crate) standing: Standing,
    /// Events that wait to be delivered.
    pub(crate) waiting: u64,
    /// How many there were when windows were told.
    pub(crate) shown_waiting: u64,
    pub(crate) last_command: Option<view::PairingCommand>,
    pub(crate) behind_proxy: bool,
    /// Its connection's losses and returns.
    pub(crate) presence: Presence,
}

impl Known {
    /// Whether something may leave and come over it: it is neither over nor paused.
    pub(crate) fn is_active(&self) -> bool {
        !self.pairing.paused && matches!(self.pairing.state, Kept::Waiting | Kept::Paired)
    }

    /// Whether it shares a thread, by its first session and that one's folder.
    pub(crate) fn shares(&self, root: &SessionId, folder: Option<&Path>) -> bool {
        folder.is_some_and(|folder| self.folders.contains(folder))
            || self.threads.iter().any(|thread| thread.session == root.as_str())
    }

    fn row(&self, state: &State) -> view::PairingRow {
        let Self {
            pairing, standing, ..
        } = self;
        let folders = self.folders.iter().map(|path| view::SharedFolder {
            folder: folder_id(path),
            label: label(path),
        });
        let threads = self.threads.iter().take(LISTED_THREADS).map(|thread| {
            let row = state.rows.get(&SessionId::from(thread.session.as_str()));
            view::SharedThread {
                session: thread.session.clone(),
                title: row.map(|row| row.title.clone()).unwrap_or_default(),
                from_afar: thread.from_afar,
            }
        });
        let more = self.threads.len().saturating_sub(LISTED_THREADS);
        view::PairingRow {
            id: pairing.id.clone(),
            label: pairing.label.clone(),
            broker: pairing.broker.clone(),
            host: host_of(&pairing.broker),
            state: standing.state,
            since: standing.since,
            trouble: standing.trouble,
            detail: standing.detail.clone(),
            last_answer: standing.last_answer,
            next_try: standing.next_try,
            expires: pairing.expires,
            policy: self.policy,
            folders: folders.collect(),
            threads: threads.collect(),
            more_threads: u32::try_from(more).unwrap_or(u32::MAX),
            behind_proxy: self.behind_proxy,
            past_proxy: pairing.past_proxy,
            waiting: self.waiting,
            last_command: self.last_command.clone(),
            created: pairing.created,
        }
    }
}

/// An answer from afar that waits for a word here.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// Of this one among all pairings.
    pub(crate) id: String,
    pub(crate) pairing: String,
    /// The command it came as, which the server knows.
    pub(crate) command: String,
    pub(crate) kind: CommandKind,
    pub(crate) session: SessionId,
    pub(crate) ask: String,
    pub(crate) who: Option<String>,
    pub(crate) answer: view::RemoteAnswer,
    pub(crate) at: i64,
    /// The person said yes, and it is being given.
    pub(crate) taken: bool,
}

/// What became of an answer that waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It counts by the word of the person here.
    Confirmed,
    /// The person here dropped it.
    Dropped,
    /// What it answers waits no more, or somebody answered otherwise.
    Lapsed,
}

/// What pairings there are.
#[derive(Default)]
pub(crate) struct Shared {
    /// The oldest first; as many as the store keeps.
    pub(crate) pairings: Vec<Known>,
    /// What came first first.
    pub(crate) proposals: Vec<Waiting>,
    /// What became of those that wait no more, until their servers are told.
    pub(crate) settled: Vec<(Waiting, Settled)>,
    /// What is to be told.
    pub(crate) news: News,
    /// The build allows no pairing.
    pub(crate) forbidden: bool,
    /// The build lets no answer from afar count by itself.
    pub(crate) remote_answers_forbidden: bool,
}

impl Shared {
    pub(crate) fn find(&self, id: &str) -> Option<&Known> {
        self.pairings.iter().find(|known| known.pairing.id == id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Known> {
        self.pairings.iter_mut().find(|known| known.pairing.id == id)
    }

    /// Whether something may leave over any pairing.
    pub(crate) fn is_any_active(&self) -> bool {
        self.pairings.iter().any(Known::is_active)
    }

    /// All pairings, for a window.
    pub(crate) fn view(&self, state: &State) -> view::Pairings {
        view::Pairings {
            rows: self.pairings.iter().map(|known| known.row(state)).collect(),
            limit: cowork_store::PAIRINGS_LIMIT,
            forbidden: self.forbidden,
            remote_answers_forbidden: self.remote_answers_forbidden,
        }
    }

    /// One of them.
    pub(crate) fn row(&self, id: &str, state: &State) -> Option<view::PairingRow> {
        self.find(id).map(|known| known.row(state))
    }

    /// How they stand together, for the health view.
    pub(crate) fn health(&self) -> view::HealthPart {
        use view::PairingState as State;
        let lasting = || {
            let over = |state| matches!(state, State::Revoked | State::Revoking);
            self.pairings
                .iter()
                .filter(move |known| !over(known.standing.state))
        };
        let count = |wanted: &[State]| {
            let found = lasting().filter(|known| wanted.contains(&known.standing.state));
            u32::try_from(found.count()).unwrap_or(u32::MAX)
        };
        let trouble = lasting().find(|known| {
            matches!(
                known.standing.state,
                State::NeedsYou | State::Offline | State::Expired
            )
        });
        view::HealthPart::Pairing {
            paired: u32::try_from(lasting().count()).unwrap_or(u32::MAX),
            online: count(&[State::Online]),
            stuck: count(&[State::NeedsYou, State::Expired]),
            waiting: lasting().map(|known| known.waiting).sum(),
            trouble: trouble
                .map(|known| format!("{}: {}", host_of(&known.pairing.broker), known.standing.detail)),
        }
    }

    /// What was answered from afar to something that waits.
    pub(crate) fn proposals_to(&self, ask: &str) -> Vec<view::RemoteProposal> {
        let of_ask = self.proposals.iter().filter(|proposal| proposal.ask == ask);
        of_ask
            .filter_map(|proposal| {
                let pairing = &self.find(&proposal.pairing)?.pairing;
                Some(view::RemoteProposal {
                    id: proposal.id.clone(),
                    who: proposal.who.clone(),
                    host: host_of(&pairing.broker),
                    label: pairing.label.clone(),
                    answer: proposal.answer.clone(),
                    at: proposal.at,
                })
            })
            .take(SHOWN_PROPOSALS)
            .collect()
    }
}

/// The host of an address, with its port where it names one.
pub(crate) fn host_of(broker: &str) -> String {
    let url = url::Url::parse(broker).ok();
    let host = url.as_ref().and_then(|url| {
        let host = url.host_str()?;
        Some(match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        })
    });
    host.unwrap_or_else(|| broker.to_owned())
}
