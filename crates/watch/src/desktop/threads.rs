//! The threads of a desktop as such: their rows, what they do, and what waits in them.

use std::collections::{BTreeSet, HashMap, HashSet};

use cowork_engine::{PermissionAsk, QuestionAsk, SessionId, SessionStatus, TurnErrorKind};
use cowork_pairing_protocol::session::{SessionEvent, SharedThread, TurnEnd};
use cowork_screen::view::SessionMark;

use crate::bounds;

/// A thread.
#[derive(Clone, Debug)]
pub(crate) struct Thread {
    pub(crate) shared: SharedThread,
    status: SessionStatus,
    failed: bool,
    /// Bytes of what waits.
    asked: usize,
    /// What waits, and since when.
    pub(crate) permissions: Vec<(PermissionAsk, i64)>,
    pub(crate) questions: Vec<(QuestionAsk, i64)>,
}

impl Thread {
    fn asks(&self) -> usize {
        self.permissions.len() + self.questions.len()
    }

    fn clear_asks(&mut self) -> bool {
        let had = self.asks() > 0;
        self.permissions.clear();
        self.questions.clear();
        had
    }

    fn weigh_asks(&self) -> usize {
        let permissions = self.permissions.iter().map(|(ask, _)| weight_of(ask));
        let questions = self.questions.iter().map(|(ask, _)| weight_of_question(ask));
        permissions.chain(questions).sum()
    }
}

/// What of the threads changed.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// Rows that are new or other ones.
    pub(crate) rows: BTreeSet<SessionId>,
    /// Threads that are gone.
    pub(crate) gone: BTreeSet<SessionId>,
    /// What waits.
    pub(crate) asks: bool,
}

/// All threads that were told, sub-agents' among them.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    all: HashMap<SessionId, Thread>,
    /// By when they changed.
    by_time: BTreeSet<(i64, SessionId)>,
    children: HashMap<SessionId, BTreeSet<SessionId>>,
    /// Those in which something waits.
    asking: BTreeSet<SessionId>,
    /// Bytes of all that waits.
    asked: usize,
    /// There are more than are held.
    pub(crate) more: bool,
}

impl Threads {
    pub(crate) fn get(&self, id: &SessionId) -> Option<&Thread> {
        self.all.get(id)
    }

