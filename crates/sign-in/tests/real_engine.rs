//! What the real engine sends when it is told of a sign-in that the app keeps.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use cowork_engine::{Engine as _, MessageId, ModelReference, NewSession, Prompt};
use cowork_opencode::{
    Client, EngineConfiguration, Launch, LaunchContext, Password, ProviderConfiguration, ProviderKind,
    ProviderToken, ProxyToken, new_message_id, probe,
};
use cowork_providers::Wire;
use cowork_sign_in::Provider;
use cowork_vault::Sensitive;
use serde_json::{Map, Value, json};
use support::{Asked, Fake, Reply};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const PASSWORD: &str = "correct horse";
const THROW_AWAY: &str = "cwk_throw-away";
/// Against a test that hangs; nothing is measured by it.
const PATIENCE: Duration = Duration::from_mins(2);

/// Stands where the proxy stands: a word in whichever format is asked for.
fn answer(asked: &Asked) -> Reply {
    let events: &[&str] = if asked.path.ends_with("/responses") {
        &[
            r#"{"type":"response.created","response":{"id":"r","created_at":1,"model":"m"}}"#,
            r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"i"}}"#,
            r#"{"type":"response.output_text.delta","item_id":"i","delta":"OK"}"#,
            r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","id":"i"}}"#,
            r#"{"type":"response.completed","response":{"usage":{"input_tokens":1,"output_tokens":1}}}"#,
        ]
    } else {
        &[
            r#"{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"OK"}}]}"#,
            r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            "[DONE]",
        ]
    };
    let body = format!("data: {}\n\n", events.join("\n\ndata: "));
    Reply::Text(200, "text/event-stream", body)
}

fn configuration(proxy: &Fake) -> EngineConfiguration {
    EngineConfiguration {
        providers: Provider::ALL
            .into_iter()
            .map(|provider| ProviderConfiguration {
                id: provider.id().to_owned(),
                base_url: format!("{}{}", proxy.base, provider.id()),
                token: ProviderToken::Proxy,
                kind: ProviderKind::Known {
                    models: Vec::new(),
                    options: std::collections::BTreeMap::new(),
                },
            })
            .collect(),
        servers: Vec::new(),
        others_too: false,
        default_model: None,
        small_model: None,
        permission: json!({ "*": "deny" }),
        agents: Vec::new(),
    }
}

/// An engine that is told of every sign-in, in a home of its own.
async fn start(home: &Path, proxy: &Fake) -> Result<(Child, Client)> {
    let Some(program) = std::env::var_os("COWORK_ENGINE") else {
        bail!("set COWORK_ENGINE to the engine's program (package opencode-linux-x64, bin/opencode)");
    };
    for directory in Launch::seed_directories() {
        std::fs::create_dir_all(home.join(directory))?;
    }
    for (path, contents) in Launch::seed_files(&configuration(proxy)) {
        let path = home.join(path);
        std::fs::create_dir_all(path.parent().context("a seed below the home")?)?;
        std::fs::write(path, contents)?;
    }
    let throw_away = Sensitive::new(THROW_AWAY);
    let told: Map<String, Value> = Provider::ALL
        .into_iter()
        .map(|provider| (provider.id().to_owned(), provider.engine_auth(&throw_away)))
        .collect();
    let password = Password::new(PASSWORD);
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port();
    let mut command = Command::new(program);
    command
        .args(Launch::arguments(port))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for (name, directory) in [
        ("HOME", "home"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
        ("TMPDIR", "tmp"),
    ] {
        std::fs::create_dir_all(home.join(directory))?;
        command.env(name, home.join(directory));
    }
    command
        .envs(Launch::environment(&LaunchContext {
            home,
            password: &password,
            machine_home: None,
            proxy_token: Some(&ProxyToken::new(THROW_AWAY)),
            shell: None,
            egress: None,
            sign_ins: None,
        }))
        .env("OPENCODE_AUTH_CONTENT", Value::Object(told).to_string());
    let mut child = command
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("starting the engine that COWORK_ENGINE names")?;
    let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
    let ready = async {
        while let Some(line) = lines.next_line().await? {
            if line.starts_with(Launch::READINESS_PREFIX) {
                while probe(port, &password).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                return anyhow::Ok(());
            }
        }
        bail!("the engine ended before it was ready")
    };
    tokio::time::timeout(PATIENCE, ready)
        .await
        .context("the engine does not get ready")??;
    Ok((child, Client::new(port, password)?))
}

/// The request the engine sends for a prompt to this model. Others, for titles, ask the small model.
async fn request(
    client: &Client,
    folder: &Path,
    proxy: &Fake,
    provider: Provider,
    model: &str,
) -> Result<Asked> {
    proxy.asked.lock().unwrap().clear();
    let session = client.create_session(folder, NewSession::default()).await?;
    let mut random = [0; 14];
    getrandom::fill(&mut random)?;
    // The engine ends a turn by comparing ids, which hold the time.
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let message: MessageId = new_message_id(i64::try_from(now)?, random);
    let prompt = Prompt {
        message,
        text: "hello".to_owned(),
        parts: Vec::new(),
        agent: None,
        model: Some(ModelReference {
            provider: provider.id().to_owned(),
            model: model.to_owned(),
        }),
        variant: None,
    };
    client.prompt(folder, &session.id, prompt).await?;
    let wanted = format!("\"model\":\"{model}\"");
    let seen = async {
        loop {
            let found = proxy
                .asked
                .lock()
                .unwrap()
                .iter()
                .find(|asked| asked.body.contains(&wanted))
                .cloned();
            if let Some(asked) = found {
                return asked;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, seen)
        .await
        .with_context(|| format!("no request for {model} came; seen: {:?}", proxy.paths()))
}

#[tokio::test]
async fn the_engine_sends_what_an_account_needs_with_the_throw_away_token() -> Result<()> {
    let proxy = Fake::start(answer).await;
    let home = tempfile::tempdir()?;
    let folder = home.path().join("folder");
    std::fs::create_dir(&folder)?;
    let (mut engine, client) = start(&home.path().join("private"), &proxy).await?;
    for (provider, wire, model, path, own) in [
        (
            Provider::Copilot,
            Wire::Copilot,
            "gpt-5.4",
            "/responses",
            "x-github-api-version: 2026-06-01",
        ),
        (
            Provider::Copilot,
            Wire::Copilot,
            "claude-sonnet-5",
            "/chat/completions",
            "openai-intent: conversation-edits",
        ),
        (
            Provider::ChatGpt,
            Wire::ChatGpt,
            "gpt-5.4",
            "/responses",
            "originator: opencode",
        ),
    ] {
        let asked = request(&client, &folder, &proxy, provider, model).await?;
        assert_eq!(asked.path, format!("/{}{path}", provider.id()), "{model}");
        assert!(wire.allows("POST", path), "{wire:?} {path}");
        let head = asked.head.to_ascii_lowercase();
        assert!(
            head.contains(&format!("authorization: bearer {THROW_AWAY}\r\n")),
            "{model}: {head}"
        );
        assert!(head.contains(own), "{model}: {head}");
        assert!(!head.contains("chatgpt-account-id"), "the proxy adds it: {head}");
    }
    engine.kill().await?;
    Ok(())
}
