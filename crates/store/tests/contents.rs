//! What the database holds.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod session;
    pub(crate) mod store;
}

use cowork_store::{
    DRAFT_LIMIT, DeliveryState, FolderGrant, FolderKind, OutboxPrompt, PROMPT_LIMIT, Provider, SENT_KEPT,
    SETTING_LIMIT, SessionRow, Store, StoreError,
};
use proptest::prelude::*;
use serde_json::json;
use support::store::store;

fn session(id: &str, updated: i64) -> SessionRow {
    SessionRow {
        updated,
        unread: true,
        ..support::session::session(id)
    }
}

fn prompt(message: &str, created: i64) -> OutboxPrompt {
    OutboxPrompt {
        message: message.to_owned(),
        session: "s".to_owned(),
        text: "do it".to_owned(),
        agent: Some("build".to_owned()),
        model: Some("p/m".to_owned()),
        state: DeliveryState::Sending,
        error: None,
        created,
    }
}

/// One session out of the whole index, sub-agents' included.
fn found(store: &Store, id: &str) -> Option<SessionRow> {
    store.session(id).unwrap().map(|(session, _)| session)
}

fn ids(sessions: &[SessionRow]) -> Vec<&str> {
    sessions.iter().map(|session| session.id.as_str()).collect()
}

#[test]
fn the_list_is_newest_first_without_sub_agents_and_no_longer_than_asked() {
    let (_folder, store) = store();
    let child = SessionRow {
        parent: Some("b".to_owned()),
        ..session("child", 99)
    };
    store
        .upsert_sessions(&[session("a", 1), session("b", 3), session("c", 2), child])
        .unwrap();
    assert_eq!(ids(&store.list_sessions(10).unwrap()), ["b", "c", "a"]);
    assert_eq!(ids(&store.list_sessions(2).unwrap()), ["b", "c"]);
    assert_eq!(store.list_sessions(0).unwrap(), []);

    store.upsert_session(&session("a", 9)).unwrap();
    assert_eq!(ids(&store.list_sessions(10).unwrap()), ["a", "b", "c"]);
}

#[test]
fn the_list_of_a_hundred_thousand_reads_only_what_it_answers() {
    let (_folder, store) = store();
    let many: Vec<_> = (0..100_000)
        .map(|number| session(&format!("s{number:06}"), number))
        .collect();
    store.upsert_sessions(&many).unwrap();
    assert_eq!(
        ids(&store.list_sessions(3).unwrap()),
        ["s099999", "s099998", "s099997"]
    );

    let plan = store.explain_list().unwrap();
    assert!(plan.contains("USING INDEX sessions_by_update"), "{plan}");
    assert!(
        !plan.contains("TEMP B-TREE"),
        "the list is sorted by hand: {plan}"
    );
}

#[test]
fn a_removed_session_takes_along_what_belongs_to_it_and_nothing_else() {
    let (_folder, store) = store();
    let below = |id: &str, parent: &str| SessionRow {
        parent: Some(parent.to_owned()),
        ..session(id, 1)
    };
    // A family that leads back to itself, as damaged input could.
    store
        .upsert_sessions(&[
            session("s", 1),
            below("t", "s"),
            below("u", "t"),
            below("s2", "s2"),
            session("other", 1),
        ])
        .unwrap();
    for id in ["s", "t", "u", "other"] {
        store.set_draft(id, "draft").unwrap();
        store
            .outbox_put(&OutboxPrompt {
                session: id.to_owned(),
                ..prompt(id, 1)
            })
            .unwrap();
    }
    assert!(store.remove_session("s").unwrap());
    assert!(store.remove_session("s2").unwrap());
    assert!(!store.remove_session("s").unwrap());
    for id in ["s", "t", "u"] {
        assert_eq!(found(&store, id), None);
        assert_eq!(store.draft(id).unwrap(), None);
        assert_eq!(store.outbox_pending(id).unwrap(), []);
    }
    assert!(found(&store, "other").is_some());
    assert!(store.draft("other").unwrap().is_some());
    assert_eq!(store.outbox_pending("other").unwrap().len(), 1);
}

#[test]
fn a_cost_that_is_no_number_does_not_stop_the_index() {
    let (_folder, store) = store();
    for cost in [f64::NAN, f64::INFINITY] {
        store
            .upsert_session(&SessionRow {
                cost,
                ..session("a", 1)
            })
            .unwrap();
        assert!(found(&store, "a").unwrap().cost.abs() < f64::EPSILON);
    }
}

