//! The conversation that is open in the window, and what the window is told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cowork_engine::{MessageId, OlderMessages, SessionId};
use cowork_transcript::Transcript;

use super::{Effect, Row, State};
use crate::open::{Open, Surroundings};
use crate::{render, view};

/// News kept for a window that starts later, and for one that nobody looks at: what a person reads of hours. Older ones are
/// in the log.
pub(super) const NOTICES: usize = 50;

/// Conversations kept in memory that nobody looks at and nothing runs in. They are read again from the engine
/// when opened; this many make going back and forth instant.
const IDLE_TRANSCRIPTS: usize = 12;

/// What is to be told to the window beside the open conversation.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent part of an update"
)]
pub(crate) struct Untold {
    pub(super) rows: BTreeSet<SessionId>,
    pub(super) removed: Vec<SessionId>,
    /// Threads came or changed that are not among `rows`.
    pub(crate) threads: bool,
    folders: Option<Vec<view::Folder>>,
    pub(super) engine: bool,
    pub(super) safety: bool,
    pub(super) models: bool,
    pub(super) agents: bool,
    pub(crate) providers: bool,
    pub(crate) test: bool,
    pub(crate) sign_in: bool,
    /// By session: those that are open, and those in which prompts wait.
    composers: BTreeMap<String, view::ComposerState>,
    /// What waits for the person changed.
    pub(crate) inbox: bool,
    /// How pairings stand.
    pub(crate) pairings: bool,
    /// A thread the person chose outside of the window.
    pub(crate) wanted_session: Option<String>,
    /// At most [`NOTICES`], the newest.
    notices: VecDeque<view::Notice>,
    /// How many older ones there were.
    notices_left_out: u32,
}

impl State {
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
                live.is_free()
                    && live.transcript.permissions().is_empty()
                    && live.transcript.questions().is_empty()
                    // What is said there is nowhere else while the disk takes nothing.
                    && !self.unkept.lacks(id)
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
            pairings: untold.pairings.then(|| self.remote.view(self)),
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

/// Whether a notice is told at each start until somebody saw it.
fn lasts(notice: &view::Notice) -> bool {
    notice.kind == view::NoticeKind::StoreRebuilt
}
