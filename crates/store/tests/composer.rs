//! What waits in a composer: attached files, prompts that are next, templates that are trusted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use cowork_store::{Attachment, DRAFT_HOLDER, DeliveryState, QUEUE_LIMIT, QueuedPrompt, Store, StoreError};

fn open() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(&folder.path().join("index.db"), 0).unwrap();
    (store, folder)
}

fn attached(id: &str, bytes: u64) -> Attachment {
    Attachment {
        id: id.to_owned(),
        session: "ses_1".to_owned(),
        holder: DRAFT_HOLDER.to_owned(),
        name: format!("{id}.png"),
        media_type: "image/png".to_owned(),
        bytes,
        thumbnail: Some("data:image/png;base64,AA==".to_owned()),
        scaled: false,
        created: 5,
    }
}

fn waiting(id: &str) -> QueuedPrompt {
    QueuedPrompt {
        id: id.to_owned(),
        session: "ses_1".to_owned(),
        text: format!("Do {id}"),
        agent: Some("build".to_owned()),
        model: None,
        created: 5,
        message: None,
    }
}

fn ids(queue: &[QueuedPrompt]) -> Vec<&str> {
    queue.iter().map(|prompt| prompt.id.as_str()).collect()
}

#[test]
fn what_is_attached_goes_from_the_draft_to_its_prompt_and_back() {
    let (store, _folder) = open();
    for id in ["a", "b"] {
        store.attachment_put(&attached(id, 7)).unwrap();
    }
    assert_eq!(store.attachment_bytes().unwrap(), 14);
    store
        .attachments_give(&["b".to_owned()], "ses_1", "msg_1")
        .unwrap();
    assert_eq!(store.attachments_held("msg_1").unwrap()[0].name, "b.png");
    store.attachments_pass("msg_1", "msg_2").unwrap();
    assert!(store.attachments_held("msg_1").unwrap().is_empty());
    store.attachments_pass("msg_2", DRAFT_HOLDER).unwrap();
    let all = store.attachments_of("ses_1").unwrap();
    assert!(
        all.iter().all(|attachment| attachment.holder == DRAFT_HOLDER),
        "{all:?}"
    );
    store.attachments_forget(&["a".to_owned()]).unwrap();
    assert_eq!(store.attachment_ids().unwrap(), ["b"]);
    store.remove_session("ses_1").unwrap();
    assert_eq!(store.attachment("b").unwrap(), None);
}

#[test]
fn a_queue_keeps_its_order_and_has_an_end() {
    let (store, _folder) = open();
    for id in ["a", "b", "c"] {
        store.queue_put(&waiting(id)).unwrap();
    }
    let order: Vec<String> = ["c", "unknown", "a"].map(str::to_owned).to_vec();
    store.queue_order("ses_1", &order).unwrap();
    assert_eq!(ids(&store.queue("ses_1").unwrap()), ["c", "a", "b"]);
    assert!(store.queue_edit("ses_1", "a", "Do it better").unwrap());
    assert!(!store.queue_edit("ses_2", "a", "Not mine").unwrap());
    let taken = store.queue_take("ses_1", "c").unwrap().unwrap();
    assert_eq!(store.queue_take("ses_1", "c").unwrap(), None);
    store.outbox_to_queue("msg_1", &taken).unwrap();
    assert_eq!(ids(&store.queue("ses_1").unwrap()), ["a", "b"], "it was not sent");
    store.queue_put(&taken).unwrap();
    let taken = store.queue_to_outbox("ses_1", "c", "msg_1", 6).unwrap().unwrap();
    store.outbox_to_queue("msg_1", &taken).unwrap();
    let queue = store.queue("ses_1").unwrap();
    assert_eq!(
        (ids(&queue), queue[1].text.as_str()),
        (vec!["c", "a", "b"], "Do it better")
    );
    for number in 3..QUEUE_LIMIT {
        store.queue_put(&waiting(&format!("more {number}"))).unwrap();
    }
    let over = store.queue_put(&waiting("one too many"));
    assert!(matches!(over, Err(StoreError::TooMany { .. })), "{over:?}");
    store.remove_session("ses_1").unwrap();
    assert!(store.queue("ses_1").unwrap().is_empty());
}

