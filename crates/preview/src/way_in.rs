//! Where the boxes of one folder say what they serve, and hand over connections.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cowork_gateway::{FolderId, SocketFile};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::OwnedReadHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::boxes::{Boxes, Wanted};

/// The first line of a connection has a word and a ticket.
const MOST_OF_INTRODUCTION: usize = 64;

/// What a box serves: sixteen ports, with room.
const MOST_OF_LINE: u64 = 256;

/// The way into the boxes of a folder. Dropped, it is closed: the boxes serve nobody any more.
pub struct WayIn {
    _file: SocketFile,
    // Dropped, it ends the task with all that it spawned.
    _task: JoinSet<()>,
}

impl WayIn {
    pub(crate) fn open(boxes: &Arc<Boxes>, path: &Path, folder: FolderId) -> io::Result<Self> {
        let (file, listener) = SocketFile::bind(path)?;
        let mut task = JoinSet::new();
        task.spawn(serve(Arc::clone(boxes), listener, folder));
        Ok(Self {
            _file: file,
            _task: task,
        })
    }
}

async fn serve(boxes: Arc<Boxes>, listener: UnixListener, folder: FolderId) {
    let unknown = Arc::new(Semaphore::new(boxes.limits.unknown));
    let mut connections = JoinSet::new();
    loop {
        // Taken before the connection is: one too many waits in the system's queue and costs nothing here.
        let Ok(place) = Arc::clone(&unknown).acquire_owned().await else {
            return;
        };
        let accepted = listener.accept().await;
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let (boxes, folder) = (Arc::clone(&boxes), folder.clone());
                connections.spawn(async move {
                    let introduced = introduction(&boxes, &folder, stream).await;
                    drop(place);
                    if let Some(stream) = introduced {
                        listen(&boxes, &folder, stream).await;
                    }
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely. Trying again at once would only burn time.
                tracing::warn!(%error, "a connection from a box was not taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// What a connection is for. Gives back that of a box that serves.
async fn introduction(boxes: &Boxes, folder: &FolderId, mut stream: UnixStream) -> Option<UnixStream> {
    let line = tokio::time::timeout(boxes.limits.introduction, first_line(&mut stream))
        .await
        .ok()??;
    match line.split_once(' ') {
        None if line == "serves" => return Some(stream),
        Some(("stream", ticket)) => boxes.hand_over(folder, ticket, Box::new(stream)),
        Some(("refused", ticket)) => boxes.refuse(folder, ticket),
        _ => tracing::debug!(%folder, "a box said something that is not understood"),
    }
    None
}

/// Byte by byte: what follows the line belongs to whoever gets the connection.
async fn first_line(stream: &mut UnixStream) -> Option<String> {
    let mut line = Vec::new();
    while line.len() < MOST_OF_INTRODUCTION {
        let byte = stream.read_u8().await.ok()?;
        if byte == b'\n' {
            return String::from_utf8(line).ok();
        }
        line.push(byte);
    }
    None
}

/// Hears what a box serves, and asks it for connections, until it is gone.
async fn listen(boxes: &Boxes, folder: &FolderId, stream: UnixStream) {
    let Some((present, mut asked)) = boxes.enter(folder) else {
        tracing::warn!(%folder, "more commands serve at once than are listened to");
        return;
    };
    let (read, mut write) = stream.into_split();
    let told = async {
        let mut read = BufReader::new(read);
        while let Some(ports) = ports(&mut read).await {
            present.serves(&ports);
            // What changes all the time is not worth a person's while, nor the time.
            tokio::time::sleep(boxes.limits.change).await;
        }
    };
    let asking = async {
        while let Some(Wanted { port, ticket }) = asked.recv().await {
            let word = format!("open {port} {ticket}\n");
            if write.write_all(word.as_bytes()).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = told => {}
        () = asking => {}
    }
}

/// The next line of a box. None at its end, or when it is no such line.
async fn ports(read: &mut BufReader<OwnedReadHalf>) -> Option<Vec<u16>> {
    let mut line = Vec::new();
    read.take(MOST_OF_LINE).read_until(b'\n', &mut line).await.ok()?;
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let mut words = line.split(' ');
    if words.next() != Some("ports") {
        return None;
    }
    words
        .map(|word| word.parse().ok().filter(|port| *port != 0))
        .collect()
}
