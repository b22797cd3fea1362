//! What waits in a composer: attached files, prompts that are next, templates that are trusted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use cowork_store::{Attachment, DRAFT_HOLDER, QUEUE_LIMIT, QueuedPrompt, Store, StoreError};

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
    store.queue_put_back(&taken).unwrap();
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
