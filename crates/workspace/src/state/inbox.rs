//! What waits for the person, over all threads.

use cowork_engine::{PermissionAsk, PermissionKind, QuestionAsk, SessionId};

use super::{Live, State};
use crate::folders::folder_id;
use crate::render;
use crate::view::{Inbox, InboxAsk, InboxRow};

/// Rows of the inbox. Who has more waiting answers these first; how many more there are is said.
const ROWS: usize = 200;

impl State {
    /// Everything that waits, permissions first, what waits longest first.
    pub(crate) fn inbox(&self) -> Inbox {
        let mut rows = Vec::new();
        for (session, live) in &self.live {
            if live.transcript.permissions().is_empty() && live.transcript.questions().is_empty() {
                continue;
            }
            self.rows_of(session, live, &mut rows);
        }
        rows.sort_by(|one: &InboxRow, other| {
            let place = |row: &InboxRow| (row.subject.is_none(), row.asked);
            place(one).cmp(&place(other)).then_with(|| one.id.cmp(&other.id))
        });
        let more = rows.len().saturating_sub(ROWS);
        rows.truncate(ROWS);
        Inbox {
            rows,
            more: u32::try_from(more).unwrap_or(u32::MAX),
        }
    }

    fn rows_of(&self, session: &SessionId, live: &Live, rows: &mut Vec<InboxRow>) {
        let (permissions, questions) = (live.transcript.permissions(), live.transcript.questions());
        rows.extend(permissions.iter().filter_map(|ask| self.permission_row(ask)));
        rows.extend(questions.iter().filter_map(|ask| self.question_row(session, ask)));
    }

    /// What every row of a session has; none where its thread is not known.
    fn bare_row(&self, session: &SessionId, id: &str) -> Option<(InboxRow, &std::path::Path)> {
        let thread = self.root_of(session);
        let shown = self.rows.get(&thread)?;
        let row = InboxRow {
            id: id.to_owned(),
            session: session.to_string(),
            thread: thread.to_string(),
            title: shown.title.clone(),
            folder: folder_id(&shown.folder),
            agent: String::new(),
            asked: self.asked.get(id).copied().unwrap_or(shown.updated),
            subject: None,
            runs: Vec::new(),
            about: String::new(),
            destructive: false,
            proposals: self.remote.proposals_to(id),
        };
        Some((row, &shown.folder))
    }

    /// A request for permission in a line; none where its thread is not known.
    pub(crate) fn permission_row(&self, ask: &PermissionAsk) -> Option<InboxRow> {
        let (row, folder) = self.bare_row(&ask.session, ask.id.as_str())?;
        Some(InboxRow {
            agent: self.agent_of(ask),
            subject: Some(render::subject(&ask.kind)),
            runs: render::runs(ask),
            about: render::line(&about(ask, folder)),
            destructive: cowork_policy::ask_danger(ask).is_some(),
            ..row
        })
    }

    /// A question in a line; none where its thread is not known.
    pub(crate) fn question_row(&self, session: &SessionId, ask: &QuestionAsk) -> Option<InboxRow> {
        let (row, _) = self.bare_row(session, ask.id.as_str())?;
        let question = ask.questions.first().map_or("", |question| &question.text);
        let agent = self.rows.get(session).and_then(|row| row.agent.clone());
        Some(InboxRow {
            agent: agent.unwrap_or_default(),
            about: render::line(question),
            ..row
        })
    }

    /// All of one that waits in a thread.
    pub(crate) fn inbox_ask(&self, thread: &SessionId, id: &str) -> InboxAsk {
        let (permissions, questions) = self.asks(thread);
        InboxAsk {
            permission: permissions.into_iter().find(|card| card.id == id),
            question: questions.into_iter().find(|card| card.id == id),
        }
    }

    /// What of the inbox is to be told to the window, if it is another than was told.
    pub(super) fn untold_inbox(&mut self) -> Option<Inbox> {
        let inbox = self.inbox();
        if self.told_inbox.as_ref() == Some(&inbox) {
            return None;
        }
        if inbox.more == 0 {
            self.asked
                .retain(|id, _| inbox.rows.iter().any(|row| row.id == *id));
        }
        let first = self.told_inbox.is_none() && inbox.rows.is_empty();
        self.told_inbox = Some(inbox.clone());
        (!first).then_some(inbox)
    }

    /// Whether a rule the person gave would answer an ask, were it not for what is dangerous about it.
    pub(super) fn is_overruled(&self, ask: &PermissionAsk) -> bool {
        let Some(folder) = self.folder_of(&ask.session) else {
            return false;
        };
        cowork_policy::ask_danger(ask).is_some()
            && cowork_policy::matched_by(
                ask,
                self.rules_for(ask, &folder).map(super::asks::allowed_pattern),
            )
            .is_some()
    }
}

fn about(ask: &PermissionAsk, folder: &std::path::Path) -> String {
    match &ask.kind {
        PermissionKind::Shell => ask.command.clone(),
        PermissionKind::Tool(tool) | PermissionKind::Other(tool) => Some(tool.clone()),
        PermissionKind::Task | PermissionKind::Skill | PermissionKind::Fetch | PermissionKind::WebSearch => {
            None
        }
        _ => ask.path.as_deref().map(|path| render::display_path(path, folder)),
    }
    .or_else(|| ask.patterns.first().cloned())
    .unwrap_or_default()
}
