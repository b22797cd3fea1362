//! A session bus of a test's own, and a key ring daemon on it.
//!
//! Where the bus is stands in the environment of the process, so each test runs itself once more in a process whose
//! environment names a bus and folders that end with the test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Says in the environment that this process is the inner one.
const INSIDE: &str = "COWORK_VAULT_INSIDE_A_SESSION";
/// The file with the id of a daemon that outlives the inner process.
const LEFT: &str = "left";
/// When a test is ended as one that hangs.
const LIMIT: Duration = Duration::from_mins(2);

/// A bus that starts nothing by itself: what is not started by a test is not there.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=FOLDER</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// Runs a test's body in a process with a bus and folders of its own. `test` is the test's name.
pub(crate) fn in_a_session<F: Future<Output = ()>>(test: &str, body: impl FnOnce() -> F) {
    run_inside(test, true, body);
}

/// The same where the environment names a bus that is not there.
pub(crate) fn without_a_bus<F: Future<Output = ()>>(test: &str, body: impl FnOnce() -> F) {
    run_inside(test, false, body);
}

fn run_inside<F: Future<Output = ()>>(test: &str, has_bus: bool, body: impl FnOnce() -> F) {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        runtime.unwrap().block_on(body());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
    let configuration = path.join("bus.conf");
    std::fs::write(&configuration, BUS.replace("FOLDER", path.to_str().unwrap())).unwrap();
    let mut bus = Ended(
        Command::new("dbus-daemon")
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is needed"),
    );
    let mut address = String::new();
    BufReader::new(bus.0.stdout.take().unwrap())
        .read_line(&mut address)
        .unwrap();
    if !has_bus {
        drop(bus);
        address = format!("unix:path={}", path.join("no-bus").display());
    }
    let output = std::fs::File::create(path.join("output")).unwrap();
    let mut inside = Ended(
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture", "--test-threads=1"])
            .env(INSIDE, "1")
            .env("DBUS_SESSION_BUS_ADDRESS", address.trim())
            .env("HOME", path)
            .env("XDG_DATA_HOME", path.join("data"))
            .env("XDG_CONFIG_HOME", path.join("configuration"))
            .env("XDG_CACHE_HOME", path.join("cache"))
            .env("XDG_RUNTIME_DIR", path)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("GNOME_KEYRING_CONTROL")
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap(),
    );
    let started = Instant::now();
    let status = loop {
        if let Some(status) = inside.0.try_wait().unwrap() {
            break Some(status);
        }
        if started.elapsed() > LIMIT {
            break None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    if let Ok(left) = std::fs::read_to_string(path.join(LEFT)) {
        kill(Pid::from_raw(left.parse().unwrap()), Signal::SIGKILL).unwrap();
    }
    let output = std::fs::read_to_string(path.join("output")).unwrap();
    assert!(
        status.is_some_and(|status| status.success()),
        "{status:?}\n{output}"
    );
    assert!(
        output.contains("1 passed"),
        "`{test}` is the name of no test\n{output}"
    );
}

/// A process that is ended when the test is over, however it is over.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// gnome-keyring's daemon with the folders of this session.
pub(crate) struct Daemon(Ended);

impl Daemon {
    /// With a login key ring that is made when there is none, and unlocked.
    pub(crate) fn unlocked() -> Self {
        let mut daemon = Self::start(&["--unlock"]);
        let mut input = daemon.0.0.stdin.take().unwrap();
        input.write_all(b"the person's password").unwrap();
        drop(input);
        Self::wait_for("ReadAlias", "string:default", |answer| !answer.contains("\"/\""));
        daemon
    }

    /// With the key rings there are, and none of them unlocked.
    pub(crate) fn locked() -> Self {
        let daemon = Self::start(&[]);
        Self::wait_for("ReadAlias", "string:default", |answer| {
            answer.contains("object path")
        });
        daemon
    }

    fn start(arguments: &[&str]) -> Self {
        let control = Path::new(&std::env::var("XDG_RUNTIME_DIR").unwrap()).join("control");
        let child = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--components=secrets"])
            .arg(format!("--control-directory={}", control.display()))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("gnome-keyring is needed");
        Self(Ended(child))
    }

    /// Asks the daemon until it answers as wanted.
    fn wait_for(method: &str, argument: &str, wanted: impl Fn(&str) -> bool) {
        loop {
            let asked = Command::new("dbus-send")
                .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets"])
                .args([
                    "/org/freedesktop/secrets",
                    &format!("org.freedesktop.Secret.Service.{method}"),
                    argument,
                ])
                .output()
                .expect("dbus-send is needed");
            if asked.status.success() && wanted(&String::from_utf8_lossy(&asked.stdout)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// It answers nothing any more.
    pub(crate) fn stop(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// It answers nothing until after this process has ended; the outer one ends it.
    pub(crate) fn stop_for_ever(self) {
        let folder = std::env::var("XDG_RUNTIME_DIR").unwrap();
        std::fs::write(Path::new(&folder).join(LEFT), self.0.0.id().to_string()).unwrap();
        self.stop();
        std::mem::forget(self);
    }

    /// It answers again, what it was asked meanwhile too.
    pub(crate) fn go_on(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.0.0.id().try_into().unwrap()), signal).unwrap();
    }
}
