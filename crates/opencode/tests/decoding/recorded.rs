//! What recorded streams of the real engine become.

use super::*;

#[test]
fn every_recorded_stream_is_understood_whole() {
    let mut streams = 0;
    for entry in std::fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "sse") {
            continue;
        }
        streams += 1;
        let bytes = std::fs::read(&path).unwrap();
        let lines = bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| line.starts_with(b"data: "))
            .count() as u64;
        let mut memory = Memory::default();
        let envelopes = Decoder::new().push(&bytes, &mut memory);
        let counters = memory.counters();
        assert_eq!(
            counters.events + counters.duplicates,
            lines,
            "no event is lost: {}",
            path.display()
        );
        assert_eq!(envelopes[0].event, EngineEvent::Connected);
        assert_eq!(counters.garbage, 0, "{}", path.display());
        assert!(counters.duplicates > 0, "{}", path.display());
        assert!(
            counters.unreadable.is_empty(),
            "{}: {:?}",
            path.display(),
            counters.unreadable
        );
        assert!(
            counters.unknown_fields.is_empty(),
            "{}: {:?}",
            path.display(),
            counters.unknown_fields
        );
        for (kind, _) in counters.ignored.iter() {
            let known_useless = [
                "session.diff",
                "file.",
                "plugin.",
                "catalog.",
                "reference.",
                "integration.",
            ];
            assert!(
                known_useless.iter().any(|known| kind.starts_with(known)),
                "{kind} is thrown away"
            );
        }
    }
    assert_eq!(streams, 12, "all recorded streams are read");
}