#[test]
fn a_folder_is_granted_until_it_is_forgotten_and_only_as_it_is_spelled() {
    let (_folder, store) = store();
    let grant = |path: &str, time| FolderGrant {
        path: path.to_owned(),
        label: "x".to_owned(),
        kind: FolderKind::Project,
        granted_at: time,
        last_used: time,
    };
    store.grant_folder(&grant("/work/x", 1)).unwrap();
    store
        .grant_folder(&FolderGrant {
            kind: FolderKind::Sandbox,
            ..grant("/data/s1", 2)
        })
        .unwrap();
    for path in ["/work", "/work/x/", "/work/x/y", "/work/X", "", "%"] {
        assert!(!store.forget_folder(path).unwrap(), "{path} was never granted");
    }

    store.grant_folder(&grant("/work/x", 5)).unwrap();
    store
        .grant_folder(&FolderGrant {
            label: "renamed".to_owned(),
            ..grant("/work/x", 3)
        })
        .unwrap();
    let folders = store.folders().unwrap();
    let first = FolderGrant {
        label: "renamed".to_owned(),
        granted_at: 1,
        last_used: 5,
        ..grant("/work/x", 0)
    };
    assert_eq!(
        folders.first(),
        Some(&first),
        "a second grant keeps when the first was and the later use"
    );
    assert_eq!(
        folders.get(1).map(|folder| folder.kind),
        Some(FolderKind::Sandbox)
    );

    assert!(store.forget_folder("/work/x").unwrap());
    assert!(!store.forget_folder("/work/x").unwrap());
    let left = store.folders().unwrap();
    assert_eq!(
        left.iter().map(|folder| folder.path.as_str()).collect::<Vec<_>>(),
        ["/data/s1"]
    );
}

#[test]
fn only_changed_settings_are_stored_and_a_reset_forgets_them() {
    let (_folder, store) = store();
    assert_eq!(store.setting::<bool>("dark").unwrap(), None);
    store.set_setting("dark", &true).unwrap();
    store.set_setting("sizes", &vec![1, 2]).unwrap();
    store.set_setting("dark", &false).unwrap();
    assert_eq!(store.setting("dark").unwrap(), Some(false));
    assert_eq!(store.setting("sizes").unwrap(), Some(vec![1, 2]));
    let all = store.settings().unwrap();
    assert_eq!(
        all.into_iter().collect::<Vec<_>>(),
        [
            ("dark".to_owned(), json!(false)),
            ("sizes".to_owned(), json!([1, 2]))
        ]
    );
    assert!(store.reset_setting("dark").unwrap());
    assert!(!store.reset_setting("dark").unwrap());
    assert_eq!(store.setting::<bool>("dark").unwrap(), None);
}

#[test]
fn a_setting_of_another_type_is_named_and_can_be_reset() {
    let (_folder, store) = store();
    store.set_setting("dark", "blue").unwrap();
    let message = store.setting::<bool>("dark").unwrap_err().to_string();
    assert!(
        message.contains("the setting dark") && message.contains("reset it"),
        "{message}"
    );
    store.reset_setting("dark").unwrap();
    assert_eq!(store.setting::<bool>("dark").unwrap(), None);

    let long = store.set_setting("long", &"x".repeat(SETTING_LIMIT)).unwrap_err();
    assert!(matches!(long, StoreError::TooLong { .. }), "{long:?}");
}

#[test]
fn a_draft_is_kept_until_it_is_emptied_and_refused_when_too_long() {
    let (_folder, store) = store();
    let longest = "x".repeat(DRAFT_LIMIT);
    store.set_draft("s", &longest).unwrap();
    let error = store.set_draft("s", &format!("{longest}x")).unwrap_err();
    assert!(error.to_string().contains("262144"), "{error}");
    assert_eq!(
        store.draft("s").unwrap(),
        Some(longest),
        "the refused draft took the earlier one along"
    );
    store.set_draft("s", "").unwrap();
    assert_eq!(store.draft("s").unwrap(), None);
}

