//! What the application holds in memory, and how an engine's event changes it. No I/O.

mod inbox;
mod rows;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};

use cowork_engine::{
    Agent, CallId, EngineEvent, Envelope, MessageId, MessagePage, Model, OlderMessages, PermissionAsk, Role,
    SessionId, SessionSnapshot, SessionStatus, TurnErrorKind,
};
use cowork_store::{Allowance, JournalEntry};
use cowork_transcript::{Mark, Patch, Transcript};

use crate::find;
use crate::folders::{Folders, folder_id, label as folder_label};
use crate::journal::{self, Batch, Unkept};
use crate::open::{Open, Surroundings};
use crate::providers::Connected;
use crate::render::{self, DEMO_PROVIDER};
use crate::search::{self, News, Unindexed};
use crate::tidings::Tidings;
use crate::view;

/// News kept for a window that starts later, and for one that nobody looks at: what a person reads of hours. Older ones are
/// in the log.
const NOTICES: usize = 50;

/// Conversations kept in memory that nobody looks at and nothing runs in. They are read again from the engine
/// when opened; this many make going back and forth instant.
const IDLE_TRANSCRIPTS: usize = 12;

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

/// Files of one folder that were kept from commands and are still shown.
const STOPPED_FILES: usize = 20;

/// Connections that were stopped and are still shown: as many as fit a list without scrolling.
const STOPPED_CONNECTIONS: usize = 12;

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
    /// The prompt sent last, until the engine is seen to have it.
    pub(crate) sent: Option<(MessageId, String)>,
    /// Events that were applied to it, so that a reading they overtook is known for one.
    pub(crate) applied: u64,
    /// Grows with each use, so that the least recently used can be told.
    used: u64,
}

/// What is to be told to the window beside the open conversation.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent part of an update"
)]
pub(crate) struct Untold {
    rows: BTreeSet<SessionId>,
    removed: Vec<SessionId>,
    /// Threads came or changed that are not among `rows`.
    pub(crate) threads: bool,
    folders: Option<Vec<view::Folder>>,
    engine: bool,
    safety: bool,
    models: bool,
    agents: bool,
    pub(crate) providers: bool,
    pub(crate) test: bool,
    pub(crate) sign_in: bool,
    /// By session: those that are open, and those in which prompts wait.
    composers: BTreeMap<String, view::ComposerState>,
    /// What waits for the person changed.
    inbox: bool,
    /// A thread the person chose outside of the window.
    pub(crate) wanted_session: Option<String>,
    /// At most [`NOTICES`], the newest.
    notices: VecDeque<view::Notice>,
    /// How many older ones there were.
    notices_left_out: u32,
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
    /// The engine threw a prompt away after it had taken it.
    Returned(SessionId, MessageId),
    /// Nothing runs in this folder any more.
    Quiet(PathBuf),
    /// A turn of a thread ended.
    TurnEnded(SessionId),
    /// All messages of the open conversation that were read are gone, and the engine has older ones.
    ReadOlder(SessionId),
}

/// What becomes of an ask.
enum Judgement {
    Ask,
    Allow(Vec<i64>),
    Refuse(String),
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

    /// What must be seen when it is not as promised.
    pub(crate) fn safety(&self) -> view::Safety {
        view::Safety {
            pending: self.stale.iter().map(|folder| folder_label(folder)).collect(),
            folders: self.folders.proofs(),
            ..self.safety.clone()
        }
    }

    fn change_safety(&mut self, change: impl FnOnce(&mut view::Safety)) {
        let before = self.safety.clone();
        change(&mut self.safety);
        self.untold.safety |= before != self.safety;
    }

    pub(crate) fn set_boxed(&mut self, boxed: view::BoxState) {
        self.change_safety(|safety| safety.boxed = boxed);
    }

    pub(crate) fn set_home(&mut self, home: view::EngineHome) {
        self.change_safety(|safety| safety.home = home);
    }

    /// Whether boxes for commands hold on this computer.
    pub(crate) fn set_tools_box(&mut self, proof: view::BoxProof) {
        self.change_safety(|safety| safety.tools = proof);
    }

    /// Whether the box of a folder holds.
    pub(crate) fn set_proof(&mut self, folder: PathBuf, proof: view::BoxProof) {
        self.folders.set_proof(folder, proof);
        self.untold.safety = true;
    }

    /// A box stopped a connection. Only the last of many is worth a person's while.
    pub(crate) fn connection_stopped(&mut self, stopped: view::StoppedConnection) {
        self.change_safety(|safety| {
            safety.stopped.retain(|known| {
                (&known.folder, &known.host, known.port) != (&stopped.folder, &stopped.host, stopped.port)
            });
            safety.stopped.insert(0, stopped);
            safety.stopped.truncate(STOPPED_CONNECTIONS);
        });
    }

