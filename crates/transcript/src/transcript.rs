//! The transcript: what it holds, what can be read of it, and which event goes where.

use cowork_engine::{
    EngineEvent, Message, MessageId, OlderMessages, PartContent, PartId, PermissionAsk, QuestionAsk,
    Reverted, Role, Session, SessionId, SessionStatus, Todo, TurnError, Usage,
};

use crate::asks::{AskedBy, Asks};
use crate::tasks::{child_of, task};
use crate::timeline::{Growth, Surroundings, Timeline};
use crate::{Block, Entry, Patch, Patches, Repeated, ToolView};

/// One session's conversation. See the crate's documentation.
#[derive(Debug)]
pub struct Transcript {
    pub(crate) id: SessionId,
    pub(crate) session: Option<Session>,
    /// Where messages begin that are older than all of the timeline.
    pub(crate) older: Option<OlderMessages>,
    /// A snapshot was taken. Before, nothing is known of what is older than the first event told.
    pub(crate) read: bool,
    pub(crate) timeline: Timeline,
    pub(crate) asks: Asks,
    pub(crate) todos: Vec<Todo>,
    pub(crate) status: SessionStatus,
    pub(crate) working_since: Option<i64>,
    pub(crate) error: Option<TurnError>,
    /// The engine said that no turn is running. Not so at the beginning, when nothing is known: a call that
    /// runs then is not to be called interrupted.
    pub(crate) ended: bool,
    /// The status is idle because a failure implied it; the engine has not said so.
    pub(crate) idle_inferred: bool,
    /// What the running turn does again and again.
    pub(crate) repeated: Option<Repeated>,
}

/// A session in one word, the most urgent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Nothing happens; the last turn, if any, ended well or was stopped by the person.
    Idle,
    /// A turn is running.
    Working,
    /// It waits for a permission.
    AsksPermission,
    /// It waits for an answer.
    AsksQuestion,
    /// A model request failed and will be repeated.
    Retrying,
    /// The last turn failed; [`Transcript::error`] says why.
    Failed,
    /// The last turn was cut off.
    Interrupted,
}

impl Transcript {
    /// A transcript of a session of which nothing is known yet.
    #[must_use]
    pub fn new(session: SessionId) -> Self {
        Self {
            id: session,
            session: None,
            older: None,
            read: false,
            timeline: Timeline::default(),
            asks: Asks::default(),
            todos: Vec::new(),
            status: SessionStatus::Idle,
            working_since: None,
            error: None,
            ended: false,
            idle_inferred: false,
            repeated: None,
        }
    }

    /// Takes one event at `now` (milliseconds since the epoch) and appends to `patches` what it changed.
    ///
    /// Events of other sessions and repeated or late events change nothing. A failure that names no session is
    /// not taken: it may be any session's. A reset of a folder is taken once the session's folder is known,
    /// which the first snapshot or [`EngineEvent::SessionChanged`] tells.
    pub fn apply(&mut self, event: EngineEvent, now: i64, patches: &mut Vec<Patch>) {
        match event {
            EngineEvent::PartGrew {
                session,
                message,
                part,
                delta,
            } => {
                if session == self.id {
                    self.grow(message, part, &delta, now, patches);
                }
            }
            EngineEvent::PartChanged { session, part } => {
                if session == self.id {
                    let surroundings = Surroundings {
                        ended: self.ended,
                        asks: &self.asks,
                    };
                    let call = matches!(part.content, PartContent::Tool(_))
                        .then(|| (part.message.clone(), part.id.clone()));
                    self.timeline.place(part, surroundings, patches);
                    if let Some((message, block)) = call {
                        self.note_repeated(&message, &block, patches);
                    }
                }
            }
            EngineEvent::PartRemoved {
                session,
                message,
                part,
            } => {
                if session == self.id {
                    self.timeline.remove_part(&message, &part, patches);
                }
            }
            EngineEvent::MessageChanged(message) => {
                if message.session == self.id {
                    self.message_changed(message, now, patches);
                }
            }
            EngineEvent::MessageRemoved { session, message } => {
                if session == self.id && self.timeline.remove(&message, patches) {
                    patches.push(Patch::Usage);
                }
            }
            EngineEvent::StatusChanged { session, status } => {
                if session == self.id {
                    self.status_changed(status, now, patches);
                }
            }
            EngineEvent::TurnFailed { session, error } => {
                if session.as_ref() == Some(&self.id) {
                    self.turn_failed(error, patches);
                }
            }
            EngineEvent::TodosChanged { session, todos } => {
                if session == self.id && self.todos != todos {
                    self.todos = todos;
                    patches.push(Patch::Todos);
                }
            }
            EngineEvent::SessionChanged(session) => {
                if session.id == self.id && self.session.as_ref() != Some(&session) {
                    self.session_changed(session, patches);
                }
            }
            EngineEvent::SessionRemoved(session) => {
                if session == self.id {
                    self.cut_off(now, patches);
                }
            }
            EngineEvent::FolderReset(folder) => {
                if self
                    .session
                    .as_ref()
                    .is_some_and(|session| session.folder == folder)
                {
                    self.cut_off(now, patches);
                }
            }
            EngineEvent::PermissionAsked(_)
            | EngineEvent::PermissionAnswered { .. }
            | EngineEvent::QuestionAsked(_)
            | EngineEvent::QuestionAnswered { .. } => self.ask_changed(event, patches),
            EngineEvent::Connected | EngineEvent::Heartbeat | EngineEvent::Ignored { .. } => {}
        }
    }

