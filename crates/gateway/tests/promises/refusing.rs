//! What is not allowed reaches nobody, and says why.

use std::time::Duration;

use cowork_gateway::{FolderId, GatewayEvent, Limits, Source, Why};
use cowork_policy::Network;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::common::{Folder, Names, Wiring, answering, echo, rest};

fn listed(hosts: &[&str]) -> Network {
    Network::Listed(hosts.iter().map(|host| (*host).to_owned()).collect())
}

#[tokio::test]
async fn a_refusal_says_what_was_stopped_and_how_to_widen_and_is_told_once() {
    for (network, target, why, advice) in [
        (
            Network::Off,
            "pypi.org:443",
            Why::NetworkOff,
            "Allow it in the folder's settings.",
        ),
        (
            listed(&[]),
            "example.org:443",
            Why::NotListed,
            "Allow it in the folder's settings.",
        ),
        (
            listed(&["example.org"]),
            "example.org:25",
            Why::Port,
            "ports 443, 80 and 22",
        ),
        (
            listed(&["8.8.8.8"]),
            "8.8.8.8:443",
            Why::Address,
            "use the host's name",
        ),
        (
            Network::Open,
            "10.0.0.1:443",
            Why::Near,
            "whatever the settings say",
        ),
    ] {
        let wiring = Wiring::new(&[], Names::new(&[]));
        let mut folder = Folder::open(wiring, network, Limits::default());
        let connect = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
        let plain = format!("GET http://{target}/secret?x HTTP/1.1\r\nHost: {target}\r\n\r\n");
        for request in [&connect, &connect, &plain] {
            let answer = folder.ask(request).await;
            assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
            let words = format!("The box of this folder lets no connection to {target}. ");
            assert!(answer.contains(&words) && answer.contains(advice), "{answer}");
        }
        let (host, port) = target.rsplit_once(':').unwrap();
        let told = GatewayEvent::Refused {
            source: Source::Folder(FolderId::new("one")),
            host: host.to_owned(),
            port: port.parse().unwrap(),
            why,
        };
        assert_eq!(folder.events.try_recv(), Ok(told));
        assert!(folder.events.try_recv().is_err(), "{target} was told twice");
        assert_eq!(folder.gate.as_ref().unwrap().traffic().refused, 3);
    }
}

#[tokio::test]
async fn names_and_spellings_that_lead_near_are_refused_even_when_everything_is_open() {
    let trap = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = trap.local_addr().unwrap().port();
    let local = format!("127.0.0.1:{port}");
    let names = Names::new(&[
        ("rebound.example", &[&local]),
        ("mixed.example", &["8.8.8.8:80", &local]),
        ("private.example", &["192.168.0.1:80"]),
        ("shared.example", &["100.64.0.1:80"]),
        ("metadata.example", &["169.254.169.254:80"]),
        ("local6.example", &["[fd00::1]:80"]),
        ("link6.example", &["[fe80::1]:80"]),
        ("mapped.example", &["[::ffff:127.0.0.1]:80"]),
        ("nat64.example", &["[64:ff9b::a00:1]:80"]),
        ("sixtofour.example", &["[2002:7f00:1::]:80"]),
        ("many.example", &["224.0.0.1:80"]),
    ]);
    let folder = Folder::open(Wiring::new(&[], names), Network::Open, Limits::default());
    for host in [
        "rebound.example",
        "rebound.example.",
        "mixed.example",
        "private.example",
        "shared.example",
        "metadata.example",
        "local6.example",
        "link6.example",
        "mapped.example",
        "nat64.example",
        "sixtofour.example",
        "many.example",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "printer.local",
        "metadata.google.internal",
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0.0.0.0",
        "0",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[fe80::1]",
        "[fd00::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[ff02::1]",
    ] {
        let (answer, _) = folder.tunnel(&format!("{host}:{port}")).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{host}: {answer}");
        let plain = format!("GET http://{host}:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n");
        let answer = folder.ask(&plain).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{host}: {answer}");
    }
    let nobody = tokio::time::timeout(Duration::from_millis(50), trap.accept()).await;
    assert!(nobody.is_err(), "a refused connection arrived");
}

#[tokio::test]
async fn a_listed_name_that_leads_near_is_refused() {
    let names = Names::new(&[
        ("pypi.org", &["127.0.0.1:443"]),
        ("localhost", &["127.0.0.1:443"]),
    ]);
    let network = listed(&["localhost", "127.0.0.1"]);
    let mut folder = Folder::open(Wiring::new(&[], names), network, Limits::default());
    for target in ["pypi.org:443", "localhost:443"] {
        let (answer, _) = folder.tunnel(target).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{target}: {answer}");
        let GatewayEvent::Refused { why, .. } = folder.events.try_recv().unwrap();
        assert_eq!(why, Why::Near, "{target}");
    }
    let (answer, _) = folder.tunnel("127.0.0.1:443").await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_its_target_is_judged_anew() {
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
    let (port, heads) = answering(moved.to_owned()).await;
    let wiring = Wiring::new(&[("moved.example", port)], Names::new(&[]));
    let folder = Folder::open(wiring.clone(), Network::Open, Limits::default());
    let answer = folder
        .ask("GET http://moved.example/ HTTP/1.1\r\nHost: moved.example\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 302 "), "{answer}");
    assert_eq!(wiring.dialled.lock().unwrap().len(), 1, "it was not followed");
    assert_eq!(heads.lock().unwrap().len(), 1);
    let answer = folder
        .ask("GET http://127.0.0.1:9/ HTTP/1.1\r\nHost: moved.example\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[tokio::test]
async fn what_is_no_request_to_a_proxy_is_answered_and_dialled_nowhere() {
    let wiring = Wiring::new(&[], Names::new(&[]));
    let folder = Folder::open(wiring.clone(), Network::Open, Limits::default());
    for request in [
        "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "GET https://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "GET http://me:pw@example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "CONNECT example.org HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "CONNECT me@example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "CONNECT example.org:0 HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "CONNECT example.org:99999 HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "CONNECT 127%2e0.0.1:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "\x16\x03\x01\x02\x00\r\n\r\n",
    ] {
        let answer = folder.ask(request).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
            "{request}: {answer}"
        );
    }
    assert_eq!(wiring.dialled.lock().unwrap().len(), 0);
    let (answer, _) = folder.tunnel("nowhere.example:443").await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
}

#[tokio::test]
async fn a_change_of_the_rules_counts_at_once_for_open_connections_too() {
    let wiring = Wiring::new(&[("git.example", echo().await)], Names::new(&[]));
    let folder = Folder::open(wiring, Network::Off, Limits::default());
    let (answer, _) = folder.tunnel("git.example:443").await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");

    folder.rules.send(listed(&["git.example"])).unwrap();
    let (answer, mut stream) = folder.tunnel("git.example:443").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    folder.rules.send(Network::Open).unwrap();
    stream.write_all(b"still").await.unwrap();
    let mut said = [0; 5];
    stream.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"still", "what is allowed either way goes on");

    folder.rules.send(listed(&["other.example"])).unwrap();
    assert_eq!(rest(&mut stream).await, "", "what is not allowed any more is cut");
    let (answer, _) = folder.tunnel("git.example:443").await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}