    /// A box kept a file from a command. One that is known stays, with what it takes now.
    pub(crate) fn file_stopped(&mut self, stopped: view::StoppedFile) {
        self.change_safety(|safety| {
            let files = &mut safety.stopped_files;
            files.retain(|known| {
                let is_same = known.path == stopped.path
                    || (known.offered.is_some() && known.offered == stopped.offered);
                known.folder != stopped.folder || !is_same
            });
            files.insert(0, stopped);
            let mut of_folder = HashMap::new();
            files.retain(|known| {
                let count = of_folder.entry(known.folder.clone()).or_insert(0);
                *count += 1;
                *count <= STOPPED_FILES
            });
        });
    }

    /// Forgets files that boxes kept, all of them or what matches.
    pub(crate) fn forget_stopped_files(&mut self, matches: impl Fn(&view::StoppedFile) -> bool) {
        self.change_safety(|safety| safety.stopped_files.retain(|stopped| !matches(stopped)));
    }

    /// Forgets what boxes stopped, all of it or what matches.
    pub(crate) fn forget_stopped(&mut self, matches: impl Fn(&view::StoppedConnection) -> bool) {
        self.change_safety(|safety| safety.stopped.retain(|stopped| !matches(stopped)));
    }

    /// What commands serve in their boxes.
    pub(crate) fn set_servers(&mut self, servers: Vec<view::BoxServer>) {
        self.change_safety(|safety| safety.servers = servers);
    }

    pub(crate) fn set_restart_needed(&mut self, needed: bool) {
        self.change_safety(|safety| safety.restart_needed = needed);
    }

    /// Says why what is on screen is not being saved, or that it is. Whether that is news.
    pub(crate) fn set_not_saving(&mut self, reason: Option<String>) -> bool {
        let is_news = self.safety.not_saving.is_some() != reason.is_some();
        self.change_safety(|safety| safety.not_saving = reason);
        is_news
    }

    pub(crate) fn set_stale(&mut self, change: impl FnOnce(&mut BTreeSet<PathBuf>)) {
        let before = self.stale.len();
        change(&mut self.stale);
        self.untold.safety |= before != self.stale.len();
    }

    /// Why policy denies an ask, if it does.
    pub(crate) fn denial(&self, ask: &PermissionAsk, folder: &Path) -> Option<String> {
        let surroundings = cowork_policy::Surroundings {
            box_of_tools: self.box_of_tools(folder),
            unboxed_allowed: self.folders.is_unboxed(folder),
        };
        let in_persons_home = self.safety.home == view::EngineHome::Machine;
        if let Some(reason) = cowork_policy::refused_fetch(ask, in_persons_home) {
            return Some(reason);
        }
        if self.safety.boxed == view::BoxState::Boxed {
            let open = self.folders.in_engines_box();
            let open = open.iter().map(PathBuf::as_path);
            if let Some(reason) = cowork_policy::refused_change(ask, folder, open) {
                return Some(reason);
            }
        }
        match cowork_policy::decide(&ask.kind, surroundings) {
            cowork_policy::Decision::Deny { reason } => Some(reason),
            cowork_policy::Decision::Ask => None,
        }
    }

    /// Whether commands in a folder are held by a box. One that was made with bubblewrap holds only as long as the
    /// engine's does, which it stands in.
    fn box_of_tools(&self, folder: &Path) -> cowork_policy::BoxOfTools {
        use cowork_policy::BoxOfTools;
        let engine_unboxed = matches!(self.safety.boxed, view::BoxState::Unboxed { .. });
        match self.folders.proof(folder) {
            view::BoxProof::Proven { reduced: None } if engine_unboxed => BoxOfTools::Failed,
            view::BoxProof::Proven { .. } => BoxOfTools::Proven,
            view::BoxProof::Failed { .. } => BoxOfTools::Failed,
            view::BoxProof::Unknown | view::BoxProof::Proving => BoxOfTools::Unproven,
        }
    }

    /// What policy says of an ask, and else what the person said for good.
    fn judge(&self, ask: &PermissionAsk, folder: &Path) -> Judgement {
        if let Some(reason) = self.denial(ask, folder) {
            return Judgement::Refuse(reason);
        }
        let rules: Vec<_> = self.rules_for(ask, folder).collect();
        match cowork_policy::covered_by(ask, rules.iter().copied().map(allowed_pattern)) {
            Some(taken) if !self.waits_for_proof(ask, folder) => {
                Judgement::Allow(taken.into_iter().map(|index| rules[index].id).collect())
            }
            _ => Judgement::Ask,
        }
    }

