//! What a service says when it does not answer.

use cowork_key_proxy::check::{Cause, Step};
use cowork_providers::Wire;
use serde_json::{Value, json};

use crate::questions::{KEY, chat, failure, offers_tools, passed, skipped, target, tested, word};
use crate::support::{Reply, Service};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of what providers say")]
async fn each_refusal_is_told_by_its_cause() {
    let openai =
        |message: &str, code: &str| json!({"error": {"message": message, "type": code, "code": code}});
    let anthropic =
        |kind: &str, message: &str| json!({"type": "error", "error": {"type": kind, "message": message}});
    let google = |status: &str, message: &str, reason: &str| json!({"error": {"code": 400, "status": status, "message": message, "details": [{"reason": reason}]}});
    let key = Step::KeyAccepted;
    let model = Step::ModelAnswers;
    let table: Vec<(u16, Value, Step, Cause, &str)> = vec![
        (
            401,
            openai("Incorrect API key provided", "invalid_api_key"),
            key,
            Cause::KeyRefused,
            "whole key was copied",
        ),
        (
            401,
            anthropic("authentication_error", "invalid x-api-key"),
            key,
            Cause::KeyRefused,
            "another provider",
        ),
        (
            401,
            json!({"message": "API key has expired"}),
            key,
            Cause::KeyRefused,
            "has expired",
        ),
        (
            400,
            google("INVALID_ARGUMENT", "API key not valid.", "API_KEY_INVALID"),
            key,
            Cause::KeyRefused,
            "does not accept",
        ),
        (
            403,
            openai("Project has no access", "permission_denied"),
            model,
            Cause::Forbidden,
            "permissions",
        ),
        (
            403,
            openai("Country not supported", "unsupported_country_region_territory"),
            model,
            Cause::Forbidden,
            "place",
        ),
        (
            400,
            google("FAILED_PRECONDITION", "User location is not supported", ""),
            model,
            Cause::Forbidden,
            "place",
        ),
        (
            402,
            json!({"error": {"message": "Insufficient credits", "code": 402}}),
            model,
            Cause::NoCredit,
            "no credit",
        ),
        (
            429,
            openai("You exceeded your current quota", "insufficient_quota"),
            model,
            Cause::NoCredit,
            "no credit",
        ),
        (
            400,
            anthropic("invalid_request_error", "Your credit balance is too low"),
            model,
            Cause::NoCredit,
            "no credit",
        ),
        (
            429,
            google("RESOURCE_EXHAUSTED", "You exceeded your current quota", ""),
            model,
            Cause::QuotaSpent,
            "used up",
        ),
        (
            429,
            anthropic("rate_limit_error", "slow down"),
            model,
            Cause::RateLimited,
            "Wait",
        ),
        (
            404,
            openai("The model `m-1` does not exist", "model_not_found"),
            model,
            Cause::ModelUnknown,
            "“m-1”",
        ),
        (
            404,
            anthropic("not_found_error", "model: m-1"),
            model,
            Cause::ModelUnknown,
            "from the list",
        ),
        (
            404,
            json!({"error": "model 'm-1' not found, try pulling it first"}),
            model,
            Cause::ModelUnknown,
            "pull it",
        ),
        (
            400,
            json!({"error": {"message": "m-1 is not a valid model ID", "code": 400}}),
            model,
            Cause::ModelUnknown,
            "m-1",
        ),
        (
            500,
            json!({"error": {"message": "internal"}}),
            model,
            Cause::Overloaded,
            "Try again",
        ),
        (
            529,
            anthropic("overloaded_error", "Overloaded"),
            model,
            Cause::Overloaded,
            "trouble",
        ),
        (
            503,
            json!({"error": {"code": 503, "message": "Loading model"}}),
            model,
            Cause::Overloaded,
            "still being loaded",
        ),
        (
            400,
            openai("temperature is wrong", "invalid_request_error"),
            model,
            Cause::RequestRefused,
            "temperature is wrong",
        ),
        (
            422,
            json!({"detail": [{"msg": "field required"}]}),
            model,
            Cause::RequestRefused,
            "field required",
        ),
    ];
    for (status, body, step, cause, words) in table {
        let answer = body.clone();
        let service = chat(move |_| Reply::json(status, answer.clone())).await;
        let report = tested(
            &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1")),
            Some(KEY),
        )
        .await;
        let (found, text) = failure(&report, step);
        assert_eq!(found, cause, "{status} {body}: {text}");
        assert!(text.contains(words), "{status} {body}: {text}");
        assert!(!report.usable);
        assert!(skipped(&report, Step::ToolCall));
        if step == model {
            assert!(passed(&report, key), "{status} {body}: {report:?}");
        }
    }
}

