//! What happens to an ask that arrives, and why it asks.

use cowork_engine::{PermissionAsk, PermissionKind};

use crate::danger::{Danger, danger, dangers};

/// What is done with an ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is put to the person.
    Ask,
    /// It is refused without asking.
    Deny {
        /// Why, in words for the person and the agent.
        reason: String,
    },
}

/// Whether a box holds what runs in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoxOfTools {
    /// It was attacked and held.
    Proven,
    /// It has not been tried yet. What asks may be put to the person meanwhile, and is not carried out before.
    Unproven,
    /// There is none, or it did not hold.
    Failed,
}

/// Whether an ask is for a program of its own, which only a box can hold: its card shows what is started and not what
/// that goes on to do.
#[must_use]
pub fn runs_program(kind: &PermissionKind) -> bool {
    matches!(kind, PermissionKind::Shell | PermissionKind::Tool(_))
}

/// Where an ask would be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether a box holds what the engine starts to the folder.
    pub box_of_tools: BoxOfTools,
    /// Whether the person chose that commands may run in the ask's folder without one.
    pub unboxed_allowed: bool,
}

/// Decides on an ask of this kind. A kind this product has no word for is refused: a person cannot judge a
/// card that does not say what it is about. What runs a program of its own, a command or a server's tool, is
/// refused where no box holds it and the person has not said that it may do without: its card shows what is
/// started and not what that goes on to do.
#[must_use]
pub fn decide(kind: &PermissionKind, surroundings: Surroundings) -> Decision {
    let held = surroundings.box_of_tools != BoxOfTools::Failed || surroundings.unboxed_allowed;
    match kind {
        PermissionKind::Shell if !held => unboxed("commands are not run".to_owned()),
        PermissionKind::Tool(tool) if !held => {
            unboxed(format!("the tool \"{tool}\" of a server is not used"))
        }
        PermissionKind::Shell
        | PermissionKind::Edit
        | PermissionKind::Read
        | PermissionKind::Fetch
        | PermissionKind::WebSearch
        | PermissionKind::Task
        | PermissionKind::ExternalFolder
        | PermissionKind::RepeatedCall
        | PermissionKind::Skill
        | PermissionKind::Tool(_) => Decision::Ask,
        PermissionKind::Other(name) => Decision::Deny {
            reason: format!(
                "the engine asked for the permission \"{name}\", which this app does not know, so it was refused"
            ),
        },
    }
}

/// The refusal of what nothing would hold, which says what the person can do about it.
fn unboxed(refused: String) -> Decision {
    Decision::Deny {
        reason: refused
            + " on this computer without a box: nothing would hold it to the folder; the person can allow it for \
               this folder",
    }
}

/// What is dangerous about what an ask would run, as far as can be seen. Where the engine does not say the whole
/// command, the patterns of a shell ask are judged instead: they are what is known of it, one subcommand each.
#[must_use]
pub fn ask_danger(ask: &PermissionAsk) -> Option<Danger> {
    let command = ask
        .command
        .as_deref()
        .filter(|command| !command.trim().is_empty());
    match command {
        Some(command) => danger(command),
        None if ask.kind == PermissionKind::Shell => danger(&ask.patterns.join("\n")),
        None => None,
    }
}

/// All that is dangerous about a command that an ask would run, in the order it stands there; their places are in the
/// command. Where the engine does not say the whole command there is no text to mark, and the most severe comes alone.
#[must_use]
pub fn ask_dangers(ask: &PermissionAsk) -> Vec<Danger> {
    match ask.command.as_deref() {
        Some(command) if !command.trim().is_empty() => dangers(command),
        _ => ask_danger(ask).into_iter().collect(),
    }
}

/// Whether an ask may be allowed for good: the engine has to say what that would allow, and what deletes or
/// overwrites, or leads elsewhere than it says, is asked for each time. Whoever offers "always" and whoever takes the answer both ask here.
#[must_use]
pub fn may_always(ask: &PermissionAsk) -> bool {
    !ask.always.is_empty() && ask.leads_to.is_none() && ask_danger(ask).is_none()
}

/// Why an ask asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskReason {
    /// It runs a shell command.
    RunsCommand {
        /// What is dangerous about it, as far as can be seen.
        danger: Option<Danger>,
    },
    /// It changes files.
    ChangesFiles,
    /// It reads a file that holds secrets by custom.
    ReadsSecret,
    /// It fetches an address.
    Fetches,
    /// It sends a search to the network.
    Searches,
    /// It starts another agent.
    StartsAgent,
    /// It leaves the session's folder.
    LeavesFolder,
    /// It repeats the same call again and again.
    Repeats,
    /// It takes in instructions from a file.
    LoadsSkill,
    /// It uses a tool of an MCP server.
    UsesTool {
        /// The tool's full name.
        tool: String,
    },
    /// It is of a kind this product does not know; [`decide`] refuses it.
    Unknown {
        /// The engine's name for it.
        name: String,
    },
}

/// Says why an ask asks.
#[must_use]
pub fn reason(ask: &PermissionAsk) -> AskReason {
    match &ask.kind {
        PermissionKind::Shell => AskReason::RunsCommand {
            danger: ask_danger(ask),
        },
        PermissionKind::Edit => AskReason::ChangesFiles,
        PermissionKind::Read => AskReason::ReadsSecret,
        PermissionKind::Fetch => AskReason::Fetches,
        PermissionKind::WebSearch => AskReason::Searches,
        PermissionKind::Task => AskReason::StartsAgent,
        PermissionKind::ExternalFolder => AskReason::LeavesFolder,
        PermissionKind::RepeatedCall => AskReason::Repeats,
        PermissionKind::Skill => AskReason::LoadsSkill,
        PermissionKind::Tool(tool) => AskReason::UsesTool { tool: tool.clone() },
        PermissionKind::Other(name) => AskReason::Unknown { name: name.clone() },
    }
}

impl std::fmt::Display for AskReason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RunsCommand { danger: Some(danger) } => write!(formatter, "{danger}"),
            Self::RunsCommand { danger: None } => formatter.write_str("runs a command on this machine"),
            Self::ChangesFiles => formatter.write_str("changes files"),
            Self::ReadsSecret => formatter.write_str("reads a file that may hold secrets"),
            Self::Fetches => formatter.write_str("fetches an address from the network"),
            Self::Searches => formatter.write_str("sends a search to the network"),
            Self::StartsAgent => formatter.write_str("starts another agent"),
            Self::LeavesFolder => formatter.write_str("leaves the folder of this session"),
            Self::Repeats => formatter.write_str("repeats the same call again and again"),
            Self::LoadsSkill => formatter.write_str("takes in instructions from a file"),
            Self::UsesTool { tool } => write!(formatter, "uses the tool {tool} of a server"),
            Self::Unknown { name } => write!(formatter, "asks for {name}, which this app does not know"),
        }
    }
}
