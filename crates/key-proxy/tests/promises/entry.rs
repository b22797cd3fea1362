//! Who is let in, and to what.

use std::sync::atomic::Ordering;

use cowork_key_proxy::ProxyNews;
use cowork_providers::KeyHeader;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::{JSON, Room, answers, full, told};

#[tokio::test]
async fn the_token_is_taken_in_every_header_a_key_comes_in_and_swapped() {
    let room = Room::new(answers(JSON)).await;
    for header in KeyHeader::ALL {
        let mut request = room.request();
        request.headers_mut().remove("x-api-key");
        let value = format!("{}{}", header.prefix(), room.token.expose());
        request
            .headers_mut()
            .insert(header.name(), value.parse().unwrap());
        assert_eq!(room.ask(request).await.status, 200, "{header:?}");
        let asked = room.provider.asked().pop().unwrap();
        assert_eq!(asked.header("x-api-key"), Some(crate::common::KEY));
        assert_eq!(asked.header("authorization"), None);
        assert!(!asked.head.contains(room.token.expose()), "the token stays here");
        assert!(
            asked.head.starts_with("POST /v1/messages HTTP/1.1\r\n"),
            "{}",
            asked.head
        );
        assert_eq!(asked.body, b"{\"model\":\"m\"}");
    }
}

#[tokio::test]
async fn a_wrong_or_missing_token_is_refused_and_counted() {
    let room = Room::new(answers(JSON)).await;
    let mut news = room.proxy.news();
    let token = room.token.expose();
    let wrong = [
        "",
        "Bearer ",
        "cwk_",
        &token[..46],
        &format!("{token}A"),
        &token.to_lowercase(),
        "sk-guessed",
    ];
    for value in wrong {
        let mut request = room.request();
        request.headers_mut().insert("x-api-key", value.parse().unwrap());
        let answer = room.ask(request).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (401, "no_valid_token"),
            "{value}"
        );
    }
    let mut request = room.request();
    request.headers_mut().remove("x-api-key");
    assert_eq!(room.ask(request).await.status, 401);
    assert_eq!(room.provider.asked().len(), 0, "nothing went out");
    assert_eq!(room.keys.asked.load(Ordering::SeqCst), 0, "no key was asked for");
    assert_eq!(room.proxy.strangers(), 8);
    let attempts = [1, 2, 4, 8].map(|attempts| ProxyNews::Stranger { attempts });
    assert_eq!(
        told(&mut news),
        attempts,
        "each doubling is told, not each attempt"
    );
}

#[tokio::test]
async fn whoever_has_no_token_learns_nothing_of_paths_and_providers() {
    let room = Room::new(answers(JSON)).await;
    let mut bodies = Vec::new();
    for path in ["/anthropic/messages", "/nobody/messages", "/anthropic/files", "/"] {
        let answer = room
            .raw(&format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
            ))
            .await;
        bodies.push(answer.split_once("\r\n\r\n").unwrap().1.to_owned());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test]
async fn the_token_of_an_older_run_is_dead_at_once() {
    let room = Room::new(answers(JSON)).await;
    assert_eq!(room.ask(room.request()).await.status, 200);
    let port = room.proxy.port();
    let newer = room.proxy.begin_run().unwrap();
    assert_eq!(room.ask(room.request()).await.status, 401);
    let mut request = room.request();
    request
        .headers_mut()
        .insert("x-api-key", newer.expose().parse().unwrap());
    assert_eq!(room.ask(request).await.status, 200);
    assert_eq!(room.proxy.port(), port, "the port stays");
    room.proxy.end_run();
    let mut request = room.request();
    request
        .headers_mut()
        .insert("x-api-key", newer.expose().parse().unwrap());
    assert_eq!(room.ask(request).await.status, 401);
}

#[tokio::test]
async fn what_an_older_run_has_going_is_closed_with_it() {
    let permits = std::sync::Arc::new(tokio::sync::Semaphore::new(1));
    let room = Room::new(crate::common::Behaviour::Streams(&["one", "two"], permits)).await;
    let response = room.send(room.request()).await;
    assert_eq!(response.status(), 200);
    room.proxy.begin_run().unwrap();
    assert!(
        http_body_util::BodyExt::collect(response.into_body())
            .await
            .is_err(),
        "it breaks off"
    );
    crate::common::eventually("the provider's connection is closed", || {
        room.provider.closed.load(Ordering::SeqCst) == 1
    })
    .await;
}

