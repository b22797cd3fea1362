//! What a command asks and what it came to, as they are read and as they leave.

use cowork_pairing_protocol::wire::{Answered, Command, CommandResult, ResultStatus};
use serde_json::json;

use super::hands::Asked;
use super::validate;
use crate::leaving::Leaving;

/// Reads what a command asks.
pub(super) fn asked(command: &Command) -> Result<Asked, String> {
    let work = validate::readable(command)?;
    Ok(Asked {
        command: command.clone(),
        work,
    })
}

pub(super) fn answer_of(command: &Command, result: CommandResult) -> Answered {
    Answered {
        result,
        lease_token: command.lease.as_ref().map(|lease| lease.lease_token.clone()),
    }
}

/// That nobody can tell what became of a command.
#[must_use]
pub fn unknown() -> CommandResult {
    let message = "the desktop stopped while it did this, and nobody can tell whether it was done; look before you \
                   ask again";
    CommandResult {
        data: Some(json!({ "outcome": "unknown" })),
        ..CommandResult::new(ResultStatus::Failed, Some(message.to_owned()))
    }
}

/// A result leaves like everything else.
pub(super) fn cleaned(result: CommandResult, leaving: &Leaving) -> CommandResult {
    CommandResult {
        session: result.session.as_ref().map(|value| leaving.value(value)),
        sessions: result
            .sessions
            .as_ref()
            .map(|values| values.iter().map(|value| leaving.value(value)).collect()),
        message: result.message.as_ref().map(|text| leaving.line(text)),
        data: result.data.as_ref().map(|value| leaving.value(value)),
        ..result
    }
}