    /// Takes text that is added to a part, from somebody who counts: it stands `from` bytes after the part's beginning. So
    /// what is told again adds nothing, also to a message that is complete, and what would leave a hole is not taken.
    /// Whether the text is now as whole as it was told.
    pub fn grow_at(
        &mut self,
        message: &MessageId,
        part: &PartId,
        from: usize,
        delta: &str,
        patches: &mut Vec<Patch>,
    ) -> bool {
        self.timeline
            .grow_at(message, part, from, delta, self.ended, patches)
    }

    /// The engine died at `now` (milliseconds since the epoch): what ran, what was asked and the running turn
    /// are marked as interrupted. The text that was streamed stays.
    pub fn interrupt(&mut self, now: i64) -> Patches {
        let mut patches = Vec::new();
        self.cut_off(now, &mut patches);
        Patches::Listed(patches)
    }

    /// Which session this is.
    #[must_use]
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// The session as the engine lists it; none until it was told.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The messages in order of creation, then of id. Those that do not count since the session went back are not here.
    #[must_use]
    pub fn messages(&self) -> &[Entry] {
        self.timeline.entries.get(..self.counting()).unwrap_or_default()
    }

    /// The messages from where the session went back to, which do not count any more and come again when that is undone.
    #[must_use]
    pub fn set_aside(&self) -> &[Entry] {
        self.timeline.entries.get(self.counting()..).unwrap_or_default()
    }

    /// What the session went back to.
    #[must_use]
    pub fn reverted(&self) -> Option<&Reverted> {
        self.session.as_ref()?.reverted.as_ref()
    }

    /// How many of the messages count.
    fn counting(&self) -> usize {
        let Some(reverted) = self.reverted() else {
            return self.timeline.entries.len();
        };
        // It is the first to be removed by the next prompt, and of a long conversation it may not be read yet. An
        // engine's ids grow with time, so that it is known all the same which ones come after it.
        let place = self
            .timeline
            .records
            .get(&reverted.from)
            .map(|record| record.position);
        let entries = &self.timeline.entries;
        place.unwrap_or_else(|| entries.partition_point(|entry| entry.message.id < reverted.from))
    }

    /// Where messages older than all that are here are to be read; none when these are all.
    #[must_use]
    pub fn older(&self) -> Option<&OlderMessages> {
        self.older.as_ref()
    }

    /// Where a message stands among [`messages`](Self::messages).
    #[must_use]
    pub fn position(&self, message: &MessageId) -> Option<usize> {
        let position = self.timeline.records.get(message)?.position;
        (position < self.counting()).then_some(position)
    }

    /// One message, whether or not it counts.
    #[must_use]
    pub fn entry(&self, message: &MessageId) -> Option<&Entry> {
        self.timeline.entry(message)
    }

    /// One block.
    #[must_use]
    pub fn block(&self, message: &MessageId, part: &PartId) -> Option<&Block> {
        self.timeline.block(message, part)
    }

    /// The calls that hand work to sub-agents, newest first. Costs what is taken of it, however long the conversation is.
    pub fn tasks(&self) -> impl Iterator<Item = &ToolView> {
        let messages = self.timeline.tasks.messages().rev();
        messages
            .filter_map(|message| self.entry(message))
            .flat_map(|entry| entry.blocks.iter().rev())
            .filter_map(|block| task(&block.content))
    }

    /// Where the calls are that name a sub-agent's session, in the order they came.
    pub fn calls_of(&self, child: &SessionId) -> impl DoubleEndedIterator<Item = (&MessageId, &PartId)> {
        let calls = self.timeline.tasks.calls(child).iter();
        calls
            .filter(|(message, part)| {
                let content = self.block(message, part).map(|block| &block.content);
                content.and_then(child_of) == Some(child)
            })
            .map(|(message, part)| (message, part))
    }

    /// What the session is doing.
    #[must_use]
    pub fn status(&self) -> &SessionStatus {
        &self.status
    }

    /// When the running turn began, in milliseconds since the epoch; none while nothing runs.
    #[must_use]
    pub fn working_since(&self) -> Option<i64> {
        self.working_since
    }

