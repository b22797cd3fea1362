//! What an answer that is none means.

use cowork_vault::Sensitive;
use http::{HeaderMap, StatusCode, header};
use url::Url;

use super::cause::{Cause, Finding};
use super::said::{Said, shown};
use super::step::Target;

/// What was asked, for the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The list of models.
    List,
    /// A word of a model.
    Word,
    /// A call of a function.
    Tool,
}

/// What an answer's judgement depends on.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) target: &'a Target,
    pub(super) key: Option<&'a Sensitive>,
    pub(super) asked: Asked,
    /// The provider listed its models at this address, so the address is right.
    pub(super) listed: bool,
}

/// An answer whose body is there.
pub(super) struct Refused<'a> {
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// Whether a web page came where an answer should.
pub(super) fn is_page(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    kind.starts_with("text/html") || body.trim_ascii_start().starts_with(b"<")
}

/// What the provider's refusal means.
pub(super) fn finding(refused: &Refused<'_>, setting: Setting<'_>) -> Finding {
    let Setting { target, .. } = setting;
    let status = refused.status;
    if status.is_redirection() {
        return redirected(refused, setting);
    }
    if is_page(refused.headers, refused.body) {
        return if status.is_server_error() {
            trouble(status, &Said::default(), setting)
        } else {
            page(status, target)
        };
    }
    let said = Said::of(refused.body);
    if let Some(finding) = by_words(&said, setting) {
        return finding;
    }
    match status.as_u16() {
        401 => key_refused(&said, setting),
        402 => no_credit(&said, setting),
        403 => forbidden(&said, setting),
        404 if setting.listed && setting.asked != Asked::List => model_unknown(&said, setting),
        404 | 405 => address_wrong(&said, setting),
        429 => rate_limited(refused, &said, setting),
        408 | 500..=599 => trouble(status, &said, setting),
        _ => request_refused(Some(status), &said, setting),
    }
}

/// What a refusal in the midst of an answer means.
pub(super) fn in_stream(said: &Said, setting: Setting<'_>) -> Finding {
    by_words(said, setting).unwrap_or_else(|| request_refused(None, said, setting))
}

/// What is told by words, because providers differ in their statuses.
fn by_words(said: &Said, setting: Setting<'_>) -> Option<Finding> {
    let tools = ["tool", "function call", "functions"];
    if setting.asked == Asked::Tool && said.names(&tools) && !said.names(&["rate limit", "rate_limit"]) {
        return Some(tools_not_supported(said, setting));
    }
    if said.names(&[
        "insufficient_quota",
        "insufficient_balance",
        "insufficient balance",
        "insufficient credit",
        "credit balance",
        "credits",
        "payment required",
        "billing_not_active",
        "billing hard limit",
        "billing_hard_limit",
        "purchase",
    ]) {
        return Some(no_credit(said, setting));
    }
    if said.names(&[
        "api_key_invalid",
        "api key not valid",
        "api key expired",
        "invalid_api_key",
        "invalid x-api-key",
        "reported as leaked",
    ]) {
        return Some(key_refused(said, setting));
    }
    if said.names(&[
        "unsupported_country",
        "location is not supported",
        "not available in your country",
        "not available in your region",
        "service_disabled",
    ]) {
        return Some(forbidden(said, setting));
    }
    if said.names(&["overloaded"]) {
        return Some(trouble(StatusCode::SERVICE_UNAVAILABLE, said, setting));
    }
    if said.names(&["resource_exhausted"]) && said.names(&["quota"]) {
        return Some(quota_spent(said, setting));
    }
    let about_model = said.names(&["model"])
        && said.names(&[
            "model_not_found",
            "not found",
            "not_found",
            "does not exist",
            "do not have access",
            "not a valid model",
            "invalid model",
            "unknown model",
            "no such model",
            "model is not supported",
            "model_not_supported",
            "not supported when using",
            "no endpoints found",
        ]);
    if about_model && setting.asked != Asked::List {
        return Some(model_unknown(said, setting));
    }
    None
}

fn key_refused(said: &Said, setting: Setting<'_>) -> Finding {
    let name = &setting.target.name;
    let quoted = said.quoted(setting.key);
    if setting.key.is_none() {
        return Finding::new(
            Cause::KeyRefused,
            format!("{name} wants a key, and none is set.{quoted}"),
            format!("Add a key for {name}."),
        );
    }
    if said.names(&["expired"]) {
        return Finding::new(
            Cause::KeyRefused,
            format!("The key for {name} has expired.{quoted}"),
            format!("Make a new key at {name} and put it in place of this one."),
        );
    }
    if said.names(&["revoked", "disabled", "deactivated", "leaked"]) {
        return Finding::new(
            Cause::KeyRefused,
            format!("The key was switched off at {name}.{quoted}"),
            format!("Make a new key at {name} and put it in place of this one."),
        );
    }
    Finding::new(
        Cause::KeyRefused,
        format!("{name} does not accept the key.{quoted}"),
        format!(
            "Check that the whole key was copied, that it was made at {name} and not at another provider, and that \
             it has not been deleted there."
        ),
    )
}

fn forbidden(said: &Said, setting: Setting<'_>) -> Finding {
    let name = &setting.target.name;
    let quoted = said.quoted(setting.key);
    if said.names(&["country", "region", "location"]) {
        return Finding::new(
            Cause::Forbidden,
            format!("{name} does not serve the place this request came from.{quoted}"),
            "Choose another provider, or ask the provider whether it serves yours.",
        );
    }
    if said.names(&["service_disabled", "has not been used"]) {
        return Finding::new(
            Cause::Forbidden,
            format!("The key is known, but its project at {name} has this service switched off.{quoted}"),
            format!("Switch the service on in the project's settings at {name}."),
        );
    }
    let what = match (setting.asked, &setting.target.model) {
        (Asked::List, _) | (_, None) => "this".to_owned(),
        (_, Some(model)) => format!("use {}", shown(model, setting.key)),
    };
    Finding::new(
        Cause::Forbidden,
        format!("{name} knows the key, but it may not {what}.{quoted}"),
        format!(
            "Check the key's permissions, its project and its limits at {name}, or choose another model."
        ),
    )
}

