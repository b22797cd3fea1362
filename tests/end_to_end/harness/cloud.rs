//! The org's server, as a process of its own.

use cowork_cloud_trial::server::{Plan, Server, free_port, log_in};
use tempfile::TempDir;

use super::app::given;

/// A server with a database of its own, which outlives it.
pub(crate) struct Cloud {
    plan: Plan,
    server: Option<Server>,
    folder: TempDir,
}

impl Cloud {
    /// Starts one on a fresh database.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let plan = Plan {
            binary: given("COWORK_CLOUD_BINARY"),
            database: format!("sqlite:{}", folder.path().join("cloud.db").display()),
            port: free_port().expect("a port is free"),
            log: log_in(folder.path()),
        };
        plan.migrate().expect("the tables can be made");
        let mut cloud = Self {
            plan,
            server: None,
            folder,
        };
        cloud.again().await;
        cloud
    }

    /// Starts it again after it was killed, where it was.
    pub(crate) async fn again(&mut self) {
        let started = self.plan.start().await;
        self.server = Some(started.expect("the server starts"));
    }

    /// Kills it as a fault would.
    pub(crate) fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill().expect("it can be killed");
        }
    }

    /// Where browsers and desktops reach it.
    pub(crate) fn address(&self) -> String {
        self.plan.address()
    }

    /// A link by which an owner with an organization of their own comes in.
    pub(crate) fn owner_link(&self) -> String {
        let secret = self.plan.owner_link().expect("there is a link");
        format!("{}/welcome#owner={secret}", self.address())
    }

    /// Everything it logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(log_in(self.folder.path())).expect("the log can be read")
    }

    /// Everything it keeps and logged, as text: the database, what is on its way into it, and the log.
    pub(crate) fn everything_kept(&self) -> String {
        let files = std::fs::read_dir(self.folder.path()).expect("the folder can be read");
        let texts = files.map(|file| {
            let bytes = std::fs::read(file.expect("it is listed").path()).expect("the file can be read");
            String::from_utf8_lossy(&bytes).into_owned()
        });
        texts.collect()
    }
}
