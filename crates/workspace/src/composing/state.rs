//! What is known of all composers, and how a window is told of one.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use cowork_engine::SessionId;
use cowork_store::{Attachment, DRAFT_HOLDER, Store};

use super::walk::Listings;
use crate::view;
use crate::workspace::{Inner, Workspace, blocking};

/// The composer of the home page, which belongs to no session yet. No engine calls a session so.
pub(crate) const HOME: &str = "home";

/// What is known of all composers beside what is kept.
#[derive(Default)]
pub(crate) struct Composing {
    pub(crate) listings: Listings,
    going: Mutex<Going>,
    /// One telling after the other, so that the last one tells the last change.
    telling: tokio::sync::Mutex<()>,
}

/// What goes on by itself just now.
#[derive(Default)]
pub(crate) struct Going {
    /// Sessions whose next prompt is on its way, and which one it is as soon as that is known.
    sending: HashMap<SessionId, Option<String>>,
    /// Ids of messages that are being handed over, which hold what is attached to them.
    handing_over: HashSet<String>,
    /// Sessions whose turn ended while the prompt that began it was still being seen off.
    ended: HashSet<SessionId>,
    /// Sessions that are being summed up.
    compacting: HashSet<SessionId>,
    /// Sessions whose turn the person stopped: what waits there waits for them.
    stopped: HashSet<SessionId>,
    /// Why the next prompt of a session could not be sent, as long as nothing was sent there since.
    failed: HashMap<SessionId, String>,
    /// Waiting prompts that are being given other words, with their sessions: they do not go out meanwhile.
    edited: HashMap<String, SessionId>,
    /// Sessions whose next prompt would have gone out if it had not been edited.
    due: HashSet<SessionId>,
}

impl Composing {
    fn going(&self) -> MutexGuard<'_, Going> {
        self.going.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to send what waits in a session. False when that is done already.
    pub(crate) fn begin_sending(&self, session: &SessionId) -> bool {
        let mut going = self.going();
        going.stopped.remove(session);
        going.failed.remove(session);
        if going.sending.contains_key(session) {
            return false;
        }
        going.sending.insert(session.clone(), None);
        true
    }

    /// Says which of the waiting prompts is on its way. False when it is being edited: it then stays.
    pub(crate) fn note_sending(&self, session: &SessionId, id: &str) -> bool {
        let mut going = self.going();
        if going.edited.contains_key(id) {
            return false;
        }
        if let Some(sending) = going.sending.get_mut(session) {
            *sending = Some(id.to_owned());
        }
        true
    }

    /// The same for the prompt whose turn it is. One that is being edited goes out as soon as that is over.
    pub(crate) fn note_sending_next(&self, session: &SessionId, id: &str) -> bool {
        let mut going = self.going();
        if going.edited.contains_key(id) {
            going.due.insert(session.clone());
            return false;
        }
        if let Some(sending) = going.sending.get_mut(session) {
            *sending = Some(id.to_owned());
        }
        true
    }

    /// Begins to edit a waiting prompt. False when it is on its way.
    pub(crate) fn begin_editing(&self, session: &SessionId, id: &str) -> bool {
        let mut going = self.going();
        let sending = going.sending.get(session);
        if sending.is_some_and(|sending| sending.as_deref() == Some(id)) {
            return false;
        }
        going.edited.insert(id.to_owned(), session.clone());
        true
    }

    /// Whether a waiting prompt is being edited.
    pub(crate) fn is_edited(&self, id: &str) -> bool {
        self.going().edited.contains_key(id)
    }

    /// Ends to edit a waiting prompt. True when it, or another one, may be due now.
    pub(crate) fn end_editing(&self, session: &SessionId, id: &str) -> bool {
        let mut going = self.going();
        going.edited.remove(id);
        going.due.remove(session)
    }

    /// Which prompt comes next is another one. True when it may be due now.
    pub(crate) fn note_order(&self, session: &SessionId) -> bool {
        self.going().due.remove(session)
    }

