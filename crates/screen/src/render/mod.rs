//! From what a session holds to what a window shows. No I/O, no clock.

mod asks;
mod block;
mod diff;
mod message;
mod output;
mod terminal;
mod text;

pub use asks::{asked_change, line, permission_card, question_card, runs, subject};
pub use block::{Lanes, block, command};
pub use diff::{diff_page, file_diff};
pub use message::{failure_words, message_header, status, todo};
pub use output::{lines, plain};
pub use terminal::Paged;
pub use text::{Documents, rendered};

use std::path::Path;

/// A path as a person reads it: relative to the session's folder when inside it.
#[must_use]
pub fn display_path(path: &str, folder: &Path) -> String {
    match Path::new(path).strip_prefix(folder) {
        Ok(relative) if relative.as_os_str().is_empty() => ".".to_owned(),
        Ok(relative) => relative.display().to_string(),
        Err(_) => path.to_owned(),
    }
}

/// The provider id of the scripted demo model.
pub const DEMO_PROVIDER: &str = "demo";