    /// The newest first, sub-agents' left out.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (&SessionId, &Thread)> {
        let all = self.by_time.iter().rev();
        all.filter_map(|(_, id)| Some((id, self.all.get(id)?)))
            .filter(|(_, thread)| thread.shared.parent.is_none())
    }

    /// Those in which something waits.
    pub(crate) fn asking(&self) -> impl Iterator<Item = (&SessionId, &Thread)> {
        self.asking.iter().filter_map(|id| Some((id, self.all.get(id)?)))
    }

    /// Takes an event that happened at `now`.
    pub(crate) fn apply(&mut self, id: &SessionId, event: &SessionEvent, now: i64, changed: &mut Changed) {
        match event {
            SessionEvent::Thread { thread } => return self.put(id, thread, changed),
            SessionEvent::ThreadGone => return self.remove(id, changed),
            _ => {}
        }
        let asks_here = self.asking.len() < bounds::ASKING_SESSIONS || self.asking.contains(id);
        let Some(thread) = self.all.get_mut(id) else {
            return;
        };
        let (count, asked) = (thread.asks() < bounds::ASKS && asks_here, self.asked);
        let room = |weight: usize| (count, asked + weight <= bounds::ASKS_BYTES);
        let mut asks = false;
        match event {
            SessionEvent::Began { .. } => {
                asks = thread.clear_asks();
                thread.failed = false;
            }
            SessionEvent::Status { status } => {
                if thread.status == *status {
                    return;
                }
                let idle = *status == SessionStatus::Idle;
                if idle {
                    asks = thread.clear_asks();
                } else if thread.status == SessionStatus::Idle {
                    thread.failed = false;
                }
                thread.status = status.clone();
            }
            SessionEvent::Failed { error } if error.kind != TurnErrorKind::Aborted => thread.failed = true,
            SessionEvent::Permission { ask } => {
                let room = room(weight_of(ask));
                asks = put(&mut thread.permissions, ask.as_ref(), now, room, |one, other| {
                    one.id == other.id
                });
            }
            SessionEvent::Question { ask } => {
                let room = room(weight_of_question(ask));
                asks = put(&mut thread.questions, ask.as_ref(), now, room, |one, other| {
                    one.id == other.id
                });
            }
            SessionEvent::PermissionGone { permission } => {
                let before = thread.permissions.len();
                thread.permissions.retain(|(ask, _)| ask.id != *permission);
                asks = thread.permissions.len() != before;
            }
            SessionEvent::QuestionGone { question } => {
                let before = thread.questions.len();
                thread.questions.retain(|(ask, _)| ask.id != *question);
                asks = thread.questions.len() != before;
            }
            _ => return,
        }
        if asks {
            let weight = thread.weigh_asks();
            self.asked = self.asked - thread.asked + weight;
            thread.asked = weight;
        }
        if thread.asks() == 0 {
            self.asking.remove(id);
        } else {
            self.asking.insert(id.clone());
        }
        changed.asks |= asks;
        changed.rows.insert(self.root(id));
    }

    fn put(&mut self, id: &SessionId, shared: &SharedThread, changed: &mut Changed) {
        let parent = shared.parent.as_deref().map(SessionId::from);
        if let Some(thread) = self.all.get_mut(id) {
            if thread.shared == *shared {
                return;
            }
            let before = std::mem::replace(&mut thread.shared, shared.clone());
            self.by_time.remove(&(before.updated, id.clone()));
            if before.parent != shared.parent
                && let Some(before) = before.parent.as_deref().map(SessionId::from)
            {
                self.leave(&before, id);
            }
        } else {
            let thread = Thread {
                shared: shared.clone(),
                status: SessionStatus::Idle,
                failed: false,
                asked: 0,
                permissions: Vec::new(),
                questions: Vec::new(),
            };
            self.all.insert(id.clone(), thread);
        }
        if let Some(parent) = parent {
            self.children.entry(parent).or_default().insert(id.clone());
        }
        self.by_time.insert((shared.updated, id.clone()));
        changed.rows.insert(id.clone());
        changed.rows.insert(self.root(id));
        changed.gone.remove(id);
        changed.asks |= self.asking.contains(id);
        if self.all.len() > bounds::THREADS {
            self.let_go(changed);
        }
    }

    /// Lets go of the oldest. What waits for somebody goes last, with the threads it belongs to: it stays in the inbox until
    /// it is answered.
    fn let_go(&mut self, changed: &mut Changed) {
        let waiting: HashSet<SessionId> = self
            .asking
            .iter()
            .flat_map(|id| std::iter::once(id.clone()).chain(self.above(id)))
            .collect();
        let too_many = self.all.len() - bounds::THREADS;
        let oldest = |waits: bool| {
            let (waiting, by_time) = (&waiting, self.by_time.iter().map(|(_, id)| id));
            by_time.filter(move |id| waiting.contains(*id) == waits)
        };
        let gone: Vec<_> = oldest(false)
            .chain(oldest(true))
            .take(too_many)
            .cloned()
            .collect();
        self.more |= !gone.is_empty();
        for id in &gone {
            self.remove(id, changed);
        }
    }

    fn remove(&mut self, id: &SessionId, changed: &mut Changed) {
        let root = self.root(id);
        let Some(thread) = self.all.remove(id) else {
            return;
        };
        self.asked -= thread.asked;
        self.by_time.remove(&(thread.shared.updated, id.clone()));
        if let Some(parent) = thread.shared.parent.as_deref().map(SessionId::from) {
            self.leave(&parent, id);
        }
        changed.asks |= self.asking.remove(id);
        changed.rows.remove(id);
        if self.all.contains_key(&root) {
            changed.rows.insert(root);
        }
        changed.gone.insert(id.clone());
    }

    fn leave(&mut self, parent: &SessionId, child: &SessionId) {
        if let Some(children) = self.children.get_mut(parent) {
            children.remove(child);
            if children.is_empty() {
                self.children.remove(parent);
            }
        }
    }

    /// The thread that a session belongs to: itself, or the one its sub-agent works for.
    pub(crate) fn root(&self, id: &SessionId) -> SessionId {
        self.above(id).last().unwrap_or_else(|| id.clone())
    }

    /// The sessions above one, the nearest first.
    pub(crate) fn above(&self, id: &SessionId) -> impl Iterator<Item = SessionId> {
        let parent = |id: &SessionId| self.all.get(id)?.shared.parent.as_deref().map(SessionId::from);
        std::iter::successors(parent(id), move |above| parent(above)).take(bounds::LEVELS)
    }

    /// Whether a session is another's sub-agent's, at any depth.
    pub(crate) fn descends(&self, id: &SessionId, ancestor: &SessionId) -> bool {
        self.above(id).any(|above| above == *ancestor)
    }

    /// The sub-agents' sessions below one, at most as many as are drawn, the newest of each level.
    pub(crate) fn below(&self, id: &SessionId) -> Vec<SessionId> {
        let mut found = Vec::new();
        let mut level = vec![id.clone()];
        for _ in 0..bounds::LEVELS {
            let mut next: Vec<_> = level
                .iter()
                .filter_map(|above| self.children.get(above))
                .flatten()
                .filter(|child| *child != id && !found.contains(*child))
                .filter_map(|child| Some((self.all.get(child)?.shared.updated, child.clone())))
                .collect();
            if next.is_empty() {
                break;
            }
            next.sort_unstable_by(|one, other| other.cmp(one));
            next.truncate(bounds::CHILDREN.saturating_sub(found.len()));
            level = next.into_iter().map(|(_, child)| child).collect();
            found.extend(level.iter().cloned());
        }
        found
    }

    /// A thread in one word.
    pub(crate) fn mark(&self, id: &SessionId) -> SessionMark {
        let Some(thread) = self.all.get(id) else {
            return SessionMark::Idle;
        };
        let waits = |kind: fn(&Thread) -> bool| {
            kind(thread)
                || self
                    .asking()
                    .any(|(asking, thread)| kind(thread) && self.descends(asking, id))
        };
        if waits(|thread| !thread.permissions.is_empty()) {
            return SessionMark::AsksPermission;
        }
        if waits(|thread| !thread.questions.is_empty()) {
            return SessionMark::AsksQuestion;
        }
        match thread.status {
            SessionStatus::Retry { .. } => SessionMark::Retrying,
            SessionStatus::Busy => SessionMark::Working,
            SessionStatus::Idle if thread.failed => SessionMark::Failed,
            // Of a failure that an answer says by itself nothing else is told.
            SessionStatus::Idle if thread.shared.ended == Some(TurnEnd::Failed) => SessionMark::Failed,
            SessionStatus::Idle if thread.shared.ended == Some(TurnEnd::Interrupted) => {
                SessionMark::Interrupted
            }
            SessionStatus::Idle => SessionMark::Idle,
        }
    }
}

