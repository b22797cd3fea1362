//! New threads from afar, and the files that come with prompts.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cowork_engine::SessionId;
use cowork_pairing::commands::Asked;
use cowork_pairing_protocol::wire::{CommandResult, PromptPayload};
use cowork_store::{SHARED_THREADS_LIMIT, SharedThread};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Doer, Refused, completed, failed, folder_name, listed, name_of};
use crate::error::WorkspaceError;
use crate::folders;
use crate::operations::attachments::{GivenFile, MOST_FILES, PROMPT_FILE_BYTES};
use crate::view::{AttachmentRefusal, RefusedFile};
use crate::workspace::{Workspace, blocking, now};

/// Characters of a title that comes from afar.
const TITLE_CHARACTERS: usize = 200;

/// What a new session is to be, in this product's words.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct NewSession {
    /// The id of a shared folder; a throw-away one when absent.
    folder: Option<String>,
    title: Option<String>,
    /// A first prompt.
    prompt: Option<PromptPayload>,
}

/// What is left for a crash to find a new session by.
#[derive(Debug, Deserialize, serde::Serialize)]
pub(super) struct Made {
    pub(super) folder: PathBuf,
    /// The folder was made for it alone.
    pub(super) alone: bool,
    pub(super) since: i64,
}

/// A file that comes with a prompt.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    name: String,
    /// In base64.
    data: String,
}

impl Doer {
    pub(super) async fn create(
        &self,
        workspace: &Workspace,
        asked: &Asked,
        payload: &Value,
    ) -> Result<CommandResult, Refused> {
        let wanted = if payload.is_null() {
            NewSession::default()
        } else {
            NewSession::deserialize(payload)
                .map_err(|error| failed(&format!("The new thread cannot be read: {error}")))?
        };
        let folder = {
            let state = workspace.inner.state();
            let known = self.known(&state)?;
            if known.threads.len() >= SHARED_THREADS_LIMIT as usize {
                // It would be begun, and nobody there could see it.
                return Err(failed(
                    "The desktop shares as many threads as it can. Have some shared no longer there.",
                ));
            }
            match &wanted.folder {
                Some(id) => {
                    let found = known.folders.iter().find(|path| {
                        folder_name(&known, path) == *id
                            && state.folders.resolve(&folders::folder_id(path)).is_ok()
                    });
                    Some(
                        found
                            .cloned()
                            .ok_or_else(|| failed("There is no such folder at the desktop."))?,
                    )
                }
                None => None,
            }
        };
        let alone = folder.is_none();
        let folder = workspace.folder_to_begin_in(folder).await?;
        // An engine may have been waited for, and the pairing ended or paused meanwhile.
        self.known(&workspace.inner.state())?;
        let made = Made {
            folder: folder.clone(),
            alone,
            since: now(),
        };
        let mark = serde_json::to_string(&made).map_err(anyhow::Error::from)?;
        self.mark(workspace, &asked.command.id, mark).await?;
        let row = workspace.begin_session_in(folder).await?;
        self.share(workspace, &row.id).await?;
        if let Some(title) = wanted
            .title
            .as_deref()
            .map(str::trim)
            .filter(|title| !title.is_empty())
        {
            let title: String = title.chars().take(TITLE_CHARACTERS).collect();
            if let Err(error) = workspace.rename_session(&row.id, &title).await {
                // It is there, and can be named at any time.
                tracing::warn!(%error, "a thread from afar has no title");
            }
        }
        let mut result = self.made(workspace, &row.id)?;
        if let Some(prompt) = &wanted.prompt {
            let session = SessionId::from(row.id.as_str());
            match self.prompt(workspace, asked, &session, prompt).await {
                Ok(prompted) => result.data = prompted.data,
                Err(Refused(refused)) => {
                    result.message = refused.message;
                    result.data = Some(json!({ "prompted": false }));
                }
            }
        }
        Ok(result)
    }

