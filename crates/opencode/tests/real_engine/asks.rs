//! What tools ask for, and what answers do.

use super::*;

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
