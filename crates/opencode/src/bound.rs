//! The length of texts that are passed on.

/// Most bytes of a tool's output or of a diff that are passed on. What a person can look at is far below it, and
/// it travels again with each update while a command runs.
const LARGEST_TEXT: usize = 4 * 1024 * 1024;
/// Most characters of an error message: enough for a provider's longest, too little for a web page sent as one.
const LONGEST_MESSAGE: usize = 2_000;

/// Cuts a text beyond 4 MiB and says so at its end.
pub(crate) fn bounded(mut text: String) -> String {
    if text.len() <= LARGEST_TEXT {
        return text;
    }
    let end = text.floor_char_boundary(LARGEST_TEXT);
    let left_out = text.len() - end;
    text.truncate(end);
    text + &format!("\n[{left_out} further bytes are not shown]")
}

/// Cuts a message beyond 2,000 characters and marks the place.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
