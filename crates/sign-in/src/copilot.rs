//! GitHub Copilot's sign-in: a code that is entered on GitHub's page.

use std::time::Duration;

use async_trait::async_trait;
use cowork_vault::Sensitive;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::asking::{Answer, Asking, Question, seconds};
use crate::device::{Entered, Poll, USUAL_INTERVAL, code_lives, is_user_code, until_entered};
use crate::endpoints::{Endpoints, at};
use crate::error::SignInError;
use crate::provider::Inputs;
use crate::tokens::{Tokens, is_token};
use crate::words::said;

/// The engine's registration at GitHub, which is public.
const CLIENT: &str = "Ov23li8tweQw6odWQebz";
const SCOPE: &str = "read:user";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A code that waits to be entered.
pub(crate) struct Waiting {
    asking: Asking,
    access_token: Url,
    device_code: Sensitive,
    base: Option<Url>,
    interval: u64,
    second: Duration,
}

/// What the person is shown.
pub(crate) struct Shown {
    pub(crate) url: Url,
    pub(crate) code: String,
    pub(crate) lives: u64,
}

#[derive(Deserialize)]
struct CodeAnswer {
    device_code: Sensitive,
    user_code: String,
    verification_uri: String,
    expires_in: Option<Value>,
    interval: Option<Value>,
}

pub(crate) async fn begin(
    asking: Asking,
    inputs: &Inputs,
    endpoints: &Endpoints,
) -> Result<(Shown, Waiting), SignInError> {
    let site = match &inputs.enterprise {
        Some(domain) => domain.site(),
        None => endpoints.github.clone(),
    };
    let answer = asking
        .ask(
            &at(&site, "/login/device/code"),
            Question::Json(json!({ "client_id": CLIENT, "scope": SCOPE })),
        )
        .await?;
    if let Some(refusal) = answer.refusal() {
        return Err(SignInError::Refused {
            host: answer.host.clone(),
            said: refusal.said(&[]),
        });
    }
    if !answer.status.is_success() {
        return Err(answer.unexpected());
    }
    let code: CodeAnswer = answer.read()?;
    let url = page(&code.verification_uri, &site).ok_or_else(|| answer.unexpected())?;
    if !is_token(&code.device_code) || !is_user_code(&code.user_code) {
        return Err(answer.unexpected());
    }
    let shown = Shown {
        url,
        code: code.user_code,
        lives: code_lives(code.expires_in.as_ref().and_then(seconds)),
    };
    let waiting = Waiting {
        asking,
        access_token: at(&site, "/login/oauth/access_token"),
        device_code: code.device_code,
        base: inputs.enterprise.as_ref().map(crate::EnterpriseDomain::models),
        interval: code.interval.as_ref().and_then(seconds).unwrap_or(USUAL_INTERVAL),
        second: endpoints.second,
    };
    Ok((shown, waiting))
}

/// The page to enter the code on. It is opened in the person's browser, so it must be of the site that was asked.
fn page(address: &str, site: &Url) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    (url.origin() == site.origin() && url.username().is_empty() && url.password().is_none()).then_some(url)
}

impl Waiting {
    pub(crate) async fn tokens(&self) -> Result<Tokens, SignInError> {
        until_entered(self, self.interval, self.second).await
    }

    fn done(&self, answer: &Answer) -> Result<Entered, SignInError> {
        // What GitHub gives here does not run out, whatever else the answer says.
        let tokens = answer.tokens(0)?.tokens;
        Ok(Entered::Done(Box::new(Tokens {
            refresh: None,
            expires: None,
            base: self.base.clone(),
            ..tokens
        })))
    }
}

#[async_trait]
impl Poll for Waiting {
    async fn poll(&self) -> Result<Entered, SignInError> {
        let answer = self
            .asking
            .ask(
                &self.access_token,
                Question::Json(json!({
                    "client_id": CLIENT,
                    "device_code": self.device_code.expose(),
                    "grant_type": GRANT,
                })),
            )
            .await?;
        let Some(refusal) = answer.refusal() else {
            return if answer.status.is_success() {
                self.done(&answer)
            } else {
                Err(answer.unexpected())
            };
        };
        let words = refusal.said(&[self.device_code.expose()]);
        match refusal.code.as_str() {
            "authorization_pending" => Ok(Entered::Pending),
            "slow_down" => {
                let wanted = answer.read::<SlowDown>().ok().and_then(|slow| slow.interval);
                Ok(Entered::TooOften(wanted.as_ref().and_then(seconds)))
            }
            "expired_token" | "token_expired" => Err(SignInError::Expired),
            "access_denied" => Err(SignInError::Denied { said: words }),
            _ if answer.status.is_server_error() => Err(answer.unexpected()),
            "device_flow_disabled" => Err(SignInError::Refused {
                host: answer.host.clone(),
                said: said("signing in with a code is switched off there", &[]),
            }),
            _ => Err(SignInError::Refused {
                host: answer.host.clone(),
                said: words,
            }),
        }
    }
}

#[derive(Deserialize)]
struct SlowDown {
    interval: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_the_site_that_was_asked_is_opened() {
        let site = Url::parse("https://github.com/").unwrap();
        assert!(page("https://github.com/login/device", &site).is_some());
        for elsewhere in [
            "https://github.com.evil.example/login/device",
            "http://github.com/login/device",
            "https://user@github.com/login/device",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "",
        ] {
            assert!(page(elsewhere, &site).is_none(), "{elsewhere}");
        }
    }
}
