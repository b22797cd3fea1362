//! What serves in boxes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A port that a command of a folder serves at, in its box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BoxServer {
    /// The folder's reference.
    pub folder: String,
    /// The folder's name.
    pub label: String,
    /// The port.
    pub port: u16,
    /// Since when, milliseconds since the epoch.
    pub since: i64,
}
