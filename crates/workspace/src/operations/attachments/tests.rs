//! What is attached, where something comes between.

use super::*;
use crate::operations::prompts::Outgoing;
use crate::providers::testing::{Ring, given_up, open};
use crate::told;

fn file(name: &str, content: FileContent) -> PromptPart {
    PromptPart::File {
        name: name.to_owned(),
        media_type: "text/plain".to_owned(),
        content,
    }
}

fn given(name: &str) -> GivenFile {
    GivenFile {
        name: name.to_owned(),
        bytes: b"something".to_vec(),
    }
}

#[test]
fn files_that_the_engine_does_not_give_are_named() {
    let shown = ["a.png", "a.png", "src/b.rs"].map(str::to_owned).to_vec();
    let mut with = WentWith {
        parts: Some(vec![
            file("a.png", FileContent::Data(Vec::new())),
            file("src/b.rs", FileContent::At("/w/src/b.rs".into())),
        ]),
        shown,
        text: "Look at @src/b.rs".to_owned(),
    };
    assert_eq!(with.missing(), ["a.png"]);
    // Where it gives nothing at all, what the words name goes along by them.
    with.parts = None;
    assert_eq!(with.missing(), ["a.png", "a.png"]);
    assert!(WentWith::nothing().missing().is_empty());
}

#[tokio::test]
async fn what_was_attached_on_the_home_page_is_there_again_when_its_first_prompt_is_not_taken() {
    let (_root, workspace) = open(&Ring::default()).await;
    given_up(&workspace).await;
    let attached = workspace.attach(HOME, vec![given("a.txt")]).await.unwrap();
    let snapshot = told::snapshot(&"ses_1".into(), Vec::new());
    workspace
        .inner
        .state()
        .restore(snapshot, Vec::new(), 1, &mut Vec::new());
    let outgoing = Outgoing {
        text: "Look at this".to_owned(),
        attachments: vec![attached.attached[0].id.clone()],
        ..Outgoing::default()
    };
    for _ in 0..2 {
        let refused = workspace.send_with("ses_1", outgoing.clone()).await;
        let refused = refused.unwrap_err();
        assert!(!matches!(refused, WorkspaceError::NotFound(_)), "{refused:?}");
    }
    // The window takes the thread away in which nothing was said.
    workspace.inner.store.remove_session("ses_1").unwrap();
    let home = workspace.composer(HOME).await.unwrap();
    assert_eq!(home.attachments, attached.attached);
}

#[tokio::test]
async fn a_file_whose_bytes_are_not_those_that_were_attached_does_not_go_out() {
    let (_root, workspace) = open(&Ring::default()).await;
    given_up(&workspace).await;
    let attached = workspace.attach(HOME, vec![given("a.txt")]).await.unwrap();
    let id = attached.attached[0].id.clone();
    let ids = [id.clone()];
    assert!(workspace.attached_parts(HOME, DRAFT_HOLDER, &ids).await.is_ok());
    fs::write(workspace.attachments_place().join(&id), b"").unwrap();
    let refused = workspace.attached_parts(HOME, DRAFT_HOLDER, &ids).await;
    let Err(WorkspaceError::InvalidInput(said)) = refused else {
        panic!("an empty file goes out");
    };
    assert!(said.contains("a.txt"), "{said}");
}

#[tokio::test]
async fn of_several_files_none_stays_attached_when_one_cannot_be_kept() {
    let (_root, workspace) = open(&Ring::default()).await;
    given_up(&workspace).await;
    let store = workspace.inner.store.clone();
    for number in 1..cowork_store::ATTACHMENTS_LIMIT {
        let other = Attachment {
            id: format!("other {number}"),
            session: "ses_other".to_owned(),
            holder: DRAFT_HOLDER.to_owned(),
            name: "x".to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: 1,
            thumbnail: None,
            scaled: false,
            created: 1,
        };
        store.attachment_put(&other).unwrap();
    }
    let refused = workspace.attach(HOME, vec![given("a.txt"), given("b.txt")]).await;
    assert!(matches!(refused, Err(WorkspaceError::NotSaved(_))), "{refused:?}");
    assert!(store.attachments_of(HOME).unwrap().is_empty());
    let left = fs::read_dir(workspace.attachments_place()).unwrap().count();
    assert_eq!(left, 0, "bytes that nobody knows");
}

#[tokio::test]
async fn what_nothing_needs_is_counted_and_goes_and_what_a_draft_holds_stays() {
    let (_root, workspace) = open(&Ring::default()).await;
    given_up(&workspace).await;
    let attached = workspace
        .attach(HOME, vec![given("a.txt"), given("b.txt")])
        .await
        .unwrap();
    let place = workspace.attachments_place();
    let old = place.join("of another run");
    fs::write(&old, b"1234").unwrap();
    fs::write(place.join("written just now"), b"1234").unwrap();
    let file = fs::File::options().write(true).open(&old).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    // Its prompt is neither on its way nor waiting.
    let ids = [attached.attached[1].id.clone()];
    let store = &workspace.inner.store;
    store.attachments_give(&ids, "ses_1", "msg_gone").unwrap();

    let report = workspace.storage_report().await.unwrap();
    assert_eq!((report.attachments, report.needless_attachments), (26, 13));
    assert_eq!(workspace.delete_needless_attachments().await.unwrap(), 13);
    let report = workspace.storage_report().await.unwrap();
    assert_eq!((report.attachments, report.needless_attachments), (13, 0));
    let home = workspace.composer(HOME).await.unwrap();
    assert_eq!(home.attachments, attached.attached[..1]);
}
