//! Servers, names and gates that exist for one test.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cowork_gateway::{Dial, FolderGate, FolderId, Gateway, GatewayEvent, Limits};
use cowork_outward::{Options, Outward, OutwardError, Proxies, Reach, Resolve, Stream};
use cowork_policy::Network;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{mpsc, watch};

/// A name server: what is not in it is not found.
#[derive(Default)]
pub(crate) struct Names {
    names: HashMap<String, Vec<SocketAddr>>,
    pub(crate) asked: AtomicUsize,
}

impl Names {
    pub(crate) fn new(names: &[(&str, &[&str])]) -> Arc<Self> {
        let names = names.iter().map(|(name, addresses)| {
            let addresses = addresses.iter().map(|address| address.parse().unwrap());
            ((*name).to_owned(), addresses.collect())
        });
        Arc::new(Self {
            names: names.collect(),
            asked: AtomicUsize::new(0),
        })
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, name: &str, _: u16) -> std::io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.names.get(name).cloned().unwrap_or_default())
    }
}

pub(crate) fn outward(names: Arc<Names>, proxies: Proxies) -> Outward {
    Outward::new(Options {
        resolver: names,
        proxies,
        ..Options::default()
    })
    .unwrap()
}

/// Leads the hosts it knows to ports of this machine, as if these were servers on the internet, and does with all
/// others what the app does.
pub(crate) struct Wiring {
    outward: Outward,
    servers: HashMap<String, u16>,
    pub(crate) dialled: Mutex<Vec<String>>,
}

impl Wiring {
    pub(crate) fn new(servers: &[(&str, u16)], names: Arc<Names>) -> Arc<Self> {
        Arc::new(Self {
            outward: outward(names, Proxies::None),
            servers: servers
                .iter()
                .map(|(name, port)| ((*name).to_owned(), *port))
                .collect(),
            dialled: Mutex::default(),
        })
    }
}

#[async_trait]
impl Dial for Wiring {
    async fn dial(&self, host: &str, port: u16, reach: Reach) -> Result<Stream, OutwardError> {
        self.dialled.lock().unwrap().push(format!("{host}:{port}"));
        if reach == Reach::Public
            && let Some(port) = self.servers.get(host)
        {
            return Ok(Box::new(TcpStream::connect(("127.0.0.1", *port)).await.unwrap()));
        }
        self.outward.connect(host, port, reach).await
    }
}

/// One folder's gate.
pub(crate) struct Folder {
    pub(crate) gate: Option<FolderGate>,
    pub(crate) path: PathBuf,
    pub(crate) rules: watch::Sender<Network>,
    pub(crate) events: mpsc::Receiver<GatewayEvent>,
    pub(crate) gateway: Gateway,
    _directory: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn open(dial: Arc<dyn Dial>, network: Network, limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("gate");
        let (gateway, events) = Gateway::new(dial, limits);
        let (rules, followed) = watch::channel(network);
        let gate = gateway
            .serve_folder(&path, FolderId::new("one"), followed)
            .unwrap();
        Self {
            gate: Some(gate),
            path,
            rules,
            events,
            gateway,
            _directory: directory,
        }
    }

    pub(crate) async fn connect(&self) -> UnixStream {
        UnixStream::connect(&self.path).await.unwrap()
    }

    /// The head of the answer to CONNECT, and the connection.
    pub(crate) async fn tunnel(&self, to: &str) -> (String, UnixStream) {
        let mut stream = self.connect().await;
        let request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        (head(&mut stream).await, stream)
    }

    /// The whole answer to some bytes.
    pub(crate) async fn ask(&self, bytes: &str) -> String {
        ask(&self.path, bytes).await
    }
}

pub(crate) async fn ask(path: &Path, bytes: &str) -> String {
    let mut stream = UnixStream::connect(path).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    rest(&mut stream).await
}

/// Everything up to the empty line.
pub(crate) async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Everything up to the end, within ten seconds.
pub(crate) async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let read = async {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            bytes.extend_from_slice(&buffer[..count]);
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A server that says everything again, and closes its side when the other has.
pub(crate) async fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            });
        }
    });
    port
}

/// A server that answers each request with `answer` and keeps what it was asked.
pub(crate) async fn answering(answer: String) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, kept) = (answer.clone(), Arc::clone(&kept));
            tokio::spawn(async move {
                let asked = head(&mut stream).await;
                kept.lock().unwrap().push(asked);
                let _ = stream.write_all(answer.as_bytes()).await;
                // A server that ignores that the connection was to be closed.
                let _ = rest(&mut stream).await;
            });
        }
    });
    (port, heads)
}
