//! The same call, again and again: an agent that is stuck.

use cowork_engine::{MessageId, PartId, Role, SessionStatus, ToolCall};

use crate::{BlockContent, Entry, Patch, Transcript};

/// So many equal calls are a repetition.
pub const REPEATED_TIMES: usize = 3;

/// They count when no more milliseconds than these lie between the first and the last of them: who waits for something
/// asks less often.
pub const REPEATED_WITHIN: i64 = 20_000;

/// Calls looked back at from one that is equal to others; more are not made in [`REPEATED_WITHIN`] by a model.
const LOOKED_AT: usize = 200;

/// The running turn makes the same call again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The message of the newest of the calls.
    pub message: MessageId,
    /// The newest of the calls.
    pub block: PartId,
    /// How many there were so far.
    pub times: usize,
}

impl Transcript {
    /// The call that the running turn repeats: the same tool with the same arguments [`REPEATED_TIMES`] times within
    /// [`REPEATED_WITHIN`]. It is told until the turn ends.
    #[must_use]
    pub fn repeated(&self) -> Option<&Repeated> {
        self.repeated
            .as_ref()
            .filter(|_| self.status != SessionStatus::Idle)
    }

    /// Looks whether a call that came or changed is one more of the same.
    pub(crate) fn note_repeated(&mut self, message: &MessageId, block: &PartId, patches: &mut Vec<Patch>) {
        if self.status == SessionStatus::Idle {
            return;
        }
        let Some(call) = call_of(self.block(message, block).map(|block| &block.content)) else {
            return;
        };
        let (Some(given), Some(started)) = (call.given, call.started) else {
            return;
        };
        let equal = |other: &ToolCall| other.given == Some(given) && other.name == call.name;
        let times: Vec<i64> = turn(&self.timeline.entries)
            .filter(|other| equal(other))
            .filter_map(|other| other.started)
            .collect();
        let near = times
            .iter()
            .filter(|other| (started - REPEATED_WITHIN..=started).contains(*other))
            .count();
        // Once told, each further one counts, so that the number is the one that a person counts in the rows.
        let told = self.repeated.as_ref();
        let goes_on = told
            .and_then(|told| call_of(self.block(&told.message, &told.block).map(|block| &block.content)))
            .is_some_and(equal);
        if near < REPEATED_TIMES && !goes_on {
            return;
        }
        // What changes of a call that was counted is no news.
        if goes_on && told.is_some_and(|told| told.times >= times.len()) {
            return;
        }
        self.repeated = Some(Repeated {
            message: message.clone(),
            block: block.clone(),
            times: times.len(),
        });
        patches.push(Patch::Status);
    }
}

/// The calls of the newest turn, newest first.
fn turn(entries: &[Entry]) -> impl Iterator<Item = &ToolCall> {
    entries
        .iter()
        .rev()
        .take_while(|entry| entry.message.role == Role::Assistant)
        .flat_map(|entry| entry.blocks.iter().rev())
        .filter_map(|block| call_of(Some(&block.content)))
        .take(LOOKED_AT)
}

fn call_of(content: Option<&BlockContent>) -> Option<&ToolCall> {
    match content {
        Some(BlockContent::Tool(tool)) => Some(&tool.call),
        _ => None,
    }
}
