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

/// The longest result as JSON, in bytes: no more is kept of one, here and at a server.
const LONGEST: usize = 256 * 1000;

/// Leaves out of a result what it gave. Whether it is done is worth more.
pub(super) fn cut(result: &mut CommandResult) {
    result.session = None;
    result.sessions = None;
    if *result != unknown() {
        result.data = Some(json!({ "cut": true }));
    }
}

/// A result leaves like everything else.
pub(super) fn cleaned(result: CommandResult, leaving: &Leaving) -> CommandResult {
    let mut result = CommandResult {
        session: result.session.as_ref().map(|value| leaving.value(value)),
        sessions: result
            .sessions
            .as_ref()
            .map(|values| values.iter().map(|value| leaving.value(value)).collect()),
        message: result.message.as_ref().map(|text| leaving.line(text)),
        data: result.data.as_ref().map(|value| leaving.value(value)),
        ..result
    };
    if serde_json::to_vec(&result).map_or(usize::MAX, |json| json.len()) > LONGEST {
        cut(&mut result);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, cleaned};
    use crate::leaving::{Leaving, Places};
    use cowork_pairing_protocol::wire::{CommandResult, Policy, ResultStatus};
    use serde_json::json;

    #[test]
    fn what_a_command_gave_is_left_out_where_it_is_too_long_and_that_it_is_done_is_said() {
        let leaving = Leaving::new(&Policy::default(), &Places::default());
        let mut result = CommandResult::new(ResultStatus::Completed, Some("Done.".to_owned()));
        result.sessions = Some(vec![json!({ "title": "x".repeat(1_000) }); 200]);
        assert_eq!(cleaned(result.clone(), &leaving), result);
        result.sessions = Some(vec![json!({ "title": "x".repeat(10_000) }); 200]);
        let cut = cleaned(result, &leaving);
        assert!(cut.ok && cut.sessions.is_none() && cut.message.is_some());
        assert_eq!(cut.data, Some(json!({ "cut": true })));
        assert!(serde_json::to_vec(&cut).unwrap().len() < LONGEST);
    }
}
