//! The key proxy, with the token every command of an agent finds in its environment.

use std::time::Duration;

use serde_json::json;

use super::engine::Routes;
use super::http::{self, Reply, Request};
use super::trap::Trap;
use super::{ModelRequest, Until};
use crate::needle::Needle;
use crate::report::{Answer, Place, Report};

const TOKEN: &str = "COWORK_PROXY_TOKEN";
/// The headers keys come in, and what stands before the key there.
const KEY_HEADERS: [(&str, &str); 4] = [
    ("Authorization", "Bearer "),
    ("x-api-key", ""),
    ("x-goog-api-key", ""),
    ("api-key", ""),
];
/// For one answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// For a port of somebody else, who may say nothing.
const GLANCE: Duration = Duration::from_millis(500);
/// How the proxy signs what it refuses.
const SIGNATURE: &[u8] = b"cowork_proxy";
/// What stands in an answer where the key stood.
const REDACTED: &[u8] = b"[redacted]";

pub(super) fn look(
    needle: &Needle,
    listening: &[u16],
    routes: &Routes,
    model_request: Option<&ModelRequest>,
    until: Until,
    report: &mut Report<'_>,
) {
    let Some(token) = super::variable(TOKEN) else {
        return;
    };
    let hunter = Hunter {
        needle,
        token: &token,
        until,
    };
    for port in listening {
        // Who says nothing to the first question is not asked more.
        let mut paths = ["/", "/v1/models", "/models", "/v1/files"].into_iter();
        while paths
            .next()
            .is_some_and(|path| hunter.ask(*port, "GET", path, GLANCE, report))
        {}
    }
    let trap = Trap::set();
    for (port, provider) in routes {
        hunter.other_paths(*port, provider, report);
        if let Some(trap) = &trap {
            hunter.to_the_trap(*port, provider, trap.port, report);
        }
        if let Some(model_request) = model_request {
            hunter.model_requests(*port, provider, model_request, report);
        }
    }
    for bytes in trap.map(|trap| trap.caught()).unwrap_or_default() {
        report.hits(Place::Trap, "a request that was led astray", &needle.find(&bytes));
    }
}

struct Hunter<'a> {
    needle: &'a Needle,
    token: &'a str,
    until: Until,
}

