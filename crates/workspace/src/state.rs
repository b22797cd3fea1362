//! What the application holds in memory, and how an engine's event changes it. No I/O.

mod asks;
mod events;
mod inbox;
mod marks;
mod rows;
mod safety;
mod underway;
mod window;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::path::PathBuf;

use cowork_engine::{Agent, MessageId, Model, PermissionAsk, SessionId};
use cowork_store::{Allowance, QueuedPrompt};
use cowork_transcript::Transcript;

pub(crate) use self::marks::is_running;
pub(crate) use self::underway::HandedOver;
use self::underway::Underway;
use self::window::Untold;
use crate::folders::{Folders, folder_id};
use crate::journal::{Batch, Unkept};
use crate::open::Open;
use crate::providers::Connected;
use crate::remote::{Known, Shared};
use crate::render::DEMO_PROVIDER;
use crate::search::{self, Unindexed};
use crate::tidings::Tidings;
use crate::view;

/// A session in the index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: SessionId,
    pub(crate) parent: Option<SessionId>,
    pub(crate) folder: PathBuf,
    pub(crate) title: String,
    pub(crate) agent: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) mark: view::SessionMark,
    pub(crate) cost: f64,
    pub(crate) tags: Vec<String>,
}

impl Row {
    pub(crate) fn view(&self) -> view::SessionRow {
        let scripted = self.model.as_deref().is_some_and(is_scripted);
        view::SessionRow {
            id: self.id.to_string(),
            parent: self.parent.as_ref().map(ToString::to_string),
            title: self.title.clone(),
            folder: folder_id(&self.folder),
            mark: self.mark,
            updated: self.updated,
            agent: self.agent.clone(),
            model: self.model.clone(),
            scripted,
            cost: self.cost,
            tags: self.tags.clone(),
        }
    }
}

pub(crate) fn is_scripted(model: &str) -> bool {
    model
        .split_once('/')
        .is_some_and(|(provider, _)| provider == DEMO_PROVIDER)
}

/// A conversation in memory.
pub(crate) struct Live {
    pub(crate) transcript: Transcript,
    /// It holds all the engine knew when it was read, and everything since.
    pub(crate) loaded: bool,
    /// When the session had changed last as it was read; all that came after was seen. None before it is read.
    pub(crate) seen_since: Option<i64>,
    pub(crate) stopping: bool,
    /// The turn that ended last was ended by the person.
    stopped: bool,
    /// Prompts on their way, in the order they were sent: as many as a person sends before the first one is seen.
    underway: Vec<Underway>,
    /// Prompts that came back and may be there after all.
    came_back: VecDeque<MessageId>,
    /// Events that were applied to it, so that a reading they overtook is known for one.
    pub(crate) applied: u64,
    /// Grows with each use, so that the least recently used can be told.
    used: u64,
}

/// What an event asks of the world outside this module.
#[derive(Debug, PartialEq)]
pub(crate) enum Effect {
    /// A session's row changed and should be stored.
    Store(Row),
    /// A session is gone and should be removed from the store.
    Remove(SessionId),
    /// A rule of the person's allows this ask.
    Allow {
        ask: Box<PermissionAsk>,
        folder: PathBuf,
        /// The rules it is allowed by.
        rules: Vec<i64>,
    },
    /// Policy refuses this ask.
    Refuse {
        ask: Box<PermissionAsk>,
        folder: PathBuf,
        reason: String,
    },
    /// The engine has a prompt.
    Delivered(SessionId, MessageId),
    /// A prompt that the engine took may be missing.
    LookFor(SessionId, MessageId),
    /// A prompt that the engine took is not there.
    Returned {
        session: SessionId,
        message: MessageId,
        /// Where it waited, and waits again; it is the draft else.
        queued: Option<QueuedPrompt>,
        /// The engine will not have it later either.
        sure: bool,
    },
    /// Nothing runs in this folder any more.
    Quiet(PathBuf),
    /// A turn of a thread ended.
    TurnEnded(SessionId),
    /// All messages of the open conversation that were read are gone, and the engine has older ones.
    ReadOlder(SessionId),
}

