//! What leaves and what does not any more, and what is shown of it beforehand.

use super::*;

#[tokio::test]
async fn a_folder_that_is_taken_off_the_list_is_shared_no_longer_and_begins_nothing_from_afar() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(None);
    let folder = desk.shares_its_folder().await;
    let inner = &desk.workspace.inner;
    let name = {
        let state = inner.state();
        let known = state.remote.find(PAIRING).unwrap();
        crate::remote::hands::shared_folders(known)[0].id.clone()
    };
    let audit = desk.workspace.pairing_audit(None, None).await.unwrap();
    let label = crate::folders::label(desk.folder.path());
    assert_eq!(
        audit.rows[0].detail,
        format!("the folder {label} is shared"),
        "{audit:?}"
    );
    desk.has_told("A canary.");
    desk.workspace.forget_folder(&folder).await.unwrap();
    let row = desk
        .workspace
        .pairing_book()
        .await
        .unwrap()
        .pairings
        .rows
        .remove(0);
    assert_eq!(row.folders, []);
    assert!(inner.store.shared_folders(PAIRING).unwrap().is_empty());
    assert!(!format!("{:?}", desk.waiting()).contains("canary"));
    let begin = asked(CommandKind::CreateSession, None, Some(json!({ "folder": name })));
    let result = desk.hands().carry_out(&begin).await;
    assert_eq!(
        result.message.as_deref(),
        Some("There is no such folder at the desktop.")
    );
    // Its policy can still be changed.
    let closed = PairingPolicy {
        prompts: false,
        ..PairingPolicy::default()
    };
    let kept: Vec<_> = row.folders.iter().map(|folder| folder.folder.clone()).collect();
    let update = desk
        .workspace
        .update_pairing(PAIRING, "Desk", closed, &kept, false, Consent::Missing);
    assert_eq!(update.await.unwrap().policy, closed);
}

#[tokio::test]
async fn what_waits_of_a_thread_that_is_shared_no_longer_does_not_leave() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    desk.has_told("A canary.");
    let before = desk.waiting();
    assert_eq!(before.len(), 2);
    // Also while it is paused: what waits then leaves when it goes on.
    desk.workspace.pause_pairing(PAIRING, true).await.unwrap();
    desk.workspace
        .share_thread(PAIRING, SESSION, false)
        .await
        .unwrap();
    let after = desk.waiting();
    assert!(!format!("{after:?}").contains("canary"), "{after:?}");
    assert_eq!(
        after[0].id, before[0].id,
        "a server that has it takes it for the same"
    );
}

#[tokio::test]
async fn what_a_wider_policy_let_out_does_not_leave_after_it() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let wide = PairingPolicy {
        local_paths: true,
        ..PairingPolicy::default()
    };
    let change = |policy| {
        desk.workspace
            .update_pairing(PAIRING, "Desk", policy, &[], false, Consent::Missing)
    };
    change(wide).await.unwrap();
    desk.workspace.pause_pairing(PAIRING, true).await.unwrap();
    desk.has_told("A canary.");
    change(wide).await.unwrap();
    assert!(format!("{:?}", desk.waiting()).contains("canary"));
    change(PairingPolicy::default()).await.unwrap();
    assert!(!format!("{:?}", desk.waiting()).contains("canary"));
}

#[tokio::test]
async fn a_thread_is_taken_back_also_where_the_policy_changes_with_it() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(None);
    desk.shares_its_folder().await;
    let gone = || {
        let is_gone = |event: &cowork_pairing_protocol::wire::RemoteEvent| {
            event.session_id.as_deref() == Some(SESSION)
                && event
                    .payload
                    .as_ref()
                    .is_some_and(|payload| payload.to_string().to_lowercase().contains("gone"))
        };
        desk.waiting().iter().filter(|event| is_gone(event)).count()
    };
    desk.workspace
        .inner
        .state()
        .remote
        .news
        .pairings
        .insert(PAIRING.to_owned());
    desk.workspace.inner.remote.wake.notify_one();
    until("the thread was told of", || {
        !desk
            .workspace
            .inner
            .store
            .told_threads(PAIRING)
            .unwrap()
            .is_empty()
    })
    .await;
    let closed = PairingPolicy {
        prompts: false,
        ..PairingPolicy::default()
    };
    desk.workspace
        .update_pairing(PAIRING, "Desk", closed, &[], false, Consent::Missing)
        .await
        .unwrap();
    until("the server is told that it is gone", || gone() == 1).await;
    assert!(
        desk.workspace
            .inner
            .store
            .told_threads(PAIRING)
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_could_not_be_written_down_is_told_once_it_can_be_though_nothing_else_happens() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let inner = &desk.workspace.inner;
    let pairing = inner.store.pairing(PAIRING).unwrap().unwrap();
    // Without its row nothing of it can be kept, as on a disk that is full.
    inner.store.forget_pairing(PAIRING).unwrap();
    let waiting = crate::remote::shared::Waiting {
        id: "answer_1".to_owned(),
        pairing: PAIRING.to_owned(),
        command: "cmd_1".to_owned(),
        kind: CommandKind::PermissionRespond,
        session: SessionId::from(SESSION),
        ask: "per_1".to_owned(),
        who: None,
        answer: view::RemoteAnswer::Allow,
        at: 1,
        taken: false,
    };
    let settled = (waiting, crate::remote::shared::Settled::Dropped);
    inner.state().remote.settled.push(settled);
    desk.says(vec![told::part("msg_0", "prt_1", told::text("Hello."))]);
    inner.remote.wake.notify_one();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(desk.waiting().is_empty());
    inner.store.put_pairing(&pairing).unwrap();
    until("both are told", || {
        let all = format!("{:?}", desk.waiting());
        all.contains("Hello.") && all.contains("did not say yes")
    })
    .await;
}