    /// Whoever edited is gone; the sessions in which a prompt may be due now.
    pub(crate) fn forget_edits(&self) -> Vec<SessionId> {
        let mut going = self.going();
        going.edited.clear();
        going.due.drain().collect()
    }

    /// Whether a waiting prompt is on its way.
    pub(crate) fn is_sending(&self, session: &SessionId, id: &str) -> bool {
        let going = self.going();
        let sending = going.sending.get(session);
        sending.is_some_and(|sending| sending.as_deref() == Some(id))
    }

    /// A message begins to be handed over: what is attached to it is not swept up meanwhile.
    pub(crate) fn begin_handing_over(&self, message: &str) {
        self.going().handing_over.insert(message.to_owned());
    }

    /// It was handed over, or came back.
    pub(crate) fn end_handing_over(&self, message: &str) {
        self.going().handing_over.remove(message);
    }

    /// Whether a message is being handed over.
    pub(crate) fn is_handed_over(&self, message: &str) -> bool {
        self.going().handing_over.contains(message)
    }

    /// Ends to send. True when a turn ended meanwhile, so that the next one may be due.
    pub(crate) fn end_sending(&self, session: &SessionId) -> bool {
        let mut going = self.going();
        going.sending.remove(session);
        going.ended.remove(session)
    }

    /// A turn ended. True when a prompt is being sent, whoever sends it looks for the next one then.
    fn note_ended(&self, session: &SessionId) -> bool {
        let mut going = self.going();
        let sending = going.sending.contains_key(session);
        if sending {
            going.ended.insert(session.clone());
        }
        sending
    }

    /// Begins to sum a session up. False when that is done already.
    pub(crate) fn begin_compacting(&self, session: &SessionId) -> bool {
        self.going().compacting.insert(session.clone())
    }

    pub(crate) fn end_compacting(&self, session: &SessionId) {
        self.going().compacting.remove(session);
    }

    /// The person stopped a turn.
    pub(crate) fn note_stopped(&self, session: &SessionId) {
        self.going().stopped.insert(session.clone());
    }

    /// A turn begins that the person asked for.
    pub(crate) fn note_sent(&self, session: &SessionId) {
        let mut going = self.going();
        going.stopped.remove(session);
        going.failed.remove(session);
    }

    /// The next prompt could not be sent.
    pub(crate) fn note_failed(&self, session: &SessionId, reason: String) {
        self.going().failed.insert(session.clone(), reason);
    }

    fn is_stopped(&self, session: &SessionId) -> bool {
        self.going().stopped.contains(session)
    }
}

/// A turn ended: the next prompt goes out when it ended well, and waits for the person else.
pub(crate) async fn turn_ended(inner: &Arc<Inner>, session: &SessionId) {
    if inner.composing.note_ended(session) {
        return;
    }
    let ended_well = {
        let state = inner.state();
        state
            .live
            .get(session)
            .is_some_and(crate::state::Live::ended_well)
    };
    let workspace = Workspace { inner: inner.clone() };
    let compacting = inner.composing.going().compacting.contains(session);
    if ended_well && !compacting && !inner.composing.is_stopped(session) {
        workspace.send_next(session).await;
    } else {
        workspace.tell_composer(session.as_str()).await;
    }
}

/// An attached file as a window shows it.
pub(crate) fn attachment_view(attachment: &Attachment) -> view::AttachmentView {
    view::AttachmentView {
        id: attachment.id.clone(),
        name: attachment.name.clone(),
        media_type: attachment.media_type.clone(),
        bytes: attachment.bytes,
        thumbnail: attachment.thumbnail.clone(),
        scaled: attachment.scaled,
    }
}

