//! What waits for a person: all of it in a line each, and what waits in one conversation as cards.

use std::path::Path;

use cowork_engine::{CallId, MessageId, PermissionAsk, PermissionKind, SessionId};
use cowork_screen::open::Surroundings;
use cowork_screen::view::{BlockReference, Inbox, InboxAsk, InboxRow, PermissionCard, QuestionCard};
use cowork_screen::{places, render};
use cowork_transcript::Transcript;

use super::Desktop;
use super::threads::Thread;
use crate::bounds;

impl Desktop {
    /// Everything that waits, permissions first, what waits longest first.
    pub(crate) fn inbox(&self) -> Inbox {
        let mut rows: Vec<_> = self
            .threads
            .asking()
            .flat_map(|(id, thread)| self.rows_of(id, thread))
            .collect();
        rows.sort_by(|one: &InboxRow, other| {
            let place = |row: &InboxRow| (row.subject.is_none(), row.asked);
            place(one).cmp(&place(other)).then_with(|| one.id.cmp(&other.id))
        });
        let more = rows.len().saturating_sub(bounds::INBOX);
        rows.truncate(bounds::INBOX);
        Inbox {
            rows,
            more: u32::try_from(more).unwrap_or(u32::MAX),
        }
    }

    fn rows_of(&self, session: &SessionId, thread: &Thread) -> Vec<InboxRow> {
        let root = self.threads.root(session);
        let Some(shown) = self.threads.get(&root) else {
            return Vec::new();
        };
        let row = |id: &str, asked: i64| InboxRow {
            id: id.to_owned(),
            session: session.to_string(),
            thread: root.to_string(),
            title: shown.shared.title.clone(),
            folder: self.folder_of(&shown.shared),
            agent: thread.shared.agent.clone().unwrap_or_default(),
            asked,
            subject: None,
            runs: Vec::new(),
            about: String::new(),
            destructive: false,
            proposals: Vec::new(),
        };
        let permissions = thread.permissions.iter().map(|(ask, asked)| InboxRow {
            agent: self.agent_of(ask),
            subject: Some(render::subject(&ask.kind)),
            runs: render::runs(ask),
            about: render::line(&about(ask)),
            destructive: cowork_policy::ask_danger(ask).is_some(),
            ..row(ask.id.as_str(), *asked)
        });
        let questions = thread.questions.iter().map(|(ask, asked)| InboxRow {
            about: render::line(ask.questions.first().map_or("", |question| &question.text)),
            ..row(ask.id.as_str(), *asked)
        });
        permissions.chain(questions).collect()
    }

    /// All of one that waits in a thread.
    pub(crate) fn inbox_ask(&self, thread: &SessionId, id: &str) -> InboxAsk {
        let (permissions, questions) = self.cards(thread);
        InboxAsk {
            permission: permissions.into_iter().find(|card| card.id == id),
            question: questions.into_iter().find(|card| card.id == id),
        }
    }

    /// What waits in a session and its sub-agents'.
    fn cards(&self, root: &SessionId) -> (Vec<PermissionCard>, Vec<QuestionCard>) {
        let asking = self.threads.asking();
        let mut asking: Vec<_> = asking
            .filter(|(id, _)| *id == root || self.threads.descends(id, root))
            .collect();
        asking.sort_by_key(|(id, _)| (*id != root, (*id).clone()));
        let (mut permissions, mut questions) = (Vec::new(), Vec::new());
        for (id, thread) in asking {
            let subagent = (id != root).then(|| thread.shared.title.clone());
            permissions.extend(thread.permissions.iter().map(|(ask, _)| {
                let mut card = render::permission_card(ask, Path::new(""), self.agent_of(ask));
                card.subagent.clone_from(&subagent);
                card.place = self.place_of_ask(root, id, ask.call.as_ref());
                // "Always" is said at the desktop alone.
                card.always.clear();
                card
            }));
            questions.extend(thread.questions.iter().map(|(ask, _)| {
                let mut card = render::question_card(ask, subagent.clone());
                card.place = self.place_of_ask(root, id, ask.call.as_ref());
                card
            }));
        }
        (permissions, questions)
    }

    /// What is beside the messages of a conversation.
    pub(crate) fn surroundings(&self, session: &SessionId) -> Surroundings {
        let (permissions, questions) = self.cards(session);
        let empty = Transcript::new(session.clone());
        let transcript = self.transcript(session).unwrap_or(&empty);
        Surroundings {
            status: render::status(transcript, false, 0),
            permissions,
            questions,
            todos: transcript.todos().iter().map(render::todo).collect(),
        }
    }

    /// The agent that asks: the one whose answer the call stands in, else the session's.
    fn agent_of(&self, ask: &PermissionAsk) -> String {
        let answers = ask.call.as_ref().and_then(|(message, _)| {
            let transcript = self.transcript(&ask.session)?;
            transcript.entry(message)?.message.agent.clone()
        });
        answers
            .or_else(|| self.threads.get(&ask.session)?.shared.agent.clone())
            .unwrap_or_default()
    }

    /// Where in a conversation stands what asks: the call itself, or the one that started the sub-agent.
    fn place_of_ask(
        &self,
        root: &SessionId,
        asking: &SessionId,
        call: Option<&(MessageId, CallId)>,
    ) -> Option<BlockReference> {
        let transcript = self.transcript(root)?;
        if asking == root {
            let (message, call) = call?;
            return places::block_of_call(transcript, message, call);
        }
        let above = std::iter::once(asking.clone()).chain(self.threads.above(asking));
        let child = above.take_while(|above| above != root).last()?;
        places::block_of_child(transcript, &child)
    }
}

/// What an ask is about, in a line.
fn about(ask: &PermissionAsk) -> String {
    match &ask.kind {
        PermissionKind::Shell => ask.command.clone(),
        PermissionKind::Tool(tool) | PermissionKind::Other(tool) => Some(tool.clone()),
        PermissionKind::Task | PermissionKind::Skill | PermissionKind::Fetch | PermissionKind::WebSearch => {
            None
        }
        _ => ask.path.clone(),
    }
    .or_else(|| ask.patterns.first().cloned())
    .unwrap_or_default()
}
