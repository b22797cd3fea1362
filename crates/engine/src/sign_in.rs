//! Signing in at a provider with an account, where the engine does it.

use std::collections::BTreeMap;

use url::Url;

/// The ways to sign in, by provider's id, in the engine's order.
pub type SignInMethods = BTreeMap<String, Vec<SignInMethod>>;

/// One way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInMethod {
    /// Its place in the engine's list, which is its name there.
    pub index: usize,
    /// What it is called.
    pub label: String,
    /// Whether a page is opened for it; the others take a key, which is not given to an engine.
    pub with_account: bool,
    /// What has to be known before it begins, in order.
    pub prompts: Vec<SignInPrompt>,
}

/// One thing that has to be known before a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInPrompt {
    /// What the answer is given as.
    pub key: String,
    /// The question.
    pub message: String,
    /// An example of an answer.
    pub placeholder: Option<String>,
    /// The answers there are; any text when empty.
    pub choices: Vec<SignInChoice>,
    /// Asked only when this holds.
    pub when: Option<SignInCondition>,
}

/// One answer that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInChoice {
    /// The answer.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// What it means.
    pub hint: Option<String>,
}

/// What an earlier answer has to be, or must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInCondition {
    /// The earlier prompt's key.
    pub key: String,
    /// The answer it is compared with.
    pub value: String,
    /// Whether the two have to be the same, or have to differ.
    pub equal: bool,
}

/// What the person does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInStep {
    /// The page to open in the person's browser; http or https.
    pub page: Url,
    /// What to do there, in the engine's words; may hold a code to enter there.
    pub instructions: String,
    /// Whether the page gives a code that has to be brought back.
    pub wants_code: bool,
}
