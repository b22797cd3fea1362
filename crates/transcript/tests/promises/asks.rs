//! What waits for the person.

use cowork_engine::{EngineEvent, ToolState};
use cowork_transcript::{Mark, Patch};

use crate::support::*;

#[test]
fn a_permission_is_asked_once_and_gone_when_answered() {
    let mut transcript = opening_then([tool("msg_2", "prt_3", ToolState::Running)]);
    let asked = || EngineEvent::PermissionAsked(permission("per_1"));
    let patches = feed(&mut transcript, [asked(), asked()]);
    let call = Patch::Block {
        message: "msg_2".into(),
        block: "prt_3".into(),
    };
    assert_eq!(patches, [Patch::Asks, call.clone()]);
    assert_eq!(
        (transcript.permissions().len(), transcript.mark()),
        (1, Mark::AsksPermission)
    );
    assert!(tool_view(&transcript, "msg_2", "prt_3").waiting);
    let patches = feed(
        &mut transcript,
        [
            permission_answered("per_1"),
            permission_answered("per_1"),
            asked(),
        ],
    );
    assert_eq!(patches, [Patch::Asks, call], "an answered ask does not come back");
    assert_eq!(
        (transcript.permissions().len(), transcript.mark()),
        (0, Mark::Working)
    );
    assert!(!tool_view(&transcript, "msg_2", "prt_3").waiting);
}

#[test]
fn a_call_that_is_told_after_its_ask_waits_too() {
    let mut transcript = opening_then([
        EngineEvent::PermissionAsked(permission("per_1")),
        tool("msg_2", "prt_3", ToolState::Pending),
    ]);
    assert!(tool_view(&transcript, "msg_2", "prt_3").waiting);
    feed(&mut transcript, [tool("msg_2", "prt_3", ToolState::Running)]);
    assert!(
        tool_view(&transcript, "msg_2", "prt_3").waiting,
        "it waits though its state says that it runs"
    );
    feed(&mut transcript, [tool("msg_2", "prt_3", ToolState::Failed)]);
    assert!(
        !tool_view(&transcript, "msg_2", "prt_3").waiting,
        "a call that ended waits for nobody"
    );
}

#[test]
fn a_call_waits_until_the_last_of_its_asks_is_answered() {
    let mut transcript = opening_then([
        tool("msg_2", "prt_3", ToolState::Running),
        EngineEvent::PermissionAsked(permission("per_1")),
        EngineEvent::PermissionAsked(permission("per_2")),
        permission_answered("per_1"),
    ]);
    assert!(tool_view(&transcript, "msg_2", "prt_3").waiting);
    feed(&mut transcript, [permission_answered("per_2")]);
    assert!(!tool_view(&transcript, "msg_2", "prt_3").waiting);
}

#[test]
fn a_question_is_asked_once_and_gone_when_answered() {
    let mut transcript = opening_then([
        tool("msg_2", "prt_3", ToolState::Running),
        EngineEvent::QuestionAsked(question("que_1")),
        EngineEvent::QuestionAsked(question("que_1")),
    ]);
    assert_eq!(
        (transcript.questions().len(), transcript.mark()),
        (1, Mark::AsksQuestion)
    );
    assert!(tool_view(&transcript, "msg_2", "prt_3").waiting);
    feed(
        &mut transcript,
        [
            question_answered("que_1"),
            EngineEvent::QuestionAsked(question("que_1")),
        ],
    );
    assert_eq!(
        (transcript.questions().len(), transcript.mark()),
        (0, Mark::Working)
    );
}

#[test]
fn a_session_that_is_idle_asks_nothing() {
    let mut transcript = opening_then([
        tool("msg_2", "prt_3", ToolState::Running),
        EngineEvent::PermissionAsked(permission("per_1")),
        failed(cowork_engine::TurnErrorKind::Aborted),
    ]);
    let patches = feed(&mut transcript, [idle()]);
    assert!(patches.contains(&Patch::Asks), "{patches:?}");
    assert!(
        transcript.permissions().is_empty(),
        "nobody takes an answer any more"
    );
    let tool = tool_view(&transcript, "msg_2", "prt_3");
    assert!(tool.interrupted && !tool.waiting, "{tool:?}");
    assert_eq!(transcript.mark(), Mark::Idle);
}

#[test]
fn a_snapshot_does_not_bring_back_what_was_answered_while_it_was_read() {
    let mut transcript = opening_then([
        EngineEvent::PermissionAsked(permission("per_1")),
        permission_answered("per_1"),
    ]);
    let mut late = snapshot(vec![]);
    late.permissions = vec![permission("per_1"), permission("per_2")];
    let _ = transcript.restore(late, NOW);
    let open: Vec<_> = transcript
        .permissions()
        .iter()
        .map(|ask| ask.id.as_str())
        .collect();
    assert_eq!(open, ["per_2"]);
}
