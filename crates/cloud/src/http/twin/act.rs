//! What acts at the desktop: each becomes a command that waits for it.

use std::time::Duration;

use cowork_cloud_store::{Command, CommandState, SessionId, WakeKey};
use cowork_pairing_protocol::wire::{
    CommandKind, PermissionPayload, PromptPayload, QuestionRejectPayload, QuestionReplyPayload,
};
use cowork_watch::NotThere;
use http::StatusCode;
use serde_json::json;

use super::asks::{self, Decision};
use super::command::{Answer, Asked};
use super::given::result;
use super::offers::{ACTING, DesktopEvent};
use crate::clock;
use crate::commands::{self, Ask};
use crate::http::refusal::Refusal;

/// The longest text of a prompt, in bytes: below what a command may carry.
const PROMPT: usize = 512 * 1024;
/// How long a page waits for a session that is made at the desktop: it claims at once, and makes it within seconds.
const MADE_WITHIN: Duration = Duration::from_secs(20);

/// Gives a command, when it is one that is offered now.
pub(super) async fn answer(asked: &Asked<'_>, name: &str) -> Result<Answer, Refusal> {
    let Some((_, kind)) = ACTING.iter().find(|(known, _)| *known == name) else {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "notFound",
            "A browser has no such command.",
        ));
    };
    let view = asked.connection.watcher.desktop().await?;
    let pairing = &asked.seen.seen.pairing;
    let (policy, commands) = (pairing.policy.as_ref(), &pairing.commands);
    let stands = DesktopEvent::new(&view, asked.seen.may, policy, commands, clock::now());
    if !stands.offers(name) {
        return Err(Refusal::forbidden(
            "The desktop does not let this in from here now, or your role or your token's scopes do not allow it.",
        ));
    }
    let asks = match kind {
        CommandKind::CreateSession => return create(asked).await,
        CommandKind::Prompt => {
            let given = give(asked, &prompt(asked)?).await?;
            // The desktop names the message; until it does, it is the command that stands for it.
            return Answer::of(&json!({ "message": given.id }));
        }
        CommandKind::Abort => {
            let asks::SessionReference { session } = asked.with()?;
            Ask::Abort(session_id(&session)?)
        }
        CommandKind::PermissionRespond => permission(asked)?,
        CommandKind::QuestionReply => {
            let asks::AnswerQuestion {
                session,
                question,
                answers,
            } = asked.with()?;
            let payload = QuestionReplyPayload {
                request_id: question,
                answers,
            };
            Ask::Answer(session_id(&session)?, payload)
        }
        _ => {
            let asks::RejectQuestion { session, question } = asked.with()?;
            Ask::Reject(
                session_id(&session)?,
                QuestionRejectPayload { request_id: question },
            )
        }
    };
    give(asked, &asks).await?;
    Ok(Answer::Nothing)
}

fn prompt(asked: &Asked<'_>) -> Result<Ask, Refusal> {
    let asks::SendPrompt {
        session,
        text,
        agent,
        model,
        attachments,
    } = asked.with()?;
    if text.trim().is_empty() || text.len() > PROMPT {
        return Err(Refusal::invalid(
            "A prompt from here has 1 byte to 512 KB of text.",
        ));
    }
    if model.is_some() {
        return Err(Refusal::invalid("The model is chosen at the desktop."));
    }
    if attachments.is_some_and(|files| !files.is_empty()) {
        return Err(Refusal::invalid("Files are attached at the desktop."));
    }
    let payload = PromptPayload {
        text,
        agent,
        attachments: None,
        variant: None,
    };
    Ok(Ask::Prompt(session_id(&session)?, payload))
}

