//! What a script says is what the client hears.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(dead_code, reason = "each test binary uses a part of the common client")]

mod common;

use std::collections::HashMap;

use common::{Reply, play, post, request, scripted, start};
use cowork_scripted_model::{Action, Options, RequestKind, Script, Server, Step};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

#[tokio::test]
async fn text_and_reasoning_arrive_whole_whatever_the_chunks() {
    let server = start().await;
    let text = "Grüße, 世界 👩‍👩‍👧 — end";
    for chunk in [1, 2, 7, 1_000] {
        let script = Script::new([Step::new([
            Action::paced_reasoning("why?", 0, chunk),
            Action::paced_text(text, 1, chunk),
        ])]);
        let reply = play(&server, &request("scripted", &[scripted(&script)])).await;
        assert_eq!(reply.text, text);
        assert_eq!(reply.reasoning, "why?");
        assert_eq!(reply.deltas, text.chars().count().div_ceil(chunk));
        assert_eq!(reply.finish_reason.as_deref(), Some("stop"));
    }
}

#[tokio::test]
async fn several_tool_calls_arrive_in_one_reply_with_arguments_in_chunks() {
    let server = start().await;
    let system =
        json!({ "role": "system", "content": "<env>\n  Working directory: /work/a b\n  Platform: linux" });
    let script = Script::new([Step::new([
        Action::chunked_tool(
            "write",
            json!({ "filePath": "{{directory}}/a.txt", "content": "x".repeat(50) }),
            6,
        ),
        Action::tool("bash", json!({ "command": "ls" })),
    ])]);
    let reply = play(&server, &request("scripted", &[system, scripted(&script)])).await;
    assert_eq!(reply.arguments("write").unwrap()["filePath"], "/work/a b/a.txt");
    assert_eq!(reply.arguments("bash").unwrap(), json!({ "command": "ls" }));
    assert_eq!(
        reply.call_deltas,
        (1 + 6) + (1 + 1),
        "each call has a head and its chunks"
    );
    assert_ne!(reply.call_ids[0], reply.call_ids[1]);
    assert_eq!(reply.finish_reason.as_deref(), Some("tool_calls"));
}

#[tokio::test]
async fn the_directory_stands_in_arguments_only() {
    let server = start().await;
    let script = Script::say("{{directory}}");
    assert_eq!(
        play(&server, &request("scripted", &[scripted(&script)]))
            .await
            .text,
        "{{directory}}"
    );
}

#[tokio::test]
async fn arguments_can_be_no_json() {
    let server = start().await;
    let script = Script::new([Step::new([Action::tool("bash", json!("{\"command\": "))])]);
    let reply = play(&server, &request("scripted", &[scripted(&script)])).await;
    assert_eq!(reply.calls, [("bash".to_owned(), "{\"command\": ".to_owned())]);
}

#[tokio::test]
async fn the_step_is_the_number_of_replies_after_the_prompt() {
    let server = start().await;
    let script = Script::new(["one", "two"].map(|text| Step::new([Action::text(text)])));
    let assistant = || json!({ "role": "assistant", "content": "…" });
    let tool = || json!({ "role": "tool", "tool_call_id": "c", "content": "…" });
    let mut messages = vec![
        json!({ "role": "user", "content": "before" }),
        assistant(),
        scripted(&script),
    ];
    for expected in ["one", "two"] {
        let reply = play(&server, &request("scripted", &messages)).await;
        assert_eq!(reply.text, expected);
        let again = play(&server, &request("scripted", &messages)).await;
        assert_eq!(again.text, expected, "a retry gets the same step");
        messages.extend([assistant(), tool()]);
    }
    let over = play(&server, &request("scripted", &messages)).await;
    assert!(over.text.contains("script is over"));
    messages.push(json!({ "role": "user", "content": "and now?" }));
    play(&server, &request("scripted", &messages)).await;
    let kinds: Vec<_> = server.requests().iter().map(|request| request.kind).collect();
    assert_eq!(
        kinds.last(),
        Some(&RequestKind::Plain),
        "a played script does not govern later prompts"
    );
}

