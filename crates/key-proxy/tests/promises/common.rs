//! A provider, a key source and a proxy between them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cowork_key_proxy::{KeyProxy, KeySource, KeyUnavailable, KeyUse, Limits, ProxyNews, Route, RunToken};
use cowork_outward::{Body, Options, Outward, Proxies, Reach};
use cowork_providers::Wire;
use cowork_vault::Sensitive;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Stands in nothing that anybody may see.
pub(crate) const KEY: &str = "sk-canary/0123+4567=89abcdef";

/// What the provider does with a request.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Answers with these bytes and keeps the connection.
    Answers(String),
    /// Answers with a stream of these pieces, one for each permit that is added.
    Streams(&'static [&'static str], Arc<Semaphore>),
    /// Answers with a stream that does not end, as fast as it is read; counts what was written.
    Floods(Arc<AtomicUsize>),
    /// Begins a stream and goes away.
    BreaksOff,
    /// Reads and says nothing.
    Hangs,
    /// Goes away after the request.
    Resets,
    /// Sends all it was sent back: the head in the body and the key in a header.
    Echoes,
}

pub(crate) const JSON: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{\"ok\":true}";

pub(crate) fn answers(text: &str) -> Behaviour {
    Behaviour::Answers(text.to_owned())
}

/// A request as the provider saw it.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A provider on this machine.
#[derive(Clone, Default)]
pub(crate) struct Provider {
    pub(crate) port: u16,
    pub(crate) asked: Arc<Mutex<Vec<Asked>>>,
    /// Connections that ended.
    pub(crate) closed: Arc<AtomicUsize>,
}

impl Provider {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Self {
            port: listener.local_addr().unwrap().port(),
            ..Self::default()
        };
        let started = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let (provider, behaviour) = (provider.clone(), behaviour.clone());
                tokio::spawn(async move {
                    // That the other side goes away is a part of many tests.
                    let _ = provider.converse(stream, behaviour).await;
                    provider.closed.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        started
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    async fn converse(&self, stream: TcpStream, behaviour: Behaviour) -> std::io::Result<()> {
        const CHUNKED: &[u8] =
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        let mut stream = BufReader::new(stream);
        loop {
            let asked = read_request(&mut stream).await?;
            self.asked.lock().unwrap().push(asked.clone());
            match &behaviour {
                Behaviour::Answers(answer) => stream.write_all(answer.as_bytes()).await?,
                Behaviour::Streams(pieces, permits) => {
                    stream.write_all(CHUNKED).await?;
                    for piece in *pieces {
                        tokio::select! {
                            permit = permits.acquire() => permit.unwrap().forget(),
                            // Nothing more is sent on this connection, so it can only end.
                            _ = stream.read_u8() => return Ok(()),
                        }
                        let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
                        stream.write_all(chunk.as_bytes()).await?;
                    }
                    stream.write_all(b"0\r\n\r\n").await?;
                }
                Behaviour::Floods(written) => {
                    stream.write_all(CHUNKED).await?;
                    let chunk = format!("{:x}\r\n{}\r\n", 60_000, ".".repeat(60_000));
                    loop {
                        stream.write_all(chunk.as_bytes()).await?;
                        written.fetch_add(60_000, Ordering::SeqCst);
                    }
                }
                Behaviour::BreaksOff => {
                    stream.write_all(CHUNKED).await?;
                    stream.write_all(b"5\r\nfirst\r\n").await?;
                    return Ok(());
                }
                Behaviour::Hangs => {}
                Behaviour::Resets => return Ok(()),
                Behaviour::Echoes => {
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nx-request-id: {KEY}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{}",
                        asked.head.len(),
                        asked.head
                    );
                    stream.write_all(answer.as_bytes()).await?;
                }
            }
        }
    }
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8(line).unwrap())
}

async fn read_request(stream: &mut BufReader<TcpStream>) -> std::io::Result<Asked> {
    let mut asked = Asked {
        head: String::new(),
        body: Vec::new(),
    };
    while !asked.head.ends_with("\r\n\r\n") {
        asked.head += &read_line(stream).await?;
    }
    if let Some(length) = asked.header("content-length") {
        asked.body.resize(length.parse().unwrap(), 0);
        stream.read_exact(&mut asked.body).await?;
    } else if asked.header("transfer-encoding").is_some() {
        loop {
            let length = usize::from_str_radix(read_line(stream).await?.trim(), 16).unwrap();
            let mut chunk = vec![0; length + 2];
            stream.read_exact(&mut chunk).await?;
            asked.body.extend_from_slice(&chunk[..length]);
            if length == 0 {
                break;
            }
        }
    }
    Ok(asked)
}

/// A key source whose every answer the test decides on.
pub(crate) struct Keys {
    pub(crate) key: Mutex<Result<String, String>>,
    pub(crate) asked: AtomicUsize,
    pub(crate) refused: Mutex<Vec<String>>,
    pub(crate) panics: AtomicBool,
    pub(crate) hangs: AtomicBool,
}

#[async_trait]
impl KeySource for Keys {
    async fn key(&self, _provider: &str) -> Result<Sensitive, KeyUnavailable> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        assert!(
            !self.panics.load(Ordering::SeqCst),
            "a key source that has a fault"
        );
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        match &*self.key.lock().unwrap() {
            Ok(key) => Ok(Sensitive::new(key.as_str())),
            Err(message) => Err(KeyUnavailable {
                message: message.clone(),
            }),
        }
    }

    async fn refused(&self, provider: &str) {
        self.refused.lock().unwrap().push(provider.to_owned());
    }
}

