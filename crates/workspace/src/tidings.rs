//! What the desktop is told while nobody looks at the window: that a turn ended, that something asks, that it failed.
//!
//! Decided here, because the window is told nothing while nobody sees it. What is said is the window's, which speaks
//! the person's language; it hands its words over once. How the desktop shows it is the shell's.

use cowork_engine::SessionId;
use tokio::sync::mpsc;

use crate::error::{Result, WorkspaceError};
use crate::state::{Row, State, is_running};
use crate::view;
use crate::workspace::Workspace;

/// As many threads as begin to wait in one moment; more would be read by nobody, and the list has them all.
const WAITING: usize = 16;

/// Characters of a text of the window, and of a title: desktops show two or three lines.
const LONGEST: usize = 200;

/// What happened in a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TidingKind {
    /// A turn ended.
    Ended,
    /// A permission or an answer is waited for.
    Asks,
    /// Somebody answered from afar, and a word here is waited for.
    AnsweredAfar,
    /// A turn failed, or was cut off.
    Failed,
    /// Nothing: the person tries how it looks.
    Tried,
}

/// One thing the desktop is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiding {
    /// What happened.
    pub kind: TidingKind,
    /// The thread; a new tiding of it takes the place of the one before. None where it is of no thread.
    pub session: Option<String>,
    /// The first line.
    pub title: String,
    /// The second.
    pub body: String,
}

/// Whether to tell, and whom.
#[derive(Debug)]
pub(crate) struct Tidings {
    looked_at: bool,
    words: view::TidingWords,
    to: Option<mpsc::Sender<Tiding>>,
}