/// Takes an ask, in the place of the same one, where there is room for a further one and it fits; whether that changed
/// anything.
fn put<Ask: Clone + PartialEq>(
    asks: &mut Vec<(Ask, i64)>,
    ask: &Ask,
    now: i64,
    (room, fits): (bool, bool),
    is_same: impl Fn(&Ask, &Ask) -> bool,
) -> bool {
    match asks.iter().position(|(known, _)| is_same(known, ask)) {
        Some(known) if asks[known].0 == *ask => false,
        Some(known) if fits => {
            asks[known].0.clone_from(ask);
            true
        }
        // It is not what it was any more.
        Some(known) => {
            asks.remove(known);
            true
        }
        None if room && fits => {
            asks.push((ask.clone(), now));
            true
        }
        None => false,
    }
}

/// About how many bytes a request for permission takes.
fn weight_of(ask: &PermissionAsk) -> usize {
    let lists = ask.patterns.iter().chain(&ask.always).map(String::len);
    let texts = [&ask.command, &ask.path, &ask.leads_to, &ask.diff]
        .into_iter()
        .flatten()
        .map(String::len);
    lists.chain(texts).sum()
}

/// About how many bytes questions take.
fn weight_of_question(ask: &QuestionAsk) -> usize {
    let options = |options: &[cowork_engine::QuestionOption]| -> usize {
        options
            .iter()
            .map(|option| option.label.len() + option.description.len())
            .sum()
    };
    let questions = ask.questions.iter();
    questions
        .map(|question| question.header.len() + question.text.len() + options(&question.options))
        .sum()
}
