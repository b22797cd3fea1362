//! The system's proxy is taken to the internet and nowhere else.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::common::{Authority, Behaviour, Names, OK, Server, options, post, tunnel_to};
use cowork_outward::{ConnectStep, Options, Outward, OutwardError, Proxies, Reach};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(5);
const ESTABLISHED: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

fn through(https: String, no: &str, authority: &Authority, names: &Arc<Names>) -> Outward {
    Outward::new(Options {
        proxies: Proxies::Fixed {
            https,
            no: no.to_owned(),
        },
        roots: Some(vec![authority.root.clone()]),
        resolver: Arc::<Names>::clone(names),
        ..options()
    })
    .unwrap()
}

#[tokio::test]
async fn what_goes_to_the_internet_takes_the_proxy_by_name_and_encrypted() {
    let authority = Authority::new();
    let server = Server::start(
        Behaviour::Answers(OK),
        Some(authority.acceptor("api.model.example")),
    )
    .await;
    let proxy = tunnel_to(server.port, ESTABLISHED).await;
    let names = Names::new(&[&[&format!("127.0.0.1:{}", proxy.port)]]);
    let outward = through(
        format!("http://me:p%40ss@proxy.corp:{}", proxy.port),
        "",
        &authority,
        &names,
    );
    let answer = outward
        .call(post("https://api.model.example/v1"), Reach::Public, 10, PATIENCE)
        .await;
    assert_eq!(answer.unwrap().body().as_ref(), b"hi");
    let asked = proxy.heads()[0].to_ascii_lowercase();
    assert!(
        asked.starts_with("connect api.model.example:443 http/1.1\r\n"),
        "{asked}"
    );
    assert!(
        asked.contains("proxy-authorization: basic bwu6cebzcw==\r\n"),
        "{asked}"
    );
    let heads = server.heads();
    assert!(
        heads[0].starts_with("POST /v1 "),
        "the request went inside the tunnel: {heads:?}"
    );
    assert!(
        !heads[0].to_ascii_lowercase().contains("proxy-authorization"),
        "{heads:?}"
    );
    assert_eq!(
        names.asked.load(Ordering::SeqCst),
        1,
        "only the proxy's name was looked up"
    );
}

#[tokio::test]
async fn the_certificate_is_checked_through_the_proxy_too() {
    let authority = Authority::new();
    let server = Server::start(Behaviour::Answers(OK), Some(authority.acceptor("other.example"))).await;
    let proxy = tunnel_to(server.port, ESTABLISHED).await;
    let names = Names::new(&[&[&format!("127.0.0.1:{}", proxy.port)]]);
    let outward = through(
        format!("http://proxy.corp:{}", proxy.port),
        "",
        &authority,
        &names,
    );
    let url = "https://api.model.example/v1".parse().unwrap();
    let mut told = Vec::new();
    let (step, error) = outward
        .connect_by_steps(&url, Reach::Public, &mut |step, _| told.push(step))
        .await
        .unwrap_err();
    assert_eq!(
        (step, told),
        (
            ConnectStep::Secure,
            vec![ConnectStep::Resolve, ConnectStep::Connect]
        )
    );
    assert!(matches!(error, OutwardError::NotSecure { .. }), "{error}");
    assert_eq!(server.heads().len(), 0);
}

#[tokio::test]
async fn hosts_that_are_excepted_do_not_take_it() {
    let authority = Authority::new();
    let proxy = tunnel_to(1, ESTABLISHED).await;
    let names = Names::new(&[&["10.0.0.7:443"]]);
    let outward = through(
        format!("http://127.0.0.1:{}", proxy.port),
        "model.example",
        &authority,
        &names,
    );
    let refused = outward
        .call(post("https://api.model.example/"), Reach::Public, 10, PATIENCE)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, OutwardError::LeadsElsewhere { .. }),
        "it was judged itself: {refused}"
    );
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn this_machine_and_the_local_network_never_take_it() {
    let authority = Authority::new();
    let server = Server::start(Behaviour::Answers(OK), Some(authority.acceptor("localhost"))).await;
    let proxy = tunnel_to(server.port, ESTABLISHED).await;
    let names = Names::new(&[&[&format!("127.0.0.1:{}", server.port)]]);
    let outward = through(format!("http://127.0.0.1:{}", proxy.port), "", &authority, &names);
    for reach in [Reach::Loopback, Reach::LocalNetwork] {
        let url = format!("https://localhost:{}/", server.port);
        assert_eq!(
            outward
                .call(post(&url), reach, 10, PATIENCE)
                .await
                .unwrap()
                .status(),
            200
        );
    }
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn what_its_spelling_gives_away_is_refused_before_the_proxy_is_asked() {
    let authority = Authority::new();
    let proxy = tunnel_to(1, ESTABLISHED).await;
    let names = Names::new(&[&[&format!("127.0.0.1:{}", proxy.port)]]);
    let outward = through(format!("http://127.0.0.1:{}", proxy.port), "", &authority, &names);
    for url in [
        "https://metadata.google.internal/",
        "https://169.254.169.254/",
        "https://localhost/",
        "https://printer.local/",
        "https://10.0.0.7/",
        "https://[::1]/",
        "http://api.model.example/",
    ] {
        assert!(
            outward
                .call(post(url), Reach::Public, 10, PATIENCE)
                .await
                .is_err(),
            "{url}"
        );
    }
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_without_its_password() {
    let authority = Authority::new();
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\n\r\n",
        "garbage\r\n\r\n",
    ] {
        let proxy = tunnel_to(1, answer).await;
        let names = Names::new(&[&[&format!("127.0.0.1:{}", proxy.port)]]);
        let address = format!("http://me:canary@127.0.0.1:{}", proxy.port);
        let outward = through(address, "", &authority, &names);
        let refused = outward
            .call(post("https://api.model.example/"), Reach::Public, 10, PATIENCE)
            .await
            .unwrap_err();
        assert!(matches!(refused, OutwardError::NotConnected { .. }), "{refused}");
        assert!(refused.to_string().contains("proxy"), "{refused}");
        assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_socks_proxy_is_asked_by_name() {
    let authority = Authority::new();
    let server = Server::start(
        Behaviour::Answers(OK),
        Some(authority.acceptor("api.model.example")),
    )
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.unwrap();
        stream.write_all(&[5, 0]).await.unwrap();
        let mut request = [0; 5];
        stream.read_exact(&mut request).await.unwrap();
        let mut name = vec![0; usize::from(request[4]) + 2];
        stream.read_exact(&mut name).await.unwrap();
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        let mut there = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut there).await;
        name
    });
    let names = Names::new(&[&[&format!("127.0.0.1:{port}")]]);
    let outward = through(format!("socks5h://127.0.0.1:{port}"), "", &authority, &names);
    let answer = outward
        .call(post("https://api.model.example/"), Reach::Public, 10, PATIENCE)
        .await;
    assert_eq!(answer.unwrap().status(), 200);
    drop(outward);
    assert_eq!(asked.await.unwrap(), b"api.model.example\x01\xbb");
}

#[tokio::test]
async fn a_proxy_that_cannot_be_spoken_to_is_not_gone_around() {
    let authority = Authority::new();
    let proxy = tunnel_to(1, ESTABLISHED).await;
    let names = Names::new(&[&[&format!("127.0.0.1:{}", proxy.port)]]);
    let outward = through(
        format!("socks4://127.0.0.1:{}", proxy.port),
        "",
        &authority,
        &names,
    );
    let refused = outward
        .call(post("https://api.model.example/"), Reach::Public, 10, PATIENCE)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("socks4"), "{refused}");
}
