//! Where a request goes.

use std::collections::HashMap;
use std::sync::Arc;

use cowork_outward::Reach;
use cowork_providers::Wire;
use http::{HeaderName, HeaderValue, Uri};
use url::Url;

/// Whether a provider wants a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// No: a model on this machine.
    None,
    /// Yes, in the header of its [`Wire`].
    Key,
}

/// A provider that requests may be made of.
#[derive(Clone)]
pub struct Route {
    /// Its id, which is the first segment of the proxy's path.
    pub provider: String,
    /// What a person calls it, for what is said of it.
    pub name: String,
    /// Its base address. What stands after `/{provider}` is appended; a query of its own does not count.
    pub upstream: Url,
    /// How far away it was agreed to be.
    pub reach: Reach,
    /// Which header takes its key, and which paths may be asked for.
    pub wire: Wire,
    /// Whether it wants a key.
    pub key: KeyUse,
    /// Headers it wants besides, in place of what the engine says there.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// Why a path leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoWay {
    /// There is no such provider.
    UnknownProvider,
    /// It is nothing that a model's turn needs.
    Path,
}

/// All routes, by the segment they have in a path.
#[derive(Default)]
pub(crate) struct Routes(HashMap<String, Arc<Route>>);

impl Routes {
    pub(crate) fn new(routes: Vec<Route>) -> Self {
        let keyed = routes
            .into_iter()
            .map(|route| (segment(&route.provider), Arc::new(route)));
        Self(keyed.collect())
    }

    /// The route of a request, and the address it is to be sent to.
    pub(crate) fn find(&self, method: &str, uri: &Uri) -> Result<(Arc<Route>, Uri), NoWay> {
        let path = uri.path().strip_prefix('/').unwrap_or_default();
        let (segment, _) = path.split_once('/').unwrap_or((path, ""));
        let route = self.0.get(segment).ok_or(NoWay::UnknownProvider)?;
        let below = &path[segment.len()..];
        if !route.wire.allows(method, below) || !allows_query(route.wire, uri.query()) {
            return Err(NoWay::Path);
        }
        let mut base = route.upstream.clone();
        base.set_query(None);
        base.set_fragment(None);
        let base = base.as_str().trim_end_matches('/');
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let address = format!("{base}{below}{query}").parse().map_err(|_| NoWay::Path)?;
        Ok((Arc::clone(route), address))
    }
}

/// The id of a provider as it stands in a path.
pub(crate) fn segment(provider: &str) -> String {
    // What has a meaning of its own in a path is encoded; ids of the catalogue have nothing of that.
    use std::fmt::Write as _;
    provider.bytes().fold(String::new(), |mut segment, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            // Writing into a string does not fail.
            let _ = write!(segment, "%{byte:02X}");
        }
        segment
    })
}

/// The queries of model requests. Others might ask for something else than the path says, or carry a key.
fn allows_query(wire: Wire, query: Option<&str>) -> bool {
    let Some(query) = query else { return true };
    match wire {
        Wire::Google | Wire::Vertex => query == "alt=sse",
        Wire::Anthropic => query == "beta=true",
        Wire::Azure => query.strip_prefix("api-version=").is_some_and(|version| {
            (1..=32).contains(&version.len())
                && version
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        let route = |provider: &str, upstream: &str, wire| Route {
            provider: provider.to_owned(),
            name: provider.to_owned(),
            upstream: upstream.parse().unwrap(),
            reach: Reach::Public,
            wire,
            key: KeyUse::Key,
            headers: Vec::new(),
        };
        Routes::new(vec![
            route("anthropic", "https://api.anthropic.com/v1", Wire::Anthropic),
            route(
                "google",
                "https://generativelanguage.googleapis.com/v1beta/",
                Wire::Google,
            ),
            route("azure", "https://r.openai.azure.com/openai/v1", Wire::Azure),
            route("my own/one", "https://llm.example?key=1", Wire::OpenAiCompatible),
        ])
    }

    #[test]
    fn a_path_below_a_provider_leads_below_its_base() {
        for (path, address) in [
            ("/anthropic/messages", "https://api.anthropic.com/v1/messages"),
            (
                "/google/models/g:streamGenerateContent?alt=sse",
                "https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent?alt=sse",
            ),
            (
                "/azure/responses?api-version=2025-04-01-preview",
                "https://r.openai.azure.com/openai/v1/responses?api-version=2025-04-01-preview",
            ),
            (
                "/my%20own%2Fone/chat/completions",
                "https://llm.example/chat/completions",
            ),
        ] {
            let (_, found) = routes()
                .find("POST", &path.parse().unwrap())
                .unwrap_or_else(|_| panic!("{path}"));
            assert_eq!(found.to_string(), address);
        }
    }

    #[test]
    fn everything_else_leads_nowhere() {
        for (method, path, reason) in [
            ("POST", "/", NoWay::UnknownProvider),
            ("POST", "/openai/responses", NoWay::UnknownProvider),
            ("POST", "//anthropic/messages", NoWay::UnknownProvider),
            ("POST", "/%61nthropic/messages", NoWay::UnknownProvider),
            ("GET", "/anthropic/messages", NoWay::Path),
            ("POST", "/anthropic", NoWay::Path),
            ("POST", "/anthropic/", NoWay::Path),
            ("POST", "/anthropic/messages/../files", NoWay::Path),
            ("POST", "/anthropic/messages?key=abc", NoWay::Path),
            ("POST", "/anthropic/messages?beta=true&x=1", NoWay::Path),
            (
                "POST",
                "/google/models/g:streamGenerateContent?alt=sse&key=abc",
                NoWay::Path,
            ),
            (
                "POST",
                "/google/models/g:streamGenerateContent?key=abc",
                NoWay::Path,
            ),
            ("POST", "/azure/responses?api-version=1&api-key=abc", NoWay::Path),
            ("POST", "/azure/responses?api-version=", NoWay::Path),
        ] {
            let found = routes().find(method, &path.parse().unwrap()).err();
            assert_eq!(found, Some(reason), "{method} {path}");
        }
    }
}
