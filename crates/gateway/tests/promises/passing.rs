//! What is allowed passes, whole and unchanged.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cowork_gateway::Limits;
use cowork_outward::Proxies;
use cowork_policy::Network;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::common::{Folder, Names, Wiring, answering, echo, head, outward, rest};

fn listed(hosts: &[&str]) -> Network {
    Network::Listed(hosts.iter().map(|host| (*host).to_owned()).collect())
}

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways_and_each_sides_end() {
    let wiring = Wiring::new(&[("git.example", echo().await)], Names::new(&[]));
    let folder = Folder::open(wiring.clone(), listed(&["git.example"]), Limits::default());
    for target in ["git.example:443", "GIT.Example.:22"] {
        let (answer, mut stream) = folder.tunnel(target).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{target}: {answer}");
        let sent = vec![7_u8; 3_000_000];
        let (mut read, mut write) = stream.split();
        let mut received = Vec::new();
        let (written, answered) = tokio::join!(
            async {
                write.write_all(&sent).await?;
                // Half of the connection is closed; the rest of the answer still arrives.
                write.shutdown().await
            },
            read.read_to_end(&mut received)
        );
        written.unwrap();
        answered.unwrap();
        assert!(received == sent, "{target}: {} bytes", received.len());
    }
    assert_eq!(
        *wiring.dialled.lock().unwrap(),
        ["git.example:443", "git.example:22"]
    );
    let traffic = folder.gate.as_ref().unwrap().traffic();
    assert_eq!((traffic.connections, traffic.refused), (2, 0));
    assert!(
        traffic.sent > 6_000_000 && traffic.received > 6_000_000,
        "{traffic:?}"
    );
}

#[tokio::test]
async fn a_plain_request_is_passed_on_to_where_it_was_judged_and_says_nothing_of_the_gate() {
    let (port, heads) = answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_owned()).await;
    let wiring = Wiring::new(&[("deb.debian.org", port)], Names::new(&[]));
    let folder = Folder::open(wiring, listed(&[]), Limits::default());
    let answer = folder
        .ask(
            "GET http://deb.debian.org/a?b=c HTTP/1.1\r\nHost: elsewhere.example\r\nProxy-Connection: keep-alive\r\n\
             Proxy-Authorization: Basic eDp5\r\nConnection: keep-alive, x-hop\r\nX-Hop: 1\r\nAccept: */*\r\n\r\n\
             GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        )
        .await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhi"), "{answer}");
    assert!(
        answer.to_ascii_lowercase().contains("connection: close"),
        "one connection is one request: {answer}"
    );
    let heads = heads.lock().unwrap();
    assert_eq!(heads.len(), 1);
    let asked = heads[0].to_ascii_lowercase();
    assert!(asked.starts_with("get /a?b=c http/1.1\r\n"), "{asked}");
    assert!(asked.contains("host: deb.debian.org\r\n"), "{asked}");
    for gone in ["proxy-", "x-hop", "elsewhere", "keep-alive"] {
        assert!(!asked.contains(gone), "{gone}: {asked}");
    }
}

#[tokio::test]
async fn a_body_is_streamed_both_ways() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        head(&mut stream).await;
        let mut body = vec![0; 200_000];
        stream.read_exact(&mut body).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            .await
            .unwrap();
        stream
    });
    let wiring = Wiring::new(&[("upload.example", port)], Names::new(&[]));
    let folder = Folder::open(wiring, Network::Open, Limits::default());
    let mut stream = folder.connect().await;
    let request =
        "POST http://upload.example:8080/ HTTP/1.1\r\nHost: upload.example\r\nContent-Length: 200000\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; 200_000]).await.unwrap();
    let mut server = server.await.unwrap();
    let head = head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let mut piece = [0; 10];
    stream.read_exact(&mut piece).await.unwrap();
    assert_eq!(
        &piece, b"5\r\nfirst\r\n",
        "the first piece is here before the last was sent"
    );
    server.write_all(b"4\r\nlast\r\n0\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut stream).await, "4\r\nlast\r\n0\r\n\r\n");
}

#[tokio::test]
async fn behind_a_companys_proxy_every_connection_takes_it() {
    let server = echo().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let asked = head(&mut stream).await;
            assert!(asked.starts_with("CONNECT "), "{asked}");
            stream.write_all(b"HTTP/1.1 200 Fine\r\n\r\n").await.unwrap();
            stream
                .write_all(asked.lines().next().unwrap().as_bytes())
                .await
                .unwrap();
            let mut there = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut there).await;
        }
    });
    let names = Names::new(&[
        ("proxy.corp", &[&format!("127.0.0.1:{port}")]),
        ("intranet.corp", &["10.1.2.3:443"]),
    ]);
    let proxies = Proxies::Fixed {
        https: format!("http://proxy.corp:{port}"),
        no: String::new(),
    };
    let outward = Arc::new(outward(Arc::clone(&names), proxies));
    let folder = Folder::open(outward, Network::Open, Limits::default());
    let (answer, mut stream) = folder.tunnel("known-to-the-proxy.example:8443").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    stream.shutdown().await.unwrap();
    let said = rest(&mut stream).await;
    assert_eq!(said, "CONNECT known-to-the-proxy.example:8443 HTTP/1.1");
    for near in ["intranet.corp:443", "localhost:443", "10.1.2.3:443", "[::1]:443"] {
        let (answer, _) = folder.tunnel(near).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{near}: {answer}");
    }
    assert!(names.asked.load(Ordering::SeqCst) >= 2);
}
