//! Services that are none, on this machine.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cowork_outward::{CertificateDer, Resolve};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

/// Longer than any test waits.
const NEVER: Duration = Duration::from_mins(10);

/// Names that exist here alone.
pub(crate) struct Names;

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, name: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        let address = match name {
            "localhost" => [127, 0, 0, 1],
            "private.example" => [10, 0, 0, 7],
            "public.example" => [198, 51, 100, 7],
            _ => return Err(std::io::Error::other("no such name")),
        };
        Ok(vec![SocketAddr::from((address, port))])
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) head: String,
    body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Answer {
        status: u16,
        head: String,
        body: String,
        /// After so many bytes of the body the connection is closed.
        broken: Option<usize>,
        hang: bool,
    },
    Hang,
}

impl Reply {
    pub(crate) fn text(status: u16, kind: &str, body: &str) -> Self {
        Self::Answer {
            status,
            head: format!("content-type: {kind}\r\n"),
            body: body.to_owned(),
            broken: None,
            hang: false,
        }
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "the tables of the tests read better"
    )]
    pub(crate) fn json(status: u16, value: Value) -> Self {
        Self::text(status, "application/json", &value.to_string())
    }

    pub(crate) fn events(events: &[&str]) -> Self {
        let body = format!("data: {}\n\n", events.join("\n\ndata: "));
        Self::text(200, "text/event-stream", &body)
    }

    pub(crate) fn with(mut self, line: &str) -> Self {
        if let Self::Answer { head, .. } = &mut self {
            head.push_str(line);
            head.push_str("\r\n");
        }
        self
    }

    pub(crate) fn broken(mut self, after: usize) -> Self {
        if let Self::Answer { broken, .. } = &mut self {
            *broken = Some(after);
        }
        self
    }

    pub(crate) fn and_hang(mut self) -> Self {
        if let Self::Answer { hang, .. } = &mut self {
            *hang = true;
        }
        self
    }
}

type Answers = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A service that answers as it is told and remembers what it was asked.
pub(crate) struct Service {
    origin: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Service {
    pub(crate) async fn start(answers: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(None, Arc::new(answers)).await
    }

    pub(crate) async fn start_secure(
        acceptor: TlsAcceptor,
        answers: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(Some(acceptor), Arc::new(answers)).await
    }

    async fn listen(acceptor: Option<TlsAcceptor>, answers: Arc<Answers>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let origin = match acceptor {
            Some(_) => format!("https://localhost:{port}"),
            None => format!("http://127.0.0.1:{port}"),
        };
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let all = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answers, all) = (acceptor.clone(), Arc::clone(&answers), Arc::clone(&all));
                tokio::spawn(async move {
                    let _ = match acceptor {
                        None => serve(stream, &*answers, &all).await,
                        Some(acceptor) => match acceptor.accept(stream).await {
                            Ok(stream) => serve(stream, &*answers, &all).await,
                            Err(error) => Err(error),
                        },
                    };
                });
            }
        });
        Self { origin, asked }
    }

    pub(crate) fn base(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.origin)).unwrap()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: &Answers,
    all: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    let mut taken = Vec::new();
    let head_end = loop {
        if let Some(at) = taken.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut taken).await? == 0 {
            return Ok(());
        }
        // The beginning of TLS, at a service that knows none.
        if taken[0] == 0x16 {
            stream
                .write_all(b"HTTP/1.1 400 X\r\nconnection: close\r\n\r\n")
                .await?;
            return stream.shutdown().await;
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
        body: taken[head_end..].to_vec(),
        head,
    };
    all.lock().unwrap().push(asked.clone());
    match answers(&asked) {
        Reply::Hang => tokio::time::sleep(NEVER).await,
        Reply::Answer {
            status,
            head,
            body,
            broken,
            hang,
        } => {
            let length = body.len() + usize::from(hang);
            let start =
                format!("HTTP/1.1 {status} X\r\n{head}content-length: {length}\r\nconnection: close\r\n\r\n");
            stream.write_all(start.as_bytes()).await?;
            let end = broken.unwrap_or(body.len()).min(body.len());
            stream.write_all(&body.as_bytes()[..end]).await?;
            stream.flush().await?;
            if hang {
                tokio::time::sleep(NEVER).await;
            }
            stream.shutdown().await?;
        }
    }
    Ok(())
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certificate {
    Good,
    Expired,
}

/// A certificate authority nobody else has.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        Self {
            root,
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.root.clone()
    }

    pub(crate) fn signs(&self, name: &str, how: Certificate) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if how == Certificate::Expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        acceptor(certificate.der().clone(), &key)
    }
}

pub(crate) fn self_signed(name: &str) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    acceptor(params.self_signed(&key).unwrap().der().clone(), &key)
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
