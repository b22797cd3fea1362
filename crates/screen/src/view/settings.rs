//! What a window needs to start, and what can be set and chosen.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    ConnectionTest, EngineState, Folder, Inbox, Pairings, ProviderRow, Safety, SessionRow, SignInView,
};

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How close things stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Density {
    /// Close.
    Compact,
    /// Between.
    #[default]
    Cozy,
    /// Wide.
    Roomy,
}

/// What is written into the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum LogLevel {
    /// Failures alone.
    Error,
    /// And what may become one.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And how.
    Debug,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// What a person set. What it is where nothing was set stands in `settings/defaults.json`, what numbers may be in
/// `settings::RANGES`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, and no two of them make a state"
)]
pub struct Settings {
    /// Light or dark.
    pub theme: Theme,
    /// Stronger borders and text, also where the system does not ask for it.
    pub more_contrast: bool,
    /// How close things stand.
    pub density: Density,
    /// Percent of the usual size of the interface's text.
    pub interface_size: u32,
    /// Percent of the usual size of what is read: prompts and answers.
    pub reading_size: u32,
    /// Percent of the usual size of code, changes and output.
    pub code_size: u32,
    /// Percent of its size that everything in the window has.
    pub zoom: u32,
    /// Nothing fades, also where the system does not ask for it.
    pub reduce_motion: bool,
    /// The language of the window's texts, a tag such as `de`; the system's when none is set. One that
    /// the window has no texts for is kept, and the window speaks English.
    pub language: Option<String>,
    /// The model new sessions begin with, `provider/model` or `provider/model#variant`; the first
    /// connected provider's when none is set, and the demo's when there is none.
    pub default_model: Option<String>,
    /// The model for titles and summaries, `provider/model`; the default model when none is set.
    pub small_model: Option<String>,
    /// The agent new sessions begin with.
    pub default_agent: Option<String>,
    /// The review panel is open.
    pub review_open: bool,
    /// The sidebar is hidden.
    pub sidebar_hidden: bool,
    /// Tell through the desktop that a turn ended, while the window is not looked at.
    pub notify_ended: bool,
    /// Tell so that something asks.
    pub notify_asks: bool,
    /// Tell so that a turn failed.
    pub notify_failed: bool,
    /// Name the thread and what it is about in what the desktop shows; it may show it on a locked screen.
    pub notify_content: bool,
    /// This many failures of the engine within `restart_window` stop its restarts.
    pub restart_failures: u32,
    /// Seconds.
    pub restart_window: u32,
    /// Megabytes of memory of the engine and its children above which a restart is offered. An engine at work holds
    /// 0.5 to 1.1 GB; its children come on top.
    pub memory_limit: u32,
    /// Model requests a run of the engine may make at each provider. A busy day of one person is a few hundred; a loop
    /// that nobody watches makes thousands.
    pub request_cap: u32,
    /// Days an unfinished answer is kept that nobody came back for.
    pub journal_days: u32,
    /// Days a log file is kept.
    pub log_days: u32,
    /// Days it is kept what was answered and by whom.
    pub answered_days: u32,
    /// Days it is kept what answers took.
    pub usage_days: u32,
    /// What is written into the log.
    pub log_level: LogLevel,
    /// How the log is written; changes take hold at the app's next start.
    pub log_format: LogFormat,
}

/// The defaults, as they stand in the file.
const DEFAULTS: &str = include_str!("settings/defaults.json");

#[expect(
    clippy::expect_used,
    reason = "the file is part of the program, and a test holds it to the type"
)]
static OF_THE_FILE: LazyLock<Settings> =
    LazyLock::new(|| serde_json::from_str(DEFAULTS).expect("the defaults are settings"));

impl Default for Settings {
    fn default() -> Self {
        OF_THE_FILE.clone()
    }
}

/// What the desktop is told, in the window's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TidingWords {
    /// A turn ended.
    pub ended: String,
    /// A permission is waited for.
    pub asks_permission: String,
    /// An answer is waited for.
    pub asks_question: String,
    /// Somebody answered from afar, and a word here is waited for.
    pub answered_afar: String,
    /// A turn failed.
    pub failed: String,
    /// Stands for a thread whose name is not to be shown.
    pub thread: String,
    /// What is shown where the person tries it.
    pub tried: String,
}

impl Default for TidingWords {
    /// English, for the moment until a window says its own.
    fn default() -> Self {
        Self {
            ended: "The turn ended.".to_owned(),
            asks_permission: "It waits for your permission.".to_owned(),
            asks_question: "It waits for your answer.".to_owned(),
            answered_afar: "Somebody answered from afar. It waits for your word.".to_owned(),
            failed: "The turn failed.".to_owned(),
            thread: "A thread".to_owned(),
            tried: "This is how it looks.".to_owned(),
        }
    }
}

