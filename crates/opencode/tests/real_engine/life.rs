//! Sessions, what can be chosen from, and the engine's own life.

use super::*;

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
