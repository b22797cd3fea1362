//! What there is to be had by breaking out, and a look at whether it was.

use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use cowork_workspace::Workspace;

/// Seconds that nobody else sleeps.
pub(crate) const DAEMON: &str = "7654321";
/// What attempts write where they should not.
pub(crate) const PLANTED: &str = "planted-by-an-attempt";
/// How the secret of a person begins: enough to recognise it.
pub(crate) const SECRET: &str = "secret-of-the-person";

pub(crate) struct Targets {
    root: PathBuf,
    secret: String,
    pub(crate) tcp4: u16,
    pub(crate) tcp6: u16,
    pub(crate) udp: u16,
    pub(crate) abstract_name: String,
    reached: Arc<Mutex<Vec<String>>>,
    victim: Mutex<Child>,
}

impl Targets {
    pub(crate) fn new(root: &Path) -> Self {
        let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let secret = format!("{SECRET}-{nanoseconds}");
        let home = root.join("person");
        for (file, text) in [
            (".ssh/id_ed25519", &secret),
            ("other/notes.txt", &secret),
            ("target.txt", &secret),
        ] {
            let path = home.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::create_dir(root.join("outside")).unwrap();
        let reached = Arc::<Mutex<Vec<String>>>::default();
        let (tcp4, tcp6) = (
            TcpListener::bind("127.0.0.1:0").unwrap(),
            TcpListener::bind("[::1]:0").unwrap(),
        );
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let unix = UnixListener::bind(home.join("agent.sock")).unwrap();
        let abstract_name = format!("attempt-{nanoseconds}");
        let nameless =
            UnixListener::bind_addr(&SocketAddr::from_abstract_name(abstract_name.as_bytes()).unwrap())
                .unwrap();
        let targets = Self {
            root: root.to_owned(),
            tcp4: tcp4.local_addr().unwrap().port(),
            tcp6: tcp6.local_addr().unwrap().port(),
            udp: udp.local_addr().unwrap().port(),
            abstract_name,
            reached,
            victim: Mutex::new(Command::new("sleep").arg("86400").spawn().unwrap()),
            secret,
        };
        targets.answer("tcp4", move || tcp4.accept().map(|(stream, _)| stream));
        targets.answer("tcp6", move || tcp6.accept().map(|(stream, _)| stream));
        targets.answer("unix socket", move || unix.accept().map(|(stream, _)| stream));
        targets.answer("abstract socket", move || {
            nameless.accept().map(|(stream, _)| stream)
        });
        let (reached, reply) = (Arc::clone(&targets.reached), targets.secret.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 64];
            while let Ok((_, from)) = udp.recv_from(&mut bytes) {
                reached.lock().unwrap().push("udp".to_owned());
                let _ = udp.send_to(reply.as_bytes(), from);
            }
        });
        targets
    }

    /// Tells the secret to whoever connects.
    fn answer<S: std::io::Read + std::io::Write>(
        &self,
        name: &'static str,
        accept: impl Fn() -> std::io::Result<S> + Send + 'static,
    ) {
        let (reached, secret) = (Arc::clone(&self.reached), self.secret.clone());
        std::thread::spawn(move || {
            while let Ok(mut stream) = accept() {
                reached.lock().unwrap().push(name.to_owned());
                let _ = stream.read(&mut [0; 256]);
                let _ = write!(stream, "HTTP/1.0 200 OK\r\n\r\n{secret}");
            }
        });
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root.join("person")
    }

    pub(crate) fn outside(&self) -> PathBuf {
        self.root.join("outside")
    }

    pub(crate) fn app(&self) -> PathBuf {
        self.root.join("app")
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    pub(crate) fn victim(&self) -> u32 {
        self.victim.lock().unwrap().id()
    }

    /// What is to be seen only while the engine runs: what a command left behind.
    pub(crate) async fn look_around(&self, workspace: &Workspace) {
        if let Some(session) = workspace.start().await.unwrap().sessions.first() {
            // Has the engine run git in the folder.
            let _ = workspace.open_session(&session.id, None).await;
        }
        for process in std::fs::read_dir("/proc").unwrap().flatten() {
            let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            if String::from_utf8_lossy(&line).contains(DAEMON) && line.starts_with(b"sleep") {
                self.reached.lock().unwrap().push("left-behind daemon".to_owned());
                let _ = Command::new("kill").arg("-9").arg(process.file_name()).status();
            }
        }
    }

    /// What was had after all.
    pub(crate) fn breaches(&self) -> Vec<String> {
        let mut breaches = self.reached.lock().unwrap().clone();
        if self.victim.lock().unwrap().try_wait().unwrap().is_some() {
            breaches.push("killed another's process".to_owned());
        }
        for place in ["outside", "person"] {
            for file in files(&self.root.join(place)) {
                let text = std::fs::read(&file).unwrap_or_default();
                if String::from_utf8_lossy(&text).contains(PLANTED) {
                    breaches.push(format!("wrote {}", file.display()));
                }
            }
        }
        // In the homes of boxes and the engine's own database it may stand: it was said in the conversation.
        for file in ["toolbox/rules.json", "toolbox/bin/bash"] {
            for base in ["", "data"] {
                let text = std::fs::read(self.app().join(base).join(file)).unwrap_or_default();
                if String::from_utf8_lossy(&text).contains(PLANTED) {
                    breaches.push(format!("wrote {file}"));
                }
            }
        }
        for place in ["engine", "config/opencode"] {
            for file in files(&self.app().join("data/engine-home").join(place)) {
                let text = std::fs::read(&file).unwrap_or_default();
                if String::from_utf8_lossy(&text).contains(PLANTED) {
                    breaches.push(format!("told the engine by {}", file.display()));
                }
            }
        }
        let leak = std::fs::read_to_string(self.root.join("work/leaked-by-git")).unwrap_or_default();
        if leak.contains("OPENCODE_SERVER_PASSWORD") {
            breaches.push("git ran a filter beside the engine".to_owned());
        }
        if Path::new("/dev/shm").join(&self.abstract_name).exists() {
            let _ = std::fs::remove_file(Path::new("/dev/shm").join(&self.abstract_name));
            breaches.push("wrote shared memory".to_owned());
        }
        breaches.sort();
        breaches.dedup();
        breaches
    }
}

impl Drop for Targets {
    fn drop(&mut self) {
        let mut victim = self.victim.lock().unwrap();
        let _ = victim.kill();
        let _ = victim.wait();
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}