    /// The person's rules that hold where an ask comes from: those of its folder and agent, and of them those of a
    /// thread in that thread alone.
    fn rules_for<'a>(&'a self, ask: &PermissionAsk, folder: &'a Path) -> impl Iterator<Item = &'a Allowance> {
        let agent = self.agent_of(ask);
        let thread = self.root_of(&ask.session);
        self.allowances.iter().filter(move |rule| {
            let here = rule
                .only_in
                .as_deref()
                .is_none_or(|session| session == thread.as_str());
            Path::new(&rule.folder) == folder && rule.agent == agent && here
        })
    }

    /// Whether it is not known yet that what an ask would run is held by a box. It is not answered by itself then.
    pub(crate) fn waits_for_proof(&self, ask: &PermissionAsk, folder: &Path) -> bool {
        cowork_policy::runs_program(&ask.kind)
            && !self.folders.is_unboxed(folder)
            && self.box_of_tools(folder) == cowork_policy::BoxOfTools::Unproven
    }

    /// The agent that asks: the one whose answer the call stands in, else the session's.
    pub(crate) fn agent_of(&self, ask: &PermissionAsk) -> String {
        let answers = ask.call.as_ref().and_then(|(message, _)| {
            let live = self.live.get(&ask.session)?;
            live.transcript.entry(message)?.message.agent.clone()
        });
        answers
            .or_else(|| self.rows.get(&ask.session)?.agent.clone())
            .unwrap_or_default()
    }

    /// Takes the asks out of a list that need no person, and says what is done with each.
    fn sift(&self, asks: Vec<PermissionAsk>, folder: &Path, effects: &mut Vec<Effect>) -> Vec<PermissionAsk> {
        let mut left = Vec::new();
        for ask in asks {
            match self.judge(&ask, folder) {
                Judgement::Ask => left.push(ask),
                Judgement::Allow(rules) => effects.push(Effect::Allow {
                    ask: Box::new(ask),
                    folder: folder.to_owned(),
                    rules,
                }),
                Judgement::Refuse(reason) => effects.push(Effect::Refuse {
                    ask: Box::new(ask),
                    folder: folder.to_owned(),
                    reason,
                }),
            }
        }
        left
    }

    /// What is to be done with the asks that stand open, after rules or the box changed.
    pub(crate) fn judge_open_asks(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (session, live) in &self.live {
            let folder = self.folder_of(session).unwrap_or_default();
            self.sift(live.transcript.permissions().to_vec(), &folder, &mut effects);
        }
        effects
    }

    /// Shows an ask after all, because what was to be answered by itself could not be.
    pub(crate) fn show_ask(&mut self, ask: PermissionAsk, now: i64, effects: &mut Vec<Effect>) {
        let session = ask.session.clone();
        self.apply_to(&session, EngineEvent::PermissionAsked(ask), now, effects);
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

    /// `folders` is what a look at the disk gave, made outside of any lock.
    pub(crate) fn tell_folders(&mut self, folders: Vec<view::Folder>) {
        self.untold.folders = Some(folders);
    }

    pub(crate) fn notice(&mut self, kind: view::NoticeKind, detail: impl Into<String>, now: i64) {
        let notice = view::Notice {
            kind,
            detail: cowork_redact::redact(&detail.into()).into_owned(),
            at: now,
        };
        self.lasting_notices += u64::from(lasts(&notice));
        if self.notices.len() == NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back(notice.clone());
        let untold = &mut self.untold;
        if untold.notices.len() == NOTICES {
            untold.notices.pop_front();
            untold.notices_left_out = untold.notices_left_out.saturating_add(1);
        }
        untold.notices.push_back(notice);
    }

    /// How many notices there were that last until somebody saw them.
    pub(crate) fn lasting_notices(&self) -> u64 {
        self.lasting_notices
    }

    /// Up to which of them these notices, the newest, tell; zero where others took their place.
    pub(crate) fn lasting_in<'a>(&self, notices: impl IntoIterator<Item = &'a view::Notice>) -> u64 {
        let tell = notices.into_iter().any(lasts);
        if tell { self.lasting_notices } else { 0 }
    }

    /// Has the window told of what is in a composer.
    pub(crate) fn tell_composer(&mut self, composer: view::ComposerState) {
        self.untold.composers.insert(composer.session.clone(), composer);
    }