fn permission(asked: &Asked<'_>) -> Result<Ask, Refusal> {
    let asks::AnswerPermission {
        session,
        permission,
        decision,
        feedback,
        rules,
    } = asked.with()?;
    if decision == Decision::Always || rules.is_some() {
        return Err(Refusal::forbidden(
            "Always is said at the desktop alone; allow it once from here.",
        ));
    }
    if feedback.is_some_and(|words| !words.trim().is_empty()) {
        return Err(Refusal::invalid(
            "What to do instead is said in a prompt from here.",
        ));
    }
    let payload = PermissionPayload {
        permission_id: permission,
        allowed: decision == Decision::Once,
    };
    Ok(Ask::Permission(session_id(&session)?, payload))
}

/// Has a session made, and waits for it: whoever makes one goes there.
async fn create(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let asks::NewSession { folder } = asked.with()?;
    let watcher = &asked.connection.watcher;
    if let Some(folder) = &folder
        && !watcher.offers_folder(folder).await?
    {
        return Err(Refusal::forbidden(
            "No session can be made in this folder from here.",
        ));
    }
    let pairing = asked.seen.pairing().clone();
    // Made before the command is, so that its answer is not missed.
    let mut answers = asked
        .app
        .store
        .wakes()
        .subscribe(&[WakeKey::Answers(pairing.clone())]);
    let payload = folder.map_or_else(|| json!({}), |folder| json!({ "folder": folder }));
    let given = give(asked, &Ask::CreateSession(Some(payload))).await?;
    let made = async {
        loop {
            let there = asked.app.store.commands_by_id(
                asked.seen.organization(),
                &pairing,
                std::slice::from_ref(&given.id),
            );
            if let Some(command) = there.await?.into_iter().find(|command| command.state.is_over()) {
                return outcome(&command);
            }
            answers.woken().await;
        }
    };
    let late = || {
        Refusal::new(
            StatusCode::GATEWAY_TIMEOUT,
            "outcomeUnknown",
            "The desktop did not answer in time. The session may still come.",
        )
    };
    let deadline = tokio::time::Instant::now() + MADE_WITHIN;
    let session = tokio::time::timeout_at(deadline, made)
        .await
        .map_err(|_| late())??;
    // Its row comes with the desktop's events, which are on their way.
    loop {
        if let Some(row) = watcher.row(&session).await? {
            return Answer::of(&row);
        }
        if tokio::time::Instant::now() >= deadline {
            return Err(late());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The session that was made, or why there is none.
fn outcome(command: &Command) -> Result<String, Refusal> {
    let said = result(command);
    if command.state == CommandState::Done
        && let Some(id) = said
            .as_ref()
            .and_then(|said| said.session.as_ref()?.get("id")?.as_str())
    {
        return Ok(id.to_owned());
    }
    let message = said
        .and_then(|said| said.message)
        .unwrap_or_else(|| "The desktop made no session.".to_owned());
    Err(match command.state {
        CommandState::Unknown => Refusal::new(StatusCode::BAD_GATEWAY, "outcomeUnknown", message),
        _ => Refusal::new(StatusCode::BAD_GATEWAY, "engineRefused", message),
    })
}

/// Gives the desktop a command. The same key is the same command.
async fn give(asked: &Asked<'_>, ask: &Ask) -> Result<Command, Refusal> {
    let about = match ask {
        Ask::Prompt(session, _)
        | Ask::Abort(session)
        | Ask::Permission(session, _)
        | Ask::Answer(session, _)
        | Ask::Reject(session, _) => Some(session),
        Ask::CreateSession(_) | Ask::Status => None,
    };
    if let Some(session) = about
        && !asked.connection.watcher.has_session(session.as_str()).await?
    {
        return Err(NotThere::Thread.into());
    }
    let key = asked.key.unwrap_or_default();
    let given = commands::give(asked.app, asked.person, asked.seen.pairing(), ask, key).await?;
    Ok(given.command)
}

fn session_id(session: &str) -> Result<SessionId, Refusal> {
    SessionId::parse(session).map_err(|error| Refusal::invalid(format!("`session`: {error}.")))
}
