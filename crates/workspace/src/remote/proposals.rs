//! Answers from afar that wait for a word here. Each belongs to something that an agent asks, and goes with it: an engine
//! forgets what it asked when it ends, so these are in memory alone.

use cowork_engine::{PermissionReply, SessionId};

use super::shared::{Settled, Waiting, host_of};
use crate::error::{Result, WorkspaceError};
use crate::state::State;
use crate::tidings::TidingKind;
use crate::view::RemoteAnswer;
use crate::workspace::Workspace;

/// Answers that wait in all: more than ever is asked at one time. A further one is refused.
const WAITING: usize = 200;
/// Bytes of an answer: some questions with ten thousand characters each are answered within it.
const ANSWER_BYTES: usize = 128 * 1024;

impl State {
    /// Lets go of answers to what a session does not ask any more.
    pub(crate) fn lapse_proposals(&mut self, session: &SessionId) {
        let live = self.live.get(session).map(|live| &live.transcript);
        let is_open = |ask: &str| {
            live.is_some_and(|transcript| {
                transcript
                    .permissions()
                    .iter()
                    .any(|open| open.id.as_str() == ask)
                    || transcript.questions().iter().any(|open| open.id.as_str() == ask)
            })
        };
        // One that is being given goes with what it answers, and is settled by who gives it.
        let lapses =
            |waiting: &mut Waiting| waiting.session == *session && !waiting.taken && !is_open(&waiting.ask);
        let gone: Vec<_> = self.remote.proposals.extract_if(.., lapses).collect();
        self.settle(gone, Settled::Lapsed);
    }

    /// Notes what became of answers that wait no more. Their servers, where people wait for it, are told.
    fn settle(&mut self, gone: Vec<Waiting>, settled: Settled) {
        let all = gone.into_iter().map(|waiting| (waiting, settled));
        self.remote.settled.extend(all);
    }
}

impl Workspace {
    /// Has an answer from afar wait for a word here, in the place of what the same person answered to the same before.
    ///
    /// # Errors
    /// When nothing of that name waits there, the answer does not suit it, or too many wait.
    pub(crate) fn propose(&self, waiting: Waiting) -> Result<()> {
        if !self.suits(&waiting) {
            return Err(WorkspaceError::NotFound("The request"));
        }
        if let RemoteAnswer::Answers { answers } = &waiting.answer
            && answers.iter().flatten().map(String::len).sum::<usize>() > ANSWER_BYTES
        {
            return Err(WorkspaceError::InvalidInput("The answer is too long.".into()));
        }
        {
            let mut state = self.inner.state();
            let proposals = &mut state.remote.proposals;
            let is_again = |known: &Waiting| {
                known.id == waiting.id
                    || (known.pairing == waiting.pairing
                        && known.ask == waiting.ask
                        && known.who == waiting.who)
            };
            let before: Vec<_> = proposals.extract_if(.., |known| is_again(known)).collect();
            state.settle(before, Settled::Lapsed);
            if state.remote.proposals.len() >= WAITING {
                return Err(WorkspaceError::NotAllowed(
                    "Too many answers wait for the person at the desktop.".into(),
                ));
            }
            let root = state.root_of(&waiting.session);
            state.remote.proposals.push(waiting);
            state.untold.inbox = true;
            state.tell_of_thread(&root, TidingKind::AnsweredAfar);
        }
        self.inner.feed.changed();
        Ok(())
    }

    /// Whether what is answered waits, and is of the kind that is answered.
    fn suits(&self, waiting: &Waiting) -> bool {
        let state = self.inner.state();
        let Some(live) = state.live.get(&waiting.session) else {
            return false;
        };
        let transcript = &live.transcript;
        match waiting.answer {
            RemoteAnswer::Allow | RemoteAnswer::Deny => {
                let asks = transcript.permissions();
                asks.iter().any(|ask| ask.id.as_str() == waiting.ask)
            }
            RemoteAnswer::Answers { .. } | RemoteAnswer::TurnDown => {
                let asks = transcript.questions();
                asks.iter().any(|ask| ask.id.as_str() == waiting.ask)
            }
        }
    }

    /// Has an answer from afar count, or not. It counts as the word of the person here, whose answer it is then; one that
    /// does not leaves what is asked as it was.
    ///
    /// # Errors
    /// When it waits no more, or cannot be given.
    pub async fn answer_proposal(&self, proposal: &str, accept: bool) -> Result<()> {
        let waiting = {
            let mut state = self.inner.state();
            let mut all = state.remote.proposals.iter_mut();
            let found = all.find(|known| known.id == proposal && !known.taken);
            let found = found.ok_or(WorkspaceError::NotFound("The answer"))?;
            found.taken = true;
            found.clone()
        };
        let given = if accept { self.give(&waiting).await } else { Ok(()) };
        if let Err(error) = given {
            let mut state = self.inner.state();
            let mut all = state.remote.proposals.iter_mut();
            if let Some(known) = all.find(|known| known.id == waiting.id) {
                known.taken = false;
            }
            // What it answers may have gone meanwhile.
            state.lapse_proposals(&waiting.session);
            state.untold.inbox = true;
            drop(state);
            self.inner.feed.changed();
            self.inner.remote.wake.notify_one();
            return Err(error);
        }
        {
            let mut state = self.inner.state();
            let answers_the_same = |known: &mut Waiting| accept && known.ask == waiting.ask;
            state.remote.proposals.retain(|known| known.id != waiting.id);
            let others: Vec<_> = state.remote.proposals.extract_if(.., answers_the_same).collect();
            let settled = if accept {
                Settled::Confirmed
            } else {
                Settled::Dropped
            };
            state.settle(vec![waiting.clone()], settled);
            state.settle(others, Settled::Lapsed);
            state.untold.inbox = true;
        }
        self.inner.feed.changed();
        self.inner.remote.wake.notify_one();
        let broker = self
            .inner
            .state()
            .remote
            .find(&waiting.pairing)
            .map(|known| known.pairing.broker.clone());
        let host = broker.map(|broker| host_of(&broker)).unwrap_or_default();
        let (action, said) = if accept {
            ("command.completed", "confirmed here")
        } else {
            ("command.blocked", "not confirmed here")
        };
        let detail = format!("{} {} by {host}: {said}", waiting.kind.as_str(), waiting.command);
        self.inner.audit(&waiting.pairing, action, &detail).await;
        Ok(())
    }

    async fn give(&self, waiting: &Waiting) -> Result<()> {
        let session = waiting.session.as_str();
        match &waiting.answer {
            RemoteAnswer::Allow => {
                self.answer_permission(session, &waiting.ask, PermissionReply::Once)
                    .await
            }
            RemoteAnswer::Deny => {
                let reply = PermissionReply::Reject { feedback: None };
                self.answer_permission(session, &waiting.ask, reply).await
            }
            RemoteAnswer::Answers { answers } => {
                self.answer_question(session, &waiting.ask, answers.clone()).await
            }
            RemoteAnswer::TurnDown => self.reject_question(session, &waiting.ask).await,
        }
    }
}