#[tokio::test]
async fn a_web_page_is_refused_even_with_the_token() {
    let room = Room::new(answers(JSON)).await;
    let port = room.proxy.port();
    for (host, origin) in [
        ("attacker.example".to_owned(), None),
        (format!("attacker.example:{port}"), None),
        (format!("127.0.0.1:{}", port ^ 1), None),
        ("127.0.0.1".to_owned(), None),
        (format!("127.0.0.1:{port}"), Some("https://attacker.example")),
        (format!("127.0.0.1:{port}"), Some("null")),
        (format!("127.0.0.1:{port}"), Some("http://localhost:1420")),
    ] {
        let mut request = room.request();
        request.headers_mut().insert("host", host.parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let answer = room.ask(request).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "not_from_here"),
            "{host} {origin:?}"
        );
        assert!(
            !answer
                .headers
                .keys()
                .any(|name| name.as_str().starts_with("access-control"))
        );
    }
    let mut request = room.request();
    request
        .headers_mut()
        .insert("host", format!("localhost:{port}").parse().unwrap());
    assert_eq!(room.ask(request).await.status, 200);
    assert_eq!(room.provider.asked().len(), 1);
}

#[tokio::test]
async fn requests_for_other_machines_are_not_passed_on() {
    let room = Room::new(answers(JSON)).await;
    let (token, port) = (room.token.expose(), room.proxy.port());
    for line in [
        "POST http://attacker.example/anthropic/messages HTTP/1.1",
        "CONNECT attacker.example:443 HTTP/1.1",
        "OPTIONS * HTTP/1.1",
    ] {
        let request = format!(
            "{line}\r\nhost: 127.0.0.1:{port}\r\nx-api-key: {token}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let answer = room.raw(&request).await;
        let status = answer.split(' ').nth(1).unwrap();
        assert!(["400", "403", "404"].contains(&status), "{line}: {answer}");
    }
    assert_eq!(room.provider.asked().len(), 0);
}

#[tokio::test]
async fn only_model_requests_pass() {
    let room = Room::new(answers(JSON)).await;
    let base = format!("http://127.0.0.1:{}", room.proxy.port());
    for (method, path, code) in [
        ("GET", "/anthropic/messages", "not_a_model_request"),
        ("GET", "/anthropic/models", "not_a_model_request"),
        ("POST", "/anthropic/organizations/api_keys", "not_a_model_request"),
        ("POST", "/anthropic/messages/%2e%2e/files", "not_a_model_request"),
        ("POST", "/anthropic/messages?api_key=1", "not_a_model_request"),
        ("POST", "/anthropic", "not_a_model_request"),
        ("POST", "/openai/responses", "unknown_provider"),
        ("POST", "/", "unknown_provider"),
    ] {
        let mut request = room.request();
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = format!("{base}{path}").parse().unwrap();
        *request.body_mut() = full("");
        assert_eq!(room.ask(request).await.code(), code, "{method} {path}");
    }
    assert_eq!(room.provider.asked().len(), 0);
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let room = Room::new(answers(JSON)).await;
    let mut stream = room.connect().await;
    let request = format!(
        "POST /anthropic/messages HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-api-key: {}\r\ncontent-length: 2\r\n\r\n{{}}",
        room.proxy.port(),
        room.token.expose()
    );
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"0\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
    assert_eq!(room.provider.asked().len(), 3);
}

#[tokio::test]
async fn it_listens_on_this_machine_alone_and_stops() {
    let room = Room::new(answers(JSON)).await;
    assert_eq!(
        room.proxy.base_url("anthropic"),
        format!("http://127.0.0.1:{}/anthropic", room.proxy.port())
    );
    let mut open = room.connect().await;
    room.proxy.stop().await;
    assert_eq!(
        open.read(&mut [0; 8]).await.unwrap_or(0),
        0,
        "open connections are closed"
    );
    let again = tokio::net::TcpStream::connect(("127.0.0.1", room.proxy.port())).await;
    assert!(again.is_err(), "nobody listens any more");
}
