//! The one sanitizer for what is written down or leaves this machine.
//!
//! A secret reaches a log by accident: in an error's text, a dumped environment, an address, a header. So the
//! text is cleaned where it is written and not where it is made: [`log`] puts [`Redactor`] in front of the log
//! files, and whatever else leaves (diagnostics, events) goes through [`redact`] or a [`Redactor`] that knows
//! the person's home folder.
//!
//! It recognises shapes: known keys, credentials in headers and addresses, values beside names that mean a
//! secret. What it cannot know is a bare secret without shape or name; a room that holds secrets must still not
//! log them. Do not use it to decide whether text *is* a secret, nor on data that is read back: what it takes
//! out is gone.
//!
//! Cleaning takes time in proportion to the text: one pass of a linear regex engine, and each value is walked
//! over once.

pub mod log;
mod redactor;
mod shapes;
mod value;

pub use redactor::{MARK, Redactor, redact};
