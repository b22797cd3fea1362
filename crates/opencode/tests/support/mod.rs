//! A real engine in a private home, with a scripted model behind it.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses a part of it"
)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use cowork_engine::{
    Engine as _, EngineEvent, Envelope, EventStream, MessageId, ModelReference, NewSession, Prompt, Session,
    SessionId, SessionStatus,
};
use cowork_opencode::{
    AgentPermission, AuthContent, Client, EngineConfiguration, Launch, LaunchContext, ModelConfiguration,
    Password, ProviderConfiguration, ProviderKind, ProviderToken, ProxyToken, new_message_id, probe,
};
use cowork_scripted_model::{Options, Script, Server};
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

pub(crate) const PASSWORD: &str = "correct horse";
/// Against a test that hangs; nothing is measured by it.
const PATIENCE: Duration = Duration::from_mins(1);

/// The rules the tests run under, in the order that matters.
pub(crate) fn rules() -> serde_json::Value {
    json!({
        "*": "deny",
        "read": { "*": "allow", "*.env": "ask", "*.env.*": "ask", "*.env.example": "allow" },
        "glob": "allow", "grep": "allow", "list": "allow", "todowrite": "allow", "todoread": "allow",
        "question": "allow", "invalid": "allow",
        "bash": "ask", "edit": "ask", "webfetch": "ask", "task": "ask", "external_directory": "ask",
        "doom_loop": "ask", "skill": "ask",
    })
}

/// What an engine is told of providers.
#[derive(Default)]
pub(crate) struct Told {
    /// The scripted one alone when absent.
    pub(crate) providers: Option<Vec<ProviderConfiguration>>,
    pub(crate) others_too: bool,
    pub(crate) token: Option<ProxyToken>,
    pub(crate) sign_ins: Option<AuthContent>,
    /// Further variables of its environment.
    pub(crate) variables: Vec<(&'static str, &'static str)>,
}

pub(crate) struct RunningEngine {
    pub(crate) client: Client,
    pub(crate) port: u16,
    pub(crate) password: Password,
    pub(crate) folder: PathBuf,
    pub(crate) events: EventStream,
    pub(crate) model: Server,
    child: Child,
    _home: tempfile::TempDir,
}

impl RunningEngine {
    pub(crate) async fn start() -> Result<Self> {
        Self::start_without(&[]).await
    }

    /// With these variables taken out of its environment, to show what they are for.
    pub(crate) async fn start_without(variables: &[&str]) -> Result<Self> {
        Self::start_in(variables, None, Told::default()).await
    }

    /// In the person's own home of the engine.
    pub(crate) async fn start_at_home(machine_home: &Path) -> Result<Self> {
        Self::start_in(&[], Some(machine_home), Told::default()).await
    }

    /// With other providers than the scripted one.
    pub(crate) async fn start_told(told: Told) -> Result<Self> {
        Self::start_in(&[], None, told).await
    }

    async fn start_in(variables: &[&str], machine_home: Option<&Path>, told: Told) -> Result<Self> {
        let Some(program) = std::env::var_os("COWORK_ENGINE") else {
            bail!("set COWORK_ENGINE to the engine's program (package opencode-linux-x64, bin/opencode)");
        };
        let model = Server::start(Options::default()).await?;
        let home = tempfile::tempdir()?;
        // A name that has to be encoded wherever it is sent.
        let folder = home.path().join("a folder & more ü");
        std::fs::create_dir(&folder)?;
        let folder = folder.canonicalize()?;
        let password = Password::new(PASSWORD);
        let private = home.path().join("private");
        let configuration = match &told.providers {
            Some(providers) => EngineConfiguration {
                providers: providers.clone(),
                servers: Vec::new(),
                others_too: told.others_too,
                default_model: None,
                ..configuration(&model)
            },
            None => configuration(&model),
        };
        for directory in Launch::seed_directories() {
            std::fs::create_dir_all(private.join(directory))?;
        }
        for (path, contents) in Launch::seed_files(&configuration) {
            let path = private.join(path);
            std::fs::create_dir_all(path.parent().context("a seed below the home")?)?;
            std::fs::write(path, contents)?;
        }
        let (child, port) = spawn(&program, &private, &password, variables, machine_home, &told).await?;
        let client = Client::new(port, password.clone())?;
        healthy(port, &password).await?;
        let events = client.events().await?;
        let mut engine = Self {
            client,
            port,
            password,
            folder,
            events,
            model,
            child,
            _home: home,
        };
        engine
            .until(|event| matches!(event, EngineEvent::Connected))
            .await?;
        Ok(engine)
    }