#[test]
fn a_prompt_that_waited_is_in_the_queue_or_in_the_outbox_with_what_goes_with_it() {
    let (store, _folder) = open();
    store.attachment_put(&attached("a", 7)).unwrap();
    store.queue_put_with(&waiting("one"), &["a".to_owned()]).unwrap();
    store.queue_put(&waiting("two")).unwrap();
    let taken = store.queue_to_outbox("ses_1", "one", "msg_1", 9).unwrap();
    assert_eq!(taken, Some(waiting("one")));
    assert_eq!(store.queue_to_outbox("ses_1", "one", "msg_2", 9).unwrap(), None);
    assert_eq!(ids(&store.queue("ses_1").unwrap()), ["two"]);
    let kept = store.outbox_prompt("msg_1").unwrap().unwrap();
    assert_eq!(
        (kept.text.as_str(), kept.agent.as_deref(), kept.state),
        ("Do one", Some("build"), DeliveryState::Sending)
    );
    assert_eq!(store.attachments_held("msg_1").unwrap().len(), 1);
    let back = QueuedPrompt {
        message: Some("msg_1".to_owned()),
        ..waiting("one")
    };
    store.outbox_to_queue("msg_1", &back).unwrap();
    assert_eq!(store.queue("ses_1").unwrap(), [back, waiting("two")]);
    assert_eq!(store.outbox_prompt("msg_1").unwrap(), None);
    assert_eq!(store.attachments_held("one").unwrap().len(), 1);
    store.outbox_delivered("ses_1", "msg_1").unwrap();
    assert_eq!(
        ids(&store.queue("ses_1").unwrap()),
        ["two"],
        "the engine has it after all"
    );
    let edited = QueuedPrompt {
        message: Some("msg_2".to_owned()),
        ..waiting("three")
    };
    store.queue_put(&waiting("three")).unwrap();
    store.queue_to_outbox("ses_1", "three", "msg_2", 9).unwrap();
    store.outbox_to_queue("msg_2", &edited).unwrap();
    store.queue_edit("ses_1", "three", "Do else").unwrap();
    store.outbox_delivered("ses_1", "msg_2").unwrap();
    assert_eq!(
        ids(&store.queue("ses_1").unwrap()),
        ["three", "two"],
        "what was written since is another prompt"
    );
}

#[test]
fn a_prompt_that_cannot_be_put_into_the_outbox_waits_as_before() {
    let (store, folder) = open();
    store.attachment_put(&attached("a", 7)).unwrap();
    store.queue_put_with(&waiting("one"), &["a".to_owned()]).unwrap();
    let raw = rusqlite::Connection::open(folder.path().join("index.db")).unwrap();
    // As a disk does that has room for the removal alone.
    raw.execute_batch("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    store.queue_to_outbox("ses_1", "one", "msg_1", 9).unwrap_err();
    assert_eq!(store.queue("ses_1").unwrap(), [waiting("one")]);
    assert_eq!(store.attachments_held("one").unwrap().len(), 1);
}

#[test]
fn trust_in_a_template_is_for_what_it_says_and_goes_with_its_folder() {
    let (store, _folder) = open();
    store.trust_command("/work", "deploy", "one", 5).unwrap();
    store.trust_command("/work", "deploy", "two", 6).unwrap();
    assert_eq!(
        store.trusted_commands("/work").unwrap(),
        [("deploy".to_owned(), "two".to_owned())]
    );
    assert!(store.trusted_commands("/other").unwrap().is_empty());
    store.forget_folder("/work").unwrap();
    assert!(store.trusted_commands("/work").unwrap().is_empty());
}
