//! What boxes and pages send to break it.

use std::time::Duration;

use cowork_preview::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::world::{PORT, World, ask, connect, echo, get};

/// Whether the app lets go of a connection.
async fn is_cut(mut stream: UnixStream) -> bool {
    let mut rest = Vec::new();
    let read = stream.read_to_end(&mut rest);
    tokio::time::timeout(Duration::from_secs(10), read).await.is_ok()
}

#[tokio::test]
async fn a_box_that_says_anything_else_is_let_go() {
    let world = World::with(Limits {
        introduction: Duration::from_millis(500),
        change: Duration::from_millis(1),
        ..Limits::default()
    });
    for said in [
        "\n".to_owned(),
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
        // No end of the line.
        "serves".to_owned(),
        "x".repeat(10_000),
        "stream\n".to_owned(),
        "stream guessed\n".to_owned(),
        "refused guessed\n".to_owned(),
        "serves\nports 0\n".to_owned(),
        "serves\nports 65536\n".to_owned(),
        "serves\nports -1\n".to_owned(),
        "serves\nports 80 \n".to_owned(),
        "serves\nopen 80 x\n".to_owned(),
        format!("serves\nports{}\n", " 80".repeat(1_000)),
        "serves\n\u{0}\u{0}\u{0}\n".to_owned(),
    ] {
        let stream = world.say(&said).await;
        assert!(is_cut(stream).await, "{said:?}");
    }
    assert!(world.previews.servers().borrow().is_empty());
    // And goes on.
    let _box = world.serve(echo).await;
}

#[tokio::test]
async fn boxes_that_change_all_the_time_are_heard_once_in_a_while() {
    let world = World::with(Limits {
        change: Duration::from_millis(200),
        ..Limits::default()
    });
    let mut stream = world.say("serves\n").await;
    let mut servers = world.previews.servers();
    let writer = tokio::spawn(async move {
        for each in 1..60_000_u16 {
            if stream
                .write_all(format!("ports {each}\n").as_bytes())
                .await
                .is_err()
            {
                return;
            }
        }
    });
    let mut heard = 0;
    let counting = async {
        while servers.changed().await.is_ok() {
            heard += 1;
        }
    };
    let _over = tokio::time::timeout(Duration::from_secs(2), counting).await;
    assert!((2..=12).contains(&heard), "{heard}");
    writer.abort();
}

#[tokio::test]
async fn more_boxes_than_are_listened_to_are_let_go() {
    let world = World::with(Limits {
        boxes: 2,
        ..Limits::default()
    });
    let _first = world.say("serves\nports 1\n").await;
    let _second = world.say("serves\nports 2\n").await;
    let mut servers = world.previews.servers();
    servers.wait_for(|servers| servers.len() == 2).await.unwrap();
    assert!(is_cut(world.say("serves\nports 3\n").await).await);
    assert_eq!(servers.borrow().len(), 2);
}

#[tokio::test]
async fn a_page_that_opens_many_connections_waits_with_one_more() {
    let world = World::with(Limits {
        connections: 2,
        ..Limits::default()
    });
    let _box = world.serve(echo).await;
    let preview = world.preview().await;
    let (first, _second) = (connect(&preview).await, connect(&preview).await);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let request = get(&preview, "/");
    let third = ask(&preview, &request);
    let free = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(first);
        std::time::Instant::now()
    };
    let began = std::time::Instant::now();
    let (answer, _) = tokio::join!(third, free);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(began.elapsed() >= Duration::from_millis(500), "it had to wait");
}

#[tokio::test]
async fn a_head_without_an_end_and_one_that_is_too_long_are_refused() {
    let world = World::with(Limits {
        head: Duration::from_millis(400),
        head_bytes: 8192,
        ..Limits::default()
    });
    let _box = world.serve(echo).await;
    let preview = world.preview().await;
    let host = preview.host();
    let endless = format!("GET http://{host}:{PORT}/ HTTP/1.1\r\nHost: x\r\nA: ");
    assert!(!ask(&preview, &endless).await.contains("200 OK"));
    let long = format!(
        "GET http://{host}:{PORT}/ HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n",
        "x".repeat(20_000)
    );
    let answer = ask(&preview, &long).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
}

async fn endless_head(_head: String, mut stream: UnixStream) {
    let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nA: ").await;
    while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
}

async fn silent(_head: String, stream: UnixStream) {
    std::future::pending::<()>().await;
    drop(stream);
}

#[tokio::test]
async fn a_server_that_answers_for_ever_or_never_is_given_up() {
    let world = World::with(Limits {
        answer: Duration::from_millis(500),
        head_bytes: 8192,
        ..Limits::default()
    });
    let preview = world.preview().await;
    let server = world.serve(endless_head).await;
    let answer = ask(&preview, &get(&preview, "/")).await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    drop(server);
    let _box = world.serve(silent).await;
    let answer = ask(&preview, &get(&preview, "/")).await;
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
}
