//! Tokens for programs.

use axum::extract::State;
use cowork_cloud_store::rules::access::{Deed, may};
use cowork_cloud_store::{ApiTokenId, NewApiToken, OrganizationId, Scope, SecretHash};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock;
use crate::http::body::Json;
use crate::http::person::Person;
use crate::http::refusal::Refusal;
use crate::http::wire::{Ids, TokenView};
use crate::shared::App;
use crate::sign_in::secrets;

/// The most days a token works. Whoever needs it longer makes another one, and looks whether they still do.
const MOST_DAYS: u16 = 366;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// One's own, and for whoever may take them back those of everybody.
pub(super) async fn list(
    State(app): State<App>,
    person: Person,
    Ids(organization): Ids<OrganizationId>,
) -> Result<axum::Json<Value>, Refusal> {
    let member = person.may(&app, &organization, Deed::SeeOrganization).await?;
    let all = may(member.standing(), Deed::RevokeTokens);
    let whose = (!all).then_some(&person.id);
    let tokens: Vec<TokenView> = app
        .store
        .api_tokens(&organization, whose, clock::now())
        .await?
        .into_iter()
        .map(Into::into)
        .collect();
    Ok(axum::Json(json!({ "tokens": tokens })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Make {
    label: String,
    scopes: Vec<Scope>,
    days: u16,
}

/// The answer alone has the token.
pub(super) async fn create(
    State(app): State<App>,
    person: Person,
    Ids(organization): Ids<OrganizationId>,
    Json(Make {
        label,
        mut scopes,
        days,
    }): Json<Make>,
) -> Result<(StatusCode, axum::Json<Value>), Refusal> {
    person.may(&app, &organization, Deed::MakeToken).await?;
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Refusal::invalid(format!(
            "A token works for 1 to {MOST_DAYS} days."
        )));
    }
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Refusal::invalid("A token has at least one scope."));
    }
    let secret = secrets::make(secrets::API_TOKEN).map_err(|error| {
        tracing::error!(%error, "no token can be made");
        Refusal::internal()
    })?;
    let now = clock::now();
    let token = NewApiToken {
        user: person.id.clone(),
        label,
        secret: SecretHash::of(&secret),
        scopes,
        expires: now + i64::from(days) * DAY,
    };
    let token = app
        .store
        .create_api_token(&organization, &token, &person.actor(), now)
        .await?;
    let made = json!({ "token": TokenView::from(token), "secret": secret });
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// One's own, or anybody's for whoever may.
pub(super) async fn revoke(
    State(app): State<App>,
    person: Person,
    Ids((organization, token)): Ids<(OrganizationId, ApiTokenId)>,
) -> Result<StatusCode, Refusal> {
    let member = person.member(&app, &organization).await?;
    let any = may(member.standing(), Deed::RevokeTokens);
    if !any
        && let super::super::person::Came::Program(own) = &person.came
        && own.id != token
    {
        // A token that is not for administration takes back itself alone.
        return Err(Refusal::not_found());
    }
    let whose = (!any).then_some(&person.id);
    app.store
        .revoke_api_token(&organization, &token, whose, &person.actor(), clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
