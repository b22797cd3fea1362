//! Members.

use axum::extract::State;
use cowork_cloud_store::rules::access::{Deed, may_give, may_remove};
use cowork_cloud_store::{OrganizationId, Role, UserId};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock;
use crate::http::body::Json;
use crate::http::person::{Person, not_allowed};
use crate::http::refusal::Refusal;
use crate::http::wire::{Ids, MemberView};
use crate::shared::App;

pub(super) async fn list(
    State(app): State<App>,
    person: Person,
    Ids(organization): Ids<OrganizationId>,
) -> Result<axum::Json<Value>, Refusal> {
    person.may(&app, &organization, Deed::SeeMembers).await?;
    let members: Vec<MemberView> = app
        .store
        .members(&organization)
        .await?
        .into_iter()
        .map(Into::into)
        .collect();
    Ok(axum::Json(json!({ "members": members })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Change {
    role: Role,
}

async fn role_of(app: &App, organization: &OrganizationId, user: &UserId) -> Result<Role, Refusal> {
    let membership = app.store.membership(organization, user).await?;
    membership
        .map(|membership| membership.role)
        .ok_or_else(Refusal::not_found)
}

pub(super) async fn change(
    State(app): State<App>,
    person: Person,
    Ids((organization, user)): Ids<(OrganizationId, UserId)>,
    Json(Change { role }): Json<Change>,
) -> Result<StatusCode, Refusal> {
    let member = person.may(&app, &organization, Deed::SeeMembers).await?;
    let was = role_of(&app, &organization, &user).await?;
    if !may_give(member.standing(), Some(was), role) {
        return Err(not_allowed());
    }
    app.store
        .set_role(&organization, &user, was, role, &person.actor(), clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn remove(
    State(app): State<App>,
    person: Person,
    Ids((organization, user)): Ids<(OrganizationId, UserId)>,
) -> Result<StatusCode, Refusal> {
    // A viewer does not see the others, but may go.
    let member = person.may(&app, &organization, Deed::SeeOrganization).await?;
    let themselves = user == person.id;
    if !themselves {
        person.may(&app, &organization, Deed::SeeMembers).await?;
    }
    let was = role_of(&app, &organization, &user).await?;
    if !may_remove(member.standing(), themselves, was) {
        return Err(not_allowed());
    }
    app.store
        .remove_member(&organization, &user, was, &person.actor(), clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
