//! A person's computer in a temporary directory, and an engine's outer box around what is run on it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use cowork_policy::confinement::{FolderRules, Means, Rules};
use cowork_toolbox::Yard;

/// In the engine's environment, and nowhere a command may look.
pub(crate) const PASSWORD: &str = "engine-password-0123456789abcdef";

/// At the beginning of the person's key.
pub(crate) const KEY: &str = "ssh-key-0123456789abcdef";

pub(crate) struct World {
    directory: tempfile::TempDir,
    pub(crate) rules: Rules,
    pub(crate) yard: Yard,
    /// The system's administrator instead of an ordinary person.
    as_root: bool,
}

/// Whether the tests run as the administrator, and can be someone else.
fn ordinary_user() -> Option<&'static str> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let users = fs::read_to_string("/etc/passwd").unwrap();
    (is_root && users.contains("cowork-test:")).then_some("cowork-test")
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_, _| {})
    }

    /// A world whose rules `change` changes; it is told where the world is.
    pub(crate) fn with(change: impl FnOnce(&mut Rules, &Path)) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("cowork-box-test.")
            .tempdir()
            .unwrap();
        let root = fs::canonicalize(directory.path()).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        for name in [
            "home/.ssh",
            "home/.tools/bin",
            "folder/sub",
            "other",
            "app/engine/snapshot",
            "app/homes/one",
            "outside",
        ] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        fs::write(root.join("home/.ssh/key"), KEY).unwrap();
        fs::write(root.join("home/.tools/bin/tool"), "#!/bin/sh\necho tool ran\n").unwrap();
        fs::set_permissions(
            root.join("home/.tools/bin/tool"),
            fs::Permissions::from_mode(0o755),
        )
        .unwrap();
        fs::write(root.join("other/file"), "of another folder").unwrap();
        fs::write(root.join("app/index"), "of the app").unwrap();
        fs::write(root.join("folder/file"), "in the folder").unwrap();
        let folder = |id: &str, path: &str| FolderRules {
            proven: true,
            ..FolderRules::closed(id, root.join(path), root.join("app/homes").join(id))
        };
        let mut rules = Rules {
            person_home: Some(root.join("home")),
            hidden: vec![root.join("app"), root.join("home/.ssh")],
            read_only: vec![root.join("home/.tools")],
            snapshots: Some(root.join("app/engine/snapshot")),
            environment: BTreeMap::from([("FROM_RULES".to_owned(), "yes".to_owned())]),
            links_barred: true,
            folders: vec![folder("one", "folder"), folder("two", "other")],
            ..Rules::closed(Means::Namespaces)
        };
        change(&mut rules, &root);
        let yard = Yard::create(&root.join("yard"), Path::new(env!("CARGO_BIN_EXE_cowork-box"))).unwrap();
        yard.write_rules(&rules).unwrap();
        let world = Self {
            directory,
            rules,
            yard,
            as_root: false,
        };
        world.give_away();
        world
    }

    /// Has everything belong to the ordinary user.
    pub(crate) fn give_away(&self) {
        if let Some(user) = ordinary_user() {
            let user = if self.as_root { "root" } else { user };
            let status = Command::new("chown")
                .args(["-hR", user])
                .arg(self.root())
                .status();
            assert!(status.unwrap().success());
        }
    }

    /// The same for the administrator, if the tests are run by one.
    pub(crate) fn for_root(mut self) -> Self {
        self.as_root = ordinary_user().is_some();
        self.give_away();
        self
    }

    pub(crate) fn root(&self) -> PathBuf {
        fs::canonicalize(self.directory.path()).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.path("folder")
    }

    pub(crate) fn write_rules(&self) {
        self.yard.write_rules(&self.rules).unwrap();
        self.give_away();
    }

    /// A program as the ordinary person runs it.
    pub(crate) fn person(&self, program: &str) -> Command {
        match ordinary_user() {
            Some(user) if !self.as_root => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", user, "--clear-groups", "--", program]);
                command
            }
            _ => Command::new(program),
        }
    }

    /// The outer box without what runs in it, as `supervisor` makes it with the yard and masks over the shells.
    pub(crate) fn outer(&self, more: &[&str]) -> Command {
        let mut command = self.person("bwrap");
        command.args([
            "--die-with-parent",
            "--unshare-user",
            "--unshare-pid",
            "--unshare-ipc",
            "--cap-drop",
            "ALL",
            "--bind",
            "/",
            "/",
            "--dev",
            "/dev",
            "--proc",
            "/proc",
            "--tmpfs",
            "/run",
        ]);
        command.arg("--ro-bind").arg(self.yard.root()).arg("/run/cowork");
        for place in [
            "/usr/bin/bash",
            "/usr/bin/dash",
            "/usr/bin/git",
            "/usr/local/bin/git",
        ] {
            // The second git is there on some computers.
            if Path::new(place).is_file() {
                command.args(["--ro-bind", place, &format!("/run/cowork-real{place}")]);
                command.arg("--ro-bind").arg(self.yard.wrapper()).arg(place);
            }
        }
        command.args(more);
        command
            .env_clear()
            .env("PATH", "/run/cowork/bin:/usr/local/bin:/usr/bin:/bin");
        command.envs([
            ("OPENCODE_SERVER_PASSWORD", PASSWORD),
            ("LANG", "C.UTF-8"),
            ("SHELL", "/run/cowork/bin/bash"),
            ("LD_DEBUG_OUTPUT", "/tmp/no"),
            ("USER", "ada"),
        ]);
        command
    }

    /// A call of the engine's in its box.
    pub(crate) fn engine(&self, directory: &Path, words: &[&str]) -> Command {
        let mut command = self.outer(&["--new-session", "--chdir", directory.to_str().unwrap(), "--"]);
        command.args(words).stdin(Stdio::null());
        command
    }

    /// The bash tool, in the folder.
    pub(crate) fn bash(&self, script: &str) -> Output {
        self.engine(&self.folder(), &["/run/cowork/bin/bash", "-c", script])
            .output()
            .unwrap()
    }

    /// What a script prints, which must work.
    pub(crate) fn says(&self, script: &str) -> String {
        let output = self.bash(script);
        assert!(output.status.success(), "{script}: {output:?}");
        text(&output.stdout).trim_end().to_owned()
    }

    /// A boxed script that must not work.
    pub(crate) fn fails(&self, script: &str) {
        let output = self.bash(script);
        assert!(!output.status.success(), "{script}: {output:?}");
    }

    pub(crate) fn piped(&self, script: &str, input: &[u8]) -> Output {
        let mut child = self.spawn(script);
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
            let _closed = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output
    }

    pub(crate) fn spawn(&self, script: &str) -> Child {
        let mut command = self.engine(&self.folder(), &["/run/cowork/bin/bash", "-c", script]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Without the outer box, as where there is no bubblewrap.
    pub(crate) fn bare(&self, directory: &Path, program: &Path, words: &[&str]) -> Command {
        let mut command = self.person(program.to_str().unwrap());
        command.args(words).current_dir(directory).stdin(Stdio::null());
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.env("OPENCODE_SERVER_PASSWORD", PASSWORD);
        command
    }

    pub(crate) fn link(&self, target: &Path, name: &str) {
        symlink(target, self.path(name)).unwrap();
        self.give_away();
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
