//! Providers, their keys, and how connecting to one goes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum KeyState {
    /// The provider takes none.
    NotNeeded,
    /// None is there, and one is needed.
    Missing,
    /// In the system's keychain, or sealed by a key that is there.
    Kept {
        /// Enough of it to recognise it by: `sk-…abcd`.
        hint: String,
        /// When it was put there, milliseconds since the epoch.
        changed: i64,
    },
    /// In this app's memory, until it ends.
    ThisRun {
        /// Enough of it to recognise it by.
        hint: String,
    },
    /// In a plain file; a development build was told to.
    Plain {
        /// Enough of it to recognise it by.
        hint: String,
    },
    /// It was kept, and cannot be read now.
    CannotBeRead {
        /// Why, and what to do.
        why: String,
    },
    /// The person signed in, and this app keeps the tokens as it keeps keys.
    SignedIn,
    /// The person signed in, and the engine keeps the tokens in its private home, where the agent's commands can read
    /// them.
    SignedInByEngine,
}

/// What a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ProviderKind {
    /// One of the catalogue, or of the brand.
    Known,
    /// An address the person gave.
    Custom,
}

/// A provider a person connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProviderRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ProviderKind,
    /// Where it answers.
    pub base_url: String,
    /// The ids of the models that were chosen; empty for all it has.
    pub models: Vec<String>,
    /// Where its key is.
    pub key: KeyState,
    /// Why it is left out just now; none when it is not.
    pub left_out: Option<String>,
}

/// What a provider wants to know besides a key, to find its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProviderInput {
    /// Its id, as `providerConnect` takes it.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// An example.
    pub placeholder: String,
    /// It may be left empty.
    pub optional: bool,
}

/// How a person signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SignInWay {
    /// A short code, typed into a page of the provider's.
    DeviceCode,
    /// In the browser, which comes back by itself.
    Browser,
    /// In the browser, and what it shows at the end is pasted here.
    PasteBack,
}

/// Who keeps what a sign-in brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SignInKeeper {
    /// This app, as it keeps keys.
    App,
    /// The engine, in its private home, where the agent's commands can read it.
    Engine,
}

/// One way to sign in at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInOffer {
    /// Its id, as `signInBegin` takes it.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// How it goes.
    pub way: SignInWay,
    /// Who keeps what it brings.
    pub keeper: SignInKeeper,
    /// What it wants to know before it begins.
    pub inputs: Vec<ProviderInput>,
}

/// A provider that can be connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProviderOffer {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is, in a sentence; may be empty.
    pub description: String,
    /// Among those shown first.
    pub popular: bool,
    /// It takes a key.
    pub takes_key: bool,
    /// What its keys look like: `sk-ant-…`; may be empty.
    pub key_placeholder: String,
    /// Where its keys are made; empty when that is not known.
    pub key_url: String,
    /// What it wants to know besides.
    pub inputs: Vec<ProviderInput>,
    /// How one can sign in instead.
    pub sign_ins: Vec<SignInOffer>,
    /// How many models the catalogue names.
    pub model_count: usize,
}

/// What can be connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProviderCatalogue {
    /// The providers, those shown first in front.
    pub offers: Vec<ProviderOffer>,
    /// Addresses that are not in it can be given.
    pub custom: bool,
}

/// A model server on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LocalServerRow {
    /// The program's name.
    pub name: String,
    /// Its address.
    pub base_url: String,
    /// It answers.
    pub running: bool,
    /// Its models' ids.
    pub models: Vec<String>,
    /// It is connected already.
    pub connected: bool,
}

/// Whether keys can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Keychain {
    /// In the system's keychain.
    Encrypted,
    /// Not now. Nothing is written; a key can be kept in memory until the app ends.
    Unavailable {
        /// Why.
        reason: String,
        /// What to do.
        advice: String,
    },
    /// In plain files; a development build was told to.
    Plain,
}

/// What connecting a provider or replacing its key brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConnectedProvider {
    /// The provider.
    pub provider: ProviderRow,
    /// What looks odd about the key; empty when nothing does.
    pub warning: String,
}

/// One step of a connection test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TestStep {
    /// The name leads to an address.
    Resolve,
    /// The address takes connections.
    Connect,
    /// The connection is encrypted, by whom it should be.
    Secure,
    /// The key is accepted.
    KeyAccepted,
    /// The model is there for this key.
    ModelListed,
    /// The model answers.
    ModelAnswers,
    /// The model calls a tool.
    ToolCall,
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TestMark {
    /// Not begun.
    Waiting,
    /// Running since then, milliseconds since the epoch.
    Running {
        /// Milliseconds since the epoch.
        since: i64,
    },
    /// Passed.
    Passed {
        /// Milliseconds it took.
        took: u64,
        /// What was seen; may be empty.
        note: String,
    },
    /// It does not apply here.
    Skipped {
        /// Why.
        why: String,
    },
    /// Failed; the steps after it were not tried.
    Failed {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
    },
}

/// A step and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TestStepRow {
    /// The step.
    pub step: TestStep,
    /// How far it is.
    pub mark: TestMark,
}

/// A connection test, running or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionTest {
    /// The provider's id.
    pub provider: String,
    /// The model that is asked, `provider/model`.
    pub model: String,
    /// The steps, in order.
    pub steps: Vec<TestStepRow>,
    /// It runs.
    pub running: bool,
    /// It ended and the provider can be worked with.
    pub usable: bool,
}

/// How far a sign-in is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SignInState {
    /// It waits for the person, in their browser.
    Waiting,
    /// The person is signed in.
    Done,
    /// It did not work.
    Failed {
        /// Why, and what to do.
        message: String,
    },
}

/// A sign-in, under way or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInView {
    /// The provider's id.
    pub provider: String,
    /// The page to open.
    pub url: String,
    /// The code to type there; empty when there is none.
    pub code: String,
    /// What else the provider says; may be empty.
    pub instructions: String,
    /// What the page shows at the end can be pasted here.
    pub paste_back: bool,
    /// When it ends by itself, milliseconds since the epoch; 0 when that is not known.
    pub expires: i64,
    /// Who keeps what it brings.
    pub keeper: SignInKeeper,
    /// How far it is.
    pub state: SignInState,
}

/// What went to a provider, as counted where it left this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProviderUsage {
    /// The provider's id.
    pub provider: String,
    /// Requests since the app was started.
    pub requests: u64,
    /// Of them, those that failed.
    pub failures: u64,
    /// Bytes sent.
    pub bytes_up: u64,
    /// Bytes that came back.
    pub bytes_down: u64,
    /// Requests of this run of the engine.
    pub run_requests: u64,
    /// Requests a run may make.
    pub run_cap: u64,
    /// Requests of all days that are remembered.
    pub all_requests: u64,
}
