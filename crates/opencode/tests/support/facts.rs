//! What an engine says of all providers that it knows, as it is kept.

use std::collections::BTreeMap;

use cowork_opencode::Launch;
use cowork_providers::{EngineFacts, EngineModel, EngineProvider};
use serde_json::Value;

/// What is kept of all that an engine says.
pub(crate) fn facts_in(said: &Value, program: &[u8]) -> EngineFacts {
    let docs = docs_in(program);
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let mut providers: Vec<_> = said["all"]
        .as_array()
        .unwrap()
        .iter()
        .map(|provider| {
            let models: BTreeMap<&String, &Value> = provider["models"]
                .as_object()
                .unwrap()
                .iter()
                // Pictures, speech and vectors are nothing a turn can be made of.
                .filter(|(_, model)| model["capabilities"]["output"]["text"] == true)
                .collect();
            let api = |model: &Value| (text(&model["api"], "npm"), text(&model["api"], "url"));
            let mut apis: Vec<_> = models.values().map(|model| api(model)).collect();
            apis.sort();
            apis.dedup();
            let id = text(provider, "id");
            EngineProvider {
                name: text(provider, "name"),
                env: provider["env"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|name| Some(name.as_str()?.to_owned()))
                    .collect(),
                docs: docs.get(&id).cloned().unwrap_or_default(),
                models: models
                    .iter()
                    .map(|(id, model)| {
                        let can = |what: &str| model["capabilities"][what] == true;
                        let number = |what: &str| model["limit"][what].as_u64().unwrap_or_default();
                        let variants = model["variants"].as_object();
                        EngineModel {
                            id: (*id).clone(),
                            name: text(model, "name"),
                            context: number("context"),
                            output: number("output"),
                            tool_call: can("toolcall"),
                            reasoning: can("reasoning"),
                            attachment: can("attachment"),
                            variants: variants
                                .map(|all| all.keys().cloned().collect())
                                .unwrap_or_default(),
                            api: apis.iter().position(|known| *known == api(model)).unwrap(),
                        }
                    })
                    .collect(),
                id,
                apis,
            }
        })
        .collect();
    providers.sort_by(|one, other| one.id.cmp(&other.id));
    EngineFacts {
        engine: Launch::EXPECTED_VERSION.to_owned(),
        providers,
    }
}

/// Where each provider's documentation is. The engine has it in its program and tells nobody.
fn docs_in(program: &[u8]) -> BTreeMap<String, String> {
    /// Names, variables and addresses of one provider are shorter together.
    const HEAD: usize = 1_000;
    let mut all = BTreeMap::new();
    for place in memchr::memmem::find_iter(program, ",doc:\"https://") {
        let head = String::from_utf8_lossy(&program[place.saturating_sub(HEAD)..place]);
        let rest = String::from_utf8_lossy(&program[place + 6..(place + HEAD).min(program.len())]);
        let id = head
            .rsplit_once("\",env:[")
            .and_then(|(before, _)| before.rsplit_once("{id:\""));
        if let (Some((_, id)), Some((docs, _))) = (id, rest.split_once('"')) {
            all.entry(id.to_owned()).or_insert_with(|| docs.to_owned());
        }
    }
    all
}