/// A proxy with one provider, `anthropic`, behind it.
pub(crate) struct Room {
    pub(crate) proxy: KeyProxy,
    pub(crate) token: RunToken,
    pub(crate) provider: Provider,
    pub(crate) keys: Arc<Keys>,
    pub(crate) client: Outward,
}

/// Keeps no connections, so that each request stands for itself.
pub(crate) fn outward() -> Outward {
    Outward::new(Options {
        proxies: Proxies::None,
        idle_connections: 0,
        ..Options::default()
    })
    .unwrap()
}

pub(crate) fn route(port: u16) -> Route {
    Route {
        provider: "anthropic".to_owned(),
        name: "Anthropic".to_owned(),
        upstream: format!("http://127.0.0.1:{port}/v1").parse().unwrap(),
        reach: Reach::Loopback,
        wire: Wire::Anthropic,
        key: KeyUse::Key,
        headers: Vec::new(),
    }
}

impl Room {
    pub(crate) async fn new(behaviour: Behaviour) -> Self {
        Self::with_limits(behaviour, Limits::default()).await
    }

    pub(crate) async fn with_limits(behaviour: Behaviour, limits: Limits) -> Self {
        let provider = Provider::start(behaviour).await;
        let keys = Arc::new(Keys {
            key: Mutex::new(Ok(KEY.to_owned())),
            asked: AtomicUsize::new(0),
            refused: Mutex::default(),
            panics: AtomicBool::new(false),
            hangs: AtomicBool::new(false),
        });
        let proxy = KeyProxy::start(Arc::<Keys>::clone(&keys), outward(), limits).unwrap();
        proxy.set_routes(vec![route(provider.port)]);
        let token = proxy.begin_run().unwrap();
        Self {
            proxy,
            token,
            provider,
            keys,
            client: outward(),
        }
    }

    pub(crate) fn request(&self) -> Request<Body> {
        self.request_with("{\"model\":\"m\"}")
    }

    pub(crate) fn request_with(&self, body: impl Into<Bytes>) -> Request<Body> {
        Request::post(format!("{}/messages", self.proxy.base_url("anthropic")))
            .header("x-api-key", self.token.expose())
            .header("content-type", "application/json")
            .body(full(body))
            .unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.client.send(request, Reach::Loopback).await.unwrap()
    }

    /// The whole answer to a request.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        whole(self.send(request).await).await
    }

    /// The whole answer to bytes that are no request of the library's.
    pub(crate) async fn raw(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.proxy.port()))
            .await
            .unwrap()
    }
}

pub(crate) fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into()).map_err(|never| match never {}).boxed()
}

/// An answer that came to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The code of a refusal by the proxy itself.
    pub(crate) fn code(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).expect("a refusal is JSON");
        assert_eq!(body["error"]["type"], "cowork_proxy");
        assert!(!body["error"]["message"].as_str().unwrap().is_empty());
        body["error"]["code"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn whole(response: Response<Body>) -> Answer {
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: String::from_utf8(body).unwrap(),
    }
}

/// Waits until something holds. What never comes is ended by the time a test may take.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..6000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never: {what}");
}

pub(crate) fn told(news: &mut tokio::sync::broadcast::Receiver<ProxyNews>) -> Vec<ProxyNews> {
    std::iter::from_fn(|| news.try_recv().ok()).collect()
}