    pub(crate) async fn session(&self) -> Result<Session> {
        Ok(self
            .client
            .create_session(&self.folder, NewSession::default())
            .await?)
    }

    pub(crate) async fn send(&self, session: &SessionId, script: &Script) -> Result<MessageId> {
        self.send_to(session, script, None, None).await
    }

    pub(crate) async fn send_to(
        &self,
        session: &SessionId,
        script: &Script,
        agent: Option<&str>,
        model: Option<ModelReference>,
    ) -> Result<MessageId> {
        let message = message_id()?;
        let prompt = Prompt {
            message: message.clone(),
            text: format!("do it {}", script.to_marker()?),
            parts: Vec::new(),
            agent: agent.map(str::to_owned),
            model,
            variant: None,
        };
        self.client.prompt(&self.folder, session, prompt).await?;
        Ok(message)
    }

    /// Reads events up to and with the first that `wanted` takes.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&EngineEvent) -> bool) -> Result<Vec<Envelope>> {
        let mut seen = Vec::new();
        loop {
            let next = tokio::time::timeout(PATIENCE, self.events.next()).await;
            let Ok(next) = next else {
                bail!("the expected event did not come; seen: {seen:#?}")
            };
            let mut found = false;
            for envelope in next.context("the stream is over")??.events {
                found |= wanted(&envelope.event);
                seen.push(envelope);
            }
            if found {
                return Ok(seen);
            }
        }
    }

    pub(crate) async fn until_idle(&mut self, session: &SessionId) -> Result<Vec<Envelope>> {
        self.until(|event| {
            matches!(event, EngineEvent::StatusChanged { session: of, status: SessionStatus::Idle } if of == session)
        })
        .await
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        self.model.stop().await
    }
}

pub(crate) fn message_id() -> Result<MessageId> {
    let mut random = [0; 14];
    getrandom::fill(&mut random)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    Ok(new_message_id(i64::try_from(now)?, random))
}

fn configuration(model: &Server) -> EngineConfiguration {
    EngineConfiguration {
        providers: vec![ProviderConfiguration {
            id: "scripted".to_owned(),
            base_url: model.base_url(),
            token: ProviderToken::OwnServer(model.token().to_owned()),
            kind: ProviderKind::Custom {
                name: "Scripted".to_owned(),
                models: vec![ModelConfiguration::new(
                    "scripted",
                    "Scripted model",
                    200_000,
                    8_192,
                )],
            },
        }],
        servers: Vec::new(),
        others_too: false,
        default_model: Some("scripted/scripted".to_owned()),
        small_model: None,
        permission: rules(),
        agents: vec![AgentPermission {
            agent: "plan".to_owned(),
            permission: json!({ "edit": "deny" }),
        }],
    }
}

async fn spawn(
    program: &OsStr,
    private: &Path,
    password: &Password,
    without: &[&str],
    machine_home: Option<&Path>,
    told: &Told,
) -> Result<(Child, u16)> {
    for attempt in 0..5 {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?
            .local_addr()?
            .port();
        let mut command = Command::new(program);
        command.args(Launch::arguments(port)).env_clear();
        for name in ["home", "config", "data", "cache", "state", "tmp"] {
            std::fs::create_dir_all(private.join(name))?;
        }
        for (name, directory) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
            ("TMPDIR", "tmp"),
        ] {
            command.env(name, private.join(directory));
        }
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(Launch::environment(&LaunchContext {
            home: private,
            password,
            machine_home,
            proxy_token: told.token.as_ref(),
            shell: None,
            egress: None,
            sign_ins: told.sign_ins.as_ref(),
        }));
        command.envs(told.variables.iter().copied());
        for name in without {
            command.env_remove(name);
        }
        let mut child = command
            .current_dir(private)
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
                    return anyhow::Ok(true);
                }
            }
            Ok(false)
        };
        if tokio::time::timeout(PATIENCE, ready)
            .await
            .context("the engine does not get ready")??
        {
            return Ok((child, port));
        }
        child.wait().await?;
        anyhow::ensure!(attempt < 4, "the engine ends before it is ready");
    }
    bail!("no port was free")
}

/// A first probe may stay unanswered; see [`probe`].
async fn healthy(port: u16, password: &Password) -> Result<()> {
    let asking = async {
        loop {
            match probe(port, password).await {
                Ok(health) => return health,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    let health = tokio::time::timeout(PATIENCE, asking)
        .await
        .context("the engine answers no probe")?;
    anyhow::ensure!(
        health.version == Launch::EXPECTED_VERSION,
        "the engine is {}",
        health.version
    );
    Ok(())
}
