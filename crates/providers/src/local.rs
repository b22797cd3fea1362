//! Model servers that people run on their own machine.

use std::borrow::Cow;

use serde_json::Value;

/// A model server at its usual address on this machine, and how it is told from others that may be there. Which
/// program listens at a port is anybody's choice, so a port alone proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalServer {
    /// Its name.
    pub name: Cow<'static, str>,
    /// The address its chat completions are below.
    pub base_url: Cow<'static, str>,
    /// A path at its host, asked by GET, that answers in JSON.
    pub recognise_path: Cow<'static, str>,
    /// What this answer holds, as a JSON pointer (RFC 6901).
    pub recognise_member: Cow<'static, str>,
    /// What stands there, where the member alone would fit others too.
    pub recognise_text: Option<Cow<'static, str>>,
}

impl LocalServer {
    const fn new(
        name: &'static str,
        base_url: &'static str,
        recognise_path: &'static str,
        recognise_member: &'static str,
        recognise_text: Option<&'static str>,
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            base_url: Cow::Borrowed(base_url),
            recognise_path: Cow::Borrowed(recognise_path),
            recognise_member: Cow::Borrowed(recognise_member),
            recognise_text: match recognise_text {
                Some(text) => Some(Cow::Borrowed(text)),
                None => None,
            },
        }
    }

    /// Whether the answer at [`Self::recognise_path`] is this server's.
    #[must_use]
    pub fn is_recognised(&self, answer: &Value) -> bool {
        match (answer.pointer(&self.recognise_member), &self.recognise_text) {
            (Some(member), Some(text)) => member.as_str() == Some(text),
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}

/// The well-known ones, the most used first.
#[must_use]
pub fn local_servers() -> &'static [LocalServer] {
    const SERVERS: &[LocalServer] = &[
        // Lists its models in a way of its own beside the usual one.
        LocalServer::new(
            "Ollama",
            "http://127.0.0.1:11434/v1",
            "/api/tags",
            "/models",
            None,
        ),
        // Its own interface has another prefix than the usual one, which all servers share.
        LocalServer::new(
            "LM Studio",
            "http://127.0.0.1:1234/v1",
            "/api/v0/models",
            "/data",
            None,
        ),
        // Tells how it generates.
        LocalServer::new(
            "llama.cpp",
            "http://127.0.0.1:8080/v1",
            "/props",
            "/default_generation_settings",
            None,
        ),
        // Names itself as the owner of its models.
        LocalServer::new(
            "vLLM",
            "http://127.0.0.1:8000/v1",
            "/v1/models",
            "/data/0/owned_by",
            Some("vllm"),
        ),
        // Has nothing of its own; its port is nobody else's.
        LocalServer::new("Jan", "http://127.0.0.1:1337/v1", "/v1/models", "/data", None),
    ];
    SERVERS
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use url::{Host, Url};

    use super::*;

    #[test]
    fn every_server_is_on_this_machine() {
        for server in local_servers() {
            let url = Url::parse(&server.base_url).unwrap();
            assert!(
                matches!(url.host(), Some(Host::Ipv4(address)) if address.is_loopback()),
                "{}",
                server.name
            );
            assert!(server.recognise_path.starts_with('/'), "{}", server.name);
        }
    }

    #[test]
    fn a_server_is_told_by_what_it_answers() {
        let server = |name: &str| local_servers().iter().find(|server| server.name == name).unwrap();
        assert!(server("Ollama").is_recognised(&json!({"models": []})));
        assert!(!server("Ollama").is_recognised(&json!({"data": []})));
        assert!(server("vLLM").is_recognised(&json!({"data": [{"id": "m", "owned_by": "vllm"}]})));
        assert!(!server("vLLM").is_recognised(&json!({"data": [{"id": "m", "owned_by": "llamacpp"}]})));
        assert!(!server("vLLM").is_recognised(&json!({"data": []})));
        assert!(server("llama.cpp").is_recognised(&json!({"default_generation_settings": {}})));
        assert!(!server("Jan").is_recognised(&json!("hello")));
    }
}
