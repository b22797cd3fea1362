//! Who a request is from, and what it may be at most.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use cowork_cloud_store::{DeviceId, PairingId, Proven, SecretHash};
use cowork_pairing_protocol::extension::{EXTENSIONS_HEADER, Extension};
use cowork_pairing_protocol::wire::{DEVICE_HEADER, PAIRING_HEADER, TOKEN_PREFIX};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use serde::de::DeserializeOwned;

use super::refused::Refused;
use crate::http::body;
use crate::http::client::Client;
use crate::http::person::bearer;
use crate::http::refusal::Refusal;
use crate::shared::App;
use crate::sign_in::rates::{Counted, key_of};
use crate::sign_in::secrets;

/// A desktop that brought its token, and what it sent.
pub(super) struct Entered {
    pub(super) desktop: Proven,
    token: SecretHash,
    headers: HeaderMap,
    body: Bytes,
}

/// What names a desktop in a request's head; none when anything of it is missing, there twice or cannot be right.
struct Named {
    pairing: PairingId,
    device: DeviceId,
    token: SecretHash,
}

fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut found = headers.get_all(name).iter();
    match (found.next(), found.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn named(headers: &HeaderMap) -> Option<Named> {
    let token = bearer(headers)?.ok()?;
    if !secrets::has_form(TOKEN_PREFIX, token) {
        return None;
    }
    Some(Named {
        pairing: PairingId::parse(only(headers, PAIRING_HEADER)?).ok()?,
        device: DeviceId::parse(only(headers, DEVICE_HEADER)?).ok()?,
        token: SecretHash::of(token),
    })
}

/// The one refusal, counted: whoever comes with what nobody has is slowed down, and only they.
fn stranger(app: &App, client: Client) -> Refused {
    match app.rates.take(Counted::Strangers, &key_of(client.0)) {
        Ok(()) => Refused::unauthorized(),
        Err(refusal) => refusal.into(),
    }
}

impl Entered {
    /// What it sent, as it has to be.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        Ok(body::json(&self.body)?)
    }

    /// What the client announced in its head.
    pub(super) fn extensions(&self) -> Vec<Extension> {
        self.headers
            .get_all(EXTENSIONS_HEADER)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| serde_json::from_value(name.trim().into()).ok())
            .filter(|extension| *extension != Extension::Unknown)
            .collect()
    }

    /// The body's ids are those of the head: whoever proved to be one desktop speaks for no other.
    pub(super) fn is_of(&self, pairing: &str, device: &str) -> Result<(), Refused> {
        if pairing != self.desktop.pairing().as_str() {
            return Err(Refused::other_pairing("pairingId"));
        }
        if device != self.desktop.device().as_str() {
            return Err(Refused::other_pairing("deviceId"));
        }
        Ok(())
    }

    /// Counts the request.
    pub(super) fn count(&self, app: &App) -> Result<(), Refused> {
        self.count_as(Counted::Desktop, app)
    }

    /// Counts one that tells events.
    pub(super) fn count_told(&self, app: &App) -> Result<(), Refused> {
        self.count_as(Counted::DesktopEvents, app)
    }

    fn count_as(&self, counted: Counted, app: &App) -> Result<(), Refused> {
        Ok(app.rates.take(counted, self.desktop.pairing().as_str())?)
    }

    /// Refuses one whose pairing is over, and counts it: there are clients that do not stop asking.
    pub(super) fn is_on(&self, app: &App) -> Result<(), Refused> {
        if self.desktop.is_revoked() {
            self.count(app)?;
            return Err(Refused::revoked());
        }
        Ok(())
    }

    /// Looks anew who it is, after the store said that it is another one by now: over, or with another token.
    pub(super) async fn again(&self, app: &App) -> Result<Option<Proven>, Refused> {
        let desktop = &self.desktop;
        Ok(app
            .store
            .prove(desktop.pairing(), desktop.device(), &self.token)
            .await?)
    }

    /// Why the store says so.
    pub(super) async fn why(&self, app: &App) -> Refused {
        match self.again(app).await {
            Ok(Some(_)) => Refused::revoked(),
            Ok(None) => Refused::unauthorized(),
            Err(refused) => refused,
        }
    }
}

/// Turns what the store says into an answer: that it is over is looked at once more, because it also says so of a token
/// that was replaced.
macro_rules! stored {
    ($entered:expr, $app:expr, $call:expr) => {
        match $call.await {
            Err(cowork_cloud_store::StoreError::Revoked) => return Err($entered.why($app).await),
            other => other?,
        }
    };
}
pub(super) use stored;

impl FromRequest<App> for Entered {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        let client = request
            .extensions()
            .get::<Client>()
            .copied()
            .ok_or_else(Refusal::internal)?;
        let (parts, body) = request.into_parts();
        let headers = parts.headers;
        let limit = app.limits.broker_body;
        // What says that it is too large is refused before anything else; what does not say it is read only for those
        // who showed who they are.
        if headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
            .is_some_and(|length| length > limit)
        {
            body::read(&headers, Body::empty(), limit, &app.limits).await?;
        }
        let Some(Named {
            pairing,
            device,
            token,
        }) = named(&headers)
        else {
            return Err(stranger(app, client));
        };
        let Some(desktop) = app.store.prove(&pairing, &device, &token).await? else {
            return Err(stranger(app, client));
        };
        let body = body::read(&headers, body, limit, &app.limits).await?;
        Ok(Self {
            desktop,
            token,
            headers,
            body,
        })
    }
}
