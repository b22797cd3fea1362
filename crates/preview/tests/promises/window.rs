//! What a window reaches: its server, and nothing else.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::world::{PORT, World, ask, connect, echo, get, head};

#[tokio::test]
async fn a_window_sees_its_server_under_the_servers_own_name() {
    let world = World::new();
    let _box = world.serve(echo).await;
    let preview = world.preview().await;
    assert!(preview.host().ends_with(".preview.localhost") && preview.host().len() > 32);
    assert_eq!(preview.address(), format!("http://{}:{PORT}/", preview.host()));
    let answer = ask(&preview, &get(&preview, "/a?b")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("GET /a?b HTTP/1.1"), "{answer}");
    assert!(answer.to_lowercase().contains("host: localhost:5173"), "{answer}");
    assert!(answer.contains("webrtc 'block'"), "{answer}");
    // The secret name is not told to the server.
    let (_, asked) = answer.split_once("\r\n\r\n").unwrap();
    assert!(!asked.contains(preview.host()), "{asked}");
}

#[tokio::test]
async fn a_window_reaches_no_other_host_no_other_port_and_no_other_preview() {
    let world = World::new();
    let _box = world.serve(echo).await;
    let (preview, other) = (world.preview().await, world.preview().await);
    assert_ne!(preview.host(), other.host());
    let (host, stranger) = (preview.host(), other.host());
    let machine = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let open = machine.local_addr().unwrap().port();
    for (request, named) in [
        (
            format!("GET http://127.0.0.1:{open}/ HTTP/1.1"),
            format!("127.0.0.1:{open}"),
        ),
        (
            format!("GET http://localhost:{PORT}/ HTTP/1.1"),
            format!("localhost:{PORT}"),
        ),
        (
            "GET http://example.org/ HTTP/1.1".to_owned(),
            "example.org".to_owned(),
        ),
        // What the header names is not what is asked for.
        (
            "GET http://example.org/ HTTP/1.1".to_owned(),
            format!("{host}:{PORT}"),
        ),
        (
            format!("GET http://{stranger}:{PORT}/ HTTP/1.1"),
            format!("{stranger}:{PORT}"),
        ),
        (
            format!("GET http://{host}:{open}/ HTTP/1.1"),
            format!("{host}:{open}"),
        ),
        (format!("GET http://{host}/ HTTP/1.1"), host.to_owned()),
        (
            format!("GET http://a@{host}:{PORT}/ HTTP/1.1"),
            format!("{host}:{PORT}"),
        ),
        (
            format!("GET https://{host}:{PORT}/ HTTP/1.1"),
            format!("{host}:{PORT}"),
        ),
        (
            format!("GET ftp://{host}:{PORT}/ HTTP/1.1"),
            format!("{host}:{PORT}"),
        ),
        // As to a server, which it is not.
        ("GET / HTTP/1.1".to_owned(), format!("{host}:{PORT}")),
        ("OPTIONS * HTTP/1.1".to_owned(), format!("{host}:{PORT}")),
        (
            format!("CONNECT example.org:{PORT} HTTP/1.1"),
            "example.org".to_owned(),
        ),
        (
            format!("CONNECT 127.0.0.1:{open} HTTP/1.1"),
            format!("127.0.0.1:{open}"),
        ),
        (format!("CONNECT {host}:443 HTTP/1.1"), format!("{host}:443")),
        (
            format!("CONNECT {stranger}:{PORT} HTTP/1.1"),
            format!("{stranger}:{PORT}"),
        ),
    ] {
        let answer = ask(
            &preview,
            &format!("{request}\r\nHost: {named}\r\nConnection: close\r\n\r\n"),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{request}: {answer}");
        assert!(
            answer.contains("The preview has no network"),
            "{request}: {answer}"
        );
    }
    let nobody = tokio::time::timeout(Duration::from_millis(300), machine.accept()).await;
    assert!(nobody.is_err(), "nothing of this machine was connected to");
}

async fn socket(head: String, mut stream: UnixStream) {
    let head = head.to_lowercase();
    assert!(
        head.contains("upgrade: websocket")
            && head.contains("host: localhost:5173")
            && head.contains("origin: http://localhost:5173\r\n"),
        "{head}"
    );
    stream
        .write_all(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nat once ",
        )
        .await
        .unwrap();
    let mut sent = [0; 4];
    stream.read_exact(&mut sent).await.unwrap();
    stream
        .write_all(&sent.map(|byte| byte.to_ascii_uppercase()))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_websocket_goes_through_both_as_a_request_and_in_a_tunnel() {
    let world = World::new();
    let _box = world.serve(socket).await;
    let preview = world.preview().await;
    let host = preview.host();
    let wish = format!(
        "Host: {host}:{PORT}\r\nOrigin: http://{host}:{PORT}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    for (tunnel, address) in [
        (false, format!("http://{host}:{PORT}/hmr")),
        (false, format!("ws://{host}:{PORT}/hmr")),
        (true, "/hmr".to_owned()),
    ] {
        let mut window = connect(&preview).await;
        if tunnel {
            let connect = format!("CONNECT {host}:{PORT} HTTP/1.1\r\nHost: {host}:{PORT}\r\n\r\n");
            window.write_all(connect.as_bytes()).await.unwrap();
            assert!(head(&mut window).await.starts_with("HTTP/1.1 200"));
        }
        window
            .write_all(format!("GET {address} HTTP/1.1\r\n{wish}").as_bytes())
            .await
            .unwrap();
        let answer = head(&mut window).await;
        assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
        window.write_all(b"ping").await.unwrap();
        let mut said = String::new();
        window.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "at once PING", "{address}");
    }
}

#[tokio::test]
async fn a_tunnel_leads_to_the_server_alone() {
    let world = World::new();
    let _box = world.serve(echo).await;
    let preview = world.preview().await;
    let host = preview.host();
    for (request, named, expected) in [
        ("GET /x HTTP/1.1", format!("{host}:{PORT}"), "HTTP/1.1 200"),
        ("GET /x HTTP/1.1", "example.org".to_owned(), "HTTP/1.1 403"),
        (
            "GET http://example.org/ HTTP/1.1",
            format!("{host}:{PORT}"),
            "HTTP/1.1 403",
        ),
        (
            "CONNECT example.org:80 HTTP/1.1",
            format!("{host}:{PORT}"),
            "HTTP/1.1 403",
        ),
    ] {
        let mut window = connect(&preview).await;
        let connect = format!("CONNECT {host}:{PORT} HTTP/1.1\r\nHost: {host}:{PORT}\r\n\r\n");
        window.write_all(connect.as_bytes()).await.unwrap();
        assert!(head(&mut window).await.starts_with("HTTP/1.1 200"));
        window
            .write_all(format!("{request}\r\nHost: {named}\r\nConnection: close\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let answer = head(&mut window).await;
        assert!(answer.starts_with(expected), "{request} for {named}: {answer}");
    }
}

async fn redirect(_head: String, mut stream: UnixStream) {
    let answer = b"HTTP/1.1 302 Found\r\nLocation: http://localhost:5173/there\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(answer).await.unwrap();
}

async fn database(_head: String, mut stream: UnixStream) {
    let _gone = stream.write_all(b"-ERR unknown command\r\n\r\n").await;
}

#[tokio::test]
async fn a_redirect_stays_in_the_window_and_what_is_no_page_is_said_to_be_none() {
    let world = World::new();
    let preview = world.preview().await;
    let server = world.serve(redirect).await;
    let answer = ask(&preview, &get(&preview, "/")).await;
    let there = format!("location: http://{}:{PORT}/there", preview.host());
    assert!(answer.to_lowercase().contains(&there), "{answer}");
    drop(server);
    let _box = world.serve(database).await;
    let answer = ask(&preview, &get(&preview, "/")).await;
    assert!(
        answer.starts_with("HTTP/1.1 502") && answer.contains("serves no page"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_server_that_ended_is_said_to_have_and_one_that_comes_back_is_shown() {
    let world = World::new();
    let preview = world.preview().await;
    let mut watch = preview.watch();
    assert_eq!(watch.changed().await, Some(false));
    for _ in 0..2 {
        let answer = ask(&preview, &get(&preview, "/")).await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(
            answer.contains("The command that served this has ended"),
            "{answer}"
        );
        let server = world.serve(echo).await;
        assert_eq!(watch.changed().await, Some(true));
        assert!(
            ask(&preview, &get(&preview, "/"))
                .await
                .starts_with("HTTP/1.1 200")
        );
        drop(server);
        assert_eq!(watch.changed().await, Some(false));
    }
    // A moment without it is none.
    let server = world.serve(echo).await;
    assert_eq!(watch.changed().await, Some(true));
    drop(server);
    let _again = world.serve(echo).await;
    let quiet = tokio::time::timeout(Duration::from_secs(4), watch.changed()).await;
    assert!(quiet.is_err(), "{quiet:?}");
}

#[tokio::test]
async fn what_is_closed_is_closed_with_its_connections() {
    let world = World::new();
    let _box = world.serve(socket).await;
    let preview = world.preview().await;
    let host = preview.host().to_owned();
    let mut window = connect(&preview).await;
    let wish = format!(
        "GET http://{host}:{PORT}/ HTTP/1.1\r\nHost: {host}:{PORT}\r\nOrigin: http://{host}:{PORT}\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    );
    window.write_all(wish.as_bytes()).await.unwrap();
    assert!(head(&mut window).await.starts_with("HTTP/1.1 101"));
    let proxy = preview.proxy();
    drop(preview);
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), window.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "an open connection is cut");
    let again = tokio::net::TcpStream::connect(proxy.strip_prefix("http://").unwrap()).await;
    assert!(again.is_err(), "nobody listens any more");
}
