//! Coming in: by the owner link, an invitation, or a password; and going.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use cowork_cloud_store::{Actor, NewSignIn, NewUser, SecretHash, StoreError, User, UserId};
use http::header::{SET_COOKIE, USER_AGENT};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::own;
use crate::clock;
use crate::http::body::Json;
use crate::http::client::Client;
use crate::http::person::{self, Came, IDLE, Person};
use crate::http::refusal::Refusal;
use crate::shared::App;
use crate::sign_in::rates::{Counted, key_of};
use crate::sign_in::{passwords, secrets};

/// How long a sign-in lives, however much it is used.
const SIGN_IN_TIME: i64 = 30 * 24 * 60 * 60 * 1000;
/// The longest address there is. What is longer is nobody's, and counted by its beginning.
const EMAIL_BYTES: usize = 254;

/// What comes with an owner link.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Welcome {
    code: String,
    name: String,
    email: String,
    password: String,
    organization: String,
}

/// What comes with a password.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Credentials {
    email: String,
    password: String,
}

/// What is behind the `#` of an invitation's link.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Code {
    code: String,
}

/// What comes with an invitation. Whoever is signed in already needs the code alone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Accepted {
    code: String,
    name: Option<String>,
    password: Option<String>,
}

fn wrong_credentials() -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        "wrongCredentials",
        "The address or the password is wrong.",
    )
}

fn dead_link() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "deadLink",
        "This link was used, taken back or is too old; ask for another one.",
    )
}

fn hash_of_code(prefix: &str, code: &str) -> Result<SecretHash, Refusal> {
    if secrets::has_form(prefix, code) {
        Ok(SecretHash::of(code))
    } else {
        Err(dead_link())
    }
}

/// What a link leads to may be gone by the time it is used.
fn of_link(error: StoreError) -> Refusal {
    match error {
        StoreError::NotFound(_) => dead_link(),
        other => other.into(),
    }
}

/// An address as it is counted.
fn account_key(email: &str) -> String {
    let email = email.trim();
    let end = email.floor_char_boundary(EMAIL_BYTES);
    email[..end].to_lowercase()
}

