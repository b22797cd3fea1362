//! Answers that are none, and unusual ones that are.

use std::time::Duration;

use cowork_key_proxy::check::{Cause, Limits, Step, check_within};
use cowork_providers::Wire;
use cowork_vault::Sensitive;
use serde_json::json;

use crate::questions::{KEY, chat, failure, outward_with, passed, target, tested, word};
use crate::support::{Reply, Service};

#[tokio::test]
async fn answers_that_are_none_are_told_apart() {
    let cut = Reply::events(&[r#"{"choices":[{"delta":{"role":"assistant"}}]}"#]);
    let ended = Reply::events(&[r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, "[DONE]"]);
    let refused = Reply::events(&[r#"{"error":{"message":"Overloaded","type":"overloaded_error"}}"#]);
    let endless = format!(": {}\n", "x".repeat(2_000_000));
    let table = [
        (cut, Cause::StreamCut),
        (ended, Cause::EmptyAnswer),
        (refused, Cause::Overloaded),
        (Reply::text(200, "text/event-stream", ""), Cause::EmptyAnswer),
        (
            Reply::text(200, "application/json", "{\"hello\":1}"),
            Cause::NotUnderstood,
        ),
        (
            Reply::text(200, "application/json", "hello there"),
            Cause::NotUnderstood,
        ),
        (
            Reply::text(200, "text/event-stream", &endless),
            Cause::AnswerTooLong,
        ),
        (Reply::text(200, "text/html", "<html>"), Cause::NotAnApi),
        (word().broken(70), Cause::StreamCut),
    ];
    for (answer, expected) in table {
        let shown = format!("{answer:?}").chars().take(200).collect::<String>();
        let service = chat(move |_| answer.clone()).await;
        let report = tested(
            &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1")),
            Some(KEY),
        )
        .await;
        let (cause, text) = failure(&report, Step::ModelAnswers);
        assert_eq!(cause, expected, "{shown}: {text}");
    }
}

#[tokio::test]
async fn unusual_answers_that_are_answers_pass() {
    let whole = Reply::json(
        200,
        json!({"choices": [{"message": {"content": "OK"}, "finish_reason": "stop"}]}),
    );
    let thinking = Reply::events(&[r#"{"choices":[{"delta":{"reasoning_content":"Hm"}}]}"#]);
    let limit = Reply::events(&[r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#, "[DONE]"]);
    let wrongly_named = Reply::text(
        200,
        "text/plain",
        "\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"OK\"}}]}\n\n",
    );
    for answer in [whole, thinking, limit, wrongly_named] {
        let shown = format!("{answer:?}");
        let service = chat(move |_| answer.clone()).await;
        let report = tested(
            &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1")),
            Some(KEY),
        )
        .await;
        assert!(passed(&report, Step::ModelAnswers), "{shown}: {report:?}");
        assert!(report.usable, "what tools do decides nothing: {report:?}");
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_too_slow() {
    let limits = Limits {
        step: Duration::from_millis(300),
        whole: Duration::from_secs(30),
    };
    let key = Sensitive::new(KEY);
    for answer in [
        Reply::Hang,
        Reply::events(&[r#"{"choices":[{"delta":{"role":"assistant"}}]}"#]).and_hang(),
    ] {
        let service = chat(move |_| answer.clone()).await;
        let target = target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1"));
        let report = check_within(limits, &outward_with(None), &target, Some(&key), |_, _| {}).await;
        assert_eq!(failure(&report, Step::ModelAnswers).0, Cause::TooSlow);
    }
    // The whole is bounded too, and each step has an outcome.
    let limits = Limits {
        step: Duration::from_secs(30),
        whole: Duration::from_millis(300),
    };
    let service = Service::start(|_| Reply::Hang).await;
    let target = target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1"));
    let report = check_within(limits, &outward_with(None), &target, Some(&key), |_, _| {}).await;
    assert_eq!(failure(&report, Step::KeyAccepted).0, Cause::TimedOut);
    assert_eq!(report.steps.len(), 6);
    assert!(!report.usable);
}
