//! What each command does: reads what was sent, asks the application, and turns a failure into a code.

mod boxes;
mod composer;
mod files;
mod pairing;
mod providers;
mod review;
mod search;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use cowork_workspace::{Workspace, WorkspaceError, view};

use crate::consent::Consents;
use crate::error::{ApiError, Code};
use crate::json;
use crate::opened::Opened;
use crate::shell::{PickedFor, Shell, Subject};

/// Every command as a method; the registry says what each is for.
#[derive(Clone)]
pub struct Api {
    workspace: Workspace,
    shell: Arc<dyn Shell>,
    consents: Arc<Consents>,
    opened: Arc<Opened>,
}

type Answer<T> = Result<T, ApiError>;

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
    /// Joins the application with the shell around it.
    #[must_use]
    pub fn new(workspace: Workspace, shell: Arc<dyn Shell>) -> Self {
        Self {
            workspace,
            shell,
            consents: Arc::default(),
            opened: Arc::default(),
        }
    }

    /// The application behind the commands, for an edge that runs in the same process.
    #[must_use]
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    pub async fn start(&self) -> Answer<view::Start> {
        Ok(self.workspace.start().await?)
    }

    pub async fn subscribe(
        &self,
        receive: impl Fn(view::Update) -> bool + Send + Sync + 'static,
    ) -> Answer<()> {
        self.workspace.subscribe(receive);
        Ok(())
    }

    pub async fn window_shown(&self, request: json::WindowShown) -> Answer<()> {
        self.workspace.show(request.shown);
        Ok(())
    }

    pub async fn acknowledge(&self, request: json::Acknowledge) -> Answer<()> {
        self.workspace.acknowledge(request.sequence);
        Ok(())
    }

    /// One dialog at a time: a page cannot bury the person under them.
    async fn pick_folder(&self, purpose: PickedFor) -> Result<Option<PathBuf>, WorkspaceError> {
        self.consents.choose(self.shell.pick_folder(purpose)).await
    }

    pub async fn folder_pick(&self) -> Answer<Option<view::Folder>> {
        match self.pick_folder(PickedFor::Work).await? {
            Some(path) => Ok(Some(self.workspace.grant_folder(path).await?)),
            None => Ok(None),
        }
    }

    pub async fn folders_look(&self) -> Answer<Vec<view::Folder>> {
        Ok(self.workspace.look_at_folders().await?)
    }

    pub async fn folder_forget(&self, request: json::FolderReference) -> Answer<()> {
        Ok(self.workspace.forget_folder(&request.folder).await?)
    }

    pub async fn session_create(&self, request: json::NewSession) -> Answer<view::SessionRow> {
        Ok(self.workspace.create_session(request.folder.as_deref()).await?)
    }

    pub async fn session_open(&self, request: json::OpenSession) -> Answer<view::Conversation> {
        Ok(self
            .workspace
            .open_session(&request.session, request.around.as_deref())
            .await?)
    }

    pub async fn session_page(&self, request: json::TurnPage) -> Answer<()> {
        Ok(self.workspace.turn_page(&request.session, request.page).await?)
    }

    pub async fn conversation_find(&self, request: json::FindInConversation) -> Answer<view::FoundPage> {
        let json::FindInConversation {
            session,
            query,
            before,
        } = request;
        Ok(self
            .workspace
            .find_in_conversation(&session, query, before.as_deref())
            .await?)
    }

    pub async fn conversation_prompt(&self, request: json::FindPrompt) -> Answer<Option<String>> {
        let json::FindPrompt { session, from, back } = request;
        Ok(self.workspace.find_prompt(&session, &from, back).await?)
    }

    pub async fn conversation_text(
        &self,
        request: json::ReadConversationText,
    ) -> Answer<json::ConversationText> {
        let json::ReadConversationText {
            session,
            after,
            before,
        } = request;
        let (text, cut) = self
            .workspace
            .conversation_text(&session, after.as_deref(), before.as_deref())
            .await?;
        Ok(json::ConversationText { text, cut })
    }

    pub async fn session_close(&self) -> Answer<()> {
        self.workspace.close_session();
        Ok(())
    }

    pub async fn session_rename(&self, request: json::RenameSession) -> Answer<view::SessionRow> {
        Ok(self
            .workspace
            .rename_session(&request.session, &request.title)
            .await?)
    }

    pub async fn session_delete(&self, request: json::SessionReference) -> Answer<()> {
        Ok(self.workspace.delete_session(&request.session).await?)
    }

    pub async fn session_fork(&self, request: json::ForkSession) -> Answer<view::ForkedThread> {
        let json::ForkSession {
            session,
            message,
            title,
        } = request;
        Ok(self
            .workspace
            .fork_session(&session, message.as_deref(), &title)
            .await?)
    }

    pub async fn revert_preview(&self, request: json::MessageReference) -> Answer<view::RevertPreview> {
        let json::MessageReference { session, message } = request;
        Ok(self.workspace.revert_preview(&session, &message).await?)
    }

    pub async fn session_revert(&self, request: json::MessageReference) -> Answer<view::RevertedPrompt> {
        let json::MessageReference { session, message } = request;
        Ok(self.workspace.revert_session(&session, &message).await?)
    }

    pub async fn session_unrevert(&self, request: json::SessionReference) -> Answer<()> {
        Ok(self.workspace.unrevert_session(&request.session).await?)
    }

    pub async fn logs_delete_old(&self) -> Answer<u64> {
        Ok(self.workspace.delete_old_logs().await?)
    }

    pub async fn set_aside_delete(&self) -> Answer<u64> {
        Ok(self.workspace.delete_set_aside().await?)
    }

    pub async fn attachments_delete_needless(&self) -> Answer<u64> {
        Ok(self.workspace.delete_needless_attachments().await?)
    }

    pub async fn reverts_delete_needless(&self) -> Answer<u64> {
        Ok(self.workspace.delete_needless_reverts().await?)
    }

    pub async fn command_trusted(&self) -> Answer<Vec<view::TrustedCommandRow>> {
        Ok(self.workspace.trusted_commands().await?)
    }

    pub async fn command_distrust(&self, request: json::TrustedCommand) -> Answer<()> {
        let json::TrustedCommand { folder, command } = request;
        Ok(self.workspace.distrust_command(&folder, &command).await?)
    }

    pub async fn everything_remove(&self, request: json::RemoveEverything) -> Answer<()> {
        let remove = |consent| self.workspace.remove_everything(request.keys, consent);
        self.consents
            .ask(&*self.shell, Subject::Everything, remove)
            .await?;
        self.shell.leave();
        Ok(())
    }

    pub async fn prompt_send(&self, request: json::SendPrompt) -> Answer<json::PromptReceipt> {
        let session = request.session.clone();
        let message = self.workspace.send_with(&session, request.outgoing()).await?;
        Ok(json::PromptReceipt { message })
    }

    pub async fn draft_save(&self, request: json::SaveDraft) -> Answer<()> {
        let took = request.took.unwrap_or_default();
        let kept = self.workspace.keep_draft(&request.session, &request.text, took);
        Ok(kept.await?)
    }

    pub async fn turn_stop(&self, request: json::SessionReference) -> Answer<()> {
        Ok(self.workspace.stop_turn(&request.session).await?)
    }

    pub async fn permission_answer(&self, request: json::AnswerPermission) -> Answer<()> {
        let json::AnswerPermission {
            session,
            permission,
            rules,
            decision,
            feedback,
        } = request;
        if let (json::PermissionDecision::Always, Some(rules)) = (decision, rules) {
            return Ok(self
                .workspace
                .allow_with_rules(&session, &permission, rules.scope, rules.patterns)
                .await?);
        }
        Ok(self
            .workspace
            .answer_permission(&session, &permission, decision.reply(feedback))
            .await?)
    }

    pub async fn rule_check(&self, request: json::CheckRules) -> Answer<view::RuleCheck> {
        Ok(self
            .workspace
            .check_rules(&request.session, &request.permission, &request.patterns)?)
    }

    pub async fn inbox_ask(&self, request: json::InboxReference) -> Answer<view::InboxAsk> {
        Ok(self.workspace.inbox_ask(&request.thread, &request.ask)?)
    }

    pub async fn inbox_answered(&self) -> Answer<view::AnsweredList> {
        Ok(self.workspace.answered().await?)
    }

    pub async fn question_answer(&self, request: json::AnswerQuestion) -> Answer<()> {
        Ok(self
            .workspace
            .answer_question(&request.session, &request.question, request.answers)
            .await?)
    }

    pub async fn question_reject(&self, request: json::RejectQuestion) -> Answer<()> {
        Ok(self
            .workspace
            .reject_question(&request.session, &request.question)
            .await?)
    }

    pub async fn message_source(&self, request: json::MessageReference) -> Answer<String> {
        Ok(self
            .workspace
            .message_source(&request.session, &request.message)?)
    }

    pub async fn tool_output(&self, request: json::ReadOutput) -> Answer<view::OutputPage> {
        let json::ReadOutput {
            session,
            message,
            block,
            text,
            page,
        } = request;
        Ok(self
            .workspace
            .tool_output(&session, &message, &block, text, page)
            .await?)
    }

    pub async fn tool_text(&self, request: json::ReadToolText) -> Answer<String> {
        let json::ReadToolText {
            session,
            message,
            block,
            text,
        } = request;
        Ok(self.workspace.tool_text(&session, &message, &block, text).await?)
    }

    pub async fn change_page(&self, request: json::ReadChange) -> Answer<view::DiffPage> {
        let json::ReadChange {
            session,
            source,
            page,
        } = request;
        Ok(self.workspace.change_page(&session, source, page).await?)
    }

    pub async fn engine_start(&self) -> Answer<()> {
        Ok(self.workspace.start_engine().await?)
    }

    pub async fn engine_log(&self) -> Answer<Vec<String>> {
        Ok(self.workspace.engine_log())
    }

    pub async fn engine_health(&self) -> Answer<view::EngineHealth> {
        Ok(self.workspace.engine_health().await?)
    }

    pub async fn diagnostics_report(&self) -> Answer<String> {
        Ok(self.workspace.diagnostics_report().await?)
    }

    pub async fn allowance_list(&self) -> Answer<Vec<view::AllowanceRow>> {
        Ok(self.workspace.allowances())
    }

    pub async fn allowance_revoke(&self, request: json::AllowanceReference) -> Answer<()> {
        Ok(self.workspace.revoke_allowance(request.allowance).await?)
    }

    pub async fn allowance_restore(&self, request: json::AllowanceReference) -> Answer<()> {
        Ok(self.workspace.restore_allowance(request.allowance).await?)
    }

    pub async fn settings_save(&self, request: view::Settings) -> Answer<view::Settings> {
        let saved = self.workspace.save_settings(request).await?;
        if let Err(error) = self.shell.zoom(saved.zoom) {
            // It is saved, and the next start tries again.
            tracing::warn!(error = format!("{error:#}"), "the window was not zoomed");
        }
        Ok(saved)
    }

    pub async fn notification_words(&self, request: view::TidingWords) -> Answer<()> {
        Ok(self.workspace.set_tiding_words(request)?)
    }

    pub async fn notification_try(&self) -> Answer<()> {
        let tried = self.shell.notify(self.workspace.tiding_to_try()).await;
        tried.map_err(|error| ApiError {
            code: Code::Unreachable,
            message: cowork_workspace::redact(&format!("The desktop shows no notifications: {error:#}")),
        })
    }

    pub async fn logs_open(&self) -> Answer<()> {
        self.shell.open_folder(self.workspace.logs()).map_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "opening the folder of the logs");
            ApiError {
                code: Code::Internal,
                message: "The system has no program that opens folders. Copy the log instead.".to_owned(),
            }
        })
    }

    pub async fn app_log(&self) -> Answer<Vec<String>> {
        Ok(self.workspace.app_log().await?)
    }

    pub async fn health_rows(&self) -> Answer<Vec<view::HealthRow>> {
        Ok(self.workspace.health_rows().await?)
    }

    pub async fn link_open(&self, request: json::OpenLink) -> Answer<()> {
        let refused = || ApiError {
            code: Code::NotAllowed,
            message: "Only http, https and mailto links can be opened. Copy the text instead.".to_owned(),
        };
        let url = cowork_workspace::external_link(&request.url).ok_or_else(refused)?;
        if !self.opened.one_more(Instant::now()) {
            return Err(ApiError {
                code: Code::NotAllowed,
                message: "Many links were opened within a minute. Copy this one, or open it in a while."
                    .to_owned(),
            });
        }
        self.shell.open_link(&url).map_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "opening a link");
            ApiError {
                code: Code::Internal,
                message: "The system has no program that opens this link. Copy it instead.".to_owned(),
            }
        })
    }
}

impl From<WorkspaceError> for ApiError {
    fn from(error: WorkspaceError) -> Self {
        use cowork_workspace::EngineError;
        let code = match &error {
            WorkspaceError::InvalidInput(_) => Code::InvalidInput,
            WorkspaceError::NotFound(_) | WorkspaceError::Engine(EngineError::NotFound(_)) => Code::NotFound,
            WorkspaceError::EngineNotReady(_) => Code::EngineNotReady,
            error if error.is_outcome_unknown() => Code::OutcomeUnknown,
            WorkspaceError::Engine(_) => Code::EngineRefused,
            WorkspaceError::FolderUnavailable(_) => Code::FolderUnavailable,
            WorkspaceError::NotAllowed(_) => Code::NotAllowed,
            WorkspaceError::ConsentNeeded(_) => Code::ConsentNeeded,
            WorkspaceError::NotSaved(_) => Code::NotSaved,
            WorkspaceError::Unreachable(_) => Code::Unreachable,
            WorkspaceError::Internal(_) => Code::Internal,
        };
        if code == Code::Internal {
            tracing::error!(%error, "a command failed inside the app");
        }
        Self {
            code,
            message: cowork_workspace::redact(&error.to_string()),
        }
    }
}