pub(crate) struct State {
    pub(crate) engine: view::EngineState,
    pub(crate) folders: Folders,
    pub(crate) rows: HashMap<SessionId, Row>,
    pub(crate) live: HashMap<SessionId, Live>,
    pub(crate) open: Option<Open>,
    pub(crate) models: Vec<Model>,
    pub(crate) agents: Vec<Agent>,
    pub(crate) providers: Vec<Connected>,
    /// The connection test that runs, or ran last.
    pub(crate) test: Option<view::ConnectionTest>,
    /// The sign-in that is under way, or ended last.
    pub(crate) sign_in: Option<view::SignInView>,
    pub(crate) settings: view::Settings,
    /// What of this is seen over pairings, and what comes over them.
    pub(crate) remote: Shared,
    /// What the desktop is told.
    pub(crate) tidings: Tidings,
    pub(crate) notices: VecDeque<view::Notice>,
    /// How many notices there were that are told at each start until somebody saw them.
    lasting_notices: u64,
    /// What the person allowed for good.
    pub(crate) allowances: Vec<Allowance>,
    /// Those the person took back in this run and may want back, oldest first.
    pub(crate) revoked: VecDeque<Allowance>,
    /// Since when each ask stands open.
    asked: HashMap<String, i64>,
    /// What the window was told of the inbox.
    told_inbox: Option<view::Inbox>,
    /// What of the answers is not on disk yet.
    pub(crate) unkept: Unkept,
    /// Which finished messages are not in the index yet.
    unindexed: Unindexed,
    safety: view::Safety,
    /// Folders that have not read changed settings yet.
    pub(crate) stale: BTreeSet<PathBuf>,
    /// Sessions deleted in this run: as many as a person deletes.
    deleted: HashSet<SessionId>,
    /// When so many rows are in memory, those that nobody needs go.
    most_rows: usize,
    pub(crate) untold: Untold,
    revision: u64,
    uses: u64,
}

impl State {
    pub(crate) fn new(engine: view::EngineState, settings: view::Settings) -> Self {
        Self {
            engine,
            folders: Folders::default(),
            rows: HashMap::new(),
            live: HashMap::new(),
            open: None,
            models: Vec::new(),
            agents: Vec::new(),
            providers: Vec::new(),
            test: None,
            sign_in: None,
            settings,
            remote: Shared::default(),
            tidings: Tidings::default(),
            notices: VecDeque::new(),
            lasting_notices: 0,
            allowances: Vec::new(),
            revoked: VecDeque::new(),
            asked: HashMap::new(),
            told_inbox: None,
            unkept: Unkept::default(),
            unindexed: Unindexed::default(),
            safety: view::Safety {
                boxed: view::BoxState::Unknown,
                home: view::EngineHome::Private,
                not_saving: None,
                pending: Vec::new(),
                restart_needed: false,
                tools: view::BoxProof::Unknown,
                folders: Vec::new(),
                stopped: Vec::new(),
                stopped_files: Vec::new(),
                servers: Vec::new(),
            },
            stale: BTreeSet::new(),
            deleted: HashSet::new(),
            most_rows: 2 * rows::RECENT_ROWS,
            untold: Untold::default(),
            revision: 0,
            uses: 0,
        }
    }

    pub(crate) fn set_engine(&mut self, engine: view::EngineState) {
        if self.engine != engine {
            self.engine = engine;
            self.untold.engine = true;
        }
    }

    /// What of the answers is to be written now.
    pub(crate) fn take_unkept(&mut self) -> Batch {
        let live = &self.live;
        self.unkept
            .take(|session| live.get(session).map(|live| &live.transcript))
    }

