//! What was attached, attached again: what went with a prompt that is written anew, and what a first prompt leaves at home.

use std::path::Path;

use cowork_engine::{FileContent, MessageId, PromptPart, SessionId};
use cowork_store::DRAFT_HOLDER;
use cowork_transcript::BlockContent;

use super::GivenFile;
use crate::composing::HOME;
use crate::workspace::{Workspace, blocking};

/// What went with a prompt that the engine has.
pub(in crate::operations) struct WentWith {
    /// What it was; none where the engine did not say.
    pub(super) parts: Option<Vec<PromptPart>>,
    /// The names of the files that the prompt shows.
    pub(super) shown: Vec<String>,
    /// Its words.
    pub(super) text: String,
}

impl WentWith {
    /// With a prompt that nothing went with.
    pub(in crate::operations) fn nothing() -> Self {
        Self {
            parts: Some(Vec::new()),
            shown: Vec::new(),
            text: String::new(),
        }
    }

    /// Files that the prompt shows and the engine did not give.
    pub(super) fn missing(&self) -> Vec<String> {
        let Some(parts) = &self.parts else {
            // Those that are named in its words go along by that.
            let named = |name: &String| {
                self.text.contains(&format!("@{name}")) || self.text.contains(&format!("@\"{name}"))
            };
            return self.shown.iter().filter(|name| !named(name)).cloned().collect();
        };
        let mut given: Vec<&String> = parts
            .iter()
            .filter_map(|part| match part {
                PromptPart::File { name, .. } => Some(name),
                PromptPart::Agent { .. } => None,
            })
            .collect();
        let missing = self.shown.iter().filter(|name| {
            // Two may be called the same.
            let place = given.iter().position(|given| given == name);
            place.map(|place| given.swap_remove(place)).is_none()
        });
        missing.cloned().collect()
    }
}

/// What became of the files of a prompt.
pub(in crate::operations) struct AttachedAgain {
    /// The ids of those that are attached in the composer now.
    pub(in crate::operations) attached: Vec<String>,
    /// The names of those that did not come.
    pub(in crate::operations) missing: Vec<String>,
}

impl Workspace {
    /// Attaches what went with a prompt that the engine has. Nothing of it is lost in silence: what did not come is named.
    pub(in crate::operations) async fn attach_again(&self, session: &str, with: WentWith) -> AttachedAgain {
        let mut again = AttachedAgain {
            attached: Vec::new(),
            missing: with.missing(),
        };
        // What lies in the folder is named in the words, and goes along by that.
        let files: Vec<_> = with
            .parts
            .unwrap_or_default()
            .into_iter()
            .filter_map(|part| match part {
                PromptPart::File {
                    name,
                    content: FileContent::Data(bytes),
                    ..
                } => Some(GivenFile { name, bytes }),
                PromptPart::File { .. } | PromptPart::Agent { .. } => None,
            })
            .collect();
        if files.is_empty() {
            return again;
        }
        let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
        match self.attach(session, files).await {
            Ok(attached) => {
                for file in attached.refused {
                    tracing::warn!(reason = ?file.reason, "a file of a prompt was not attached again");
                    again.missing.push(file.name);
                }
                again.attached = attached.attached.into_iter().map(|file| file.id).collect();
            }
            Err(error) => {
                tracing::warn!(%error, "what was attached to a prompt did not come along");
                again.missing.extend(names);
            }
        }
        again
    }

    /// What went with a prompt, as far as the engine still has it.
    pub(in crate::operations) async fn went_with(
        &self,
        session: &SessionId,
        folder: &Path,
        prompt: &MessageId,
    ) -> WentWith {
        let mut with = WentWith {
            parts: None,
            shown: self.files_of(session, prompt),
            text: self
                .message_source(session.as_str(), prompt.as_str())
                .unwrap_or_default(),
        };
        let read = match self.inner.engine().await {
            Ok(engine) => engine.prompt_parts(folder, session, prompt).await,
            Err(error) => {
                tracing::warn!(%error, "what went with a prompt could not be asked for");
                return with;
            }
        };
        match read {
            Ok(parts) => with.parts = Some(parts),
            // Its words are what counts most, and they are known.
            Err(error) => tracing::warn!(%error, "what went with a prompt could not be read"),
        }
        with
    }

    /// The names of the files that a prompt shows.
    fn files_of(&self, session: &SessionId, prompt: &MessageId) -> Vec<String> {
        let state = self.inner.state();
        let entry = state
            .live
            .get(session)
            .and_then(|live| live.transcript.entry(prompt));
        let blocks = entry.map(|entry| entry.blocks.as_slice()).unwrap_or_default();
        let names = blocks.iter().filter_map(|block| match &block.content {
            BlockContent::File { name, .. } => Some(name.clone()),
            _ => None,
        });
        names.collect()
    }

    /// Those of attached files that were attached on the home page, before there was a thread for them.
    pub(in crate::operations) async fn of_home(&self, ids: &[String]) -> Vec<String> {
        if ids.is_empty() {
            return Vec::new();
        }
        let (store, ids) = (self.inner.store.clone(), ids.to_owned());
        let found = blocking(move || -> anyhow::Result<Vec<String>> {
            let known = store.attachments_of(HOME)?.into_iter().map(|known| known.id);
            Ok(known.filter(|id| ids.contains(id)).collect())
        });
        let found = found.await.and_then(std::convert::identity);
        found.unwrap_or_else(|error| {
            tracing::warn!(
                error = format!("{error:#}"),
                "whether files were attached on the home page is not known"
            );
            Vec::new()
        })
    }

    /// What was attached on the home page is there again: the prompt was not taken, its words still stand there, and the
    /// thread that was begun for it goes.
    pub(in crate::operations) async fn return_home(&self, ids: Vec<String>) {
        if ids.is_empty() {
            return;
        }
        let store = self.inner.store.clone();
        let given = blocking(move || Ok(store.attachments_give(&ids, HOME, DRAFT_HOLDER)?)).await;
        self.inner.saved(given);
        self.tell_composer(HOME).await;
    }
}
