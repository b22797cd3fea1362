//! The edge: what a client may ask of the app and what it hears back.
//!
//! [`registry`] declares each command once; [`generate`] writes from it everything that has to agree with it.
//! A client is a window of the desktop shell today; whatever comes next speaks the same commands.
//! Nothing here knows how a window works: what only the system's shell can do is asked of [`Shell`].

mod consent;
mod edge;
mod error;
pub mod generate;
pub mod json;
mod opened;
pub mod registry;
mod shell;
mod wire;

pub use cowork_workspace::view;
pub use edge::Api;
pub use error::{ApiError, Code};
pub use shell::{PickedFor, Shell, Subject};
