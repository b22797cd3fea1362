//! What the engine is told about providers and permissions, and how it hears of changes.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use cowork_engine::{Engine, Model, ModelReference};
use cowork_opencode::{
    AgentPermission, EngineConfiguration, Launch, ModelConfiguration, ProviderConfiguration, ProviderKind,
    ProviderToken, ServerConfiguration,
};
use futures_util::StreamExt as _;
use serde_json::Value;

use super::resync;
use crate::boxes;
use crate::providers::{Connected, Keeper, probe};
use crate::render::DEMO_PROVIDER;
use crate::view::NoticeKind;
use crate::workspace::{Inner, blocking, now};

/// What is assumed of a model that says nothing about itself.
const CONTEXT: u64 = 128_000;
const OUTPUT: u64 = 8_192;

/// For the names of all addresses to be looked up. A start must not wait long for a network that is away.
const JUDGING: Duration = Duration::from_secs(2);

/// Folders that read a changed configuration at once: each makes the engine load all of it anew.
const RELOADS: usize = 4;

/// An engine that just said it is idle still sends trailing updates; a folder is read anew after them.
const SETTLED: Duration = Duration::from_millis(300);

/// Judges every address a person gave again: what a name means may have changed since. One that may no longer be
/// connected to is left out, and said to be. What the catalogue names is on the internet and judged when it is
/// connected to.
pub(super) async fn judge_providers(inner: &Inner) {
    let custom: Vec<_> = {
        let state = inner.state();
        let custom = state.providers.iter().filter(|provider| !provider.details.known);
        custom.cloned().collect()
    };
    let judged = custom.iter().map(|provider| async move {
        let judged = tokio::time::timeout(JUDGING, probe::allowed(provider.base.as_str(), provider.agreed));
        match judged.await {
            Ok(Ok(_)) => (provider, None),
            Ok(Err(error)) => (provider, Some(error.to_string())),
            Err(_) => (provider, Some("Its name was not found in time.".to_owned())),
        }
    });
    for (provider, why) in futures_util::future::join_all(judged).await {
        let mut state = inner.state();
        if let Some(why) = why.as_ref().filter(|why| provider.left_out.as_ref() != Some(why)) {
            tracing::warn!(why, provider = provider.id, "a connected provider is left out");
            let detail = format!("{}: {why}", provider.name);
            state.notice(NoticeKind::ProviderLeftOut, detail, now());
        }
        if provider.left_out != why {
            state.change_provider(&provider.id, |known| known.left_out = why);
        }
    }
    inner.feed.changed();
}

/// Tells the key proxy where requests of each provider go.
fn lay_routes(inner: &Inner) {
    let routes = {
        let state = inner.state();
        let offered = state.providers.iter().filter(|provider| provider.is_offered());
        offered.filter_map(Connected::route).collect()
    };
    inner.proxy.set_routes(routes);
}

/// The configuration to start with, remembered as what the engine was told.
pub(super) fn to_start_with(inner: &Inner) -> EngineConfiguration {
    lay_routes(inner);
    let configuration = current(inner);
    *lock(&inner.configured) = Some(configuration.clone());
    configuration
}

