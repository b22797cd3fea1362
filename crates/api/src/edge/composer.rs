//! What a composer needs beside its words: attached files, names, commands, prompts that wait, and the context.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cowork_workspace::{GivenFile, Outgoing, WorkspaceError, view};

use super::{Answer, Api};
use crate::json;

/// Characters of a file's base64: 10 MB and a third. What is longer is refused before it is taken apart.
const LONGEST_FILE: usize = 14 * 1024 * 1024;

#[expect(
    clippy::missing_errors_doc,
    reason = "every command fails with an ApiError, described at its codes"
)]
#[expect(missing_docs, reason = "the registry holds each command's one description")]
#[expect(
    clippy::unused_async,
    reason = "every command is called alike, whether it waits or not"
)]
impl Api {
    pub async fn composer_open(&self, request: json::ComposerReference) -> Answer<view::ComposerState> {
        Ok(self.workspace.composer(&request.session).await?)
    }

    pub async fn attachment_pick(&self, request: json::ComposerReference) -> Answer<view::Attached> {
        let picked = self.consents.choose(self.shell.pick_files()).await?;
        Ok(self.workspace.attach_picked(&request.session, picked).await?)
    }

    pub async fn attachment_add(&self, request: json::AttachFile) -> Answer<view::Attached> {
        let json::AttachFile { session, name, data } = request;
        if data.len() > LONGEST_FILE {
            let refused = view::RefusedFile {
                name,
                reason: view::AttachmentRefusal::TooLarge,
            };
            return Ok(view::Attached {
                attached: Vec::new(),
                refused: vec![refused],
            });
        }
        let bytes = STANDARD.decode(data).map_err(|_| {
            WorkspaceError::InvalidInput("The file did not arrive whole. Attach it again.".into())
        })?;
        Ok(self
            .workspace
            .attach(&session, vec![GivenFile { name, bytes }])
            .await?)
    }

    pub async fn attachment_remove(&self, request: json::AttachmentReference) -> Answer<()> {
        Ok(self
            .workspace
            .detach(&request.session, &request.attachment)
            .await?)
    }

    pub async fn mention_search(&self, request: json::SearchMentions) -> Answer<view::MentionSearch> {
        Ok(self
            .workspace
            .search_mentions(&request.folder, &request.typed)
            .await?)
    }

    pub async fn command_list(&self, request: json::FolderReference) -> Answer<Vec<view::CommandRow>> {
        Ok(self.workspace.commands(&request.folder).await?)
    }

    pub async fn command_trust(&self, request: json::TrustCommand) -> Answer<()> {
        Ok(self
            .workspace
            .trust_command(&request.folder, &request.key, &request.hash)
            .await?)
    }

    pub async fn command_run(&self, request: json::RunCommand) -> Answer<json::PromptReceipt> {
        let json::RunCommand {
            session,
            key,
            arguments,
            agent,
            model,
            attachments,
        } = request;
        let outgoing = Outgoing {
            text: String::new(),
            agent,
            model,
            attachments: attachments.unwrap_or_default(),
        };
        let message = self
            .workspace
            .run_command(&session, &key, &arguments, outgoing)
            .await?;
        Ok(json::PromptReceipt { message })
    }

    pub async fn queue_add(&self, request: json::SendPrompt) -> Answer<()> {
        let session = request.session.clone();
        Ok(self.workspace.queue_prompt(&session, request.outgoing()).await?)
    }

    pub async fn queue_edit(&self, request: json::EditQueued) -> Answer<()> {
        Ok(self
            .workspace
            .edit_queued(&request.session, &request.prompt, &request.text)
            .await?)
    }

    pub async fn queue_hold(&self, request: json::HoldQueued) -> Answer<()> {
        Ok(self
            .workspace
            .hold_queued(&request.session, &request.prompt, request.held)
            .await?)
    }

    pub async fn queue_remove(&self, request: json::QueuedReference) -> Answer<()> {
        Ok(self
            .workspace
            .remove_queued(&request.session, &request.prompt)
            .await?)
    }

    pub async fn queue_order(&self, request: json::OrderQueue) -> Answer<()> {
        Ok(self
            .workspace
            .order_queue(&request.session, request.prompts)
            .await?)
    }

    pub async fn queue_send(&self, request: json::QueuedReference) -> Answer<json::PromptReceipt> {
        let message = self
            .workspace
            .send_queued(&request.session, &request.prompt)
            .await?;
        Ok(json::PromptReceipt { message })
    }

    pub async fn session_compact(&self, request: json::CompactSession) -> Answer<()> {
        Ok(self
            .workspace
            .compact_session(&request.session, request.model.as_deref())
            .await?)
    }

    pub async fn context_fill(&self, request: json::SessionReference) -> Answer<view::ContextFill> {
        Ok(self.workspace.context_fill(&request.session)?)
    }
}
