//! The HTTP side: who is let in, what malformed requests get, and how streams end.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(dead_code, reason = "each test binary uses a part of the common client")]

mod common;

use std::time::Duration;

use common::{play, post, request, scripted, start};
use cowork_scripted_model::{Action, Options, RequestKind, Script, Server, Step};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

/// Waits for what another task brings about; the test fails by its runner's limit, not by a clock here.
async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn without_the_token_every_path_answers_401_with_the_protocols_error() {
    let server = start().await;
    let client = reqwest::Client::new();
    for (path, token) in [("models", None), ("models", Some("wrong")), ("nowhere", Some(""))] {
        let mut request = client.get(format!("{}/{path}", server.base_url()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], "invalid_api_key");
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.kind == RequestKind::Refused)
    );
}

#[tokio::test]
async fn two_servers_do_not_share_a_token() {
    let (one, other) = (start().await, start().await);
    assert_ne!(one.token(), other.token());
    assert!(one.token().len() >= 32, "a token cannot be guessed");
}

#[tokio::test]
async fn a_chosen_token_is_the_only_one_that_is_taken_and_can_be_repeated() {
    let server = Server::start(Options {
        token: Some("sk-chosen".to_owned()),
        ..Options::default()
    })
    .await
    .unwrap();
    assert_eq!(server.token(), "sk-chosen");
    let script = Script::new([Step::new([Action::text("It is "), Action::key()])]);
    let reply = play(&server, &request("scripted", &[scripted(&script)])).await;
    assert_eq!(reply.text, "It is sk-chosen");
}