    /// Has the window told of a row as it is now.
    pub(crate) fn tell_row(&mut self, session: &SessionId) {
        self.untold.rows.insert(session.clone());
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

    pub(crate) fn remove_session(&mut self, session: &SessionId) {
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
            sent: None,
            applied: 0,
            used: 0,
        });
        live.used = self.uses;
        live
    }

    /// Takes in everything the engine holds of a session, over what the journal holds of answers that the engine
    /// never finished.
    pub(crate) fn restore(
        &mut self,
        mut snapshot: SessionSnapshot,
        kept: Vec<JournalEntry>,
        now: i64,
        effects: &mut Vec<Effect>,
    ) {
        let (session, updated) = (snapshot.session.id.clone(), snapshot.session.updated);
        self.session_changed(&snapshot.session, effects);
        let asks = std::mem::take(&mut snapshot.permissions);
        snapshot.permissions = self.sift(asks, &snapshot.session.folder, effects);
        let open = snapshot.permissions.iter().map(|ask| ask.id.to_string());
        for id in open.chain(snapshot.questions.iter().map(|ask| ask.id.to_string())) {
            self.asked.entry(id).or_insert(now);
        }
        if self.live(&session).loaded {
            self.unindexed.overtake(&session);
        }
        let live = self.live(&session);
        if !live.loaded {
            let unfinished: Vec<_> = snapshot
                .messages
                .iter()
                .map(|message| &message.message)
                .filter(|message| message.role == Role::Assistant && message.completed.is_none())
                .cloned()
                .collect();
            journal::recall(&mut live.transcript, kept, &unfinished, now);
        }
        // A conversation that was in memory already is read anew because events were missed.
        let patches = if live.loaded {
            live.transcript.restore_after_gap(snapshot, now)
        } else {
            live.transcript.restore(snapshot, now)
        };
        live.loaded = true;
        live.seen_since = Some(updated);
        let patches: Vec<Patch> = patches.into_iter().collect();
        self.told(&session, patches, effects);
    }

    /// The engine ended: whatever ran in it is cut off.
    pub(crate) fn engine_ended(&mut self, now: i64, effects: &mut Vec<Effect>) {
        let sessions: Vec<_> = self.live.keys().cloned().collect();
        for session in sessions {
            let live = self.live(&session);
            live.stopping = false;
            let patches: Vec<Patch> = live.transcript.interrupt(now).into_iter().collect();
            self.told(&session, patches, effects);
        }
    }

    /// Applies one event.
    pub(crate) fn apply(&mut self, envelope: Envelope, now: i64, effects: &mut Vec<Effect>) {
        match &envelope.event {
            // The adapter counts those it has no use for.
            EngineEvent::Connected | EngineEvent::Heartbeat | EngineEvent::Ignored { .. } => return,
            EngineEvent::SessionChanged(session) => self.session_changed(session, effects),
            EngineEvent::SessionRemoved(session) => {
                effects.push(Effect::Remove(session.clone()));
                self.remove_session(session);
                return;
            }
            EngineEvent::PermissionAsked(ask) => {
                let folder = self
                    .folder_of(&ask.session)
                    .or_else(|| envelope.folder.clone())
                    .unwrap_or_default();
                if self.sift(vec![ask.clone()], &folder, effects).is_empty() {
                    return;
                }
            }
            EngineEvent::FolderReset(folder) => {
                let affected: Vec<_> = self
                    .live
                    .keys()
                    .filter(|id| self.folder_of(id).as_deref() == Some(folder))
                    .cloned()
                    .collect();
                for session in affected {
                    self.apply_to(&session, envelope.event.clone(), now, effects);
                }
                return;
            }
            _ => {}
        }
        if let EngineEvent::TurnFailed { session: None, error } = &envelope.event {
            tracing::warn!(kind = ?error.kind, "a failure that belongs to no conversation");
        }
        if let Some(session) = session_of(&envelope.event).filter(|session| !self.deleted.contains(session)) {
            self.apply_to(&session.clone(), envelope.event, now, effects);
        }
    }

    fn apply_to(&mut self, session: &SessionId, event: EngineEvent, now: i64, effects: &mut Vec<Effect>) {
        let mut patches = Vec::new();
        let asked = match &event {
            EngineEvent::PermissionAsked(ask) => Some(ask.id.to_string()),
            EngineEvent::QuestionAsked(ask) => Some(ask.id.to_string()),
            _ => None,
        };
        if let Some(id) = asked {
            self.asked.entry(id).or_insert(now);
        }
        // An engine that does not know the agent keeps nothing of the prompt.
        let thrown_away = matches!(
            &event,
            EngineEvent::TurnFailed { error, .. } if error.kind == TurnErrorKind::UnknownAgent
        );
        let news = News::of(&event);
        let live = self.live(session);
        live.applied += 1;
        live.transcript.apply(event, now, &mut patches);
        if let Some((news, live)) = news.zip(self.live.get(session)) {
            self.unindexed.note(session, news, &live.transcript);
        }
        let live = self.live(session);
        if let Some((message, text)) = live
            .sent
            .take_if(|(message, _)| thrown_away || live.transcript.entry(message).is_some())
            && live.transcript.entry(&message).is_none()
        {
            effects.push(Effect::Returned(session.clone(), message));
            if let Some(open) = self.open.as_mut().filter(|open| open.session == *session) {
                open.note_draft(text);
            }
        }
        let live = self.live(session);
        if *live.transcript.status() == SessionStatus::Idle {
            live.stopped |= live.stopping;
            live.stopping = false;
        }
        self.told(session, patches, effects);
    }

    /// Spreads what changed in one transcript to the open conversation and to the session's row.
    fn told(&mut self, session: &SessionId, patches: Vec<Patch>, effects: &mut Vec<Effect>) {
        if let Some(live) = self.live.get(session) {
            self.unkept.note(session, &patches, &live.transcript);
        }
        let row_may_change = patches.iter().any(|patch| {
            matches!(
                patch,
                Patch::Everything | Patch::Status | Patch::Asks | Patch::Error
            )
        });
        let asks = patches
            .iter()
            .any(|patch| matches!(patch, Patch::Everything | Patch::Asks));
        self.untold.inbox |= asks;
        if patches
            .iter()
            .any(|patch| matches!(patch, Patch::MessageRemoved { .. }))
            && self.open.as_ref().is_some_and(|open| open.session == *session)
            && self.live.get(session).is_some_and(|live| {
                live.transcript.messages().is_empty() && live.transcript.older().is_some()
            })
        {
            effects.push(Effect::ReadOlder(session.clone()));
        }
        if let Some(open) = self.open.as_ref().map(|open| open.session.clone()) {
            let child = (!patches.is_empty() && open != *session)
                .then(|| self.child_towards(session, &open))
                .flatten();
            if let Some(open) = &mut self.open {
                if open.session == *session {
                    for patch in patches {
                        open.note(patch);
                    }
                } else if let Some(child) = child {
                    open.note_child(&child, asks);
                }
            }
        }
        if row_may_change {
            self.refresh_mark(session, effects);
        }
    }

    /// Whether `session` is a sub-agent of `ancestor`, at any depth.
    fn descends(&self, session: &SessionId, ancestor: &SessionId) -> bool {
        self.child_towards(session, ancestor).is_some()
    }

    /// The sub-agent of `ancestor` that `session` is, or below which it is.
    fn child_towards(&self, session: &SessionId, ancestor: &SessionId) -> Option<SessionId> {
        // Sub-agents start sub-agents only a few levels deep; the bound ends a loop in what an engine reports.
        const DEEPEST: usize = 16;
        let mut current = session;
        for _ in 0..DEEPEST {
            match self.rows.get(current).and_then(|row| row.parent.as_ref()) {
                Some(parent) if parent == ancestor => return Some(current.clone()),
                Some(parent) => current = parent,
                None => return None,
            }
        }
        None
    }

    pub(crate) fn root_of(&self, session: &SessionId) -> SessionId {
        let mut current = session.clone();
        for _ in 0..16 {
            match self.rows.get(&current).and_then(|row| row.parent.clone()) {
                Some(parent) => current = parent,
                None => break,
            }
        }
        current
    }

    /// Brings the mark of a session, and of the one its sub-agents work for, up to date.
    fn refresh_mark(&mut self, session: &SessionId, effects: &mut Vec<Effect>) {
        let root = self.root_of(session);
        let (permissions, questions) = self.asks(&root);
        let (permissions, questions) = (!permissions.is_empty(), !questions.is_empty());
        let Some(mark) = self.live.get(&root).map(|live| live.transcript.mark()) else {
            return;
        };
        let watched = self.open.as_ref().is_some_and(|open| open.session == root);
        let Some(row) = self.rows.get_mut(&root) else {
            return;
        };
        let next = match mark {
            _ if permissions => view::SessionMark::AsksPermission,
            _ if questions => view::SessionMark::AsksQuestion,
            Mark::AsksPermission => view::SessionMark::AsksPermission,
            Mark::AsksQuestion => view::SessionMark::AsksQuestion,
            Mark::Working => view::SessionMark::Working,
            Mark::Retrying => view::SessionMark::Retrying,
            Mark::Failed => view::SessionMark::Failed,
            Mark::Interrupted => view::SessionMark::Interrupted,
            Mark::Idle if watched => view::SessionMark::Idle,
            Mark::Idle if is_running(row.mark) => view::SessionMark::Done,
            Mark::Idle if row.mark == view::SessionMark::Done => view::SessionMark::Done,
            Mark::Idle => view::SessionMark::Idle,
        };
        if row.mark == next {
            return;
        }
        let before = std::mem::replace(&mut row.mark, next);
        let ended = is_running(before) && !is_running(next);
        effects.push(Effect::Store(row.clone()));
        let folder = row.folder.clone();
        let stopped = self.live.get_mut(&root).is_some_and(|live| {
            // Asked for once: a later end is news again.
            live.stopping || (!is_running(next) && std::mem::take(&mut live.stopped))
        });
        if let Some(row) = self.rows.get(&root) {
            self.tell_of(row, before, stopped);
        }
        self.untold.rows.insert(root.clone());
        if ended && !self.busy(&folder) {
            effects.push(Effect::Quiet(folder));
        }
        // After that, so that the next prompt goes out with what was changed meanwhile.
        if ended {
            effects.push(Effect::TurnEnded(root));
        }
    }

    /// Every session a turn runs in, with its folder.
    pub(crate) fn running(&self) -> Vec<(SessionId, PathBuf)> {
        self.live
            .iter()
            .filter(|(_, live)| *live.transcript.status() != SessionStatus::Idle)
            .filter_map(|(id, _)| Some((id.clone(), self.folder_of(id)?)))
            .collect()
    }

    /// Whether agents work by themselves just now. An ask that waits for the person may wait until tomorrow, and nothing
    /// else is to wait for it.
    pub(crate) fn is_at_work(&self) -> bool {
        let asks = |live: &Live| {
            !live.transcript.permissions().is_empty() || !live.transcript.questions().is_empty()
        };
        let busy = |live: &Live| *live.transcript.status() != SessionStatus::Idle;
        self.live.values().any(busy) && !self.live.values().any(asks)
    }

    /// The model a new session begins with: the one chosen, else one the person connected, else the demo.
    pub(crate) fn model_to_begin_with(&self) -> String {
        self.settings
            .default_model
            .clone()
            .unwrap_or_else(|| self.model_without_choice())
    }

    /// Whether a turn runs in a folder, or is about to.
    pub(crate) fn busy(&self, folder: &Path) -> bool {
        self.live.iter().any(|(id, live)| {
            (*live.transcript.status() != SessionStatus::Idle || live.sent.is_some())
                && self.rows.get(id).is_some_and(|row| row.folder == folder)
        })
    }

    pub(crate) fn folder_of(&self, session: &SessionId) -> Option<PathBuf> {
        self.rows.get(session).map(|row| row.folder.clone())
    }

    /// What waits for the person in a session and its sub-agents.
    fn asks(&self, root: &SessionId) -> (Vec<view::PermissionCard>, Vec<view::QuestionCard>) {
        let (mut permissions, mut questions) = (Vec::new(), Vec::new());
        let mut sessions: Vec<_> = self
            .live
            .iter()
            .filter(|(id, live)| {
                (!live.transcript.permissions().is_empty() || !live.transcript.questions().is_empty())
                    && (*id == root || self.descends(id, root))
            })
            .collect();
        sessions.sort_by_key(|(id, _)| (*id != root, (*id).clone()));
        for (id, live) in sessions {
            let folder = self.folder_of(id).unwrap_or_default();
            let subagent =
                (id != root).then(|| self.rows.get(id).map(|row| row.title.clone()).unwrap_or_default());
            permissions.extend(live.transcript.permissions().iter().map(|ask| {
                let mut card = render::permission_card(ask, &folder, self.agent_of(ask));
                card.subagent.clone_from(&subagent);
                card.overruled = self.is_overruled(ask);
                card.place = self.place_of_ask(root, id, ask.call.as_ref());
                card
            }));
            questions.extend(live.transcript.questions().iter().map(|ask| {
                let mut card = render::question_card(ask, subagent.clone());
                card.place = self.place_of_ask(root, id, ask.call.as_ref());
                card
            }));
        }
        (permissions, questions)
    }

    /// Where in a conversation stands what asks: the call itself, or the one that started the sub-agent.
    fn place_of_ask(
        &self,
        root: &SessionId,
        asking: &SessionId,
        call: Option<&(MessageId, CallId)>,
    ) -> Option<view::BlockReference> {
        let transcript = &self.live.get(root)?.transcript;
        if asking == root {
            let (message, call) = call?;
            return find::block_of_call(transcript, message, call);
        }
        let mut child = asking;
        while let Some(parent) = self
            .rows
            .get(child)?
            .parent
            .as_ref()
            .filter(|parent| *parent != root)
        {
            child = parent;
        }
        find::block_of_child(transcript, child)
    }

    pub(crate) fn surroundings(&self, session: &SessionId) -> Surroundings {
        let (permissions, questions) = self.asks(session);
        let live = self.live.get(session);
        let empty = Transcript::new(session.clone());
        let transcript = live.map_or(&empty, |live| &live.transcript);
        let model = self
            .rows
            .get(session)
            .and_then(|row| row.model.as_deref())
            .and_then(|model| {
                self.models
                    .iter()
                    .find(|known| known.reference.to_string() == model)
            });
        Surroundings {
            status: render::status(
                transcript,
                live.is_some_and(|live| live.stopping),
                model.map_or(0, |model| model.context),
            ),
            permissions,
            questions,
            todos: transcript.todos().iter().map(render::todo).collect(),
        }
    }

    /// A session's conversation for the window; with `stays` its changes are told from now on.
    pub(crate) fn open(
        &mut self,
        session: &SessionId,
        around: Option<&MessageId>,
        draft: String,
        stays: bool,
        effects: &mut Vec<Effect>,
    ) -> view::Conversation {
        self.live(session);
        if stays {
            self.close();
        }
        let mut open = Open::new(session.clone(), self.revision);
        self.revision = self.revision.max(open.revision());
        let surroundings = self.surroundings(session);
        let folder = self.folder_of(session).unwrap_or_default();
        let lanes = |child: &SessionId| self.live.get(child).map(|live| &live.transcript);
        let conversation = match self.live.get(session) {
            Some(live) => open.conversation(&live.transcript, around, &folder, &lanes, surroundings, draft),
            None => open.conversation(
                &Transcript::new(session.clone()),
                None,
                &folder,
                &lanes,
                surroundings,
                draft,
            ),
        };
        if !stays {
            return conversation;
        }
        self.open = Some(open);
        if let Some(row) = self.rows.get_mut(session)
            && row.mark == view::SessionMark::Done
        {
            row.mark = view::SessionMark::Idle;
            effects.push(Effect::Store(row.clone()));
            self.untold.rows.insert(session.clone());
        }
        self.forget_idle();
        conversation
    }

    /// The window wants other messages of the open conversation. Whether it is open.
    pub(crate) fn turn_page(&mut self, session: &SessionId, page: view::ConversationPage) -> bool {
        let open = self.open.as_mut().filter(|open| open.session == *session);
        open.map(|open| open.note_page(page)).is_some()
    }

    /// Where older messages of a conversation are to be read, when a page of them in the window needs that or `all` are
    /// wanted.
    pub(crate) fn older_needed(&self, session: &SessionId, all: bool) -> Option<OlderMessages> {
        let transcript = &self.live.get(session)?.transcript;
        let open = self.open.as_ref().filter(|open| open.session == *session);
        let lacks = open.is_some_and(|open| open.lacks_older(transcript));
        transcript.older().filter(|_| all || lacks).cloned()
    }

    /// Whether messages older than those the window holds are in memory.
    pub(crate) fn has_older(&self, session: &SessionId) -> bool {
        let open = self.open.as_ref().filter(|open| open.session == *session);
        let live = self.live.get(session);
        open.zip(live)
            .is_some_and(|(open, live)| open.has_older(&live.transcript))
    }

    /// Takes in messages that were read from `place`, unless others were meanwhile.
    pub(crate) fn extend_back(
        &mut self,
        session: &SessionId,
        place: &OlderMessages,
        page: MessagePage,
        effects: &mut Vec<Effect>,
    ) {
        let live = self.live(session);
        if live.transcript.older() != Some(place) {
            return;
        }
        let patches: Vec<Patch> = live.transcript.extend_back(page).into_iter().collect();
        self.told(session, patches, effects);
    }

    /// Nothing is open any more.
    pub(crate) fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.revision = self.revision.max(open.revision());
        }
    }

    /// Lets go of conversations nobody needs in memory.
    fn forget_idle(&mut self) {
        let mut idle: Vec<_> = self
            .live
            .iter()
            .filter(|(id, live)| {
                *live.transcript.status() == SessionStatus::Idle
                    && live.transcript.permissions().is_empty()
                    && live.transcript.questions().is_empty()
                    && self
                        .open
                        .as_ref()
                        .is_none_or(|open| open.session != **id && !self.descends(id, &open.session))
            })
            .map(|(id, live)| (live.used, id.clone()))
            .collect();
        idle.sort_unstable();
        for (_, id) in idle.iter().take(idle.len().saturating_sub(IDLE_TRANSCRIPTS)) {
            self.live.remove(id);
        }
    }

    /// Everything that changed since the last call, with what is new of `snippets`, or nothing.
    pub(crate) fn update(&mut self, snippets: Vec<view::SnippetUpdate>) -> Option<view::Update> {
        let untold = std::mem::take(&mut self.untold);
        // Where nothing of it can have changed the commands that wait are not read again.
        let may_differ = untold.inbox || !untold.rows.is_empty() || !untold.removed.is_empty();
        let inbox = may_differ.then(|| self.untold_inbox()).flatten();
        let mut update = view::Update {
            sessions: untold
                .rows
                .iter()
                .filter_map(|id| self.rows.get(id))
                .map(Row::view)
                .collect(),
            removed_sessions: untold.removed.iter().map(ToString::to_string).collect(),
            threads: untold.threads,
            folders: untold.folders,
            engine: untold.engine.then(|| self.engine.clone()),
            safety: untold.safety.then(|| self.safety()),
            models: untold.models.then(|| self.model_choices()),
            agents: untold.agents.then(|| self.agent_choices()),
            providers: untold.providers.then(|| self.provider_rows()),
            test: untold.test.then(|| self.test.clone()).flatten(),
            sign_in: untold.sign_in.then(|| self.sign_in.clone()).flatten(),
            composers: untold.composers.into_values().collect(),
            snippets,
            inbox,
            wanted_session: untold.wanted_session,
            notices: untold.notices.into(),
            notices_left_out: untold.notices_left_out,
            ..view::Update::default()
        };
        if let Some(mut open) = self.open.take() {
            let folder = self.folder_of(&open.session).unwrap_or_default();
            let lanes = |child: &SessionId| self.live.get(child).map(|live| &live.transcript);
            update.conversation = self.live.get(&open.session).and_then(|live| {
                let session = open.session.clone();
                open.patch(&live.transcript, &folder, &lanes, || self.surroundings(&session))
            });
            self.open = Some(open);
        }
        (update != view::Update::default()).then_some(update)
    }

    /// A window that starts is given everything; what was untold is contained.
    pub(crate) fn forget_untold(&mut self) {
        self.untold = Untold::default();
    }

    pub(crate) fn model_choices(&self) -> Vec<view::ModelChoice> {
        self.models
            .iter()
            .map(crate::providers::offered::choice)
            .collect()
    }

    pub(crate) fn agent_choices(&self) -> Vec<view::AgentChoice> {
        self.agents
            .iter()
            .filter(|agent| !agent.hidden && agent.mode != cowork_engine::AgentMode::Subagent)
            .map(|agent| view::AgentChoice {
                name: agent.name.clone(),
                description: agent.description.clone().unwrap_or_default(),
            })
            .collect()
    }
}

