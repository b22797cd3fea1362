//! The adapter against the real engine, with a scripted model behind it.
//!
//! `COWORK_ENGINE` names the engine's program; without it these tests fail and say so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

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

#[tokio::test]
async fn a_prompt_is_answered_in_deltas_and_the_snapshot_says_the_same() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let session = engine.session().await?;
    assert_eq!(
        session.folder, engine.folder,
        "a folder with any name is the session's own"
    );
    let script = Script::new([Step::new([
        Action::reasoning("let me see"),
        Action::paced_text("A text that comes in pieces.", 5, 4),
    ])]);
    let prompt = engine.send(&session.id, &script).await?;
    let mut events = engine.until_idle(&session.id).await?;
    assert!(events.iter().all(|envelope| {
        envelope
            .folder
            .as_ref()
            .is_none_or(|folder| *folder == engine.folder)
    }));
    let grown: Vec<&str> = events
        .iter()
        .filter_map(|envelope| match &envelope.event {
            EngineEvent::PartGrew { delta, .. } => Some(delta.as_str()),
            _ => None,
        })
        .collect();
    assert!(grown.len() > 6, "text is streamed, not sent at once: {grown:?}");
    assert!(grown.concat().contains("A text that comes in pieces."));

    let snapshot = engine.client.snapshot(&engine.folder, &session.id, None).await?;
    assert_eq!(snapshot.status, SessionStatus::Idle);
    assert_eq!(snapshot.messages.len(), 2);
    assert_eq!(
        snapshot.messages[0].message.id, prompt,
        "the prompt has the id we gave it"
    );
    assert!(
        prompt < snapshot.messages[1].message.id,
        "and sorts before its answer"
    );
    assert_eq!(snapshot.messages[1].message.parent.as_ref(), Some(&prompt));
    assert!(snapshot.messages[1].message.usage.output > 0);

    // The last that the stream told of each part is what the snapshot holds.
    events.extend(
        engine
            .until(|event| matches!(event, EngineEvent::Heartbeat))
            .await?,
    );
    for part in snapshot.messages.iter().flat_map(|message| &message.parts) {
        let streamed = events.iter().rev().find_map(|envelope| match &envelope.event {
            EngineEvent::PartChanged { part: streamed, .. } if streamed.id == part.id => Some(streamed),
            _ => None,
        });
        assert_eq!(streamed, Some(part));
    }

    let counters = engine.client.counters();
    assert_eq!(counters.garbage, 0);
    assert!(counters.duplicates > 0);
    assert!(counters.unreadable.is_empty(), "{:?}", counters.unreadable);
    assert!(
        counters.unknown_fields.is_empty(),
        "{:?}",
        counters.unknown_fields
    );
    engine.stop().await
}

#[tokio::test]
async fn a_prompt_that_is_sent_twice_is_one_prompt() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let session = engine.session().await?.id;
    let prompt = Prompt {
        message: message_id()?,
        text: format!("once {}", Script::say("said once").to_marker()?),
        parts: Vec::new(),
        agent: None,
        model: None,
        variant: None,
    };
    engine
        .client
        .prompt(&engine.folder, &session, prompt.clone())
        .await?;
    engine.until_idle(&session).await?;
    engine
        .client
        .prompt(&engine.folder, &session, prompt.clone())
        .await?;
    engine.until_idle(&session).await?;
    let messages = engine.messages(&session).await?;
    assert_eq!(texts(&messages, Role::User), [prompt.text.as_str()]);
    assert_eq!(texts(&messages, Role::Assistant), ["said once"]);
    engine.stop().await
}

