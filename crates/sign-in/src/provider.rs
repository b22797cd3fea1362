//! Which providers, in which ways.

use cowork_vault::Sensitive;
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use crate::claims;
use crate::domain::EnterpriseDomain;
use crate::endpoints::fixed;
use crate::tokens::Tokens;

/// A host that does not exist, by the reservation of its top-level domain (RFC 2606).
const NOWHERE: &str = "engine.invalid";
/// 2100: the engine must never think that its token has run out, since it would go and renew it.
const NEVER: u64 = 4_102_444_800_000;

/// A provider the app signs in at by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// GitHub Copilot.
    Copilot,
    /// An account of `ChatGPT`.
    ChatGpt,
}

/// How a person proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// By a code they enter on the provider's page, on whatever machine.
    DeviceCode,
    /// In a browser that comes back to this machine.
    Browser,
}

/// What a sign-in has to know beforehand.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The company's own GitHub, when the subscription is there.
    pub enterprise: Option<EnterpriseDomain>,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Copilot, Self::ChatGpt];

    /// Its id in the catalogue, which the engine knows it by.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Copilot => "github-copilot",
            Self::ChatGpt => "openai",
        }
    }

    /// The provider of a catalogue id.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.id() == id)
    }

    /// Its name, for a person.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Copilot => "GitHub Copilot",
            Self::ChatGpt => "ChatGPT",
        }
    }

    /// The ways it offers, the best first.
    #[must_use]
    pub fn ways(self) -> &'static [Way] {
        match self {
            Self::Copilot => &[Way::DeviceCode],
            Self::ChatGpt => &[Way::Browser, Way::DeviceCode],
        }
    }

    /// Where its models answer.
    #[must_use]
    pub fn upstream(self, tokens: &Tokens) -> Url {
        match (self, &tokens.base) {
            (Self::Copilot, Some(base)) => base.clone(),
            (Self::Copilot, None) => fixed("https://api.githubcopilot.com/"),
            (Self::ChatGpt, _) => fixed("https://chatgpt.com/backend-api/codex"),
        }
    }

    /// What goes onto each request besides the access token. The engine sends what it sends with its own sign-ins;
    /// here is what it cannot know without the real token, and what a request that is not the engine's needs too.
    #[must_use]
    pub fn route_headers(self, tokens: &Tokens) -> Vec<(HeaderName, HeaderValue)> {
        match self {
            Self::Copilot => vec![
                (
                    HeaderName::from_static("x-github-api-version"),
                    HeaderValue::from_static("2026-06-01"),
                ),
                (
                    HeaderName::from_static("openai-intent"),
                    HeaderValue::from_static("conversation-edits"),
                ),
            ],
            Self::ChatGpt => {
                let own = [
                    ("chatgpt-account-id", tokens.account.clone()),
                    (
                        "x-openai-internal-codex-residency",
                        claims::residency(tokens.access.expose()),
                    ),
                ];
                let mut headers = vec![(
                    HeaderName::from_static("originator"),
                    HeaderValue::from_static("opencode"),
                )];
                headers.extend(own.into_iter().filter_map(|(name, value)| {
                    let value = HeaderValue::from_str(&value?).ok()?;
                    Some((HeaderName::from_static(name), value))
                }));
                headers
            }
        }
    }

    /// What the engine is told of the sign-in: that there is one, with a token that is good at the key proxy alone.
    /// The account stays out of it: [`Self::route_headers`] adds it behind the proxy.
    ///
    /// For Copilot it names a company's domain that does not exist. The engine asks the domain for its models before
    /// it asks us anything, and would send the token to GitHub otherwise; this way it takes the catalogue's models.
    #[must_use]
    pub fn engine_auth(self, throwaway: &Sensitive) -> Value {
        match self {
            Self::Copilot => json!({
                "type": "oauth",
                "refresh": throwaway.expose(),
                "access": throwaway.expose(),
                "expires": 0,
                "enterpriseUrl": NOWHERE,
            }),
            Self::ChatGpt => json!({
                "type": "oauth",
                "refresh": "none",
                "access": throwaway.expose(),
                "expires": NEVER,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(base: Option<Url>) -> Tokens {
        Tokens {
            access: Sensitive::new("access"),
            refresh: None,
            expires: None,
            account: Some("acc-1".to_owned()),
            base,
        }
    }

    #[test]
    fn a_provider_is_found_by_its_id() {
        for provider in Provider::ALL {
            assert_eq!(Provider::of(provider.id()), Some(provider));
        }
        assert_eq!(Provider::of("anthropic"), None);
    }

    #[test]
    fn a_company_s_models_answer_at_its_own_domain() {
        let base = EnterpriseDomain::parse("company.ghe.com").unwrap().models();
        assert_eq!(
            Provider::Copilot.upstream(&tokens(Some(base))).as_str(),
            "https://copilot-api.company.ghe.com/"
        );
        assert_eq!(
            Provider::Copilot.upstream(&tokens(None)).as_str(),
            "https://api.githubcopilot.com/"
        );
    }

    #[test]
    fn the_account_goes_onto_requests_and_not_to_the_engine() {
        let headers = Provider::ChatGpt.route_headers(&tokens(None));
        assert!(
            headers
                .iter()
                .any(|(name, value)| name == "chatgpt-account-id" && value == "acc-1")
        );
        let told = Provider::ChatGpt
            .engine_auth(&Sensitive::new("throw-away"))
            .to_string();
        assert!(!told.contains("acc-1") && told.contains("throw-away"), "{told}");
    }
}
