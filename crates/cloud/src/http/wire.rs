//! What is said about people, organizations and desktops: JSON in camelCase, times in milliseconds since the epoch.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use cowork_cloud_store::rules::access::{DesktopDeed, Standing, may_with_desktop};
use cowork_cloud_store::{
    ApiToken, AuditPage, Invitation, Member, Membership, Pairing, Role, Scope, SignIn, UserId, Visibility,
};
use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::{PairingStatus, Policy};
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refusal::Refusal;
use crate::shared::App;

/// The ids of a path. One that can be none is that of nothing.
#[derive(Clone, Copy, Debug)]
pub struct Ids<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Ids<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let found: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, app).await;
        match found {
            Ok(Path(ids)) => Ok(Self(ids)),
            Err(_) => Err(Refusal::not_found()),
        }
    }
}

/// An organization and what somebody is in it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationView {
    id: String,
    name: String,
    created: i64,
    role: Role,
}

impl From<Membership> for OrganizationView {
    fn from(membership: Membership) -> Self {
        let organization = membership.organization;
        Self {
            id: organization.id.into(),
            name: organization.name,
            created: organization.created,
            role: membership.role,
        }
    }
}

/// A member.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberView {
    user: String,
    name: String,
    email: String,
    role: Role,
    since: i64,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            user: member.user.into(),
            name: member.name,
            email: member.email,
            role: member.role,
            since: member.since,
        }
    }
}

/// An invitation. What its link is worth nobody knows any more.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationView {
    id: String,
    email: String,
    role: Role,
    created: i64,
    expires: i64,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.into(),
            email: invitation.email,
            role: invitation.role,
            created: invitation.created,
            expires: invitation.expires,
        }
    }
}

/// A sign-in of one's own.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignInView {
    id: String,
    agent: String,
    created: i64,
    last_seen: i64,
    expires: i64,
    current: bool,
}

impl SignInView {
    /// How one looks from another.
    #[must_use]
    pub fn new(sign_in: SignIn, current: &SignIn) -> Self {
        Self {
            current: sign_in.id == current.id,
            id: sign_in.id.into(),
            agent: sign_in.agent,
            created: sign_in.created,
            last_seen: sign_in.last_seen,
            expires: sign_in.expires,
        }
    }
}

/// A token for programs, without what is in it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    id: String,
    user: String,
    user_name: String,
    label: String,
    scopes: Vec<Scope>,
    created: i64,
    expires: i64,
    last_used: Option<i64>,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id.into(),
            user: token.user.into(),
            user_name: token.user_name,
            label: token.label,
            scopes: token.scopes,
            created: token.created,
            expires: token.expires,
            last_used: token.last_used,
        }
    }
}

/// What somebody may do with a desktop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "one for each deed there is")]
pub struct DesktopRights {
    /// See its sessions.
    pub see: bool,
    /// Prompt, begin sessions, stop.
    pub prompt: bool,
    /// Answer what it asks.
    pub answer: bool,
    /// Its label, who sees it, its token.
    pub change: bool,
    /// End its pairing.
    pub revoke: bool,
}

impl DesktopRights {
    /// Those of somebody.
    #[must_use]
    pub fn new(standing: Standing<'_>, who: &UserId, pairing: &Pairing) -> Self {
        let may = |deed| may_with_desktop(standing, pairing.owner == *who, pairing.visibility, deed);
        Self {
            see: may(DesktopDeed::See),
            prompt: may(DesktopDeed::Prompt),
            answer: may(DesktopDeed::Answer),
            change: may(DesktopDeed::Change),
            revoke: may(DesktopDeed::Revoke),
        }
    }
}

/// A desktop. Of one that is only there to be ended nothing is said but whose it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DesktopView {
    id: String,
    organization: String,
    owner: String,
    owner_name: String,
    label: String,
    visibility: Visibility,
    created: i64,
    may: DesktopRights,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<DesktopState>,
}

/// How a desktop stands, as it said last.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DesktopState {
    status: Option<PairingStatus>,
    last_seen: Option<i64>,
    revoked: Option<i64>,
    policy: Option<Policy>,
    commands: Vec<String>,
    extensions: Vec<Extension>,
}

impl DesktopView {
    /// How it looks to somebody.
    #[must_use]
    pub fn new(pairing: Pairing, may: DesktopRights) -> Self {
        let state = may.see.then_some(DesktopState {
            status: pairing.status,
            last_seen: pairing.last_seen,
            revoked: pairing.revoked,
            policy: pairing.policy,
            commands: pairing.commands,
            extensions: pairing.extensions,
        });
        Self {
            id: pairing.id.into(),
            organization: pairing.organization.into(),
            owner: pairing.owner.into(),
            owner_name: pairing.owner_name,
            label: pairing.label,
            visibility: pairing.visibility,
            created: pairing.created,
            may,
            state,
        }
    }
}

/// Some rows of the audit, newest first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditView {
    rows: Vec<AuditRowView>,
    older: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AuditRowView {
    number: i64,
    at: i64,
    actor_kind: &'static str,
    actor_id: String,
    actor: String,
    action: String,
    about: String,
    details: Value,
}

impl From<AuditPage> for AuditView {
    fn from(page: AuditPage) -> Self {
        let rows = page.rows.into_iter().map(|row| AuditRowView {
            number: row.number,
            at: row.at,
            actor_kind: row.actor.kind.as_str(),
            actor_id: row.actor.id,
            actor: row.actor.label,
            action: row.action,
            about: row.about,
            details: row.details,
        });
        Self {
            rows: rows.collect(),
            older: page.older,
        }
    }
}
