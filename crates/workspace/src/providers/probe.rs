//! Addresses a person gives: judged, and asked for the models they have.

use std::net::SocketAddr;
use std::time::Duration;

use cowork_outward::{Outward, Reach};
use cowork_policy::Connection;
use cowork_vault::Sensitive;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use url::Url;

use crate::error::{Result, WorkspaceError};

/// Patience with a server that may have to wake.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Bytes of a model list that are read. The longest catalogues known are under 1 MB.
const LIST_BYTES: usize = 4 * 1024 * 1024;

/// Models taken from a list.
pub(crate) const MODELS: usize = 500;

/// Checks an address against policy, with the name resolved now, and gives it as it will be used and how far it may
/// lead.
pub(crate) async fn allowed(address: &str, local_network_agreed: bool) -> Result<(Url, Reach)> {
    let spelled = Url::parse(address.trim()).ok();
    let host = spelled
        .as_ref()
        .and_then(Url::host_str)
        .unwrap_or_default()
        .to_owned();
    let port = spelled
        .as_ref()
        .and_then(Url::port_or_known_default)
        .unwrap_or(80);
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    let resolved: Vec<SocketAddr> =
        match tokio::time::timeout(TIMEOUT, tokio::net::lookup_host((plain, port))).await {
            Ok(Ok(found)) => found.collect(),
            // An empty answer is policy's to judge: it says that the name could not be found.
            Ok(Err(_)) | Err(_) => Vec::new(),
        };
    let addresses: Vec<_> = resolved.iter().map(SocketAddr::ip).collect();
    match cowork_policy::may_connect(address, &addresses) {
        Ok(Connection::Loopback(url)) => Ok((url, Reach::Loopback)),
        Ok(Connection::Public(url)) => Ok((url, Reach::Public)),
        Ok(Connection::LocalNetwork(url)) if local_network_agreed => Ok((url, Reach::LocalNetwork)),
        Ok(Connection::LocalNetwork(url)) => Err(WorkspaceError::ConsentNeeded(format!(
            "{} is in your local network. What you write, what the agent reads and the key, if you give one, will be sent there, \
             and any machine on the way can read it unless the address is https. Connect only if you trust that machine.",
            url.host_str().unwrap_or_default()
        ))),
        Err(refusal) => Err(WorkspaceError::NotAllowed(format!(
            "It was not connected: {refusal}."
        ))),
    }
}

#[derive(Deserialize)]
struct ModelList {
    #[serde(default)]
    data: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    id: String,
}

/// What was found at an address.
pub(crate) struct Listed {
    pub(crate) url: Url,
    pub(crate) models: Vec<String>,
    /// The list is only for who has a key.
    pub(crate) wants_key: bool,
}

/// Asks an address for the models it has, with a key where one is given.
pub(crate) async fn list(
    outward: &Outward,
    address: &str,
    local_network_agreed: bool,
    key: Option<&Sensitive>,
) -> Result<Listed> {
    let (url, reach) = allowed(address, local_network_agreed).await?;
    let listing = format!("{}/models", url.as_str().trim_end_matches('/'));
    let unreachable = |what: String| {
        WorkspaceError::Unreachable(format!(
            "{what} Check that the server runs and that the address ends in the part before /models, often /v1."
        ))
    };
    let mut request = http::Request::get(&listing).header(http::header::ACCEPT, "application/json");
    if let Some(key) = key {
        let value = cowork_key_proxy::key_value("Bearer ", key).map_err(|_| {
            WorkspaceError::InvalidInput(
                "The key holds a character that no key can hold. Copy it again and paste it alone.".into(),
            )
        })?;
        request = request.header(http::header::AUTHORIZATION, value);
    }
    let body = http_body_util::Empty::new()
        .map_err(|never| match never {})
        .boxed();
    let request = request
        .body(body)
        .map_err(|error| WorkspaceError::Internal(error.into()))?;
    let response = outward
        .call(request, reach, LIST_BYTES, TIMEOUT)
        .await
        .map_err(|error| unreachable(format!("Nothing usable at {url}: {error}.")))?;
    let status = response.status();
    if status == http::StatusCode::UNAUTHORIZED || status == http::StatusCode::FORBIDDEN {
        if key.is_some() {
            return Err(WorkspaceError::NotAllowed(format!(
                "{url} did not accept the key (status {}). Check that it is whole and made for this server.",
                status.as_u16()
            )));
        }
        return Ok(Listed {
            url,
            models: Vec::new(),
            wants_key: true,
        });
    }
    if !status.is_success() {
        return Err(unreachable(format!(
            "{listing} answered with status {}.",
            status.as_u16()
        )));
    }
    let list: ModelList = serde_json::from_slice(response.body())
        .map_err(|_| unreachable(format!("{listing} did not answer with a list of models.")))?;
    let models = list
        .data
        .into_iter()
        .map(|model| model.id)
        .filter(|id| fits(id))
        .take(MODELS)
        .collect();
    Ok(Listed {
        url,
        models,
        wants_key: false,
    })
}

/// Whether a model's id can be used as one.
pub(crate) fn fits(id: &str) -> bool {
    (1..=200).contains(&id.len()) && !id.chars().any(char::is_control)
}

/// An id for a provider: what the name says in plain letters, made unique.
pub(crate) fn id_for(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        })
        .collect();
    let words: Vec<_> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let base = format!(
        "local-{}",
        if words.is_empty() {
            "models".to_owned()
        } else {
            words.join("-")
        }
    );
    if !taken(&base) {
        return base;
    }
    (2..=u32::MAX)
        .map(|number| format!("{base}-{number}"))
        .find(|id| !taken(id))
        .unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_and_never_taken_twice_nor_the_demo_s() {
        assert_eq!(id_for("My Ollama!", |_| false), "local-my-ollama");
        assert_eq!(id_for("", |_| false), "local-models");
        assert_eq!(id_for("demo", |id| id == "local-demo"), "local-demo-2");
    }

    #[tokio::test]
    async fn the_internet_unencrypted_and_the_metadata_address_are_refused() {
        for address in [
            "http://1.1.1.1/v1",
            "http://169.254.169.254/",
            "ftp://127.0.0.1/",
            "http://u:p@127.0.0.1/",
        ] {
            let outcome = allowed(address, true).await;
            assert!(
                matches!(outcome, Err(WorkspaceError::NotAllowed(_))),
                "{address}: {outcome:?}"
            );
        }
    }

    #[tokio::test]
    async fn the_local_network_needs_consent_and_loopback_does_not() {
        assert!(allowed("http://127.0.0.1:11434/v1", false).await.is_ok());
        assert!(matches!(
            allowed("http://192.168.1.5/v1", false).await,
            Err(WorkspaceError::ConsentNeeded(_))
        ));
        assert!(allowed("http://192.168.1.5/v1", true).await.is_ok());
    }

    #[tokio::test]
    async fn a_silent_port_is_said_to_be_silent() {
        let outward = Outward::new(cowork_outward::Options::default()).unwrap();
        let outcome = list(&outward, "http://127.0.0.1:9/v1", false, None).await;
        assert!(
            matches!(&outcome, Err(WorkspaceError::Unreachable(text)) if text.contains("Nothing usable")),
        );
    }
}
