//! From what the engine says to what can be connected.

use std::collections::BTreeMap;

use crate::descriptor::{Descriptor, Model};
use crate::engine_facts::{EngineModel, EngineProvider};
use crate::known;
use crate::wire::Wire;

/// The provider as it can be connected; none when it cannot be.
pub(crate) fn describe(provider: &EngineProvider) -> Option<Descriptor> {
    let id = provider.id.as_str();
    if known::HIDDEN.iter().any(|(hidden, _)| *hidden == id) {
        return None;
    }
    let (wire, base) = place(provider)?;
    let models: Vec<Model> = provider
        .models
        .iter()
        .filter(|model| is_there(provider, model, wire, &base))
        .map(as_model)
        .collect();
    let keys = known::keys(id);
    let key_url = keys.as_ref().map_or(provider.docs.as_str(), |keys| keys.url);
    Some(Descriptor {
        name: provider.name.clone(),
        description: String::new(),
        wire,
        needs: known::needs(id),
        takes_key: !known::signs_in_only(id),
        key_url: key_url.to_owned(),
        key_placeholder: keys.as_ref().map_or("", |keys| keys.placeholder).to_owned(),
        key_prefix: keys.as_ref().map_or("", |keys| keys.prefix),
        sign_ins: known::sign_ins(id).to_vec(),
        limited: models.len() < provider.models.len(),
        models,
        default_model: None,
        rank: known::POPULAR.iter().position(|popular| *popular == id),
        base: in_inputs(&base)?,
        id: provider.id.clone(),
    })
}

/// How a provider is spoken to and where: as is known, or as most of its models say.
fn place(provider: &EngineProvider) -> Option<(Wire, String)> {
    let mut counts: BTreeMap<(Wire, &str), usize> = BTreeMap::new();
    let own = known::own_base(&provider.id);
    for model in &provider.models {
        let (package, address) = provider.apis.get(model.api)?;
        if let Some(wire) = known::wire_of(package)
            && (own.is_some() == address.is_empty())
        {
            *counts.entry((wire, address.as_str())).or_default() += 1;
        }
    }
    // Of equals the first in the order of their names, so that the answer is always the same.
    let mut best: Option<((Wire, &str), usize)> = None;
    for ((wire, address), count) in counts {
        if best.is_none_or(|(_, most)| count > most) {
            best = Some(((wire, address), count));
        }
    }
    let ((wire, address), _) = best?;
    let wire = known::own_wire(&provider.id).unwrap_or(wire);
    Some((wire, own.unwrap_or(address).trim_end_matches('/').to_owned()))
}

/// Whether a model answers below this address, to requests of this kind.
fn is_there(provider: &EngineProvider, model: &EngineModel, wire: Wire, base: &str) -> bool {
    let Some((package, address)) = provider.apis.get(model.api) else {
        return false;
    };
    let here = address.is_empty() || address.trim_end_matches('/') == base;
    // These speak alike as far as the key and the paths go.
    let chat = [Wire::OpenAi, Wire::OpenAiCompatible, Wire::Copilot];
    here && known::wire_of(package)
        .is_some_and(|spoken| spoken == wire || (chat.contains(&spoken) && chat.contains(&wire)))
}

/// The address with our inputs for the engine's variables; none when a variable is not known.
fn in_inputs(base: &str) -> Option<String> {
    let mut text = base.to_owned();
    for (variable, input) in known::VARIABLES {
        text = text.replace(variable, input);
    }
    (!text.contains('$')).then_some(text)
}

fn as_model(model: &EngineModel) -> Model {
    Model {
        id: model.id.clone(),
        name: model.name.clone(),
        context: model.context,
        output: model.output,
        tool_call: model.tool_call,
        reasoning: model.reasoning,
        attachment: model.attachment,
        variants: model.variants.clone(),
    }
}