#[tokio::test]
async fn a_wait_that_the_provider_names_is_repeated() {
    let service = chat(|_| Reply::json(429, json!({"error": "slow"})).with("retry-after: 17")).await;
    let report = tested(
        &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1")),
        Some(KEY),
    )
    .await;
    assert!(failure(&report, Step::ModelAnswers).1.contains("Wait 17 seconds"));
}

#[tokio::test]
async fn a_key_that_comes_back_is_not_shown() {
    let service = chat(|asked| {
        let key = asked
            .head
            .lines()
            .find_map(|line| line.strip_prefix("authorization: "))
            .unwrap()
            .to_owned();
        Reply::json(
            400,
            json!({"error": {"message": format!("you sent {key}\u{1b}[31m and {}", &key[..20]), "type": "x"}}),
        )
    })
    .await;
    let report = tested(
        &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1")),
        Some(KEY),
    )
    .await;
    let (_, text) = failure(&report, Step::ModelAnswers);
    assert!(text.contains("you sent"), "{text}");
    assert!(!text.contains("canary") && !text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn a_web_page_and_a_wrong_address_say_what_the_address_may_lack() {
    let page = || Reply::text(200, "text/html", "<!doctype html><title>Log in</title>");
    let service = Service::start(move |_| page()).await;
    for model in [Some("m-1"), None] {
        let report = tested(
            &target(&service.base("/"), Wire::OpenAiCompatible, model),
            Some(KEY),
        )
        .await;
        let step = if model.is_some() {
            Step::ModelAnswers
        } else {
            Step::ModelListed
        };
        let (cause, text) = failure(&report, step);
        assert_eq!(cause, Cause::NotAnApi);
        assert!(text.contains("/v1") && text.contains("login page"), "{text}");
        assert!(!report.usable);
    }
    // What works at /v1 has nothing above it.
    let service = chat(|_| word()).await;
    let report = tested(
        &target(&service.base("/"), Wire::OpenAiCompatible, Some("m-1")),
        Some(KEY),
    )
    .await;
    let (cause, text) = failure(&report, Step::ModelAnswers);
    assert_eq!(cause, Cause::AddressWrong);
    assert!(text.contains("/v1"), "{text}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let service = Service::start(|_| {
        Reply::text(302, "text/plain", "").with("location: https://login.example/?key=secret")
    })
    .await;
    let report = tested(
        &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1")),
        Some(KEY),
    )
    .await;
    let (cause, text) = failure(&report, Step::ModelAnswers);
    assert_eq!(cause, Cause::Redirected);
    assert!(
        text.contains("to login.example;") && !text.contains("secret"),
        "{text}"
    );
}

#[tokio::test]
async fn tools_that_are_not_supported_and_tools_that_are_ignored_are_told_apart() {
    let vllm = "\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set";
    for (answer, cause, words) in [
        (
            Reply::json(400, json!({"error": "registry/gemma does not support tools"})),
            Cause::ToolsNotSupported,
            "can call functions",
        ),
        (
            Reply::json(400, json!({"message": vllm})),
            Cause::ToolsNotSupported,
            "Start the server with --enable-auto-tool-choice",
        ),
        (
            Reply::json(
                404,
                json!({"error": {"message": "No endpoints found that support tool use"}}),
            ),
            Cause::ToolsNotSupported,
            "can call functions",
        ),
        (word(), Cause::ToolsIgnored, "made for calling functions"),
        (
            Reply::json(500, json!({"error": {"message": "crashed"}})),
            Cause::Overloaded,
            "trouble",
        ),
    ] {
        let service = chat(move |asked| {
            if offers_tools(asked) {
                answer.clone()
            } else {
                word()
            }
        })
        .await;
        let report = tested(
            &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1")),
            Some(KEY),
        )
        .await;
        let (found, text) = failure(&report, Step::ToolCall);
        assert_eq!(found, cause, "{text}");
        assert!(text.contains(words), "{text}");
        assert!(report.usable, "it can talk: {report:?}");
    }
}
