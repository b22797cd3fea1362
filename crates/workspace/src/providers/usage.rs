//! What went to each provider: told as news, and kept by day.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cowork_key_proxy::{ProviderUsage, ProxyNews};
use cowork_store::UsageCounts;
use tokio::sync::broadcast::error::RecvError;

use crate::view::{self, NoticeKind};
use crate::workspace::{Inner, blocking, now};

/// Between two times that what was counted is written down. A crash loses so much of it.
const KEEPING: Duration = Duration::from_secs(30);

/// Tells the person what the proxy noticed, for as long as there is one.
pub(crate) async fn tell(inner: Arc<Inner>) {
    let mut news = inner.proxy.news();
    loop {
        match news.recv().await {
            Ok(news) => say(&inner, news),
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "news of the key proxy were missed"),
            Err(RecvError::Closed) => return,
        }
    }
}

fn say(inner: &Inner, news: ProxyNews) {
    let name = |provider: &str| {
        let state = inner.state();
        state
            .provider(provider)
            .map_or_else(|| provider.to_owned(), |known| known.name.clone())
    };
    let (kind, detail) = match news {
        ProxyNews::CapNear {
            provider,
            requests,
            cap,
        } => (
            NoticeKind::RequestsNearCap,
            format!("{}: {requests} of {cap} requests", name(&provider)),
        ),
        ProxyNews::CapReached { provider, cap } => (
            NoticeKind::RequestsCapped,
            format!("{}: {cap} requests", name(&provider)),
        ),
        ProxyNews::KeyUnavailable { message, .. } => (NoticeKind::KeyUnavailable, message),
        ProxyNews::KeyRefused { provider, status } => {
            tracing::warn!(provider, status, "a provider did not take the key");
            return;
        }
        ProxyNews::NotSafe { provider, message } => (
            NoticeKind::ProviderLeftOut,
            format!("{}: {message}", name(&provider)),
        ),
        ProxyNews::Stranger { attempts } => {
            tracing::warn!(attempts, "requests without a valid token came to the key proxy");
            return;
        }
    };
    let mut state = inner.state();
    // A program that asks in a loop must not drive other news out.
    let told = state
        .notices
        .iter()
        .any(|notice| notice.kind == kind && notice.detail == detail);
    if !told {
        state.notice(kind, detail, now());
    }
    drop(state);
    inner.feed.changed();
}

/// What was written down already, by provider.
pub(crate) type Kept = HashMap<String, UsageCounts>;

fn counts(usage: &ProviderUsage) -> UsageCounts {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    UsageCounts {
        requests: whole(usage.requests),
        failures: whole(usage.failures),
        bytes_up: whole(usage.bytes_up),
        bytes_down: whole(usage.bytes_down),
    }
}

/// Writes down what was counted, now and then.
pub(crate) async fn keep(inner: Arc<Inner>) {
    loop {
        tokio::time::sleep(KEEPING).await;
        keep_now(&inner).await;
    }
}

/// Writes down what was counted since the last time.
pub(crate) async fn keep_now(inner: &Inner) {
    let mut kept = inner.kept_usage.lock().await;
    for usage in inner.proxy.usage() {
        let (total, before) = (
            counts(&usage),
            kept.get(&usage.provider).copied().unwrap_or_default(),
        );
        let more = UsageCounts {
            requests: total.requests - before.requests,
            failures: total.failures - before.failures,
            bytes_up: total.bytes_up - before.bytes_up,
            bytes_down: total.bytes_down - before.bytes_down,
        };
        if more == UsageCounts::default() {
            continue;
        }
        let (store, provider) = (inner.store.clone(), usage.provider.clone());
        let written = blocking(move || store.add_usage(&provider, more, now())).await;
        match written.and_then(|written| Ok(written?)) {
            Ok(()) => {
                kept.insert(usage.provider, total);
            }
            // It is counted on, and written with the next.
            Err(error) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "what went to a provider was not written down"
                );
                return;
            }
        }
    }
}

/// What went to each provider, of this run and of all days.
pub(crate) async fn list(inner: &Inner) -> anyhow::Result<Vec<view::ProviderUsage>> {
    keep_now(inner).await;
    let store = inner.store.clone();
    let all: HashMap<String, UsageCounts> = blocking(move || store.usage()).await??.into_iter().collect();
    let now: HashMap<String, ProviderUsage> = inner
        .proxy
        .usage()
        .into_iter()
        .map(|usage| (usage.provider.clone(), usage))
        .collect();
    let whole = |number: i64| u64::try_from(number).unwrap_or_default();
    let state = inner.state();
    let cap = u64::from(state.settings.request_cap);
    let rows = state.providers.iter().map(|provider| {
        let id = provider.id.clone();
        let run = now.get(&id);
        view::ProviderUsage {
            requests: run.map_or(0, |run| run.requests),
            failures: run.map_or(0, |run| run.failures),
            bytes_up: run.map_or(0, |run| run.bytes_up),
            bytes_down: run.map_or(0, |run| run.bytes_down),
            run_requests: run.map_or(0, |run| run.run_requests),
            run_cap: run.map_or(cap, |run| run.run_cap),
            all_requests: all.get(&id).map_or(0, |counts| whole(counts.requests)),
            provider: id,
        }
    });
    Ok(rows.collect())
}
