//! A real Chromium, as a person's browser elsewhere.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::app::{free_port, given};
use super::webdriver::WebDriver;

/// How long anything in these tests may take. Generous: it ends a hung test and measures nothing.
const PATIENCE: Duration = Duration::from_mins(1);

/// A browser with a profile of its own.
pub(crate) struct Chromium {
    driver: WebDriver,
    process: Child,
    name: String,
    pictures: u32,
    _profile: TempDir,
}

impl Chromium {
    /// Starts it with a window of a size. Pictures are named after `name`.
    pub(crate) async fn start(name: &str, width: u32, height: u32) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder can be made");
        let port = free_port();
        let mut process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .env_remove("LD_LIBRARY_PATH")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver can be started: install chromium-driver");
        // Without a sandbox of its own, because the tests run in places that let nobody make one; what it shows is ours.
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let address = format!("http://127.0.0.1:{port}");
        let mut tries = 0;
        let driver = loop {
            match WebDriver::begin(&address, wanted.clone()).await {
                Ok(driver) => break driver,
                Err(error) if tries > 50 => {
                    // It is given up anyway.
                    process.kill().ok();
                    panic!("the browser did not start: {error:#}");
                }
                Err(_) => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        };
        Self {
            driver,
            process,
            name: name.to_owned(),
            pictures: 0,
            _profile: profile,
        }
    }

    /// The window, for what has no method here.
    pub(crate) fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Goes to an address.
    pub(crate) async fn go(&self, address: &str) {
        self.driver.go(address).await.expect("the page can be gone to");
    }

    /// Runs a function body in the page.
    pub(crate) async fn run(&self, script: &str, arguments: Value) -> Value {
        self.driver
            .execute(script, arguments)
            .await
            .unwrap_or_else(|error| panic!("{script}: {error:#}"))
    }

    /// Runs a piece of a script that calls `done` in the page.
    pub(crate) async fn run_async(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.driver
            .execute_async(&script, json!([]))
            .await
            .unwrap_or_else(|error| panic!("{script}: {error:#}"))
    }

    /// Waits until a function body gives something other than nothing, false or an empty text, and gives it.
    pub(crate) async fn until(&self, what: &str, script: &str, arguments: Value) -> Value {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let answer = self.driver.execute(script, arguments.clone()).await;
                match answer {
                    Ok(value) if !matches!(&value, Value::Null | Value::Bool(false)) && value != "" => {
                        return value;
                    }
                    // A page that is being left has no scripts to run.
                    Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        if let Ok(value) = waited.await {
            return value;
        }
        let shown = self
            .driver
            .execute("return document.body.innerText", json!([]))
            .await;
        panic!("waited in vain for {what}; the page says:\n{shown:?}");
    }

    /// Waits for an element.
    pub(crate) async fn wait_for(&self, selector: &str) {
        self.until(
            selector,
            "return document.querySelector(arguments[0]) !== null",
            json!([selector]),
        )
        .await;
    }

    /// Waits until the page says something.
    pub(crate) async fn wait_for_text(&self, text: &str) {
        self.until(
            text,
            "return document.body.innerText.includes(arguments[0])",
            json!([text]),
        )
        .await;
    }

    /// Clicks an element, once it is there.
    pub(crate) async fn click(&self, selector: &str) {
        self.wait_for(selector).await;
        self.driver
            .click(selector)
            .await
            .unwrap_or_else(|error| panic!("{selector}: {error:#}"));
    }

    /// Types into an element, once it is there.
    pub(crate) async fn keys(&self, selector: &str, text: &str) {
        self.wait_for(selector).await;
        self.driver
            .keys(selector, text)
            .await
            .unwrap_or_else(|error| panic!("{selector}: {error:#}"));
    }

    /// What pages failed at or were refused by their policy since it was asked last; answers that say no are none of it.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.driver.log().await.expect("the browser tells its log");
        let lines = log.as_array().expect("it is a list").iter();
        lines
            .filter(|line| line["level"] == "SEVERE" && line["source"] != "network")
            .map(|line| line["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Takes a picture of the page.
    pub(crate) async fn picture(&mut self, what: &str) {
        self.pictures += 1;
        let picture = self.driver.screenshot().await.expect("a picture can be taken");
        let name = format!("{}-{:02}-{what}.png", self.name, self.pictures);
        std::fs::write(given("COWORK_SCREENS").join(name), picture).expect("a picture can be kept");
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The driver ends its browser with itself; whether both were gone already does not matter.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
