//! Asking a desktop to do something, in somebody's name.
//!
//! [`give`] is the one way to a desktop's queue. It judges by what the person is in the desktop's organization at this
//! moment and by what the desktop said it lets in; the desktop judges again, and its word counts.

use cowork_cloud_store::rules::access::{DesktopDeed, Standing, may_with_desktop};
use cowork_cloud_store::rules::commands::DEADLINE;
use cowork_cloud_store::{Enqueued, NewCommand, PairingId, SeenPairing, SessionId};
use cowork_pairing_protocol::wire::{
    CommandKind, LOCAL_WORKSPACE, PermissionPayload, Policy, PromptPayload, QuestionRejectPayload,
    QuestionReplyPayload, RemoteAuthority,
};
use http::StatusCode;
use serde_json::Value;

use crate::clock;
use crate::http::person::{Came, Person, not_allowed};
use crate::http::refusal::Refusal;
use crate::shared::App;

/// Bytes of an idempotency key. A browser's are random ids of 36.
const KEY_BYTES: usize = 200;

/// What a desktop is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A new session; the payload names the folder and the first prompt, as both sides know them.
    CreateSession(Option<Value>),
    /// A prompt in a session.
    Prompt(SessionId, PromptPayload),
    /// Stop what runs in a session.
    Abort(SessionId),
    /// Answer a request for permission.
    Permission(SessionId, PermissionPayload),
    /// Answer questions.
    Answer(SessionId, QuestionReplyPayload),
    /// Turn questions down.
    Reject(SessionId, QuestionRejectPayload),
    /// Say how it stands.
    Status,
}

impl Ask {
    /// What it is called on the wire.
    #[must_use]
    pub fn kind(&self) -> CommandKind {
        match self {
            Self::CreateSession(_) => CommandKind::CreateSession,
            Self::Prompt(..) => CommandKind::Prompt,
            Self::Abort(_) => CommandKind::Abort,
            Self::Permission(..) => CommandKind::PermissionRespond,
            Self::Answer(..) => CommandKind::QuestionReply,
            Self::Reject(..) => CommandKind::QuestionReject,
            Self::Status => CommandKind::Status,
        }
    }

    /// What somebody has to be allowed for it.
    #[must_use]
    pub fn deed(&self) -> DesktopDeed {
        match self {
            Self::CreateSession(_) | Self::Prompt(..) | Self::Abort(_) => DesktopDeed::Prompt,
            Self::Permission(..) | Self::Answer(..) | Self::Reject(..) => DesktopDeed::Answer,
            Self::Status => DesktopDeed::See,
        }
    }

    /// What a desktop that said this lets in refuses anyway; it is said at once and not ten seconds later.
    fn blocked(&self, policy: Policy) -> Option<&'static str> {
        match self {
            Self::CreateSession(_) | Self::Prompt(..) if !policy.allow_remote_prompts => {
                Some("This desktop takes no prompts from afar.")
            }
            Self::Prompt(_, prompt)
                if !policy.allow_remote_attachments
                    && prompt.attachments.as_ref().is_some_and(|list| !list.is_empty()) =>
            {
                Some("This desktop takes no files from afar.")
            }
            Self::Abort(_) if !policy.allow_remote_abort => Some("This desktop is not stopped from afar."),
            Self::Permission(..) if policy.remote_approvals == RemoteAuthority::Disabled => {
                Some("This desktop takes no permissions from afar.")
            }
            Self::Answer(..) | Self::Reject(..) if policy.remote_questions == RemoteAuthority::Disabled => {
                Some("This desktop takes no answers from afar.")
            }
            _ => None,
        }
    }

    fn session(&self) -> Option<SessionId> {
        match self {
            Self::Prompt(session, _)
            | Self::Abort(session)
            | Self::Permission(session, _)
            | Self::Answer(session, _)
            | Self::Reject(session, _) => Some(session.clone()),
            Self::CreateSession(_) | Self::Status => None,
        }
    }

    fn payload(&self) -> Result<Option<Value>, Refusal> {
        let payload = match self {
            Self::CreateSession(payload) => return Ok(payload.clone()),
            Self::Prompt(_, payload) => serde_json::to_value(payload),
            Self::Permission(_, payload) => serde_json::to_value(payload),
            Self::Answer(_, payload) => serde_json::to_value(payload),
            Self::Reject(_, payload) => serde_json::to_value(payload),
            Self::Abort(_) | Self::Status => return Ok(None),
        };
        payload.map(Some).map_err(|error| {
            tracing::error!(%error, "a command cannot be spelled");
            Refusal::internal()
        })
    }
}

/// A desktop that somebody sees; a program sees those of its own organization alone.
///
/// # Errors
/// [`Refusal::not_found`] when they do not see it or there is none.
pub async fn reach(app: &App, person: &Person, pairing: &PairingId) -> Result<SeenPairing, Refusal> {
    let seen = app
        .store
        .pairing_seen_by(&person.id, pairing)
        .await?
        .ok_or_else(Refusal::not_found)?;
    if let Came::Program(token) = &person.came
        && token.organization != seen.pairing.organization
    {
        return Err(Refusal::not_found());
    }
    if !may(person, &seen, DesktopDeed::See) {
        // With other scopes they would: to a person who has the role it is no secret.
        return Err(not_allowed());
    }
    Ok(seen)
}

