//! Providers a person connected: what is known of each, where its key is, and how a request gets there.

pub(crate) mod keys;
pub(crate) mod offered;
pub(crate) mod probe;
pub(crate) mod secrets;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
mod state;
pub(crate) mod test;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod usage;

use std::collections::BTreeMap;

use cowork_key_proxy::{KeyUse, Route};
use cowork_outward::Reach;
use cowork_providers::Wire;
use cowork_store::Provider;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::view;

/// Where a connected provider's own facts are, besides its address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Details {
    /// It is one of the catalogue, under its own id.
    pub(crate) known: bool,
    /// How it is spoken to; as most are when nothing is said.
    pub(crate) wire: Option<Wire>,
    /// It wants a key.
    pub(crate) wants_key: bool,
    /// What its address was made with.
    pub(crate) inputs: BTreeMap<String, String>,
    /// What the engine wants to know of it besides, by the engine's name for it.
    pub(crate) engine_options: BTreeMap<String, String>,
    /// The person signed in, and who keeps what that brought.
    pub(crate) sign_in: Option<Keeper>,
}

/// Who keeps what a sign-in brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Keeper {
    /// The vault.
    App,
    /// The engine's private home.
    Engine,
}

/// A provider a person connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connected {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Where it answers; models' requests go below it.
    pub(crate) base: Url,
    /// The models that are offered; all it has when there are none.
    pub(crate) models: Vec<String>,
    /// The person agreed that it is in the local network.
    pub(crate) agreed: bool,
    pub(crate) details: Details,
    /// Where its key is, as far as that was looked at.
    pub(crate) key: view::KeyState,
    /// Why it is left out just now.
    pub(crate) left_out: Option<String>,
    /// The model of it that is taken when nobody chose one.
    pub(crate) usual_model: Option<String>,
}

impl Connected {
    /// From the index; none for a row whose address cannot be read.
    pub(crate) fn from_stored(stored: Provider) -> Option<Self> {
        let details: Details = serde_json::from_value(stored.details).unwrap_or_default();
        let key = match (details.sign_in, details.wants_key) {
            (Some(Keeper::App), _) => view::KeyState::SignedIn,
            (Some(Keeper::Engine), _) => view::KeyState::SignedInByEngine,
            (None, true) => view::KeyState::Missing,
            (None, false) => view::KeyState::NotNeeded,
        };
        Some(Self {
            base: Url::parse(&stored.base_url).ok()?,
            id: stored.id,
            name: stored.name,
            models: serde_json::from_value(stored.models).unwrap_or_default(),
            agreed: stored.consent,
            details,
            key,
            left_out: None,
            usual_model: None,
        })
    }

    pub(crate) fn stored(&self) -> Provider {
        Provider {
            id: self.id.clone(),
            name: self.name.clone(),
            base_url: self.address().to_owned(),
            models: serde_json::json!(self.models),
            consent: self.agreed,
            details: serde_json::json!(self.details),
        }
    }

    pub(crate) fn row(&self) -> view::ProviderRow {
        view::ProviderRow {
            id: self.id.clone(),
            name: self.name.clone(),
            kind: if self.details.known {
                view::ProviderKind::Known
            } else {
                view::ProviderKind::Custom
            },
            base_url: self.address().to_owned(),
            models: self.models.clone(),
            key: self.key.clone(),
            left_out: self.left_out.clone(),
        }
    }

    /// Its address as a person knows it.
    fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    pub(crate) fn wire(&self) -> Wire {
        self.details.wire.unwrap_or(Wire::OpenAiCompatible)
    }

    /// How far its requests may go: as far as its address says, and no further than was agreed on.
    pub(crate) fn reach(&self) -> Reach {
        let loopback = match self.base.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        };
        match (loopback, self.agreed) {
            (true, _) => Reach::Loopback,
            (false, true) => Reach::LocalNetwork,
            (false, false) => Reach::Public,
        }
    }

    /// The model that is taken when nobody chose one.
    pub(crate) fn first_model(&self) -> Option<&str> {
        self.models
            .first()
            .or(self.usual_model.as_ref())
            .map(String::as_str)
    }

    /// Whether the engine may be told of it: it has what a request needs, or may have it by then.
    pub(crate) fn is_offered(&self) -> bool {
        self.left_out.is_none() && self.key != view::KeyState::Missing
    }

    /// How its requests leave; none where the engine sends them itself.
    pub(crate) fn route(&self) -> Option<Route> {
        if self.details.sign_in == Some(Keeper::Engine) {
            return None;
        }
        let takes_key = self.details.wants_key || self.details.sign_in.is_some();
        Some(Route {
            provider: self.id.clone(),
            name: self.name.clone(),
            upstream: self.base.clone(),
            reach: self.reach(),
            wire: self.wire(),
            key: if takes_key { KeyUse::Key } else { KeyUse::None },
            // Those of a sign-in come with its token.
            headers: Vec::new(),
        })
    }
}
