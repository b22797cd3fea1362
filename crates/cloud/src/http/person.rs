//! Who asks: a person in a browser, or a program with a person's token.

use axum::extract::FromRequestParts;
use cowork_cloud_store::rules::access::{Deed, Standing, may};
use cowork_cloud_store::{
    Actor, ActorKind, ApiToken, Membership, OrganizationId, Role, Scope, SecretHash, SignIn, UserId,
};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use subtle::ConstantTimeEq as _;

use super::client::Client;
use super::refusal::Refusal;
use crate::clock;
use crate::shared::App;
use crate::sign_in::rates::{Counted, key_of};
use crate::sign_in::secrets;

/// What repeats the sign-in's own word, which no other page can read.
pub const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");
/// How long a sign-in lives without being used.
pub const IDLE: i64 = 7 * 24 * 60 * 60 * 1000;

/// How somebody showed who they are.
#[derive(Clone, Debug)]
pub enum Came {
    /// With a browser that is signed in.
    Browser(SignIn),
    /// With a token for programs.
    Program(ApiToken),
}

/// Somebody who showed who they are.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What they are called.
    pub name: String,
    /// Their mail's address; of a program it is not known.
    pub email: Option<String>,
    /// How they showed it.
    pub came: Came,
}

/// Somebody in an organization of theirs.
#[derive(Clone, Debug)]
pub struct Member {
    /// The organization, and what they are in it.
    pub membership: Membership,
    scopes: Option<Vec<Scope>>,
}

impl Member {
    /// As the rules take it.
    #[must_use]
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            role: self.membership.role,
            scopes: self.scopes.as_deref(),
        }
    }

    /// What they are.
    #[must_use]
    pub fn role(&self) -> Role {
        self.membership.role
    }

    /// The organization.
    #[must_use]
    pub fn organization(&self) -> &OrganizationId {
        &self.membership.organization.id
    }
}

impl Person {
    /// Who did it, for the audit.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match &self.came {
            Came::Browser(_) => Actor::user(&self.id, &self.name),
            Came::Program(token) => Actor {
                kind: ActorKind::Token,
                id: token.id.to_string(),
                label: format!("{} ({})", self.name, token.label),
            },
        }
    }

    /// The scopes they came with; none for a browser, which may all that the person may.
    #[must_use]
    pub fn scopes(&self) -> Option<&[Scope]> {
        match &self.came {
            Came::Browser(_) => None,
            Came::Program(token) => Some(&token.scopes),
        }
    }

    /// The sign-in of a browser; a program has no say in what is the person's own.
    ///
    /// # Errors
    /// When it is a program.
    pub fn browser(&self) -> Result<&SignIn, Refusal> {
        match &self.came {
            Came::Browser(sign_in) => Ok(sign_in),
            Came::Program(_) => Err(Refusal::forbidden(
                "A token cannot do this; sign in with a browser.",
            )),
        }
    }

    /// What they are in an organization.
    ///
    /// # Errors
    /// [`Refusal::not_found`] when they are not in it, or their token is another one's, or there is none.
    pub async fn member(&self, app: &App, organization: &OrganizationId) -> Result<Member, Refusal> {
        if let Came::Program(token) = &self.came
            && token.organization != *organization
        {
            return Err(Refusal::not_found());
        }
        let membership = app
            .store
            .membership(organization, &self.id)
            .await?
            .ok_or_else(Refusal::not_found)?;
        Ok(Member {
            membership,
            scopes: self.scopes().map(<[Scope]>::to_vec),
        })
    }

    /// The same, when they may do that there.
    ///
    /// # Errors
    /// As [`Person::member`], and when they may not.
    pub async fn may(&self, app: &App, organization: &OrganizationId, deed: Deed) -> Result<Member, Refusal> {
        let member = self.member(app, organization).await?;
        if may(member.standing(), deed) {
            Ok(member)
        } else {
            Err(not_allowed())
        }
    }
}

/// Whoever asks is in the organization, and what they are there is not enough.
#[must_use]
pub fn not_allowed() -> Refusal {
    Refusal::forbidden("Your role, or your token's scopes, do not allow this.")
}

