//! A folder whose box serves what a test says, and a window that looks at it.

use std::path::PathBuf;
use std::time::Duration;

use cowork_gateway::FolderId;
use cowork_preview::{Limits, Preview, Previews, WayIn};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinSet;

pub(crate) const PORT: u16 = 5173;

/// The app with one folder's way in open.
pub(crate) struct World {
    directory: tempfile::TempDir,
    pub(crate) previews: Previews,
    _way_in: WayIn,
}

pub(crate) fn folder() -> FolderId {
    FolderId::new("one")
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let previews = Previews::new(limits);
        let way_in = previews.serve_folder(&directory.path().join("one.sock"), folder());
        Self {
            previews,
            _way_in: way_in.unwrap(),
            directory,
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.path().join("one.sock")
    }

    /// Says a line at the folder's socket.
    pub(crate) async fn say(&self, line: &str) -> UnixStream {
        let mut stream = UnixStream::connect(self.socket()).await.unwrap();
        stream.write_all(line.as_bytes()).await.unwrap();
        stream
    }

    /// A box that serves at [`PORT`]: each connection is answered by `answer`, with the head it was asked.
    pub(crate) async fn serve<F>(&self, answer: fn(String, UnixStream) -> F) -> JoinSet<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut servers = self.previews.servers();
        let stream = self.say(&format!("serves\nports {PORT}\n")).await;
        let socket = self.socket();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            let mut asked = BufReader::new(stream).lines();
            while let Ok(Some(line)) = asked.next_line().await {
                let ticket = line
                    .strip_prefix(&format!("open {PORT} "))
                    .expect("what is asked for is served")
                    .to_owned();
                let socket = socket.clone();
                connections.spawn(async move {
                    let mut stream = UnixStream::connect(socket).await.unwrap();
                    stream
                        .write_all(format!("stream {ticket}\n").as_bytes())
                        .await
                        .unwrap();
                    let head = head(&mut stream).await;
                    answer(head, stream).await;
                });
            }
        });
        let is_told = servers.wait_for(|servers| !servers.is_empty());
        tokio::time::timeout(Duration::from_secs(10), is_told)
            .await
            .expect("the app hears of it")
            .unwrap();
        tasks
    }

    pub(crate) async fn preview(&self) -> Preview {
        self.previews.open(folder(), PORT).await.unwrap()
    }
}

/// A head, to its end.
pub(crate) async fn head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Answers with the head it was asked, as a body.
pub(crate) async fn echo(head: String, mut stream: UnixStream) {
    let length = head.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{head}");
    // Who asked may be gone.
    let _gone = stream.write_all(answer.as_bytes()).await;
}

/// What a preview answers to the bytes of one connection.
pub(crate) async fn ask(preview: &Preview, request: &str) -> String {
    let mut stream = connect(preview).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .expect("it is answered")
        .ok();
    String::from_utf8_lossy(&answer).into_owned()
}

pub(crate) async fn connect(preview: &Preview) -> TcpStream {
    let proxy = preview.proxy();
    TcpStream::connect(proxy.strip_prefix("http://").unwrap())
        .await
        .unwrap()
}

/// A window's request for a path.
pub(crate) fn get(preview: &Preview, path: &str) -> String {
    let host = preview.host();
    format!(
        "GET http://{host}:{PORT}{path} HTTP/1.1\r\nHost: {host}:{PORT}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    )
}
