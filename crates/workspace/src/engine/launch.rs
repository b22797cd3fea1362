//! Joins what the supervisor needs with what the adapter knows.

use std::sync::Arc;

use cowork_opencode::{Launch, LaunchContext, Password, probe};
use cowork_supervisor::{Address, Invocation, LaunchPlan, ProbeAnswer, SeedFile, StartFailure};

use super::configuration;
use crate::workspace::Inner;

/// How to start the engine now, with the configuration of now.
pub(super) fn plan(inner: &Arc<Inner>) -> LaunchPlan {
    let home = inner.home.layout().root().to_owned();
    let compose = move |address: &Address| {
        let password = Password::new(address.password.expose());
        Invocation {
            arguments: Launch::arguments(address.port),
            environment: Launch::environment(&LaunchContext {
                home: &home,
                password: &password,
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
    if let Some(folder) = inner.options.ripgrep.as_deref().and_then(std::path::Path::parent) {
        plan.tool_directories.push(folder.to_owned());
    }
    plan.with_wind_down(|address: Address| async move {
        use cowork_engine::Engine as _;
        let client = cowork_opencode::Client::new(address.port, Password::new(address.password.expose()))?;
        Ok(client.stop_all().await?)
    })
}

/// A stable name of why it did not start.
pub(super) fn code(failure: &StartFailure) -> &'static str {
    match failure {
        StartFailure::Missing { .. } => "missing",
        StartFailure::NotExecutable { .. } => "notExecutable",
        StartFailure::WrongVersion { .. } => "wrongVersion",
        StartFailure::PortTaken { .. } => "portTaken",
        StartFailure::DiedAtStart { .. } => "diedAtStart",
        StartFailure::HangsAtStart { .. } => "hangsAtStart",
        StartFailure::Unguarded { .. } => "unguarded",
        StartFailure::Unhealthy { .. } => "unhealthy",
        _ => "other",
    }
}
