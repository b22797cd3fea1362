//! A session bus of a test's own, and gnome-keyring's daemon on it: what is installed on the machine, and what others
//! keep in their key rings, decides nothing.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A bus that starts nothing by itself: what no test started is not there.
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

/// How often it is asked whether the daemon is there, 20 ms apart.
const TRIES: u32 = 1_500;

/// A bus, and what keeps keys on it, if anything does.
pub(crate) struct KeyRing {
    // Ended before the bus, and the bus before its folder is gone.
    daemon: Option<Ended>,
    _bus: Ended,
    address: String,
    folder: TempDir,
}

impl KeyRing {
    /// Names the bus to a program.
    pub(crate) const VARIABLE: &str = "DBUS_SESSION_BUS_ADDRESS";

    /// A bus without a key ring.
    pub(crate) fn absent() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path();
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(path, private).expect("the folder is ours");
        let configuration = path.join("bus.conf");
        let text = BUS.replace("FOLDER", &path.display().to_string());
        std::fs::write(&configuration, text).expect("the folder can be written");
        let mut bus = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon can be started");
        let mut address = String::new();
        let said = bus.stdout.take().expect("its output is ours");
        BufReader::new(said)
            .read_line(&mut address)
            .expect("it says its address");
        Self {
            daemon: None,
            _bus: Ended(bus),
            address: address.trim_end().to_owned(),
            folder,
        }
    }

    /// A bus with a key ring that is unlocked.
    pub(crate) fn unlocked() -> Self {
        let mut keys = Self::absent();
        keys.unlock();
        keys
    }

    /// Starts the daemon with its login key ring unlocked; the ring is made when there is none.
    pub(crate) fn unlock(&mut self) {
        self.start(&["--unlock"]);
        self.wait_for(|answer| !answer.contains("\"/\""));
    }

    /// Starts the daemon with the key rings there are, and none of them unlocked.
    pub(crate) fn lock(&mut self) {
        self.start(&[]);
        self.wait_for(|_| true);
    }

    /// It answers nothing any more, as one that waits for a person.
    pub(crate) fn hang(&self) {
        self.signal("-STOP");
    }

    /// It answers again.
    pub(crate) fn go_on(&self) {
        self.signal("-CONT");
    }

    /// Where the bus is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Everything of it that is in files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn start(&mut self, arguments: &[&str]) {
        self.daemon = None;
        let path = self.folder.path();
        let mut daemon = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--components=secrets"])
            .arg(format!("--control-directory={}", path.join("control").display()))
            .args(arguments)
            .env(Self::VARIABLE, &self.address)
            .env("XDG_DATA_HOME", path.join("data"))
            .env("XDG_CONFIG_HOME", path.join("configuration"))
            .env("XDG_CACHE_HOME", path.join("cache"))
            .env("XDG_RUNTIME_DIR", path)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("GNOME_KEYRING_CONTROL")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon can be started");
        // Of a ring that is made, this becomes the password.
        let mut input = daemon.stdin.take().expect("its input is ours");
        if !arguments.is_empty() {
            input
                .write_all(b"the person's password")
                .expect("it reads the password");
        }
        self.daemon = Some(Ended(daemon));
    }

    /// Asks the daemon for its usual key ring until it answers as wanted.
    fn wait_for(&self, wanted: impl Fn(&str) -> bool) {
        for _ in 0..TRIES {
            let asked = Command::new("dbus-send")
                .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets"])
                .args([
                    "/org/freedesktop/secrets",
                    "org.freedesktop.Secret.Service.ReadAlias",
                ])
                .arg("string:default")
                .env(Self::VARIABLE, &self.address)
                .output()
                .expect("dbus-send can be run");
            if asked.status.success() && wanted(&String::from_utf8_lossy(&asked.stdout)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("the key ring did not come");
    }

    fn signal(&self, signal: &str) {
        let daemon = self.daemon.as_ref().expect("the daemon runs");
        let sent = Command::new("kill")
            .args([signal, &daemon.0.id().to_string()])
            .status();
        assert!(sent.expect("a signal can be sent").success());
    }
}

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
