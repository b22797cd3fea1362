//! The sign-in of a `ChatGPT` account: in a browser, or by a code on `OpenAI`'s page.

use std::time::Duration;

use async_trait::async_trait;
use cowork_vault::Sensitive;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::asking::{Answer, Asking, Question, seconds};
use crate::browser::Proof;
use crate::claims;
use crate::copilot::Shown;
use crate::device::{Entered, Poll, USUAL_INTERVAL, code_lives, is_user_code, until_entered};
use crate::endpoints::{Endpoints, at};
use crate::error::SignInError;
use crate::tokens::{Tokens, is_token};

/// The engine's registration at `OpenAI`, which is public.
const CLIENT: &str = "app_EMoamEEZ73f0CkXaXp7hrann";
const SCOPE: &str = "openid profile email offline_access";
/// A token whose life is not told lives for an hour.
const USUAL_LIFE_MILLISECONDS: u64 = 3_600_000;

/// The page a person signs in on, which sends the browser back to `redirect`.
pub(crate) fn page(issuer: &Url, redirect: &str, proof: &Proof) -> Url {
    let mut url = at(issuer, "/oauth/authorize");
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", redirect),
        ("scope", SCOPE),
        ("code_challenge", &proof.challenge()),
        ("code_challenge_method", "S256"),
        ("id_token_add_organizations", "true"),
        ("codex_cli_simplified_flow", "true"),
        ("state", proof.state.expose()),
        ("originator", "opencode"),
    ]);
    url
}

/// Tokens for a code, by whoever holds the verifier it was asked for with.
pub(crate) async fn exchange(
    asking: &Asking,
    issuer: &Url,
    redirect: &str,
    code: &Sensitive,
    verifier: &Sensitive,
) -> Result<Tokens, SignInError> {
    let answer = asking
        .ask(
            &at(issuer, "/oauth/token"),
            Question::Form(&[
                ("grant_type", "authorization_code"),
                ("code", code.expose()),
                ("redirect_uri", redirect),
                ("client_id", CLIENT),
                ("code_verifier", verifier.expose()),
            ]),
        )
        .await?;
    if !answer.status.is_success() {
        return Err(refused(&answer, &[code.expose(), verifier.expose()]));
    }
    tokens(&answer)
}

/// New tokens for a refresh token. What is not in the answer stays as it was.
pub(crate) async fn refresh(asking: &Asking, issuer: &Url, old: &Tokens) -> Result<Tokens, SignInError> {
    let spent = old.refresh.as_ref().map_or("", Sensitive::expose);
    let answer = asking
        .ask(
            &at(issuer, "/oauth/token"),
            Question::Form(&[
                ("grant_type", "refresh_token"),
                ("refresh_token", spent),
                ("client_id", CLIENT),
            ]),
        )
        .await?;
    if !answer.status.is_success() {
        return Err(refused(&answer, &[spent, old.access.expose()]));
    }
    let new = tokens(&answer)?;
    Ok(Tokens {
        refresh: new
            .refresh
            .or_else(|| old.refresh.as_ref().map(Sensitive::duplicate)),
        account: new.account.or_else(|| old.account.clone()),
        ..new
    })
}

fn tokens(answer: &Answer) -> Result<Tokens, SignInError> {
    let now = crate::keeper::now();
    let granted = answer.tokens(now)?;
    let account = granted
        .id
        .as_ref()
        .and_then(|id| claims::account(id.expose()))
        .or_else(|| claims::account(granted.tokens.access.expose()));
    let expires = granted
        .tokens
        .expires
        .unwrap_or(now.saturating_add(USUAL_LIFE_MILLISECONDS));
    Ok(Tokens {
        account,
        expires: Some(expires),
        ..granted.tokens
    })
}

/// A refusal in the server's words, where it is one: anybody on the way can send a status.
fn refused(answer: &Answer, secrets: &[&str]) -> SignInError {
    let final_status = matches!(
        answer.status,
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    );
    match answer.refusal() {
        Some(refusal) if final_status => SignInError::Refused {
            host: answer.host.clone(),
            said: refusal.said(secrets),
        },
        _ => answer.unexpected(),
    }
}

/// A code that waits to be entered.
pub(crate) struct Waiting {
    asking: Asking,
    issuer: Url,
    id: Sensitive,
    code: String,
    interval: u64,
    second: Duration,
}

#[derive(Deserialize)]
struct CodeAnswer {
    device_auth_id: Sensitive,
    #[serde(alias = "usercode")]
    user_code: String,
    interval: Option<Value>,
}

pub(crate) async fn begin_with_code(
    asking: Asking,
    endpoints: &Endpoints,
) -> Result<(Shown, Waiting), SignInError> {
    let answer = asking
        .ask(
            &at(&endpoints.openai, "/api/accounts/deviceauth/usercode"),
            Question::Json(json!({ "client_id": CLIENT })),
        )
        .await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Err(SignInError::CodesSwitchedOff { host: answer.host });
    }
    if !answer.status.is_success() {
        return Err(refused(&answer, &[]));
    }
    let code: CodeAnswer = answer.read()?;
    if !is_token(&code.device_auth_id) || !is_user_code(&code.user_code) {
        return Err(answer.unexpected());
    }
    let shown = Shown {
        url: at(&endpoints.openai, "/codex/device"),
        code: code.user_code.clone(),
        lives: code_lives(None),
    };
    let waiting = Waiting {
        asking,
        issuer: endpoints.openai.clone(),
        id: code.device_auth_id,
        code: code.user_code,
        interval: code.interval.as_ref().and_then(seconds).unwrap_or(USUAL_INTERVAL),
        second: endpoints.second,
    };
    Ok((shown, waiting))
}

impl Waiting {
    pub(crate) async fn tokens(&self) -> Result<Tokens, SignInError> {
        until_entered(self, self.interval, self.second).await
    }
}

#[derive(Deserialize)]
struct EnteredAnswer {
    authorization_code: Sensitive,
    code_verifier: Sensitive,
}

#[async_trait]
impl Poll for Waiting {
    async fn poll(&self) -> Result<Entered, SignInError> {
        let answer = self
            .asking
            .ask(
                &at(&self.issuer, "/api/accounts/deviceauth/token"),
                Question::Json(json!({ "device_auth_id": self.id.expose(), "user_code": self.code })),
            )
            .await?;
        // Its way to say "not yet"; a web page with such a status is somebody else's.
        let not_yet = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        if not_yet && (answer.is_json() || answer.is_empty()) {
            return Ok(Entered::Pending);
        }
        if !answer.status.is_success() {
            return Err(refused(&answer, &[self.id.expose()]));
        }
        let entered: EnteredAnswer = answer.read()?;
        let redirect = at(&self.issuer, "/deviceauth/callback");
        let tokens = exchange(
            &self.asking,
            &self.issuer,
            redirect.as_str(),
            &entered.authorization_code,
            &entered.code_verifier,
        )
        .await;
        match tokens {
            Ok(tokens) => Ok(Entered::Done(Box::new(tokens))),
            // The code is spent: asking again whether it was entered would not bring another one.
            Err(error) if error.passes() => Err(SignInError::Refused {
                host: answer.host,
                said: error.to_string(),
            }),
            Err(error) => Err(error),
        }
    }
}
