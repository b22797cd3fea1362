//! Pairings, what leaves over them, what comes and what is written down of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod store;
}

use cowork_store::{
    AUDIT_LIMIT, AUDIT_TEXT_LIMIT, Appended, COMMAND_DAYS, CommandState, CommandStep, EVENT_LIMIT,
    EVENTS_BYTES, EVENTS_ROWS, NewAuditRow, NewRemoteEvent, PAIRINGS_LIMIT, Pairing, PairingState,
    RESULT_LIMIT, SHARED_FOLDERS_LIMIT, SHARED_THREADS_LIMIT, SharedThread, Store, StoreError, ToldOf,
};
use support::store::store;

fn pairing(id: &str) -> Pairing {
    Pairing {
        id: id.to_owned(),
        device: format!("device_of_{id}"),
        broker: "https://cloud.example.com".to_owned(),
        label: "Ada's laptop".to_owned(),
        policy: "{}".to_owned(),
        state: PairingState::Waiting,
        paused: false,
        past_proxy: false,
        expires: Some(600),
        created: 1,
        changed: 1,
        last_answer: None,
        claimed: 0,
    }
}

fn paired() -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    store.put_pairing(&pairing("p")).unwrap();
    (folder, store)
}

fn told(text: &str) -> NewRemoteEvent {
    NewRemoteEvent {
        tells: true,
        event: text.to_owned(),
    }
}

fn outcome(text: &str) -> NewRemoteEvent {
    NewRemoteEvent {
        tells: false,
        event: text.to_owned(),
    }
}

fn next(store: &Store, after: u64) -> Vec<(u64, String)> {
    let events = store.next_events("p", after, 200, 512 * 1024).unwrap();
    events
        .into_iter()
        .map(|event| (event.sequence, event.event))
        .collect()
}

fn audit(action: &str, detail: &str) -> NewAuditRow {
    NewAuditRow {
        pairing: "p".to_owned(),
        label: "Ada's laptop".to_owned(),
        action: action.to_owned(),
        who: None,
        detail: detail.to_owned(),
        at: 1,
    }
}

fn receive(store: &Store, id: &str, sequence: u64, now: i64) -> Appended {
    let step = CommandStep::Received {
        sequence,
        kind: "prompt",
        who: Some("Ada"),
        command: "{}",
        now,
    };
    store.command_step("p", id, step, &[], &[]).unwrap()
}

#[test]
fn a_pairing_is_kept_changed_and_forgotten_with_all_that_belongs_to_it() {
    let (folder, store) = paired();
    let changed = Pairing {
        label: "Desk".to_owned(),
        state: PairingState::Paired,
        expires: None,
        claimed: 7,
        ..pairing("p")
    };
    store.put_pairing(&changed).unwrap();
    store.share_folders("p", &["/work".to_owned()]).unwrap();
    let thread = SharedThread {
        session: "ses_1".to_owned(),
        from_afar: true,
        shared_at: 5,
    };
    store.share_thread("p", &thread).unwrap();
    drop(store);
    let store = Store::open(&folder.path().join("data/cowork.db"), 0).unwrap().0;
    assert_eq!(store.pairings().unwrap(), std::slice::from_ref(&changed));
    assert_eq!(store.shared_folders("p").unwrap(), ["/work"]);
    assert_eq!(store.shared_threads("p").unwrap(), [thread]);
    store
        .put_pairing(&Pairing {
            claimed: 3,
            ..changed
        })
        .unwrap();
    assert_eq!(store.claimed_through("p").unwrap(), 7, "it never goes back");
    store.append_events("p", &[told("a")]).unwrap();
    receive(&store, "cmd", 9, 1);
    store.add_audit(&[audit("pairing.revoked", "")]).unwrap();
    store.forget_pairing("p").unwrap();
    assert_eq!(store.pairing("p").unwrap(), None);
    assert!(store.shared_threads("p").unwrap().is_empty() && store.shared_folders("p").unwrap().is_empty());
    assert_eq!(store.remote_command("p", "cmd").unwrap(), None);
    assert_eq!(store.waiting_events("p").unwrap().rows, 0);
    assert_eq!(
        store.audit_count(None).unwrap(),
        1,
        "what was done stays written down"
    );
}