#[tokio::test]
async fn the_only_tool_that_is_offered_is_called() {
    let server = start().await;
    let mut body = request("scripted", &[json!({ "role": "user", "content": "Call it." })]);
    body["tools"] = json!([{ "type": "function", "function": { "name": "report_word" } }]);
    let reply = play(&server, &body).await;
    assert_eq!(
        reply.calls,
        [("report_word".to_owned(), r#"{"word":"OK"}"#.to_owned())]
    );
}

#[tokio::test]
async fn the_demo_model_is_listed() {
    let server = start().await;
    let response = reqwest::Client::new()
        .get(format!("{}/models", server.base_url()))
        .bearer_auth(server.token())
        .send();
    let list: Value = response.await.unwrap().json().await.unwrap();
    assert_eq!(list["object"], "list");
    assert_eq!(list["data"][0]["id"], "demo");
}

#[tokio::test]
async fn malformed_requests_get_400_and_the_server_lives_on() {
    let server = start().await;
    let client = reqwest::Client::new();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{\"model\": 1, \"messages\": []}",
        b"{\"model\": \"demo\", \"messages\": \"hi\"}",
        b"{\"model\": \"demo\", \"messages\": [{\"role\": \"wizard\"}]}",
        b"\xff\xfe\x00",
        deep.as_bytes(),
    ];
    for body in bodies {
        let response = client
            .post(format!("{}/chat/completions", server.base_url()))
            .bearer_auth(server.token())
            .body(body.to_vec())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 400);
        let error: Value = response.json().await.unwrap();
        assert!(
            error["error"]["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty())
        );
    }
    let reply = play(
        &server,
        &request("scripted", &[json!({ "role": "user", "content": "hi" })]),
    )
    .await;
    assert!(reply.text.contains("scripted model"));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let server = start().await;
    let response = reqwest::Client::new()
        .post(format!("{}/chat/completions", server.base_url()))
        .bearer_auth(server.token())
        .body(vec![b' '; 33 * 1_024 * 1_024])
        .send()
        .await;
    // The server may answer while the client still writes; either way it does not take the body.
    if let Ok(response) = response {
        assert_eq!(response.status(), 413);
    }
    play(
        &server,
        &request("scripted", &[json!({ "role": "user", "content": "hi" })]),
    )
    .await;
}

#[tokio::test]
async fn a_client_that_goes_away_frees_its_stream() {
    let server = start().await;
    let script = Script::new([Step::new([Action::text("begin"), Action::stall()])]);
    let mut stream = post(&server, &request("scripted", &[scripted(&script)]))
        .await
        .bytes_stream();
    let first = stream.next().await.unwrap().unwrap();
    assert!(!first.is_empty(), "what was said before the silence has arrived");
    assert_eq!(server.open_streams(), 1);
    drop(stream);
    until(|| server.open_streams() == 0).await;
}

#[tokio::test]
async fn more_replies_than_allowed_get_503_until_one_ends() {
    let server = Server::start(Options {
        maximum_streams: 1,
        ..Options::default()
    })
    .await
    .unwrap();
    let stall = Script::new([Step::new([Action::stall()])]);
    let held = post(&server, &request("scripted", &[scripted(&stall)])).await;
    let refused = post(&server, &request("scripted", &[scripted(&Script::say("hi"))])).await;
    assert_eq!(refused.status(), 503);
    drop(held);
    until(|| server.open_streams() == 0).await;
    assert_eq!(
        play(&server, &request("scripted", &[scripted(&Script::say("hi"))]))
            .await
            .text,
        "hi"
    );
}

#[tokio::test]
async fn stopping_ends_open_streams_and_closes_the_port() {
    let server = start().await;
    let url = server.base_url();
    let script = Script::new([Step::new([Action::text("begin"), Action::stall()])]);
    let mut stream = post(&server, &request("scripted", &[scripted(&script)]))
        .await
        .bytes_stream();
    stream.next().await.unwrap().unwrap();
    server.stop().await.unwrap();
    let mut broken = false;
    while let Some(piece) = stream.next().await {
        broken |= piece.is_err();
    }
    assert!(broken, "a reply cut by the stop does not look complete");
    assert!(reqwest::get(url).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn the_record_tells_what_was_asked_and_withholds_the_token() {
    let server = start().await;
    let messages = [
        json!({ "role": "system", "content": "s" }),
        scripted(&Script::say("hi")),
    ];
    play(&server, &request("scripted", &messages)).await;
    let requests = server.requests();
    let [seen] = &requests[..] else {
        panic!("one request, not {}", requests.len())
    };
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", "/v1/chat/completions")
    );
    assert_eq!(seen.kind, RequestKind::Script { step: 0 });
    assert_eq!(seen.model.as_deref(), Some("scripted"));
    assert_eq!(seen.messages, 2);
    assert_eq!(seen.header("x-session-id"), Some("ses_test"));
    assert!(
        seen.last_user_text
            .as_deref()
            .is_some_and(|text| text.starts_with("do it SCRIPT:"))
    );
    assert!(
        !format!("{requests:?}").contains(server.token()),
        "the token is not in the record"
    );
}

#[tokio::test]
async fn a_request_that_does_not_stream_gets_the_same_reply_in_one_object() {
    let server = start().await;
    let script = Script::new([Step::new([
        Action::reasoning("hm"),
        Action::paced_text("Hello there", 1, 2),
        Action::chunked_tool("bash", json!({ "command": "ls" }), 3),
        Action::tool("read", json!({ "filePath": "/x" })),
    ])]);
    let mut body = request("scripted", &[scripted(&script)]);
    body["stream"] = false.into();
    let reply: Value = post(&server, &body).await.json().await.unwrap();
    let choice = &reply["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], "Hello there");
    assert_eq!(choice["message"]["reasoning_content"], "hm");
    assert_eq!(
        choice["message"]["tool_calls"][0]["function"]["arguments"],
        "{\"command\":\"ls\"}"
    );
    assert_eq!(choice["message"]["tool_calls"][1]["function"]["name"], "read");
    assert!(
        reply["usage"]["total_tokens"]
            .as_u64()
            .is_some_and(|tokens| tokens > 0)
    );
}
