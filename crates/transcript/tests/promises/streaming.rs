//! Text that streams, in whatever order.

use cowork_engine::{EngineEvent, PartContent, Role, SessionId, SessionStatus, ToolState};
use cowork_transcript::{BlockContent, Patch};

use crate::support::*;

#[test]
fn deltas_make_a_text_and_say_from_where_it_grew() {
    let mut transcript = opening_then([text("msg_2", "prt_3", "")]);
    assert_eq!(
        feed(&mut transcript, [delta("msg_2", "prt_3", "Grüße ")]),
        [Patch::TextGrew {
            message: "msg_2".into(),
            block: "prt_3".into(),
            from: 0
        }]
    );
    assert_eq!(
        feed(
            &mut transcript,
            [delta("msg_2", "prt_3", "an "), delta("msg_2", "prt_3", "alle")]
        ),
        [Patch::TextGrew {
            message: "msg_2".into(),
            block: "prt_3".into(),
            from: "Grüße ".len()
        }],
        "consecutive growth of one block is one patch"
    );
    assert_eq!(texts(&transcript, "msg_2"), ["Grüße an alle"]);
}

#[test]
fn growth_of_two_blocks_in_turn_is_said_of_each() {
    let mut transcript = opening_then([text("msg_2", "prt_3", ""), text("msg_2", "prt_4", "")]);
    let patches = feed(
        &mut transcript,
        [
            delta("msg_2", "prt_3", "a"),
            delta("msg_2", "prt_4", "b"),
            delta("msg_2", "prt_3", "c"),
        ],
    );
    let grew = |block: &str, from| Patch::TextGrew {
        message: "msg_2".into(),
        block: block.into(),
        from,
    };
    assert_eq!(patches, [grew("prt_3", 0), grew("prt_4", 0), grew("prt_3", 1)]);
    assert_eq!(texts(&transcript, "msg_2"), ["ac", "b"]);
}

#[test]
fn a_delta_before_its_part_is_not_lost() {
    let transcript = opening_then([
        delta("msg_2", "prt_3", "first "),
        delta("msg_2", "prt_3", "second "),
        changed("msg_2", "prt_3", thought("", None)),
        delta("msg_2", "prt_3", "third"),
    ]);
    assert_eq!(texts(&transcript, "msg_2"), ["first second third"]);
    let block = transcript.block(&"msg_2".into(), &"prt_3".into()).unwrap();
    assert!(
        matches!(block.content, BlockContent::Reasoning { .. }),
        "its kind is the part's: {block:?}"
    );
}

#[test]
fn parts_and_deltas_before_their_message_are_not_lost() {
    let mut transcript = after([
        step("msg_2", "prt_2"),
        text("msg_2", "prt_3", ""),
        delta("msg_2", "prt_3", "early "),
        tool("msg_2", "prt_4", ToolState::Pending),
    ]);
    assert!(
        transcript.messages().is_empty(),
        "a part without a message is not shown"
    );
    let patches = feed(
        &mut transcript,
        [
            head(answer("msg_2", 200, "msg_1")),
            delta("msg_2", "prt_3", "late"),
        ],
    );
    assert_eq!(texts(&transcript, "msg_2"), ["early late"]);
    assert_eq!(
        tool_view(&transcript, "msg_2", "prt_4").call.state,
        ToolState::Pending
    );
    assert_eq!(
        patches,
        [
            Patch::Message {
                message: "msg_2".into()
            },
            Patch::Block {
                message: "msg_2".into(),
                block: "prt_3".into()
            },
            Patch::Block {
                message: "msg_2".into(),
                block: "prt_4".into()
            },
            Patch::TextGrew {
                message: "msg_2".into(),
                block: "prt_3".into(),
                from: "early ".len()
            },
        ]
    );
}

#[test]
fn a_whole_text_that_was_streamed_early_is_not_doubled() {
    let transcript = opening_then([delta("msg_2", "prt_3", "whole"), text("msg_2", "prt_3", "whole")]);
    assert_eq!(texts(&transcript, "msg_2"), ["whole"]);
}

