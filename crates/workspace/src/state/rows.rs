//! Which sessions' rows are in memory: those that something happens in, and the last ones. All others are read from
//! the index when they are asked for, so that memory does not grow with what a person ever did.

use std::collections::HashSet;

use cowork_engine::{Envelope, Session, SessionId};

use super::events::session_of;
use super::{Effect, Row, State, is_running};
use crate::view;

/// Rows that are kept for no other reason than that they are recent: more than a window asks for at once, so that going
/// about in what is new reads nothing.
pub(super) const RECENT_ROWS: usize = 1_000;

impl Row {
    fn of(session: &Session) -> Self {
        Self {
            id: session.id.clone(),
            parent: session.parent.clone(),
            folder: session.folder.clone(),
            title: String::new(),
            agent: None,
            model: None,
            created: session.created,
            updated: session.updated,
            mark: view::SessionMark::Idle,
            cost: 0.0,
            tags: Vec::new(),
        }
    }

    /// What the engine says of it.
    fn take(&mut self, session: &Session) {
        self.title.clone_from(&session.title);
        self.parent.clone_from(&session.parent);
        self.updated = self.updated.max(session.updated);
        self.cost = session.cost;
    }

    /// Whether the engine tells something that the list does not say.
    fn lacks(&self, session: &Session) -> bool {
        self.updated < session.updated || self.title != session.title
    }
}

impl State {
    /// Has a session in memory that the index holds.
    pub(crate) fn recall(&mut self, row: Row) {
        if !self.deleted.contains(&row.id) {
            self.rows.entry(row.id.clone()).or_insert(row);
            self.forget_rows();
        }
    }

