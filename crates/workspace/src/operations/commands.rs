//! Commands: prompts that somebody wrote down, under a name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cowork_engine::PromptPart;

use super::prompts::{Outgoing, Returns};
use crate::composing::mentions;
use crate::composing::templates::{self, Origin, Template};
use crate::error::{Result, WorkspaceError};
use crate::view::{CommandOrigin, CommandRow, CommandTrust, TrustedCommandRow};
use crate::workspace::{Workspace, blocking, now};

/// How long the list waits for an engine that is on its way. The folder's own commands are there without it.
const LIST_PATIENCE: Duration = Duration::from_secs(4);

/// Bytes of arguments.
const ARGUMENT_BYTES: usize = 64 * 1024;

impl Workspace {
    /// The commands of a folder: the engine's and the folder's own.
    ///
    /// # Errors
    /// When the folder is not granted, or what is trusted cannot be read.
    pub async fn commands(&self, folder: &str) -> Result<Vec<CommandRow>> {
        let path = self.inner.state().folders.resolve(folder)?;
        let templates = self.templates(&path).await?;
        let (store, wanted) = (self.inner.store.clone(), path.display().to_string());
        let trusted = blocking(move || store.trusted_commands(&wanted))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::Internal(error.into()))?;
        // What a server's say is not known before they run, so nobody could read it first: they are not offered.
        let offered = templates.iter().filter(|template| !template.is_unknown());
        Ok(offered.map(|template| row(template, &trusted)).collect())
    }

    /// Remembers that the person read a command as it is, and trusts it in this folder.
    ///
    /// # Errors
    /// When it says something else by now, or that cannot be saved.
    pub async fn trust_command(&self, folder: &str, key: &str, hash: &str) -> Result<()> {
        let path = self.inner.state().folders.resolve(folder)?;
        let template = self.template(&path, key).await?;
        if template.hash() != hash {
            return Err(WorkspaceError::InvalidInput(
                "The command was changed while you read it. Read it again, then trust it.".into(),
            ));
        }
        let (store, folder) = (self.inner.store.clone(), path.display().to_string());
        let (key, hash) = (key.to_owned(), hash.to_owned());
        blocking(move || store.trust_command(&folder, &key, &hash, now()))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))
    }

    /// The commands that are trusted, by folder and name.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn trusted_commands(&self) -> Result<Vec<TrustedCommandRow>> {
        let store = self.inner.store.clone();
        let trusted = blocking(move || store.all_trusted_commands())
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::Internal(error.into()))?;
        let rows = trusted.into_iter().map(|trusted| TrustedCommandRow {
            folder: trusted.folder,
            name: trusted
                .name
                .split_once('/')
                .map_or_else(|| trusted.name.clone(), |(_, name)| name.to_owned()),
            key: trusted.name,
            trusted: trusted.trusted_at,
        });
        Ok(rows.collect())
    }

    /// Trusts a command of a folder no longer: it has to be read again before it runs. The folder is named by its path, as it
    /// was listed, and may be gone.
    ///
    /// # Errors
    /// When it is not trusted, or that cannot be saved.
    pub async fn distrust_command(&self, folder: &str, key: &str) -> Result<()> {
        let (store, folder, key) = (self.inner.store.clone(), folder.to_owned(), key.to_owned());
        let known = blocking(move || store.distrust_command(&folder, &key))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        if known {
            Ok(())
        } else {
            Err(WorkspaceError::NotFound("The trusted command"))
        }
    }

    /// Runs a command; the id of the message it became.
    ///
    /// # Errors
    /// When it is not known, has to be trusted first, or the engine does not take it.
    pub async fn run_command(
        &self,
        session: &str,
        key: &str,
        arguments: &str,
        outgoing: Outgoing,
    ) -> Result<String> {
        if arguments.len() > ARGUMENT_BYTES {
            return Err(WorkspaceError::InvalidInput(
                "What is written behind the command is larger than 64 KB. Attach it as a file.".into(),
            ));
        }
        let (_, folder) = self.inner.session(session)?;
        let template = self.template(&folder, key).await?;
        if template.is_unknown() {
            return Err(WorkspaceError::NotAllowed(format!(
                "/{} is made by a tool server, and what it says cannot be looked at before it is sent. Copy its text into the message instead.",
                template.name
            )));
        }
        if template.needs_trust() {
            let (store, wanted) = (self.inner.store.clone(), folder.display().to_string());
            let trusted = blocking(move || store.trusted_commands(&wanted))
                .await
                .map_err(WorkspaceError::Internal)?
                .map_err(|error| WorkspaceError::Internal(error.into()))?;
            if trust(&template, &trusted) != CommandTrust::Given {
                return Err(WorkspaceError::NotAllowed(format!(
                    "/{} has to be read and trusted in this folder first, or it was changed since. Choose it from the list.",
                    template.name
                )));
            }
        }
        // Never in the engine: there whatever is named with an `@` is read without a look at what is kept from the agent,
        // and what stands like shell in a template or behind the command runs at once, outside of every box.
        let agent = template.agent.clone().filter(|agent| self.is_primary(agent));
        let outgoing = Outgoing {
            text: template.expand(arguments),
            agent: agent.or(outgoing.agent),
            model: template.model.clone().or(outgoing.model),
            attachments: outgoing.attachments,
        };
        self.send(session, outgoing, Returns::Nowhere).await
    }

    /// Whether an agent is one that a person can talk to. Nothing is known while the engine starts.
    fn is_primary(&self, name: &str) -> bool {
        let state = self.inner.state();
        let agents = &state.agents;
        agents
            .iter()
            .any(|agent| agent.name == name && agent.mode != cowork_engine::AgentMode::Subagent)
    }

    /// What is named in a text with an `@`.
    pub(super) async fn mentioned(&self, text: &str, folder: &Path) -> Vec<PromptPart> {
        if !text.contains('@') {
            return Vec::new();
        }
        let agents: Vec<String> = self.sub_agents().into_iter().map(|agent| agent.name).collect();
        let (text, folder, shelter) = (text.to_owned(), folder.to_owned(), self.inner.shelter());
        let own: PathBuf = self.inner.options.places.sandbox_folder_root.clone();
        let found = blocking(move || {
            let covered = super::file_search::covered_in(&folder, &own, shelter.covered_paths());
            mentions::find(&text, &folder, &covered, &agents)
        });
        // Only the end of the runtime ends it early.
        found.await.unwrap_or_default()
    }

    async fn template(&self, folder: &Path, key: &str) -> Result<Template> {
        let templates = self.templates(folder).await?;
        let found = templates.into_iter().find(|template| template.key() == key);
        found.ok_or(WorkspaceError::NotFound("The command"))
    }

    async fn templates(&self, folder: &Path) -> Result<Vec<Template>> {
        let (path, shelter) = (folder.to_owned(), self.inner.shelter());
        let root: PathBuf = self.inner.options.places.sandbox_folder_root.clone();
        let own = blocking(move || {
            let covered = super::file_search::covered_in(&path, &root, shelter.covered_paths());
            templates::of_folder(&path, &covered)
        })
        .await
        .map_err(WorkspaceError::Internal)?;
        let of_engine = match self.inner.engine_within(LIST_PATIENCE).await {
            Ok(engine) => engine.commands(folder).await.map_err(WorkspaceError::from),
            Err(error) => Err(error),
        };
        let mut all: Vec<Template> = match of_engine {
            Ok(commands) => commands.into_iter().map(Template::of_engine).collect(),
            Err(error) => {
                tracing::warn!(%error, "the engine's commands could not be listed");
                Vec::new()
            }
        };
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all.extend(own);
        Ok(all)
    }
}

