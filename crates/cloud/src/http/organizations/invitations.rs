//! Invitations.

use axum::extract::State;
use cowork_cloud_store::rules::access::{Deed, may_give};
use cowork_cloud_store::{InvitationId, NewInvitation, OrganizationId, Role, SecretHash};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock;
use crate::http::body::Json;
use crate::http::person::{Person, not_allowed};
use crate::http::refusal::Refusal;
use crate::http::wire::{Ids, InvitationView};
use crate::shared::App;
use crate::sign_in::secrets;

/// How long an invitation works: a week with a holiday in it.
const INVITATION_TIME: i64 = 10 * 24 * 60 * 60 * 1000;

pub(super) async fn list(
    State(app): State<App>,
    person: Person,
    Ids(organization): Ids<OrganizationId>,
) -> Result<axum::Json<Value>, Refusal> {
    person.may(&app, &organization, Deed::Invite).await?;
    let invitations: Vec<InvitationView> = app
        .store
        .invitations(&organization, clock::now())
        .await?
        .into_iter()
        .map(Into::into)
        .collect();
    Ok(axum::Json(json!({ "invitations": invitations })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Invite {
    email: String,
    role: Role,
}

/// The answer alone has the link; what is worth something in it stands behind the `#`.
pub(super) async fn create(
    State(app): State<App>,
    person: Person,
    Ids(organization): Ids<OrganizationId>,
    Json(Invite { email, role }): Json<Invite>,
) -> Result<(StatusCode, axum::Json<Value>), Refusal> {
    let member = person.may(&app, &organization, Deed::Invite).await?;
    if !may_give(member.standing(), None, role) {
        return Err(not_allowed());
    }
    let secret = secrets::make(secrets::INVITATION).map_err(|error| {
        tracing::error!(%error, "nobody can be invited");
        Refusal::internal()
    })?;
    let now = clock::now();
    let expires = now + INVITATION_TIME;
    let invitation = NewInvitation {
        email,
        role,
        secret: SecretHash::of(&secret),
        expires,
    };
    let id = app
        .store
        .invite(&organization, &invitation, &person.actor(), now)
        .await?;
    let link = format!("{}/invitation#code={secret}", app.origins.shown());
    let made = json!({ "id": id, "link": link, "expires": expires });
    Ok((StatusCode::CREATED, axum::Json(made)))
}

pub(super) async fn withdraw(
    State(app): State<App>,
    person: Person,
    Ids((organization, invitation)): Ids<(OrganizationId, InvitationId)>,
) -> Result<StatusCode, Refusal> {
    person.may(&app, &organization, Deed::Invite).await?;
    app.store
        .withdraw_invitation(&organization, &invitation, &person.actor(), clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
