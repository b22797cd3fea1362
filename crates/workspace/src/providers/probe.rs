//! Models at addresses that need no key: this machine's own servers at once, the local network's after consent.

use std::net::SocketAddr;
use std::time::Duration;

use cowork_policy::Connection;
use serde::Deserialize;
use url::Url;

use crate::error::{Result, WorkspaceError};

/// Patience with a server that may have to wake.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Bytes of a model list that are read. The longest catalogues known are under 1 MB.
const LIST_BYTES: usize = 4 * 1024 * 1024;

/// Models taken from a list.
const MODELS: usize = 500;

/// Checks an address against policy, with the name resolved now, and gives it as it will be used.
pub(crate) async fn allowed(address: &str, local_network_agreed: bool) -> Result<Url> {
    Ok(checked(address, local_network_agreed).await?.0)
}

async fn checked(address: &str, local_network_agreed: bool) -> Result<(Url, Vec<SocketAddr>)> {
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
        Ok(Connection::Loopback(url)) => Ok((url, resolved)),
        Ok(Connection::LocalNetwork(url)) if local_network_agreed => Ok((url, resolved)),
        Ok(Connection::LocalNetwork(url)) => Err(WorkspaceError::ConsentNeeded(format!(
            "{} is in your local network. What you write and what the agent reads will be sent there, and any machine \
             on the way can read it unless the address is https. Connect only if you trust that machine.",
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

/// Asks an address for the models it has.
pub(crate) async fn probe(address: &str, local_network_agreed: bool) -> Result<(Url, Vec<String>)> {
    let (url, resolved) = checked(address, local_network_agreed).await?;
    let listing = format!("{}/models", url.as_str().trim_end_matches('/'));
    let unreachable = |what: String| {
        WorkspaceError::Unreachable(format!(
            "{what} Check that the server runs and that the address ends in the part before /models, often /v1."
        ))
    };
    let mut builder = reqwest::Client::builder()
        .timeout(TIMEOUT)
        // The address was judged, not where it might send us on to.
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    if let Some(host) = url.host_str() {
        // The addresses that were judged are the ones connected to, whatever the name says a moment later.
        builder = builder.resolve_to_addrs(host, &resolved);
    }
    let client = builder
        .build()
        .map_err(|error| WorkspaceError::Internal(error.into()))?;
    let mut response = client
        .get(&listing)
        .send()
        .await
        .map_err(|error| unreachable(format!("Nothing answered at {url}: {}.", root_cause(&error))))?;
    let status = response.status();
    if status == reqwest::StatusCode::UNAUTHORIZED || status == reqwest::StatusCode::FORBIDDEN {
        return Err(WorkspaceError::NotAllowed(format!(
            "{url} wants a key, and this app takes none yet. Use a server that needs no key."
        )));
    }
    if !status.is_success() {
        return Err(unreachable(format!(
            "{listing} answered with status {}.",
            status.as_u16()
        )));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unreachable(format!("{url} broke off: {}.", root_cause(&error))))?
    {
        if body.len() + chunk.len() > LIST_BYTES {
            return Err(unreachable(format!(
                "{listing} answered with more than a list of models."
            )));
        }
        body.extend_from_slice(&chunk);
    }
    let list: ModelList = serde_json::from_slice(&body)
        .map_err(|_| unreachable(format!("{listing} did not answer with a list of models.")))?;
    let models = list
        .data
        .into_iter()
        .map(|model| model.id)
        .filter(|id| fits(id))
        .take(MODELS)
        .collect();
    Ok((url, models))
}

/// Whether a model's id can be used as one.
pub(crate) fn fits(id: &str) -> bool {
    (1..=200).contains(&id.len()) && !id.chars().any(char::is_control)
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
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
    async fn the_internet_and_the_metadata_address_are_refused() {
        for address in [
            "https://1.1.1.1/v1",
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
        let outcome = probe("http://127.0.0.1:9/v1", false).await;
        assert!(
            matches!(&outcome, Err(WorkspaceError::Unreachable(text)) if text.contains("Nothing answered")),
            "{outcome:?}"
        );
    }
}
