//! Signing in with an account, where the engine does it.

use std::collections::BTreeMap;

use cowork_engine::{
    EngineError, SignInChoice, SignInCondition, SignInMethod, SignInMethods, SignInPrompt, SignInStep,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::bound::short;
use crate::http::Http;

/// Providers, methods of one, prompts of one and choices of one that are passed on. The engine has ten, three, two
/// and two.
const MOST: usize = 64;
/// Bytes of a page's address. The longest of the engine's has some 500.
const LONGEST_PAGE: usize = 8 * 1024;

#[derive(Deserialize)]
struct OfferedMethod {
    #[serde(rename = "type")]
    kind: String,
    label: String,
    #[serde(default)]
    prompts: Vec<Prompt>,
}

#[derive(Deserialize)]
struct Prompt {
    key: String,
    message: String,
    placeholder: Option<String>,
    #[serde(default)]
    options: Vec<Choice>,
    when: Option<Condition>,
}

#[derive(Deserialize)]
struct Choice {
    label: String,
    value: String,
    hint: Option<String>,
}

#[derive(Deserialize)]
struct Condition {
    key: String,
    op: String,
    value: String,
}

#[derive(Deserialize)]
struct Authorization {
    url: String,
    method: String,
    instructions: String,
}

pub(crate) async fn methods(http: &Http) -> Result<SignInMethods, EngineError> {
    let request = http.global(Method::GET, &["provider", "auth"])?;
    let all: BTreeMap<String, Vec<OfferedMethod>> = http.get(request, "the ways to sign in").await?;
    Ok(all
        .into_iter()
        .take(MOST)
        .map(|(provider, methods)| {
            let methods = methods.into_iter().take(MOST).enumerate().map(method).collect();
            (short(&provider), methods)
        })
        .collect())
}

fn method((index, method): (usize, OfferedMethod)) -> SignInMethod {
    SignInMethod {
        index,
        label: short(&method.label),
        with_account: method.kind == "oauth",
        prompts: method.prompts.into_iter().take(MOST).map(prompt).collect(),
    }
}

fn prompt(prompt: Prompt) -> SignInPrompt {
    SignInPrompt {
        key: prompt.key,
        message: short(&prompt.message),
        placeholder: prompt.placeholder.as_deref().map(short),
        choices: prompt
            .options
            .into_iter()
            .take(MOST)
            .map(|choice| SignInChoice {
                value: choice.value,
                label: short(&choice.label),
                hint: choice.hint.as_deref().map(short),
            })
            .collect(),
        when: prompt.when.map(|condition| SignInCondition {
            equal: condition.op == "eq",
            key: condition.key,
            value: condition.value,
        }),
    }
}

pub(crate) async fn authorize(
    http: &Http,
    provider: &str,
    method: usize,
    inputs: &BTreeMap<String, String>,
) -> Result<Option<SignInStep>, EngineError> {
    let request = http
        .global(Method::POST, &["provider", provider, "oauth", "authorize"])?
        .json(&json!({ "method": method, "inputs": inputs }));
    let answer: Option<Authorization> = http.get(request, "the sign-in").await?;
    answer.as_ref().map(step).transpose()
}

fn step(answer: &Authorization) -> Result<SignInStep, EngineError> {
    let page = Url::parse(&answer.url)
        .ok()
        .filter(|page| matches!(page.scheme(), "http" | "https") && answer.url.len() <= LONGEST_PAGE)
        .ok_or_else(|| EngineError::Unreadable("the sign-in leads to no page".to_owned()))?;
    Ok(SignInStep {
        page,
        instructions: short(&answer.instructions),
        wants_code: answer.method == "code",
    })
}

pub(crate) async fn complete(
    http: &Http,
    provider: &str,
    method: usize,
    code: Option<&str>,
) -> Result<(), EngineError> {
    let mut body = json!({ "method": method });
    if let Some(code) = code {
        body["code"] = Value::String(code.to_owned());
    }
    let path = ["provider", provider, "oauth", "callback"];
    http.done_by_person(Method::POST, &path, &body, "the sign-in")
        .await
}

pub(crate) async fn sign_out(http: &Http, provider: &str) -> Result<(), EngineError> {
    let request = http.global(Method::DELETE, &["auth", provider])?;
    http.done(request, "the sign-in").await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads_to(url: &str) -> Result<SignInStep, EngineError> {
        step(&Authorization {
            url: url.to_owned(),
            method: "code".to_owned(),
            instructions: "x".repeat(100_000),
        })
    }

    #[test]
    fn a_sign_in_leads_to_a_page_and_to_nothing_else() {
        let step = leads_to("https://example.org/device").ok();
        assert!(step.is_some_and(|step| step.wants_code && step.instructions.len() < 3_000));
        let long = format!("https://example.org/{}", "x".repeat(LONGEST_PAGE));
        for url in ["file:///etc/passwd", "javascript:alert(1)", "", "device", &long] {
            assert!(leads_to(url).is_err(), "{url}");
        }
    }
}
