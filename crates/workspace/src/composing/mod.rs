//! What stands in a composer and what becomes of it: attached files, names behind an `@`, commands behind a `/`, and the
//! prompts that wait for a turn to end.
//!
//! What judges and reads is here, by subject; what a person does with it is in `operations`.

pub(crate) mod content;
pub(crate) mod fuzzy;
pub(crate) mod mentions;
pub(crate) mod plain;
mod secret_names;
mod state;
pub(crate) mod templates;
pub(crate) mod walk;

pub(crate) use state::{Composing, HOME, attachment_view, turn_ended};
