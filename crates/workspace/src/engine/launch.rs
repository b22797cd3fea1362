//! Joins what the supervisor needs with what the adapter knows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cowork_opencode::{AuthContent, Egress, Launch, LaunchContext, Password, ProxyToken, probe};
use cowork_policy::confinement::Ceiling;
use cowork_providers::Wire;
use cowork_supervisor::{Address, Invocation, LaunchPlan, ProbeAnswer, SeedFile};
use cowork_toolbox::Yard;

use super::configuration;
use crate::boxes;
use crate::providers::Keeper;
use crate::surroundings::LoginPath;
use crate::view::EngineHome;
use crate::workspace::Inner;

/// How long a start waits for the login shell to say its search path; the next start has what comes later.
const SHELL_PATIENCE: Duration = Duration::from_millis(1_500);

async fn login_path(inner: &Inner) -> LoginPath {
    let mut known = inner.login_path.subscribe();
    let said = tokio::time::timeout(SHELL_PATIENCE, known.wait_for(Option::is_some)).await;
    said.ok()?.ok()?.clone().flatten()
}

/// A company's domain that does not exist. Asked for a sign-in's models the engine would send its token to GitHub
/// before it asks us; this way it takes the catalogue's.
const NOWHERE: &str = "engine.invalid";

/// The providers whose sign-in the app keeps, by id.
pub(super) fn signed_in(inner: &Inner) -> BTreeSet<String> {
    let state = inner.state();
    let kept = state
        .providers
        .iter()
        .filter(|provider| provider.details.sign_in == Some(Keeper::App) && provider.is_offered());
    kept.map(|provider| provider.id.clone()).collect()
}

/// What the engine is told of the sign-ins that the app keeps.
fn sign_ins(inner: &Inner, token: &ProxyToken) -> AuthContent {
    let state = inner.state();
    let kept = state
        .providers
        .iter()
        .filter(|provider| provider.details.sign_in == Some(Keeper::App) && provider.is_offered());
    kept.fold(
        AuthContent::new(token.clone()),
        |content, provider| match provider.wire() {
            Wire::Copilot => content.with_github_copilot(Some(NOWHERE)),
            // The account stays with us: the proxy names it.
            Wire::ChatGpt => content.with_chat_gpt(""),
            _ => content,
        },
    )
}

/// How the engine's own requests leave. In the person's own home it may have model servers on this machine, which only
/// they know of, so nothing stands between there.
fn egress(inner: &Inner) -> Egress {
    Egress {
        proxy: inner.boxes.engine_gate().engine_url().expose().to_owned(),
        direct: boxes::own_ports(inner)
            .into_iter()
            .map(|port| format!("127.0.0.1:{port}"))
            .collect(),
    }
}

/// How to start the engine now, with the configuration of now.
pub(super) async fn plan(inner: &Arc<Inner>) -> LaunchPlan {
    let home = inner.home.layout().root().to_owned();
    let machine_home = match inner.running_surroundings().home {
        EngineHome::Private => None,
        EngineHome::Machine => inner.options.home_directory.clone(),
    };
    // The one before is worth nothing from here on.
    let token = match inner.proxy.begin_run() {
        Ok(token) => ProxyToken::new(token.expose()),
        Err(error) => {
            tracing::error!(%error, "no token for the key proxy: models that want a key will not answer");
            inner.proxy.end_run();
            ProxyToken::new("")
        }
    };
    let told = signed_in(inner);
    *inner
        .told_sign_ins
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner) = told;
    // The engine's own credentials are not looked at beside these; in the person's own home they are what counts.
    let sign_ins = machine_home
        .is_none()
        .then(|| sign_ins(inner, &token))
        .filter(|sign_ins| !sign_ins.is_empty());
    let seen = boxes::as_engine_sees(inner);
    let shell = seen.as_ref().map(Yard::shell);
    let egress = machine_home.is_none().then(|| egress(inner));
    let compose = move |address: &Address| {
        let password = Password::new(address.password.expose());
        Invocation {
            arguments: Launch::arguments(address.port),
            environment: Launch::environment(&LaunchContext {
                home: &home,
                password: &password,
                machine_home: machine_home.as_deref(),
                proxy_token: Some(&token),
                shell: shell.as_deref(),
                egress: egress.as_ref(),
                sign_ins: sign_ins.as_ref(),
            }),
        }
    };
    let ask = |address: Address| async move {
        let health = probe(address.port, &Password::new(address.password.expose())).await?;
        Ok(ProbeAnswer {
            version: health.version,
        })
    };
    let redact = |line: &str| cowork_redact::redact(line).into_owned();
    let mut plan = LaunchPlan::new(
        &inner.options.engine,
        Launch::READINESS_PREFIX,
        compose,
        ask,
        redact,
    );
    plan.required_line_prefix = Some(Launch::GUARD_PREFIX.into());
    plan.port_taken_pattern = Some(Launch::PORT_TAKEN_PATTERN.into());
    plan.expected_version = Some(Launch::EXPECTED_VERSION.into());
    plan.seed_directories = Launch::seed_directories();
    plan.seed_files = Launch::seed_files(&configuration::to_start_with(inner))
        .into_iter()
        .map(|(path, contents)| SeedFile { path, contents })
        .collect();
    // First of all: `git` is the wrapper too.
    plan.tool_directories.extend(seen.as_ref().map(Yard::programs));
    plan.fixed = Launch::fixed_places();
    if let Some(laid) = inner.boxes.laid() {
        plan.bars_links = laid.bars_links;
        plan.yard = Some(laid.yard.root().to_owned());
    }
    if let Some(folder) = inner.options.ripgrep.as_deref().and_then(std::path::Path::parent) {
        plan.tool_directories.push(folder.to_owned());
    }
    plan.confinement = inner.options.confinement;
    plan.shelter = inner.shelter();
    plan.ceiling = cowork_supervisor::machine_memory().map(Ceiling::of_machine);
    plan.search_path = login_path(inner).await;
    plan.with_wind_down(|address: Address| async move {
        use cowork_engine::Engine as _;
        let client = cowork_opencode::Client::new(address.port, Password::new(address.password.expose()))?;
        Ok(client.stop_all().await?)
    })
}