#[test]
fn a_prompt_stays_in_the_outbox_until_it_is_delivered() {
    let (_folder, store) = store();
    store.outbox_put(&prompt("m2", 2)).unwrap();
    store.outbox_put(&prompt("m1", 1)).unwrap();
    store
        .outbox_put(&OutboxPrompt {
            session: "other".to_owned(),
            ..prompt("m3", 3)
        })
        .unwrap();

    assert!(
        store
            .outbox_settle("m1", DeliveryState::Failed, Some("no engine"))
            .unwrap()
    );
    assert!(!store.outbox_settle("nobody", DeliveryState::Sent, None).unwrap());
    let failed = OutboxPrompt {
        state: DeliveryState::Failed,
        error: Some("no engine".to_owned()),
        ..prompt("m1", 1)
    };
    assert_eq!(
        store.outbox_pending("s").unwrap(),
        [failed.clone(), prompt("m2", 2)]
    );

    store.outbox_put(&prompt("m1", 1)).unwrap();
    assert_eq!(
        store.outbox_prompt("m1").unwrap(),
        Some(prompt("m1", 1)),
        "sent again, it has not failed yet"
    );
    store.outbox_settle("m1", DeliveryState::Sent, None).unwrap();
    assert_eq!(store.outbox_pending("s").unwrap(), [prompt("m2", 2)]);
    assert!(store.outbox_forget("m2").unwrap());
    assert_eq!(store.outbox_pending("s").unwrap(), []);

    let long = OutboxPrompt {
        text: "x".repeat(PROMPT_LIMIT + 1),
        ..prompt("m4", 4)
    };
    assert!(matches!(store.outbox_put(&long), Err(StoreError::TooLong { .. })));
}

#[test]
fn delivered_prompts_do_not_pile_up_and_undelivered_ones_are_never_dropped() {
    let (_folder, store) = store();
    store.outbox_put(&prompt("first", 0)).unwrap();
    let many = i64::from(SENT_KEPT) + 50;
    for number in 1..=many {
        let message = format!("m{number}");
        store.outbox_put(&prompt(&message, number)).unwrap();
        store.outbox_settle(&message, DeliveryState::Sent, None).unwrap();
    }
    let kept = (1..=many)
        .filter(|number| store.outbox_prompt(&format!("m{number}")).unwrap().is_some())
        .count();
    assert_eq!(kept, SENT_KEPT as usize);
    assert!(
        store.outbox_prompt(&format!("m{many}")).unwrap().is_some(),
        "the latest is the one to recognise"
    );
    assert_eq!(store.outbox_pending("s").unwrap().len(), 1);
}

#[test]
fn providers_are_kept_with_their_models_and_their_consent() {
    let (_folder, store) = store();
    let provider = Provider {
        id: "ollama".to_owned(),
        name: "Ollama".to_owned(),
        base_url: "http://127.0.0.1:11434/v1".to_owned(),
        models: json!([{ "id": "llama", "context": 8192 }]),
        consent: false,
        details: json!({ "inputs": { "region": "x" } }),
    };
    store.put_provider(&provider).unwrap();
    let agreed = Provider {
        consent: true,
        ..provider.clone()
    };
    store.put_provider(&agreed).unwrap();
    store
        .put_provider(&Provider {
            id: "a".to_owned(),
            name: "A".to_owned(),
            ..provider.clone()
        })
        .unwrap();
    assert!(store.providers().unwrap().contains(&agreed));
    let names: Vec<_> = store
        .providers()
        .unwrap()
        .into_iter()
        .map(|provider| provider.name)
        .collect();
    assert_eq!(names, ["A", "Ollama"]);
    assert!(store.remove_provider("ollama").unwrap());
    assert!(!store.remove_provider("ollama").unwrap());
    let long = Provider {
        models: json!("x".repeat(SETTING_LIMIT)),
        ..provider
    };
    assert!(matches!(
        store.put_provider(&long),
        Err(StoreError::TooLong { .. })
    ));
}

fn any_session() -> impl Strategy<Value = SessionRow> {
    let text = || prop::option::of(any::<String>());
    let words = (
        any::<String>(),
        any::<String>(),
        any::<String>(),
        text(),
        text(),
        text(),
        text(),
    );
    let rest = (any::<[i64; 2]>(), any::<[bool; 4]>(), -1e9..1e9);
    (words, rest).prop_map(
        |((id, folder, title, parent, agent, model, mark), (times, flags, cost))| SessionRow {
            id,
            folder,
            folder_kind: if flags[0] {
                FolderKind::Project
            } else {
                FolderKind::Sandbox
            },
            parent,
            title,
            agent,
            model,
            created: times[0],
            updated: times[1],
            mark,
            unread: flags[1],
            cost,
            demo: flags[2],
            needs_you: flags[3],
            tags: Vec::new(),
        },
    )
}

#[test]
fn a_session_comes_back_as_it_was_put_whatever_it_holds() {
    let (_folder, store) = store();
    proptest!(|(session in any_session())| {
        store.upsert_session(&session).unwrap();
        prop_assert_eq!(found(&store, &session.id), Some(session));
    });
}
