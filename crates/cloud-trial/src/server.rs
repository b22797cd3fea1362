//! The server's own process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

/// How long it may take to be ready. Generous: it ends a hung trial and measures nothing.
const PATIENCE: Duration = Duration::from_mins(1);

/// How it is started.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program.
    pub binary: PathBuf,
    /// Its database.
    pub database: String,
    /// Where it listens on this machine.
    pub port: u16,
    /// Where it writes its log.
    pub log: PathBuf,
}

impl Plan {
    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .arg(what)
            .arg("--database")
            .arg(&self.database)
            .arg("--listen")
            .arg(format!("127.0.0.1:{}", self.port))
            // One address stands for thousands here.
            .args(["--rate-factor", "100000"])
            .args(["--connections", "20000", "--connections-per-address", "20000"])
            .env_remove("LD_LIBRARY_PATH")
            .stdin(Stdio::null());
        command
    }

    /// Makes its tables.
    ///
    /// # Errors
    /// When it cannot.
    pub fn migrate(&self) -> anyhow::Result<()> {
        let output = self.command("migrate").output().context("the server's program")?;
        if !output.status.success() {
            bail!("migrate failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// A new one-time link for an owner: its secret.
    ///
    /// # Errors
    /// When there is none.
    pub fn owner_link(&self) -> anyhow::Result<String> {
        let output = self
            .command("owner-link")
            .output()
            .context("the server's program")?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let secret = printed
            .split("#owner=")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        secret.map(str::to_owned).with_context(|| {
            format!(
                "no owner link in {printed:?} {}",
                String::from_utf8_lossy(&output.stderr)
            )
        })
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// When it is not in time.
    pub async fn start(&self) -> anyhow::Result<Server> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .with_context(|| format!("the log {}", self.log.display()))?;
        let process = self
            .command("serve")
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("the server could not be started")?;
        let mut server = Server { process };
        let client = reqwest::Client::builder().no_proxy().build()?;
        let ready = async {
            loop {
                let answer = client.get(format!("{}/readyz", self.address())).send().await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    return anyhow::Ok(());
                }
                if let Some(status) = server.process.try_wait()? {
                    bail!("the server ended with {status}; see {}", self.log.display());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, ready).await {
            Ok(Ok(())) => Ok(server),
            Ok(Err(error)) => Err(error),
            Err(_) => bail!("the server was not ready in time; see {}", self.log.display()),
        }
    }
}

/// A server that runs. It is killed with what holds it.
pub struct Server {
    process: Child,
}

impl Server {
    /// Its process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Kills it as a fault would.
    ///
    /// # Errors
    /// When the system does not let it be killed.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A port that is free now.
///
/// # Errors
/// When none is.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A file name for a log in a folder.
#[must_use]
pub fn log_in(folder: &Path) -> PathBuf {
    folder.join("server.log")
}