#[tokio::test]
async fn the_last_prompt_with_a_script_governs_even_when_a_plain_one_follows() {
    let server = start().await;
    let messages = [
        scripted(&Script::say("old")),
        json!({ "role": "assistant", "content": "old" }),
        json!({ "role": "user", "content": [{ "type": "text", "text": "new" },
            { "type": "text", "text": Script::say("new").to_marker().unwrap() }] }),
        json!({ "role": "user", "content": "a plain prompt queued while busy" }),
    ];
    assert_eq!(play(&server, &request("scripted", &messages)).await.text, "new");
}

#[tokio::test]
async fn named_scripts_play_by_their_name() {
    let scripts = HashMap::from([("greeting".to_owned(), Script::say("by name"))]);
    let server = Server::start(Options {
        scripts,
        ..Options::default()
    })
    .await
    .unwrap();
    let prompt =
        |name: &str| [json!({ "role": "user", "content": format!("go SCRIPT-NAME:{name}, please") })];
    assert_eq!(
        play(&server, &request("scripted", &prompt("greeting")))
            .await
            .text,
        "by name"
    );
    assert_eq!(
        post(&server, &request("scripted", &prompt("other")))
            .await
            .status(),
        400
    );
}

#[tokio::test]
async fn a_script_that_cannot_be_played_is_refused_with_the_reason() {
    let server = start().await;
    let blobs = [
        ("SCRIPT:%%%".to_owned(), "not valid"),
        ("SCRIPT:A".to_owned(), "base64"),
        ("SCRIPT:eyJzdGVwcyI6WzFdfQ==".to_owned(), "not valid"),
    ];
    for (prompt, reason) in blobs {
        let response = post(
            &server,
            &request("scripted", &[json!({ "role": "user", "content": prompt })]),
        )
        .await;
        assert_eq!(response.status(), 400);
        let error: Value = response.json().await.unwrap();
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains(reason), "{message:?} names {reason:?}");
    }
    for action in [
        Action::paced_text("x", 0, 0),
        Action::chunked_tool("bash", json!({}), 0),
        Action::burst(u32::MAX, "x"),
        Action::silence(u64::MAX),
        Action::status(200, None),
    ] {
        assert!(
            Script::new([Step::new([action.clone()])]).to_marker().is_err(),
            "{action:?} is out of bounds"
        );
    }
}

#[tokio::test]
async fn a_burst_loses_nothing() {
    let server = start().await;
    let script = Script::new([Step::new([Action::burst(40_000, "{{index}} ")])]);
    let reply = play(&server, &request("scripted", &[scripted(&script)])).await;
    assert_eq!(reply.deltas, 40_000);
    let numbers: Vec<u32> = reply
        .text
        .split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect();
    assert!(numbers.into_iter().eq(0..40_000), "in order, each once");
}

#[tokio::test]
async fn statuses_carry_the_protocols_error_and_fail_as_often_as_asked() {
    let server = start().await;
    for (status, code) in [
        (400, "context_length_exceeded"),
        (401, "invalid_api_key"),
        (429, "rate_limit_exceeded"),
        (500, "server_error"),
        (503, "server_overloaded"),
    ] {
        let script = Script::new([Step::new([Action::status(status, Some(2)), Action::text("fine")])]);
        let body = request("scripted", &[scripted(&script)]);
        for _ in 0..2 {
            let response = post(&server, &body).await;
            assert_eq!(response.status(), status);
            let error: Value = response.json().await.unwrap();
            assert_eq!(error["error"]["code"], code);
        }
        assert_eq!(play(&server, &body).await.text, "fine");
        let later = [
            scripted(&script),
            json!({ "role": "assistant", "content": "x" }),
            scripted(&script),
        ];
        assert_eq!(
            post(&server, &request("scripted", &later)).await.status(),
            status,
            "a later turn fails anew"
        );
    }
    let always = Script::new([Step::new([Action::Status {
        status: 429,
        message: Some("slow down".to_owned()),
        code: Some("mine".to_owned()),
        times: None,
        retry_after_seconds: Some(7),
    }])]);
    for _ in 0..5 {
        let response = post(&server, &request("scripted", &[scripted(&always)])).await;
        assert_eq!(response.headers()["retry-after"], "7");
        let error: Value = response.json().await.unwrap();
        assert_eq!(
            (&error["error"]["message"], &error["error"]["code"]),
            (&json!("slow down"), &json!("mine"))
        );
    }
}

