//! Servers, names and certificates that exist for one test.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cowork_outward::{Body, CertificateDer, Options, Outward, Patience, Proxies, Resolve};
use http_body_util::{BodyExt, Full};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A certificate authority nobody else has.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) root: CertificateDer<'static>,
    pub(crate) pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap();
        Self {
            root: root.der().clone(),
            pem: root.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn acceptor(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// What a server does with a connection.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Answers each request with these bytes and keeps the connection.
    Answers(&'static str),
    /// Answers one request with these bytes and closes.
    AnswersOnce(&'static str),
    /// Reads and says nothing.
    Hangs,
    /// Closes after the request.
    Resets,
}

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// A server on this machine.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) connections: Arc<AtomicUsize>,
    /// Connections that ended.
    pub(crate) closed: Arc<AtomicUsize>,
    /// The heads of all requests.
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start(behaviour: Behaviour, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
            closed: Arc::default(),
            heads: Arc::default(),
        };
        let started = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                server.connections.fetch_add(1, Ordering::SeqCst);
                let (server, behaviour, acceptor) = (server.clone(), behaviour.clone(), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => server.converse(stream, behaviour).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                server.converse(stream, behaviour).await;
                            }
                        }
                    }
                    server.closed.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        started
    }

    async fn converse(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, behaviour: Behaviour) {
        while let Some(head) = head(&mut stream).await {
            self.heads.lock().unwrap().push(head);
            match behaviour {
                Behaviour::Answers(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
                Behaviour::AnswersOnce(answer) => {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    stream.shutdown().await.unwrap();
                    return;
                }
                Behaviour::Hangs => {}
                Behaviour::Resets => return,
            }
        }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Everything up to the empty line; none when the connection ends before.
pub(crate) async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// A proxy that leads every connection to one port of this machine, whatever was asked for.
pub(crate) async fn tunnel_to(port: u16, answer: &'static str) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Server {
        port: listener.local_addr().unwrap().port(),
        connections: Arc::default(),
        closed: Arc::default(),
        heads: Arc::default(),
    };
    let started = proxy.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            proxy.connections.fetch_add(1, Ordering::SeqCst);
            let proxy = proxy.clone();
            tokio::spawn(async move {
                let asked = head(&mut stream).await.unwrap();
                proxy.heads.lock().unwrap().push(asked);
                stream.write_all(answer.as_bytes()).await.unwrap();
                if answer.contains(" 200 ") {
                    let mut there = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut there).await;
                }
            });
        }
    });
    started
}

/// Answers of a name server: one after the other, the last one again and again.
pub(crate) struct Names {
    answers: Mutex<VecDeque<Vec<SocketAddr>>>,
    pub(crate) asked: AtomicUsize,
}

impl Names {
    pub(crate) fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parsed = answers
            .iter()
            .map(|answer| answer.iter().map(|address| address.parse().unwrap()).collect())
            .collect();
        Arc::new(Self {
            answers: Mutex::new(parsed),
            asked: AtomicUsize::new(0),
        })
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, _: &str, _: u16) -> std::io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        };
        Ok(answer.unwrap_or_default())
    }
}

pub(crate) fn options() -> Options {
    Options {
        proxies: Proxies::None,
        patience: Patience {
            resolve: Duration::from_secs(5),
            connect: Duration::from_secs(5),
            secure: Duration::from_secs(5),
        },
        ..Options::default()
    }
}

pub(crate) fn outward(resolver: Arc<Names>) -> Outward {
    Outward::new(Options {
        resolver,
        ..options()
    })
    .unwrap()
}

pub(crate) fn post(url: &str) -> http::Request<Body> {
    let body = Full::new(Bytes::from_static(b"{}"))
        .map_err(|never| match never {})
        .boxed();
    http::Request::post(url).body(body).unwrap()
}
