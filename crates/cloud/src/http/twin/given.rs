//! What became of a command, as the page shows it; and `DELETE /api/desktops/{id}/given/{command}`, which takes one back.

use std::borrow::Cow;

use axum::extract::State;
use cowork_cloud_store::{Command, CommandId, CommandState, PairingId};
use cowork_pairing_protocol::wire::{CommandResult, ResultStatus};
use http::StatusCode;
use serde::{Deserialize as _, Serialize};

use super::Seen;
use super::offers::name_of;
use crate::clock;
use crate::http::person::{Came, Person};
use crate::http::refusal::Refusal;
use crate::http::wire::Ids;
use crate::shared::App;

/// Takes back what this person gave and no desktop had yet: 204, or 409 where it is too late. Who may give no more may
/// take back; a program's token has to be one that gives.
pub(super) async fn take_back(
    State(app): State<App>,
    person: Person,
    Ids((pairing, command)): Ids<(PairingId, CommandId)>,
) -> Result<StatusCode, Refusal> {
    let seen = Seen::find(&app, &person, &pairing).await?;
    if matches!(person.came, Came::Program(_)) && !seen.may.prompt && !seen.may.answer {
        return Err(Refusal::forbidden(
            "This token's scopes do not allow it to take anything back.",
        ));
    }
    app.store
        .cancel_command(seen.organization(), &pairing, &command, &person.id, clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum GivenState {
    /// It waits for its desktop.
    Waiting,
    /// Its desktop has it.
    Taken,
    /// The person at the desktop has to say yes.
    Confirmation,
    /// It is done.
    Done,
    /// The desktop's policy does not allow it.
    Blocked,
    /// It failed.
    Failed,
    /// Nobody can tell.
    Unknown,
    /// No desktop took it in time.
    Expired,
    /// It was taken back.
    Cancelled,
}

/// How long something that came to nothing is news to a page that does not know of it: whoever gave it may have left.
const LATELY: i64 = 60 * 60 * 1000;

/// The `command` event.
#[derive(Debug, Serialize)]
pub(super) struct Told<'a> {
    #[serde(flatten)]
    command: Cow<'a, GivenCommand>,
    /// It is told to a page, too, that does not know of it.
    news: bool,
}

impl GivenCommand {
    /// Something happened to it.
    pub(super) fn told(&self) -> Told<'_> {
        Told {
            command: Cow::Borrowed(self),
            news: true,
        }
    }

    /// How it stands, to a page that comes and may know of it. What was done needs not be said again.
    pub(super) fn told_first(&self, finished: Option<i64>, now: i64) -> Told<'_> {
        match self.state {
            GivenState::Done | GivenState::Cancelled => Told {
                command: Cow::Owned(Self {
                    text: None,
                    ..self.clone()
                }),
                news: false,
            },
            GivenState::Waiting | GivenState::Taken | GivenState::Confirmation => self.told(),
            GivenState::Blocked | GivenState::Failed | GivenState::Unknown | GivenState::Expired => Told {
                news: finished.unwrap_or(self.given) >= now - LATELY,
                ..self.told()
            },
        }
    }
}

/// A command as a page shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GivenCommand {
    id: String,
    command: &'static str,
    session: Option<String>,
    ask: Option<String>,
    text: Option<String>,
    state: GivenState,
    given: i64,
    expires: i64,
    reason: Option<String>,
}

/// What a desktop said of a command, when it can be understood.
pub(super) fn result(command: &Command) -> Option<CommandResult> {
    let said = command.result.as_ref()?;
    // A plain client's may have another form: then how it ended is all that is known.
    CommandResult::deserialize(said).ok()
}

impl From<&Command> for GivenCommand {
    fn from(command: &Command) -> Self {
        let said = result(command);
        let unknown = said
            .as_ref()
            .and_then(|said| said.data.as_ref()?.get("outcome")?.as_str())
            == Some("unknown");
        let state = match (command.state, said.as_ref().map(|said| said.status)) {
            (CommandState::Queued, _) => GivenState::Waiting,
            (CommandState::Leased, _) => GivenState::Taken,
            (CommandState::Unknown, _) => GivenState::Unknown,
            (CommandState::Cancelled, _) => GivenState::Cancelled,
            (CommandState::Expired, _) => GivenState::Expired,
            (_, Some(ResultStatus::RequiresLocalConfirmation)) => GivenState::Confirmation,
            (_, Some(ResultStatus::BlockedByPolicy)) => GivenState::Blocked,
            (CommandState::Failed, _) if unknown => GivenState::Unknown,
            (CommandState::Failed, _) | (CommandState::Done, Some(ResultStatus::Failed)) => {
                GivenState::Failed
            }
            (CommandState::Done, _) => GivenState::Done,
        };
        let field = |name: &str| Some(command.payload.as_ref()?.get(name)?.as_str()?.to_owned());
        Self {
            id: command.id.to_string(),
            command: name_of(command.kind),
            session: command.session.as_ref().map(ToString::to_string),
            ask: field("permissionId").or_else(|| field("requestId")),
            text: field("text"),
            state,
            given: command.created,
            expires: command.deadline,
            reason: said.and_then(|said| said.message),
        }
    }
}
