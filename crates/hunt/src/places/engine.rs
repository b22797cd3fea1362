//! The engine's interface, with the password that stands in the engine's environment.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

use super::http::{self, Reply, Request};
use super::{Until, ports};
use crate::needle::Needle;
use crate::report::{Answer, Place, Report};

const PASSWORD: &str = "OPENCODE_SERVER_PASSWORD";
const USER: &str = "opencode";
/// For one answer. A provider's list is megabytes, and made anew for each folder.
const PATIENCE: Duration = Duration::from_secs(20);
/// For finding out who listens on a port.
const GLANCE: Duration = Duration::from_secs(2);

/// How often it is looked for.
const ROUNDS: usize = 5;

/// What it may be asked without changing anything.
const QUESTIONS: &[&str] = &[
    "/config",
    "/config/providers",
    "/global/config",
    "/provider",
    "/provider/auth",
    "/auth",
    "/mcp",
    "/agent",
    "/command",
    "/path",
    "/project",
    "/project/current",
    "/session",
    "/session/status",
    "/permission",
    "/question",
    "/pty",
    "/doc",
    "/experimental/tool/ids",
    "/file/content?path=/proc/self/environ",
    "/file/content?path=/proc/self/cmdline",
    "/file/content?path=/proc/1/environ",
    "/find?pattern=sk-",
];

/// Providers and the address of the proxy, as the engine knows them.
pub(super) type Routes = Vec<(u16, String)>;

/// The engine, found by its password.
#[derive(Clone)]
struct Engine {
    port: u16,
    authorization: String,
}

impl Engine {
    /// Whoever answers to the password: one, unless somebody takes any.
    fn find(listening: &[u16]) -> Vec<Self> {
        let Some(password) = super::variable(PASSWORD) else {
            return Vec::new();
        };
        let secret = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{password}"));
        let authorization = format!("Basic {secret}");
        let candidates = listening.iter().map(|port| Self {
            port: *port,
            authorization: authorization.clone(),
        });
        let answers = |engine: &Self| {
            let health = engine.ask("GET", "/global/health", "", GLANCE);
            // Others that listen may answer anything with a page.
            health.is_some_and(|reply| {
                reply.status == 200 && serde_json::from_slice::<Value>(reply.body()).is_ok()
            })
        };
        let candidates: Vec<_> = candidates.collect();
        // One that is at work answers late; another hunter may be asking it for all it has.
        (0..ROUNDS)
            .map(|_| {
                candidates
                    .iter()
                    .filter(|engine| answers(engine))
                    .cloned()
                    .collect()
            })
            .find(|found: &Vec<_>| !found.is_empty())
            .unwrap_or_default()
    }

    fn ask(&self, method: &str, target: &str, body: &str, patience: Duration) -> Option<Reply> {
        let request = Request {
            method,
            target,
            headers: &[("Authorization", &self.authorization)],
            body,
        };
        http::send(self.port, &request, patience)
    }
}

/// Asks the engine all it can be asked. Gives the proxy's routes it names.
pub(super) fn look(needle: &Needle, listening: &[u16], until: Until, report: &mut Report<'_>) -> Routes {
    let mut routes = Routes::new();
    for engine in Engine::find(listening) {
        let mut sessions = Vec::new();
        for question in QUESTIONS {
            let Some(reply) = ask(&engine, question, needle, until, report) else {
                continue;
            };
            let answer: Value = serde_json::from_slice(reply.body()).unwrap_or_default();
            if *question == "/session" {
                let ids = answer.as_array().into_iter().flatten();
                sessions = ids
                    .filter_map(|session| session["id"].as_str().map(str::to_owned))
                    .collect();
            }
            routes.extend(routes_in(&String::from_utf8_lossy(reply.body())));
        }
        for session in sessions {
            let messages = format!("/session/{session}/message");
            ask(&engine, &messages, needle, until, report);
        }
    }
    routes.sort();
    routes.dedup();
    routes
}

fn ask(
    engine: &Engine,
    question: &str,
    needle: &Needle,
    until: Until,
    report: &mut Report<'_>,
) -> Option<Reply> {
    if until.is_over() {
        report.cut("the engine");
        return None;
    }
    let reply = engine.ask("GET", question, "", PATIENCE)?;
    if reply.status == 200 {
        report.tally.engine_answers += 1;
    }
    report.hits(Place::Engine, question, &needle.find(&reply.bytes));
    report.answer(Answer {
        place: Place::Engine,
        asked: format!("GET {question}"),
        model_request: false,
        status: reply.status,
        refused: reply.status == 401,
        redacted: false,
    });
    Some(reply)
}

/// Addresses of the form `http://127.0.0.1:PORT/PROVIDER`, wherever they stand.
pub(super) fn routes_in(text: &str) -> Routes {
    let address = |rest: &str| {
        let (port, path) = rest.split_once('/')?;
        let end = path
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.~%".contains(letter)))
            .unwrap_or(path.len());
        (end > 0).then_some((port.parse().ok()?, path[..end].to_owned()))
    };
    text.split("http://127.0.0.1:")
        .skip(1)
        .filter_map(address)
        .collect()
}

/// How to have the engine start a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As a server of tools.
    Mcp,
    /// In a terminal.
    Pty,
}

/// Has the engine start a program, by its interface and without an agent.
///
/// # Errors
/// When there is no password to be found, nobody answers to it, or the engine refuses.
pub fn plant(way: Way, directory: &Path, program: &[String]) -> anyhow::Result<()> {
    let (path, body) = match way {
        Way::Mcp => (
            "/mcp",
            json!({ "name": "hunter", "config": { "type": "local", "command": program, "enabled": true } }),
        ),
        Way::Pty => {
            let (first, rest) = program
                .split_first()
                .ok_or_else(|| anyhow::anyhow!("no program was named"))?;
            (
                "/pty",
                json!({ "command": first, "args": rest, "cwd": directory, "title": "hunter" }),
            )
        }
    };
    let target = format!("{path}?directory={}", directory.display());
    let engines = Engine::find(&ports::listening());
    let replies: Vec<_> = engines
        .iter()
        .filter_map(|engine| engine.ask("POST", &target, &body.to_string(), PATIENCE))
        .collect();
    if replies.iter().any(|reply| reply.status == 200) {
        return Ok(());
    }
    let said = replies.first().map(|reply| String::from_utf8_lossy(&reply.bytes));
    anyhow::bail!(
        "nobody who answers to the engine's password takes POST {path}: {}",
        said.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_s_routes_are_read_from_what_the_engine_answers() {
        let text = r#"{"a":{"baseURL":"http://127.0.0.1:4711/local-mine"},"b":"http://127.0.0.1:1/v1","c":"http://127.0.0.1:x/v1"}"#;
        assert_eq!(
            routes_in(text),
            [(4711, "local-mine".to_owned()), (1, "v1".to_owned())]
        );
    }
}
