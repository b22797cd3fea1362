//! Commands from afar, also those that a crash cut off.

use cowork_pairing::journal::Journal as _;

use super::*;

#[tokio::test]
async fn a_prompt_that_a_crash_cut_off_is_looked_for_and_not_sent_twice() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    keeper.received(&asked.command).await.unwrap();
    keeper.doing("cmd_1").await.unwrap();
    desk.engine.has_none.store(true, Ordering::SeqCst);
    assert_eq!(
        desk.hands().reconcile(&asked).await,
        Reconciled::NotDone,
        "it ended before anything was written down"
    );
    let result = desk.hands().carry_out(&asked).await;
    assert_eq!(result.status, ResultStatus::Completed, "{result:?}");
    let sent = desk.engine.prompts.lock().unwrap()[0].message.to_string();
    assert_eq!(desk.mark("cmd_1"), Some(sent.clone()));

    // The app ended before that was written down, and the engine has it.
    desk.engine.has_none.store(false, Ordering::SeqCst);
    let Reconciled::Done(found) = desk.hands().reconcile(&asked).await else {
        panic!("it is there");
    };
    assert_eq!(found.data.unwrap()["message"], sent.as_str());
    keeper.done("cmd_1", &result).await.unwrap();
    let record = keeper.by_id("cmd_1").await.unwrap().unwrap();
    assert_eq!(record.stage, Stage::Done(result));
    assert_eq!(desk.engine.prompts.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_prompt_whose_connection_ended_while_it_was_sent_goes_on_and_is_not_sent_twice() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    keeper.received(&asked.command).await.unwrap();
    keeper.doing("cmd_1").await.unwrap();
    let (goes_on, waits) = tokio::sync::oneshot::channel();
    *desk.engine.prompt_waits.lock().unwrap() = Some(waits);
    let hands = desk.hands();
    let sent = || desk.engine.prompts.lock().unwrap().len();
    tokio::select! {
        result = hands.carry_out(&asked) => panic!("it is not over: {result:?}"),
        () = until("the engine was asked", || sent() == 1) => {}
    }
    // Another connection, and the engine has nothing yet.
    desk.engine.has_none.store(true, Ordering::SeqCst);
    let hands = desk.hands();
    let looks = hands.reconcile(&asked);
    goes_on.send(()).unwrap();
    let Reconciled::Done(result) = looks.await else {
        panic!("it came to its end");
    };
    assert_eq!((result.status, sent()), (ResultStatus::Completed, 1));
}

#[tokio::test]
async fn a_prompt_that_never_arrived_is_sent_anew_and_never_becomes_the_person_s_draft() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    keeper.received(&asked.command).await.unwrap();
    keeper.doing("cmd_1").await.unwrap();
    let store = &desk.workspace.inner.store;
    let message = MessageId::from("msg_lost");
    store.mark_command(PAIRING, "cmd_1", message.as_str()).unwrap();
    index::keep_prompt(store, &SessionId::from(SESSION), &message, "Do it", now()).unwrap();
    desk.engine.has_none.store(true, Ordering::SeqCst);
    // The window opens the thread before the connection is there.
    let open = desk.workspace.open_session(SESSION, None).await.unwrap();
    assert_eq!(open.draft, "");
    assert_eq!(desk.hands().reconcile(&asked).await, Reconciled::NotDone);
    assert_eq!(
        desk.hands().reconcile(&asked).await,
        Reconciled::Unknown,
        "where nothing is left of it nobody can tell what became of it"
    );
    let open = desk.workspace.open_session(SESSION, None).await.unwrap();
    assert_eq!(open.draft, "");
}

#[tokio::test]
async fn an_end_while_a_prompt_is_handed_over_leaves_nothing_waiting_for_it() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    keeper.received(&asked.command).await.unwrap();
    let (goes_on, waits) = tokio::sync::oneshot::channel();
    *desk.engine.prompt_waits.lock().unwrap() = Some(waits);
    let sent = || desk.engine.prompts.lock().unwrap().len();
    let hands = desk.hands();
    let ends = async {
        until("the engine was asked", || sent() == 1).await;
        desk.workspace.revoke_pairing(PAIRING).await.unwrap();
    };
    let (result, ()) = tokio::join!(hands.carry_out(&asked), ends);
    assert_eq!(result.status, ResultStatus::Failed, "{result:?}");
    let message = desk.engine.prompts.lock().unwrap()[0].message.to_string();
    let composing = &desk.workspace.inner.composing;
    assert!(composing.is_handed_over(&message));
    goes_on.send(()).unwrap();
    until("the prompt is the engine's", || {
        !composing.is_handed_over(&message)
    })
    .await;
}

