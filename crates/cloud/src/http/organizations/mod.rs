//! Organizations: who is in them, what programs may, which desktops are there, and what was done. Each request is
//! judged by what whoever asks is in that organization at this moment; to anybody else it is not there.

mod desktops;
mod invitations;
mod members;
mod tokens;

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::{delete, get, patch, post};
use cowork_cloud_store::rules::access::Deed;
use cowork_cloud_store::{OrganizationId, Role};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::Json;
use super::person::Person;
use super::refusal::Refusal;
use super::wire::{AuditView, Ids, OrganizationView};
use crate::clock;
use crate::shared::App;

/// Rows of the audit in one answer, unless fewer are asked for.
const AUDIT_ROWS: u32 = 100;

pub(super) fn routes() -> Router<App> {
    let organization = "/api/organizations/{organization}";
    let below = |rest: &str| format!("{organization}/{rest}");
    Router::new()
        .route("/api/organizations", get(list).post(create))
        .route(organization, get(show).patch(rename))
        .route(&below("audit"), get(audit))
        .route(&below("members"), get(members::list))
        .route(
            &below("members/{user}"),
            patch(members::change).delete(members::remove),
        )
        .route(
            &below("invitations"),
            get(invitations::list).post(invitations::create),
        )
        .route(&below("invitations/{invitation}"), delete(invitations::withdraw))
        .route(&below("tokens"), get(tokens::list).post(tokens::create))
        .route(&below("tokens/{token}"), delete(tokens::revoke))
        .route(&below("desktops"), get(desktops::list).post(desktops::enrol))
        .route(
            &below("desktops/{pairing}"),
            patch(desktops::change).delete(desktops::revoke),
        )
        .route(&below("desktops/{pairing}/token"), post(desktops::rotate))
}

async fn list(State(app): State<App>, person: Person) -> Result<axum::Json<Value>, Refusal> {
    let mut memberships = app.store.memberships(&person.id).await?;
    if let super::person::Came::Program(token) = &person.came {
        memberships.retain(|membership| membership.organization.id == token.organization);
    }
    let organizations: Vec<OrganizationView> = memberships.into_iter().map(Into::into).collect();
    Ok(axum::Json(json!({ "organizations": organizations })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Named {
    name: String,
}

/// Whoever owns one may make another. Somebody who was invited has no server of their own by that.
async fn create(
    State(app): State<App>,
    person: Person,
    Json(Named { name }): Json<Named>,
) -> Result<(StatusCode, axum::Json<Value>), Refusal> {
    person.browser()?;
    let owns = app
        .store
        .memberships(&person.id)
        .await?
        .iter()
        .any(|membership| membership.role == Role::Owner);
    if !owns {
        return Err(Refusal::forbidden(
            "Only who owns an organization here can make another; ask whoever runs this server.",
        ));
    }
    let organization = app
        .store
        .create_organization(&name, &person.id, &person.actor(), clock::now())
        .await?;
    let made = json!({ "id": organization.id, "name": organization.name });
    Ok((StatusCode::CREATED, axum::Json(made)))
}

async fn show(
    State(app): State<App>,
    person: Person,
    Ids(organization): Ids<OrganizationId>,
) -> Result<axum::Json<OrganizationView>, Refusal> {
    let member = person.may(&app, &organization, Deed::SeeOrganization).await?;
    Ok(axum::Json(member.membership.into()))
}

async fn rename(
    State(app): State<App>,
    person: Person,
    Ids(organization): Ids<OrganizationId>,
    Json(Named { name }): Json<Named>,
) -> Result<StatusCode, Refusal> {
    person.may(&app, &organization, Deed::RenameOrganization).await?;
    app.store
        .rename_organization(&organization, &name, &person.actor(), clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Page {
    before: Option<i64>,
    limit: Option<u32>,
}

async fn audit(
    State(app): State<App>,
    person: Person,
    Ids(organization): Ids<OrganizationId>,
    page: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
) -> Result<axum::Json<AuditView>, Refusal> {
    person.may(&app, &organization, Deed::SeeAudit).await?;
    let Ok(Query(page)) = page else {
        return Err(Refusal::invalid("`before` and `limit` are whole numbers."));
    };
    let limit = page.limit.unwrap_or(AUDIT_ROWS);
    let found = app.store.audit(&organization, page.before, limit).await?;
    Ok(axum::Json(found.into()))
}
