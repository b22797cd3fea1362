//! Each wire in its own format.

use cowork_key_proxy::check::Step;
use cowork_providers::Wire;
use http::{HeaderName, HeaderValue};
use serde_json::json;

use crate::questions::{KEY, call, offers_tools, passed, target, tested, word};
use crate::support::{Reply, Service};

/// What each wire is asked and what its service answers: the word, then the call.
struct Format {
    wire: Wire,
    model: &'static str,
    path: &'static str,
    header: &'static str,
    word: Reply,
    call: Reply,
}

#[expect(clippy::too_many_lines, reason = "a table of what each service sends")]
fn formats() -> Vec<Format> {
    let chat_path = "/v1/chat/completions";
    let responses = || {
        (
            Reply::events(&[
                r#"{"type":"response.created","response":{"status":"in_progress"}}"#,
                r#"{"type":"response.output_text.delta","delta":"OK"}"#,
                r#"{"type":"response.completed","response":{}}"#,
            ]),
            Reply::events(&[
                r#"{"type":"response.output_item.added","item":{"type":"function_call","name":"report_word"}}"#,
                r#"{"type":"response.completed","response":{}}"#,
            ]),
        )
    };
    let google = || {
        (
            Reply::events(&[
                r#"{"candidates":[{"content":{"parts":[{"text":"OK"}]},"finishReason":"STOP"}]}"#,
            ]),
            Reply::events(&[
                r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"report_word","args":{}}}]},"finishReason":"STOP"}]}"#,
            ]),
        )
    };
    let of = |wire, model, path, header, (word, call): (Reply, Reply)| Format {
        wire,
        model,
        path,
        header,
        word,
        call,
    };
    let bearer = "authorization: Bearer ";
    vec![
        of(
            Wire::Anthropic,
            "claude",
            "/v1/messages",
            "x-api-key: ",
            (
                Reply::events(&[
                    r#"{"type":"message_start","message":{}}"#,
                    r#"{"type":"content_block_start","content_block":{"type":"text","text":""}}"#,
                    r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"OK"}}"#,
                    r#"{"type":"message_stop"}"#,
                ]),
                Reply::events(&[
                    r#"{"type":"content_block_start","content_block":{"type":"tool_use","id":"t","name":"report_word"}}"#,
                    r#"{"type":"message_stop"}"#,
                ]),
            ),
        ),
        of(Wire::OpenAi, "gpt-5.4", "/v1/responses", bearer, responses()),
        of(Wire::OpenAiCompatible, "m", chat_path, bearer, (word(), call())),
        of(
            Wire::Google,
            "gemini-3-pro",
            "/v1/models/gemini-3-pro:streamGenerateContent?alt=sse",
            "x-goog-api-key: ",
            google(),
        ),
        of(
            Wire::Vertex,
            "gemini-3-pro",
            "/v1/models/gemini-3-pro:streamGenerateContent?alt=sse",
            "x-goog-api-key: ",
            google(),
        ),
        of(Wire::Azure, "deployed", "/v1/responses", "api-key: ", responses()),
        of(
            Wire::DeepInfra,
            "meta/llama",
            "/v1/openai/chat/completions",
            bearer,
            (word(), call()),
        ),
        of(
            Wire::Cohere,
            "command",
            "/v1/chat",
            bearer,
            (
                Reply::events(&[
                    r#"{"type":"message-start"}"#,
                    r#"{"type":"content-delta","delta":{"message":{"content":{"text":"OK"}}}}"#,
                    r#"{"type":"message-end","delta":{"finish_reason":"COMPLETE"}}"#,
                ]),
                Reply::events(&[
                    r#"{"type":"tool-call-start","delta":{"message":{"tool_calls":{"id":"t","function":{"name":"report_word"}}}}}"#,
                    r#"{"type":"message-end","delta":{"finish_reason":"TOOL_CALL"}}"#,
                ]),
            ),
        ),
        of(
            Wire::Bedrock,
            "anthropic.claude-3:0",
            "/v1/model/anthropic.claude-3:0/converse",
            bearer,
            (
                Reply::json(
                    200,
                    json!({"output": {"message": {"content": [{"text": "OK"}]}}, "stopReason": "end_turn"}),
                ),
                Reply::json(
                    200,
                    json!({"output": {"message": {"content": [{"toolUse": {"name": "report_word"}}]}},
                        "stopReason": "tool_use"}),
                ),
            ),
        ),
        of(Wire::Copilot, "gpt-4.1", chat_path, bearer, (word(), call())),
        of(Wire::Copilot, "gpt-5.4", "/v1/responses", bearer, responses()),
        of(Wire::ChatGpt, "gpt-5.4", "/v1/responses", bearer, responses()),
    ]
}

#[tokio::test]
async fn each_wire_is_asked_in_its_own_format() {
    for format in formats() {
        let (word, call) = (format.word.clone(), format.call.clone());
        let (path, model) = (format.path, format.model);
        let service = Service::start(move |asked| {
            if asked.path == path {
                if offers_tools(asked) {
                    call.clone()
                } else {
                    word.clone()
                }
            } else if asked.path.contains("/models") {
                Reply::json(200, json!({"data": [{"id": model}], "models": [{"name": model}]}))
            } else {
                Reply::json(404, json!({}))
            }
        })
        .await;
        let mut target = target(&service.base("/v1"), format.wire, Some(model));
        target.headers.push((
            HeaderName::from_static("x-of-ours"),
            HeaderValue::from_static("yes"),
        ));
        let report = tested(&target, Some(KEY)).await;
        for step in [Step::KeyAccepted, Step::ModelAnswers, Step::ToolCall] {
            assert!(passed(&report, step), "{:?} {model}: {report:?}", format.wire);
        }
        assert_eq!(
            report.outcome(Step::ModelListed).is_some(),
            format.wire.listing().is_some()
        );
        for asked in service.asked() {
            assert!(
                asked.head.contains(&format!("{}{KEY}", format.header)),
                "{:?}: {}",
                format.wire,
                asked.head
            );
            assert!(asked.head.contains("x-of-ours: yes"), "{}", asked.head);
            assert!(
                !asked.path.contains("canary"),
                "no key stands in an address: {}",
                asked.path
            );
        }
    }
}

#[tokio::test]
async fn a_chat_gpt_account_is_asked_without_a_bound_and_with_instructions() {
    let service = Service::start(|_| Reply::json(400, json!({"detail": "no"}))).await;
    tested(
        &target(&service.base("/codex"), Wire::ChatGpt, Some("gpt-5.4")),
        Some(KEY),
    )
    .await;
    let body = service.asked()[0].json();
    assert!(body.get("max_output_tokens").is_none() && body["instructions"].is_string());
    assert_eq!(body["store"], false);
}
