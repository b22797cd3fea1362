//! Ids for messages of ours.

use cowork_engine::MessageId;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Makes an id for a prompt, from the time in milliseconds since the epoch and 14 random bytes.
///
/// The engine orders messages by their ids, and ends a turn when the answer's id is above the prompt's. Its own ids
/// are `msg_`, then twelve hexadecimal digits of the milliseconds times 4096 plus a counter from 1 (the low 48
/// bits, so they begin anew every 2.2 years), then 14 characters to tell ids of one instant apart. Ours
/// are the same with the counter at 0, so that a prompt sorts before every answer made in the same millisecond.
/// `now` must come from the clock of the machine the engine runs on.
#[must_use]
pub fn new_message_id(now: i64, random: [u8; 14]) -> MessageId {
    let instant = now.cast_unsigned().wrapping_mul(4096) & 0xFFFF_FFFF_FFFF;
    let tail: String = random
        .iter()
        .map(|byte| char::from(DIGITS[usize::from(*byte) % DIGITS.len()]))
        .collect();
    MessageId::new(format!("msg_{instant:012x}{tail}"))
}

/// The id of the one text part a prompt of ours has. It follows from the message's, because the engine appends a
/// part without id to a message that is already there: a repeated prompt would hold its text twice.
pub(crate) fn text_part_of(message: &MessageId) -> String {
    let tail = message.as_str().strip_prefix("msg_").unwrap_or(message.as_str());
    format!("prt_{tail}")
}

/// The id of what goes with a prompt of ours, for the same reason. It sorts behind the text's.
pub(crate) fn part_of(message: &MessageId, place: usize) -> String {
    format!("{}{place:02}", text_part_of(message))
}
