//! Log files that no secret reaches.
//!
//! [`start_logging`] is the only place that installs a subscriber, and the only way from it to a file leads
//! through [`RedactingWriter`]: nothing that is logged, by whatever crate and in whatever format, can go around it.
//! [`log_panics`] brings there what a panic says.

mod bounded;
mod json;
mod panic;
mod start;
mod writer;

pub use bounded::BoundedFile;
pub use panic::{describe_panic, log_panics};
pub use start::{LogControl, LogGuard, LogOptions, init_logging, is_log_file, level_from, start_logging};
pub use writer::{LogFormat, RedactingMakeWriter, RedactingWriter};
