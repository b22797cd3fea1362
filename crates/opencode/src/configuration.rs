//! The configuration file the engine is given.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::launch::PROXY_TOKEN_VARIABLE;

/// The package inside the engine's binary that speaks to every OpenAI-compatible address.
const COMPATIBLE_PACKAGE: &str = "@ai-sdk/openai-compatible";

/// One model of a provider that the engine's own catalogue does not know.
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
    /// Whether it calls tools. The engine sends no tools to one that does not.
    pub tool_call: bool,
    /// Whether it reasons before it answers.
    pub reasoning: bool,
    /// What it reads beside text, in the engine's words: `image`, `pdf`, `audio`, `video`. The engine sends no file
    /// of a kind that is not named.
    pub reads: Vec<String>,
}

impl ModelConfiguration {
    /// A model that calls tools and reads text, which is what is assumed of one that says nothing about itself.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>, context: u64, output: u64) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            context,
            output,
            tool_call: true,
            reasoning: false,
            reads: Vec::new(),
        }
    }
}

/// Who a provider is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// One of the engine's own catalogue, by whose id it finds the models, their protocol and what this provider
    /// needs beside. A provider under any other id gets none of that.
    Known {
        /// The models to offer; all of them when empty. Needed where some of a provider's models are at another
        /// address, since `base_url` is used for all.
        models: Vec<String>,
        /// What the engine wants to know of the provider beside its address, by the engine's name for it, such as
        /// `region`. Never a secret.
        options: BTreeMap<String, String>,
    },
    /// One of the engine's own catalogue at which the engine itself signed in. It finds all it needs among its own
    /// credentials; it is only let in.
    SignedIn,
    /// Any other, which has to speak `OpenAI`'s chat completions.
    Custom {
        /// Its name for people.
        name: String,
        /// Its models.
        models: Vec<ModelConfiguration>,
    },
}

/// What the engine shows a provider. Never a provider's key: the engine shows its whole configuration to whoever has
/// its password, and every command an agent runs can read the file and the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderToken {
    /// The token of this run's proxy, which stands in the engine's environment ([`PROXY_TOKEN_VARIABLE`]) and not in
    /// the file, so that the file stays as it is when the token changes. The person's own key for the provider, should
    /// one stand in the engine's environment, is not looked at then.
    Proxy,
    /// A token of a model server of our own.
    OwnServer(String),
    /// Nothing.
    None,
}

/// One provider the engine may send requests to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderConfiguration {
    /// Its id; the first half of a model's reference.
    pub id: String,
    /// Where requests go, such as `http://127.0.0.1:4711/anthropic`; what the provider's protocol asks for stands
    /// below it.
    pub base_url: String,
    /// What the engine shows there.
    pub token: ProviderToken,
    /// Who it is.
    pub kind: ProviderKind,
}

/// Permission rules for one agent, over those for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentPermission {
    /// The agent's name.
    pub agent: String,
    /// The rules, in the engine's form; see [`EngineConfiguration::permission`].
    pub permission: Value,
}

/// A server of tools (MCP) that the engine starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerConfiguration {
    /// Its name; tools are called after it.
    pub name: String,
    /// The program and its arguments. What it may reach is up to the program that is named here: a server runs beside
    /// the engine unless that is a wrapper.
    pub command: Vec<String>,
}

impl ServerConfiguration {
    fn to_json(&self) -> Value {
        json!({ "type": "local", "command": self.command, "enabled": true })
    }
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
    /// Servers of tools.
    pub servers: Vec<ServerConfiguration>,
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
            .filter(|provider| provider.kind != ProviderKind::SignedIn)
            .map(|provider| (provider.id.clone(), provider.to_json(self.others_too)))
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
        let servers: Map<String, Value> = self
            .servers
            .iter()
            .map(|server| (server.name.clone(), server.to_json()))
            .collect();
        file.insert("mcp".into(), Value::Object(servers));
        // Both run programs of the folder beside the engine, where its password is, and without an ask: a formatter
        // after each edit, a language server when a file is opened.
        file.insert("formatter".into(), false.into());
        file.insert("lsp".into(), false.into());
        Value::Object(file)
    }

    /// The file, as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        format!("{:#}\n", self.to_json()).into_bytes()
    }
}

impl ProviderConfiguration {
    /// `beside_others` where the engine has credentials of the person's own, which would win over the environment.
    fn to_json(&self, beside_others: bool) -> Value {
        let mut provider = Map::new();
        let mut options = Map::new();
        options.insert("baseURL".into(), self.base_url.as_str().into());
        match &self.token {
            ProviderToken::Proxy => {
                provider.insert("env".into(), json!([PROXY_TOKEN_VARIABLE]));
                if beside_others {
                    options.insert("apiKey".into(), format!("{{env:{PROXY_TOKEN_VARIABLE}}}").into());
                }
            }
            ProviderToken::OwnServer(token) => {
                options.insert("apiKey".into(), token.as_str().into());
            }
            // Without the option the engine looks for a key among its own credentials; with an empty one it sends none.
            ProviderToken::None => {
                options.insert("apiKey".into(), "".into());
            }
        }
        match &self.kind {
            ProviderKind::SignedIn => {}
            ProviderKind::Known {
                models,
                options: more,
            } => {
                if !models.is_empty() {
                    provider.insert("whitelist".into(), json!(models));
                }
                for (name, value) in more {
                    // Where requests go and what is shown there is not for a provider's peculiarities to say.
                    if !options.contains_key(name) && name != "apiKey" {
                        options.insert(name.clone(), value.as_str().into());
                    }
                }
            }
            ProviderKind::Custom { name, models } => {
                let models: Map<String, Value> = models
                    .iter()
                    .map(|model| (model.id.clone(), model.to_json()))
                    .collect();
                provider.insert("npm".into(), COMPATIBLE_PACKAGE.into());
                provider.insert("name".into(), name.as_str().into());
                provider.insert("models".into(), Value::Object(models));
            }
        }
        provider.insert("options".into(), Value::Object(options));
        Value::Object(provider)
    }
}

impl ModelConfiguration {
    fn to_json(&self) -> Value {
        let input: Vec<&str> = std::iter::once("text")
            .chain(self.reads.iter().map(String::as_str))
            .collect();
        json!({
            "name": self.name,
            "tool_call": self.tool_call,
            "reasoning": self.reasoning,
            "attachment": !self.reads.is_empty(),
            "modalities": { "input": input, "output": ["text"] },
            "limit": { "context": self.context, "output": self.output },
        })
    }
}