impl Default for Tidings {
    fn default() -> Self {
        Self {
            // Until the shell says otherwise: a client without a window has nobody to tell.
            looked_at: true,
            words: view::TidingWords::default(),
            to: None,
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// What a change of a thread's mark is to the desktop.
fn kind_of(before: view::SessionMark, next: view::SessionMark) -> Option<TidingKind> {
    use view::SessionMark as Mark;
    let asks = |mark| matches!(mark, Mark::AsksPermission | Mark::AsksQuestion);
    match next {
        _ if asks(next) => (!asks(before)).then_some(TidingKind::Asks),
        Mark::Failed | Mark::Interrupted => is_running(before).then_some(TidingKind::Failed),
        Mark::Idle | Mark::Done => is_running(before).then_some(TidingKind::Ended),
        _ => None,
    }
}

impl State {
    /// Tells the desktop of a thread's new mark, where that is wanted and nobody looks. `stopped` is whether the person
    /// ended the turn, which is no news to them.
    pub(crate) fn tell_of(&self, row: &Row, before: view::SessionMark, stopped: bool) {
        if let Some(kind) = kind_of(before, row.mark).filter(|_| !stopped) {
            self.tell_kind(row, kind);
        }
    }

    /// Tells the desktop of something that happened in a thread, where that is wanted and nobody looks.
    pub(crate) fn tell_of_thread(&self, thread: &SessionId, kind: TidingKind) {
        if let Some(row) = self.rows.get(thread) {
            self.tell_kind(row, kind);
        }
    }

    fn tell_kind(&self, row: &Row, kind: TidingKind) {
        let Tidings {
            looked_at: false,
            words,
            to: Some(to),
        } = &self.tidings
        else {
            return;
        };
        let wanted = match kind {
            TidingKind::Ended => self.settings.notify_ended,
            TidingKind::Asks | TidingKind::AnsweredAfar => self.settings.notify_asks,
            TidingKind::Failed => self.settings.notify_failed,
            TidingKind::Tried => true,
        };
        if !wanted {
            return;
        }
        let says = match (kind, row.mark) {
            (TidingKind::Asks, view::SessionMark::AsksQuestion) => &words.asks_question,
            (TidingKind::Asks, _) => &words.asks_permission,
            (TidingKind::AnsweredAfar, _) => &words.answered_afar,
            (TidingKind::Failed, _) => &words.failed,
            _ => &words.ended,
        };
        let named = self.settings.notify_content && !row.title.is_empty();
        let tiding = Tiding {
            kind,
            session: Some(row.id.to_string()),
            title: if named {
                cut(&cowork_redact::redact(&row.title))
            } else {
                words.thread.clone()
            },
            body: says.clone(),
        };
        if to.try_send(tiding).is_err() {
            tracing::warn!("too much happens at once for the desktop to be told all of it");
        }
    }
}

impl Workspace {
    /// What the desktop is to be told, from now on, to whoever asked last.
    #[must_use]
    pub fn tidings(&self) -> mpsc::Receiver<Tiding> {
        let (to, tidings) = mpsc::channel(WAITING);
        self.inner.state().tidings.to = Some(to);
        tidings
    }

    /// Somebody looks at the window, or nobody does.
    pub fn look(&self, looked_at: bool) {
        self.inner.state().tidings.looked_at = looked_at;
    }

    /// Takes over the words of the window, in the person's language.
    ///
    /// # Errors
    /// When one of them is longer than a desktop shows.
    pub fn set_tiding_words(&self, words: view::TidingWords) -> Result<()> {
        let all = [
            &words.ended,
            &words.asks_permission,
            &words.asks_question,
            &words.answered_afar,
            &words.failed,
            &words.thread,
            &words.tried,
        ];
        if all.iter().any(|text| text.chars().count() > LONGEST) {
            return Err(WorkspaceError::InvalidInput(format!(
                "A desktop shows {LONGEST} characters at most."
            )));
        }
        self.inner.state().tidings.words = words;
        Ok(())
    }

    /// What the desktop shows where a person tries it.
    #[must_use]
    pub fn tiding_to_try(&self) -> Tiding {
        Tiding {
            kind: TidingKind::Tried,
            session: None,
            title: self.inner.options.brand.name.clone(),
            body: self.inner.state().tidings.words.tried.clone(),
        }
    }

    /// A person chose a thread outside of the window: the window opens it.
    pub fn show_session(&self, session: String) {
        self.inner.state().untold.wanted_session = Some(session);
        self.inner.feed.changed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::SessionMark as Mark;

    fn row(mark: Mark, title: &str) -> Row {
        Row {
            id: "ses_1".into(),
            parent: None,
            folder: "/work".into(),
            title: title.to_owned(),
            agent: None,
            model: None,
            created: 1,
            updated: 1,
            mark,
            cost: 0.0,
            tags: Vec::new(),
        }
    }

    fn state() -> (State, mpsc::Receiver<Tiding>) {
        let mut state = State::new(view::EngineState::Stopping, view::Settings::default());
        let (to, told) = mpsc::channel(WAITING);
        state.tidings = Tidings {
            looked_at: false,
            to: Some(to),
            ..Tidings::default()
        };
        (state, told)
    }

    #[test]
    fn what_ends_asks_or_fails_is_told_once() {
        let (state, mut told) = state();
        state.tell_of(&row(Mark::Working, "Tests"), Mark::Idle, false);
        state.tell_of(&row(Mark::AsksPermission, "Tests"), Mark::Working, false);
        state.tell_of(&row(Mark::AsksQuestion, "Tests"), Mark::AsksPermission, false);
        state.tell_of(&row(Mark::Working, "Tests"), Mark::AsksQuestion, false);
        state.tell_of(&row(Mark::Done, "Tests"), Mark::Retrying, false);
        state.tell_of(&row(Mark::Idle, "Tests"), Mark::Done, false);
        state.tell_of(&row(Mark::Failed, "Tests"), Mark::Working, false);
        state.tell_of(&row(Mark::Interrupted, "Tests"), Mark::Idle, false);
        let mut kinds = Vec::new();
        while let Ok(tiding) = told.try_recv() {
            assert_eq!(
                (tiding.session.as_deref(), tiding.title.as_str()),
                (Some("ses_1"), "Tests")
            );
            assert!(!tiding.body.is_empty());
            kinds.push(tiding.kind);
        }
        assert_eq!(kinds, [TidingKind::Asks, TidingKind::Ended, TidingKind::Failed]);
    }

    #[test]
    fn nothing_is_told_to_who_looks_stopped_it_or_does_not_want_it() {
        let (mut state, mut told) = state();
        state.tell_of(&row(Mark::Done, "Tests"), Mark::Working, true);
        state.settings.notify_ended = false;
        state.tell_of(&row(Mark::Done, "Tests"), Mark::Working, false);
        state.settings.notify_ended = true;
        state.tidings.looked_at = true;
        state.tell_of(&row(Mark::Done, "Tests"), Mark::Working, false);
        assert!(told.try_recv().is_err());
    }

    #[test]
    fn the_name_of_the_thread_can_be_left_out_and_secrets_always_are() {
        let (mut state, mut told) = state();
        let key = format!("sk-ant-api03-{}", "Ab3dE".repeat(18));
        state.tell_of(&row(Mark::Done, &format!("Use {key}")), Mark::Working, false);
        assert!(!told.try_recv().unwrap().title.contains(&key));
        state.settings.notify_content = false;
        state.tell_of(&row(Mark::Done, "Salaries"), Mark::Working, false);
        assert_eq!(told.try_recv().unwrap().title, state.tidings.words.thread);
    }

    #[test]
    fn what_comes_while_too_much_waits_is_let_go() {
        let (state, mut told) = state();
        for _ in 0..2 * WAITING {
            state.tell_of(&row(Mark::Done, "Tests"), Mark::Working, false);
        }
        let mut count = 0;
        while told.try_recv().is_ok() {
            count += 1;
        }
        assert_eq!(count, WAITING);
    }
}
