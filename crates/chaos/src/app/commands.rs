//! What the app is asked to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context as _;
use cowork_chaos::{Command, Request};
use cowork_workspace::{PermissionReply, Workspace};

use super::disk::Disk;
use super::reports::{self, Reports};

/// Carries requests out.
#[derive(Clone)]
pub(crate) struct Commands {
    pub(crate) workspace: Workspace,
    pub(crate) reports: Arc<Reports>,
    pub(crate) disk: Disk,
    /// Milliseconds by which the wall's clock was set forward.
    pub(crate) ahead: Arc<AtomicI64>,
}

impl Commands {
    /// Carries one request out and answers it.
    pub(crate) async fn carry_out(self, request: Request) {
        let outcome = self.attempt(request.command).await;
        reports::answer(request.number, outcome.map_err(|error| format!("{error:#}")));
    }

    async fn attempt(&self, command: Command) -> anyhow::Result<String> {
        let workspace = &self.workspace;
        match command {
            Command::NewSession => {
                let folder = workspace.start().await?.initial_folder;
                let session = workspace.create_session(folder.as_deref()).await?.id;
                self.show(&session).await?;
                Ok(session)
            }
            Command::OpenSession { session } => {
                self.show(&session).await?;
                Ok(session)
            }
            Command::SendPrompt { session, text } => {
                let model = Some(cowork_workspace::demo_model());
                Ok(workspace.send_prompt(&session, &text, None, model).await?)
            }
            Command::Allow { session, permission } => {
                workspace
                    .answer_permission(&session, &permission, PermissionReply::Once)
                    .await?;
                Ok(String::new())
            }
            Command::JumpClock { seconds } => {
                self.ahead.fetch_add(seconds * 1_000, Ordering::Relaxed);
                Ok(String::new())
            }
            Command::FillDisk => self.apart(Disk::fill).await,
            Command::FreeDisk => self.apart(Disk::free).await,
            Command::Starts => {
                let health = workspace.engine_health().await?;
                Ok(format!("{} {}", health.automatic_starts, health.starts_by_person))
            }
            Command::Quit => anyhow::bail!("the end is not carried out beside other commands"),
        }
    }

    async fn show(&self, session: &str) -> anyhow::Result<()> {
        self.workspace.open_session(session, None).await?;
        self.reports.show(session);
        Ok(())
    }

    async fn apart(
        &self,
        work: impl FnOnce(&Disk) -> anyhow::Result<()> + Send + 'static,
    ) -> anyhow::Result<String> {
        let disk = self.disk.clone();
        let done = tokio::task::spawn_blocking(move || work(&disk)).await;
        done.context("working on the disk")??;
        Ok(String::new())
    }
}
