//! What a session holds, copied out of the state so that it is made ready to leave without holding that up, and the
//! events that leave.

use std::sync::LazyLock;

use cowork_engine::{MessageId, PermissionAsk, QuestionAsk, SessionId, SessionStatus, Todo, TurnError};
use cowork_pairing::leaving::Places;
use cowork_pairing::sharing::{Held, HeldContent, HeldMessage, HeldPart};
use cowork_pairing::token::event_id;
use cowork_pairing_protocol::session::{Payload, SessionEvent, SharedThread, TurnEnd, VERSION};
use cowork_pairing_protocol::wire::{
    EventType, LOCAL_WORKSPACE, Policy, RemoteAuthority, RemoteEvent, ResultStatus,
};
use cowork_store::NewRemoteEvent;
use cowork_transcript::{Block, BlockContent, Entry, Transcript};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::shared::{Settled, Waiting};
use super::tap::Changed;
use crate::folders::label;
use crate::options::Options;
use crate::state::{Row, State, is_scripted};
use crate::view::{FolderKind, PairingPolicy, RemoteAnswers, SessionMark};

/// Messages of a session that are told: the newest. A person who reads farther back does it at the desktop.
pub(crate) const TOLD_MESSAGES: usize = 500;

/// What of a session's messages is copied.
pub(crate) enum Which<'a> {
    /// The newest.
    Newest,
    /// Those that may have changed.
    These(&'a Changed),
}

/// What a session holds.
pub(crate) struct Snapshot {
    thread: SharedThread,
    messages: Vec<Entry>,
    status: SessionStatus,
    error: Option<TurnError>,
    permissions: Vec<PermissionAsk>,
    questions: Vec<QuestionAsk>,
    todos: Vec<Todo>,
    /// There are older messages that are not told.
    pub(crate) cut: bool,
    /// Messages that are gone.
    pub(crate) gone: Vec<MessageId>,
}

impl Snapshot {
    pub(crate) fn of(transcript: &Transcript, thread: SharedThread, which: &Which<'_>) -> Self {
        let all = transcript.messages();
        let begins = all.len().saturating_sub(TOLD_MESSAGES);
        let (messages, gone) = match which {
            Which::Newest => (all[begins..].to_vec(), Vec::new()),
            Which::These(changed) => {
                let there = changed.messages.iter().filter_map(|id| transcript.entry(id));
                let mut messages: Vec<_> = there.cloned().collect();
                messages.sort_by_key(|entry| transcript.position(&entry.message.id));
                (messages, changed.gone.iter().cloned().collect())
            }
        };
        Self {
            thread,
            messages,
            status: transcript.status().clone(),
            error: transcript.error().cloned(),
            permissions: transcript.permissions().to_vec(),
            questions: transcript.questions().to_vec(),
            todos: transcript.todos().to_vec(),
            cut: begins > 0 || transcript.older().is_some(),
            gone,
        }
    }

    /// Whether nothing runs in it and nothing waits.
    pub(crate) fn rests(&self) -> bool {
        self.status == SessionStatus::Idle && self.permissions.is_empty() && self.questions.is_empty()
    }

    pub(crate) fn held(&self) -> Held<'_> {
        Held {
            thread: self.thread.clone(),
            messages: self
                .messages
                .iter()
                .map(|entry| HeldMessage {
                    message: &entry.message,
                    interrupted: entry.interrupted,
                    parts: entry.blocks.iter().map(part).collect(),
                })
                .collect(),
            status: &self.status,
            error: self.error.as_ref(),
            permissions: &self.permissions,
            questions: &self.questions,
            todos: &self.todos,
        }
    }
}

fn part(block: &Block) -> HeldPart<'_> {
    let content = match &block.content {
        BlockContent::Text { text } => HeldContent::Text(text),
        BlockContent::Reasoning { text, started, ended } => HeldContent::Reasoning {
            text,
            started: *started,
            ended: *ended,
        },
        BlockContent::Tool(tool) => HeldContent::Tool(&tool.call),
        BlockContent::File { name, media_type } => HeldContent::File { name, media_type },
        BlockContent::Compaction => HeldContent::Compaction,
    };
    HeldPart {
        id: &block.id,
        content,
    }
}

/// A session's row as others see it.
pub(crate) fn thread(row: &Row, state: &State) -> SharedThread {
    let throw_away = state.folders.kind(&row.folder) == FolderKind::Sandbox;
    SharedThread {
        title: row.title.clone(),
        folder: (!throw_away).then(|| label(&row.folder)),
        throw_away,
        parent: row.parent.as_ref().map(ToString::to_string),
        agent: row.agent.clone(),
        model: row.model.clone(),
        created: row.created,
        updated: row.updated,
        cost: row.cost,
        demo: row.model.as_deref().is_some_and(is_scripted),
        ended: match row.mark {
            SessionMark::Failed => Some(TurnEnd::Failed),
            SessionMark::Interrupted => Some(TurnEnd::Interrupted),
            _ => None,
        },
    }
}