#[tokio::test]
async fn a_prompt_whose_pairing_is_paused_before_the_engine_has_it_does_not_go_out() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    desk.workspace.pause_pairing(PAIRING, true).await.unwrap();
    let outgoing = crate::operations::prompts::Outgoing {
        text: "Do it".to_owned(),
        ..Default::default()
    };
    let from = crate::operations::prompts::FromAfar {
        pairing: PAIRING.to_owned(),
        holder: "afar_1".to_owned(),
    };
    let sent = desk
        .workspace
        .send_marked(SESSION, outgoing, MessageId::from("msg_1"), from)
        .await;
    assert!(matches!(sent, Err(WorkspaceError::NotAllowed(_))), "{sent:?}");
    assert!(desk.engine.prompts.lock().unwrap().is_empty());
    assert_eq!(
        desk.workspace.open_session(SESSION, None).await.unwrap().draft,
        ""
    );
}

#[tokio::test]
async fn files_from_afar_are_in_no_composer_whatever_becomes_of_their_prompt() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let workspace = &desk.workspace;
    let attached = async || workspace.composer(SESSION).await.unwrap().attachments.len();
    let kept = || workspace.inner.store.attachment_ids().unwrap().len();
    let files = json!([{ "name": "notes.txt", "data": "V2hhdCBpdCBzYXlz" }]);
    let with = |text: &str| {
        let payload = json!({ "text": text, "attachments": files });
        asked(CommandKind::Prompt, Some(SESSION), Some(payload))
    };

    // Attached, and refused before it was on its way.
    let result = desk.hands().carry_out(&with(" ")).await;
    assert_eq!(result.status, ResultStatus::Failed, "{result:?}");
    assert_eq!((attached().await, kept()), (0, 0));

    let asked = with("Read it");
    desk.keeper().received(&asked.command).await.unwrap();

    // While it is being sent, and once the engine refused it.
    let (goes_on, waits) = tokio::sync::oneshot::channel();
    *desk.engine.prompt_waits.lock().unwrap() = Some(waits);
    let refused = cowork_engine::EngineError::Refused {
        status: 400,
        message: "no".to_owned(),
    };
    desk.engine.refusals.lock().unwrap().push_back(refused);
    let sent = || desk.engine.prompts.lock().unwrap().len();
    let hands = desk.hands();
    let looks = async {
        until("the engine was asked", || sent() == 1).await;
        assert_eq!((attached().await, kept()), (0, 1));
        goes_on.send(()).unwrap();
    };
    let (result, ()) = tokio::join!(hands.carry_out(&asked), looks);
    assert_eq!(result.status, ResultStatus::Failed, "{result:?}");
    assert_eq!((attached().await, kept()), (0, 0));
    assert_eq!(workspace.open_session(SESSION, None).await.unwrap().draft, "");

    // Once it was taken.
    let result = desk.hands().carry_out(&asked).await;
    assert_eq!(result.status, ResultStatus::Completed, "{result:?}");
    let parts = desk.engine.prompts.lock().unwrap()[1].parts.clone();
    let is_it = |part: &PromptPart| matches!(part, PromptPart::File { name, .. } if name == "notes.txt");
    assert!(matches!(parts.as_slice(), [one] if is_it(one)), "{parts:?}");
    assert_eq!(attached().await, 0);

    // After an end of the app in between: nobody hands it over, and the next start sweeps it up.
    let given = crate::operations::attachments::GivenFile {
        name: "cut off.txt".to_owned(),
        bytes: b"cut off".to_vec(),
    };
    let cut_off = workspace
        .attach_for(SESSION, "afar_cut_off", vec![given])
        .await
        .unwrap();
    assert_eq!(attached().await, 0);
    workspace.sweep_attachments().await;
    let left = workspace.inner.store.attachment_ids().unwrap();
    assert!(!left.contains(&cut_off.attached[0].id), "{left:?}");
}

#[tokio::test]
async fn a_session_that_a_crash_cut_off_is_found_where_it_was_to_be_made() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(None);
    let asked = asked(CommandKind::CreateSession, None, None);
    desk.keeper().received(&asked.command).await.unwrap();
    assert_eq!(desk.hands().reconcile(&asked).await, Reconciled::NotDone);
    let mark = json!({ "folder": desk.folder.path(), "alone": true, "since": 0 }).to_string();
    desk.workspace
        .inner
        .store
        .mark_command(PAIRING, "cmd_1", &mark)
        .unwrap();
    assert_eq!(
        desk.hands().reconcile(&asked).await,
        Reconciled::NotDone,
        "the folder is there, and nothing was begun in it"
    );
    desk.engine.listed.lock().unwrap().push(Session {
        folder: desk.folder.path().to_owned(),
        ..told::listed(&SessionId::from("ses_afar"), None)
    });
    let Reconciled::Done(found) = desk.hands().reconcile(&asked).await else {
        panic!("one was begun in it");
    };
    assert_eq!(found.session.unwrap()["id"], "ses_afar");
    let threads = desk.workspace.inner.store.shared_threads(PAIRING).unwrap();
    assert_eq!(
        threads[0].session, "ses_afar",
        "it is shared with who asked for it"
    );
}