    /// The sessions that events are about and that are not in memory.
    pub(crate) fn not_in_memory(&self, events: &[Envelope]) -> Vec<SessionId> {
        let mut unknown: Vec<_> = events
            .iter()
            .filter_map(|envelope| session_of(&envelope.event))
            .filter(|session| !self.rows.contains_key(session) && !self.deleted.contains(session))
            .cloned()
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    /// Puts a session into the index, or brings its row up to date. News of one that was deleted comes too late.
    pub(crate) fn session_changed(&mut self, session: &Session, effects: &mut Vec<Effect>) {
        if self.deleted.contains(&session.id) {
            return;
        }
        let row = self
            .rows
            .entry(session.id.clone())
            .or_insert_with(|| Row::of(session));
        row.take(session);
        effects.push(Effect::Store(row.clone()));
        self.untold.rows.insert(session.id.clone());
        self.forget_rows();
    }

    /// Takes a session into the index that the engine lists, beside `known`, which the index has of it. Of many that are
    /// new at once neither memory nor the window has to hold each: the window is told that its list is another.
    pub(crate) fn take_in(&mut self, session: &Session, known: Option<Row>, effects: &mut Vec<Effect>) {
        if self.deleted.contains(&session.id) {
            return;
        }
        if let Some(row) = self.rows.get(&session.id) {
            if row.lacks(session) {
                self.session_changed(session, effects);
            }
            return;
        }
        if known.as_ref().is_some_and(|row| !row.lacks(session)) {
            return;
        }
        let mut row = known.unwrap_or_else(|| Row::of(session));
        row.take(session);
        self.untold.threads |= row.parent.is_none();
        effects.push(Effect::Store(row));
    }

    /// The rows that a list shows of what is in memory: no sub-agents, most recent first.
    pub(crate) fn listed(&self) -> Vec<view::SessionRow> {
        let mut rows: Vec<_> = self.rows.values().filter(|row| row.parent.is_none()).collect();
        rows.sort_by(|one, other| newest_first((one.updated, &one.id), (other.updated, &other.id)));
        rows.into_iter().map(Row::view).collect()
    }

    /// Rows out of the index as they are now: one that is in memory may say more than what was saved of it.
    pub(crate) fn as_they_are(&self, rows: Vec<Row>) -> Vec<view::SessionRow> {
        rows.into_iter()
            .filter(|row| !self.deleted.contains(&row.id))
            .map(|row| self.rows.get(&row.id).map_or_else(|| row.view(), Row::view))
            .collect()
    }

    /// `rows`, which are the newest, with those that something runs in, wherever they stand.
    pub(crate) fn with_running(&self, rows: Vec<Row>) -> Vec<view::SessionRow> {
        let mut rows = self.as_they_are(rows);
        let held: HashSet<_> = rows.iter().map(|row| row.id.clone()).collect();
        rows.extend(
            self.rows
                .values()
                .filter(|row| row.parent.is_none() && is_running(row.mark) && !held.contains(row.id.as_str()))
                .map(Row::view),
        );
        rows.sort_by(|one, other| newest_first((one.updated, &one.id), (other.updated, &other.id)));
        rows
    }

    /// Lets go of rows that nobody needs in memory.
    fn forget_rows(&mut self) {
        if self.rows.len() <= self.most_rows {
            return;
        }
        let mut needed: HashSet<SessionId> = HashSet::new();
        let running = self.rows.values().filter(|row| is_running(row.mark));
        let roots = self
            .live
            .keys()
            .chain(&self.untold.rows)
            .chain(running.map(|row| &row.id));
        for id in roots {
            let mut next = Some(id);
            // With those above: what a sub-agent asks is shown there. The set ends a loop.
            while let Some(id) = next.filter(|id| needed.insert((*id).clone())) {
                next = self.rows.get(id).and_then(|row| row.parent.as_ref());
            }
        }
        let mut others: Vec<_> = self
            .rows
            .values()
            .filter(|row| !needed.contains(&row.id))
            .map(|row| (std::cmp::Reverse(row.updated), row.id.clone()))
            .collect();
        others.sort_unstable();
        for (_, id) in others.into_iter().skip(RECENT_ROWS) {
            self.rows.remove(&id);
        }
        // Seldom, and many at once, also while all of them are needed.
        self.most_rows = 2 * self.rows.len().max(RECENT_ROWS);
    }
}

/// As the index orders the list.
fn newest_first<Id: Ord + ?Sized>(one: (i64, &Id), other: (i64, &Id)) -> std::cmp::Ordering {
    other.0.cmp(&one.0).then_with(|| one.1.cmp(other.1))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn state() -> State {
        State::new(view::EngineState::Stopping, view::Settings::default())
    }

    fn session(id: &str, updated: i64) -> Session {
        Session {
            id: SessionId::from(id),
            parent: None,
            folder: PathBuf::from("/work"),
            title: format!("Title of {id}"),
            created: 1,
            updated,
            cost: 0.5,
            reverted: None,
        }
    }

    #[test]
    fn many_sessions_of_an_engine_are_stored_and_neither_held_nor_told_one_by_one() {
        let (mut state, mut effects) = (state(), Vec::new());
        for number in 0..50_000 {
            state.take_in(&session(&format!("s{number}"), number), None, &mut effects);
        }
        assert_eq!(effects.len(), 50_000);
        assert!(state.rows.is_empty());
        let update = state.update(Vec::new()).expect("there is news");
        assert!(update.threads && update.sessions.is_empty());
        assert!(state.update(Vec::new()).is_none(), "it is told once");
    }

    #[test]
    fn what_the_index_knows_already_is_no_news_and_what_it_knows_better_stays() {
        let (mut state, mut effects) = (state(), Vec::new());
        let mut known = Row::of(&session("a", 5));
        known.take(&session("a", 5));
        known.agent = Some("plan".into());
        state.take_in(&session("a", 5), Some(known.clone()), &mut effects);
        assert_eq!(effects, []);
        assert!(state.update(Vec::new()).is_none());
        state.take_in(&session("a", 6), Some(known.clone()), &mut effects);
        known.updated = 6;
        assert_eq!(effects, [Effect::Store(known)]);
    }

    #[test]
    fn one_that_is_in_memory_is_told_as_a_row() {
        let (mut state, mut effects) = (state(), Vec::new());
        state.session_changed(&session("a", 5), &mut effects);
        state.forget_untold();
        state.take_in(&session("a", 9), None, &mut effects);
        let update = state.update(Vec::new()).expect("there is news");
        assert_eq!(update.sessions.len(), 1);
        assert!(!update.threads);
    }

    #[test]
    fn memory_holds_the_recent_and_whatever_something_happens_in() {
        let (mut state, mut effects) = (state(), Vec::new());
        let old = [
            session("above", 1),
            Session {
                parent: Some("above".into()),
                ..session("works", 2)
            },
            session("asks", 3),
            session("old", 4),
        ];
        for session in &old {
            state.session_changed(session, &mut effects);
        }
        state.live(&SessionId::from("works"));
        state
            .rows
            .get_mut(&SessionId::from("asks"))
            .expect("it is there")
            .mark = view::SessionMark::AsksQuestion;
        for number in 0..50_000 {
            state.forget_untold();
            state.session_changed(&session(&format!("s{number}"), 10 + number), &mut effects);
        }
        assert!(state.rows.len() <= 2 * RECENT_ROWS, "{}", state.rows.len());
        let held = |id: &str| state.rows.contains_key(&SessionId::from(id));
        assert!(held("above") && held("works") && held("asks") && held("s49999"));
        assert!(!held("old"));
    }

    #[test]
    fn what_is_untold_is_not_let_go_of() {
        let (mut state, mut effects) = (state(), Vec::new());
        for number in 0..5_000 {
            state.session_changed(&session(&format!("s{number}"), number), &mut effects);
        }
        assert_eq!(
            state.update(Vec::new()).expect("there is news").sessions.len(),
            5_000
        );
    }

    #[test]
    fn a_row_out_of_the_index_says_what_memory_knows() {
        let (mut state, mut effects) = (state(), Vec::new());
        state.session_changed(&session("a", 5), &mut effects);
        state.session_changed(&session("far", 1), &mut effects);
        let saved = state.rows.clone();
        for id in ["a", "far"] {
            state
                .rows
                .get_mut(&SessionId::from(id))
                .expect("it is there")
                .mark = view::SessionMark::Working;
        }
        let a = saved[&SessionId::from("a")].clone();
        let b = Row::of(&session("b", 9));
        let rows = state.with_running(vec![a, b]);
        let shown: Vec<_> = rows.iter().map(|row| (row.id.as_str(), row.mark)).collect();
        assert_eq!(
            shown,
            [
                ("b", view::SessionMark::Idle),
                ("a", view::SessionMark::Working),
                ("far", view::SessionMark::Working)
            ]
        );
        state.remove_session(&SessionId::from("a"));
        let gone = state.as_they_are(vec![saved[&SessionId::from("a")].clone()]);
        assert_eq!(gone, [], "what was deleted does not come back");
    }
}
