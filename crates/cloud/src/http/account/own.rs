//! What somebody has here: who they are, where they are signed in, their password.

use axum::extract::State;
use cowork_cloud_store::SignInId;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::http::body::Json;
use crate::http::person::{Came, IDLE, Person};
use crate::http::refusal::Refusal;
use crate::http::wire::{Ids, OrganizationView, SignInView};
use crate::shared::App;
use crate::sign_in::passwords;
use crate::sign_in::rates::Counted;

/// Who somebody is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Me {
    user: Value,
    /// What a request that changes something repeats in `x-csrf-token`; a program needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf: Option<String>,
    /// What a program's token may.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Value>,
    organizations: Vec<OrganizationView>,
}

pub(super) async fn view(app: &App, person: &Person) -> Result<Me, Refusal> {
    let mut memberships = app.store.memberships(&person.id).await?;
    let (csrf, token) = match &person.came {
        Came::Browser(sign_in) => (Some(sign_in.csrf.clone()), None),
        Came::Program(token) => {
            memberships.retain(|membership| membership.organization.id == token.organization);
            let token = json!({ "id": token.id, "scopes": token.scopes, "expires": token.expires });
            (None, Some(token))
        }
    };
    Ok(Me {
        user: json!({ "id": person.id, "name": person.name, "email": person.email }),
        csrf,
        token,
        organizations: memberships.into_iter().map(Into::into).collect(),
    })
}

pub(super) async fn me(State(app): State<App>, person: Person) -> Result<axum::Json<Me>, Refusal> {
    view(&app, &person).await.map(axum::Json)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Named {
    name: String,
}

pub(super) async fn rename(
    State(app): State<App>,
    person: Person,
    Json(Named { name }): Json<Named>,
) -> Result<StatusCode, Refusal> {
    person.browser()?;
    app.store
        .rename_user(&person.id, &name, &person.actor(), clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Passwords {
    current: String,
    password: String,
}

/// Another password, for whoever knows the one before. Every other sign-in ends.
pub(super) async fn password(
    State(app): State<App>,
    person: Person,
    Json(given): Json<Passwords>,
) -> Result<StatusCode, Refusal> {
    let sign_in = person.browser()?;
    passwords::check(&given.password)?;
    // Whoever found a browser open may not try passwords in it as they like.
    app.rates.take(Counted::SignInsOfAccount, person.id.as_str())?;
    let hash = app.store.user(&person.id).await?.map(|user| user.password_hash);
    if !app.passwords.fits(given.current, hash).await? {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "wrongCredentials",
            "The current password is wrong.",
        ));
    }
    let hash = app.passwords.hash(given.password).await?;
    app.store
        .set_password(
            &person.id,
            &hash,
            Some(&sign_in.id),
            &person.actor(),
            clock::now(),
        )
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn sessions(State(app): State<App>, person: Person) -> Result<axum::Json<Value>, Refusal> {
    let current = person.browser()?;
    let found = app.store.sign_ins(&person.id, IDLE, clock::now()).await?;
    let sessions: Vec<_> = found
        .into_iter()
        .map(|sign_in| SignInView::new(sign_in, current))
        .collect();
    Ok(axum::Json(json!({ "sessions": sessions })))
}

pub(super) async fn end(
    State(app): State<App>,
    person: Person,
    Ids(session): Ids<SignInId>,
) -> Result<StatusCode, Refusal> {
    person.browser()?;
    app.store
        .sign_out(&person.id, &session, &person.actor(), clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every sign-in but the one that asks.
pub(super) async fn end_others(State(app): State<App>, person: Person) -> Result<axum::Json<Value>, Refusal> {
    let current = person.browser()?;
    let ended = app
        .store
        .sign_out_everywhere(&person.id, Some(&current.id), &person.actor(), clock::now())
        .await?;
    Ok(axum::Json(json!({ "ended": ended })))
}
