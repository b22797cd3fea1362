//! What a window needs to start, and what can be set and chosen.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ConnectionTest, EngineState, Folder, ProviderRow, Safety, SessionRow, SignInView};

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

/// What a person set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Light or dark.
    pub theme: Theme,
    /// How close things stand.
    pub density: Density,
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
    /// This many failures of the engine within `restart_window` stop its restarts. 1 to 50.
    pub restart_failures: u32,
    /// Seconds. 10 to 3,600.
    pub restart_window: u32,
    /// Megabytes of memory of the engine and its children above which a restart is offered. 512 to 65,536.
    pub memory_limit: u32,
    /// Model requests a run of the engine may make at each provider. 10 to 1,000,000.
    pub request_cap: u32,
    /// What is written into the log.
    pub log_level: LogLevel,
    /// How the log is written; changes take hold at the app's next start.
    pub log_format: LogFormat,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            density: Density::default(),
            language: None,
            default_model: None,
            small_model: None,
            default_agent: None,
            review_open: false,
            sidebar_hidden: false,
            restart_failures: 5,
            restart_window: 120,
            // An engine at work holds 0.5 to 1.1 GB; its children come on top.
            memory_limit: 3_072,
            // A busy day of one person is a few hundred; a loop that nobody watches makes thousands.
            request_cap: 2_000,
            log_level: LogLevel::default(),
            log_format: LogFormat::default(),
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
    /// News since the app started, oldest first.
    pub notices: Vec<Notice>,
    /// A folder handed over on the command line, to begin in.
    pub initial_folder: Option<String>,
}