#[tokio::test]
async fn the_preview_is_what_would_leave_and_says_what_was_taken_out() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(None);
    let key = format!("sk-ant-api03-{}", "Ab3dE".repeat(18));
    let text = format!("It is in {}/notes.txt with {key}.", desk.folder.path().display());
    desk.says(vec![told::part("msg_0", "prt_1", told::text(&text))]);
    let preview = desk
        .workspace
        .preview_pairing(Some(PAIRING), None, SESSION, 0)
        .await
        .unwrap();
    let all = preview.events.join("\n");
    assert!(
        !all.contains(&key) && !all.contains(&*desk.folder.path().to_string_lossy()),
        "{all}"
    );
    assert!(all.contains("notes.txt") && preview.bytes >= all.len() as u64 / 2);
    assert!(!preview.shared && preview.count > 1 && preview.pages == 1);
    // Folders of any name lie in this machine's root folder.
    let root = std::fs::read_dir("/").unwrap().next().unwrap().unwrap();
    let root = root.file_name().into_string().unwrap();
    let row = desk.workspace.inner.state().rows[&SessionId::from(SESSION)].clone();
    let places = crate::remote::places(&row, &desk.workspace.inner.options);
    assert!(places.roots.contains(&root), "{:?}", places.roots);
    let open = PairingPolicy {
        local_paths: true,
        ..PairingPolicy::default()
    };
    let preview = desk
        .workspace
        .preview_pairing(None, Some(open), SESSION, 0)
        .await
        .unwrap();
    assert!(
        preview
            .events
            .join("\n")
            .contains(&*desk.folder.path().to_string_lossy())
    );
    let beyond = desk.workspace.preview_pairing(None, None, SESSION, 7).await;
    assert!(matches!(beyond, Err(WorkspaceError::NotFound(_))));
}

#[tokio::test]
async fn the_preview_has_what_sub_agents_say_and_as_many_messages_as_are_sent() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (thread, child) = (SessionId::from(SESSION), SessionId::from("ses_child"));
    let says = |session: &SessionId, message: &str, text: &str| {
        let parts = vec![told::part(message, &format!("prt_{message}"), told::text(text))];
        told::finished(session, message, 1, parts)
    };
    let inner = &desk.workspace.inner;
    let with = |snapshot: SessionSnapshot| {
        let mut effects = Vec::new();
        inner.state().restore(snapshot, Vec::new(), 1, &mut effects);
        inner.carry_out(effects);
    };
    with(SessionSnapshot {
        session: Session {
            folder: desk.folder.path().to_owned(),
            ..told::listed(&child, Some(&thread))
        },
        ..told::snapshot(&child, vec![says(&child, "msg_9", "From a sub-agent.")])
    });
    // What is in memory is the end of it, as after a look at the thread.
    let older = cowork_engine::OlderMessages("before".to_owned());
    with(SessionSnapshot {
        session: Session {
            folder: desk.folder.path().to_owned(),
            ..told::listed(&thread, None)
        },
        older: Some(older),
        ..told::snapshot(&thread, vec![says(&thread, "msg_5", "The newest.")])
    });
    *desk.engine.older.lock().unwrap() = Some(cowork_engine::MessagePage {
        messages: vec![says(&thread, "msg_1", "The oldest.")],
        older: None,
    });
    let preview = desk
        .workspace
        .preview_pairing(Some(PAIRING), None, SESSION, 0)
        .await
        .unwrap();
    let all = preview.events.join("\n");
    for said in ["The newest.", "The oldest.", "From a sub-agent."] {
        assert!(all.contains(said), "{said} is not in {all}");
    }
    assert!(preview.shared && !preview.cut);
}
