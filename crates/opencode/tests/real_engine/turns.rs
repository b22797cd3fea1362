//! Turns: how they go, how they are ended and how they fail.

use super::*;

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
