//! How a turn begins, fails and ends.

use cowork_engine::{EngineEvent, Message, SessionStatus, Todo, TodoState, ToolState, TurnErrorKind, Usage};
use cowork_transcript::{Mark, Patch};

use crate::support::*;

#[test]
fn a_turn_is_at_work_from_its_beginning_to_its_end() {
    let mut transcript = opening_then([]);
    assert_eq!(
        (transcript.mark(), transcript.working_since()),
        (Mark::Working, Some(NOW))
    );
    let mut patches = Vec::new();
    transcript.apply(retry(1), NOW + 1, &mut patches);
    assert_eq!(
        (transcript.mark(), transcript.working_since()),
        (Mark::Retrying, Some(NOW))
    );
    transcript.apply(busy(), NOW + 2, &mut patches);
    transcript.apply(
        head(finished(answer("msg_2", 200, "msg_1"))),
        NOW + 3,
        &mut patches,
    );
    transcript.apply(idle(), NOW + 4, &mut patches);
    assert_eq!(
        (transcript.mark(), transcript.working_since()),
        (Mark::Idle, None)
    );
    assert_eq!(transcript.status(), &SessionStatus::Idle);
}

#[test]
fn repeats_and_what_trails_after_the_end_change_nothing() {
    let done = Message {
        usage: Usage {
            input: 5,
            ..Usage::default()
        },
        ..finished(answer("msg_2", 200, "msg_1"))
    };
    let turn = [
        step("msg_2", "prt_2"),
        tool("msg_2", "prt_3", ToolState::Completed),
        text("msg_2", "prt_4", "whole"),
        step_done("msg_2", "prt_5"),
        head(done.clone()),
        idle(),
    ];
    let mut transcript = opening_then(turn.clone());
    let before = everything(&transcript);
    let trailing = turn.into_iter().chain([
        idle(),
        head(user("msg_1", 100)),
        text("msg_1", "prt_1", "do it"),
        text("msg_2", "prt_4", ""),
        delta("msg_2", "prt_4", "le"),
        tool("msg_2", "prt_3", ToolState::Running),
        tool("msg_2", "prt_3", ToolState::Pending),
        head(answer("msg_2", 200, "msg_1")),
        step("msg_2", "prt_2"),
        head(done),
        idle(),
    ]);
    assert_eq!(
        feed(&mut transcript, trailing),
        [],
        "nothing is to be drawn again"
    );
    assert_eq!(everything(&transcript), before);
}

#[test]
fn an_unknown_agent_does_not_leave_the_session_at_work() {
    let mut transcript = after([head(user("msg_1", 100)), busy()]);
    let patches = feed(
        &mut transcript,
        [
            failed(TurnErrorKind::UnknownAgent),
            failed(TurnErrorKind::UnknownAgent),
        ],
    );
    assert_eq!(
        patches,
        [Patch::Error, Patch::Status],
        "the second report says nothing new"
    );
    assert_eq!(
        (transcript.mark(), transcript.working_since()),
        (Mark::Failed, None)
    );
    assert_eq!(
        transcript.error().map(|error| error.kind),
        Some(TurnErrorKind::UnknownAgent)
    );
    assert_eq!(
        transcript.error_message(),
        None,
        "no message carries it, so it is shown by itself"
    );
}

#[test]
fn an_unknown_model_does_not_leave_the_session_at_work_even_with_an_answer_begun() {
    let transcript = opening_then([failed(TurnErrorKind::UnknownModel)]);
    assert_eq!(transcript.status(), &SessionStatus::Idle);
    assert_eq!(transcript.mark(), Mark::Failed);
}

#[test]
fn a_failure_with_no_answer_open_ends_the_turn() {
    let transcript = opening_then([
        head(finished(answer("msg_2", 200, "msg_1"))),
        failed(TurnErrorKind::Other),
    ]);
    assert_eq!(transcript.mark(), Mark::Failed);
    assert_eq!(transcript.status(), &SessionStatus::Idle);
}

#[test]
fn a_refused_prompt_does_not_stop_the_answer_that_is_being_written() {
    let mut transcript = opening_then([
        text("msg_2", "prt_3", ""),
        delta("msg_2", "prt_3", "wri"),
        failed(TurnErrorKind::UnknownAgent),
    ]);
    assert_eq!(transcript.entry(&"msg_2".into()).unwrap().message.error, None);
    assert_eq!(
        transcript.error().map(|error| error.kind),
        Some(TurnErrorKind::UnknownAgent)
    );
    feed(&mut transcript, [delta("msg_2", "prt_3", "ting")]);
    assert_eq!(transcript.mark(), Mark::Working, "a model that writes is at work");
    assert_eq!(texts(&transcript, "msg_2"), ["writing"]);
    assert!(!interrupted(&transcript, "msg_2"));
}

#[test]
fn a_failure_is_told_once_though_the_engine_tells_it_twice() {
    let error = failure(TurnErrorKind::Unauthorized);
    let mut transcript = opening_then([failed(TurnErrorKind::Unauthorized)]);
    assert_eq!(transcript.mark(), Mark::Working, "the engine still ends the turn");
    feed(&mut transcript, [idle(), idle()]);
    assert_eq!(transcript.mark(), Mark::Failed);
    assert_eq!(
        transcript.error_message(),
        Some(&"msg_2".into()),
        "the message carries it already"
    );
    let in_message = Message {
        error: Some(error.clone()),
        ..finished(answer("msg_2", 200, "msg_1"))
    };
    let patches = feed(
        &mut transcript,
        [
            head(in_message),
            idle(),
            failed(TurnErrorKind::Unauthorized),
            idle(),
        ],
    );
    assert_eq!(
        patches,
        [Patch::Message {
            message: "msg_2".into()
        }],
        "it is finished now, and that is all"
    );
    assert_eq!(transcript.error(), Some(&error));
    assert!(
        !interrupted(&transcript, "msg_2"),
        "a failed answer was not interrupted"
    );
}

