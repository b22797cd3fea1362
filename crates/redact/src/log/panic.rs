//! What a panic says.

use std::io::Write;
use std::panic::{self, PanicHookInfo};

use crate::redact;

/// Has panics logged as errors, and written to standard error without secrets, in place of Rust's own message.
///
/// Rust's message holds the panic's text as it is, which may be an error with an address or a key in it, and
/// where the app was started from a desktop it ends in the session's journal. The hook that was there is not
/// called, because it would write just that. No stack is written: it is wanted by whoever builds the app, who sets
/// a breakpoint instead.
pub fn log_panics() {
    panic::set_hook(Box::new(|information| {
        let text = describe_panic(information);
        // The log may be what failed, so standard error comes first. That it is closed is no reason to panic again.
        let _ = writeln!(std::io::stderr(), "{text}");
        tracing::error!(target: "panic", "{text}");
    }));
}

/// What a panic says and where, in one piece and cleaned of secrets: for whoever writes it elsewhere than
/// [`log_panics`] does.
#[must_use]
pub fn describe_panic(information: &PanicHookInfo<'_>) -> String {
    let said = information.payload_as_str().unwrap_or("something without words");
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("without a name");
    let place = information.location().map_or_else(String::new, |place| {
        format!(" at {}:{}", place.file(), place.line())
    });
    // The message may end within a quote or a block that is open, so it stands last and is cleaned by itself.
    format!("thread {name} panicked{place}: {}", redact(said))
}