/// What a rule of the person's allows.
fn allowed_pattern(rule: &Allowance) -> cowork_policy::AllowedPattern<'_> {
    cowork_policy::AllowedPattern {
        permission: &rule.permission,
        pattern: &rule.pattern,
    }
}

/// Whether a notice is told at each start until somebody saw it.
fn lasts(notice: &view::Notice) -> bool {
    notice.kind == view::NoticeKind::StoreRebuilt
}

pub(crate) fn is_running(mark: view::SessionMark) -> bool {
    matches!(
        mark,
        view::SessionMark::Working
            | view::SessionMark::AsksPermission
            | view::SessionMark::AsksQuestion
            | view::SessionMark::Retrying
    )
}

fn session_of(event: &EngineEvent) -> Option<&SessionId> {
    match event {
        EngineEvent::SessionChanged(session) => Some(&session.id),
        EngineEvent::StatusChanged { session, .. }
        | EngineEvent::MessageRemoved { session, .. }
        | EngineEvent::PartChanged { session, .. }
        | EngineEvent::PartGrew { session, .. }
        | EngineEvent::PartRemoved { session, .. }
        | EngineEvent::PermissionAnswered { session, .. }
        | EngineEvent::QuestionAnswered { session, .. }
        | EngineEvent::TodosChanged { session, .. } => Some(session),
        EngineEvent::TurnFailed { session, .. } => session.as_ref(),
        EngineEvent::MessageChanged(message) => Some(&message.session),
        EngineEvent::PermissionAsked(ask) => Some(&ask.session),
        EngineEvent::QuestionAsked(ask) => Some(&ask.session),
        EngineEvent::Connected
        | EngineEvent::Heartbeat
        | EngineEvent::SessionRemoved(_)
        | EngineEvent::FolderReset(_)
        | EngineEvent::Ignored { .. } => None,
    }
}

#[cfg(test)]
mod tests;
