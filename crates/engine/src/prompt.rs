//! What a person sends: words, what goes with them, and commands.

use std::path::PathBuf;

use crate::{MessageId, ModelReference};

/// A prompt to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The id the message shall have, so that a repeat after an unknown outcome is not a second prompt.
    pub message: MessageId,
    /// What the person wrote.
    pub text: String,
    /// What goes with it.
    pub parts: Vec<PromptPart>,
    /// The agent to ask.
    pub agent: Option<String>,
    /// The model to ask.
    pub model: Option<ModelReference>,
    /// The way it is to work: one of [`Model::variants`](crate::Model::variants). One that the model does not have is
    /// ignored.
    pub variant: Option<String>,
}

/// Something that goes with a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptPart {
    /// A file.
    File {
        /// What to call it.
        name: String,
        /// Its media type.
        media_type: String,
        /// What is in it.
        content: FileContent,
    },
    /// A sub-agent that is to be put to work.
    Agent {
        /// Its name.
        name: String,
    },
}

/// What is in a file that goes with a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileContent {
    /// This.
    Data(Vec<u8>),
    /// What is in this file, or in this folder, when the engine reads it. An engine reads whatever it is told to: who
    /// names a path here has judged it.
    At(PathBuf),
}

/// Where a command comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandSource {
    /// The engine, or its configuration.
    Engine,
    /// A server of tools.
    Server,
    /// A skill.
    Skill,
}

/// A command that the engine has a prompt for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name, which is also its id.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// The prompt, with places for arguments; empty where the engine makes it only when it is asked for.
    pub template: String,
    /// Where it comes from.
    pub source: CommandSource,
    /// The agent that is asked, where the command names one.
    pub agent: Option<String>,
    /// The model that is asked, where the command names one.
    pub model: Option<String>,
    /// It is done by a sub-agent.
    pub subtask: bool,
}