/// The engine's configuration as it should be now.
fn current(inner: &Inner) -> EngineConfiguration {
    let demo = ProviderConfiguration {
        id: DEMO_PROVIDER.to_owned(),
        base_url: inner.demo.base_url(),
        token: ProviderToken::OwnServer(inner.demo.token().to_owned()),
        kind: ProviderKind::Custom {
            name: "Scripted demo".to_owned(),
            models: vec![ModelConfiguration::new(
                cowork_scripted_model::DEMO_MODEL,
                "Demo",
                CONTEXT,
                OUTPUT,
            )],
        },
    };
    let names: Vec<&str> = inner
        .options
        .tool_servers
        .iter()
        .map(|server| server.name.as_str())
        .collect();
    let state = inner.state();
    let machine = inner.running_surroundings().home == crate::view::EngineHome::Machine;
    let offered = state.providers.iter().filter(|provider| {
        // In the person's own home their own sign-ins count, and ours are not told of.
        provider.is_offered() && (!machine || provider.details.sign_in != Some(Keeper::App))
    });
    let connected = offered.map(|provider| told(inner, provider));
    let providers: Vec<_> = std::iter::once(demo).chain(connected).collect();
    // Every prompt names its model; this one is for what the engine asks by itself, titles and summaries.
    let default_model = state.model_for_small_work();
    EngineConfiguration {
        default_model: Some(default_model),
        small_model: state.chosen_small_model(),
        permission: Value::Object(cowork_policy::to_object(&cowork_policy::engine_rules(&names))),
        agents: cowork_policy::agent_rules()
            .into_iter()
            .map(|(agent, rules)| AgentPermission {
                agent: agent.to_owned(),
                permission: Value::Object(cowork_policy::to_object(&rules)),
            })
            .collect(),
        providers,
        others_too: machine,
        servers: servers(inner),
    }
}

/// Servers of tools, each behind the wrapper. Without one none is started.
fn servers(inner: &Inner) -> Vec<ServerConfiguration> {
    let Some(yard) = boxes::as_engine_sees(inner) else {
        return Vec::new();
    };
    let servers = inner.options.tool_servers.iter().map(|server| {
        let wrapper = [
            yard.wrapper().display().to_string(),
            "mcp".to_owned(),
            "--".to_owned(),
        ];
        ServerConfiguration {
            name: server.name.clone(),
            command: wrapper
                .into_iter()
                .chain(server.command.iter().cloned())
                .collect(),
        }
    });
    servers.collect()
}

/// What the engine is told of a provider: where our proxy answers for it, and nothing that is worth anything elsewhere.
fn told(inner: &Inner, provider: &Connected) -> ProviderConfiguration {
    let kind = match (provider.details.sign_in, provider.details.known) {
        (Some(Keeper::Engine), _) => ProviderKind::SignedIn,
        (_, true) => ProviderKind::Known {
            models: provider.models.clone(),
            options: provider.details.engine_options.clone(),
        },
        (_, false) => ProviderKind::Custom {
            name: provider.name.clone(),
            models: provider
                .models
                .iter()
                .map(|id| ModelConfiguration::new(id, id, CONTEXT, OUTPUT))
                .collect(),
        },
    };
    ProviderConfiguration {
        id: provider.id.clone(),
        base_url: inner.proxy.base_url(&provider.id),
        // The engine shows what it was told of a sign-in, and would take this for a key.
        token: match provider.details.sign_in {
            Some(Keeper::App) => ProviderToken::None,
            _ => ProviderToken::Proxy,
        },
        kind,
    }
}

/// The models the configuration offers, for a window that opens before the engine can be asked.
pub(crate) fn offered(inner: &Inner) -> Vec<Model> {
    let mut models: Vec<_> = current(inner)
        .providers
        .iter()
        .flat_map(|provider| match &provider.kind {
            ProviderKind::Custom { name, models } => models
                .iter()
                .map(|model| Model {
                    reference: ModelReference {
                        provider: provider.id.clone(),
                        model: model.id.clone(),
                    },
                    name: model.name.clone(),
                    provider_name: name.clone(),
                    context: model.context,
                    output: model.output,
                    tool_call: model.tool_call,
                    reasoning: model.reasoning,
                    attachment: !model.reads.is_empty(),
                    images: Some(model.reads.iter().any(|kind| kind == "image")),
                    variants: Vec::new(),
                })
                .collect(),
            ProviderKind::Known { models, .. } => inner.offered.models(&provider.id, models),
            ProviderKind::SignedIn => inner.offered.models(&provider.id, &[]),
        })
        .collect();
    // As the engine lists them: by provider and name.
    models.sort_by(|a, b| (&a.provider_name, &a.name).cmp(&(&b.provider_name, &b.name)));
    models
}

