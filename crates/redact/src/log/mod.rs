//! Log files that no secret reaches.
//!
//! [`init_logging`] is the only place that installs a subscriber, and the only way from it to a file leads
//! through [`RedactingWriter`]: nothing that is logged, by whatever crate, can go around it.

mod bounded;
mod start;
mod writer;

pub use bounded::BoundedFile;
pub use start::{LogGuard, init_logging, level_from};
pub use writer::{RedactingMakeWriter, RedactingWriter};