/// Whether somebody may do that with a desktop they see.
#[must_use]
pub fn may(person: &Person, seen: &SeenPairing, deed: DesktopDeed) -> bool {
    let standing = Standing {
        role: seen.role,
        scopes: person.scopes(),
    };
    let pairing = &seen.pairing;
    may_with_desktop(standing, pairing.owner == person.id, pairing.visibility, deed)
}

/// Gives a desktop a command. The same key of the same person is the same command, however often it is given.
///
/// # Errors
/// When the person does not see the desktop, may not, the desktop does not know or does not let in what is asked, its
/// pairing is over, or a bound is reached.
pub async fn give(
    app: &App,
    person: &Person,
    pairing: &PairingId,
    ask: &Ask,
    key: &str,
) -> Result<Enqueued, Refusal> {
    let seen = reach(app, person, pairing).await?;
    if !may(person, &seen, ask.deed()) {
        return Err(not_allowed());
    }
    let desktop = &seen.pairing;
    if desktop.revoked.is_some() {
        return Err(Refusal::new(StatusCode::GONE, "revoked", "This pairing is over."));
    }
    let kind = ask.kind();
    // One that was never here yet said nothing of what it knows; what is given waits for it.
    if desktop.policy.is_some() && !desktop.commands.iter().any(|known| known == kind.as_str()) {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "notOffered",
            "This desktop does not know how to do this.",
        ));
    }
    if let Some(why) = desktop.policy.and_then(|policy| ask.blocked(policy)) {
        return Err(Refusal::forbidden(why));
    }
    let now = clock::now();
    let command = NewCommand {
        kind,
        workspace: LOCAL_WORKSPACE.to_owned(),
        session: ask.session(),
        actor: person.id.clone(),
        actor_label: person.actor().label,
        payload: ask.payload()?,
        idempotency_key: key_of(key)?.to_owned(),
        deadline: now + DEADLINE,
    };
    let given = app
        .store
        .enqueue(&desktop.organization, pairing, &command, now)
        .await?;
    if given.fresh {
        app.figures.commands_given.one();
    }
    Ok(given)
}

/// Whoever gives a command names it, so that giving it twice does it once.
fn key_of(key: &str) -> Result<&str, Refusal> {
    let is_one = !key.is_empty() && key.len() <= KEY_BYTES && key.bytes().all(|byte| byte.is_ascii_graphic());
    if is_one {
        Ok(key)
    } else {
        Err(Refusal::invalid(format!(
            "A command needs an Idempotency-Key: 1 to {KEY_BYTES} visible characters."
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(attachments: Option<Vec<Value>>) -> Ask {
        let payload = PromptPayload {
            text: "hello".to_owned(),
            agent: None,
            attachments,
            variant: None,
        };
        Ask::Prompt(SessionId::parse("ses_1").unwrap(), payload)
    }

    #[test]
    fn what_a_desktop_does_not_let_in_is_said_at_once() {
        let open = Policy {
            allow_remote_attachments: true,
            remote_approvals: RemoteAuthority::RemoteAllowed,
            ..Policy::default()
        };
        let closed = Policy {
            allow_remote_prompts: false,
            allow_remote_abort: false,
            remote_approvals: RemoteAuthority::Disabled,
            remote_questions: RemoteAuthority::Disabled,
            ..Policy::default()
        };
        let session = SessionId::parse("ses_1").unwrap();
        let allow = PermissionPayload {
            permission_id: "per_1".to_owned(),
            allowed: true,
        };
        let reject = QuestionRejectPayload {
            request_id: "que_1".to_owned(),
        };
        for ask in [
            prompt(None),
            Ask::CreateSession(None),
            Ask::Abort(session.clone()),
            Ask::Permission(session.clone(), allow),
            Ask::Reject(session, reject),
        ] {
            assert!(ask.blocked(closed).is_some(), "{ask:?}");
            assert!(ask.blocked(open).is_none(), "{ask:?}");
        }
        assert!(Ask::Status.blocked(closed).is_none());
        let with_file = prompt(Some(vec![Value::Null]));
        assert!(with_file.blocked(Policy::default()).is_some());
        assert!(with_file.blocked(open).is_none());
        assert!(prompt(Some(Vec::new())).blocked(Policy::default()).is_none());
    }

    #[test]
    fn a_key_is_short_and_visible() {
        assert!(key_of("9f0c-1").is_ok());
        for key in ["", "a b", "a\nb", "é", &"x".repeat(KEY_BYTES + 1)] {
            assert!(key_of(key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn a_payload_is_spelled_as_the_protocol_has_it() {
        assert_eq!(
            prompt(None).payload().unwrap(),
            Some(serde_json::json!({ "text": "hello" }))
        );
        assert_eq!(Ask::Status.payload().unwrap(), None);
    }
}