#[test]
fn the_deltas_of_a_turn_add_up_to_its_final_text() {
    let (events, _) = decoded("text");
    let mut texts = Vec::new();
    for event in &events {
        if let EngineEvent::PartChanged { part, .. } = event {
            match &part.content {
                PartContent::Text { text, .. } | PartContent::Reasoning { text, .. } if !text.is_empty() => {
                    texts.push((part.id.clone(), text.clone()));
                }
                _ => {}
            }
        }
    }
    for expected in [
        "Hello from the scripted model, nice to meet you.",
        "let me think about it ",
    ] {
        let (part, _) = texts
            .iter()
            .find(|(_, text)| text.trim() == expected.trim())
            .unwrap();
        let grown: String = events
            .iter()
            .filter_map(|event| match event {
                EngineEvent::PartGrew { part: of, delta, .. } if of == part => Some(delta.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(grown.trim(), expected.trim());
    }
    assert_eq!(statuses(&events).first(), Some(&&SessionStatus::Busy));
    assert_eq!(statuses(&events).last(), Some(&&SessionStatus::Idle));
}

#[test]
fn an_allowed_command_shows_its_ask_its_output_and_its_exit() {
    let (events, _) = decoded("perm-once");
    let ask = events.iter().find_map(|event| match event {
        EngineEvent::PermissionAsked(ask) => Some(ask),
        _ => None,
    });
    let ask = ask.unwrap();
    assert_eq!(ask.kind, PermissionKind::Shell);
    assert_eq!(ask.command.as_deref(), Some("echo hi; sleep 0.3; echo there"));
    assert_eq!(ask.patterns, ["echo hi", "sleep 0.3", "echo there"]);
    assert_eq!(ask.always, ["echo *", "sleep *"]);
    assert!(events.iter().any(
        |event| matches!(event, EngineEvent::PermissionAnswered { permission, .. } if *permission == ask.id)
    ));
    let growing: Vec<&str> = tools(&events)
        .into_iter()
        .filter(|call| call.state == ToolState::Running && !call.output.is_empty())
        .map(|call| call.output.as_str())
        .collect();
    assert_eq!(
        growing.first(),
        Some(&"hi\n"),
        "output is seen while the command runs"
    );
    let call = last_tool(&events, "bash");
    assert_eq!(ask.call.as_ref().unwrap().1, call.call);
    assert_eq!((call.kind, call.state), (ToolKind::Shell, ToolState::Completed));
    assert_eq!(
        (call.output.as_str(), call.exit, call.denied),
        ("hi\nthere\n", Some(0), false)
    );
    assert_eq!(call.target.as_deref(), Some("echo hi; sleep 0.3; echo there"));
    assert_eq!(call.description.as_deref(), Some("say hi"));
    assert!(call.started < call.ended);
}

#[test]
fn a_refused_command_is_marked_as_refused_with_the_persons_words() {
    let (events, _) = decoded("perm-reject-msg");
    let call = last_tool(&events, "bash");
    assert_eq!(call.state, ToolState::Failed);
    assert!(call.denied);
    assert!(call.error.as_ref().unwrap().ends_with("use trash instead"));
}

#[test]
fn a_new_file_is_shown_as_all_added_and_an_edit_with_its_diff() {
    let (events, _) = decoded("write-edit");
    let written = last_tool(&events, "write").change.clone().unwrap();
    assert_eq!((written.additions, written.deletions), (2, 0));
    assert_eq!(written.path, "/workspace/demo/a.txt");
    assert!(
        written.patch.ends_with("@@ -0,0 +1,2 @@\n+line1\n+line2\n"),
        "{}",
        written.patch
    );
    let edited = last_tool(&events, "edit").change.clone().unwrap();
    assert_eq!((edited.additions, edited.deletions), (1, 1));
    assert!(edited.patch.contains("-line2\n+LINE TWO\n"));
    let read = last_tool(&events, "read");
    assert_eq!(
        read.output, "line1\nline2",
        "a file is shown as it is, not as the model is given it"
    );
}

#[test]
fn a_sub_agents_session_is_named_by_the_call_that_started_it() {
    let (events, _) = decoded("task");
    let call = last_tool(&events, "task");
    assert_eq!(
        (call.kind, call.target.as_deref()),
        (ToolKind::Task, Some("general"))
    );
    assert_eq!(call.output, "child result");
    let child = call.child.as_ref().unwrap();
    let session = events.iter().find_map(|event| match event {
        EngineEvent::SessionChanged(session) if session.id == *child => Some(session),
        _ => None,
    });
    assert!(session.unwrap().parent.is_some());
}

#[test]
fn questions_are_asked_and_answered() {
    let (events, _) = decoded("question");
    let asked = events.iter().find_map(|event| match event {
        EngineEvent::QuestionAsked(ask) => Some(ask),
        _ => None,
    });
    let asked = asked.unwrap();
    let question = &asked.questions[0];
    assert_eq!(
        (question.text.as_str(), question.header.as_str()),
        ("Which colour?", "Colour")
    );
    assert_eq!(question.options[1].label, "Blue");
    assert!(!question.multiple);
    assert!(question.custom, "an own answer is taken unless the model says no");
    assert!(events.iter().any(
        |event| matches!(event, EngineEvent::QuestionAnswered { question, .. } if *question == asked.id)
    ));
}

#[test]
fn a_plan_comes_with_its_states() {
    let (events, _) = decoded("todo");
    let todos = events.iter().find_map(|event| match event {
        EngineEvent::TodosChanged { todos, .. } => Some(todos),
        _ => None,
    });
    let states: Vec<TodoState> = todos.unwrap().iter().map(|todo| todo.state).collect();
    assert_eq!(states, [TodoState::InProgress, TodoState::Pending]);
    assert_eq!(last_tool(&events, "todowrite").kind, ToolKind::Plan);
}

#[test]
fn a_servers_tool_shows_its_arguments() {
    let (events, _) = decoded("s2-mcp");
    let call = last_tool(&events, "tiny_echo_tool");
    assert_eq!(call.kind, ToolKind::Other);
    assert_eq!(call.arguments.as_deref(), Some("{\n  \"text\": \"yo\"\n}"));
}

#[test]
fn a_refused_key_fails_the_turn_without_the_providers_headers() {
    let (events, _) = decoded("err-401");
    assert_eq!(failures(&events), [(TurnErrorKind::Unauthorized, "bad key")]);
}

#[test]
fn a_stopped_turn_is_told_once_as_stopped() {
    let (events, _) = decoded("abort-stream");
    assert_eq!(failures(&events), [(TurnErrorKind::Aborted, "Aborted")]);
    assert_eq!(statuses(&events).last(), Some(&&SessionStatus::Idle));
}

#[test]
fn a_repeated_request_says_when_it_comes_and_why() {
    let (events, _) = decoded("drop");
    let retries: Vec<&SessionStatus> = statuses(&events)
        .into_iter()
        .filter(|status| matches!(status, SessionStatus::Retry { .. }))
        .collect();
    let SessionStatus::Retry {
        attempt,
        message,
        next,
    } = retries[0]
    else {
        unreachable!()
    };
    assert_eq!((*attempt, message.as_str()), (1, "Connection reset by server"));
    assert!(*next > 1_795_000_000_000);
}
