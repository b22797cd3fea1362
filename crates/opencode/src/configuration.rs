//! The configuration file the engine is given.

use serde_json::{Map, Value, json};

/// The package inside the engine's binary that speaks to every OpenAI-compatible address.
const COMPATIBLE_PACKAGE: &str = "@ai-sdk/openai-compatible";

/// One model of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelConfiguration {
    /// The model's id at the provider.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Tokens its context holds.
    pub context: u64,
    /// Tokens it writes at most in one answer.
    pub output: u64,
}

/// One provider the engine may send requests to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderConfiguration {
    /// Its id; the first half of a model's reference.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Where its OpenAI-compatible interface is, such as `http://127.0.0.1:11434/v1`.
    pub base_url: String,
    /// A throw-away token for a proxy or a model server of our own. Never a provider's key: the engine shows its
    /// whole configuration to whoever has its password, and every command an agent runs can read the file.
    pub token: Option<String>,
    /// Its models.
    pub models: Vec<ModelConfiguration>,
}

/// Permission rules for one agent, over those for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentPermission {
    /// The agent's name.
    pub agent: String,
    /// The rules, in the engine's form; see [`EngineConfiguration::permission`].
    pub permission: Value,
}

/// What the engine is told.
///
/// It goes into a file of ours that `OPENCODE_CONFIG` names (see [`Launch`](crate::Launch)). After the file
/// changed, [`reload`](cowork_engine::Engine::reload) makes a folder's instance read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineConfiguration {
    /// All providers there are; the engine's own list of some two hundred is switched off, unless `others_too`.
    pub providers: Vec<ProviderConfiguration>,
    /// Providers of the home that the engine lives in are there too: it is the person's own.
    pub others_too: bool,
    /// The model for prompts that name none, as `provider/model`.
    pub default_model: Option<String>,
    /// The model for titles and other small work, as `provider/model`; the default model when absent. Without
    /// either the engine would pick one by itself.
    pub small_model: Option<String>,
    /// The permission rules as the engine takes them: an object from a permission's name to an action, or to an
    /// object from patterns to actions.
    ///
    /// Order decides: of all rules whose name and pattern match, the last wins, the engine's own come before
    /// these, and a `*` that comes late overrides what was said before it. So general rules go first. What is
    /// denied with the pattern `*` is not even offered to the model.
    pub permission: Value,
    /// Rules for single agents, which come after those for all. An agent's restrictions of the engine's own making
    /// (the planning agent may not edit) come before ours and are lost when `permission` speaks of the same
    /// thing, so they must be said again here.
    pub agents: Vec<AgentPermission>,
}

impl EngineConfiguration {
    /// The file's content.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut file = Map::new();
        // With it the engine does not rewrite the file.
        file.insert("$schema".into(), "https://opencode.ai/config.json".into());
        if let Some(model) = &self.default_model {
            file.insert("model".into(), model.as_str().into());
        }
        if let Some(model) = self.small_model.as_ref().or(self.default_model.as_ref()) {
            file.insert("small_model".into(), model.as_str().into());
        }
        file.insert("share".into(), "disabled".into());
        file.insert("autoupdate".into(), false.into());
        let enabled: Vec<&str> = self
            .providers
            .iter()
            .map(|provider| provider.id.as_str())
            .collect();
        if !self.others_too {
            file.insert("enabled_providers".into(), json!(enabled));
        }
        let providers: Map<String, Value> = self
            .providers
            .iter()
            .map(|provider| (provider.id.clone(), provider.to_json()))
            .collect();
        file.insert("provider".into(), Value::Object(providers));
        file.insert("permission".into(), self.permission.clone());
        if !self.agents.is_empty() {
            let agents: Map<String, Value> = self
                .agents
                .iter()
                .map(|of| (of.agent.clone(), json!({ "permission": of.permission })))
                .collect();
            file.insert("agent".into(), Value::Object(agents));
        }
        file.insert("mcp".into(), json!({}));
        Value::Object(file)
    }

    /// The file, as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        format!("{:#}\n", self.to_json()).into_bytes()
    }
}

impl ProviderConfiguration {
    fn to_json(&self) -> Value {
        let mut options = Map::new();
        options.insert("baseURL".into(), self.base_url.as_str().into());
        // Without one the engine looks for a key among its own credentials; with an empty one it sends none.
        options.insert("apiKey".into(), self.token.as_deref().unwrap_or_default().into());
        let models: Map<String, Value> = self
            .models
            .iter()
            .map(|model| {
                let content = json!({
                    "name": model.name,
                    "tool_call": true,
                    "limit": { "context": model.context, "output": model.output },
                });
                (model.id.clone(), content)
            })
            .collect();
        json!({ "npm": COMPATIBLE_PACKAGE, "name": self.name, "options": options, "models": models })
    }
}
