//! The commands about boxes, what serves in them, and what is run from a conversation.

use cowork_workspace::view;

use super::{Answer, Api, PickedFor, Subject};
use crate::error::{ApiError, Code};
use crate::json;

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
    pub async fn folder_unbox(&self, request: json::UnboxFolder) -> Answer<()> {
        let unbox = |consent| {
            self.workspace
                .unbox_folder(&request.folder, request.allowed, consent)
        };
        Ok(self.consents.ask(&*self.shell, Subject::NoBox, unbox).await?)
    }

    pub async fn folder_box_set(&self, request: json::SetBox) -> Answer<()> {
        let set = |consent| {
            self.workspace
                .set_box(&request.folder, request.settings.clone(), consent)
        };
        Ok(self.consents.ask(&*self.shell, Subject::WiderBox, set).await?)
    }

    pub async fn folder_box_grant(&self, request: json::GrantToBox) -> Answer<bool> {
        let purpose = if request.writable {
            PickedFor::Changing
        } else {
            PickedFor::Reading
        };
        let Some(picked) = self.pick_folder(purpose).await? else {
            return Ok(false);
        };
        self.workspace
            .grant_to_box(&request.folder, picked, request.writable)
            .await?;
        Ok(true)
    }

    pub async fn folder_box_prove(&self, request: json::FolderReference) -> Answer<()> {
        Ok(self.workspace.prove_box(&request.folder).await?)
    }

    pub async fn stopped_forget(&self, request: json::ForgetStopped) -> Answer<()> {
        let which = request.which.as_ref();
        self.workspace
            .forget_stopped(which.map(|stopped| (stopped.folder.as_str(), stopped.host.as_str())));
        Ok(())
    }

    pub async fn preview_open(&self, request: json::ServerReference) -> Answer<()> {
        let preview = self.workspace.open_preview(&request.folder, request.port).await?;
        self.shell.show_preview(preview).map_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "opening a preview");
            ApiError {
                code: Code::Internal,
                message: format!("The preview cannot be shown: {error:#}."),
            }
        })
    }

    pub async fn snippet_languages(&self) -> Answer<Vec<view::SnippetLanguage>> {
        Ok(self.workspace.snippet_languages().await)
    }

    pub async fn snippet_run(&self, request: json::RunSnippet) -> Answer<json::SnippetReceipt> {
        let run = self
            .workspace
            .run_snippet(&request.language, request.source)
            .await?;
        Ok(json::SnippetReceipt { run })
    }

    pub async fn snippet_stop(&self, request: json::SnippetReference) -> Answer<()> {
        self.workspace.stop_snippet(&request.run);
        Ok(())
    }

    pub async fn bridge_list(&self) -> Answer<Vec<view::BridgeRow>> {
        Ok(self.workspace.bridges().await?)
    }

    pub async fn bridge_set(&self, request: json::SetBridge) -> Answer<()> {
        let set = |consent| {
            self.workspace
                .set_bridge(request.bridge, request.allowed, consent)
        };
        Ok(self.consents.ask(&*self.shell, Subject::Bridge, set).await?)
    }

    pub async fn engine_home_set(&self, request: json::SetEngineHome) -> Answer<()> {
        let set = |consent| self.workspace.set_engine_home(request.home, consent);
        Ok(self.consents.ask(&*self.shell, Subject::MachineHome, set).await?)
    }
}
