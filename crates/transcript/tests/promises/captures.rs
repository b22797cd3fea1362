//! Turns of a real engine, written down by hand from recorded event streams.

use cowork_engine::{EngineEvent, Message, PartContent, ToolState, TurnError, TurnErrorKind, Usage};
use cowork_transcript::Mark;

use crate::support::*;

/// The engine repeats these two during a turn: the status, and the prompt's head.
fn noise() -> [EngineEvent; 2] {
    [head(user("msg_1", 100)), busy()]
}

fn running(output: &str) -> EngineEvent {
    let mut call = call(ToolState::Running);
    output.clone_into(&mut call.output);
    changed("msg_2", "prt_3", PartContent::Tool(Box::new(call)))
}

fn counted(message: Message) -> Message {
    Message {
        usage: Usage {
            input: 123,
            output: 45,
            ..Usage::default()
        },
        ..message
    }
}

#[test]
fn a_thought_and_an_answer() {
    let mut events = opening();
    events.extend(noise());
    events.extend([
        step("msg_2", "prt_2"),
        changed("msg_2", "prt_3", thought("", None)),
    ]);
    events.extend(["let ", "me ", "think "].map(|word| delta("msg_2", "prt_3", word)));
    events.extend([
        changed("msg_2", "prt_3", thought("let me think ", Some(9))),
        text("msg_2", "prt_4", ""),
    ]);
    events.extend(["Hello ", "from ", "the ", "model."].map(|word| delta("msg_2", "prt_4", word)));
    events.extend([
        text("msg_2", "prt_4", "Hello from the model."),
        step_done("msg_2", "prt_5"),
        head(counted(answer("msg_2", 200, "msg_1"))),
        head(finished(counted(answer("msg_2", 200, "msg_1")))),
        busy(),
        idle(),
        idle(),
        head(user("msg_1", 100)),
    ]);
    let transcript = after(events);
    assert_eq!(
        texts(&transcript, "msg_2"),
        ["let me think ", "Hello from the model."]
    );
    assert_eq!((transcript.mark(), transcript.context()), (Mark::Idle, 168));
}

#[test]
fn a_connection_that_drops_again_and_again_until_the_person_stops() {
    let mut transcript = opening_then(noise());
    for attempt in 1..=4 {
        let part = format!("prt_{attempt}1");
        let mut events = vec![
            step("msg_2", &format!("prt_{attempt}0")),
            text("msg_2", &part, ""),
        ];
        events.extend((0..5).map(|word| delta("msg_2", &part, &format!("d{word} "))));
        events.push(retry(attempt));
        feed(&mut transcript, events);
        assert_eq!(transcript.mark(), Mark::Retrying);
        assert_eq!(
            texts(&transcript, "msg_2"),
            ["d0 d1 d2 d3 d4 "],
            "attempt {attempt}"
        );
        if attempt < 4 {
            feed(&mut transcript, [busy()]);
        }
    }
    feed(
        &mut transcript,
        [
            text("msg_2", "prt_41", "d0 d1 d2 d3 d4 "),
            head(finished(answer("msg_2", 200, "msg_1"))),
            idle(),
            idle(),
        ],
    );
    assert_eq!(texts(&transcript, "msg_2"), ["d0 d1 d2 d3 d4 "]);
    assert_eq!((transcript.mark(), transcript.error()), (Mark::Idle, None));
    assert!(!interrupted(&transcript, "msg_2"));
}

#[test]
fn a_key_that_the_provider_refuses() {
    let error = TurnError {
        kind: TurnErrorKind::Unauthorized,
        message: "bad key".to_owned(),
        status: Some(401),
    };
    let refused = Message {
        error: Some(error.clone()),
        ..finished(answer("msg_2", 200, "msg_1"))
    };
    let mut events = opening();
    events.extend(noise());
    events.extend([
        EngineEvent::TurnFailed {
            session: Some(session()),
            error: error.clone(),
        },
        idle(),
        idle(),
        head(refused),
        idle(),
        idle(),
    ]);
    let transcript = after(events);
    assert_eq!(transcript.mark(), Mark::Failed);
    assert_eq!(transcript.error(), Some(&error));
    assert!(!interrupted(&transcript, "msg_2"));
}

#[test]
fn a_command_that_asks_first_and_then_shows_its_output() {
    let mut transcript = opening_then(noise());
    feed(
        &mut transcript,
        [
            step("msg_2", "prt_2"),
            tool("msg_2", "prt_3", ToolState::Pending),
            running(""),
            EngineEvent::PermissionAsked(permission("per_1")),
        ],
    );
    assert_eq!(transcript.mark(), Mark::AsksPermission);
    feed(
        &mut transcript,
        [permission_answered("per_1"), running(""), running("hi\n")],
    );
    assert_eq!(transcript.mark(), Mark::Working);
    assert_eq!(tool_view(&transcript, "msg_2", "prt_3").call.output, "hi\n");
    let mut done = call(ToolState::Completed);
    done.output = "hi\nthere\n".to_owned();
    feed(
        &mut transcript,
        [
            running("hi\nthere\n"),
            changed("msg_2", "prt_3", PartContent::Tool(Box::new(done))),
            step_done("msg_2", "prt_4"),
            head(counted(answer("msg_2", 200, "msg_1"))),
            head(finished(counted(answer("msg_2", 200, "msg_1")))),
            busy(),
            head(answer("msg_3", 300, "msg_1")),
            step("msg_3", "prt_5"),
            text("msg_3", "prt_6", ""),
            delta("msg_3", "prt_6", "done"),
            text("msg_3", "prt_6", "done"),
            step_done("msg_3", "prt_7"),
            head(finished(counted(answer("msg_3", 300, "msg_1")))),
            idle(),
        ],
    );
    let tool = tool_view(&transcript, "msg_2", "prt_3");
    assert_eq!(
        (tool.call.output.as_str(), tool.waiting, tool.interrupted),
        ("hi\nthere\n", false, false)
    );
    assert_eq!(texts(&transcript, "msg_3"), ["done"]);
    assert_eq!((transcript.usage().input, transcript.context()), (246, 168));
}

#[test]
fn a_server_that_fails_before_a_word_was_said_until_the_person_stops() {
    let mut transcript = opening_then(noise());
    feed(&mut transcript, [retry(1), busy(), retry(2), busy(), retry(3)]);
    assert_eq!(
        (transcript.mark(), transcript.working_since()),
        (Mark::Retrying, Some(NOW))
    );
    feed(
        &mut transcript,
        [head(finished(answer("msg_2", 200, "msg_1"))), idle(), idle()],
    );
    assert_eq!(transcript.mark(), Mark::Idle);
    assert!(texts(&transcript, "msg_2").is_empty());
}
