//! Messages and their parts.

use cowork_engine::{
    Message, MessageId, MessageWithParts, ModelReference, Part, PartContent, PartId, Role, SessionId, Usage,
};
use serde_json::Value;

use crate::failure::{cut_at_output_limit, turn_error};
use crate::memory::Memory;
use crate::tool::tool_call;
use crate::wire;
use crate::wire::whole;

/// None for a message of neither the person nor the model.
pub(crate) fn message(info: wire::MessageInfo) -> Option<Message> {
    let role = match info.role.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => return None,
    };
    let model = match (info.model, info.provider_id, info.model_id) {
        (Some(pair), ..) => Some(ModelReference {
            provider: pair.provider,
            model: pair.model,
        }),
        (None, Some(provider), Some(model)) => Some(ModelReference { provider, model }),
        _ => None,
    };
    let cut = info.finish.as_deref() == Some("length");
    Some(Message {
        id: MessageId::new(info.id),
        session: SessionId::new(info.session),
        role,
        parent: info.parent.map(MessageId::new),
        agent: info.agent,
        model,
        created: info.time.created.unwrap_or_default(),
        completed: info.time.completed,
        usage: usage(&info.tokens, info.cost),
        error: info
            .error
            .as_ref()
            .map(turn_error)
            .or_else(|| cut.then(cut_at_output_limit)),
        summary: info.summary == Some(Value::Bool(true)),
    })
}

pub(crate) fn part(info: wire::PartInfo, memory: &Memory) -> Part {
    let id = PartId::new(info.id.as_str());
    let message = MessageId::new(info.message.as_str());
    let content = match info.kind.as_str() {
        "text" => PartContent::Text {
            text: info.text,
            synthetic: info.synthetic,
        },
        "reasoning" => PartContent::Reasoning {
            text: info.text,
            started: info.time.start,
            ended: info.time.end,
        },
        "tool" => PartContent::Tool(Box::new(tool_call(info.tool, info.call, &info.state, memory))),
        "file" => PartContent::File {
            name: info
                .filename
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| name_in(&info.url)),
            media_type: info.mime,
        },
        "step-start" => PartContent::StepStarted,
        "step-finish" => PartContent::StepFinished {
            usage: usage(&info.tokens, info.cost),
        },
        "patch" => PartContent::Patch { files: info.files },
        "compaction" => PartContent::Compaction,
        _ => PartContent::Other { kind: info.kind },
    };
    Part { id, message, content }
}

/// None for a message of neither the person nor the model.
pub(crate) fn with_parts(wire: wire::MessageWithParts, memory: &Memory) -> Option<MessageWithParts> {
    Some(MessageWithParts {
        message: message(wire.info)?,
        parts: wire.parts.into_iter().map(|info| part(info, memory)).collect(),
    })
}

fn usage(tokens: &wire::Tokens, cost: f64) -> Usage {
    Usage {
        input: whole(tokens.input),
        output: whole(tokens.output),
        reasoning: whole(tokens.reasoning),
        cache_read: whole(tokens.cache.read),
        cache_write: whole(tokens.cache.write),
        cost,
    }
}

/// The last segment of an address; a `data:` address has none that means anything.
fn name_in(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit('/').next() {
        Some(name) if !name.is_empty() && !address.starts_with("data:") => name.to_owned(),
        _ => "file".to_owned(),
    }
}
