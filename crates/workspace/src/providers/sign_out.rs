//! Sign-outs at the engine, and those it still owes: it may not run when a sign-in of its is removed.
//!
//! All of it happens while [`changing_providers`](Inner) is held, so that no sign-in comes between.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use cowork_engine::Engine;

use super::Keeper;
use crate::index;
use crate::view::EngineHome;
use crate::workspace::{Inner, blocking};

/// How long an engine may take for it. One that hangs does it at its next start.
const PATIENCE: Duration = Duration::from_secs(5);

/// The engine that runs, where what it keeps is its own: what is in the person's home is theirs.
fn engine_at_home(inner: &Inner) -> Option<Arc<dyn Engine>> {
    let private = inner.running_surroundings().home == EngineHome::Private;
    inner.engine.borrow().clone().filter(|_| private)
}

async fn try_now(inner: &Inner, provider: &str) -> bool {
    let Some(engine) = engine_at_home(inner) else {
        return false;
    };
    match tokio::time::timeout(PATIENCE, engine.sign_out(provider)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, provider, "the engine did not sign out");
            false
        }
        Err(_) => {
            tracing::warn!(provider, "the engine did not sign out in time");
            false
        }
    }
}

/// Has the engine forget what it keeps of a provider, now or at its next start. Whether it is done now.
pub(crate) async fn sign_out(inner: &Inner, provider: &str) -> anyhow::Result<bool> {
    // Remembered first: an app that ends in between must not have lost it.
    let id = provider.to_owned();
    change(inner, move |owed| owed.insert(id)).await?;
    if !try_now(inner, provider).await {
        return Ok(false);
    }
    let id = provider.to_owned();
    change(inner, move |owed| owed.remove(&id)).await?;
    Ok(true)
}

/// Has the engine that runs do what it owes. What the person signed in at again is owed no more.
pub(crate) async fn settle(inner: &Inner) {
    if let Err(error) = try_settle(inner).await {
        tracing::warn!(error = format!("{error:#}"), "sign-outs that are owed");
    }
}

async fn try_settle(inner: &Inner) -> anyhow::Result<()> {
    let store = inner.store.clone();
    let owed = blocking(move || index::owed_sign_outs(&store)).await??;
    for provider in owed {
        let is_wanted = inner
            .state()
            .provider(&provider)
            .is_some_and(|known| known.details.sign_in == Some(Keeper::Engine));
        if is_wanted || try_now(inner, &provider).await {
            change(inner, move |owed| owed.remove(&provider)).await?;
        }
    }
    Ok(())
}

async fn change(
    inner: &Inner,
    change: impl FnOnce(&mut BTreeSet<String>) -> bool + Send + 'static,
) -> anyhow::Result<()> {
    let store = inner.store.clone();
    blocking(move || {
        let mut owed = index::owed_sign_outs(&store)?;
        if change(&mut owed) {
            index::save_owed_sign_outs(&store, &owed)?;
        }
        Ok(())
    })
    .await?
}

/// Has each engine that starts do what is owed; runs for ever.
pub(crate) async fn at_each_start(inner: Arc<Inner>) {
    let mut engines = inner.engine.subscribe();
    // It is told of much more than starts.
    let mut last: Option<Weak<dyn Engine>> = None;
    loop {
        let now = engines.borrow_and_update().as_ref().map(Arc::downgrade);
        if let Some(now) = now
            && last.as_ref().is_none_or(|last| !last.ptr_eq(&now))
        {
            last = Some(now);
            let _whole = inner.changing_providers.lock().await;
            settle(&inner).await;
        }
        if engines.changed().await.is_err() {
            return;
        }
    }
}
