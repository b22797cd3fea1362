//! Whoever asks too much, too slowly or in vain harms nobody else.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use cowork_key_proxy::Limits;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use crate::common::{Behaviour, JSON, Room, answers, eventually, whole};

/// A body that is sent as it is made.
struct Pieces(tokio::sync::mpsc::Receiver<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.0
            .poll_recv(context)
            .map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

fn short() -> Limits {
    Limits {
        head: Duration::from_millis(100),
        idle: Duration::from_millis(100),
        body_idle: Duration::from_millis(100),
        body_bytes: 100_000,
        linger: Duration::from_secs(5),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_to_its_end_is_not_waited_for() {
    let room = Room::with_limits(answers(JSON), short()).await;
    for beginning in [
        "",
        "POST /anthropic/mess",
        "POST /anthropic/messages HTTP/1.1\r\nhost: x\r\n",
    ] {
        let mut stream = room.connect().await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        // However slowly it goes on: what counts is the whole head.
        let ended = loop {
            tokio::select! {
                ended = stream.read_buf(&mut rest) => break ended,
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
            if !beginning.is_empty() && stream.write_all(b"x").await.is_err() {
                break Ok(0);
            }
        };
        assert_eq!(ended.unwrap_or(0), 0, "{beginning}");
    }
    assert_eq!(room.ask(room.request()).await.status, 200, "others are answered");
}

#[tokio::test]
async fn an_idle_connection_is_closed_later_than_a_slow_one() {
    let limits = Limits {
        head: Duration::from_millis(50),
        idle: Duration::from_secs(1000),
        ..Limits::default()
    };
    let room = Room::with_limits(answers(JSON), limits).await;
    let request = format!(
        "POST /anthropic/messages HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-api-key: {}\r\ncontent-length: 2\r\n\r\n{{}}",
        room.proxy.port(),
        room.token.expose()
    );
    let mut stream = room.connect().await;
    for _ in 0..2 {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"0\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // A second head that does not come to its end is cut as the first would be.
    stream.write_all(b"POST").await.unwrap();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0);

    let room = Room::with_limits(answers(JSON), short()).await;
    let mut stream = room.connect().await;
    let request = format!("POST / HTTP/1.1\r\nx-api-key: {}\r\n\r\n", room.token.expose());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(!answer.is_empty(), "an idle connection ends");
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let room = Room::new(answers(JSON)).await;
    let many = "x: y\r\n".repeat(500);
    for fields in [format!("x: {}\r\n", "a".repeat(1 << 20)), many] {
        let mut stream = room.connect().await;
        let head = format!("POST /anthropic/messages HTTP/1.1\r\nhost: x\r\n{fields}\r\n");
        // It may be cut off while it is sent.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    assert_eq!(room.ask(room.request()).await.status, 200);
    assert_eq!(room.provider.asked().len(), 1);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_so_that_the_client_can_read_why() {
    let room = Room::with_limits(answers(JSON), short()).await;
    // More than the buffers on the way hold, and read only when all of it is sent.
    let request = format!(
        "POST /anthropic/messages HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-api-key: {}\r\ncontent-length: \
         20000000\r\n\r\n{}",
        room.proxy.port(),
        room.token.expose(),
        "x".repeat(20_000_000)
    );
    let announced = room.raw(&request).await;
    assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
    assert!(announced.contains("\"code\":\"too_long\""), "{announced}");
    assert_eq!(room.provider.asked().len(), 0);
    assert_eq!(room.ask(room.request_with(vec![b'x'; 100_000])).await.status, 200);

    // One that does not say how long it is.
    let request = format!(
        "POST /anthropic/messages HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-api-key: {}\r\ntransfer-encoding: \
         chunked\r\n\r\n{}0\r\n\r\n",
        room.proxy.port(),
        room.token.expose(),
        format!("2710\r\n{}\r\n", "x".repeat(10_000)).repeat(20)
    );
    let answer = room.raw(&request).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(
        room.provider.asked().len(),
        1,
        "the provider saw no whole request"
    );
}

#[tokio::test]
async fn a_body_that_does_not_come_to_its_end_is_not_waited_for() {
    let room = Room::with_limits(answers(JSON), short()).await;
    let request = format!(
        "POST /anthropic/messages HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-api-key: {}\r\ncontent-length: 50\r\n\r\nhalf",
        room.proxy.port(),
        room.token.expose()
    );
    let answer = room.raw(&request).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    eventually("the provider's connection is closed", || {
        room.provider.closed.load(Ordering::SeqCst) == 1
    })
    .await;
}

#[tokio::test]
async fn a_long_body_streams_through() {
    let room = Room::new(answers(JSON)).await;
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let mut request = room.request();
    *request.body_mut() = BodyExt::boxed(Pieces(receiver));
    let asked = tokio::spawn({
        let client = room.client.clone();
        async move {
            client
                .send(request, cowork_outward::Reach::Loopback)
                .await
                .unwrap()
        }
    });
    for _ in 0..160 {
        let piece = Bytes::from(vec![b'y'; 100_000]);
        sender.send(piece).await.unwrap();
    }
    drop(sender);
    assert_eq!(whole(asked.await.unwrap()).await.status, 200);
    assert_eq!(room.provider.asked()[0].body.len(), 16_000_000);
    assert_eq!(room.proxy.usage()[0].bytes_up, 16_000_000);
}

#[tokio::test]
async fn one_request_too_many_is_told_to_come_again() {
    let limits = Limits {
        requests: 2,
        ..Limits::default()
    };
    let permits = Arc::new(Semaphore::new(0));
    let room = Room::with_limits(Behaviour::Streams(&["one", "two"], Arc::clone(&permits)), limits).await;
    let first = room.send(room.request()).await;
    let second = room.send(room.request()).await;
    let third = room.ask(room.request()).await;
    assert_eq!((third.status, third.code().as_str()), (503, "too_many_requests"));
    assert_eq!(third.headers["retry-after"], "1");
    permits.add_permits(100);
    for response in [first, second] {
        assert_eq!(whole(response).await.body, "onetwo");
    }
    assert_eq!(
        room.ask(room.request()).await.status,
        200,
        "places are given back"
    );
}

#[tokio::test]
async fn one_connection_too_many_is_turned_away() {
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let room = Room::with_limits(answers(JSON), limits).await;
    let (one, two) = (room.connect().await, room.connect().await);
    let answer = room.raw("").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    drop((one, two));
    // The places are free when the proxy has seen that the others went.
    for _ in 0..1000 {
        let answered = room.client.call(
            room.request(),
            cowork_outward::Reach::Loopback,
            1000,
            Duration::from_secs(5),
        );
        if answered.await.is_ok_and(|answer| answer.status() == 200) {
            return;
        }
    }
    panic!("no place is given back");
}

#[tokio::test]
async fn a_connection_that_fails_by_a_fault_takes_no_other_along() {
    let permits = Arc::new(Semaphore::new(0));
    let room = Room::new(Behaviour::Streams(&["one"], Arc::clone(&permits))).await;
    let open = room.send(room.request()).await;
    room.keys.panics.store(true, Ordering::SeqCst);
    let failed = room
        .client
        .send(room.request(), cowork_outward::Reach::Loopback)
        .await;
    assert!(failed.is_err(), "its own connection ends");
    room.keys.panics.store(false, Ordering::SeqCst);
    permits.add_permits(2);
    assert_eq!(whole(open).await.body, "one");
    assert_eq!(room.ask(room.request()).await.status, 200);
}

#[tokio::test]
async fn a_key_source_that_hangs_is_given_up() {
    let limits = Limits {
        key: Duration::from_millis(50),
        ..Limits::default()
    };
    let room = Room::with_limits(answers(JSON), limits).await;
    room.keys.hangs.store(true, Ordering::SeqCst);
    assert_eq!(room.ask(room.request()).await.code(), "key_unavailable");
}
