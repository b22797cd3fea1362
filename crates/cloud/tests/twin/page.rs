//! A page with its stream of events.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::common::{Answer, Asked, Browser, Desktop, Site};

pub(crate) struct Page {
    browser: Browser,
    path: String,
    pub(crate) connection: String,
    events: mpsc::UnboundedReceiver<(String, Value)>,
}

impl Page {
    pub(crate) async fn open(site: &Site, browser: &Browser, desktop: &Desktop) -> Self {
        let path = format!("/api/desktops/{}", desktop.pairing);
        let asked = browser.ask("GET", &format!("{path}/updates"));
        let mut stream = TcpStream::connect(site.address()).await.unwrap();
        stream.write_all(&asked.bytes()).await.unwrap();
        let (send, events) = mpsc::unbounded_channel();
        tokio::spawn(read(stream, send));
        let mut page = Self {
            browser: browser.clone(),
            path,
            connection: String::new(),
            events,
        };
        let hello = page.event("hello").await;
        hello["connection"]
            .as_str()
            .unwrap()
            .clone_into(&mut page.connection);
        page
    }

    /// A command as the page sends it.
    pub(crate) fn ask(&self, command: &str, body: &Value) -> Asked {
        let path = format!("{}/commands/{command}", self.path);
        self.browser
            .ask("POST", &path)
            .header("x-connection", &self.connection)
            .json(body)
    }

    pub(crate) async fn command(&self, command: &str, body: &Value) -> Answer {
        self.ask(command, body).send().await
    }

    /// The next event of a name; others are passed over.
    pub(crate) async fn event(&mut self, name: &str) -> Value {
        let found = async {
            while let Some((found, data)) = self.events.recv().await {
                if found == name {
                    return data;
                }
            }
            panic!("the stream ended before {name}");
        };
        let found = tokio::time::timeout(Duration::from_secs(20), found).await;
        found.unwrap_or_else(|_| panic!("no {name} came"))
    }

    /// Waits for the stream's end.
    pub(crate) async fn ends(mut self) {
        let end = async { while self.events.recv().await.is_some() {} };
        assert!(
            tokio::time::timeout(Duration::from_secs(20), end).await.is_ok(),
            "it goes on"
        );
    }
}

/// Reads chunks of a stream, and events out of them.
async fn read(mut stream: TcpStream, events: mpsc::UnboundedSender<(String, Value)>) {
    let (mut bytes, mut text, mut begun) = (Vec::new(), String::new(), false);
    let mut piece = [0; 16 * 1024];
    while let Ok(count) = stream.read(&mut piece).await {
        if count == 0 {
            return;
        }
        bytes.extend(&piece[..count]);
        if !begun {
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            assert!(head.starts_with("http/1.1 200"), "{head}");
            assert!(head.contains("content-type: text/event-stream"), "{head}");
            bytes.drain(..end + 4);
            begun = true;
        }
        while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
            let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
            if size == 0 || bytes.len() < end + 4 + size {
                break;
            }
            text.push_str(std::str::from_utf8(&bytes[end + 2..end + 2 + size]).unwrap());
            bytes.drain(..end + 4 + size);
        }
        while let Some(end) = text.find("\n\n") {
            let event: String = text.drain(..end + 2).collect();
            let (name, data) = event.trim_end().split_once('\n').unwrap();
            let name = name.strip_prefix("event: ").unwrap().to_owned();
            let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            if events.send((name, data)).is_err() {
                return;
            }
        }
    }
}
