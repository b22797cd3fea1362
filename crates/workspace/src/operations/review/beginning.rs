//! How far back the review of a thread reaches.

use cowork_engine::{MessageId, Role, SessionId};
use cowork_transcript::Transcript;

use crate::view::{HunkPlace, ReviewScope};
use crate::{Result, Workspace, WorkspaceError};

/// Prompts of a session that are asked what they changed, where it is not summed up. Each is a look of some 50 ms.
const PROMPTS: usize = 40;

impl Workspace {
    /// Refuses to put a whole file back as it was before a thread whose beginning was not counted.
    pub(super) async fn beginning_is_known(
        &self,
        session: &str,
        scope: &ReviewScope,
        hunk: Option<&HunkPlace>,
    ) -> Result<()> {
        if hunk.is_none() && self.listed(session, scope).await?.more {
            return Err(WorkspaceError::NotAllowed(
                "Older messages of this thread are not counted here, so what the file was before all of them is not known. \
                 Put back single changes of it."
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// The newest prompts of a session that are asked what they changed, the oldest first, and whether there are older
    /// ones.
    pub(super) async fn newest_prompts(&self, session: &SessionId) -> Result<(Vec<MessageId>, bool)> {
        self.load(session).await?;
        while self.prompts_held(session).len() < PROMPTS && self.read_older(session, true).await? {}
        let held = self.prompts_held(session);
        let left_out = held.len().saturating_sub(PROMPTS);
        Ok((held[left_out..].to_vec(), left_out > 0 || self.has_older(session)))
    }

    fn prompts_held(&self, session: &SessionId) -> Vec<MessageId> {
        let state = self.inner.state();
        let transcript = state.live.get(session).map(|live| &live.transcript);
        let entries = transcript.map(Transcript::messages).unwrap_or_default();
        let prompts = entries.iter().filter(|entry| entry.message.role == Role::User);
        prompts.map(|entry| entry.message.id.clone()).collect()
    }

    /// Whether there are messages before those in memory.
    pub(super) fn has_older(&self, session: &SessionId) -> bool {
        let state = self.inner.state();
        let live = state.live.get(session);
        live.is_some_and(|live| live.transcript.older().is_some())
    }
}
