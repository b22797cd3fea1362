//! A PostgreSQL of the tests' own: a cluster in a temporary folder, on a socket and a random port of this machine.
//!
//! It needs the server's programs (Debian's package `postgresql`); without them the tests fail. One is shared by all
//! tests of a run, each with a database of its own, and ends with the run; [`Cluster::own`] is one that a test may kill.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A running cluster.
pub(crate) struct Cluster {
    folder: PathBuf,
    port: u16,
    /// Stopped and removed when it is dropped.
    owned: bool,
}

static NEXT_DATABASE: AtomicU64 = AtomicU64::new(0);

impl Cluster {
    /// The one that all tests of this run share. It does not wait for the disk: nobody kills it.
    pub(crate) fn shared() -> Self {
        let run = std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| std::process::id().to_string());
        // The runner of tests when each has a process of its own, else this process.
        let owner = match std::env::var("NEXTEST_RUN_ID") {
            Ok(_) => std::os::unix::process::parent_id(),
            Err(_) => std::process::id(),
        };
        let folder = std::env::temp_dir().join(format!("cowork-pg-{}", run.get(..13).unwrap_or(&run)));
        std::fs::create_dir_all(&folder).expect("a folder for PostgreSQL");
        // Whoever comes first makes it; the others wait for that here.
        let lock = File::create(folder.join("lock")).expect("a lock for PostgreSQL");
        lock.lock().expect("the lock for PostgreSQL");
        let told = folder.join("port");
        let port = if let Ok(port) = std::fs::read_to_string(&told) {
            port.trim().parse().expect("a port")
        } else {
            let port = start(&folder, false);
            end_with(owner, &folder);
            std::fs::write(&told, port.to_string()).expect("the port is written down");
            port
        };
        Self {
            folder,
            port,
            owned: false,
        }
    }

    /// One that only this test has, and that writes to the disk as it does for people.
    pub(crate) fn own() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("pg")
            .tempdir()
            .expect("a folder for PostgreSQL")
            .keep();
        let port = start(&folder, true);
        Self {
            folder,
            port,
            owned: true,
        }
    }

    /// An empty database, and the address it is at.
    pub(crate) fn database(&self) -> String {
        let name = format!(
            "t{}_{}",
            std::process::id(),
            NEXT_DATABASE.fetch_add(1, Ordering::Relaxed)
        );
        let made = program("createdb")
            .args([
                "--host",
                &self.folder.to_string_lossy(),
                "--port",
                &self.port.to_string(),
            ])
            .args(["--username", "cowork", "--template", "template0", &name])
            .output()
            .expect("createdb runs");
        assert!(
            made.status.success(),
            "createdb: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        format!(
            "postgres://cowork@localhost:{}/{name}?host={}",
            self.port,
            self.folder.display()
        )
    }

    /// The same, by the port instead of the socket.
    pub(crate) fn database_by_port(&self) -> String {
        let address = self.database();
        let name = address
            .split('/')
            .nth(3)
            .and_then(|rest| rest.split('?').next())
            .expect("a name");
        format!("postgres://cowork@127.0.0.1:{}/{name}", self.port)
    }

    /// Ends it at once, with everything it was about to write (SIGKILL to every process of it).
    pub(crate) fn kill(&self) {
        let main = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("it runs");
        let main = main.lines().next().expect("its number").trim().to_owned();
        // Held still first, so that it starts no other process while those it has are counted.
        let held = Command::new("kill")
            .args(["-STOP", &main])
            .status()
            .expect("kill runs");
        assert!(held.success());
        let children = Command::new("pgrep")
            .args(["-P", &main])
            .output()
            .expect("pgrep runs");
        let mut all = vec![main];
        all.extend(
            String::from_utf8_lossy(&children.stdout)
                .split_whitespace()
                .map(str::to_owned),
        );
        let killed = Command::new("kill")
            .arg("-KILL")
            .args(&all)
            .stderr(Stdio::null())
            .status();
        assert!(killed.is_ok());
        for process in &all {
            while is_running(process) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        // They name a process that is over, which looks alive to the next one until somebody asks what became of it.
        for lock in [
            "data/postmaster.pid".to_owned(),
            format!(".s.PGSQL.{}.lock", self.port),
        ] {
            std::fs::remove_file(self.folder.join(lock)).expect("its lock goes");
        }
    }

    /// Starts it again on the same port.
    pub(crate) fn start_again(&self) {
        if launch(&self.folder, self.port, true).is_err() {
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            panic!(
                "PostgreSQL does not start again: {}",
                log.get(log.len().saturating_sub(2_000)..).unwrap_or(&log)
            );
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.owned {
            stop(&self.folder);
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

fn is_running(process: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| {
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| !rest.trim_start().starts_with('Z'))
    })
}

fn stop(folder: &Path) {
    let _ = program("pg_ctl")
        .args(["stop", "-m", "immediate", "-w", "-D"])
        .arg(folder.join("data"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// Makes a cluster and starts it.
fn start(folder: &Path, durable: bool) -> u16 {
    let made = program("initdb")
        .args([
            "--no-sync",
            "--auth=trust",
            "--username=cowork",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
        ])
        .arg(folder.join("data"))
        .output()
        .expect("initdb runs");
    assert!(
        made.status.success(),
        "initdb (PostgreSQL refuses root: run the tests as an ordinary user): {}",
        String::from_utf8_lossy(&made.stderr)
    );
    // Somebody else may take the port between its choice and the start.
    for _ in 0..10 {
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|free| free.local_addr())
            .expect("a port")
            .port();
        if launch(folder, port, durable).is_ok() {
            return port;
        }
    }
    panic!(
        "PostgreSQL does not start: {}",
        std::fs::read_to_string(folder.join("log")).unwrap_or_default()
    );
}

fn launch(folder: &Path, port: u16, durable: bool) -> Result<(), ()> {
    let disk = if durable {
        // After a crash the whole folder is written to the disk first; so in one go and not file by file.
        " -c recovery_init_sync_method=syncfs"
    } else {
        " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    };
    let options = format!(
        "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='{}' -c max_connections=300 \
         -c shared_buffers=64MB{disk}",
        folder.display()
    );
    let status = program("pg_ctl")
        .args(["start", "-w", "-t", "60", "-D"])
        .arg(folder.join("data"))
        .arg("-l")
        .arg(folder.join("log"))
        .args(["-o", &options])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("pg_ctl runs");
    if status.success() { Ok(()) } else { Err(()) }
}

/// Ends a cluster when the process it was made for has ended, however that came.
fn end_with(owner: u32, folder: &Path) {
    let main = std::fs::read_to_string(folder.join("data/postmaster.pid")).expect("it runs");
    let main = main.lines().next().expect("its number").trim();
    // By its number and not by its folder, which may be gone with all that the run left.
    let script = format!(
        "while ps -p {owner} >/dev/null 2>&1; do sleep 1; done; kill -QUIT {main}; sleep 1; rm -rf '{}'",
        folder.display()
    );
    // In a session of its own: whoever ends the test's group does not end this.
    Command::new("setsid")
        .args(["--fork", "sh", "-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("setsid runs");
}

/// Where Debian keeps a server's program, the newest of them, or whatever is on the search path.
fn path_of(name: &str) -> PathBuf {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path())))
        .collect();
    versions.sort();
    if let Some(program) = versions
        .iter()
        .rev()
        .map(|(_, folder)| folder.join("bin").join(name))
        .find(|path| path.exists())
    {
        return program;
    }
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    on_path
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| {
            panic!("{name} is missing: install PostgreSQL's server (Debian: apt-get install postgresql)")
        })
}

fn program(name: &str) -> Command {
    let mut command = Command::new(path_of(name));
    // What a person set for their own databases is not for these.
    for name in [
        "PGHOST",
        "PGPORT",
        "PGUSER",
        "PGPASSWORD",
        "PGDATABASE",
        "PGDATA",
        "PGSERVICE",
        "PGOPTIONS",
    ] {
        command.env_remove(name);
    }
    command
}