fn read(store: &Store, session: &str) -> anyhow::Result<(Vec<view::AttachmentView>, Vec<view::QueuedView>)> {
    let all = store
        .attachments_of(session)
        .context("reading what is attached")?;
    let queue = store.queue(session).context("reading what waits")?;
    let held = |holder: &str| -> Vec<view::AttachmentView> {
        let held = all.iter().filter(|attachment| attachment.holder == holder);
        held.map(attachment_view).collect()
    };
    let queue = queue
        .into_iter()
        .map(|prompt| view::QueuedView {
            attachments: held(&prompt.id),
            id: prompt.id,
            text: prompt.text,
            agent: prompt.agent,
            model: prompt.model,
        })
        .collect();
    Ok((held(DRAFT_HOLDER), queue))
}

impl Workspace {
    /// What stands in a composer beside its words.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn composer(&self, session: &str) -> crate::Result<view::ComposerState> {
        self.inner.composer_of(session)?;
        self.read_composer(session)
            .await
            .map_err(crate::WorkspaceError::Internal)
    }

    async fn read_composer(&self, session: &str) -> anyhow::Result<view::ComposerState> {
        let (store, wanted) = (self.inner.store.clone(), session.to_owned());
        let (attachments, queue) = blocking(move || read(&store, &wanted)).await??;
        let id = SessionId::from(session);
        let runs = {
            let state = self.inner.state();
            let live = state.live.get(&id);
            live.is_some_and(|live| !live.is_free())
        };
        let going = self.inner.composing.going();
        Ok(view::ComposerState {
            session: session.to_owned(),
            attachments,
            held: !queue.is_empty() && !runs && !going.sending.contains_key(&id) && !going.due.contains(&id),
            waits_for_edit: going.due.contains(&id),
            queue,
            compacting: going.compacting.contains(&id),
            failed: going.failed.get(&id).cloned(),
        })
    }

    /// Has the window told of a composer as it is now.
    pub(crate) async fn tell_composer(&self, session: &str) {
        let _in_order = self.inner.composing.telling.lock().await;
        match self.read_composer(session).await {
            Ok(composer) => {
                self.inner.state().tell_composer(composer);
                self.inner.feed.changed();
            }
            // Whoever asked for a change is told of what went wrong with it; the window reads anew when it opens.
            Err(error) => tracing::error!(error = format!("{error:#}"), "reading what is in a composer"),
        }
    }
}

impl Inner {
    /// The session and folder of a composer; none at home.
    pub(crate) fn composer_of(&self, session: &str) -> crate::Result<Option<(SessionId, PathBuf)>> {
        if session == HOME {
            return Ok(None);
        }
        self.session(session).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_which_prompt_is_on_its_way() {
        let (composing, session) = (Composing::default(), SessionId::from("one"));
        composing.note_sending(&session, "a");
        assert!(!composing.is_sending(&session, "a"), "nothing began");
        assert!(composing.begin_sending(&session));
        composing.note_sending(&session, "a");
        assert!(!composing.begin_sending(&session));
        assert!(
            composing.is_sending(&session, "a"),
            "a second beginning forgets nothing"
        );
        assert!(!composing.is_sending(&session, "b"));
        composing.end_sending(&session);
        assert!(!composing.is_sending(&session, "a"));
    }

    #[test]
    fn a_prompt_that_is_edited_is_not_sent_and_one_that_is_sent_is_not_edited() {
        let (composing, session) = (Composing::default(), SessionId::from("one"));
        assert!(composing.begin_editing(&session, "a"));
        assert!(composing.begin_sending(&session));
        assert!(!composing.note_sending(&session, "a"));
        assert!(!composing.note_sending_next(&session, "a"));
        composing.end_sending(&session);
        assert!(
            composing.end_editing(&session, "a"),
            "it was due, and goes out when the edit is over"
        );
        assert!(!composing.end_editing(&session, "a"), "once");

        assert!(composing.begin_sending(&session));
        assert!(composing.note_sending_next(&session, "a"));
        assert!(!composing.begin_editing(&session, "a"));
        assert!(composing.begin_editing(&session, "b"));
        composing.end_sending(&session);
        assert!(!composing.note_sending_next(&session, "b"));
        assert!(composing.forget_edits().contains(&session), "a page that went");
        assert!(composing.note_sending_next(&session, "b"));
    }
}
