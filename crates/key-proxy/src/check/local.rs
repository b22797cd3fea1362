//! Which model servers run on this machine.

use std::time::Duration;

use bytes::Bytes;
use cowork_outward::{Body, Outward, Reach};
use cowork_providers::LocalServer;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use tokio::task::JoinSet;
use url::{Host, Url};

use super::listing;

/// A server on this machine answers at once, or is not there.
const PATIENCE: Duration = Duration::from_millis(500);
/// Lists of local models are short.
const LONGEST: usize = 1024 * 1024;

/// A well-known server, and whether it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// The address its models are spoken to at.
    pub base_url: String,
    /// The models it lists, at most 2,000.
    pub models: Vec<String>,
    /// Whether it answered as the server it is taken for.
    pub running: bool,
}

/// Asks each of these servers at once whether it is there, for half a second. The answers are in the order of the
/// question. Nothing but this machine is asked, and nobody gets a key.
pub async fn find_local(outward: &Outward, servers: &[LocalServer]) -> Vec<Found> {
    let mut asked = JoinSet::new();
    for (place, server) in servers.iter().enumerate() {
        let (outward, server) = (outward.clone(), server.clone());
        asked.spawn(async move { (place, models(&outward, &server).await) });
    }
    let mut found: Vec<Found> = servers
        .iter()
        .map(|server| Found {
            name: server.name.to_string(),
            base_url: server.base_url.to_string(),
            models: Vec::new(),
            running: false,
        })
        .collect();
    while let Some(answer) = asked.join_next().await {
        if let Ok((place, Some(models))) = answer
            && let Some(found) = found.get_mut(place)
        {
            found.models = models;
            found.running = true;
        }
    }
    found
}

/// Its models, when it is the server it is taken for.
async fn models(outward: &Outward, server: &LocalServer) -> Option<Vec<String>> {
    let base = Url::parse(&server.base_url).ok()?;
    let recognised = document(outward, &with_path(&base, &server.recognise_path)?).await?;
    if !server.is_recognised(&recognised) {
        return None;
    }
    let path = format!("{}/models", base.path().trim_end_matches('/'));
    let listed = match document(outward, &with_path(&base, &path)?).await {
        Some(listed) => listing::ids(&listed, None),
        // It is there all the same.
        None => Vec::new(),
    };
    Some(listed)
}

fn with_path(base: &Url, path: &str) -> Option<Url> {
    let here = match base.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let mut url = base.clone();
    url.set_path(path);
    url.set_query(None);
    here.then_some(url)
}

async fn document(outward: &Outward, url: &Url) -> Option<Value> {
    let body: Body = Full::new(Bytes::new()).map_err(|never| match never {}).boxed();
    let request = Request::builder()
        .uri(url.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, "cowork")
        .body(body)
        .ok()?;
    let answer = outward
        .call(request, Reach::Loopback, LONGEST, PATIENCE)
        .await
        .ok()?;
    if !answer.status().is_success() {
        return None;
    }
    serde_json::from_slice(answer.body()).ok()
}