#[tokio::test]
async fn a_command_asks_and_runs_when_allowed() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let session = engine.session().await?.id;
    let script = tool_then_text(
        "bash",
        json!({ "command": "echo hi && rm -f nothing", "description": "try" }),
    );
    engine.send(&session, &script).await?;
    let events = engine.until(is_ask).await?;
    let ask = asked(&events).clone();
    assert_eq!((&ask.kind, &ask.session), (&PermissionKind::Shell, &session));
    assert_eq!(ask.patterns, ["echo hi", "rm -f nothing"]);
    assert_eq!(
        engine
            .client
            .snapshot(&engine.folder, &session, None)
            .await?
            .permissions,
        std::slice::from_ref(&ask)
    );
    let snapshot = engine.client.snapshot(&engine.folder, &session, None).await?;
    assert_eq!(
        (snapshot.permissions, snapshot.status),
        (vec![ask.clone()], SessionStatus::Busy)
    );
    engine.reply(&ask, PermissionReply::Once).await?;
    engine.until_idle(&session).await?;
    let messages = engine.messages(&session).await?;
    let call = tools(&messages)[0];
    assert_eq!(
        (call.state, call.output.as_str(), call.exit),
        (ToolState::Completed, "hi\n", Some(0))
    );
    assert_eq!(texts(&messages, Role::Assistant), ["after the tool"]);
    let again = engine
        .client
        .answer_permission(&engine.folder, &ask.id, PermissionReply::Once)
        .await;
    assert!(
        matches!(again, Err(EngineError::NotFound(_))),
        "an ask is answered once: {again:?}"
    );
    engine.stop().await
}

#[tokio::test]
async fn a_rejection_with_feedback_goes_on_and_one_without_ends_the_turn() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    for (feedback, said) in [(Some("use trash instead"), &["after the tool"][..]), (None, &[])] {
        let session = engine.session().await?.id;
        engine
            .send(
                &session,
                &tool_then_text("bash", json!({ "command": "rm x", "description": "d" })),
            )
            .await?;
        let events = engine.until(is_ask).await?;
        let reply = PermissionReply::Reject {
            feedback: feedback.map(str::to_owned),
        };
        engine.reply(asked(&events), reply).await?;
        engine.until_idle(&session).await?;
        let messages = engine.messages(&session).await?;
        let call = tools(&messages)[0];
        assert_eq!((call.state, call.denied), (ToolState::Failed, true));
        assert_eq!(texts(&messages, Role::Assistant), said);
        assert!(feedback.is_none_or(|feedback| call.error.as_ref().unwrap().contains(feedback)));
    }
    engine.stop().await
}

#[tokio::test]
async fn an_edit_asks_with_its_diff_and_shows_up_as_a_change() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let file = engine.folder.join("a.txt");
    let script = tool_then_text("write", json!({ "filePath": file, "content": "one\ntwo\n" }));
    let (asks, call) = engine.turn_with(&script, PermissionReply::Once).await?;
    assert_eq!(asks[0].kind, PermissionKind::Edit);
    assert!(asks[0].diff.as_ref().unwrap().contains("+one\n+two\n"));
    assert_eq!(asks[0].path.as_deref(), file.to_str());
    assert_eq!(call.change.unwrap().additions, 2);
    assert_eq!(std::fs::read_to_string(&file)?, "one\ntwo\n");

    // Written over once more: the engine itself does not say what changed.
    let script = tool_then_text("write", json!({ "filePath": file, "content": "one\n2\n" }));
    let (asks, call) = engine.turn_with(&script, PermissionReply::Once).await?;
    // It wants a file read before it is written over.
    assert!(
        asks.is_empty() && call.state == ToolState::Failed
            || call.change.unwrap().patch.contains("-two\n+2\n")
    );
    engine.stop().await
}

