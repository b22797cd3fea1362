//! One provider, as a person chooses it.

use std::collections::BTreeMap;

use url::Url;

use crate::need::{self, BaseError, Need};
use crate::wire::Wire;

/// How a person signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInWay {
    /// A short code is typed into a page of the provider's.
    DeviceCode,
    /// In the browser, which comes back by itself.
    Browser,
    /// In the browser, and what it shows at the end is pasted.
    PasteBack,
}

/// Who does a sign-in and keeps what it brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInKeeper {
    /// This app, as it keeps keys.
    App,
    /// The engine, in a plain file of its home, where the agent's commands can read it. Its requests do not go through
    /// the proxy.
    Engine,
}

/// One way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// What it is called.
    pub label: &'static str,
    /// How it goes.
    pub way: SignInWay,
    /// Who does it.
    pub keeper: SignInKeeper,
}

/// A model of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its id at the provider.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Tokens its context holds; 0 when unknown.
    pub context: u64,
    /// Tokens it writes at most in one answer; 0 when unknown.
    pub output: u64,
    /// Whether it calls tools; without them it only talks.
    pub tool_call: bool,
    /// Whether it reasons before it answers.
    pub reasoning: bool,
    /// Whether it reads files that are no text.
    pub attachment: bool,
    /// The names of the ways it can be asked to work.
    pub variants: Vec<String>,
}

/// A provider that can be connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// Its id, which is the engine's too.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is, in a sentence; empty but where a brand says it.
    pub description: String,
    /// How it is spoken to.
    pub wire: Wire,
    /// Its address, with `{id}` for each of `needs`.
    pub(crate) base: String,
    /// What has to be known before its address is.
    pub needs: Vec<Need>,
    /// Whether it takes a key. Where it does not, one of `sign_ins` is the only way.
    pub takes_key: bool,
    /// Where its keys are made, or else its documentation; empty when neither is known.
    pub key_url: String,
    /// What its keys look like, such as `sk-ant-…`; empty when they have no sign.
    pub key_placeholder: String,
    /// How all of its keys begin; empty when that is not sure.
    pub key_prefix: &'static str,
    /// Ways to sign in instead.
    pub sign_ins: Vec<SignIn>,
    /// Its models, by id.
    pub models: Vec<Model>,
    /// The model to begin with, where a brand says it.
    pub default_model: Option<String>,
    /// Whether the engine knows models of it that are not among `models`: they are at another address, which a request
    /// below this one would never reach.
    pub(crate) limited: bool,
    /// Among those shown first; the lower the earlier.
    pub(crate) rank: Option<usize>,
}

impl Descriptor {
    /// The address its requests go below, without a slash at its end. All of them go to its host and to no other.
    ///
    /// # Errors
    /// [`BaseError`] names the input that is missing or cannot be part of an address.
    pub fn base(&self, inputs: &BTreeMap<String, String>) -> Result<Url, BaseError> {
        need::fill(&self.base, &self.needs, inputs)
    }

    /// What the engine has to know beside the address, by the engine's names.
    ///
    /// # Errors
    /// As [`Self::base`].
    pub fn engine_options(
        &self,
        inputs: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, BaseError> {
        let mut options = BTreeMap::new();
        for need in &self.needs {
            if let Some(name) = need.engine_option {
                options.insert(name.to_owned(), need.read(inputs)?);
            }
        }
        Ok(options)
    }

    /// The models the engine has to be limited to; none when it may offer all it knows.
    #[must_use]
    pub fn only_models(&self) -> Vec<String> {
        if self.limited {
            self.models.iter().map(|model| model.id.clone()).collect()
        } else {
            Vec::new()
        }
    }

    /// Whether it is among those shown first.
    #[must_use]
    pub fn is_popular(&self) -> bool {
        self.rank.is_some()
    }
}
