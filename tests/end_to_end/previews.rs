//! What an agent's command serves, looked at in a window that keeps it to itself.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cowork_scripted_model::Action;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::harness::{App, Home, scripted};

/// A server of this machine's, which no preview may reach. It keeps what who comes says.
struct Machine {
    port: u16,
    visitors: Arc<Mutex<Vec<String>>>,
}

impl Machine {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let visitors = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&visitors);
        tokio::spawn(async move {
            while let Ok((mut stream, from)) = listener.accept().await {
                let mut said = [0; 256];
                let read = tokio::time::timeout(Duration::from_secs(2), stream.read(&mut said));
                let length = read.await.map_or(0, Result::unwrap_or_default);
                let said = format!("{from}: {}", String::from_utf8_lossy(&said[..length]));
                kept.lock().expect("nobody panics with it").push(said);
            }
        });
        Self { port, visitors }
    }
}

/// What the server wrote down, from the beginning.
fn seen(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("seen.log")).unwrap_or_default()
}

/// Waits until the server wrote down something of `count` of a kind, and gives the last one.
async fn wrote(folder: &Path, kind: &str, count: usize) -> String {
    let until = tokio::time::Instant::now() + Duration::from_mins(1);
    loop {
        let seen = seen(folder);
        let lines: Vec<&str> = seen.lines().filter(|line| line.starts_with(kind)).collect();
        if let (Some(last), true) = (lines.last(), lines.len() >= count) {
            return (*last).to_owned();
        }
        if tokio::time::Instant::now() >= until {
            picture("preview-failed");
            panic!("the server did not see {kind:?} {count} times:\n{seen}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Titles of windows on the screen that hold `part`.
fn titles(part: &str) -> Vec<String> {
    let found = Command::new("xdotool")
        .args(["search", "--name", part])
        .output()
        .expect("xdotool can be run");
    let windows = String::from_utf8_lossy(&found.stdout).into_owned();
    let name = |window: &str| {
        let name = Command::new("xdotool").args(["getwindowname", window]).output();
        String::from_utf8_lossy(&name.expect("xdotool can be run").stdout)
            .trim()
            .to_owned()
    };
    windows.split_whitespace().map(name).collect()
}

async fn titled(part: &str, expected: &str) {
    let until = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let titles = titles(part);
        if titles.iter().any(|title| title.contains(expected)) {
            return;
        }
        assert!(
            tokio::time::Instant::now() < until,
            "no {expected:?} among {titles:?}"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Keeps a picture of the screen with all its windows: the driver sees one alone.
fn picture(name: &str) {
    let folder =
        std::env::var_os("COWORK_SCREENS").map_or_else(|| PathBuf::from("target/screens"), PathBuf::from);
    let kept = Command::new("import")
        .args(["-window", "root"])
        .arg(folder.join(format!("{name}.png")))
        .status();
    assert!(kept.expect("ImageMagick can be run").success());
}

fn serve() -> Action {
    Action::tool(
        "bash",
        json!({ "command": "node server.mjs", "description": "serves the page", "timeout": 100_000 }),
    )
}

/// A folder with the server and its page.
fn site(home: &Home, name: &str, machine: &Machine) -> PathBuf {
    let folder = home.folder(name);
    let page = include_str!("pages/hostile-page.html").replace("MACHINE", &machine.port.to_string());
    std::fs::write(folder.join("page.html"), page).expect("a file can be written");
    std::fs::write(
        folder.join("server.mjs"),
        include_str!("pages/hostile-server.mjs"),
    )
    .expect("a file can be written");
    folder
}

#[tokio::test]
async fn what_a_command_serves_is_shown_in_a_window_that_reaches_nothing_else() {
    let machine = Machine::start().await;
    let home = Home::new();
    let folder = site(&home, "previewed", &machine);
    let mut app = App::start("preview", &home, &[&folder]).await;
    app.send(&scripted(
        "Serve it",
        [vec![serve()], vec![Action::text("It ended.")]],
    ))
    .await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=server][data-port='5173']", "Serving on port 5173")
        .await;
    app.wait_for_text("[data-testid=status-servers]", "1 server")
        .await;
    app.picture().await;
    app.click("[data-testid=server-preview]").await;
    let report = wrote(&folder, "report", 1).await;
    titled(
        "previewed",
        "Preview — previewed :5173 — what an agent's command serves",
    )
    .await;
    // What the page knows is drawn a moment later, which the driver cannot wait for in this window.
    tokio::time::sleep(Duration::from_secs(4)).await;
    picture("preview-window");
    let report: Value = serde_json::from_str(report.strip_prefix("report ").unwrap_or_default())
        .expect("the page reports what it saw");
    let said = |what: &str| report[what].as_str().unwrap_or_default().to_owned();
    assert_eq!(said("own"), "200 own answer", "{report:#}");
    assert_eq!(said("moved"), "200 own answer", "{report:#}");
    assert_eq!(said("socket"), "message reload", "{report:#}");
    for refused in [
        "machine",
        "localhost",
        "machineSocket",
        "internet",
        "plainInternet",
        "start",
        "core",
        "scheme",
        "assets",
        "call",
        "screen",
        "camera",
    ] {
        let said = said(refused);
        assert!(said.starts_with("refused: "), "{refused} was not: {report:#}");
    }
    assert_eq!(said("opened"), "null", "{report:#}");
    // It is where it was, under our title, and saved nothing.
    let still = wrote(&folder, "report", 2).await;
    assert_eq!(still, r#"report {"still":"/"}"#);
    assert!(titles("password").is_empty());
    wrote(&folder, "GET /save", 1).await;
    // Time enough to be heard.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let visitors = machine.visitors.lock().expect("nobody panics with it").clone();
    assert_eq!(visitors, [""; 0], "{}", seen(&folder));
    let person = PathBuf::from(std::env::var_os("HOME").expect("the person has a home"));
    for place in [person.join("Downloads"), person, PathBuf::from(".")] {
        assert!(!place.join("taken.txt").exists(), "saved in {}", place.display());
    }
    // The server was asked by its own name, and never told the window's.
    let seen = seen(&folder);
    assert!(seen.contains("GET / host=localhost:5173"), "{seen}");
    assert!(
        seen.contains("upgrade /hot host=localhost:5173 origin=http://localhost:5173"),
        "{seen}"
    );
    // The page itself knows it, and says so.
    let mut heads = seen.lines().filter(|line| !line.starts_with("report"));
    assert!(heads.all(|line| !line.contains("preview.localhost")), "{seen}");
    // Asked for again it is the same window.
    app.click("[data-testid=server-preview]").await;
    wrote(&folder, "report", 4).await;
    let windows = titles("Preview — previewed");
    assert_eq!(windows.len(), 1, "{windows:?}");
    // The command ends, and the window says so; when it is back, so is the page.
    app.click("[data-testid=composer-stop]").await;
    app.wait_gone("[data-testid=server]").await;
    titled("previewed", "Preview — previewed :5173 — the command has ended").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    picture("preview-ended");
    app.idle().await;
    app.send(&scripted(
        "Serve it again",
        [vec![serve()], vec![Action::text("It ended.")]],
    ))
    .await;
    app.answer("allow-once").await;
    wrote(&folder, "report", 6).await;
    titled("previewed", "what an agent's command serves").await;
    app.close().await;
    // The screen takes a moment to notice that a program is gone.
    let until = tokio::time::Instant::now() + Duration::from_secs(10);
    while !titles("Preview — previewed").is_empty() {
        assert!(
            tokio::time::Instant::now() < until,
            "the preview outlives the app"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