    /// Open requests for permission, oldest first.
    #[must_use]
    pub fn permissions(&self) -> &[PermissionAsk] {
        &self.asks.permissions
    }

    /// Open questions, oldest first.
    #[must_use]
    pub fn questions(&self) -> &[QuestionAsk] {
        &self.asks.questions
    }

    /// The plan.
    #[must_use]
    pub fn todos(&self) -> &[Todo] {
        &self.todos
    }

    /// Why the last turn failed; none while a turn runs well, and none when the person stopped it.
    #[must_use]
    pub fn error(&self) -> Option<&TurnError> {
        self.error.as_ref()
    }

    /// The message that carries [`error`](Self::error) as its own. Where there is one, a view that shows
    /// messages with their errors has shown it already.
    #[must_use]
    pub fn error_message(&self) -> Option<&MessageId> {
        let newest = &self.timeline.entries.get(self.timeline.last_answer()?)?.message;
        (self.error.is_some() && newest.error == self.error).then_some(&newest.id)
    }

    /// Tokens and cost of all answers together; where older ones are not here, the tokens of those that are, and the cost
    /// that the engine counted.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let known = self.timeline.taken();
        match (&self.older, &self.session) {
            (Some(_), Some(session)) => Usage {
                cost: known.cost.max(session.cost),
                ..known
            },
            _ => known,
        }
    }

    /// Tokens in the model's context after the last answer that said how many it took; 0 before the first.
    #[must_use]
    pub fn context(&self) -> u64 {
        self.answers()
            .rev()
            .map(|answer| answer.usage.context())
            .find(|tokens| *tokens > 0)
            .unwrap_or(0)
    }

    /// The session in one word.
    #[must_use]
    pub fn mark(&self) -> Mark {
        if !self.asks.permissions.is_empty() {
            return Mark::AsksPermission;
        }
        if !self.asks.questions.is_empty() {
            return Mark::AsksQuestion;
        }
        match self.status {
            SessionStatus::Retry { .. } => Mark::Retrying,
            SessionStatus::Busy => Mark::Working,
            SessionStatus::Idle if self.error.is_some() => Mark::Failed,
            SessionStatus::Idle if self.last_turn_interrupted() => Mark::Interrupted,
            SessionStatus::Idle => Mark::Idle,
        }
    }

    fn last_turn_interrupted(&self) -> bool {
        let entries = self.messages();
        let answer = entries
            .iter()
            .rfind(|entry| entry.message.role == Role::Assistant);
        [answer, entries.last()]
            .into_iter()
            .flatten()
            .any(|entry| entry.interrupted)
    }

    fn answers(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages()
            .iter()
            .map(|entry| &entry.message)
            .filter(|message| message.role == Role::Assistant)
    }

    fn session_changed(&mut self, session: Session, patches: &mut Vec<Patch>) {
        let before = self.reverted().map(|reverted| reverted.from.clone());
        self.session = Some(session);
        patches.push(Patch::Session);
        if self.reverted().map(|reverted| &reverted.from) == before.as_ref() {
            return;
        }
        if before.is_none() && self.error.take().is_some() {
            // The turn that failed is among what does not count any more.
            patches.push(Patch::Error);
        }
        patches.push(Patch::Everything);
    }

    fn grow(&mut self, message: MessageId, part: PartId, delta: &str, now: i64, patches: &mut Vec<Patch>) {
        let growth = self.timeline.grow(message, part, delta, self.ended, patches);
        if self.idle_inferred && growth == Growth::Shown {
            // The failure was another prompt's: a model is still writing.
            self.status_changed(SessionStatus::Busy, now, patches);
        }
    }

    fn ask_changed(&mut self, event: EngineEvent, patches: &mut Vec<Patch>) {
        let call = match event {
            EngineEvent::PermissionAsked(ask) if ask.session == self.id => {
                let call = ask.call.clone();
                self.asks.open_permission(ask).then_some(call)
            }
            EngineEvent::QuestionAsked(ask) if ask.session == self.id => {
                let call = ask.call.clone();
                self.asks.open_question(ask).then_some(call)
            }
            EngineEvent::PermissionAnswered { session, permission } if session == self.id => {
                self.asks.close_permission(&permission)
            }
            EngineEvent::QuestionAnswered { session, question } if session == self.id => {
                self.asks.close_question(&question)
            }
            _ => None,
        };
        if let Some(call) = call {
            self.asks_changed(&[call], patches);
        }
    }

    /// Says that asks about these calls came or went.
    pub(crate) fn asks_changed(&mut self, calls: &[AskedBy], patches: &mut Vec<Patch>) {
        patches.push(Patch::Asks);
        for (message, call) in calls.iter().flatten() {
            self.timeline.refresh_waiting(message, call, &self.asks, patches);
        }
    }
}