/// Writes the configuration and has every folder read it, those at work as soon as they are quiet.
pub(crate) async fn configuration_changed(inner: &Arc<Inner>) -> anyhow::Result<()> {
    let _whole = inner.configuring.lock().await;
    lay_routes(inner);
    if inner.engine.borrow().is_none() {
        // One that is on its way is compared with what it should know when it is there.
        let offered = offered(inner);
        let mut state = inner.state();
        let agents = state.agents.clone();
        state.set_choices(offered, agents);
        drop(state);
        inner.feed.changed();
        return Ok(());
    }
    judge_providers(inner).await;
    lay_routes(inner);
    let path = Launch::configuration_file(inner.home.layout().root());
    let configuration = current(inner);
    let contents = configuration.to_bytes();
    blocking(move || write_private(&path, &contents)).await??;
    *lock(&inner.configured) = Some(configuration);
    let folders: HashSet<_> = {
        let state = inner.state();
        let granted = state.folders.snapshot().into_iter().map(|granted| granted.path);
        let of_threads = state.rows.values().map(|row| row.folder.clone());
        // A folder without a thread is known to the engine, too: it was asked for its earlier ones.
        granted.chain(of_threads).collect()
    };
    inner
        .state()
        .set_stale(|stale| stale.extend(folders.iter().cloned()));
    inner.feed.changed();
    reload_where_quiet(inner, folders).await;
    let engine = inner.engine.borrow().clone();
    if let Some(engine) = engine {
        // An engine that ends meanwhile reads it when it starts again.
        if let Err(error) = engine.reload(&resync::neutral_folder(inner)).await {
            tracing::warn!(%error, "the engine did not read its changed configuration");
        }
        resync::choices(inner.clone(), engine).await;
    }
    Ok(())
}

/// Nothing runs in a folder any more: what waited for that may be done.
pub(crate) async fn quiet(inner: &Arc<Inner>, folder: &Path) {
    tokio::time::sleep(SETTLED).await;
    reload_if_quiet(inner, folder).await;
}

async fn reload_if_quiet(inner: &Arc<Inner>, folder: &Path) {
    if inner.state().stale.contains(folder) {
        reload_where_quiet(inner, HashSet::from([folder.to_owned()])).await;
    }
}

/// Has folders read what changed in which nothing runs, some at once.
async fn reload_where_quiet(inner: &Arc<Inner>, folders: HashSet<PathBuf>) {
    // A reload stops what runs in the folder: no prompt may be on its way there meanwhile.
    let _gate = inner.gate.write().await;
    let engine = inner.engine.borrow().clone();
    let Some(engine) = engine else { return };
    let quiet: Vec<_> = {
        let state = inner.state();
        let waiting = folders.into_iter().filter(|folder| state.stale.contains(folder));
        waiting.filter(|folder| !state.busy(folder)).collect()
    };
    futures_util::stream::iter(quiet)
        .for_each_concurrent(RELOADS, |folder| {
            let engine = &engine;
            async move { reload(inner, &**engine, &folder).await }
        })
        .await;
}

async fn reload(inner: &Inner, engine: &dyn Engine, folder: &Path) {
    match engine.reload(folder).await {
        Ok(()) => {
            inner.state().set_stale(|stale| {
                stale.remove(folder);
            });
            inner.feed.changed();
        }
        Err(error) => {
            tracing::warn!(%error, "a folder did not read the changed configuration; it is tried again");
        }
    }
}

/// Has an engine that just started hear of what changed since it was told what to do.
pub(super) async fn catch_up(inner: Arc<Inner>) {
    let told = lock(&inner.configured).clone();
    if told.is_some_and(|told| told != current(&inner))
        && let Err(error) = configuration_changed(&inner).await
    {
        tracing::warn!(
            error = format!("{error:#}"),
            "telling the engine of changed providers"
        );
    }
    super::start_anew_if_quiet(&inner).await;
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Replaces a file as a whole, readable by this user alone.
pub(crate) fn write_private(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().context("a configuration file stands in a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).context("making a temporary file")?;
    file.write_all(contents)
        .context("writing the engine's configuration")?;
    file.persist(path)
        .with_context(|| format!("replacing {}", path.display()))?;
    Ok(())
}
