//! Sign-in servers that are none, on this machine.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses a part of it"
)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cowork_outward::{Options, Outward, Proxies, Reach};
use cowork_sign_in::Endpoints;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn form(&self) -> HashMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What is answered.
pub(crate) enum Reply {
    Json(u16, Value),
    Text(u16, &'static str, String),
    /// The connection is closed without a word.
    Gone,
    /// As the inner one, after a while.
    Later(Duration, Box<Reply>),
}

type Answers = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A server that answers as it is told and remembers what it was asked.
pub(crate) struct Fake {
    pub(crate) base: Url,
    pub(crate) asked: Arc<Mutex<Vec<Asked>>>,
    accepting: JoinHandle<()>,
}

impl Fake {
    pub(crate) async fn start(answers: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (answers, all): (Arc<Answers>, _) = (Arc::new(answers), Arc::clone(&asked));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, all) = (Arc::clone(&answers), Arc::clone(&all));
                tokio::spawn(async move {
                    let _ = serve(stream, &*answers, &all).await;
                });
            }
        });
        Self {
            base,
            asked,
            accepting,
        }
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .map(|asked| asked.path.clone())
            .collect()
    }

    /// Nobody listens there any more.
    pub(crate) fn stop(&self) {
        self.accepting.abort();
    }
}

async fn serve(mut stream: TcpStream, answers: &Answers, all: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    let mut taken = Vec::new();
    let head_end = loop {
        if let Some(at) = taken.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut taken).await? == 0 {
            return Ok(());
        }
    };
    let head = String::from_utf8_lossy(&taken[..head_end]).into_owned();
    let length: usize = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(|value| value.trim().parse().unwrap())
        })
        .unwrap_or(0);
    while taken.len() < head_end + length {
        if stream.read_buf(&mut taken).await? == 0 {
            return Ok(());
        }
    }
    let asked = Asked {
        path: head.split(' ').nth(1).unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&taken[head_end..]).into_owned(),
        head,
    };
    all.lock().unwrap().push(asked.clone());
    let mut reply = answers(&asked);
    if let Reply::Later(wait, inner) = reply {
        tokio::time::sleep(wait).await;
        reply = *inner;
    }
    let (status, kind, text) = match reply {
        Reply::Json(status, value) => (status, "application/json", value.to_string()),
        Reply::Text(status, kind, text) => (status, kind, text),
        Reply::Gone | Reply::Later(..) => return Ok(()),
    };
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

pub(crate) fn outward() -> Outward {
    Outward::new(Options {
        proxies: Proxies::None,
        ..Options::default()
    })
    .unwrap()
}

/// Servers on this machine, whose seconds last a millisecond.
pub(crate) fn endpoints(server: &Url) -> Endpoints {
    Endpoints {
        github: server.clone(),
        openai: server.clone(),
        callback_port: 0,
        reach: Reach::Loopback,
        second: Duration::from_millis(1),
    }
}

/// The same with seconds long enough that no sign-in runs out in a test.
pub(crate) fn patient(server: &Url) -> Endpoints {
    Endpoints {
        second: Duration::from_millis(100),
        ..endpoints(server)
    }
}

/// A token with these claims.
pub(crate) fn token(claims: &Value) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    format!("e30.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims.to_string()))
}
