//! What recorded streams of the real engine become.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use cowork_engine::{
    EngineEvent, Envelope, PartContent, PermissionKind, SessionStatus, TodoState, ToolCall, ToolKind,
    ToolState, TurnErrorKind,
};
use cowork_opencode::{Decoder, Memory};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn decoded(name: &str) -> (Vec<EngineEvent>, Memory) {
    let bytes = std::fs::read(fixtures().join(format!("{name}.sse"))).unwrap();
    let mut memory = Memory::default();
    let events = Decoder::new()
        .push(&bytes, &mut memory)
        .into_iter()
        .map(|envelope| envelope.event)
        .collect();
    (events, memory)
}

fn decode_one(payload: &str) -> (Vec<Envelope>, Memory) {
    let mut memory = Memory::default();
    let stream = format!("data: {{\"directory\":\"/p\",\"payload\":{payload}}}\n\n");
    (Decoder::new().push(stream.as_bytes(), &mut memory), memory)
}

fn tools(events: &[EngineEvent]) -> Vec<&ToolCall> {
    events
        .iter()
        .filter_map(|event| match event {
            EngineEvent::PartChanged { part, .. } => match &part.content {
                PartContent::Tool(call) => Some(call.as_ref()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn last_tool<'a>(events: &'a [EngineEvent], name: &str) -> &'a ToolCall {
    tools(events).into_iter().rfind(|call| call.name == name).unwrap()
}

fn statuses(events: &[EngineEvent]) -> Vec<&SessionStatus> {
    events
        .iter()
        .filter_map(|event| match event {
            EngineEvent::StatusChanged { status, .. } => Some(status),
            _ => None,
        })
        .collect()
}

fn failures(events: &[EngineEvent]) -> Vec<(TurnErrorKind, &str)> {
    events
        .iter()
        .filter_map(|event| match event {
            EngineEvent::TurnFailed { error, .. } => Some((error.kind, error.message.as_str())),
            _ => None,
        })
        .collect()
}

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

#[test]
fn an_error_and_its_echo_are_one() {
    let error = |message: &str| {
        format!(
            "data: {{\"directory\":\"/p\",\"payload\":{{\"type\":\"session.error\",\"properties\":{{\"sessionID\":\
             \"ses_1\",\"error\":{{\"name\":\"UnknownError\",\"data\":{{\"message\":{message:?}}}}}}}}}}}\n\n"
        )
    };
    let stream = [
        error("Agent not found: \"nope\". Available agents: build, plan"),
        error("UnknownError: UnknownError\n    at <anonymous> (/$bunfs/root/chunk.js:1:2)"),
    ]
    .concat();
    let mut memory = Memory::default();
    let events: Vec<EngineEvent> = Decoder::new()
        .push(stream.as_bytes(), &mut memory)
        .into_iter()
        .map(|envelope| envelope.event)
        .collect();
    assert_eq!(
        failures(&events),
        [(
            TurnErrorKind::UnknownAgent,
            "Agent not found: \"nope\". Available agents: build, plan"
        )]
    );

    let stream = [
        error("Model not found: p/nope."),
        error("ProviderModelNotFoundError: Model not found: p/nope.\n    at <anonymous> (/$bunfs/root/chunk.js:1:2)"),
    ]
    .concat();
    let events: Vec<EngineEvent> = Decoder::new()
        .push(stream.as_bytes(), &mut Memory::default())
        .into_iter()
        .map(|envelope| envelope.event)
        .collect();
    assert_eq!(
        failures(&events),
        [(TurnErrorKind::UnknownModel, "Model not found: p/nope.")]
    );
}

#[test]
fn errors_of_providers_are_told_apart_by_status() {
    for (status, message, kind) in [
        (401, "bad key", TurnErrorKind::Unauthorized),
        (403, "not yours", TurnErrorKind::Unauthorized),
        (402, "pay", TurnErrorKind::Limited),
        (429, "slow down", TurnErrorKind::Limited),
        (404, "The model `m` does not exist", TurnErrorKind::UnknownModel),
        (404, "no such route", TurnErrorKind::Provider),
        (500, "oops", TurnErrorKind::Provider),
    ] {
        let payload = format!(
            r#"{{"type":"session.error","properties":{{"sessionID":"ses_1","error":{{"name":"APIError","data":{{"message":"{message}","statusCode":{status},"isRetryable":false,"responseHeaders":{{"x":"secret"}}}}}}}}}}"#
        );
        let (envelopes, _) = decode_one(&payload);
        let EngineEvent::TurnFailed { error, .. } = &envelopes[0].event else {
            unreachable!()
        };
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{message}");
        assert!(!format!("{error:?}").contains("secret"));
    }
}

#[test]
fn a_call_of_no_tool_is_a_failed_call_under_the_name_the_model_used() {
    let (envelopes, _) = decode_one(
        r#"{"type":"message.part.updated","properties":{"sessionID":"ses_1","part":{"id":"prt_1","messageID":"msg_1","type":"tool","tool":"invalid","callID":"c","state":{"status":"completed","input":{"tool":"nosuch","error":"Model tried to call unavailable tool 'nosuch'."},"output":"The arguments provided…","metadata":null,"time":{"start":1,"end":2}}}}}"#,
    );
    let events: Vec<EngineEvent> = envelopes.into_iter().map(|envelope| envelope.event).collect();
    let call = last_tool(&events, "nosuch");
    assert_eq!((call.state, call.denied), (ToolState::Failed, false));
    assert!(call.error.as_ref().unwrap().contains("unavailable tool"));
}

#[test]
fn a_call_that_a_rule_forbids_is_marked_and_does_not_show_the_rules() {
    let (envelopes, _) = decode_one(
        r#"{"type":"message.part.updated","properties":{"sessionID":"ses_1","part":{"id":"prt_1","messageID":"msg_1","type":"tool","tool":"write","callID":"c","state":{"status":"error","input":{"filePath":"/p/a"},"error":"The user has specified a rule which prevents you from using this specific tool call. Here are some of the relevant rules [{\"permission\":\"edit\",\"pattern\":\"/home/private/*\"}]","time":{"start":1,"end":2}}}}}"#,
    );
    let events: Vec<EngineEvent> = envelopes.into_iter().map(|envelope| envelope.event).collect();
    let call = last_tool(&events, "write");
    assert!(call.denied);
    assert!(!call.error.as_ref().unwrap().contains("/home/private"));
}

#[test]
fn a_write_over_an_existing_file_shows_the_diff_of_its_ask() {
    let ask = r#"data: {"directory":"/p","payload":{"type":"permission.asked","properties":{"id":"per_1","sessionID":"ses_1","permission":"edit","patterns":["a"],"metadata":{"filepath":"/p/a","diff":"--- /p/a\n+++ /p/a\n@@ -1 +1 @@\n-old\n+new\n"},"always":["*"],"tool":{"messageID":"msg_1","callID":"c"}}}}"#;
    let done = r#"data: {"directory":"/p","payload":{"type":"message.part.updated","properties":{"sessionID":"ses_1","part":{"id":"prt_1","messageID":"msg_1","type":"tool","tool":"write","callID":"c","state":{"status":"completed","input":{"filePath":"/p/a","content":"new\n"},"output":"Wrote file successfully.","metadata":{"filepath":"/p/a","exists":true},"time":{"start":1,"end":2}}}}}}"#;
    let stream = format!("{ask}\n\n{done}\n\n");
    let events: Vec<EngineEvent> = Decoder::new()
        .push(stream.as_bytes(), &mut Memory::default())
        .into_iter()
        .map(|envelope| envelope.event)
        .collect();
    let change = last_tool(&events, "write").change.clone().unwrap();
    assert_eq!((change.additions, change.deletions), (1, 1));
    assert!(change.patch.ends_with("-old\n+new\n"));
}

#[test]
fn an_answer_cut_at_the_output_limit_says_so() {
    let (envelopes, _) = decode_one(
        r#"{"type":"message.updated","properties":{"sessionID":"ses_1","info":{"id":"msg_1","sessionID":"ses_1","role":"assistant","finish":"length","time":{"created":1},"tokens":{"input":1.0,"output":null,"reasoning":0,"cache":{"read":2,"write":3}},"cost":0.5}}}"#,
    );
    let EngineEvent::MessageChanged(message) = &envelopes[0].event else {
        unreachable!()
    };
    assert_eq!(message.error.as_ref().unwrap().kind, TurnErrorKind::OutputLength);
    assert_eq!(
        (
            message.usage.input,
            message.usage.output,
            message.usage.cache_write
        ),
        (1, 0, 3)
    );
}

#[test]
fn a_tools_output_beyond_the_bound_is_cut_with_a_note() {
    let output = "é".repeat(3 * 1024 * 1024);
    let (envelopes, _) = decode_one(&format!(
        r#"{{"type":"message.part.updated","properties":{{"sessionID":"ses_1","part":{{"id":"prt_1","messageID":"msg_1","type":"tool","tool":"bash","callID":"c","state":{{"status":"completed","input":{{}},"output":"{output}","metadata":{{}}}}}}}}}}"#
    ));
    let events: Vec<EngineEvent> = envelopes.into_iter().map(|envelope| envelope.event).collect();
    let shown = &last_tool(&events, "bash").output;
    assert!(shown.len() < 5 * 1024 * 1024);
    assert!(
        shown.ends_with("[2097152 further bytes are not shown]"),
        "the cut is visible"
    );
}

#[test]
fn a_disposed_folder_is_reset_and_the_engine_has_no_folder() {
    let (envelopes, _) =
        decode_one(r#"{"type":"server.instance.disposed","properties":{"directory":"/p/other"}}"#);
    assert_eq!(
        envelopes[0].event,
        EngineEvent::FolderReset(PathBuf::from("/p/other"))
    );
    let stream =
        b"data: {\"directory\":\"global\",\"payload\":{\"type\":\"server.heartbeat\",\"properties\":{}}}\n\n";
    let envelopes = Decoder::new().push(stream, &mut Memory::default());
    assert_eq!(
        envelopes,
        [Envelope {
            folder: None,
            event: EngineEvent::Heartbeat
        }]
    );
}

#[test]
fn news_of_a_later_engine_are_counted_and_in_nobodys_way() {
    let (envelopes, memory) = decode_one(
        r#"{"type":"session.status","properties":{"sessionID":"ses_1","status":{"type":"busy","mood":"good"},"weather":"fine"}}"#,
    );
    assert!(matches!(envelopes[0].event, EngineEvent::StatusChanged { .. }));
    assert_eq!(
        memory.counters().unknown_fields.count("session.status.weather"),
        1
    );

    let (envelopes, memory) = decode_one(r#"{"type":"session.next.thing","properties":{"a":1}}"#);
    assert_eq!(
        envelopes[0].event,
        EngineEvent::Ignored {
            kind: "session.next.thing".to_owned()
        }
    );
    assert_eq!(memory.counters().ignored.count("session.next.thing"), 1);

    let (envelopes, memory) = decode_one(r#"{"type":"session.status","properties":{"sessionID":7}}"#);
    assert_eq!(
        envelopes[0].event,
        EngineEvent::Ignored {
            kind: "session.status".to_owned()
        }
    );
    assert_eq!(memory.counters().unreadable.count("session.status"), 1);

    let (envelopes, memory) = decode_one(
        r#"{"type":"message.part.delta","properties":{"sessionID":"s","messageID":"m","partID":"p","field":"text","delta":"x","tone":1}}"#,
    );
    assert!(matches!(&envelopes[0].event, EngineEvent::PartGrew { delta, .. } if delta == "x"));
    assert_eq!(
        memory.counters().unknown_fields.count("message.part.delta.tone"),
        1
    );
}

#[test]
fn made_up_names_cannot_fill_the_counters() {
    let mut memory = Memory::default();
    let mut decoder = Decoder::new();
    for index in 0..1_000 {
        let event = format!("data: {{\"payload\":{{\"type\":\"made.up.{index}\",\"properties\":{{}}}}}}\n\n");
        decoder.push(event.as_bytes(), &mut memory);
    }
    assert_eq!(memory.counters().ignored.iter().count(), 256);
    assert_eq!(memory.counters().ignored.others(), 744);
}
