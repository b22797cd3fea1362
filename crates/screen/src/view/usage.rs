//! What answers took, by day, model and thread.

use serde::Serialize;
use ts_rs::TS;

/// What the answers of one model took.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModelUsage {
    /// The model, `provider/model`; none where the engine did not say it.
    pub model: Option<String>,
    /// It is the scripted demo model: nothing of it was sent anywhere, and nothing cost anything.
    pub scripted: bool,
    /// Answers.
    pub answers: u64,
    /// Tokens read, without those that came from a cache.
    pub input: u64,
    /// Tokens written, those spent on reasoning among them.
    pub output: u64,
    /// Of `output`, tokens spent on reasoning.
    pub reasoning: u64,
    /// Tokens read from the provider's cache.
    pub cache_read: u64,
    /// Tokens written to the provider's cache.
    pub cache_write: u64,
    /// Cost in US dollars, as the engine reckons it from the provider's prices.
    pub cost: f64,
}

/// What answers took on a day.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UsageDay {
    /// Its first millisecond, as it was asked for.
    pub begins: i64,
    /// By model.
    pub models: Vec<ModelUsage>,
}

/// What answers took on some days.
#[derive(Clone, Debug, Default, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UsageReport {
    /// The days on which there were answers, in order.
    pub days: Vec<UsageDay>,
    /// Threads whose messages are still to be read from the engine; what they took is not among this.
    pub unread: u64,
}

/// What a thread and its sub-agents took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionUsage {
    /// By model, the dearest first.
    pub models: Vec<ModelUsage>,
}
