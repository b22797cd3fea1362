//! Nothing is without a bound.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cowork_gateway::{Dial, FolderId, Limits};
use cowork_outward::{OutwardError, Reach, Stream};
use cowork_policy::Network;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::watch;

use crate::common::{Folder, Names, Wiring, ask, echo, rest};

async fn open(limits: Limits) -> Folder {
    let wiring = Wiring::new(&[("web.example", echo().await)], Names::new(&[]));
    Folder::open(wiring, Network::Open, limits)
}

#[tokio::test]
async fn of_three_hundred_connections_256_are_served_and_the_others_wait_for_a_place() {
    let folder = Arc::new(open(Limits::default()).await);
    let mut tunnels = Vec::new();
    for _ in 0..256 {
        let (answer, stream) = folder.tunnel("web.example:443").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        tunnels.push(stream);
    }
    let waiting: Vec<_> = (0..44)
        .map(|_| {
            let folder = Arc::clone(&folder);
            tokio::spawn(async move { folder.tunnel("web.example:443").await.0 })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(
        waiting.iter().all(|one| !one.is_finished()),
        "one too many was served"
    );
    assert_eq!(folder.gate.as_ref().unwrap().traffic().open, 256);
    drop(tunnels);
    for one in waiting {
        let answer = tokio::time::timeout(Duration::from_secs(10), one)
            .await
            .unwrap()
            .unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    assert_eq!(folder.gate.as_ref().unwrap().traffic().connections, 300);
}

#[tokio::test]
async fn a_head_has_a_length_and_a_time() {
    let folder = open(Limits {
        head: Duration::from_millis(300),
        ..Limits::default()
    })
    .await;
    let long = format!(
        "CONNECT web.example:443 HTTP/1.1\r\nX: {}\r\n\r\n",
        "x".repeat(17 * 1024)
    );
    let answer = folder.ask(&long).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431 "),
        "{answer}"
    );

    let started = Instant::now();
    let mut slow = folder.connect().await;
    let mut said = Vec::new();
    loop {
        // One byte after the other, never an end.
        if slow.write_all(b"x").await.is_err() || started.elapsed() > Duration::from_secs(5) {
            break;
        }
        tokio::select! {
            read = slow.read_buf(&mut said) => { if matches!(read, Ok(0) | Err(_)) { break } }
            () = tokio::time::sleep(Duration::from_millis(20)) => {}
        }
    }
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn a_silent_tunnel_is_cut_and_a_busy_one_is_not() {
    let folder = open(Limits {
        idle: Duration::from_millis(300),
        ..Limits::default()
    })
    .await;
    let (_, mut silent) = folder.tunnel("web.example:443").await;
    let (_, mut busy) = folder.tunnel("web.example:443").await;
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(700) {
        busy.write_all(b"x").await.unwrap();
        assert_eq!(busy.read_u8().await.unwrap(), b'x');
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(rest(&mut silent).await, "");
    busy.write_all(b"y").await.unwrap();
    assert_eq!(busy.read_u8().await.unwrap(), b'y');
}

struct Nobody;

#[async_trait]
impl Dial for Nobody {
    async fn dial(&self, _: &str, _: u16, _: Reach) -> Result<Stream, OutwardError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn who_does_not_answer_is_given_up() {
    let limits = Limits {
        connect: Duration::from_millis(200),
        ..Limits::default()
    };
    let folder = Folder::open(Arc::new(Nobody), Network::Open, limits);
    let (answer, _) = folder.tunnel("web.example:443").await;
    assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
}

#[tokio::test]
async fn a_closed_gate_leaves_nothing_and_a_dead_one_is_replaced() {
    let mut folder = open(Limits {
        grace: Duration::from_millis(200),
        ..Limits::default()
    })
    .await;
    let (_rules, followed) = watch::channel(Network::Off);
    let taken = folder
        .gateway
        .serve_folder(&folder.path, FolderId::new("two"), followed.clone());
    assert!(taken.is_err(), "a gate that answers is not replaced");

    let (_, mut stream) = folder.tunnel("web.example:443").await;
    let closing = folder.gate.take().unwrap();
    closing.close().await;
    assert!(!folder.path.exists());
    assert_eq!(rest(&mut stream).await, "", "what is open after the grace is cut");

    // What a crash leaves behind.
    drop(std::os::unix::net::UnixListener::bind(&folder.path).unwrap());
    let gate = folder
        .gateway
        .serve_folder(&folder.path, FolderId::new("two"), followed.clone())
        .unwrap();
    let answer = ask(&folder.path, "CONNECT pypi.org:443 HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    drop(gate);
    assert!(!folder.path.exists());
    assert!(UnixStream::connect(&folder.path).await.is_err());

    std::fs::write(&folder.path, "a file of somebody's").unwrap();
    assert!(
        folder
            .gateway
            .serve_folder(&folder.path, FolderId::new("two"), followed)
            .is_err()
    );
    assert_eq!(
        std::fs::read_to_string(&folder.path).unwrap(),
        "a file of somebody's"
    );
}
