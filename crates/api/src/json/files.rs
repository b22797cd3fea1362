//! What the commands about files of a conversation take.

use serde::Deserialize;
use ts_rs::TS;

/// Asks which names are files.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedFiles {
    /// The session's id, whose folder they would lie in.
    pub session: String,
    /// The names, relative to the folder or in full.
    pub names: Vec<String>,
}
