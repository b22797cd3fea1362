//! The built app with the real engine, in a real webview, in a home of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::home::Home;
use super::key_ring::KeyRing;
use super::webdriver::WebDriver;

/// How long anything in these tests may take. Generous: it ends a hung test and measures nothing.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running app.
pub(crate) struct App {
    driver: WebDriver,
    process: Child,
    name: String,
    pictures: u32,
}

/// A path the test scripts hand over.
pub(crate) fn given(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable)
        .unwrap_or_else(|| panic!("{variable} is not set: run these tests through scripts/test"));
    PathBuf::from(value)
}

impl App {
    /// Starts the app on a home and waits for its window. Pictures are named after `name`.
    pub(crate) async fn start(name: &str, home: &Home, folders: &[&Path]) -> Self {
        Self::start_with(name, home, folders, &given("COWORK_ENGINE")).await
    }

    /// The same with another program in the engine's place.
    pub(crate) async fn start_with(name: &str, home: &Home, folders: &[&Path], engine: &Path) -> Self {
        Self::start_as(name, home, folders, engine, |_| {}).await
    }

    /// The same with a key ring of the test's own.
    pub(crate) async fn start_with_keys(name: &str, home: &Home, folders: &[&Path], keys: &KeyRing) -> Self {
        let bus = |driver: &mut Command| {
            driver.env(KeyRing::VARIABLE, keys.address());
        };
        Self::start_as(name, home, folders, &given("COWORK_ENGINE"), bus).await
    }

    /// The same with the programs of one folder alone.
    pub(crate) async fn start_in(name: &str, home: &Home, folders: &[&Path], programs: &Path) -> Self {
        let search = |driver: &mut Command| {
            driver.env("PATH", programs).env("SHELL", "/bin/sh");
        };
        Self::start_as(name, home, folders, &given("COWORK_ENGINE"), search).await
    }

    /// The same for a person with another login shell.
    pub(crate) async fn start_with_shell(name: &str, home: &Home, folders: &[&Path], shell: &Path) -> Self {
        let shell = |driver: &mut Command| {
            driver.env("SHELL", shell);
        };
        Self::start_as(name, home, folders, &given("COWORK_ENGINE"), shell).await
    }