#[test]
fn what_is_too_much_for_a_pairing_is_refused() {
    let (_folder, store) = store();
    for number in 0..PAIRINGS_LIMIT {
        store.put_pairing(&pairing(&number.to_string())).unwrap();
    }
    let refused =
        |outcome: Result<(), StoreError>| assert!(matches!(outcome, Err(StoreError::TooMany { .. })));
    refused(store.put_pairing(&pairing("one more")));
    store.put_pairing(&pairing("0")).unwrap();
    let long = Pairing {
        label: "x".repeat(257),
        ..pairing("0")
    };
    assert!(matches!(
        store.put_pairing(&long),
        Err(StoreError::TooLong { .. })
    ));
    let folders: Vec<_> = (0..=SHARED_FOLDERS_LIMIT)
        .map(|number| number.to_string())
        .collect();
    refused(store.share_folders("0", &folders));
    let thread = |number: u32| SharedThread {
        session: number.to_string(),
        from_afar: false,
        shared_at: 1,
    };
    for number in 0..SHARED_THREADS_LIMIT {
        store.share_thread("0", &thread(number)).unwrap();
    }
    refused(store.share_thread("0", &thread(SHARED_THREADS_LIMIT)));
    assert!(store.unshare_thread("0", "5").unwrap() && !store.unshare_thread("0", "5").unwrap());
    store.share_thread("0", &thread(SHARED_THREADS_LIMIT)).unwrap();
}

#[test]
fn events_get_their_numbers_when_they_go_out_and_keep_them() {
    let (folder, store) = paired();
    store
        .append_events("p", &[told("a"), told("b"), outcome("c")])
        .unwrap();
    let first = store.next_events("p", 0, 2, 1_000).unwrap();
    assert_eq!(
        first.iter().map(|event| event.sequence).collect::<Vec<_>>(),
        [1, 2]
    );
    drop(store);
    let store = Store::open(&folder.path().join("data/cowork.db"), 0).unwrap().0;
    let numbered = |rows: &[(u64, &str)]| -> Vec<(u64, String)> {
        rows.iter()
            .map(|(number, text)| (*number, (*text).to_owned()))
            .collect()
    };
    assert_eq!(next(&store, 0), numbered(&[(1, "a"), (2, "b"), (3, "c")]));
    assert_eq!(next(&store, 2), numbered(&[(3, "c")]));
    store.events_delivered("p", 2).unwrap();
    assert_eq!(store.delivered_through("p").unwrap(), 2);
    assert_eq!(store.waiting_events("p").unwrap().rows, 1);
    store.replace_event("p", 3, "instead").unwrap();
    assert_eq!(next(&store, 2), numbered(&[(3, "instead")]));
    let waits = store.waiting_events("p").unwrap();
    assert_eq!((waits.rows, waits.bytes), (1, 7));
}

#[test]
fn a_thread_that_was_told_of_is_known_until_the_server_was_told_that_it_is_gone() {
    let (_folder, store) = paired();
    let told_of = |rows: &[(&str, Option<ToldOf>)]| -> Vec<(String, Option<ToldOf>)> {
        rows.iter().map(|(id, how)| ((*id).to_owned(), *how)).collect()
    };
    let (resting, going) = (Some(ToldOf::Resting(6)), Some(ToldOf::Going));
    store
        .append_told(
            "p",
            &[told("a")],
            &told_of(&[("s", resting), ("t", resting), ("u", going)]),
        )
        .unwrap();
    store.append_told("p", &[], &told_of(&[("s", None)])).unwrap();
    let known = |how: [ToldOf; 2]| vec![("t".to_owned(), how[0]), ("u".to_owned(), how[1])];
    assert_eq!(
        store.told_threads("p").unwrap(),
        known([ToldOf::Resting(6), ToldOf::Going])
    );
    let many: Vec<_> = (0..EVENTS_ROWS).map(|_| told("t")).collect();
    let appended = store
        .append_told("p", &many, &told_of(&[("v", resting)]))
        .unwrap();
    assert_eq!(appended, Appended::Overflowed);
    let stale = known([ToldOf::Stale, ToldOf::Stale]);
    assert_eq!(store.told_threads("p").unwrap(), stale);
    store
        .append_told("p", &[told("b")], &told_of(&[("t", resting)]))
        .unwrap();
    store.forget_untold_events("p").unwrap();
    assert_eq!(store.told_threads("p").unwrap(), stale);
    assert!(next(&store, 0).is_empty());
}

