//! Whether a command is one that this desktop handles at all.

use cowork_pairing_protocol::wire::{Command, CommandKind, LOCAL_WORKSPACE};
use jiff::{SignedDuration, Timestamp};

use super::ledger::Record;
use crate::policy::Work;

/// The longest id, and the longest lease token, in bytes. Both are kept, and sent back.
const LONGEST_ID: usize = 1024;
/// The longest name of a kind, in bytes. Those there are have twenty.
const LONGEST_KIND: usize = 256;
/// The longest command as JSON, in bytes: a prompt of a desktop's own has no more. A longer one could not be kept, and
/// what cannot be kept would be tried for ever.
const LONGEST_COMMAND: usize = 1000 * 1000;
/// How long after its lease a command that nobody began waits to be given again. No command is given out that long.
const GIVEN_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What is done with a command that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is written down and handled.
    Take,
    /// It is not handled and not answered: an answer would be another's.
    Ignore(&'static str),
    /// It is not handled, and the server is told.
    Refuse(&'static str),
}

/// How a command's lease stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lease {
    /// It has none.
    None,
    /// It runs.
    Held,
    /// Its end is over.
    Over,
    /// It is another device's, or none that can be read.
    Wrong,
}

/// How a command's lease stands at a time of the server's clock.
pub(super) fn lease(command: &Command, device_id: &str, now: Timestamp) -> Lease {
    let Some(lease) = &command.lease else {
        return Lease::None;
    };
    let token = lease.lease_token.as_str();
    if lease.leased_by != device_id || token.is_empty() || token.len() > LONGEST_ID {
        return Lease::Wrong;
    }
    match lease.lease_expires_at.parse::<Timestamp>() {
        Ok(end) if end > now => Lease::Held,
        Ok(_) => Lease::Over,
        Err(_) => Lease::Wrong,
    }
}

/// Whether a command's lease is over for so long that it is not given again.
pub(super) fn is_long_over(command: &Command, now: Timestamp) -> bool {
    let end = command
        .lease
        .as_ref()
        .map(|lease| lease.lease_expires_at.parse::<Timestamp>());
    end.is_some_and(|end| end.is_ok_and(|end| now.duration_since(end) > GIVEN_AGAIN))
}

/// Judges a command that came, of which `known` is what was kept.
pub(super) fn judge(
    command: &Command,
    known: Option<&Record>,
    cursor: u64,
    pairing_id: &str,
    device_id: &str,
    now: Timestamp,
) -> Verdict {
    if command.pairing_id != pairing_id {
        return Verdict::Ignore("it is for another pairing");
    }
    if command.id.is_empty() || command.id.len() > LONGEST_ID || command.sequence == 0 {
        return Verdict::Ignore("it has no id or no sequence");
    }
    match lease(command, device_id, now) {
        Lease::Wrong => return Verdict::Ignore("its lease is another device's or cannot be read"),
        Lease::Over => return Verdict::Ignore("its lease was over when it came"),
        Lease::Held | Lease::None => {}
    }
    if command.kind.len() > LONGEST_KIND || length(command) > LONGEST_COMMAND {
        return Verdict::Refuse("it is longer than this desktop takes");
    }
    match known {
        Some(record) if same(&record.command, command) => Verdict::Take,
        Some(_) => Verdict::Refuse("another command had this id before"),
        None if command.sequence <= cursor => {
            Verdict::Refuse("a command with this or a later sequence was handled before; it is not repeated")
        }
        None => Verdict::Take,
    }
}

fn length(command: &Command) -> usize {
    serde_json::to_vec(command).map_or(usize::MAX, |json| json.len())
}

/// Whether a command that is given again asks the same.
fn same(one: &Command, other: &Command) -> bool {
    (one.sequence, &one.kind, &one.workspace_id) == (other.sequence, &other.kind, &other.workspace_id)
        && (&one.session_id, &one.payload) == (&other.session_id, &other.payload)
}

/// Reads what a command asks.
///
/// # Errors
/// Why it cannot be done on any desktop of this version, for whoever asked.
pub(super) fn readable(command: &Command) -> Result<Work, String> {
    if command.workspace_id != LOCAL_WORKSPACE {
        return Err("a paired desktop has the workspace “local” alone".to_owned());
    }
    let kind = CommandKind::parse(&command.kind)
        .ok_or_else(|| "this version of the desktop does not know this kind of command".to_owned())?;
    let work = Work::read(kind, command.payload.as_ref())?;
    let session = command.session_id.as_deref().unwrap_or_default();
    if work.needs_session() && session.is_empty() {
        return Err("the command does not say which session it is for".to_owned());
    }
    Ok(work)
}
