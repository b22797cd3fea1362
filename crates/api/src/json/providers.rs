//! What the commands about providers, their keys and sign-ins take.

use cowork_workspace::Sensitive;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An address to look for models at.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProbeProvider {
    /// The address, http or https.
    pub base_url: String,
}

/// What was found at an address.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProviderProbe {
    /// The address as it will be used.
    pub base_url: String,
    /// The models it lists.
    pub models: Vec<String>,
    /// It lists them only to who has a key.
    pub wants_key: bool,
}

/// A provider to connect: one of the catalogue, or an address.
#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectProvider {
    /// The catalogue's id of it; without one it is an address.
    pub provider: Option<String>,
    /// What to call an address, 1 to 60 characters.
    pub name: Option<String>,
    /// The address, http or https.
    pub base_url: Option<String>,
    /// The models to offer; empty for all of them.
    pub models: Vec<String>,
    /// What the catalogue says it wants to know besides, by id.
    pub inputs: std::collections::BTreeMap<String, String>,
    /// Its key. No answer and no other command ever holds it.
    #[ts(type = "string | null")]
    pub key: Option<Sensitive>,
    /// Keep the key in memory, until the app ends.
    pub this_run: bool,
}

/// A key to put in the place of a provider's present one.
#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetKey {
    /// The provider's id.
    pub provider: String,
    /// The key. No answer and no other command ever holds it.
    #[ts(type = "string")]
    pub key: Sensitive,
    /// Keep it in memory, until the app ends.
    pub this_run: bool,
}

/// Asks whether keys can be kept.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskKeychain {
    /// Look again, for one who has just unlocked or installed something.
    pub again: bool,
}

/// What to test.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestProvider {
    /// The provider's id.
    pub provider: String,
    /// The model to ask, by its id at the provider; a usual one when absent.
    pub model: Option<String>,
}

/// A sign-in to begin.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BeginSignIn {
    /// The catalogue's id of the provider.
    pub provider: String,
    /// The offer's id.
    pub offer: String,
    /// What the offer wants to know, by id.
    pub inputs: std::collections::BTreeMap<String, String>,
}

/// What the provider's page showed at the end of a sign-in.
#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasteSignIn {
    /// The code, or the address of the page.
    #[ts(type = "string")]
    pub text: Sensitive,
}

/// Names a provider.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProviderReference {
    /// The provider's id.
    pub provider: String,
}