fn no_credit(said: &Said, setting: Setting<'_>) -> Finding {
    let name = &setting.target.name;
    Finding::new(
        Cause::NoCredit,
        format!(
            "The key is right, but the account at {name} has no credit.{}",
            said.quoted(setting.key)
        ),
        format!(
            "Add credit or a way to pay at {name}. A subscription to the provider's own app usually does not pay \
             for keys."
        ),
    )
}

fn quota_spent(said: &Said, setting: Setting<'_>) -> Finding {
    let name = &setting.target.name;
    Finding::new(
        Cause::QuotaSpent,
        format!(
            "The allowance of the plan at {name} is used up for now.{}",
            said.quoted(setting.key)
        ),
        "Wait until it is renewed, choose a smaller model, or change the plan.",
    )
}

fn rate_limited(refused: &Refused<'_>, said: &Said, setting: Setting<'_>) -> Finding {
    let name = &setting.target.name;
    if said.names(&["quota"]) {
        return quota_spent(said, setting);
    }
    let wait = refused
        .headers
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse::<u32>().ok())
        .map_or_else(
            || "Wait a minute".to_owned(),
            |seconds| format!("Wait {seconds} seconds"),
        );
    Finding::new(
        Cause::RateLimited,
        format!(
            "{name} got too many requests in a short time.{}",
            said.quoted(setting.key)
        ),
        format!("{wait}, then test again."),
    )
}

fn trouble(status: StatusCode, said: &Said, setting: Setting<'_>) -> Finding {
    let name = &setting.target.name;
    let advice = if said.names(&["loading model", "loading the model"]) {
        "The model is still being loaded: wait until it is, then test again.".to_owned()
    } else {
        format!("Try again in some minutes, or choose another model; {name} may say more on its status page.")
    };
    Finding::new(
        Cause::Overloaded,
        format!(
            "{name} has trouble of its own at the moment (status {}).{}",
            status.as_u16(),
            said.quoted(setting.key)
        ),
        advice,
    )
}

fn address_wrong(said: &Said, setting: Setting<'_>) -> Finding {
    let target = setting.target;
    Finding::new(
        Cause::AddressWrong,
        format!(
            "{} answers, but has nothing at this address.{}",
            target.name,
            said.quoted(setting.key)
        ),
        address_advice(&target.base),
    )
}

fn model_unknown(said: &Said, setting: Setting<'_>) -> Finding {
    let name = &setting.target.name;
    let model = setting.target.model.as_deref().map_or_else(
        || "this model".to_owned(),
        |model| format!("“{}”", shown(model, setting.key)),
    );
    Finding::new(
        Cause::ModelUnknown,
        format!(
            "{name} does not have {model}, or not for this key.{}",
            said.quoted(setting.key)
        ),
        "Choose a model from the list. A local server may have to load or pull it first.",
    )
}

fn tools_not_supported(said: &Said, setting: Setting<'_>) -> Finding {
    let advice = if said.names(&["enable-auto-tool-choice", "tool-call-parser"]) {
        "Start the server with --enable-auto-tool-choice and the --tool-call-parser of this model."
    } else if said.names(&["--jinja"]) {
        "Start the server with --jinja."
    } else {
        "It can talk but not work on files: choose a model that can call functions."
    };
    Finding::new(
        Cause::ToolsNotSupported,
        format!("The model cannot call functions.{}", said.quoted(setting.key)),
        advice,
    )
}

fn request_refused(status: Option<StatusCode>, said: &Said, setting: Setting<'_>) -> Finding {
    let status = status.map_or_else(String::new, |status| format!(" (status {})", status.as_u16()));
    Finding::new(
        Cause::RequestRefused,
        format!(
            "{} did not take the request{status}.{}",
            setting.target.name,
            said.quoted(setting.key)
        ),
        "Check the address and the model; another model may work.",
    )
}

fn redirected(refused: &Refused<'_>, setting: Setting<'_>) -> Finding {
    let name = &setting.target.name;
    let host = refused
        .headers
        .get(header::LOCATION)
        .and_then(|to| Url::parse(to.to_str().ok()?).ok())
        .and_then(|to| to.host_str().map(str::to_owned));
    let whither = host.map_or_else(
        || "elsewhere".to_owned(),
        |host| format!("to {}", shown(&host, setting.key)),
    );
    Finding::new(
        Cause::Redirected,
        format!("{name} sends requests on {whither}; a key is not sent after them."),
        "Enter the address it really has (https instead of http, or without a part of the path). A network's login \
         page redirects too: log in there first.",
    )
}

/// A web page in place of an answer.
pub(super) fn page(status: StatusCode, target: &Target) -> Finding {
    Finding::new(
        Cause::NotAnApi,
        format!(
            "A web page came from the address of {} (status {}), not an answer of its service.",
            target.name,
            status.as_u16()
        ),
        format!(
            "{} If this network has a login page, log in there first.",
            address_advice(&target.base)
        ),
    )
}

/// An address that lacks what most of them end with.
pub(super) fn address_advice(base: &Url) -> String {
    let ends = base.path().trim_end_matches('/');
    if ends.is_empty() {
        let mut better = base.clone();
        better.set_path("/v1");
        better.set_query(None);
        format!("Check the address: most end with /v1, here {better}.")
    } else {
        "Check the address: the part after the name has to be the one its documentation gives.".to_owned()
    }
}
