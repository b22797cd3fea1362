//! Whether what is asked from afar is done.

use cowork_pairing_protocol::wire::{
    CommandKind, PermissionPayload, Policy, PromptPayload, QuestionRejectPayload, QuestionReplyPayload,
    RemoteAuthority,
};
use serde_json::Value;

/// What a command asks, read from its kind and payload.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// Make a session. What is in the payload is the app's own: the folder's id, a title, a first prompt.
    CreateSession(Value),
    /// Prompt a session.
    Prompt(PromptPayload),
    /// Stop what runs in a session.
    Abort,
    /// Answer a request for permission.
    Permission(PermissionPayload),
    /// Answer questions.
    Reply(QuestionReplyPayload),
    /// Turn questions down.
    Reject(QuestionRejectPayload),
    /// Say how things stand.
    Status,
    /// End the pairing.
    Revoke,
}

impl Work {
    /// Reads the payload of a kind.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(kind: CommandKind, payload: Option<&Value>) -> Result<Self, String> {
        fn of<T: serde::de::DeserializeOwned>(payload: Option<&Value>) -> Result<T, String> {
            let payload = payload.ok_or_else(|| "the command has no payload".to_owned())?;
            T::deserialize(payload).map_err(|error| format!("the command's payload cannot be read: {error}"))
        }
        Ok(match kind {
            CommandKind::CreateSession => Self::CreateSession(payload.cloned().unwrap_or(Value::Null)),
            CommandKind::Prompt => Self::Prompt(of(payload)?),
            CommandKind::Abort => Self::Abort,
            CommandKind::PermissionRespond => Self::Permission(of(payload)?),
            CommandKind::QuestionReply => Self::Reply(of(payload)?),
            CommandKind::QuestionReject => Self::Reject(of(payload)?),
            CommandKind::Status => Self::Status,
            CommandKind::RevokePairing => Self::Revoke,
        })
    }

    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> CommandKind {
        match self {
            Self::CreateSession(_) => CommandKind::CreateSession,
            Self::Prompt(_) => CommandKind::Prompt,
            Self::Abort => CommandKind::Abort,
            Self::Permission(_) => CommandKind::PermissionRespond,
            Self::Reply(_) => CommandKind::QuestionReply,
            Self::Reject(_) => CommandKind::QuestionReject,
            Self::Status => CommandKind::Status,
            Self::Revoke => CommandKind::RevokePairing,
        }
    }

    /// Whether it is about one session.
    #[must_use]
    pub fn needs_session(&self) -> bool {
        !matches!(self, Self::CreateSession(_) | Self::Status | Self::Revoke)
    }

    fn has_attachments(&self) -> bool {
        let there = |value: Option<&Value>| match value {
            None | Some(Value::Null) => false,
            Some(Value::Array(values)) => !values.is_empty(),
            Some(_) => true,
        };
        match self {
            Self::Prompt(prompt) => prompt.attachments.as_ref().is_some_and(|files| !files.is_empty()),
            Self::CreateSession(payload) => {
                there(payload.get("attachments"))
                    || payload
                        .get("prompt")
                        .is_some_and(|prompt| there(prompt.get("attachments")))
            }
            _ => false,
        }
    }
}

/// What is done with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is carried out.
    Allowed,
    /// The person at the desktop is asked, and their word alone counts.
    Confirm,
    /// It is not done; why, in words for whoever asked.
    Blocked(&'static str),
}

/// Decides. `leased` says that the command came with a lease token and a lease end that is not over: an answer given
/// with remote authority demands both.
#[must_use]
pub fn decide(work: &Work, policy: &Policy, leased: bool) -> Decision {
    let by_authority = |authority: RemoteAuthority, disabled: &'static str| match authority {
        RemoteAuthority::Disabled => Decision::Blocked(disabled),
        RemoteAuthority::LocalConfirmation => Decision::Confirm,
        RemoteAuthority::RemoteAllowed if leased => Decision::Allowed,
        RemoteAuthority::RemoteAllowed => {
            Decision::Blocked("this answer needs a lease with a token and an end, and came without one")
        }
    };
    match work {
        Work::CreateSession(_) | Work::Prompt(_) if !policy.allow_remote_prompts => {
            Decision::Blocked("this desktop takes no prompts from afar")
        }
        Work::CreateSession(_) | Work::Prompt(_)
            if work.has_attachments() && !policy.allow_remote_attachments =>
        {
            Decision::Blocked("this desktop takes no attachments from afar; send the words alone")
        }
        Work::Abort if !policy.allow_remote_abort => {
            Decision::Blocked("what runs on this desktop is not stopped from afar")
        }
        Work::Permission(_) => by_authority(
            policy.remote_approvals,
            "this desktop takes no answers to requests for permission from afar",
        ),
        Work::Reply(_) | Work::Reject(_) => by_authority(
            policy.remote_questions,
            "this desktop takes no answers to questions from afar",
        ),
        Work::CreateSession(_) | Work::Prompt(_) | Work::Abort | Work::Status | Work::Revoke => {
            Decision::Allowed
        }
    }
}