/// The product's names and links.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BrandView {
    /// The product's name.
    pub name: String,
    /// Its short name.
    pub short_name: String,
    /// Where help is.
    pub help_url: String,
    /// Where support is.
    pub support_url: String,
    /// Where a vulnerability is reported.
    pub security_url: String,
}

/// A model that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModelChoice {
    /// `provider/model`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its provider's name.
    pub provider: String,
    /// Whether it is the scripted demo model.
    pub scripted: bool,
    /// Tokens its context holds; 0 when unknown.
    pub context: u64,
    /// How hard it can be told to think, by name; one is chosen as `provider/model#variant`.
    pub variants: Vec<String>,
    /// It can call tools; without them an agent only talks.
    pub tools: bool,
    /// It reads pictures; nothing where nobody says.
    pub images: Option<bool>,
}

/// An agent that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AgentChoice {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// What kind of news a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum NoticeKind {
    /// Saved data was damaged, was set aside, and a new file was begun.
    StoreRebuilt,
    /// A change could not be saved.
    NotSaved,
    /// Something of what was to be deleted is still there.
    NotRemoved,
    /// What was set no longer fits, and its default holds.
    SettingIgnored,
    /// The event stream broke and was opened again; everything was read anew.
    StreamResumed,
    /// The engine ended by itself.
    EngineEnded,
    /// The engine runs again after it had ended by itself.
    EngineRestarted,
    /// The engine did not answer for so long that it was ended.
    EngineUnresponsive,
    /// No byte came on the event stream; it was opened anew and everything was read again.
    StreamStalled,
    /// The computer slept, or its clock was set; everything was read again.
    ComputerWoke,
    /// The engine and its children hold more memory than the limit.
    MemoryHigh,
    /// A connected provider's address may no longer be connected to.
    ProviderLeftOut,
    /// A provider's key could not be had for a request.
    KeyUnavailable,
    /// A sign-in was removed that the engine keeps, and it deletes what it keeps at its next start.
    SignOutOwed,
    /// A run of the engine has made most of the requests it may make at a provider.
    RequestsNearCap,
    /// A run of the engine has made all requests it may make at a provider; no more are let through.
    RequestsCapped,
    /// An ask for an unknown kind of permission was refused by policy.
    UnknownPermissionDenied,
}

/// News that is not about one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// What kind.
    pub kind: NoticeKind,
    /// Particulars, redacted.
    pub detail: String,
    /// When, milliseconds since the epoch.
    pub at: i64,
}

/// Everything a window needs for its first picture.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// The product's names and links.
    pub brand: BrandView,
    /// The app's version.
    pub version: String,
    /// `linux`, `macos` or `windows`.
    pub platform: String,
    /// What the person set.
    pub settings: Settings,
    /// The folders.
    pub folders: Vec<Folder>,
    /// The newest sessions and those that something runs in, most recent first; sub-agents' sessions are not listed.
    pub sessions: Vec<SessionRow>,
    /// There are more than those; the list of threads has them all.
    pub more_sessions: bool,
    /// What the engine is doing.
    pub engine: EngineState,
    /// What must be seen when it is not as promised.
    pub safety: Safety,
    /// Models known so far; more may come with the engine.
    pub models: Vec<ModelChoice>,
    /// Agents known so far.
    pub agents: Vec<AgentChoice>,
    /// Providers the person connected.
    pub providers: Vec<ProviderRow>,
    /// The connection test that runs or ran last.
    pub test: Option<ConnectionTest>,
    /// The sign-in that is under way or ended last.
    pub sign_in: Option<SignInView>,
    /// What waits for the person over all threads.
    pub inbox: Inbox,
    /// The pairings.
    pub pairings: Pairings,
    /// News since the app started, oldest first.
    pub notices: Vec<Notice>,
    /// A folder handed over on the command line, to begin in.
    pub initial_folder: Option<String>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Map, Value};

    use super::*;

    #[test]
    fn the_file_of_defaults_names_every_setting_and_nothing_else() {
        let object = |value| match value {
            Value::Object(object) => object,
            other => panic!("{other} is no object"),
        };
        let file = object(serde_json::from_str(DEFAULTS).unwrap());
        let settings = object(serde_json::to_value(Settings::default()).unwrap());
        let names = |object: &Map<String, Value>| object.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(&file), names(&settings));
    }
}