#[tokio::test]
async fn the_rules_ask_for_what_they_should_and_hide_what_they_do_not_name() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    std::fs::write(engine.folder.join(".env"), "SECRET=1\n")?;
    std::fs::write(engine.folder.join("a.txt"), "plain\n")?;
    let no = PermissionReply::Reject { feedback: None };

    let read = |name: &str| tool_then_text("read", json!({ "filePath": engine.folder.join(name) }));
    let (plain, secret) = (read("a.txt"), read(".env"));
    let (asks, call) = engine.turn_with(&plain, no.clone()).await?;
    assert_eq!(
        (asks.len(), call.state, call.output.as_str()),
        (0, ToolState::Completed, "plain")
    );
    let (asks, call) = engine.turn_with(&secret, no.clone()).await?;
    assert_eq!(
        (&asks[0].kind, call.denied),
        (&PermissionKind::Read, true),
        "secrets ask"
    );

    let outside = tool_then_text("read", json!({ "filePath": "/etc/hostname" }));
    let (asks, call) = engine.turn_with(&outside, no.clone()).await?;
    assert_eq!(
        (&asks[0].kind, call.denied),
        (&PermissionKind::ExternalFolder, true)
    );
    assert_eq!(asks[0].path.as_deref(), Some("/etc/hostname"));

    let task = tool_then_text(
        "task",
        json!({ "description": "d", "prompt": "p", "subagent_type": "general" }),
    );
    let (asks, _) = engine.turn_with(&task, no.clone()).await?;
    assert_eq!(asks[0].kind, PermissionKind::Task);

    for unknown in ["websearch", "server_tool"] {
        let (asks, call) = engine
            .turn_with(&tool_then_text(unknown, json!({ "query": "x" })), no.clone())
            .await?;
        assert!(asks.is_empty());
        assert_eq!(
            (call.name.as_str(), call.state),
            (unknown, ToolState::Failed),
            "a hidden tool cannot be called"
        );
        assert!(
            call.error.as_ref().unwrap().contains("unavailable tool"),
            "{call:?}"
        );
    }

    let session = engine.session().await?.id;
    let write = tool_then_text(
        "write",
        json!({ "filePath": engine.folder.join("b.txt"), "content": "x" }),
    );
    engine.send_to(&session, &write, Some("plan"), None).await?;
    engine.until_idle(&session).await?;
    let messages = engine.messages(&session).await?;
    assert_eq!(
        tools(&messages)[0].state,
        ToolState::Failed,
        "the planning agent may not write"
    );
    assert!(!engine.folder.join("b.txt").exists());
    engine.stop().await
}

#[tokio::test]
async fn an_ask_the_engine_cannot_list_is_still_known() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let session = engine.session().await?.id;
    let fetch = tool_then_text(
        "webfetch",
        json!({ "url": "http://127.0.0.1:9/", "format": "text" }),
    );
    engine.send(&session, &fetch).await?;
    let events = engine.until(is_ask).await?;
    let ask = asked(&events).clone();
    assert_eq!(ask.kind, PermissionKind::Fetch);
    let snapshot = engine.client.snapshot(&engine.folder, &session, None).await?;
    assert_eq!(snapshot.permissions, std::slice::from_ref(&ask));
    engine
        .reply(&ask, PermissionReply::Reject { feedback: None })
        .await?;
    engine.until_idle(&session).await?;
    assert_eq!(
        engine
            .client
            .snapshot(&engine.folder, &session, None)
            .await?
            .permissions,
        []
    );
    engine.stop().await
}

#[tokio::test]
async fn questions_are_answered_or_turned_down() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let script = tool_then_text(
        "question",
        json!({ "questions": [{ "question": "Which colour?", "header": "Colour", "multiple": true,
            "options": [{ "label": "Red", "description": "warm" }, { "label": "Blue", "description": "cool" }] }] }),
    );
    for answers in [Some(vec![vec!["Red".to_owned(), "my own".to_owned()]]), None] {
        let session = engine.session().await?.id;
        engine.send(&session, &script).await?;
        let events = engine
            .until(|event| matches!(event, EngineEvent::QuestionAsked(_)))
            .await?;
        let ask: &QuestionAsk = events
            .iter()
            .find_map(|envelope| match &envelope.event {
                EngineEvent::QuestionAsked(ask) => Some(ask),
                _ => None,
            })
            .unwrap();
        assert!(ask.questions[0].multiple);
        let snapshot = engine.client.snapshot(&engine.folder, &session, None).await?;
        assert_eq!(snapshot.questions, std::slice::from_ref(ask));
        let answered = answers.is_some();
        match answers {
            Some(answers) => {
                engine
                    .client
                    .answer_question(&engine.folder, &ask.id, answers)
                    .await?;
            }
            None => engine.client.reject_question(&engine.folder, &ask.id).await?,
        }
        engine.until_idle(&session).await?;
        let messages = engine.messages(&session).await?;
        let call = tools(&messages)[0];
        assert_eq!(
            (call.state == ToolState::Completed, call.denied),
            (answered, !answered)
        );
        assert!(!answered || call.output.contains("my own"));
    }
    engine.stop().await
}