#[tokio::test]
async fn what_is_not_shared_is_not_there() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(None);
    for asked in [
        prompt(),
        asked(CommandKind::Abort, Some(SESSION), None),
        asked(
            CommandKind::Prompt,
            Some("ses_none"),
            Some(json!({ "text": "x" })),
        ),
    ] {
        let result = desk.hands().carry_out(&asked).await;
        let said = result.message.unwrap();
        assert_eq!(
            (result.status, said.as_str()),
            (ResultStatus::Failed, "There is no such thread at the desktop.")
        );
    }
    let status = desk
        .hands()
        .carry_out(&asked(CommandKind::Status, None, None))
        .await;
    assert_eq!(status.sessions, Some(Vec::new()));
    assert!(desk.engine.prompts.lock().unwrap().is_empty());
    let proposed = asked(
        CommandKind::PermissionRespond,
        Some(SESSION),
        Some(json!({ "permissionId": "per_1", "allowed": true })),
    );
    assert_eq!(desk.hands().propose(&proposed).await.status, ResultStatus::Failed);
    assert!(desk.workspace.inner.state().remote.proposals.is_empty());
}

#[tokio::test]
async fn a_refusal_that_is_repeated_does_not_wash_out_the_audit() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    for _ in 0..20 {
        keeper.refused(&asked.command, "it is another's").await.unwrap();
    }
    keeper
        .refused(&asked.command, "its lease was over when it came")
        .await
        .unwrap();
    let audit = desk.workspace.pairing_audit(None, None).await.unwrap();
    assert_eq!(audit.rows.len(), 2, "one of each reason: {audit:?}");
}

#[tokio::test]
async fn a_server_that_takes_no_events_does_not_wash_out_the_audit() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let keeper = desk.keeper();
    for number in 1..=20 {
        desk.has_told("Hello");
        let mut instead = desk.waiting().remove(0);
        (instead.sequence, instead.payload) = (Some(number), None);
        keeper.set_aside(instead, "422 no").await.unwrap();
    }
    let audit = desk.workspace.pairing_audit(None, None).await.unwrap();
    assert_eq!(audit.rows.len(), 1, "{audit:?}");
    assert!(audit.rows[0].detail.contains("event 1 was refused"), "{audit:?}");
    let replaced = desk.waiting();
    let void = replaced.iter().filter(|event| event.payload.is_none()).count();
    assert_eq!(void, 20, "each of them is");
}

#[tokio::test]
async fn a_name_from_afar_shows_nothing_that_is_not_seen() {
    let command = Command {
        actor_label: Some(format!("Ada\u{202e}\n at this desktop {}", "x".repeat(300))),
        ..prompt().command
    };
    let who = crate::remote::kept::who(&command).unwrap();
    assert!(who.starts_with("Ada\u{fffd} at this desktop x"), "{who}");
    assert_eq!(who.chars().count(), 100);
}

#[tokio::test]
async fn a_command_is_answered_with_what_it_came_to_first_and_written_down() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    keeper.received(&asked.command).await.unwrap();
    keeper.received(&asked.command).await.unwrap();
    let failed = CommandResult::new(ResultStatus::Failed, Some("No.".to_owned()));
    keeper.done("cmd_1", &failed).await.unwrap();
    keeper
        .done("cmd_1", &CommandResult::new(ResultStatus::Completed, None))
        .await
        .unwrap();
    let record = keeper.by_sequence(1).await.unwrap().unwrap();
    assert_eq!(record.stage.result(), Some(&failed));
    let audit = desk.workspace.pairing_audit(None, None).await.unwrap();
    let accepted = audit.rows.iter().filter(|row| row.action == "command.accepted");
    assert_eq!(accepted.count(), 1);
    assert!(
        audit.rows.iter().all(|row| !row.detail.contains("Do it")),
        "never the words"
    );
    let book = desk.workspace.pairing_book().await.unwrap();
    let last = book.pairings.rows[0].last_command.clone().unwrap();
    assert_eq!((last.kind.as_str(), last.who.as_deref()), ("prompt", Some("Ada")));
}
