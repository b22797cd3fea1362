//! Snapshots in place of events.

use cowork_engine::{
    EngineEvent, Message, MessagePage, OlderMessages, PartContent, SessionSnapshot, SessionStatus, ToolState,
    TurnErrorKind,
};
use cowork_transcript::{Mark, Patch, Patches, Transcript};

use crate::support::*;

#[test]
fn a_snapshot_replaces_everything() {
    let mut transcript = opening_then([text("msg_2", "prt_3", "old")]);
    let patches = transcript.restore(
        snapshot(vec![
            (
                finished(answer("msg_8", 800, "msg_7")),
                vec![("prt_9", written("new"))],
            ),
            (user("msg_7", 700), vec![("prt_7", written("do that"))]),
        ]),
        NOW,
    );
    assert_eq!(patches, Patches::Everything);
    assert_eq!(patches.into_iter().collect::<Vec<_>>(), [Patch::Everything]);
    let ids: Vec<_> = transcript
        .messages()
        .iter()
        .map(|entry| entry.message.id.as_str())
        .collect();
    assert_eq!(ids, ["msg_7", "msg_8"], "in order of creation, however they came");
    assert_eq!(texts(&transcript, "msg_8"), ["new"]);
    assert_eq!(transcript.block(&"msg_2".into(), &"prt_3".into()), None);
    assert_eq!(transcript.mark(), Mark::Idle);
}

#[test]
fn text_that_a_killed_engine_lost_is_kept_and_marked_interrupted() {
    let mut transcript = opening_then([
        step("msg_2", "prt_2"),
        text("msg_2", "prt_3", ""),
        delta("msg_2", "prt_3", "streamed and lost"),
        tool("msg_2", "prt_4", ToolState::Running),
    ]);
    let left = snapshot(vec![
        (user("msg_1", 100), vec![("prt_1", written("do it"))]),
        (
            answer("msg_2", 200, "msg_1"),
            vec![
                ("prt_2", PartContent::StepStarted),
                ("prt_3", written("")),
                ("prt_4", PartContent::Tool(Box::new(call(ToolState::Running)))),
            ],
        ),
    ]);
    let _ = transcript.restore(left, NOW);
    assert_eq!(texts(&transcript, "msg_2"), ["streamed and lost"]);
    assert!(interrupted(&transcript, "msg_2"));
    assert!(tool_view(&transcript, "msg_2", "prt_4").interrupted);
    assert_eq!(transcript.mark(), Mark::Interrupted);
}

#[test]
fn what_dangles_from_an_earlier_run_is_interrupted_though_a_new_turn_runs() {
    let mut left = snapshot(vec![
        (user("msg_1", 100), vec![]),
        (
            answer("msg_2", 200, "msg_1"),
            vec![("prt_3", PartContent::Tool(Box::new(call(ToolState::Running))))],
        ),
        (user("msg_3", 300), vec![]),
        (answer("msg_4", 400, "msg_3"), vec![("prt_5", written(""))]),
    ]);
    left.status = SessionStatus::Busy;
    let mut transcript = Transcript::new(session());
    let _ = transcript.restore(left, NOW);
    assert!(interrupted(&transcript, "msg_2"));
    assert!(tool_view(&transcript, "msg_2", "prt_3").interrupted);
    assert!(!interrupted(&transcript, "msg_4"), "this one is being written");
    assert_eq!(
        (transcript.mark(), transcript.working_since()),
        (Mark::Working, Some(300))
    );
}

#[test]
fn a_finished_messages_text_is_the_engines_even_when_it_is_shorter() {
    let mut transcript = opening_then([text("msg_2", "prt_3", ""), delta("msg_2", "prt_3", "words \n\n")]);
    let _ = transcript.restore(
        snapshot(vec![(
            finished(answer("msg_2", 200, "msg_1")),
            vec![("prt_3", written("words"))],
        )]),
        NOW,
    );
    assert_eq!(texts(&transcript, "msg_2"), ["words"]);
}

#[test]
fn text_of_a_request_that_was_repeated_unseen_is_void() {
    let mut transcript = opening_then([
        step("msg_2", "prt_2"),
        text("msg_2", "prt_3", ""),
        delta("msg_2", "prt_3", "Hello wor"),
    ]);
    let mut later = snapshot(vec![(
        answer("msg_2", 200, "msg_1"),
        vec![
            ("prt_2", PartContent::StepStarted),
            ("prt_3", written("")),
            ("prt_5", PartContent::StepStarted),
            ("prt_6", written("")),
        ],
    )]);
    later.status = SessionStatus::Busy;
    let _ = transcript.restore(later, NOW);
    feed(&mut transcript, [delta("msg_2", "prt_6", "Hello world")]);
    assert_eq!(texts(&transcript, "msg_2"), ["Hello world"]);
}

