//! What waits for the person.

use std::collections::VecDeque;

use cowork_engine::{CallId, MessageId, PermissionAsk, PermissionId, QuestionAsk, QuestionId};

/// Ids of answered asks that are remembered. A repeated or late event must not bring an answered ask back, and
/// such an event is at most one snapshot (seconds) late; a person does not answer 64 asks in that time.
const SETTLED_LIMIT: usize = 64;

/// Open asks of one session, and which were answered lately.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asks {
    pub(crate) permissions: Vec<PermissionAsk>,
    pub(crate) questions: Vec<QuestionAsk>,
    settled_permissions: VecDeque<PermissionId>,
    settled_questions: VecDeque<QuestionId>,
}

/// The message and call an ask is about.
pub(crate) type AskedBy = Option<(MessageId, CallId)>;

impl Asks {
    /// Whether a call waits for the person.
    pub(crate) fn concern(&self, message: &MessageId, call: &CallId) -> bool {
        let about = |asked: &AskedBy| asked.as_ref().is_some_and(|(m, c)| m == message && c == call);
        self.permissions.iter().any(|ask| about(&ask.call))
            || self.questions.iter().any(|ask| about(&ask.call))
    }

    /// Takes a permission ask; false when that changed nothing.
    pub(crate) fn open_permission(&mut self, ask: PermissionAsk) -> bool {
        if self.settled_permissions.contains(&ask.id) {
            return false;
        }
        match self.permissions.iter_mut().find(|open| open.id == ask.id) {
            Some(open) if *open == ask => return false,
            Some(open) => *open = ask,
            None => self.permissions.push(ask),
        }
        true
    }

    /// Takes a question ask; false when that changed nothing.
    pub(crate) fn open_question(&mut self, ask: QuestionAsk) -> bool {
        if self.settled_questions.contains(&ask.id) {
            return false;
        }
        match self.questions.iter_mut().find(|open| open.id == ask.id) {
            Some(open) if *open == ask => return false,
            Some(open) => *open = ask,
            None => self.questions.push(ask),
        }
        true
    }

    /// Closes a permission ask; the call it was about when it was open.
    pub(crate) fn close_permission(&mut self, id: &PermissionId) -> Option<AskedBy> {
        remember(&mut self.settled_permissions, id);
        let index = self.permissions.iter().position(|ask| ask.id == *id)?;
        Some(self.permissions.remove(index).call)
    }

    /// Closes a question ask; the call it was about when it was open.
    pub(crate) fn close_question(&mut self, id: &QuestionId) -> Option<AskedBy> {
        remember(&mut self.settled_questions, id);
        let index = self.questions.iter().position(|ask| ask.id == *id)?;
        Some(self.questions.remove(index).call)
    }

    /// Closes all: nobody takes an answer any more. The calls they were about.
    pub(crate) fn close_all(&mut self) -> Vec<AskedBy> {
        let mut calls = Vec::with_capacity(self.permissions.len() + self.questions.len());
        for ask in std::mem::take(&mut self.permissions) {
            remember(&mut self.settled_permissions, &ask.id);
            calls.push(ask.call);
        }
        for ask in std::mem::take(&mut self.questions) {
            remember(&mut self.settled_questions, &ask.id);
            calls.push(ask.call);
        }
        calls
    }

    /// Takes a snapshot's asks for the open ones. One that was answered while the snapshot was being read
    /// stays answered.
    pub(crate) fn replace(&mut self, permissions: Vec<PermissionAsk>, questions: Vec<QuestionAsk>) {
        self.permissions.clear();
        self.questions.clear();
        for ask in permissions {
            self.open_permission(ask);
        }
        for ask in questions {
            self.open_question(ask);
        }
    }
}

fn remember<Id: Clone + PartialEq>(settled: &mut VecDeque<Id>, id: &Id) {
    if settled.contains(id) {
        return;
    }
    if settled.len() == SETTLED_LIMIT {
        settled.pop_front();
    }
    settled.push_back(id.clone());
}