/// The names in this machine's root folder: what begins with one of them is a path of it, whatever it is called. Read once.
static ROOTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let Ok(found) = std::fs::read_dir("/") else {
        // Where there is none, or it cannot be read, the usual names are known.
        return Vec::new();
    };
    let names = found.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.collect()
});

/// Where the paths of a session are.
pub(crate) fn places(row: &Row, options: &Options) -> Places {
    Places {
        folder: Some(row.folder.clone()),
        home: options.home_directory.clone(),
        roots: ROOTS.clone(),
    }
}

/// A policy in the words of the protocol.
pub(crate) fn policy(policy: PairingPolicy) -> Policy {
    let authority = |answers: RemoteAnswers| match answers {
        RemoteAnswers::Disabled => RemoteAuthority::Disabled,
        RemoteAnswers::LocalConfirmation => RemoteAuthority::LocalConfirmation,
        RemoteAnswers::RemoteAllowed => RemoteAuthority::RemoteAllowed,
    };
    Policy {
        allow_remote_prompts: policy.prompts,
        allow_remote_abort: policy.abort,
        remote_approvals: authority(policy.approvals),
        remote_questions: authority(policy.questions),
        expose_artifact_bodies: policy.artifact_bodies,
        expose_local_paths: policy.local_paths,
        expose_local_mcp_details: policy.tool_servers,
        allow_remote_attachments: policy.attachments,
    }
}

/// An event that leaves; what it is about beside its session is in its payload.
pub(crate) fn event(
    pairing: &str,
    kind: EventType,
    session: Option<&str>,
    command: Option<&str>,
    payload: Option<Value>,
) -> anyhow::Result<RemoteEvent> {
    Ok(RemoteEvent {
        id: event_id()?,
        pairing_id: pairing.to_owned(),
        kind,
        workspace_id: Some(LOCAL_WORKSPACE.to_owned()),
        session_id: session.map(str::to_owned),
        command_id: command.map(str::to_owned),
        sequence: None,
        occurred_at: Timestamp::now().to_string(),
        payload,
    })
}

/// The event that says what became of an answer that waited for a word here.
pub(crate) fn settled(waiting: &Waiting, settled: Settled) -> anyhow::Result<NewRemoteEvent> {
    let (kind, status, message) = match settled {
        Settled::Confirmed => (
            EventType::CommandCompleted,
            ResultStatus::Completed,
            "The person at the desktop said yes to this.",
        ),
        Settled::Dropped => (
            EventType::CommandFailed,
            ResultStatus::Failed,
            "The person at the desktop did not say yes to this.",
        ),
        Settled::Lapsed => (
            EventType::CommandFailed,
            ResultStatus::Failed,
            "What this answers waits for no answer any more, or got another.",
        ),
    };
    let payload = json!({
        "status": status,
        "message": message,
        "kind": waiting.kind.as_str(),
        "confirmed": settled == Settled::Confirmed,
    });
    let event = event(
        &waiting.pairing,
        kind,
        Some(waiting.session.as_str()),
        Some(&waiting.command),
        Some(payload),
    )?;
    kept(&event, false)
}

/// An event of a session, as it is kept.
pub(crate) fn session_event(
    pairing: &str,
    session: &SessionId,
    told: SessionEvent,
) -> anyhow::Result<NewRemoteEvent> {
    let payload = serde_json::to_value(Payload {
        v: VERSION,
        event: told,
    })?;
    let event = event(
        pairing,
        EventType::SessionEvent,
        Some(session.as_str()),
        None,
        Some(payload),
    )?;
    kept(&event, true)
}

/// An event as it is kept; `tells` says that it is told anew when it is let go.
pub(crate) fn kept(event: &RemoteEvent, tells: bool) -> anyhow::Result<NewRemoteEvent> {
    Ok(NewRemoteEvent {
        tells,
        event: serde_json::to_string(event)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cowork_pairing::leaving::Leaving;

    #[test]
    fn a_path_in_any_folder_of_this_machine_is_known_to_be_one() {
        let places = Places {
            roots: ROOTS.clone(),
            ..Places::default()
        };
        let leaving = Leaving::new(&policy(PairingPolicy::default()), &places);
        let is_a_name = |name: &String| {
            name.chars()
                .all(|one| one.is_ascii_alphanumeric() || "._-+@".contains(one))
        };
        for entry in std::fs::read_dir("/").unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap_or_default();
            if is_a_name(&name) {
                assert_eq!(leaving.text(&format!("in /{name}/hidden")), "in [path]", "{name}");
            }
        }
    }
}
