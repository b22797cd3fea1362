//! The ways one can sign in, by the app itself and by the engine.

use std::collections::BTreeMap;

use cowork_sign_in::{Provider, Way};

use crate::view::{ProviderInput, SignInKeeper, SignInOffer, SignInWay};
use crate::workspace::Inner;

/// What a company's own GitHub is given as.
pub(super) const ENTERPRISE: &str = "enterprise";

/// The ways the app itself signs in at a provider.
pub(crate) fn own_offers(provider: &str) -> Vec<SignInOffer> {
    let Some(provider) = Provider::of(provider) else {
        return Vec::new();
    };
    let offer = |way: &Way| SignInOffer {
        id: own_id(*way).to_owned(),
        label: provider.name().to_owned(),
        way: match way {
            Way::DeviceCode => SignInWay::DeviceCode,
            Way::Browser => SignInWay::Browser,
        },
        keeper: SignInKeeper::App,
        inputs: match provider {
            Provider::Copilot => vec![ProviderInput {
                id: ENTERPRISE.to_owned(),
                label: "Your company's GitHub, if your subscription is there".to_owned(),
                placeholder: "company.ghe.com".to_owned(),
                optional: true,
            }],
            Provider::ChatGpt => Vec::new(),
        },
    };
    provider.ways().iter().map(offer).collect()
}

fn input(prompt: &cowork_engine::SignInPrompt) -> ProviderInput {
    ProviderInput {
        id: prompt.key.clone(),
        label: prompt.message.clone(),
        placeholder: prompt.placeholder.clone().unwrap_or_default(),
        // The engine knows what it takes when nothing is said, and says what it needs.
        optional: true,
    }
}

pub(super) fn own_id(way: Way) -> &'static str {
    match way {
        Way::DeviceCode => "code",
        Way::Browser => "browser",
    }
}

/// The ways the engine signs in, at providers at which the app itself does not.
pub(crate) async fn engine_offers(inner: &Inner) -> BTreeMap<String, Vec<SignInOffer>> {
    let engine = inner.engine.borrow().clone();
    let Some(engine) = engine else {
        return BTreeMap::new();
    };
    let methods = match engine.auth_methods().await {
        Ok(methods) => methods,
        Err(error) => {
            tracing::warn!(%error, "asking the engine how one signs in");
            return BTreeMap::new();
        }
    };
    methods
        .into_iter()
        .filter(|(provider, _)| Provider::of(provider).is_none())
        .map(|(provider, methods)| {
            // What is chosen from a list is asked for by none of the providers that are left.
            let asked = methods.into_iter().filter(|method| {
                method.with_account && method.prompts.iter().all(|prompt| prompt.choices.is_empty())
            });
            let offers = asked.map(|method| SignInOffer {
                inputs: method.prompts.iter().map(input).collect(),
                id: format!("{ENGINE}{}", method.index),
                label: method.label,
                way: SignInWay::Browser,
                keeper: SignInKeeper::Engine,
            });
            (provider, offers.collect())
        })
        .collect()
}

/// How the ids of the engine's ways begin.
pub(super) const ENGINE: &str = "engine-";