#[test]
fn a_failure_that_only_the_message_tells_is_the_turns_failure() {
    let in_message = Message {
        error: Some(failure(TurnErrorKind::Provider)),
        ..finished(answer("msg_2", 200, "msg_1"))
    };
    let transcript = opening_then([head(in_message), idle()]);
    assert_eq!(transcript.mark(), Mark::Failed);
    assert_eq!(transcript.error(), Some(&failure(TurnErrorKind::Provider)));
}

#[test]
fn a_new_turn_clears_the_failure_of_the_last_one() {
    let mut transcript = opening_then([failed(TurnErrorKind::Limited), idle()]);
    let patches = feed(&mut transcript, [head(user("msg_3", 300)), busy()]);
    assert!(patches.contains(&Patch::Error), "{patches:?}");
    assert_eq!((transcript.error(), transcript.mark()), (None, Mark::Working));
    let message = &transcript.entry(&"msg_2".into()).unwrap().message;
    assert_eq!(
        message.error,
        Some(failure(TurnErrorKind::Limited)),
        "the message keeps its own"
    );
}

#[test]
fn a_turn_that_goes_on_after_a_failure_has_not_failed() {
    let transcript = opening_then([
        failed(TurnErrorKind::ContextOverflow),
        head(finished(answer("msg_2", 200, "msg_1"))),
        head(answer("msg_3", 300, "msg_1")),
    ]);
    assert_eq!((transcript.error(), transcript.mark()), (None, Mark::Working));
}

#[test]
fn a_stopped_turn_is_stopped_and_not_failed() {
    let mut transcript = opening_then([
        text("msg_2", "prt_3", ""),
        delta("msg_2", "prt_3", "half an ans"),
        tool("msg_2", "prt_4", ToolState::Running),
        failed(TurnErrorKind::Aborted),
        idle(),
        idle(),
    ]);
    let entry = transcript.entry(&"msg_2".into()).unwrap();
    assert_eq!(
        entry.message.error.as_ref().map(|error| error.kind),
        Some(TurnErrorKind::Aborted)
    );
    assert!(!entry.interrupted, "the person did it");
    assert_eq!((transcript.error(), transcript.mark()), (None, Mark::Idle));
    assert!(tool_view(&transcript, "msg_2", "prt_4").interrupted);
    let stopped = Message {
        error: Some(failure(TurnErrorKind::Aborted)),
        ..finished(answer("msg_2", 200, "msg_1"))
    };
    feed(
        &mut transcript,
        [text("msg_2", "prt_3", "half an answer"), head(stopped), idle()],
    );
    assert_eq!(
        texts(&transcript, "msg_2"),
        ["half an answer"],
        "what trails is taken"
    );
    assert_eq!((transcript.error(), transcript.mark()), (None, Mark::Idle));
}

#[test]
fn a_failure_of_nobody_in_particular_is_not_taken() {
    let mut transcript = opening_then([]);
    let event = EngineEvent::TurnFailed {
        session: None,
        error: failure(TurnErrorKind::Other),
    };
    assert_eq!(feed(&mut transcript, [event]), []);
    assert_eq!(transcript.mark(), Mark::Working);
}

#[test]
fn the_plan_and_the_session_are_told_when_they_change() {
    let plan = EngineEvent::TodosChanged {
        session: session(),
        todos: vec![Todo {
            content: "look".to_owned(),
            state: TodoState::InProgress,
        }],
    };
    let mut transcript = opening_then([]);
    assert_eq!(feed(&mut transcript, [plan.clone(), plan]), [Patch::Todos]);
    assert_eq!(transcript.todos().len(), 1);
    let mut renamed = listed();
    renamed.title = "Another title".to_owned();
    let patches = feed(
        &mut transcript,
        [
            EngineEvent::SessionChanged(renamed.clone()),
            EngineEvent::SessionChanged(renamed.clone()),
        ],
    );
    assert_eq!(patches, [Patch::Session]);
    assert_eq!(transcript.session(), Some(&renamed));
}

#[test]
fn usage_is_the_sum_of_the_answers_and_context_that_of_the_last() {
    let counted = |message: Message, input, cost| Message {
        usage: Usage {
            input,
            output: 7,
            cost,
            ..Usage::default()
        },
        ..finished(message)
    };
    let mut transcript = opening_then([head(counted(answer("msg_2", 200, "msg_1"), 100, 0.5))]);
    let patches = feed(
        &mut transcript,
        [head(counted(answer("msg_3", 300, "msg_1"), 150, 0.25))],
    );
    assert!(patches.contains(&Patch::Usage), "{patches:?}");
    feed(&mut transcript, [head(answer("msg_4", 400, "msg_1"))]);
    assert_eq!(
        transcript.usage(),
        Usage {
            input: 250,
            output: 14,
            cost: 0.75,
            ..Usage::default()
        }
    );
    assert_eq!(
        transcript.context(),
        157,
        "an answer that has not counted yet says nothing of the context"
    );
}