#[test]
fn events_from_before_the_snapshot_change_nothing_of_a_finished_turn() {
    let turn = [
        step("msg_2", "prt_2"),
        text("msg_2", "prt_3", ""),
        delta("msg_2", "prt_3", "whole"),
        text("msg_2", "prt_3", "whole"),
        step_done("msg_2", "prt_4"),
        head(finished(answer("msg_2", 200, "msg_1"))),
    ];
    let mut transcript = Transcript::new(session());
    let _ = transcript.restore(
        snapshot(vec![
            (user("msg_1", 100), vec![("prt_1", written("do it"))]),
            (
                finished(answer("msg_2", 200, "msg_1")),
                vec![
                    ("prt_2", PartContent::StepStarted),
                    ("prt_3", written("whole")),
                    (
                        "prt_4",
                        PartContent::StepFinished {
                            usage: cowork_engine::Usage::default(),
                        },
                    ),
                ],
            ),
        ]),
        NOW,
    );
    let before = everything(&transcript);
    assert_eq!(feed(&mut transcript, turn), []);
    assert_eq!(everything(&transcript), before);
}

#[test]
fn deltas_that_came_before_the_snapshot_brought_their_message_are_kept() {
    let mut transcript = after([
        busy(),
        delta("msg_2", "prt_3", "early "),
        delta("msg_2", "prt_4", "unseen "),
    ]);
    let mut running = snapshot(vec![(
        answer("msg_2", 200, "msg_1"),
        vec![("prt_3", written(""))],
    )]);
    running.status = SessionStatus::Busy;
    let _ = transcript.restore(running, NOW);
    feed(
        &mut transcript,
        [
            delta("msg_2", "prt_3", "late"),
            text("msg_2", "prt_4", ""),
            delta("msg_2", "prt_4", "too"),
        ],
    );
    assert_eq!(texts(&transcript, "msg_2"), ["early late", "unseen too"]);
}

#[test]
fn a_turn_that_runs_on_keeps_its_beginning() {
    let mut transcript = opening_then([]);
    let mut running = snapshot(vec![(user("msg_1", 100), vec![])]);
    running.status = SessionStatus::Busy;
    let _ = transcript.restore(running, NOW + 500);
    assert_eq!(transcript.working_since(), Some(NOW));
}

#[test]
fn a_failure_that_no_message_carries_outlives_a_snapshot_until_something_newer_happens() {
    let mut transcript = after([
        head(user("msg_1", 100)),
        busy(),
        failed(TurnErrorKind::UnknownAgent),
    ]);
    let same = || snapshot(vec![(user("msg_1", 100), vec![])]);
    let _ = transcript.restore(same(), NOW);
    assert_eq!(transcript.mark(), Mark::Failed);
    let mut newer = same();
    newer
        .messages
        .extend(snapshot(vec![(finished(answer("msg_2", 200, "msg_1")), vec![])]).messages);
    let _ = transcript.restore(newer, NOW);
    assert_eq!((transcript.error(), transcript.mark()), (None, Mark::Idle));
}

#[test]
fn the_last_turns_failure_is_read_from_its_message() {
    let with_error = |kind| {
        let message = Message {
            error: Some(failure(kind)),
            ..finished(answer("msg_2", 200, "msg_1"))
        };
        snapshot(vec![(user("msg_1", 100), vec![]), (message, vec![])])
    };
    let mut transcript = Transcript::new(session());
    let _ = transcript.restore(with_error(TurnErrorKind::Unauthorized), NOW);
    assert_eq!(transcript.mark(), Mark::Failed);
    assert_eq!(transcript.error_message(), Some(&"msg_2".into()));
    let mut transcript = Transcript::new(session());
    let _ = transcript.restore(with_error(TurnErrorKind::Aborted), NOW);
    assert_eq!(
        (transcript.error(), transcript.mark()),
        (None, Mark::Idle),
        "the person stopped it"
    );
}

#[test]
fn open_asks_and_the_plan_come_with_the_snapshot() {
    let mut waiting = snapshot(vec![(
        answer("msg_2", 200, "msg_1"),
        vec![("prt_3", PartContent::Tool(Box::new(call(ToolState::Running))))],
    )]);
    waiting.status = SessionStatus::Busy;
    waiting.permissions = vec![permission("per_1")];
    let mut transcript = Transcript::new(session());
    let _ = transcript.restore(waiting, NOW);
    assert_eq!(transcript.mark(), Mark::AsksPermission);
    let tool = tool_view(&transcript, "msg_2", "prt_3");
    assert!(tool.waiting && !tool.interrupted, "{tool:?}");
}

#[test]
fn another_sessions_snapshot_changes_nothing() {
    let mut transcript = opening_then([text("msg_2", "prt_3", "words")]);
    let before = everything(&transcript);
    let mut other = snapshot(vec![]);
    other.session.id = "ses_2".into();
    assert_eq!(transcript.restore(other, NOW), Patches::Listed(Vec::new()));
    assert_eq!(everything(&transcript), before);
    feed(&mut transcript, [EngineEvent::Connected]);
    assert_eq!(everything(&transcript), before);
}

