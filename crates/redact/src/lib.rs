//! The one sanitizer for what is written down or leaves this machine.
//!
//! A secret reaches a log by accident: in an error's text, a dumped environment, an address, a header. So the
//! text is cleaned where it is written and not where it is made: [`log`] puts [`Redactor`] in front of the log
//! files, and whatever else leaves (diagnostics, exported sessions, events) goes through [`redact`], a [`Redactor`]
//! that knows the person's home folder, or, when it leaves in pieces, a [`RedactingStream`].
//!
//! It recognises shapes: known keys, credentials in headers and addresses, values beside names that mean a
//! secret, and values that look random beside names that may mean one. What it cannot know is a bare secret
//! without shape or name; a room that holds secrets must still not log them. Do not use it to decide whether text
//! *is* a secret, nor on data that is read back: what it takes out is gone.
//!
//! Cleaning takes time in proportion to the text. Tables find the places where a secret may be, and what stands
//! there is looked at by loops over bytes; there is no pattern that could run away.

mod anchors;
mod entropy;
mod home;
pub mod log;
mod names;
mod redactor;
mod scan;
mod shapes;
#[cfg(test)]
mod soup;
mod stream;
mod value;

pub use redactor::{MARK, Redactor, redact};
pub use stream::RedactingStream;
