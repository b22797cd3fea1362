//! Finding a place in one conversation.

use serde::Serialize;
use ts_rs::TS;

use super::BlockReference;

/// Something that was looked for stands here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FoundBlock {
    /// Where.
    pub place: BlockReference,
    /// How often.
    pub count: u32,
}

/// What was found in a stretch of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FoundPage {
    /// Where, oldest first. In what tools printed it is not looked for.
    pub found: Vec<FoundBlock>,
    /// How many messages were looked through.
    pub messages: u32,
    /// The oldest of them, to go on before it; none when nothing is before it.
    pub reached: Option<String>,
    /// When that was made, milliseconds since the epoch.
    pub since: Option<i64>,
}
