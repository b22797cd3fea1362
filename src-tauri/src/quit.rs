//! Ending with the terminal or the session: the same as closing the window.

use cowork_workspace::Workspace;
use tokio::runtime::Runtime;

/// Ends the engine before the process when the system asks the app to end.
pub(crate) fn on_signals(runtime: &Runtime, workspace: Workspace) {
    runtime.spawn(async move {
        asked_to_end().await;
        workspace.close().await;
        std::process::exit(0);
    });
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::hangup()),
    );
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) = signals else {
        tracing::warn!("the system's requests to end cannot be heard");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