/// What the engine has of a turn that runs: it writes a text down when it ended.
fn running_with(parts: Vec<(&str, PartContent)>) -> SessionSnapshot {
    let mut running = snapshot(vec![
        (user("msg_1", 100), vec![("prt_1", written("do it"))]),
        (answer("msg_2", 200, "msg_1"), parts),
    ]);
    running.status = SessionStatus::Busy;
    running
}

#[test]
fn a_text_of_which_a_piece_was_missed_waits_for_the_whole() {
    let mut transcript = opening_then([
        step("msg_2", "prt_2"),
        text("msg_2", "prt_3", ""),
        delta("msg_2", "prt_3", "The beginning, "),
    ]);
    let _ = transcript.restore_after_gap(
        running_with(vec![("prt_2", PartContent::StepStarted), ("prt_3", written(""))]),
        NOW,
    );
    feed(&mut transcript, [delta("msg_2", "prt_3", "and the end.")]);
    assert_eq!(
        texts(&transcript, "msg_2"),
        ["The beginning, "],
        "the middle is not there, so the end would be wrong"
    );
    let whole = "The beginning, the middle, and the end.";
    feed(&mut transcript, [text("msg_2", "prt_3", whole)]);
    assert_eq!(texts(&transcript, "msg_2"), [whole]);
}

#[test]
fn a_text_that_begins_after_a_gap_streams_on() {
    let mut transcript = opening_then([step("msg_2", "prt_2")]);
    let _ = transcript.restore_after_gap(
        running_with(vec![("prt_2", PartContent::StepStarted), ("prt_3", written(""))]),
        NOW,
    );
    feed(
        &mut transcript,
        [
            text("msg_2", "prt_3", ""),
            delta("msg_2", "prt_3", "From the first word on"),
        ],
    );
    assert_eq!(texts(&transcript, "msg_2"), ["From the first word on"]);
    feed(
        &mut transcript,
        [
            text("msg_2", "prt_4", ""),
            delta("msg_2", "prt_4", "and the next"),
        ],
    );
    assert_eq!(
        texts(&transcript, "msg_2"),
        ["From the first word on", "and the next"]
    );
}

#[test]
fn what_a_killed_command_printed_is_kept() {
    let printed = |output: &str| {
        let mut running = call(ToolState::Running);
        output.clone_into(&mut running.output);
        PartContent::Tool(Box::new(running))
    };
    let mut transcript = opening_then([changed("msg_2", "prt_4", printed("one\ntwo\n"))]);
    let _ = transcript.restore(
        snapshot(vec![
            (user("msg_1", 100), vec![]),
            (answer("msg_2", 200, "msg_1"), vec![("prt_4", printed("one\n"))]),
        ]),
        NOW,
    );
    assert_eq!(tool_view(&transcript, "msg_2", "prt_4").call.output, "one\ntwo\n");
}

fn ids(transcript: &Transcript) -> Vec<&str> {
    let entries = transcript.messages().iter();
    entries.map(|entry| entry.message.id.as_str()).collect()
}

fn older() -> OlderMessages {
    OlderMessages("before".to_owned())
}

/// The messages that were not read, of a conversation of which the newest two were.
fn the_rest() -> MessagePage {
    let messages = vec![
        (user("msg_1", 100), vec![("prt_1", written("do it"))]),
        (finished(answer("msg_2", 200, "msg_1")), vec![]),
    ];
    MessagePage {
        messages: snapshot(messages).messages,
        older: None,
    }
}

fn newest() -> SessionSnapshot {
    let messages = vec![
        (finished(answer("msg_3", 300, "msg_1")), vec![]),
        (answer("msg_4", 400, "msg_1"), vec![]),
    ];
    SessionSnapshot {
        older: Some(older()),
        ..snapshot(messages)
    }
}

#[test]
fn what_was_told_before_a_conversation_was_read_does_not_stand_for_all_that_is_older() {
    let mut transcript = after([head(answer("msg_3", 300, "msg_1"))]);
    let _ = transcript.restore(newest(), NOW);
    assert_eq!(transcript.older(), Some(&older()));
    let _ = transcript.extend_back(the_rest());
    assert_eq!(ids(&transcript), ["msg_1", "msg_2", "msg_3", "msg_4"]);
}

#[test]
fn news_of_a_prompt_that_was_not_read_keep_nothing_from_being_read() {
    let mut transcript = Transcript::new(session());
    let _ = transcript.restore(newest(), NOW);
    let patches = feed(&mut transcript, [head(user("msg_1", 100))]);
    assert_eq!((patches, ids(&transcript)), (Vec::new(), vec!["msg_3", "msg_4"]));
    let _ = transcript.extend_back(the_rest());
    assert_eq!(ids(&transcript), ["msg_1", "msg_2", "msg_3", "msg_4"]);
    assert_eq!(texts(&transcript, "msg_1"), ["do it"]);
    // The beginning is known now: what is told of it is taken again.
    let asked = Message {
        agent: Some("plan".to_owned()),
        ..user("msg_1", 100)
    };
    feed(&mut transcript, [head(asked)]);
    assert_eq!(transcript.messages()[0].message.agent.as_deref(), Some("plan"));
}
