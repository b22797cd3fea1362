//! Targets, their answers, and what a report says of a step.

use std::sync::Arc;
use std::time::Duration;

use cowork_key_proxy::check::{Cause, Limits, Report, Step, StepOutcome, Target, check_within};
use cowork_outward::{CertificateDer, Options, Outward, Proxies, Reach};
use cowork_providers::Wire;
use cowork_vault::Sensitive;
use serde_json::json;
use url::Url;

use crate::support::{Asked, Names, Reply, Service};

pub(crate) const KEY: &str = "sk-canary-0123456789abcdef";

pub(crate) fn outward_with(roots: Option<Vec<CertificateDer<'static>>>) -> Outward {
    Outward::new(Options {
        roots,
        resolver: Arc::new(Names),
        proxies: Proxies::None,
        ..Options::default()
    })
    .unwrap()
}

pub(crate) fn target(base: &Url, wire: Wire, model: Option<&str>) -> Target {
    Target {
        name: "Example".to_owned(),
        base: base.clone(),
        reach: Reach::Loopback,
        wire,
        model: model.map(str::to_owned),
        headers: Vec::new(),
    }
}

pub(crate) const PATIENT: Limits = Limits {
    step: Duration::from_secs(20),
    whole: Duration::from_mins(1),
};

pub(crate) async fn tested(target: &Target, key: Option<&str>) -> Report {
    let key = key.map(Sensitive::new);
    let report = check_within(PATIENT, &outward_with(None), target, key.as_ref(), |_, _| {}).await;
    assert!(
        !format!("{report:?}").contains("0123456789"),
        "the key is shown: {report:?}"
    );
    report
}

pub(crate) fn passed(report: &Report, step: Step) -> bool {
    matches!(report.outcome(step), Some(StepOutcome::Passed { .. }))
}

pub(crate) fn skipped(report: &Report, step: Step) -> bool {
    matches!(report.outcome(step), Some(StepOutcome::Skipped { .. }))
}

pub(crate) fn failure(report: &Report, step: Step) -> (Cause, String) {
    match report.outcome(step) {
        Some(StepOutcome::Failed {
            cause,
            message,
            advice,
        }) => {
            assert!(!message.is_empty() && !advice.is_empty());
            (*cause, format!("{message} {advice}"))
        }
        other => panic!("{step:?} should have failed: {other:?} in {report:?}"),
    }
}

pub(crate) fn models() -> Reply {
    Reply::json(200, json!({"data": [{"id": "m-1"}, {"id": "m-2"}]}))
}

/// A service of chat completions whose models answer like this.
pub(crate) async fn chat(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Service {
    Service::start(move |asked| match asked.path.as_str() {
        "/v1/models" => models(),
        "/v1/chat/completions" => answer(asked),
        _ => Reply::json(404, json!({"detail": "Not Found"})),
    })
    .await
}

pub(crate) fn word() -> Reply {
    Reply::events(&[
        r#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#,
        r#"{"choices":[{"delta":{"content":"OK"}}]}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        "[DONE]",
    ])
}

pub(crate) fn call() -> Reply {
    Reply::events(&[
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"report_word","arguments":""}}]}}]}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#,
        "[DONE]",
    ])
}

pub(crate) fn offers_tools(asked: &Asked) -> bool {
    let body = asked.json();
    body.get("tools").is_some() || body.get("toolConfig").is_some()
}