fn trust(template: &Template, trusted: &[(String, String)]) -> CommandTrust {
    if !template.needs_trust() {
        return CommandTrust::NotNeeded;
    }
    let key = template.key();
    match trusted.iter().find(|(known, _)| *known == key) {
        Some((_, hash)) if *hash == template.hash() => CommandTrust::Given,
        Some(_) => CommandTrust::Changed,
        None => CommandTrust::Needed,
    }
}

fn visible(text: &str) -> String {
    cowork_policy::visible(text).into_owned()
}

fn row(template: &Template, trusted: &[(String, String)]) -> CommandRow {
    let (arguments, takes_rest) = template.places();
    CommandRow {
        key: template.key(),
        name: template.name.clone(),
        description: template.description.clone(),
        hint: template.hint.clone(),
        arguments,
        takes_rest,
        origin: match template.origin {
            Origin::Engine => CommandOrigin::Engine,
            Origin::Server => CommandOrigin::Server,
            Origin::Skill => CommandOrigin::Skill,
            Origin::Folder => CommandOrigin::Folder,
        },
        trust: trust(template, trusted),
        template: template.needs_trust().then(|| template.shown()),
        shell: template.shell().iter().map(|line| visible(line)).collect(),
        path: template.path.as_deref().map(visible),
        hash: template.hash(),
    }
}
