//! Desktops of an organization: pairing, changing, ending.

use axum::extract::State;
use cowork_cloud_store::rules::access::Deed;
use cowork_cloud_store::{
    DeviceId, NewPairing, OrganizationId, Pairing, PairingChange, PairingId, SecretHash, Visibility,
};
use cowork_pairing_protocol::wire::TOKEN_PREFIX;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock;
use crate::http::body::Json;
use crate::http::person::{Person, not_allowed};
use crate::http::refusal::Refusal;
use crate::http::wire::{DesktopRights, DesktopView, Ids};
use crate::shared::App;
use crate::sign_in::secrets;

pub(super) async fn list(
    State(app): State<App>,
    person: Person,
    Ids(organization): Ids<OrganizationId>,
) -> Result<axum::Json<Value>, Refusal> {
    let member = person.may(&app, &organization, Deed::SeeOrganization).await?;
    let desktops: Vec<DesktopView> = app
        .store
        .pairings(&organization)
        .await?
        .into_iter()
        .filter_map(|pairing| {
            let may = DesktopRights::new(member.standing(), &person.id, &pairing);
            (may.see || may.revoke).then(|| DesktopView::new(pairing, may))
        })
        .collect();
    Ok(axum::Json(json!({ "desktops": desktops })))
}

/// What the desktop shows: [`Enrolment`](cowork_pairing_protocol::extension::Enrolment), and who is to see it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Enrol {
    pairing_id: String,
    device_id: String,
    token: String,
    label: String,
    visibility: Option<Visibility>,
}

fn token_hash(token: &str) -> Result<SecretHash, Refusal> {
    if secrets::has_form(TOKEN_PREFIX, token) {
        Ok(SecretHash::of(token))
    } else {
        Err(Refusal::invalid(
            "`token` is not a desktop's token; copy it from the desktop as a whole.",
        ))
    }
}

pub(super) async fn enrol(
    State(app): State<App>,
    person: Person,
    Ids(organization): Ids<OrganizationId>,
    Json(enrol): Json<Enrol>,
) -> Result<(StatusCode, axum::Json<DesktopView>), Refusal> {
    let member = person.may(&app, &organization, Deed::Pair).await?;
    let pairing = NewPairing {
        id: PairingId::parse(&enrol.pairing_id)
            .map_err(|error| Refusal::invalid(format!("`pairingId`: {error}.")))?,
        device: DeviceId::parse(&enrol.device_id)
            .map_err(|error| Refusal::invalid(format!("`deviceId`: {error}.")))?,
        label: enrol.label,
        token: token_hash(&enrol.token)?,
        visibility: enrol.visibility.unwrap_or(Visibility::Owner),
    };
    let pairing = app
        .store
        .enrol(&organization, &person.id, &pairing, &person.actor(), clock::now())
        .await?;
    let may = DesktopRights::new(member.standing(), &person.id, &pairing);
    Ok((StatusCode::CREATED, axum::Json(DesktopView::new(pairing, may))))
}

/// A desktop, and what whoever asks may with it. One that they neither see nor may end is not there.
async fn found(
    app: &App,
    person: &Person,
    organization: &OrganizationId,
    pairing: &PairingId,
) -> Result<(Pairing, DesktopRights), Refusal> {
    let member = person.member(app, organization).await?;
    let pairing = app
        .store
        .pairing(organization, pairing)
        .await?
        .ok_or_else(Refusal::not_found)?;
    let may = DesktopRights::new(member.standing(), &person.id, &pairing);
    if may == DesktopRights::default() {
        // Their own, with a token whose scopes are not enough, is no secret to them.
        return Err(if pairing.owner == person.id {
            not_allowed()
        } else {
            Refusal::not_found()
        });
    }
    Ok((pairing, may))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Change {
    label: Option<String>,
    visibility: Option<Visibility>,
}

pub(super) async fn change(
    State(app): State<App>,
    person: Person,
    Ids((organization, pairing)): Ids<(OrganizationId, PairingId)>,
    Json(change): Json<Change>,
) -> Result<StatusCode, Refusal> {
    let (pairing, may) = found(&app, &person, &organization, &pairing).await?;
    if !may.change {
        return Err(not_allowed());
    }
    let change = PairingChange {
        label: change.label,
        visibility: change.visibility,
    };
    app.store
        .change_pairing(&organization, &pairing.id, &change, &person.actor(), clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends it. A claim of it that waits is answered at once.
pub(super) async fn revoke(
    State(app): State<App>,
    person: Person,
    Ids((organization, pairing)): Ids<(OrganizationId, PairingId)>,
) -> Result<StatusCode, Refusal> {
    let (pairing, may) = found(&app, &person, &organization, &pairing).await?;
    if !may.revoke {
        return Err(not_allowed());
    }
    app.store
        .revoke_pairing(&organization, &pairing.id, &person.actor(), clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Rotate {
    token: String,
}

/// Another token, which the desktop made and shows. The one before is dead at once, also for what waits.
pub(super) async fn rotate(
    State(app): State<App>,
    person: Person,
    Ids((organization, pairing)): Ids<(OrganizationId, PairingId)>,
    Json(Rotate { token }): Json<Rotate>,
) -> Result<StatusCode, Refusal> {
    let (pairing, may) = found(&app, &person, &organization, &pairing).await?;
    if !may.change {
        return Err(not_allowed());
    }
    let token = token_hash(&token)?;
    app.store
        .rotate_pairing_token(&organization, &pairing.id, &token, &person.actor(), clock::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
