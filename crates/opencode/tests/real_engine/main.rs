//! The adapter against the real engine, with a scripted model behind it.
//!
//! `COWORK_ENGINE` names the engine's program; without it these tests fail and say so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asks;
mod life;
#[path = "../support/mod.rs"]
mod support;
mod turns;

use anyhow::Result;
use cowork_engine::{
    Engine as _, EngineError, EngineEvent, Envelope, MessageId, MessageWithParts, ModelReference,
    PartContent, PermissionAsk, PermissionId, PermissionKind, PermissionReply, Prompt, QuestionAsk, Role,
    SessionId, SessionStatus, ToolCall, ToolState, TurnErrorKind,
};
use cowork_opencode::{Password, probe};
use cowork_scripted_model::{Action, Script, Step};
use serde_json::json;
use support::{RunningEngine, message_id};

fn tool_then_text(name: &str, arguments: serde_json::Value) -> Script {
    Script::new([
        Step::new([Action::tool(name, arguments)]),
        Step::new([Action::text("after the tool")]),
    ])
}

fn asked(events: &[Envelope]) -> &PermissionAsk {
    let ask = events.iter().find_map(|envelope| match &envelope.event {
        EngineEvent::PermissionAsked(ask) => Some(ask),
        _ => None,
    });
    ask.unwrap()
}

fn is_ask(event: &EngineEvent) -> bool {
    matches!(event, EngineEvent::PermissionAsked(_))
}

fn tools(messages: &[MessageWithParts]) -> Vec<&ToolCall> {
    messages
        .iter()
        .flat_map(|message| &message.parts)
        .filter_map(|part| match &part.content {
            PartContent::Tool(call) => Some(call.as_ref()),
            _ => None,
        })
        .collect()
}

fn texts(messages: &[MessageWithParts], role: Role) -> Vec<&str> {
    messages
        .iter()
        .filter(|message| message.message.role == role)
        .flat_map(|message| &message.parts)
        .filter_map(|part| match &part.content {
            PartContent::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn failure(events: &[Envelope]) -> Vec<TurnErrorKind> {
    events
        .iter()
        .filter_map(|envelope| match &envelope.event {
            EngineEvent::TurnFailed { error, .. } => Some(error.kind),
            _ => None,
        })
        .collect()
}

impl RunningEngine {
    async fn messages(&self, session: &SessionId) -> Result<Vec<MessageWithParts>> {
        Ok(self.client.snapshot(&self.folder, session, None).await?.messages)
    }

    async fn reply(&self, ask: &PermissionAsk, reply: PermissionReply) -> Result<()> {
        Ok(self
            .client
            .answer_permission(&self.folder, &ask.id, reply)
            .await?)
    }

    /// Runs a turn that calls one tool and answers whatever it asks for; gives the asks and the call.
    async fn turn_with(
        &mut self,
        script: &Script,
        reply: PermissionReply,
    ) -> Result<(Vec<PermissionAsk>, ToolCall)> {
        let session = self.session().await?.id;
        self.send(&session, script).await?;
        let mut asks = Vec::new();
        loop {
            let idle = |event: &EngineEvent| matches!(event, EngineEvent::StatusChanged { session: of, status: SessionStatus::Idle } if *of == session);
            let events = self.until(|event| is_ask(event) || idle(event)).await?;
            let new: Vec<PermissionAsk> = events
                .iter()
                .filter_map(|envelope| match &envelope.event {
                    EngineEvent::PermissionAsked(ask) if ask.session == session => Some(ask.clone()),
                    _ => None,
                })
                .collect();
            for ask in &new {
                self.reply(ask, reply.clone()).await?;
            }
            let over = new.is_empty() && events.iter().any(|envelope| idle(&envelope.event));
            asks.extend(new);
            if over {
                let messages = self.messages(&session).await?;
                return Ok((asks, tools(&messages)[0].clone()));
            }
        }
    }
}
