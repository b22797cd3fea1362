//! What is found is what a window shows, wherever it stands.

use cowork_engine::{CallId, EngineEvent, Message, Part, PartContent, PartId, SessionId, ToolState};

use super::*;

fn session() -> SessionId {
    SessionId::from("ses_1")
}

fn message(transcript: &mut Transcript, number: usize, role: Role, contents: Vec<PartContent>) {
    let id = MessageId::from(format!("msg_{number:06}").as_str());
    let said = Message {
        completed: Some(1),
        ..Message::new(id.clone(), session(), role, i64::try_from(number).unwrap())
    };
    let mut patches = Vec::new();
    transcript.apply(EngineEvent::MessageChanged(said), 0, &mut patches);
    for (place, content) in contents.into_iter().enumerate() {
        let part = Part {
            id: PartId::from(format!("prt_{number:06}_{place}").as_str()),
            message: id.clone(),
            content,
        };
        let session = session();
        transcript.apply(EngineEvent::PartChanged { session, part }, 0, &mut patches);
    }
}

fn text(text: &str) -> PartContent {
    PartContent::Text {
        text: text.to_owned(),
        synthetic: false,
    }
}

fn call(kind: ToolKind, target: &str, output: &str) -> PartContent {
    PartContent::Tool(Box::new(ToolCall {
        target: Some(target.to_owned()),
        output: output.to_owned(),
        ..ToolCall::new(
            CallId::from("call_1"),
            "tool".to_owned(),
            kind,
            ToolState::Completed,
        )
    }))
}

fn found(transcript: &Transcript, query: &str) -> Vec<(String, u32)> {
    let stretch = Stretch::before(transcript, None, Path::new("/work")).unwrap();
    let found = stretch.find(query);
    found
        .into_iter()
        .map(|found| (found.place.block, found.count))
        .collect()
}

#[test]
fn is_found_where_it_is_read_and_not_where_it_is_written() {
    let mut transcript = Transcript::new(session());
    message(
        &mut transcript,
        1,
        Role::User,
        vec![text("Look at **Café** twice: cafe")],
    );
    message(
        &mut transcript,
        2,
        Role::Assistant,
        vec![
            text("The *ca*fé is at [its place](https://cafe.example/)."),
            call(ToolKind::Read, "/work/cafe/menu.txt", "cafe cafe cafe"),
        ],
    );
    assert_eq!(
        found(&transcript, "CAFÉ"),
        [
            ("prt_000001_0".to_owned(), 2),
            ("prt_000002_0".to_owned(), 1),
            ("prt_000002_1".to_owned(), 1)
        ]
    );
    assert_eq!(found(&transcript, "/work"), [], "what a path is shown without");
    assert_eq!(found(&transcript, "  "), found(&transcript, " "));
    assert_eq!(found(&transcript, ""), []);
}

#[test]
fn stretches_meet_and_end() {
    let mut transcript = Transcript::new(session());
    for number in 0..1_201 {
        message(&mut transcript, number, Role::Assistant, vec![text("word")]);
    }
    let mut before = None;
    let mut counts = Vec::new();
    loop {
        let stretch = Stretch::before(&transcript, before.as_ref(), Path::new("/")).unwrap();
        counts.push(stretch.messages);
        before = stretch.first.clone();
        let more = stretch.more;
        assert_eq!(stretch.find("word").len(), *counts.last().unwrap());
        if !more {
            break;
        }
    }
    assert_eq!(counts, [500, 500, 201]);
    let unknown = MessageId::from("msg_gone");
    assert!(Stretch::before(&transcript, Some(&unknown), Path::new("/")).is_none());
}

#[test]
fn prompts_lead_from_one_to_the_next() {
    let mut transcript = Transcript::new(session());
    for number in 0..9 {
        let role = if number % 3 == 0 {
            Role::User
        } else {
            Role::Assistant
        };
        message(&mut transcript, number, role, vec![text("word")]);
    }
    let id = |number: usize| MessageId::from(format!("msg_{number:06}").as_str());
    assert_eq!(prompt_beside(&transcript, &id(5), true), Some(id(3)));
    assert_eq!(prompt_beside(&transcript, &id(3), true), Some(id(0)));
    assert_eq!(prompt_beside(&transcript, &id(0), true), None);
    assert_eq!(prompt_beside(&transcript, &id(3), false), Some(id(6)));
    assert_eq!(prompt_beside(&transcript, &id(7), false), None);
}

#[test]
fn what_was_said_is_given_between_two_messages_and_up_to_a_bound() {
    let mut transcript = Transcript::new(session());
    message(&mut transcript, 1, Role::User, vec![text("Read it\n")]);
    message(
        &mut transcript,
        2,
        Role::Assistant,
        vec![
            text("**One**"),
            call(ToolKind::Read, "/a", "never said"),
            text("  \n"),
            text("Two"),
        ],
    );
    message(&mut transcript, 3, Role::Assistant, vec![text("Größe")]);
    let id = |number: usize| MessageId::from(format!("msg_{number:06}").as_str());
    let said = |after: Option<usize>, before: Option<usize>, most: usize| {
        said_between(&transcript, after.map(id).as_ref(), before.map(id).as_ref(), most)
    };
    let whole = |text: &str| Some((text.to_owned(), false));
    assert_eq!(said(None, None, 100), whole("Read it\n\n**One**\n\nTwo\n\nGröße"));
    assert_eq!(said(Some(1), Some(3), 100), whole("**One**\n\nTwo"));
    assert_eq!(said(Some(1), None, 100), whole("**One**\n\nTwo\n\nGröße"));
    assert_eq!(said(Some(2), Some(3), 100), whole(""));
    assert_eq!(said(Some(3), Some(1), 100), whole(""), "the wrong way round");
    assert_eq!(said(Some(7), None, 100), None);
    assert_eq!(said(None, Some(7), 100), None);
    assert_eq!(
        said(Some(2), None, 3),
        Some(("Gr".to_owned(), true)),
        "no half letter"
    );
    assert_eq!(said(None, Some(2), 7), whole("Read it"));
}
