//! Connections that are slow, many or stubborn.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::common::{Answer, Site};

/// Long enough that only what never ends reaches it.
const NEVER: Duration = Duration::from_mins(1);

async fn ends(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // By an end or a reset: both are the end.
    let _ = tokio::time::timeout(NEVER, stream.read_to_end(&mut bytes))
        .await
        .expect("the server ended the connection");
    bytes
}

async fn slow() -> Site {
    Site::with(|setup| {
        setup.limits.head_time = Duration::from_millis(150);
        setup.limits.body_time = Duration::from_millis(150);
        setup.limits.write_stall = Duration::from_millis(150);
    })
    .await
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let site = slow().await;
    let mut stream = TcpStream::connect(site.address()).await.unwrap();
    stream
        .write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nx-")
        .await
        .unwrap();
    let (reading, mut writing) = stream.into_split();
    let drips = tokio::spawn(async move {
        while writing.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut reading = reading;
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(NEVER, reading.read_to_end(&mut bytes))
        .await
        .expect("it was cut off");
    assert!(
        Answer::parse(&bytes).is_none_or(|answer| answer.status == 408),
        "{bytes:?}"
    );
    drips.abort();
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_cut_off() {
    let site = slow().await;
    let stream = TcpStream::connect(site.address()).await.unwrap();
    ends(stream).await;
    // And one that said something once.
    let mut stream = TcpStream::connect(site.address()).await.unwrap();
    let asked = site.ask("GET", "/livez").header("connection", "keep-alive");
    stream.write_all(&asked.bytes()).await.unwrap();
    let bytes = ends(stream).await;
    assert_eq!(Answer::parse(&bytes).unwrap().status, 200);
}

#[tokio::test]
async fn a_body_that_never_ends_is_answered_and_cut_off() {
    let site = slow().await;
    let desktop = site.owner().await.pair("a").await;
    for asked in [
        desktop.ask("/heartbeat").header("content-length", "1000"),
        site.page_asks("POST", "/api/sign-in")
            .header("content-type", "application/json")
            .header("content-length", "1000"),
    ] {
        let mut stream = TcpStream::connect(site.address()).await.unwrap();
        stream.write_all(&asked.body("{\"").bytes()).await.unwrap();
        let bytes = ends(stream).await;
        assert_eq!(Answer::parse(&bytes).unwrap().status, 408);
    }
}

#[tokio::test]
async fn whoever_takes_nothing_of_an_answer_is_cut_off() {
    let page = tempfile::tempdir().unwrap();
    std::fs::write(page.path().join("index.html"), "x".repeat(16 * 1024 * 1024)).unwrap();
    let folder = page.path().to_owned();
    let site = Site::with(move |setup| {
        setup.page_dir = Some(folder);
        setup.limits.write_stall = Duration::from_millis(150);
    })
    .await;
    let mut stream = TcpStream::connect(site.address()).await.unwrap();
    stream.write_all(&site.ask("GET", "/").bytes()).await.unwrap();
    while site.server.app().figures.connections.get() == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let gone = async {
        while site.server.app().figures.connections.get() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(NEVER, gone).await.expect("it was cut off");
    assert!(ends(stream).await.len() < 16 * 1024 * 1024);
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_no_more() {
    let site = Site::with(|setup| setup.limits.connections_per_address = 3).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(site.address()).await.unwrap();
        // Answered once, it is known to be in.
        let asked = site.ask("GET", "/livez").header("connection", "keep-alive");
        stream.write_all(&asked.bytes()).await.unwrap();
        let mut first = [0; 1];
        stream.read_exact(&mut first).await.unwrap();
        held.push(stream);
    }
    let mut beyond = TcpStream::connect(site.address()).await.unwrap();
    let answer = Answer::read(&mut beyond).await.expect("it is told so");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    assert_eq!(site.server.app().figures.turned_away.get(), 1);
    drop(held);
    while site.server.app().figures.connections.get() > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    site.ask("GET", "/livez").send().await.is(200);
}

#[tokio::test]
async fn all_together_have_so_many_also_through_a_proxy_that_is_trusted() {
    let site = Site::with(|setup| {
        setup.limits.connections = 2;
        setup.limits.connections_per_address = 1;
        setup.trusted = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(site.address()).await.unwrap();
        let asked = site.ask("GET", "/livez").header("connection", "keep-alive");
        stream.write_all(&asked.bytes()).await.unwrap();
        let mut first = [0; 1];
        stream.read_exact(&mut first).await.unwrap();
        held.push(stream);
    }
    let mut beyond = TcpStream::connect(site.address()).await.unwrap();
    assert_eq!(Answer::read(&mut beyond).await.unwrap().status, 503);
}

#[tokio::test]
async fn a_stop_ends_what_is_idle_and_what_never_ends() {
    let site = Site::with(|setup| setup.limits.drain_time = Duration::from_millis(200)).await;
    let desktop = site.owner().await.pair("a").await;
    let mut idle = TcpStream::connect(site.address()).await.unwrap();
    let asked = site.ask("GET", "/livez").header("connection", "keep-alive");
    idle.write_all(&asked.bytes()).await.unwrap();
    let mut first = [0; 1];
    idle.read_exact(&mut first).await.unwrap();
    let mut endless = TcpStream::connect(site.address()).await.unwrap();
    let asked = desktop.ask("/heartbeat").header("content-length", "1000");
    endless.write_all(&asked.bytes()).await.unwrap();
    let address = site.address();
    tokio::time::timeout(NEVER, site.server.stop())
        .await
        .expect("it stopped");
    ends(idle).await;
    ends(endless).await;
    assert!(TcpStream::connect(address).await.is_err());
}
