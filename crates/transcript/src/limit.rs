//! How much of one block is kept.

use cowork_engine::ToolCall;

/// Bytes kept of one block's text. A model's answer is a few hundred kilobytes at the very most; what is longer
/// is a provider gone wrong, and must not take the memory of every other session with it.
pub const TEXT_LIMIT: usize = 16 * 1024 * 1024;

/// Bytes kept of one tool call's output, and of its arguments, error and patch each. Engines cut a finished
/// call's output far below this; a running shell command's is not cut by anyone before us.
pub const OUTPUT_LIMIT: usize = 4 * 1024 * 1024;

const TEXT_NOTE: &str = "\n\n*The rest is not kept: this text is longer than 16 MB.*";
const FIELD_NOTE: &str = "\n[the rest is not kept: longer than 4 MB]";

/// Room kept free in front of a tool's output for the note that says how much is missing.
const OUTPUT_NOTE_ROOM: usize = 96;

/// Adds to a text within its limit; false when nothing was added.
pub(crate) fn append(text: &mut String, delta: &str) -> bool {
    // A cut text ends with the note and is therefore longer than the room without it.
    let room = TEXT_LIMIT - TEXT_NOTE.len();
    if delta.is_empty() || is_full(text) {
        return false;
    }
    let left = room - text.len();
    if delta.len() <= left {
        text.push_str(delta);
    } else {
        text.push_str(&delta[..delta.floor_char_boundary(left)]);
        text.push_str(TEXT_NOTE);
    }
    true
}

/// Whether nothing is added to a text any more.
pub(crate) fn is_full(text: &str) -> bool {
    text.len() > TEXT_LIMIT - TEXT_NOTE.len()
}

/// Cuts a text to its limit, with a note in sight.
pub(crate) fn cut_text(text: &mut String) {
    keep_start(text, TEXT_LIMIT, TEXT_NOTE);
}

/// Cuts everything in a tool call that has no limit of its own. Of the output the end is kept, since that is
/// where a command says how it went.
pub(crate) fn cut_call(call: &mut ToolCall) {
    keep_end(&mut call.output);
    for field in [&mut call.arguments, &mut call.error].into_iter().flatten() {
        keep_start(field, OUTPUT_LIMIT, FIELD_NOTE);
    }
    if let Some(change) = &mut call.change {
        keep_start(&mut change.patch, OUTPUT_LIMIT, FIELD_NOTE);
    }
}

fn keep_start(text: &mut String, limit: usize, note: &str) {
    let room = limit - note.len();
    if text.len() <= room {
        return;
    }
    text.truncate(text.floor_char_boundary(room));
    text.push_str(note);
    text.shrink_to_fit();
}

fn keep_end(output: &mut String) {
    if output.len() <= OUTPUT_LIMIT {
        return;
    }
    let cut = output.ceil_char_boundary(output.len() - (OUTPUT_LIMIT - OUTPUT_NOTE_ROOM));
    let note = format!("[the first {cut} bytes of the output are not kept]\n");
    output.replace_range(..cut, &note);
    output.shrink_to_fit();
}
