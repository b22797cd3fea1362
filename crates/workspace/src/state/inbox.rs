//! What waits for the person, over all threads.

use cowork_engine::{PermissionAsk, PermissionKind, SessionId};

use super::{Live, State};
use crate::folders::folder_id;
use crate::render;
use crate::view::{Inbox, InboxAsk, InboxRow};

/// Rows of the inbox. Who has more waiting answers these first; how many more there are is said.
const ROWS: usize = 200;
/// Characters of a row that say what it is about.
const ABOUT: usize = 200;

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
        let thread = self.root_of(session);
        let Some(shown) = self.rows.get(&thread) else {
            return;
        };
        let row = |id: &str| InboxRow {
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
        };
        for ask in live.transcript.permissions() {
            rows.push(InboxRow {
                agent: self.agent_of(ask),
                subject: Some(render::subject(&ask.kind)),
                runs: render::runs(ask),
                about: cut(&about(ask, &shown.folder)),
                destructive: cowork_policy::ask_danger(ask).is_some(),
                ..row(ask.id.as_str())
            });
        }
        for ask in live.transcript.questions() {
            let question = ask.questions.first().map_or("", |question| &question.text);
            rows.push(InboxRow {
                agent: self
                    .rows
                    .get(session)
                    .and_then(|row| row.agent.clone())
                    .unwrap_or_default(),
                about: cut(question),
                ..row(ask.id.as_str())
            });
        }
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

/// What fits in a line, as it may be shown.
fn cut(text: &str) -> String {
    let line: String = text
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(ABOUT)
        .collect();
    let line = cowork_policy::visible(&line).into_owned();
    if line.len() < text.len() {
        line + "…"
    } else {
        line
    }
}