#[tokio::test]
async fn a_turn_can_be_stopped() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let session = engine.session().await?.id;
    engine
        .send(
            &session,
            &Script::new([Step::new([Action::text("begun "), Action::stall()])]),
        )
        .await?;
    engine
        .until(|event| matches!(event, EngineEvent::PartGrew { .. }))
        .await?;
    engine.client.abort(&engine.folder, &session).await?;
    let events = engine.until_idle(&session).await?;
    assert_eq!(failure(&events), [TurnErrorKind::Aborted]);
    let snapshot = engine.client.snapshot(&engine.folder, &session, None).await?;
    assert_eq!(snapshot.status, SessionStatus::Idle);
    assert_eq!(
        texts(&snapshot.messages, Role::Assistant).concat().trim(),
        "begun",
        "what was said is kept"
    );
    engine.stop().await
}

#[tokio::test]
async fn an_unknown_model_and_an_unknown_agent_are_named_once_each() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let failed = |event: &EngineEvent| matches!(event, EngineEvent::TurnFailed { .. });
    let script = Script::say("never");

    let session = engine.session().await?.id;
    let model = ModelReference {
        provider: "scripted".to_owned(),
        model: "nope".to_owned(),
    };
    engine.send_to(&session, &script, None, Some(model)).await?;
    let mut events = engine.until(failed).await?;
    // The echo, were it passed on, would come before the next heartbeat.
    events.extend(
        engine
            .until(|event| matches!(event, EngineEvent::Heartbeat))
            .await?,
    );
    assert_eq!(failure(&events), [TurnErrorKind::UnknownModel]);

    let session = engine.session().await?.id;
    engine.send_to(&session, &script, Some("nope"), None).await?;
    let mut events = engine.until(failed).await?;
    events.extend(
        engine
            .until(|event| matches!(event, EngineEvent::Heartbeat))
            .await?,
    );
    assert_eq!(failure(&events), [TurnErrorKind::UnknownAgent]);
    assert_eq!(
        engine
            .client
            .snapshot(&engine.folder, &session, None)
            .await?
            .status,
        SessionStatus::Idle
    );
    engine.stop().await
}

#[tokio::test]
async fn a_refused_key_fails_the_turn_and_a_failing_server_is_tried_again() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let session = engine.session().await?.id;
    engine
        .send(&session, &Script::new([Step::new([Action::status(401, None)])]))
        .await?;
    let events = engine.until_idle(&session).await?;
    assert_eq!(failure(&events), [TurnErrorKind::Unauthorized]);

    let session = engine.session().await?.id;
    let script = Script::new([Step::new([Action::status(503, Some(1)), Action::text("at last")])]);
    engine.send(&session, &script).await?;
    let events = engine.until_idle(&session).await?;
    assert!(events.iter().any(|envelope| matches!(
        &envelope.event,
        EngineEvent::StatusChanged {
            status: SessionStatus::Retry { attempt: 1, .. },
            ..
        }
    )));
    assert_eq!(
        texts(&engine.messages(&session).await?, Role::Assistant).concat(),
        "at last"
    );
    engine.stop().await
}

#[tokio::test]
async fn sessions_are_listed_renamed_and_deleted_and_what_is_gone_is_not_found() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let session = engine.session().await?;
    let renamed = engine
        .client
        .rename_session(&engine.folder, &session.id, "A better name")
        .await?;
    assert_eq!(renamed.title, "A better name");
    assert_eq!(engine.client.sessions(&engine.folder).await?.len(), 1);
    assert_eq!(engine.client.sessions(&engine.folder.join("other")).await?, []);
    assert_eq!(
        engine
            .client
            .changes(&engine.folder, &session.id, &message_id()?)
            .await?,
        []
    );
    // Whether a prompt is there is asked by its id.
    let missing = engine
        .client
        .prompt_parts(&engine.folder, &session.id, &message_id()?)
        .await;
    assert!(matches!(missing, Err(EngineError::NotFound(_))), "{missing:?}");
    engine.client.delete_session(&engine.folder, &session.id).await?;
    engine
        .until(|event| *event == EngineEvent::SessionRemoved(session.id.clone()))
        .await?;
    assert_eq!(engine.client.sessions(&engine.folder).await?, []);
    for gone in [
        session.id,
        SessionId::new("ses_none"),
        SessionId::new("../../global"),
        SessionId::new(".."),
    ] {
        let snapshot = engine.client.snapshot(&engine.folder, &gone, None).await;
        assert!(snapshot.is_err(), "{gone}: {snapshot:?}");
    }
    let missing = engine
        .client
        .snapshot(&engine.folder, &SessionId::new("ses_none"), None)
        .await;
    assert!(matches!(missing, Err(EngineError::NotFound(_))), "{missing:?}");
    let unknown = engine
        .client
        .answer_permission(
            &engine.folder,
            &PermissionId::new("per_none"),
            PermissionReply::Once,
        )
        .await;
    assert!(matches!(unknown, Err(EngineError::NotFound(_))), "{unknown:?}");
    let bad = Prompt {
        message: MessageId::new("odd"),
        text: "x".to_owned(),
        parts: Vec::new(),
        agent: None,
        model: None,
        variant: None,
    };
    let session = engine.session().await?.id;
    let refused = engine.client.prompt(&engine.folder, &session, bad).await;
    assert!(
        matches!(refused, Err(EngineError::Refused { status: 400, .. })),
        "{refused:?}"
    );
    engine.stop().await
}