#[test]
fn the_engines_final_text_wins_over_a_longer_streamed_one() {
    let mut transcript = opening_then([text("msg_2", "prt_3", ""), delta("msg_2", "prt_3", "words \n\n")]);
    let patches = feed(&mut transcript, [text("msg_2", "prt_3", "words")]);
    assert_eq!(texts(&transcript, "msg_2"), ["words"]);
    assert_eq!(
        patches,
        [Patch::Block {
            message: "msg_2".into(),
            block: "prt_3".into()
        }]
    );
}

#[test]
fn a_final_text_that_equals_the_streamed_one_changes_nothing() {
    let mut transcript = opening_then([text("msg_2", "prt_3", ""), delta("msg_2", "prt_3", "words")]);
    assert_eq!(feed(&mut transcript, [text("msg_2", "prt_3", "words")]), []);
}

#[test]
fn an_empty_text_that_comes_late_takes_nothing_away() {
    let transcript = opening_then([
        text("msg_2", "prt_3", ""),
        delta("msg_2", "prt_3", "words"),
        text("msg_2", "prt_3", ""),
    ]);
    assert_eq!(texts(&transcript, "msg_2"), ["words"]);
}

#[test]
fn a_repeated_request_leaves_no_doubled_text() {
    let mut transcript = opening_then([
        step("msg_2", "prt_2"),
        changed("msg_2", "prt_3", thought("", None)),
        delta("msg_2", "prt_3", "hm"),
        text("msg_2", "prt_4", ""),
        delta("msg_2", "prt_4", "Hello wor"),
        retry(1),
        busy(),
    ]);
    assert_eq!(
        texts(&transcript, "msg_2"),
        ["hm", "Hello wor"],
        "it stays on screen until the next request"
    );
    let patches = feed(&mut transcript, [step("msg_2", "prt_5")]);
    let removed = |block: &str| Patch::BlockRemoved {
        message: "msg_2".into(),
        block: block.into(),
    };
    assert_eq!(patches, [removed("prt_3"), removed("prt_4")]);
    feed(
        &mut transcript,
        [
            text("msg_2", "prt_6", ""),
            delta("msg_2", "prt_6", "Hello world"),
            text("msg_2", "prt_4", ""),
            delta("msg_2", "prt_4", "void"),
            text("msg_2", "prt_4", "void"),
            text("msg_2", "prt_6", "Hello world"),
            step_done("msg_2", "prt_7"),
        ],
    );
    assert_eq!(texts(&transcript, "msg_2"), ["Hello world"]);
}

#[test]
fn text_of_a_failed_request_that_never_got_its_part_is_void_too() {
    let transcript = opening_then([
        step("msg_2", "prt_2"),
        delta("msg_2", "prt_3", "Hello wor"),
        step("msg_2", "prt_5"),
        text("msg_2", "prt_3", ""),
        text("msg_2", "prt_6", "Hello world"),
    ]);
    assert_eq!(texts(&transcript, "msg_2"), ["Hello world"]);
}

#[test]
fn a_request_that_ended_well_keeps_its_text_when_another_begins() {
    let transcript = opening_then([
        step("msg_2", "prt_2"),
        text("msg_2", "prt_3", "One."),
        step_done("msg_2", "prt_4"),
        step("msg_2", "prt_5"),
        text("msg_2", "prt_6", "Two."),
        step_done("msg_2", "prt_4"),
        step("msg_2", "prt_2"),
    ]);
    assert_eq!(
        texts(&transcript, "msg_2"),
        ["One.", "Two."],
        "late repeats of a step begin and end nothing"
    );
}

#[test]
fn a_repeated_request_keeps_the_calls_that_were_made() {
    let transcript = opening_then([
        step("msg_2", "prt_2"),
        text("msg_2", "prt_3", "I will look."),
        tool("msg_2", "prt_4", ToolState::Completed),
        step("msg_2", "prt_5"),
        delta("msg_2", "prt_6", "So"),
        text("msg_2", "prt_6", ""),
    ]);
    assert_eq!(texts(&transcript, "msg_2"), ["So"]);
    assert_eq!(
        tool_view(&transcript, "msg_2", "prt_4").call.state,
        ToolState::Completed
    );
}