/// The token of an `Authorization: Bearer` header; an error when there is something else, or two.
pub(super) fn bearer(headers: &HeaderMap) -> Option<Result<&str, ()>> {
    let mut found = headers.get_all(AUTHORIZATION).iter();
    let first = found.next()?;
    if found.next().is_some() {
        return Some(Err(()));
    }
    let token = first.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    Some(token.ok_or(()))
}

/// Counts a secret that nobody has.
fn stranger(app: &App, client: Client) -> Refusal {
    match app.rates.take(Counted::Strangers, &key_of(client.0)) {
        Ok(()) => Refusal::signed_out(),
        Err(refusal) => refusal,
    }
}

fn csrf_refused() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "csrf",
        "The request did not come from this server's own page; load the page anew.",
    )
}

async fn program(app: &App, token: &str, client: Client) -> Result<Person, Refusal> {
    if !secrets::has_form(secrets::API_TOKEN, token) {
        return Err(stranger(app, client));
    }
    let standing = app
        .store
        .api_token_by_secret(&SecretHash::of(token), clock::now())
        .await?
        .ok_or_else(|| stranger(app, client))?;
    app.rates.take(Counted::Program, standing.token.id.as_str())?;
    Ok(Person {
        id: standing.token.user.clone(),
        name: standing.token.user_name.clone(),
        email: None,
        came: Came::Program(standing.token),
    })
}

/// Whoever is signed in in a browser; none when nobody is.
pub(super) async fn browser(
    app: &App,
    headers: &HeaderMap,
    client: Client,
) -> Result<Option<Person>, Refusal> {
    let Some(secret) = app.cookies.read(headers) else {
        return Ok(None);
    };
    if !secrets::has_form(secrets::SESSION, secret) {
        return Err(stranger(app, client));
    }
    let found = app
        .store
        .sign_in_by_secret(&SecretHash::of(secret), IDLE, clock::now())
        .await?;
    let Some((sign_in, user)) = found else {
        // A browser keeps its cookie for a while after the sign-in ended elsewhere.
        return Err(stranger(app, client));
    };
    Ok(Some(Person {
        id: user.id,
        name: user.name,
        email: Some(user.email),
        came: Came::Browser(sign_in),
    }))
}

/// Whether a request that changes something was made by this server's own page, for the one who is signed in.
pub(super) fn check_csrf(app: &App, sign_in: &SignIn, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut given = headers.get_all(CSRF).iter();
    let (Some(given), None) = (given.next(), given.next()) else {
        return Err(csrf_refused());
    };
    let same: bool = given.as_bytes().ct_eq(sign_in.csrf.as_bytes()).into();
    if same && app.origins.is_own_page(headers) {
        Ok(())
    } else {
        Err(csrf_refused())
    }
}

/// Whether a request without a sign-in (which is to make one) was made by this server's own page.
pub(super) fn check_own_page(app: &App, headers: &HeaderMap) -> Result<(), Refusal> {
    if app.origins.is_own_page(headers) {
        Ok(())
    } else {
        Err(csrf_refused())
    }
}

impl FromRequestParts<App> for Client {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        parts.extensions.get().copied().ok_or_else(Refusal::internal)
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let client = Client::from_request_parts(parts, app).await?;
        // Whoever brings a token is a program, whatever cookie is there too: a browser adds no token by itself, so no
        // other page can have made the request.
        if let Some(token) = bearer(&parts.headers) {
            let Ok(token) = token else {
                return Err(stranger(app, client));
            };
            return program(app, token, client).await;
        }
        let Some(person) = browser(app, &parts.headers, client).await? else {
            return Err(Refusal::signed_out());
        };
        app.rates.take(Counted::Person, person.id.as_str())?;
        let changes = !matches!(parts.method, Method::GET | Method::HEAD);
        if changes && let Came::Browser(sign_in) = &person.came {
            check_csrf(app, sign_in, &parts.headers)?;
        }
        Ok(person)
    }
}