#[tokio::test]
async fn agents_and_models_can_be_chosen_from() -> Result<()> {
    let engine = RunningEngine::start().await?;
    let agents = engine.client.agents(&engine.folder).await?;
    let shown: Vec<&str> = agents
        .iter()
        .filter(|agent| !agent.hidden)
        .map(|agent| agent.name.as_str())
        .collect();
    assert!(shown.contains(&"build") && shown.contains(&"plan"), "{shown:?}");
    assert!(!shown.contains(&"title"));
    let models = engine.client.models(&engine.folder).await?;
    assert_eq!(models.len(), 1, "only what was configured is connected");
    assert_eq!(models[0].reference.to_string(), "scripted/scripted");
    assert_eq!(
        (models[0].name.as_str(), models[0].provider_name.as_str()),
        ("Scripted model", "Scripted")
    );
    assert_eq!(models[0].context, 200_000);
    engine.stop().await
}

#[tokio::test]
async fn a_reload_resets_the_folder_and_the_stream_goes_on() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let session = engine.session().await?.id;
    engine
        .send(
            &session,
            &tool_then_text("bash", json!({ "command": "ls", "description": "d" })),
        )
        .await?;
    engine.until(is_ask).await?;
    engine.client.reload(&engine.folder).await?;
    let folder = engine.folder.clone();
    engine
        .until(|event| *event == EngineEvent::FolderReset(folder.clone()))
        .await?;
    assert_eq!(
        engine
            .client
            .snapshot(&engine.folder, &session, None)
            .await?
            .permissions,
        [],
        "open asks are gone"
    );
    let session = engine.session().await?.id;
    engine.send(&session, &Script::say("still here")).await?;
    engine.until_idle(&session).await?;
    assert_eq!(
        texts(&engine.messages(&session).await?, Role::Assistant),
        ["still here"]
    );
    engine.client.stop_all().await?;
    engine.stop().await
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_never_shown() -> Result<()> {
    let engine = RunningEngine::start().await?;
    let wrong = Password::new("wrong horse");
    let refused = probe(engine.port, &wrong).await;
    assert!(
        matches!(refused, Err(EngineError::Refused { status: 401, .. })),
        "{refused:?}"
    );
    assert!(!format!("{wrong:?}{refused:?}").contains("horse"));
    assert!(!format!("{:?}{:?}", engine.client, engine.password).contains("correct horse"));
    engine.stop().await
}

#[tokio::test]
async fn the_end_of_the_engine_ends_the_stream_with_a_reason() -> Result<()> {
    use futures_util::StreamExt as _;

    let engine = RunningEngine::start().await?;
    let (client, folder) = (engine.client.clone(), engine.folder.clone());
    let mut events = client.events().await?;
    engine.stop().await?;
    let mut ends = Vec::new();
    while let Some(batch) = events.next().await {
        ends.extend(batch.err());
    }
    assert!(matches!(ends[..], [EngineError::Unreachable(_)]), "{ends:?}");
    let gone = client.sessions(&folder).await;
    assert!(matches!(gone, Err(EngineError::Unreachable(_))), "{gone:?}");
    Ok(())
}
