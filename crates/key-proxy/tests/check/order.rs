//! The steps, one after the other, and what the key decides.

use cowork_key_proxy::check::{Cause, Step, StepState, check_within};
use cowork_providers::Wire;
use cowork_vault::Sensitive;
use serde_json::json;

use crate::questions::{
    KEY, PATIENT, call, chat, failure, models, offers_tools, outward_with, passed, skipped, target, tested,
    word,
};
use crate::support::{Reply, Service};

#[tokio::test]
async fn a_service_that_works_passes_each_step_in_order() {
    let service = chat(|asked| if offers_tools(asked) { call() } else { word() }).await;
    let target = target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1"));
    let mut told = Vec::new();
    let key = Sensitive::new(KEY);
    let report = check_within(
        PATIENT,
        &outward_with(None),
        &target,
        Some(&key),
        |step, state| {
            told.push((step, state));
        },
    )
    .await;
    let order = [
        Step::Resolve,
        Step::Connect,
        Step::KeyAccepted,
        Step::ModelListed,
        Step::ModelAnswers,
        Step::ToolCall,
    ];
    assert_eq!(
        report.steps.iter().map(|(step, _)| *step).collect::<Vec<_>>(),
        order
    );
    for step in order {
        assert!(passed(&report, step), "{step:?}: {report:?}");
    }
    assert!(report.usable);
    assert_eq!(report.models, ["m-1", "m-2"]);
    let expected: Vec<(Step, bool)> = order
        .iter()
        .flat_map(|step| [(*step, true), (*step, false)])
        .collect();
    let began_and_ended: Vec<(Step, bool)> = told
        .iter()
        .map(|(step, state)| (*step, matches!(state, StepState::Started)))
        .collect();
    assert_eq!(began_and_ended, expected);

    let asked = service.asked();
    assert_eq!(asked.len(), 3, "nothing is asked twice");
    for asked in &asked {
        assert!(
            asked.head.contains(&format!("authorization: Bearer {KEY}")),
            "{}",
            asked.head
        );
    }
    assert_eq!(asked[1].json()["max_tokens"], 16);
    assert_eq!(asked[1].json()["stream"], true);
}

#[tokio::test]
async fn a_key_that_is_missing_is_asked_for_and_one_that_is_not_needed_is_not() {
    let service = chat(|_| Reply::json(401, json!({"error": "unauthorized"}))).await;
    let target_of = |service: &Service| target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1"));
    let report = tested(&target_of(&service), None).await;
    let (cause, text) = failure(&report, Step::ModelAnswers);
    assert_eq!(cause, Cause::KeyRefused);
    assert!(text.contains("none is set"), "{text}");

    let service = chat(|asked| if offers_tools(asked) { call() } else { word() }).await;
    let report = tested(&target_of(&service), None).await;
    assert!(skipped(&report, Step::KeyAccepted) && report.usable, "{report:?}");
    assert!(!service.asked()[1].head.contains("authorization"));
}

#[tokio::test]
async fn a_key_with_a_line_break_is_sent_nowhere() {
    let service = chat(|_| word()).await;
    let report = tested(
        &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1")),
        Some("sk-canary\n0123456789abcdef"),
    )
    .await;
    let (cause, text) = failure(&report, Step::KeyAccepted);
    assert_eq!(cause, Cause::KeyRefused);
    assert!(text.contains("line breaks"), "{text}");
    assert!(service.asked().is_empty());
}

#[tokio::test]
async fn a_bound_under_another_name_is_tried_once() {
    let service = chat(|asked| {
        let body = asked.json();
        if body.get("max_tokens").is_some() {
            let message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.";
            return Reply::json(400, json!({"error": {"message": message, "param": "max_tokens"}}));
        }
        assert!(body["max_completion_tokens"].is_number());
        if offers_tools(asked) { call() } else { word() }
    })
    .await;
    let report = tested(
        &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1")),
        Some(KEY),
    )
    .await;
    assert!(passed(&report, Step::ToolCall), "{report:?}");
    assert_eq!(service.asked().len(), 4, "list, word twice, tool once");

    let service = chat(|_| {
        Reply::json(
            400,
            json!({"error": {"message": "max_tokens and max_completion_tokens"}}),
        )
    })
    .await;
    let report = tested(
        &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1")),
        Some(KEY),
    )
    .await;
    assert_eq!(failure(&report, Step::ModelAnswers).0, Cause::RequestRefused);
    assert_eq!(service.asked().len(), 3, "list, word twice");
}

#[tokio::test]
async fn a_list_that_anyone_gets_proves_no_key() {
    for (needs_key, proven) in [(true, true), (false, false)] {
        let service = Service::start(move |asked| {
            if needs_key && !asked.head.contains(KEY) {
                Reply::json(401, json!({"error": "no"}))
            } else {
                models()
            }
        })
        .await;
        let report = tested(
            &target(&service.base("/v1"), Wire::OpenAiCompatible, None),
            Some(KEY),
        )
        .await;
        assert_eq!(passed(&report, Step::KeyAccepted), proven, "{report:?}");
        assert!(passed(&report, Step::ModelListed) && report.usable);
        assert!(skipped(&report, Step::ModelAnswers));
    }
}

#[tokio::test]
async fn a_key_that_may_list_nothing_may_still_be_used() {
    let service = Service::start(|asked| match asked.path.as_str() {
        "/v1/models" => Reply::json(
            403,
            json!({"error": {"message": "Missing scopes: api.model.read"}}),
        ),
        _ if offers_tools(asked) => call(),
        _ => word(),
    })
    .await;
    let report = tested(
        &target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-9")),
        Some(KEY),
    )
    .await;
    assert!(passed(&report, Step::KeyAccepted) && skipped(&report, Step::ModelListed));
    assert!(report.usable && passed(&report, Step::ToolCall), "{report:?}");
}
