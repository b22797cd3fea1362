//! A database server of one's own: a real `PostgreSQL`, in a folder that goes with it, reached from this machine alone.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::server::free_port;

/// How long it may take to answer. Generous: it ends a hung trial and measures nothing.
const PATIENCE: Duration = Duration::from_mins(1);

/// Whether what is committed has to be on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// As in earnest: what was committed is there after a crash.
    Durable,
    /// For tests in which nothing crashes.
    Fast,
}

/// A cluster. It ends with what holds it.
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl Postgres {
    /// Makes and starts one.
    ///
    /// # Errors
    /// When its programs are not installed, or it is root who asks, which it refuses.
    pub fn start(safety: Safety) -> anyhow::Result<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().context("a temporary folder")?;
        let data = folder.path().join("data");
        let made = Command::new(programs.join("initdb"))
            .arg("--pgdata")
            .arg(&data)
            .args([
                "--username=trial",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .env_remove("LD_LIBRARY_PATH")
            .output()
            .context("initdb")?;
        if !made.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        }
        let mut settings =
            "listen_addresses = '127.0.0.1'\nmax_connections = 200\nunix_socket_directories = ''\n"
                .to_owned();
        if safety == Safety::Fast {
            settings.push_str("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n");
        }
        std::fs::write(data.join("postgresql.auto.conf"), settings)?;
        let mut cluster = Self {
            programs,
            folder,
            port: free_port()?,
            process: None,
        };
        cluster.restart()?;
        Ok(cluster)
    }

    /// Starts it again after it was killed, and waits until it answers.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let log = File::options()
                .create(true)
                .append(true)
                .open(self.folder.path().join("log"))?;
            let mut process = Command::new(self.programs.join("postgres"))
                .arg("-D")
                .arg(self.folder.path().join("data"))
                .arg("-p")
                .arg(self.port.to_string())
                .env_remove("LD_LIBRARY_PATH")
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log)
                .spawn()
                .context("postgres")?;
            // After a kill those that served connections hold its memory for a moment, and a new one is refused.
            while process.try_wait()?.is_none() && began.elapsed() < PATIENCE {
                if self.answers()? {
                    self.process = Some(process);
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            // It may have ended by itself.
            process.kill().ok();
            process.wait()?;
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        bail!("PostgreSQL did not answer in time; its log:\n{log}")
    }

    fn answers(&self) -> anyhow::Result<bool> {
        let asked = Command::new(self.programs.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-U", "trial", "-p"])
            .arg(self.port.to_string())
            .env_remove("LD_LIBRARY_PATH")
            .status()
            .context("pg_isready")?;
        Ok(asked.success())
    }

    /// Makes a database in it, and gives its address.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        let made = Command::new(self.programs.join("createdb"))
            .args(["-h", "127.0.0.1", "-U", "trial", "-p"])
            .arg(self.port.to_string())
            .arg(name)
            .env_remove("LD_LIBRARY_PATH")
            .output()
            .context("createdb")?;
        if !made.status.success() {
            bail!("createdb failed: {}", String::from_utf8_lossy(&made.stderr));
        }
        Ok(format!("postgres://trial@127.0.0.1:{}/{name}", self.port))
    }

    /// Kills it as a fault would: the one that watches over all others, which then end by themselves.
    ///
    /// # Errors
    /// When the system does not let it be killed.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // What it keeps goes with it, so it needs no orderly end; it may be gone already.
        self.kill().ok();
    }
}

/// Where its programs are: Debian keeps them beside each other by version, others on the path.
fn programs() -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin"))
        .filter(|folder| folder.join("initdb").is_file())
        .collect();
    // By number: 9 is older than 15.
    found.sort_by_key(|folder| {
        let version = folder
            .parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        version.and_then(|name| name.parse::<u32>().ok())
    });
    if let Some(newest) = found.pop() {
        return Ok(newest);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|folder| folder.join("initdb").is_file())
        .context("PostgreSQL's server is not installed; on Debian and Ubuntu: apt-get install postgresql")
}