    /// What of the conversations is to be brought into the index now.
    pub(crate) fn take_unindexed(&mut self) -> search::Batch {
        let live = &self.live;
        self.unindexed
            .take(|session| live.get(session).map(|live| &live.transcript))
    }

    /// Which of the conversations are read from the engine into the index, and what happens meanwhile.
    pub(crate) fn unindexed(&mut self) -> &mut Unindexed {
        &mut self.unindexed
    }

    /// Since when, and up to when, everything of a session was seen by this process, which began at `started`; none when
    /// some of it may not have been. What is as old as the session is everything, which only an index may say that was
    /// never emptied since.
    pub(crate) fn seen(&self, session: &SessionId, started: i64, index_made: u64) -> Option<(i64, i64)> {
        let row = self.rows.get(session)?;
        let live = self.live.get(session);
        let whole = row.created >= started && index_made == 0;
        let since = live
            .and_then(|live| live.seen_since)
            .or(whole.then_some(i64::MIN))?;
        Some((since, row.updated))
    }

    pub(crate) fn set_choices(&mut self, models: Vec<Model>, agents: Vec<Agent>) {
        self.untold.models |= self.models != models;
        self.untold.agents |= self.agents != agents;
        (self.models, self.agents) = (models, agents);
    }

    /// Remembers what a prompt was sent with, so that the next one begins with it.
    pub(crate) fn choose(
        &mut self,
        session: &SessionId,
        agent: Option<String>,
        model: Option<String>,
    ) -> Option<Row> {
        let row = self.rows.get_mut(session)?;
        row.agent = agent.or(row.agent.take());
        row.model = model.or(row.model.take());
        self.untold.rows.insert(session.clone());
        Some(row.clone())
    }

    /// Takes over what is always allowed as it is in the store, from where a thread that was deleted goes a moment later.
    pub(crate) fn take_allowances(&mut self, all: Vec<Allowance>) {
        self.allowances = all;
        let deleted = &self.deleted;
        self.allowances.retain(|rule| {
            rule.only_in
                .as_deref()
                .is_none_or(|thread| !deleted.contains(&SessionId::from(thread)))
        });
    }

    pub(crate) fn remove_session(&mut self, session: &SessionId) {
        if self.remote.is_any_active() {
            self.remote.news.remove(session);
        }
        self.deleted.insert(session.clone());
        let stays = |rule: &Allowance| rule.only_in.as_deref() != Some(session.as_str());
        self.allowances.retain(stays);
        self.revoked.retain(stays);
        self.rows.remove(session);
        self.live.remove(session);
        self.unkept.forget(session);
        if self.open.as_ref().is_some_and(|open| open.session == *session) {
            self.close();
        }
        self.untold.removed.push(session.clone());
    }

    /// The transcript of a session, made empty when there is none.
    pub(crate) fn live(&mut self, session: &SessionId) -> &mut Live {
        self.uses += 1;
        let live = self.live.entry(session.clone()).or_insert_with(|| Live {
            transcript: Transcript::new(session.clone()),
            loaded: false,
            seen_since: None,
            stopping: false,
            stopped: false,
            underway: Vec::new(),
            came_back: VecDeque::new(),
            applied: 0,
            used: 0,
        });
        live.used = self.uses;
        live
    }

    /// The model a new session begins with: the one chosen, else one the person connected, else the demo.
    pub(crate) fn model_to_begin_with(&self) -> String {
        self.settings
            .default_model
            .clone()
            .unwrap_or_else(|| self.model_without_choice())
    }

    /// Whether a pairing shares a session: its thread, or the folder of that.
    pub(crate) fn is_shared(&self, known: &Known, session: &SessionId) -> bool {
        let root = self.root_of(session);
        known.is_active() && known.shares(&root, self.rows.get(&root).map(|row| row.folder.as_path()))
    }

    pub(crate) fn folder_of(&self, session: &SessionId) -> Option<PathBuf> {
        self.rows.get(session).map(|row| row.folder.clone())
    }
}

#[cfg(test)]
mod tests;