#[tokio::test]
async fn a_dropped_connection_breaks_after_what_was_said_and_then_heals() {
    let server = start().await;
    let script = Script::new([Step::new([
        Action::text("partial "),
        Action::drop_connection(Some(1)),
        Action::text("rest"),
    ])]);
    let body = request("scripted", &[scripted(&script)]);
    let mut stream = post(&server, &body).await.bytes_stream();
    let (mut heard, mut broken) = (Vec::new(), false);
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(bytes) => heard.extend_from_slice(&bytes),
            Err(_) => broken = true,
        }
    }
    assert!(broken, "the client sees that the reply is incomplete");
    assert_eq!(Reply::read(&String::from_utf8(heard).unwrap()).text, "partial ");
    assert_eq!(play(&server, &body).await.text, "partial rest");
}

#[tokio::test]
async fn garbage_is_on_the_stream_as_often_as_asked() {
    let server = start().await;
    let garbage = Action::Garbage {
        text: Some("data: {not json\n\n".to_owned()),
        times: Some(1),
    };
    let script = Script::new([Step::new([Action::text("a"), garbage, Action::text("b")])]);
    let body = request("scripted", &[scripted(&script)]);
    let stream = post(&server, &body).await.text().await.unwrap();
    assert!(stream.contains("data: {not json\n\n"));
    assert_eq!(play(&server, &body).await.text, "ab");
}

#[tokio::test]
async fn usage_and_finish_reason_can_be_set() {
    let server = start().await;
    let script = Script::new([Step::new([Action::text("x")])
        .with_usage(190_000, 5)
        .with_finish_reason("length")]);
    let reply = play(&server, &request("scripted", &[scripted(&script)])).await;
    assert_eq!(
        reply.usage,
        json!({ "prompt_tokens": 190_000, "completion_tokens": 5, "total_tokens": 190_005 })
    );
    assert_eq!(reply.finish_reason.as_deref(), Some("length"));
}

#[tokio::test]
async fn title_and_summary_requests_never_take_a_step() {
    let server = start().await;
    let script = Script::new([Step::new([Action::status(500, None)])]);
    let prompt = format!("fix the login page, {} please", script.to_marker().unwrap());
    let ask = |system: &str, prefix: &str| {
        json!({ "model": "scripted", "stream": true, "messages": [
            { "role": "system", "content": system },
            { "role": "user", "content": "Generate a title for this conversation:\n" },
            { "role": "user", "content": format!("{prefix}{prompt}") },
        ] })
    };
    let title = play(
        &server,
        &ask("You are a title generator. You output ONLY a title.", ""),
    )
    .await;
    assert_eq!(title.text, "Fix the login page, please");
    let long = play(&server, &ask("You are a title generator.", &"word ".repeat(40))).await;
    assert!(long.text.starts_with("Word word") && long.text.chars().count() <= 50);
    let summary = play(&server, &ask("You are a context summarization agent.", "")).await;
    assert!(summary.text.contains("scripted summary"));
}

#[test]
fn the_json_form_is_stable() {
    let json = json!({ "steps": [{ "actions": [
        { "type": "text", "text": "a", "pace_milliseconds": 20, "chunk_characters": 4 },
        { "type": "reasoning", "text": "b", "pace_milliseconds": 0, "chunk_characters": 12 },
        { "type": "tool_call", "name": "bash", "arguments": { "command": "ls" }, "chunks": 2, "pace_milliseconds": 0 },
        { "type": "burst", "count": 3, "text": "x" },
        { "type": "silence", "milliseconds": 10 },
        { "type": "silence" },
        { "type": "status", "status": 503, "times": 2 },
        { "type": "drop", "times": 1 },
        { "type": "garbage", "times": 1 },
    ], "usage": { "prompt_tokens": 1, "completion_tokens": 2 }, "finish_reason": "length" }] });
    let script: Script = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&script).unwrap(), json);
    let short: Script =
        serde_json::from_value(json!({ "steps": [{ "actions": [{ "type": "text", "text": "a" }] }] }))
            .unwrap();
    assert_eq!(short, Script::say("a"));
}
