//! A place for an app, and what every test of the application does with it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::time::Duration;

use cowork_brand::{Brand, Places};
use cowork_supervisor::{Confinement, Holder};
use cowork_workspace::view::EngineState;
use cowork_workspace::{Clock, Options, Workspace};
use tempfile::TempDir;

/// Longer than all of it takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) struct Place {
    pub(crate) root: TempDir,
}

/// One life of the app, from its start to its end: what it holds goes with its runtime, as with its process.
pub(crate) fn life<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcome = runtime.block_on(future);
    runtime.shutdown_timeout(Duration::from_secs(10));
    outcome
}

impl Place {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("work")).unwrap();
        Self { root }
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// An app whose engine is up, with other options than usual.
    pub(crate) async fn open_as(&self, change: impl FnOnce(&mut Options)) -> Workspace {
        let given = |name: &str| -> PathBuf {
            std::env::var_os(name)
                .unwrap_or_else(|| panic!("{name} has to name a program"))
                .into()
        };
        let mut options = Options {
            brand: Brand::stock().unwrap(),
            places: Places::under(&self.root.path().join("app")).unwrap(),
            engine: given("COWORK_ENGINE"),
            ripgrep: Some(given("COWORK_RIPGREP")),
            box_program: cowork_workspace::box_program(),
            tool_servers: Vec::new(),
            holder: Holder::CommandLine,
            version: "test".to_owned(),
            folders: vec![self.work()],
            home_directory: None,
            confinement: Confinement::default(),
            clock: Clock::default(),
            log: None,
            plaintext_secrets: Some(self.root.path().join("secrets")),
        };
        change(&mut options);
        let workspace = Workspace::open(options).await.unwrap();
        let state = || format!("the engine; it is {:?}", workspace.engine_state());
        until(state, || {
            matches!(workspace.engine_state(), EngineState::Ready { .. }).then_some(())
        })
        .await;
        workspace
    }
}

pub(crate) async fn until<T>(what: impl Fn() -> String, mut look: impl FnMut() -> Option<T>) -> T {
    let looked = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looked)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {}", what()))
}
