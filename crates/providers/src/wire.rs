//! How a provider is spoken to.

use serde::{Deserialize, Serialize};

/// The header a provider takes its key in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyHeader {
    /// `Authorization: Bearer KEY`
    Bearer,
    /// `x-api-key: KEY`
    XApiKey,
    /// `x-goog-api-key: KEY`
    XGoogApiKey,
    /// `api-key: KEY`
    ApiKey,
}

impl KeyHeader {
    /// All of them: whatever header a key comes in is taken off before the real one is put on.
    pub const ALL: [Self; 4] = [Self::Bearer, Self::XApiKey, Self::XGoogApiKey, Self::ApiKey];

    /// The header's name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bearer => "authorization",
            Self::XApiKey => "x-api-key",
            Self::XGoogApiKey => "x-goog-api-key",
            Self::ApiKey => "api-key",
        }
    }

    /// What stands before the key in the header's value.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer ",
            _ => "",
        }
    }
}

/// The protocol a provider speaks: its key's header, and the paths below its base address that a model request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// Anthropic's messages.
    Anthropic,
    /// `OpenAI`'s responses.
    OpenAi,
    /// `OpenAI`'s chat completions, which most others speak.
    OpenAiCompatible,
    /// Google's generative language.
    Google,
    /// Azure's `OpenAI` service.
    Azure,
    /// `DeepInfra`, whose chat completions are below `openai/`.
    DeepInfra,
    /// Cohere's chat.
    Cohere,
    /// Amazon Bedrock with an API key.
    Bedrock,
    /// Google's Vertex in express mode.
    Vertex,
    /// GitHub Copilot.
    Copilot,
    /// A `ChatGPT` account.
    ChatGpt,
}

/// Paths a model request needs, all of them asked for by POST. A `*` stands for one segment's characters.
const fn paths(wire: Wire) -> &'static [&'static str] {
    match wire {
        Wire::Anthropic => &["/messages", "/messages/count_tokens"],
        Wire::OpenAi => &["/responses", "/chat/completions"],
        Wire::OpenAiCompatible => &["/chat/completions", "/responses", "/completions"],
        Wire::Google | Wire::Vertex => &[
            "/models/*:streamGenerateContent",
            "/models/*:generateContent",
            "/models/*:countTokens",
        ],
        Wire::Azure => &[
            "/responses",
            "/chat/completions",
            "/deployments/*/responses",
            "/deployments/*/chat/completions",
        ],
        Wire::DeepInfra => &["/openai/chat/completions"],
        Wire::Cohere => &["/chat"],
        Wire::Bedrock => &["/model/*/converse-stream", "/model/*/converse"],
        Wire::Copilot => &["/chat/completions", "/responses"],
        Wire::ChatGpt => &["/responses"],
    }
}

impl Wire {
    /// The header its key goes into.
    #[must_use]
    pub fn key_header(self) -> KeyHeader {
        match self {
            Self::Anthropic => KeyHeader::XApiKey,
            Self::Google | Self::Vertex => KeyHeader::XGoogApiKey,
            Self::Azure => KeyHeader::ApiKey,
            _ => KeyHeader::Bearer,
        }
    }

    /// Whether a request is one a model's turn needs. `path` begins with a slash, stands below the base address, is
    /// percent-encoded as it came and has no query. What an encoded slash or a dot segment would lead to is refused.
    #[must_use]
    pub fn allows(self, method: &str, path: &str) -> bool {
        let lowered = path.to_ascii_lowercase();
        // Bedrock's names of models may hold slashes; elsewhere one that is encoded leads somewhere else.
        let slash = (self != Self::Bedrock).then_some("%2f");
        let misleading = ["..", "%2e", "%5c", "\\", "//", "/./"]
            .iter()
            .copied()
            .chain(slash)
            .any(|part| lowered.contains(part))
            || lowered.ends_with("/.");
        method == "POST" && !misleading && paths(self).iter().any(|pattern| matches(pattern, path))
    }

    /// Where its models are listed, below the base address; none where they are not listed this way.
    #[must_use]
    pub fn listing(self) -> Option<&'static str> {
        match self {
            Self::Anthropic | Self::OpenAi | Self::OpenAiCompatible | Self::Google | Self::Copilot => {
                Some("/models")
            }
            Self::DeepInfra => Some("/openai/models"),
            Self::Azure | Self::Cohere | Self::Bedrock | Self::Vertex | Self::ChatGpt => None,
        }
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((before, after)) => path
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|one| !one.is_empty() && !one.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_model_s_turn_needs_passes() {
        assert!(Wire::Anthropic.allows("POST", "/messages"));
        assert!(Wire::Google.allows("POST", "/models/gemini-3-pro:streamGenerateContent"));
        assert!(Wire::Bedrock.allows("POST", "/model/anthropic.claude%3A0/converse-stream"));
        assert!(Wire::Bedrock.allows("POST", "/model/arn%3Aaws%2Fa/converse-stream"));
        for (wire, method, path) in [
            (Wire::Anthropic, "GET", "/messages"),
            (Wire::Anthropic, "POST", "/organizations/api_keys"),
            (Wire::Anthropic, "POST", "/messages/batches"),
            (Wire::OpenAi, "POST", "/files"),
            (Wire::OpenAi, "GET", "/models"),
            (Wire::Google, "POST", "/models/a/b:generateContent"),
            (Wire::Google, "POST", "/models/:generateContent"),
            (Wire::Google, "POST", "/models/a%2fx:generateContent"),
            (Wire::Google, "POST", "/models/..x:generateContent"),
            (Wire::Bedrock, "POST", "/model/%2e%2e/converse"),
            (Wire::Azure, "POST", "/deployments/../chat/completions"),
        ] {
            assert!(!wire.allows(method, path), "{wire:?} {method} {path}");
        }
    }
}
