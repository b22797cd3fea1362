//! The application: composes the rooms below it into what a person does.
//!
//! [`Workspace`] is the whole of it behind one handle: it claims the data, keeps the engine running in the
//! background, applies what the engine reports to the conversations in memory, and tells whoever listens what
//! changed, in the words of [`view`]. Operations are methods on it, by subject in `operations`.
//!
//! Use it from an edge: the command registry, the command line. It knows no window, no transport and no argument
//! parser, and reads no environment: everything it depends on is in [`Options`].

mod boxes;
mod clock;
mod composing;
mod consent;
mod engine;
mod error;
mod feed;
mod find;
mod folders;
mod index;
mod journal;
mod keeping;
mod logging;
mod operations;
mod options;
mod providers;
mod remote;
mod removal;
mod retention;
mod review;
mod search;
mod settings;
mod snippets;
mod state;
mod surroundings;
mod tidings;
mod workspace;

use cowork_screen::{always, open, render};
#[cfg(test)]
use cowork_told as told;

pub use clock::Clock;
pub use consent::Consent;
pub use cowork_engine::{EngineError, PermissionReply, Role, SessionStatus, ToolState, TurnErrorKind};
pub use cowork_policy::external_link;
pub use cowork_preview::Watch as PreviewWatch;
pub use cowork_screen::open::Surroundings;
pub use cowork_screen::view;
pub use cowork_vault::Sensitive;
pub use error::{Result, WorkspaceError};
pub use keeping::published_health;
pub use logging::{Log, start_log};
pub use operations::attachments::GivenFile;
pub use operations::pairing::WantedPairing;
pub use operations::previews::OpenPreview;
pub use operations::prompts::Outgoing;
pub use operations::providers::{GivenKey, Probed, WantedProvider};
#[cfg(debug_assertions)]
pub use options::plaintext_secrets;
pub use options::{Options, ToolServer, box_program};
pub use removal::{LogsToRemove, removal_is_owed, remove_what_is_owed};
pub use review::programs::PersonPrograms;
pub use settings::{RANGES as SETTING_RANGES, SettingRange};
pub use tidings::{Tiding, TidingKind};
pub use workspace::{OpenError, Workspace};

/// The scripted demo model, as `provider/model`: what prompts go to until the person connects another.
#[must_use]
pub fn demo_model() -> String {
    format!("{}/{}", render::DEMO_PROVIDER, cowork_scripted_model::DEMO_MODEL)
}

/// Why a turn failed, in the person's words and without secrets.
#[must_use]
pub fn failure_words(error: &cowork_engine::TurnError) -> String {
    render::failure_words(error)
}

/// What a terminal would show in the end of what a program printed, without colours.
#[must_use]
pub fn printed(text: &str) -> String {
    render::plain(text)
}

/// Takes secrets out of text that leaves for a client.
#[must_use]
pub fn redact(text: &str) -> String {
    cowork_redact::redact(text).into_owned()
}