/// Ends the sign-in that a browser had before.
async fn end_former(app: &App, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(secret) = app.cookies.read(headers) else {
        return Ok(());
    };
    let hash = SecretHash::of(secret);
    let now = clock::now();
    if let Some((former, user)) = app.store.sign_in_by_secret(&hash, IDLE, now).await? {
        let by = Actor::user(&user.id, &user.name);
        match app.store.sign_out(&user.id, &former.id, &by, now).await {
            // Another sign-in of this browser ended it at the same moment.
            Ok(()) | Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Signs somebody in: always with a new secret in the cookie, so that none that was there before is worth anything.
async fn admit(app: &App, user: User, status: StatusCode, headers: &HeaderMap) -> Result<Response, Refusal> {
    end_former(app, headers).await?;
    let made =
        || -> anyhow::Result<(String, String)> { Ok((secrets::make(secrets::SESSION)?, secrets::random()?)) };
    let (secret, csrf) = made().map_err(|error| {
        tracing::error!(%error, "nobody can be signed in");
        Refusal::internal()
    })?;
    let agent = headers
        .get(USER_AGENT)
        .map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned())
        .unwrap_or_default();
    let now = clock::now();
    let sign_in = NewSignIn {
        user: user.id.clone(),
        password_hash: user.password_hash,
        secret: SecretHash::of(&secret),
        csrf,
        agent,
        expires: now + SIGN_IN_TIME,
    };
    let by = Actor::user(&user.id, &user.name);
    let sign_in = match app.store.sign_in(&sign_in, &by, now).await {
        Ok(sign_in) => sign_in,
        // It was the right one when it was looked at.
        Err(StoreError::Conflict(_)) => return Err(wrong_credentials()),
        Err(error) => return Err(error.into()),
    };
    let person = Person {
        id: user.id,
        name: user.name,
        email: Some(user.email),
        came: Came::Browser(sign_in),
    };
    app.figures.sign_ins.one();
    let cookie = app
        .cookies
        .set(&secret, SIGN_IN_TIME / 1000)
        .ok_or_else(Refusal::internal)?;
    let view = own::view(app, &person).await?;
    Ok((status, [(SET_COOKIE, cookie)], axum::Json(view)).into_response())
}

async fn new_user(app: &App, email: String, name: String, password: String) -> Result<NewUser, Refusal> {
    Ok(NewUser {
        email,
        name,
        password_hash: app.passwords.hash(password).await?,
    })
}

async fn user(app: &App, id: &UserId) -> Result<User, Refusal> {
    app.store.user(id).await?.ok_or_else(Refusal::internal)
}

/// The first owner comes in, by the link that the server printed.
pub(super) async fn welcome(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Json(welcome): Json<Welcome>,
) -> Result<Response, Refusal> {
    person::check_own_page(&app, &headers)?;
    app.rates.take(Counted::SignInsOfAddress, &key_of(client.0))?;
    let code = hash_of_code(secrets::OWNER, &welcome.code)?;
    // A password is hashed only for a link that works.
    if !app.store.owner_link_works(&code, clock::now()).await? {
        return Err(dead_link());
    }
    let new = new_user(&app, welcome.email, welcome.name, welcome.password).await?;
    let welcomed = app
        .store
        .redeem_owner_link(&code, &new, &welcome.organization, clock::now())
        .await
        .map_err(of_link)?;
    let user = user(&app, &welcomed.user).await?;
    admit(&app, user, StatusCode::CREATED, &headers).await
}

/// Somebody comes with a password. An address that nobody has and a wrong password are answered alike, after the same
/// work.
pub(super) async fn sign_in(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Response, Refusal> {
    person::check_own_page(&app, &headers)?;
    app.rates.take(Counted::SignInsOfAddress, &key_of(client.0))?;
    app.rates
        .take(Counted::SignInsOfAccount, &account_key(&credentials.email))?;
    let found = app.store.user_by_email(&credentials.email).await?;
    let hash = found.as_ref().map(|user| user.password_hash.clone());
    let fits = app.passwords.fits(credentials.password, hash).await?;
    let Some(user) = found.filter(|_| fits) else {
        app.figures.failed_sign_ins.one();
        return Err(wrong_credentials());
    };
    admit(&app, user, StatusCode::OK, &headers).await
}

/// Ends the sign-in that asks.
pub(super) async fn sign_out(State(app): State<App>, person: Person) -> Result<Response, Refusal> {
    let sign_in = person.browser()?;
    app.store
        .sign_out(&person.id, &sign_in.id, &person.actor(), clock::now())
        .await?;
    let cookie = app.cookies.clear().ok_or_else(Refusal::internal)?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}

/// What an invitation is to, for whoever has its link.
pub(super) async fn look(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Json(Code { code }): Json<Code>,
) -> Result<axum::Json<Value>, Refusal> {
    person::check_own_page(&app, &headers)?;
    app.rates.take(Counted::SignInsOfAddress, &key_of(client.0))?;
    let code = hash_of_code(secrets::INVITATION, &code)?;
    let invitation = app
        .store
        .invitation_by_secret(&code, clock::now())
        .await?
        .ok_or_else(dead_link)?;
    Ok(axum::Json(json!({
        "organization": invitation.organization_name,
        "email": invitation.email,
        "role": invitation.role,
        "expires": invitation.expires,
    })))
}

/// Somebody comes by an invitation: as who they are signed in as, or as somebody new.
pub(super) async fn accept(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Json(accepted): Json<Accepted>,
) -> Result<Response, Refusal> {
    person::check_own_page(&app, &headers)?;
    app.rates.take(Counted::SignInsOfAddress, &key_of(client.0))?;
    let code = hash_of_code(secrets::INVITATION, &accepted.code)?;
    let now = clock::now();
    let (Some(name), Some(password)) = (accepted.name, accepted.password) else {
        let Some(person) = person::browser(&app, &headers, client).await? else {
            return Err(Refusal::signed_out());
        };
        person::check_csrf(&app, person.browser()?, &headers)?;
        app.store
            .accept_invitation_as(&code, &person.id, now)
            .await
            .map_err(of_link)?;
        return Ok(axum::Json(own::view(&app, &person).await?).into_response());
    };
    passwords::check(&password)?;
    let invitation = app
        .store
        .invitation_by_secret(&code, now)
        .await?
        .ok_or_else(dead_link)?;
    let new = new_user(&app, invitation.email, name, password).await?;
    let welcomed = app
        .store
        .accept_invitation_as_new(&code, &new, clock::now())
        .await
        .map_err(of_link)?;
    let user = user(&app, &welcomed.user).await?;
    admit(&app, user, StatusCode::CREATED, &headers).await
}