impl Hunter<'_> {
    /// What is no model request, and what looks like one until it is read twice.
    fn other_paths(&self, port: u16, provider: &str, report: &mut Report<'_>) {
        for (method, below) in [
            ("GET", ""),
            ("GET", "/"),
            ("GET", "/models"),
            ("GET", "/files"),
            ("GET", "/organization/api_keys"),
            ("GET", "/chat/completions"),
            ("HEAD", "/chat/completions"),
            ("OPTIONS", "/chat/completions"),
            ("TRACE", "/chat/completions"),
            ("PUT", "/chat/completions"),
            ("DELETE", "/models/scripted"),
            ("POST", "/files"),
            ("POST", "/batches"),
            ("POST", "/embeddings"),
            ("POST", "/models"),
            ("POST", "/chat/completions/"),
            ("POST", "//chat/completions"),
            ("POST", "/chat/completions?key=1"),
            ("POST", "/chat/completions/../models"),
            ("POST", "/chat/completions/%2e%2e/%2e%2e/models"),
            ("POST", "/..%2fmodels"),
            ("POST", "/%2e%2e/chat/completions"),
            ("POST", "/chat%2fcompletions"),
            ("POST", "/chat/completions#/models"),
            ("POST", "/chat\\completions"),
            ("POST", "/chat/completions;x"),
        ] {
            let target = format!("/{provider}{below}");
            self.ask(port, method, &target, PATIENCE, report);
        }
    }

    /// What might make the proxy send the key to an address of ours.
    fn to_the_trap(&self, port: u16, provider: &str, trap: u16, report: &mut Report<'_>) {
        let own = format!("127.0.0.1:{trap}");
        for (method, target) in [
            ("CONNECT", own.clone()),
            ("GET", format!("http://{own}/v1/models")),
            ("POST", format!("//{own}/{provider}/chat/completions")),
            ("POST", format!("/{provider}@{own}/chat/completions")),
            ("POST", format!("/{provider}/@{own}/chat/completions")),
            ("POST", format!("/{provider}//{own}/chat/completions")),
            ("POST", format!("/{provider}/http://{own}/chat/completions")),
            ("POST", format!("/{provider}/\\\\{own}\\chat/completions")),
        ] {
            self.ask(port, method, &target, PATIENCE, report);
        }
    }

    /// Requests a program with the token may make, in every way it may make them.
    fn model_requests(&self, port: u16, provider: &str, asked: &ModelRequest, report: &mut Report<'_>) {
        let target = format!("/{provider}/chat/completions");
        for stream in [false, true] {
            let body = json!({ "model": asked.model, "stream": stream,
                "messages": [{ "role": "user", "content": asked.prompt }] });
            for (header, scheme) in KEY_HEADERS {
                let token = format!("{scheme}{}", self.token);
                let request = Request {
                    method: "POST",
                    target: &target,
                    headers: &[(header, &token)],
                    body: &body.to_string(),
                };
                let Some(reply) = self.send(port, &request, PATIENCE) else {
                    continue;
                };
                self.answered(port, &request, true, &reply, report);
            }
        }
        // Headers by which a server may be led to say, or to send, what it was sent.
        let token = format!("Bearer {}", self.token);
        let elsewhere = "example.org";
        for (name, value) in [
            ("Accept-Encoding", "gzip"),
            ("X-Forwarded-Host", elsewhere),
            ("Forwarded", "host=example.org"),
            ("X-Original-URL", "/v1/models"),
            ("X-HTTP-Method-Override", "GET"),
            ("Upgrade", "websocket"),
            ("X-Debug", "1"),
        ] {
            let body =
                json!({ "model": asked.model, "messages": [{ "role": "user", "content": asked.prompt }] });
            let request = Request {
                method: "POST",
                target: &target,
                headers: &[("Authorization", &token), (name, value)],
                body: &body.to_string(),
            };
            if let Some(reply) = self.send(port, &request, PATIENCE) {
                self.answered(port, &request, true, &reply, report);
            }
        }
    }

    /// Asks for what is no model request. Whether there was an answer.
    fn ask(
        &self,
        port: u16,
        method: &str,
        target: &str,
        patience: Duration,
        report: &mut Report<'_>,
    ) -> bool {
        let token = format!("Bearer {}", self.token);
        let request = Request {
            method,
            target,
            headers: &[("Authorization", &token)],
            body: if method == "POST" { "{}" } else { "" },
        };
        let reply = self.send(port, &request, patience);
        if let Some(reply) = &reply {
            self.answered(port, &request, false, reply, report);
        }
        reply.is_some()
    }

    fn send(&self, port: u16, request: &Request<'_>, patience: Duration) -> Option<Reply> {
        (!self.until.is_over())
            .then(|| http::send(port, request, patience))
            .flatten()
    }

    fn answered(
        &self,
        port: u16,
        request: &Request<'_>,
        model_request: bool,
        reply: &Reply,
        report: &mut Report<'_>,
    ) {
        let asked = format!("{} {} of port {port}", request.method, request.target);
        report.hits(Place::Proxy, &asked, &self.needle.find(&reply.bytes));
        let has = |what: &[u8]| reply.bytes.windows(what.len()).any(|part| part == what);
        let refused = has(SIGNATURE);
        // Others listen, too; only what is the proxy's counts.
        if model_request || refused {
            report.tally.proxy_answers += 1;
        }
        report.answer(Answer {
            place: Place::Proxy,
            asked,
            model_request,
            status: reply.status,
            refused,
            redacted: has(REDACTED),
        });
    }
}