#[test]
fn what_waits_of_a_session_is_let_go_and_leaves_no_hole() {
    let (_folder, store) = paired();
    let of =
        |session: &str, id: &str| format!(r#"{{"id":"{id}","sessionId":"{session}","payload":"words"}}"#);
    let events = [
        told(&of("mine", "a")),
        told(&of("other", "b")),
        outcome(r#"{"id":"c"}"#),
        told(&of("mine", "d")),
        told(&of("other", "e")),
    ];
    store.append_events("p", &events).unwrap();
    // Two went out, and nobody said that they arrived.
    assert_eq!(store.next_events("p", 0, 2, 1_000).unwrap().len(), 2);
    let sessions = store.waiting_sessions("p").unwrap();
    assert_eq!(
        sessions.iter().map(String::as_str).collect::<Vec<_>>(),
        ["mine", "other"]
    );
    let mine = ["mine".to_owned()].into();
    let void = |event: &str| Some(event.replace("words", ""));
    store.let_go_of_events("p", Some(&mine), void).unwrap();
    let left = next(&store, 0);
    assert_eq!(
        left.iter()
            .map(|(number, event)| (*number, event.as_str()))
            .collect::<Vec<_>>(),
        [
            (1, of("mine", "a").replace("words", "").as_str()),
            (2, of("other", "b").as_str()),
            (3, r#"{"id":"c"}"#),
            (4, of("other", "e").as_str()),
        ]
    );
    store.let_go_of_events("p", None, void).unwrap();
    let left = next(&store, 0);
    assert_eq!(
        left.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        [1, 2, 3, 4],
        "what has a number keeps its place"
    );
    assert!(left.iter().all(|(_, event)| !event.contains("words")), "{left:?}");
    let bytes: usize = left.iter().map(|(_, event)| event.len()).sum();
    assert_eq!(store.waiting_events("p").unwrap().bytes, bytes as u64);
    assert!(store.waiting_sessions("p").unwrap().is_empty());
}

#[test]
fn a_deleted_session_is_shared_no_longer_and_known_as_told_of() {
    let (_folder, store) = paired();
    let thread = |session: &str| SharedThread {
        session: session.to_owned(),
        from_afar: false,
        shared_at: 1,
    };
    store.share_thread("p", &thread("s")).unwrap();
    store.share_thread("p", &thread("t")).unwrap();
    let told_of = [("s".to_owned(), Some(ToldOf::Resting(1)))];
    store.append_told("p", &[], &told_of).unwrap();
    store.remove_session("s").unwrap();
    assert_eq!(store.shared_threads("p").unwrap(), [thread("t")]);
    assert_eq!(store.told_threads("p").unwrap().len(), 1);
}

#[test]
fn a_batch_ends_before_too_many_bytes_but_is_never_empty() {
    let (_folder, store) = paired();
    let events: Vec<_> = (0..3).map(|_| told(&"x".repeat(400))).collect();
    store.append_events("p", &events).unwrap();
    assert_eq!(store.next_events("p", 0, 10, 1_000).unwrap().len(), 2);
    assert_eq!(store.next_events("p", 2, 10, 10).unwrap().len(), 1);
    let long = told(&"x".repeat(EVENT_LIMIT + 1));
    assert!(matches!(
        store.append_events("p", &[long]),
        Err(StoreError::TooLong { .. })
    ));
}

#[test]
fn what_is_told_of_sessions_is_let_go_when_nobody_fetches_it_and_leaves_no_hole() {
    let (_folder, store) = paired();
    store
        .append_events("p", &[told("sent"), outcome("of a command")])
        .unwrap();
    assert_eq!(store.next_events("p", 0, 1, 1_000).unwrap().len(), 1);
    let many: Vec<_> = (0..EVENTS_ROWS - 2).map(|_| told("t")).collect();
    assert_eq!(store.append_events("p", &many).unwrap(), Appended::Kept);
    let more = [told("u"), outcome("of another")];
    assert_eq!(store.append_events("p", &more).unwrap(), Appended::Overflowed);
    let left: Vec<_> = next(&store, 0);
    assert_eq!(
        left.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(
        (left[1].1.as_str(), left[2].1.as_str()),
        ("of a command", "of another")
    );
    assert_eq!(store.waiting_events("p").unwrap().rows, 3);
    let large: Vec<_> = (0..100).map(|_| told(&"x".repeat(EVENT_LIMIT))).collect();
    assert!(large.len() as u64 * EVENT_LIMIT as u64 > EVENTS_BYTES);
    assert_eq!(store.append_events("p", &large).unwrap(), Appended::Overflowed);
    assert_eq!(store.waiting_events("p").unwrap().rows, 3);
}

#[test]
fn a_command_goes_from_step_to_step_once_and_what_it_came_to_stays() {
    let (_folder, store) = paired();
    receive(&store, "cmd", 4, 10);
    assert_eq!(store.claimed_through("p").unwrap(), 4);
    let step = |step| store.command_step("p", "cmd", step, &[], &[]).unwrap();
    step(CommandStep::Doing);
    store.mark_command("p", "cmd", "msg_1").unwrap();
    receive(&store, "cmd", 4, 11);
    let known = store.remote_command("p", "cmd").unwrap().unwrap();
    assert_eq!(
        (known.state, known.mark.as_deref(), known.received),
        (CommandState::Doing, Some("msg_1"), 10)
    );
    let events = [outcome("done")];
    let rows = [audit("command.completed", "prompt")];
    store
        .command_step("p", "cmd", CommandStep::Done("first"), &events, &rows)
        .unwrap();
    step(CommandStep::Done("second"));
    step(CommandStep::Doing);
    let known = store.remote_command_at("p", 4).unwrap().unwrap();
    assert_eq!(
        (known.state, known.result.as_deref()),
        (CommandState::Done, Some("first"))
    );
    assert_eq!(
        (next(&store, 0).len(), store.audit_count(Some("p")).unwrap()),
        (1, 1)
    );
    step(CommandStep::Answered);
    assert!(store.open_commands("p").unwrap().is_empty());
    receive(&store, "cmd", 4, 12);
    assert_eq!(
        store.open_commands("p").unwrap()[0].state,
        CommandState::Done,
        "what is asked again is answered again"
    );
    let id = "i".repeat(1_024);
    let of_a_kind_nobody_knows = CommandStep::Received {
        sequence: 5,
        kind: &"k".repeat(9_000),
        who: None,
        command: "{}",
        now: 13,
    };
    store
        .command_step("p", &id, of_a_kind_nobody_knows, &[], &[])
        .unwrap();
    assert_eq!(store.remote_command("p", &id).unwrap().unwrap().kind.len(), 64);
    let long = "x".repeat(RESULT_LIMIT + 1);
    let refused = store.command_step("p", "cmd", CommandStep::Done(&long), &events, &rows);
    assert!(matches!(refused, Err(StoreError::TooLong { .. })));
    assert_eq!(store.audit_count(None).unwrap(), 1, "all of a step, or none");
}

#[test]
fn old_commands_go_once_they_were_answered() {
    let (_folder, store) = paired();
    receive(&store, "old", 1, 0);
    receive(&store, "open", 2, 0);
    store
        .command_step("p", "old", CommandStep::Done("{}"), &[], &[])
        .unwrap();
    store
        .command_step("p", "old", CommandStep::Answered, &[], &[])
        .unwrap();
    receive(&store, "new", 3, COMMAND_DAYS * 86_400_000 + 1);
    assert_eq!(store.remote_command("p", "old").unwrap(), None);
    assert!(store.remote_command("p", "open").unwrap().is_some());
    assert_eq!(store.last_command("p").unwrap().unwrap().id, "new");
}

#[test]
fn the_audit_is_added_to_alone_and_keeps_the_newest() {
    let (folder, store) = paired();
    let rows: Vec<_> = (0..AUDIT_LIMIT + 3)
        .map(|number| audit("command.accepted", &number.to_string()))
        .collect();
    store.add_audit(&rows).unwrap();
    assert_eq!(store.audit_count(None).unwrap(), u64::from(AUDIT_LIMIT));
    let page = store.audit(Some("p"), None, 2).unwrap();
    assert_eq!(page[0].row.detail, (AUDIT_LIMIT + 2).to_string());
    let before = store.audit(None, Some(page[1].number), 1).unwrap();
    assert_eq!(before[0].row.detail, AUDIT_LIMIT.to_string());
    let long = audit("x", &"ä".repeat(AUDIT_TEXT_LIMIT));
    store.add_audit(&[long]).unwrap();
    assert_eq!(
        store.audit(None, None, 1).unwrap()[0].row.detail.len(),
        AUDIT_TEXT_LIMIT
    );
    let raw = rusqlite::Connection::open(folder.path().join("data/cowork.db")).unwrap();
    assert!(raw.execute("UPDATE remote_audit SET detail = ''", []).is_err());
    assert!(raw.execute("DELETE FROM remote_audit", []).is_err());
    assert!(store.sizes().unwrap().pairing > 0);
}
