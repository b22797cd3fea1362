//! The program as an operator runs it: its commands, and what it refuses to start with.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder for a database, and the program on it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_open-cowork-cloud"))
            .args(arguments)
            .env_clear()
            .env(
                "OPEN_COWORK_CLOUD_DATABASE",
                format!("sqlite:{}", self.file("cloud.db").display()),
            )
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it says when it refuses.
    fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn a_database_is_made_ready_once() {
    let place = Place::new();
    assert!(place.says(&["migrate"]).contains("from step 0"));
    assert!(place.says(&["migrate"]).contains("already"));
}

#[cfg(unix)]
#[test]
fn a_database_is_its_user_s_alone_wherever_it_lies() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    place.says(&["migrate"]);
    let mode = std::fs::metadata(place.file("cloud.db"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_link_is_printed_with_the_address_people_use_and_its_worth_behind_the_hash() {
    let place = Place::new();
    place.says(&["migrate"]);
    let said = place.says(&["owner-link"]);
    assert!(
        said.contains("http://localhost:8790/welcome#owner=oco_"),
        "{said}"
    );
    let said = place.says(&["owner-link", "--public-url", "https://cowork.example.org"]);
    assert!(
        said.contains("https://cowork.example.org/welcome#owner=oco_"),
        "{said}"
    );
}

#[test]
fn a_backup_is_the_owner_s_alone_and_written_over_nothing() {
    let place = Place::new();
    place.says(&["migrate"]);
    let file = place.file("copy.db");
    let name = file.to_str().unwrap();
    place.says(&["backup", name]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let before = std::fs::read(&file).unwrap();
    assert!(place.refuses(&["backup", name]).contains("cannot be made"));
    assert_eq!(std::fs::read(&file).unwrap(), before);
    // And the copy is a database.
    std::fs::rename(&file, place.file("cloud.db")).unwrap();
    for rest in ["cloud.db-wal", "cloud.db-shm"] {
        if Path::new(&place.file(rest)).exists() {
            std::fs::remove_file(place.file(rest)).unwrap();
        }
    }
    assert!(place.says(&["migrate"]).contains("already"));
}

#[test]
fn nothing_is_asked_of_a_database_that_is_not_there_and_none_is_made_for_it() {
    let place = Place::new();
    let file = place.file("cloud.db");
    let copy = place.file("copy.db");
    for arguments in [
        &["owner-link"][..],
        &["new-password", "ada@example.org"],
        &["organization", "add", "Analytical", "--owner", "ada@example.org"],
        &["backup", copy.to_str().unwrap()],
    ] {
        let said = place.refuses(arguments);
        assert!(said.contains(file.to_str().unwrap()), "{said}");
        assert!(!file.exists() && !copy.exists(), "{arguments:?}");
    }
}

#[test]
fn another_database_is_backed_up_by_its_own_program() {
    let said = Place::new().refuses(&[
        "backup",
        "copy.db",
        "--database",
        "postgres://someone:hunter2secret@localhost/x",
    ]);
    assert!(said.contains("pg_dump"), "{said}");
    assert!(!said.contains("hunter2secret"));
}

#[test]
fn nobody_is_named_the_owner_who_has_no_account() {
    let place = Place::new();
    place.says(&["migrate"]);
    let said = place.refuses(&["organization", "add", "Analytical", "--owner", "ada@example.org"]);
    assert!(said.contains("owner-link"), "{said}");
    assert!(
        place
            .refuses(&["new-password", "ada@example.org"])
            .contains("nobody has an account")
    );
}

#[test]
fn beyond_this_machine_it_starts_with_a_public_address_that_is_encrypted_alone() {
    let place = Place::new();
    let said = place.refuses(&["serve", "--listen", "0.0.0.0:0"]);
    assert!(said.contains("--public-url"), "{said}");
    // And where whoever reads its log finds it.
    for line in said.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "ERROR");
    }
    let said = place.refuses(&[
        "serve",
        "--listen",
        "0.0.0.0:0",
        "--public-url",
        "http://cowork.example.org",
    ]);
    assert!(said.contains("https"), "{said}");
}

#[test]
fn what_it_cannot_use_is_said_without_a_password_in_it() {
    let place = Place::new();
    let said = place.refuses(&["serve", "--database", "mysql://someone:hunter2secret@localhost/x"]);
    assert!(!said.contains("hunter2secret"), "{said}");
    let said = place.refuses(&["serve", "--listen", "127.0.0.1:0", "--page-dir", "/nonexistent"]);
    assert!(said.contains("could not read the page"), "{said}");
    std::fs::write(
        place.file("cloud.db"),
        "this is no database, but long enough to look like something",
    )
    .unwrap();
    place.refuses(&["serve", "--listen", "127.0.0.1:0"]);
}

/// A server whose process goes with it.
#[cfg(target_os = "linux")]
struct Serving(std::process::Child);

#[cfg(target_os = "linux")]
impl Drop for Serving {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_files_for_connections_it_says_so_once_in_a_while_and_takes_them_when_there_are_again() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::{Duration, Instant};

    let place = Place::new();
    place.says(&["migrate"]);
    let log = place.file("log");
    let server = Command::new("/bin/sh")
        .args(["-c", "ulimit -n 64 && exec \"$0\" serve --listen 127.0.0.1:0"])
        .arg(env!("CARGO_BIN_EXE_open-cowork-cloud"))
        .env_clear()
        .env(
            "OPEN_COWORK_CLOUD_DATABASE",
            format!("sqlite:{}", place.file("cloud.db").display()),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut server = Serving(server);
    let mut out = BufReader::new(server.0.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let (_, port) = line.trim().rsplit_once(':').unwrap();
    let address = ("127.0.0.1", port.parse::<u16>().unwrap());

    let many: Vec<_> = (0..100).map(|_| TcpStream::connect(address).unwrap()).collect();
    let said = || {
        let log = std::fs::read_to_string(&log).unwrap();
        log.matches("cannot be taken at the moment").count()
    };
    let began = Instant::now();
    while said() == 0 {
        assert!(began.elapsed() < Duration::from_mins(1), "it says nothing");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(said(), 1);
    drop(many);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    stream
        .write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