    /// What is said of a session that was made.
    pub(super) fn made(&self, workspace: &Workspace, session: &str) -> Result<CommandResult, Refused> {
        let state = workspace.inner.state();
        let known = self.known(&state)?;
        let row = state.rows.get(&SessionId::from(session));
        let mut result = completed();
        result.session = row.map(|row| listed(row, &state, &known, &workspace.inner));
        Ok(result)
    }

    /// Shares a session that was made from afar.
    pub(super) async fn share(&self, workspace: &Workspace, session: &str) -> Result<(), Refused> {
        let thread = SharedThread {
            session: session.to_owned(),
            from_afar: true,
            shared_at: now(),
        };
        let (store, pairing, shared) = (
            workspace.inner.store.clone(),
            self.pairing.clone(),
            thread.clone(),
        );
        blocking(move || Ok(store.share_thread(&pairing, &shared)?))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        {
            let mut state = workspace.inner.state();
            if let Some(known) = state.remote.find_mut(&self.pairing) {
                known.threads.retain(|known| known.session != thread.session);
                known.threads.insert(0, thread);
            }
            state.remote.news.touch(&SessionId::from(session));
        }
        workspace.inner.tell_pairings();
        workspace.inner.remote.wake.notify_one();
        Ok(())
    }
}

/// What comes with a prompt, from when it is attached until the prompt is on its way. It is in no composer meanwhile, and
/// what a crash or a refusal leaves of it is swept up.
pub(super) struct Files<'a> {
    workspace: &'a Workspace,
    holder: String,
}

impl<'a> Files<'a> {
    pub(super) fn new(workspace: &'a Workspace, pairing: &str, command: &str) -> Self {
        let holder = format!("afar_{}", name_of(pairing, command));
        workspace.inner.composing.begin_handing_over(&holder);
        Self { workspace, holder }
    }

    /// Who holds it until it is the prompt's.
    pub(super) fn holder(&self) -> &str {
        &self.holder
    }

    /// Attaches all of it, or nothing is sent. The ids.
    pub(super) async fn attach(
        &self,
        session: &SessionId,
        prompt: &PromptPayload,
    ) -> Result<Vec<String>, Refused> {
        let files = prompt.attachments.iter().flatten();
        let mut given = Vec::new();
        for file in files {
            let unreadable = || failed("A file that came along cannot be read.");
            let file = File::deserialize(file).map_err(|_| unreadable())?;
            let bytes = STANDARD.decode(file.data).map_err(|_| unreadable())?;
            given.push(GivenFile {
                name: file.name,
                bytes,
            });
        }
        if given.is_empty() {
            return Ok(Vec::new());
        }
        let attached = self.workspace.attach_for(session.as_str(), &self.holder, given);
        let attached = attached.await?;
        match attached.refused.first() {
            Some(refused) => Err(failed(&refused_words(refused))),
            None => Ok(attached.attached.into_iter().map(|file| file.id).collect()),
        }
    }
}

impl Drop for Files<'_> {
    fn drop(&mut self) {
        self.workspace.inner.composing.end_handing_over(&self.holder);
    }
}

/// Why a file is not taken, for who sent it.
fn refused_words(RefusedFile { name, reason }: &RefusedFile) -> String {
    match reason {
        AttachmentRefusal::TooLarge | AttachmentRefusal::TextTooLarge => {
            format!("The file {name} is too large. Nothing was sent.")
        }
        AttachmentRefusal::TooMany => format!(
            "At most {MOST_FILES} files of {} MB together go with one prompt. Nothing was sent.",
            PROMPT_FILE_BYTES / 1024 / 1024
        ),
        AttachmentRefusal::Full => {
            "The desktop holds as many attached files as it can. Nothing was sent.".to_owned()
        }
        AttachmentRefusal::Empty => format!("The file {name} is empty. Nothing was sent."),
        _ => format!("The file {name} is not of a kind that is taken. Nothing was sent."),
    }
}
