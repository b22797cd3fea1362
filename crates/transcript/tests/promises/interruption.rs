//! What is cut off.

use std::path::PathBuf;

use cowork_engine::{EngineEvent, SessionStatus, ToolState};
use cowork_transcript::{BlockContent, Mark, Patch, Patches, Transcript};

use crate::support::*;

fn at_work() -> Transcript {
    opening_then([
        step("msg_2", "prt_2"),
        changed("msg_2", "prt_3", thought("", None)),
        delta("msg_2", "prt_3", "hm"),
        text("msg_2", "prt_4", ""),
        delta("msg_2", "prt_4", "Half an ans"),
        tool("msg_2", "prt_5", ToolState::Running),
        EngineEvent::PermissionAsked(permission("per_1")),
    ])
}

fn assert_cut_off(transcript: &Transcript) {
    assert!(
        transcript.permissions().is_empty(),
        "nobody takes an answer any more"
    );
    assert!(interrupted(transcript, "msg_2"));
    let tool = tool_view(transcript, "msg_2", "prt_5");
    assert!(tool.interrupted && !tool.waiting, "{tool:?}");
    assert_eq!(
        texts(transcript, "msg_2"),
        ["hm", "Half an ans"],
        "what was on screen stays"
    );
    assert_eq!(
        (transcript.mark(), transcript.working_since()),
        (Mark::Interrupted, None)
    );
}

#[test]
fn a_dead_engine_interrupts_what_ran_and_loses_no_text() {
    let mut transcript = at_work();
    let Patches::Listed(patches) = transcript.interrupt(NOW + 7) else {
        panic!("not everything changed");
    };
    assert_cut_off(&transcript);
    for patch in [
        Patch::Status,
        Patch::Asks,
        Patch::Message {
            message: "msg_2".into(),
        },
        Patch::Block {
            message: "msg_2".into(),
            block: "prt_5".into(),
        },
    ] {
        assert!(patches.contains(&patch), "{patch:?} is missing in {patches:?}");
    }
    let thought = transcript.block(&"msg_2".into(), &"prt_3".into()).unwrap();
    assert!(
        matches!(thought.content, BlockContent::Reasoning { ended: Some(ended), .. } if ended == NOW + 7),
        "a thought does not go on for ever: {thought:?}"
    );
    assert_eq!(
        transcript.interrupt(NOW + 8),
        Patches::Listed(Vec::new()),
        "there is nothing left to interrupt"
    );
}

#[test]
fn a_reset_folder_interrupts_what_ran_in_it() {
    let mut transcript = at_work();
    let before = everything(&transcript);
    assert_eq!(
        feed(
            &mut transcript,
            [EngineEvent::FolderReset(PathBuf::from("/elsewhere"))]
        ),
        []
    );
    assert_eq!(
        everything(&transcript),
        before,
        "another folder's reset is not this session's"
    );
    feed(&mut transcript, [EngineEvent::FolderReset(PathBuf::from(FOLDER))]);
    assert_cut_off(&transcript);
}

#[test]
fn a_deleted_session_is_not_at_work() {
    let mut transcript = at_work();
    feed(&mut transcript, [EngineEvent::SessionRemoved(session())]);
    assert_cut_off(&transcript);
}

#[test]
fn a_prompt_whose_answer_had_not_begun_is_interrupted_until_it_is_answered() {
    let mut transcript = after([head(user("msg_1", 100)), busy()]);
    let _ = transcript.interrupt(NOW);
    assert!(interrupted(&transcript, "msg_1"));
    assert_eq!(transcript.mark(), Mark::Interrupted);
    feed(&mut transcript, [busy(), head(answer("msg_2", 200, "msg_1"))]);
    assert!(!interrupted(&transcript, "msg_1"));
    assert_eq!(transcript.mark(), Mark::Working);
}

#[test]
fn a_session_that_did_nothing_is_not_interrupted() {
    let mut transcript = opening_then([head(finished(answer("msg_2", 200, "msg_1"))), idle()]);
    assert_eq!(transcript.interrupt(NOW), Patches::Listed(Vec::new()));
    assert_eq!(transcript.mark(), Mark::Idle);
}

#[test]
fn a_call_that_never_ended_is_interrupted_when_the_session_is_idle() {
    let mut transcript = opening_then([
        tool("msg_2", "prt_3", ToolState::Running),
        head(finished(answer("msg_2", 200, "msg_1"))),
    ]);
    assert!(!tool_view(&transcript, "msg_2", "prt_3").interrupted);
    feed(&mut transcript, [idle()]);
    assert!(tool_view(&transcript, "msg_2", "prt_3").interrupted);
    feed(&mut transcript, [tool("msg_2", "prt_3", ToolState::Failed)]);
    assert!(
        !tool_view(&transcript, "msg_2", "prt_3").interrupted,
        "its end came after all"
    );
}

#[test]
fn the_next_turn_leaves_the_interrupted_one_interrupted() {
    let mut transcript = at_work();
    let _ = transcript.interrupt(NOW);
    feed(
        &mut transcript,
        [
            head(user("msg_3", 300)),
            busy(),
            head(answer("msg_4", 400, "msg_3")),
            text("msg_4", "prt_7", "Now then."),
            head(finished(answer("msg_4", 400, "msg_3"))),
            idle(),
        ],
    );
    assert!(interrupted(&transcript, "msg_2"));
    assert!(tool_view(&transcript, "msg_2", "prt_5").interrupted);
    assert_eq!(transcript.mark(), Mark::Idle, "the last turn ended well");
}

#[test]
fn an_answer_that_the_engine_left_behind_is_interrupted_when_the_next_begins() {
    let transcript = opening_then([
        tool("msg_2", "prt_3", ToolState::Running),
        head(answer("msg_3", 300, "msg_1")),
    ]);
    assert!(interrupted(&transcript, "msg_2") && !interrupted(&transcript, "msg_3"));
    assert!(tool_view(&transcript, "msg_2", "prt_3").interrupted);
}

#[test]
fn an_answer_that_goes_on_after_all_is_not_interrupted() {
    let mut transcript = at_work();
    let _ = transcript.interrupt(NOW);
    let mut alive = snapshot(vec![
        (user("msg_1", 100), vec![]),
        (answer("msg_2", 200, "msg_1"), vec![("prt_4", written(""))]),
    ]);
    alive.status = SessionStatus::Busy;
    let _ = transcript.restore(alive, NOW);
    feed(&mut transcript, [delta("msg_2", "prt_4", "wer")]);
    assert!(!interrupted(&transcript, "msg_2"));
    assert_eq!(texts(&transcript, "msg_2"), ["Half an answer"]);
}