    async fn start_as(
        name: &str,
        home: &Home,
        folders: &[&Path],
        engine: &Path,
        surroundings: impl FnOnce(&mut Command),
    ) -> Self {
        let port = free_port();
        let mut driver = Command::new("WebKitWebDriver");
        surroundings(&mut driver);
        let mut process = driver
            .arg(format!("--port={port}"))
            .arg("--host=127.0.0.1")
            // Cargo sets it for its own tests; nobody who starts the app has it.
            .env_remove("LD_LIBRARY_PATH")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("COWORK_HOME", home.data())
            .env("COWORK_ENGINE", engine)
            .env("COWORK_RIPGREP", given("COWORK_RIPGREP"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver can be started");
        let mut arguments = Vec::new();
        for folder in folders {
            arguments.extend(["--folder".to_owned(), folder.display().to_string()]);
        }
        let binary = given("COWORK_APP_BINARY").display().to_string();
        let address = format!("http://127.0.0.1:{port}");
        let mut tries = 0;
        let driver = loop {
            match WebDriver::start(&address, &binary, &arguments).await {
                Ok(driver) => break driver,
                Err(error) if tries > 20 => {
                    process.kill().ok();
                    panic!("the app did not start: {error:#}");
                }
                Err(_) => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        };
        let app = Self {
            driver,
            process,
            name: name.to_owned(),
            pictures: 0,
        };
        app.wait_for("[data-testid=engine-status]").await;
        app
    }

    /// The driver's process: the app is its child.
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// The window, for what has no method here.
    pub(crate) fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Waits until the engine takes prompts.
    pub(crate) async fn engine_ready(&self) {
        self.wait_for("[data-testid=engine-status][data-state=ready]")
            .await;
    }

    /// Waits until a selector finds something that is shown.
    pub(crate) async fn wait_for(&self, selector: &str) {
        self.wait(
            &format!("{selector} to be shown"),
            "const e = document.querySelector(arguments[0]); return !!e && e.getClientRects().length > 0",
            json!([selector]),
        )
        .await;
    }

    /// Waits until a selector finds nothing that is shown.
    pub(crate) async fn wait_gone(&self, selector: &str) {
        self.wait(
            &format!("{selector} to be gone"),
            "const e = document.querySelector(arguments[0]); return !e || e.getClientRects().length === 0",
            json!([selector]),
        )
        .await;
    }

    /// Waits until the text below a selector, all matches joined, holds `text`.
    pub(crate) async fn wait_for_text(&self, selector: &str, text: &str) {
        self.wait(
            &format!("{selector} to say {text:?}"),
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent).join('\\n').includes(arguments[1])",
            json!([selector, text]),
        )
        .await;
    }

    /// Waits until a function body returns true.
    pub(crate) async fn wait(&self, what: &str, script: &str, arguments: Value) {
        let until = tokio::time::Instant::now() + PATIENCE;
        let mut last = String::new();
        while tokio::time::Instant::now() < until {
            match self.driver.execute(script, arguments.clone()).await {
                Ok(Value::Bool(true)) => return,
                Ok(_) => {}
                Err(error) => last = format!("{error:#}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // A full disk must not hide what was waited for.
        let picture = self
            .save("failed")
            .await
            .unwrap_or_else(|error| format!("not kept: {error:#}"));
        let page = self
            .driver
            .execute("return document.body.innerText", json!([]))
            .await
            .unwrap_or_default();
        panic!(
            "waited in vain for {what}. {last}\nThe picture is {picture}. The page says:\n{}",
            page.as_str().unwrap_or_default()
        );
    }

    /// The text below a selector, all matches joined by line ends.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent).join('\\n')";
        let text = self
            .driver
            .execute(script, json!([selector]))
            .await
            .expect("the page can be read");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// How many elements a selector finds.
    pub(crate) async fn count(&self, selector: &str) -> u64 {
        let script = "return document.querySelectorAll(arguments[0]).length";
        self.driver
            .execute(script, json!([selector]))
            .await
            .expect("the page can be read")
            .as_u64()
            .unwrap_or_default()
    }

    /// Clicks, once it is shown.
    pub(crate) async fn click(&self, selector: &str) {
        self.wait_for(selector).await;
        self.driver
            .click(selector)
            .await
            .unwrap_or_else(|error| panic!("clicking {selector}: {error:#}"));
    }

    /// Types into an element, once it is shown.
    pub(crate) async fn type_into(&self, selector: &str, text: &str) {
        self.wait_for(selector).await;
        self.driver
            .keys(selector, text)
            .await
            .unwrap_or_else(|error| panic!("typing into {selector}: {error:#}"));
    }

    /// Writes a prompt and sends it with Enter. A long one is put in at once, as a paste does.
    pub(crate) async fn send(&self, prompt: &str) {
        const TYPED: usize = 1_000;
        let composer = "[data-testid=composer-input]";
        if prompt.len() <= TYPED {
            self.type_into(composer, prompt).await;
        } else {
            self.wait_for(composer).await;
            let script = "const e = document.querySelector(arguments[0]); e.value = arguments[1]; \
                          e.dispatchEvent(new InputEvent('input', { bubbles: true })); return true";
            self.driver
                .execute(script, json!([composer, prompt]))
                .await
                .expect("the page runs it");
        }
        self.type_into(composer, "\u{e007}").await;
    }

    /// What is written in the composer and not sent.
    pub(crate) async fn composed(&self) -> String {
        let script = "return document.querySelector('[data-testid=composer-input]').value";
        let value = self
            .driver
            .execute(script, json!([]))
            .await
            .expect("the page can be read");
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Chooses from one of the composer's lists, as a person does.
    pub(crate) async fn choose(&self, picker: &str, value: &str) {
        self.click(&format!("[data-testid={picker}]")).await;
        self.click(&format!("[data-testid={picker}-list] [data-value='{value}']"))
            .await;
        self.wait_gone(&format!("[data-testid={picker}-list]")).await;
    }

    /// Presses keys together, wherever the focus is.
    pub(crate) async fn press(&self, keys: &[&str]) {
        self.driver
            .chord(keys)
            .await
            .unwrap_or_else(|error| panic!("pressing {keys:?}: {error:#}"));
    }

    /// Waits until no turn runs in the open conversation.
    pub(crate) async fn idle(&self) {
        self.wait_gone("[data-testid=composer-stop]").await;
    }

    /// Keeps a picture of the window.
    pub(crate) async fn picture(&mut self) {
        self.pictures += 1;
        let part = if self.pictures == 1 {
            String::new()
        } else {
            format!("{}", self.pictures)
        };
        self.picture_of(&part).await;
    }

    /// Keeps a picture of the window under a name of its own.
    pub(crate) async fn picture_of(&self, what: &str) {
        if let Err(error) = self.save(what).await {
            panic!("no picture could be kept: {error:#}");
        }
    }

    async fn save(&self, part: &str) -> anyhow::Result<String> {
        let folder =
            std::env::var_os("COWORK_SCREENS").map_or_else(|| PathBuf::from("target/screens"), PathBuf::from);
        let name = if part.is_empty() {
            self.name.clone()
        } else {
            format!("{}-{part}", self.name)
        };
        let path = folder.join(format!("{name}.png"));
        // What the page knows is drawn a frame later. A page that hangs is taken as it is.
        let drawn =
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        self.driver.execute_async(drawn, json!([])).await.ok();
        let picture = self.driver.screenshot().await?;
        std::fs::create_dir_all(&folder)?;
        std::fs::write(&path, picture).with_context(|| format!("writing {}", path.display()))?;
        Ok(path.display().to_string())
    }

    /// Ends the app as the desktop does when the person logs out, and waits for it, and so for its engine, to end.
    ///
    /// Not through the driver: to end its session, or to close its last window, is to kill the app.
    pub(crate) async fn close(self) {
        self.end("-TERM").await;
    }

    /// Kills the app in the middle of what it does.
    pub(crate) async fn kill(self) {
        self.end("-KILL").await;
    }

    /// Waits for the app to end by itself.
    pub(crate) async fn ended(self) {
        let apps = children(self.process());
        self.gone(apps).await;
    }

    async fn end(self, signal: &str) {
        let apps = children(self.process());
        assert!(!apps.is_empty(), "the app is the driver's child");
        for app in &apps {
            let sent = Command::new("kill").args([signal, &app.to_string()]).status();
            assert!(sent.expect("a signal can be sent").success());
        }
        self.gone(apps).await;
    }

    async fn gone(mut self, apps: Vec<u32>) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while apps.iter().any(|app| runs(*app)) {
            assert!(tokio::time::Instant::now() < until, "the app does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.process.kill().ok();
        self.process.wait().expect("the driver can be waited for");
    }
}

/// The processes a process started.
fn children(process: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|id| id.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Whether a process is there and no zombie.
fn runs(process: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .trim_start()
            .starts_with('Z')
    })
}

impl Drop for App {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

pub(super) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a listener has an address").port()
}

impl App {
    /// Calls a command as the page does, and gives its answer, or its failure as an error.
    pub(crate) async fn invoke(&self, command: &str, request: Value) -> Result<Value, Value> {
        let script = "const done = arguments[arguments.length - 1]; \
                      window.__TAURI_INTERNALS__.invoke(arguments[0], { request: arguments[1] }) \
                      .then((ok) => done({ ok }), (failure) => done({ failure }))";
        let answer = self
            .driver
            .execute_async(script, json!([command, request]))
            .await
            .expect("the page answers");
        match answer.get("failure") {
            Some(failure) => Err(failure.clone()),
            None => Ok(answer["ok"].clone()),
        }
    }

    /// The sessions in the list, most recent first.
    pub(crate) async fn sessions(&self) -> Vec<Value> {
        let start = self
            .invoke("start", Value::Null)
            .await
            .expect("the app gives its first picture");
        start["sessions"].as_array().cloned().unwrap_or_default()
    }
}
