//! What single events become that no recorded stream has, or not like this.

use super::*;

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
