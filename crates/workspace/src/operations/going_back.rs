//! Going back to before a prompt, and taking that back.
//!
//! The engine puts the files back and keeps what it took out of the conversation until the next prompt. It can do the
//! first only where it keeps the history of a folder's files; so a person is told before what goes and what stays.

use std::path::Path;
use std::sync::Arc;

use cowork_engine::{
    Engine, EngineEvent, Envelope, FileChange, MessageId, Role, Session, SessionId, SessionStatus,
};
use cowork_transcript::{BlockContent, Entry};

use super::changes::tool_changes;
use crate::boxes;
use crate::error::{Result, WorkspaceError};
use crate::folders;
use crate::render::display_path;
use crate::view::{RevertPreview, RevertedPrompt, TakenBack};
use crate::workspace::{Workspace, blocking, now};

/// Prompts that are asked for what they changed. Each is a look into the folder's history of some 50 ms, and a person
/// waits for all of them.
const LOOKED_AT: usize = 40;

impl Workspace {
    /// What going back to before a prompt would take back.
    ///
    /// # Errors
    /// When the prompt is not known, or the engine does not answer.
    pub async fn revert_preview(&self, session: &str, prompt: &str) -> Result<RevertPreview> {
        let (id, folder) = self.inner.session(session)?;
        let (prompts, attachments) = self.prompts_from(&id, prompt).await?;
        let engine = self.inner.engine().await?;
        let history = engine.keeps_history(&folder).await?;
        let (mut files, mut left) = (Vec::new(), Vec::new());
        for prompt in prompts.iter().take(LOOKED_AT) {
            let told = self.told_of(&id, prompt);
            let changes = if history {
                engine.changes(&folder, &id, prompt).await?
            } else {
                Vec::new()
            };
            for change in &told {
                if !changes.iter().any(|known| is_same_file(known, change, &folder)) {
                    add(&mut left, change, &folder);
                }
            }
            for change in &changes {
                add(&mut files, change, &folder);
            }
        }
        // One that some turn changed within the history and another one outside of it is put back.
        left.retain(|file: &TakenBack| !files.iter().any(|known: &TakenBack| known.path == file.path));
        Ok(RevertPreview {
            prompts: u32::try_from(prompts.len()).unwrap_or(u32::MAX),
            more: prompts.len() > LOOKED_AT,
            files,
            left,
            history,
            attachments,
        })
    }

    /// Goes back to before a prompt: what was said from there on is taken out of the conversation until the next prompt
    /// removes it, and files are put back where their history is kept. What the prompt said, and what was attached to it.
    ///
    /// # Errors
    /// When the prompt is not known, a turn runs, or the engine does not answer.
    pub async fn revert_session(&self, session: &str, prompt: &str) -> Result<RevertedPrompt> {
        let (id, folder) = self.inner.session(session)?;
        self.prompts_from(&id, prompt).await?;
        let text = self.message_source(session, prompt)?;
        let engine = self.at_rest(&id, &folder).await?;
        let prompt = MessageId::from(prompt);
        let with = self.went_with(&id, &folder, &prompt).await;
        {
            let _gate = self.inner.gate.read().await;
            let changed = engine.revert(&folder, &id, &prompt).await?;
            if changed.reverted.is_none() {
                return Err(WorkspaceError::NotFound("The prompt"));
            }
            self.take_session(changed);
        }
        // It went back by now, whether or not what was attached can be kept.
        let again = self.attach_again(session, with).await;
        Ok(RevertedPrompt {
            text,
            attachments: again.attached,
            missing: again.missing,
        })
    }

    /// Brings back what [`Workspace::revert_session`] took out, messages and files.
    ///
    /// # Errors
    /// When the session is not known, a turn runs, or the engine does not answer.
    pub async fn unrevert_session(&self, session: &str) -> Result<()> {
        let (id, folder) = self.inner.session(session)?;
        let engine = self.at_rest(&id, &folder).await?;
        let _gate = self.inner.gate.read().await;
        let changed = engine.unrevert(&folder, &id).await?;
        self.take_session(changed);
        Ok(())
    }

    /// The engine, once files of the folder can be written and nothing runs in the session.
    async fn at_rest(&self, session: &SessionId, folder: &Path) -> Result<Arc<dyn Engine>> {
        boxes::bring_into_reach(&self.inner, folder).await;
        let path = folder.to_owned();
        blocking(move || folders::readable(&path))
            .await
            .map_err(WorkspaceError::Internal)??;
        let engine = self.inner.engine().await?;
        let state = self.inner.state();
        let live = state.live.get(session);
        if live.is_some_and(|live| *live.transcript.status() != SessionStatus::Idle) {
            return Err(WorkspaceError::InvalidInput(
                "A turn is running in this thread. Stop it, then go back.".into(),
            ));
        }
        Ok(engine)
    }

    /// The prompt and those after it, and whether files were attached to it.
    async fn prompts_from(&self, session: &SessionId, prompt: &str) -> Result<(Vec<MessageId>, bool)> {
        self.load(session).await?;
        self.read_back_to(session, prompt).await?;
        let state = self.inner.state();
        let transcript = state.live.get(session).map(|live| &live.transcript);
        let found = transcript.and_then(|transcript| {
            let place = transcript.position(&MessageId::from(prompt))?;
            let entries = transcript.messages().get(place..)?;
            let first = entries.first().filter(|entry| is_prompt(entry))?;
            let attached = |content: &BlockContent| matches!(content, BlockContent::File { .. });
            let attachments = first.blocks.iter().any(|block| attached(&block.content));
            let prompts = entries.iter().filter(|entry| is_prompt(entry));
            Some((
                prompts.map(|entry| entry.message.id.clone()).collect(),
                attachments,
            ))
        });
        found.ok_or(WorkspaceError::NotFound("The prompt"))
    }

    /// What the tools of a prompt's turn said that they changed.
    fn told_of(&self, session: &SessionId, prompt: &MessageId) -> Vec<FileChange> {
        let state = self.inner.state();
        let live = state.live.get(session);
        live.map(|live| tool_changes(&live.transcript, prompt))
            .unwrap_or_default()
    }

    /// Takes over what the engine answered of a session, before its stream tells the same.
    fn take_session(&self, session: Session) {
        let mut effects = Vec::new();
        let envelope = Envelope {
            folder: None,
            event: EngineEvent::SessionChanged(session),
        };
        self.inner.state().apply(envelope, now(), &mut effects);
        self.inner.carry_out(effects);
    }
}

fn is_prompt(entry: &Entry) -> bool {
    entry.message.role == Role::User
}

/// Whether both are about one file. An engine names files from the root of their repository on, a tool in full.
fn is_same_file(known: &FileChange, told: &FileChange, folder: &Path) -> bool {
    display_path(&known.path, folder) == display_path(&told.path, folder)
        || Path::new(&told.path).ends_with(&known.path)
}

fn add(files: &mut Vec<TakenBack>, change: &FileChange, folder: &Path) {
    let path = display_path(&change.path, folder);
    if let Some(file) = files.iter_mut().find(|file| file.path == path) {
        file.additions += change.additions;
        file.deletions += change.deletions;
    } else {
        files.push(TakenBack {
            path,
            additions: change.additions,
            deletions: change.deletions,
        });
    }
}