#[test]
fn a_prompt_that_waits_stands_in_order_of_creation() {
    let transcript = opening_then([
        head(user("msg_5", 300)),
        head(answer("msg_6", 400, "msg_5")),
        head(answer("msg_4", 250, "msg_1")),
        head(answer("msg_3", 250, "msg_1")),
    ]);
    let order: Vec<_> = transcript
        .messages()
        .iter()
        .map(|entry| entry.message.id.as_str())
        .collect();
    assert_eq!(order, ["msg_1", "msg_2", "msg_3", "msg_4", "msg_5", "msg_6"]);
    for entry in transcript.messages() {
        assert_eq!(
            transcript.entry(&entry.message.id),
            Some(entry),
            "a message is found by its id"
        );
    }
}

#[test]
fn what_the_engine_adds_for_the_model_is_not_shown() {
    let hidden = PartContent::Text {
        text: "<file>…".to_owned(),
        synthetic: true,
    };
    let transcript = opening_then([
        changed("msg_1", "prt_2", hidden),
        changed(
            "msg_1",
            "prt_3",
            PartContent::File {
                name: "a.png".into(),
                media_type: "image/png".into(),
            },
        ),
        changed(
            "msg_2",
            "prt_4",
            PartContent::Other {
                kind: "snapshot".into(),
            },
        ),
        changed(
            "msg_2",
            "prt_5",
            PartContent::Patch {
                files: vec!["/a".into()],
            },
        ),
    ]);
    let shown = &transcript.messages()[0].blocks;
    assert_eq!(shown.len(), 2, "the prompt and its file: {shown:?}");
    assert_eq!(transcript.messages()[0].message.role, Role::User);
    assert!(transcript.messages()[1].blocks.is_empty());
}

#[test]
fn other_sessions_events_change_nothing() {
    let mut transcript = opening_then([text("msg_2", "prt_3", "words")]);
    let before = everything(&transcript);
    let other = SessionId::from("ses_2");
    let mut foreign = user("msg_9", 900);
    foreign.session = other.clone();
    let mut ask = permission("per_1");
    ask.session = other.clone();
    let patches = feed(
        &mut transcript,
        [
            head(foreign),
            EngineEvent::PartGrew {
                session: other.clone(),
                message: "msg_2".into(),
                part: "prt_3".into(),
                delta: "no".into(),
            },
            EngineEvent::StatusChanged {
                session: other.clone(),
                status: SessionStatus::default(),
            },
            EngineEvent::PermissionAsked(ask),
            EngineEvent::SessionRemoved(other.clone()),
            EngineEvent::MessageRemoved {
                session: other,
                message: "msg_2".into(),
            },
            EngineEvent::Connected,
            EngineEvent::Heartbeat,
            EngineEvent::Ignored { kind: "news".into() },
        ],
    );
    assert_eq!(patches, []);
    assert_eq!(everything(&transcript), before);
}

#[test]
fn removed_parts_and_messages_are_gone_and_what_stays_is_found() {
    let mut transcript = opening_then([
        text("msg_2", "prt_3", "one"),
        text("msg_2", "prt_4", "two"),
        text("msg_2", "prt_5", "three"),
    ]);
    let gone = EngineEvent::PartRemoved {
        session: session(),
        message: "msg_2".into(),
        part: "prt_3".into(),
    };
    assert_eq!(
        feed(&mut transcript, [gone]),
        [Patch::BlockRemoved {
            message: "msg_2".into(),
            block: "prt_3".into()
        }]
    );
    feed(&mut transcript, [delta("msg_2", "prt_5", "!")]);
    assert_eq!(texts(&transcript, "msg_2"), ["two", "three!"]);
    let gone = EngineEvent::MessageRemoved {
        session: session(),
        message: "msg_1".into(),
    };
    let patches = feed(
        &mut transcript,
        [gone.clone(), gone, delta("msg_2", "prt_4", "?")],
    );
    assert_eq!(
        patches.first(),
        Some(&Patch::MessageRemoved {
            message: "msg_1".into()
        })
    );
    assert_eq!(texts(&transcript, "msg_2"), ["two?", "three!"]);
    assert_eq!(transcript.messages().len(), 1);
}
