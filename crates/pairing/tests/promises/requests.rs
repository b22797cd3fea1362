//! What a server sees of this desktop, and what becomes of what it answers.

use std::sync::Arc;
use std::time::Duration;

use cowork_outward::{Options, Outward, Proxies};
use cowork_pairing::address::BrokerAddress;
use cowork_pairing::broker::{Broker, BrokerError, Outcome};
use cowork_pairing::client::Client;
use cowork_pairing::token::Token;
use cowork_pairing_protocol::wire::{
    Answered, Capabilities, Claim, CommandResult, Heartbeat, PairingStatus, ResultStatus,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::addresses::changing;
use crate::world::{DEVICE, PAIRING, event, prompt};

/// A server that answers every request the same, and tells what it was sent.
async fn server(answer: Vec<u8>) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (sender, answer) = (sender.clone(), answer.clone());
            tokio::spawn(async move {
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                while !whole(&request) {
                    match stream.read(&mut buffer).await {
                        Ok(length) if length > 0 => request.extend_from_slice(&buffer[..length]),
                        _ => return,
                    }
                }
                // The test may be over, and nobody listen any more.
                let _ = sender.send(String::from_utf8_lossy(&request).into_owned());
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (address, receiver)
}

fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().unwrap())
    });
    body.len() >= length.unwrap_or(0)
}

fn client(address: &str) -> (Client, String) {
    let options = Options {
        proxies: Proxies::None,
        ..Options::default()
    };
    client_with(address, options)
}

fn client_with(address: &str, options: Options) -> (Client, String) {
    let token = Token::mint().unwrap();
    let text = token.expose().to_owned();
    let address = BrokerAddress::judge(address).unwrap();
    let outward = Outward::new(options).unwrap();
    (
        Client::new(outward, address, PAIRING.to_owned(), DEVICE.to_owned(), token),
        text,
    )
}

fn heartbeat() -> Heartbeat {
    Heartbeat {
        pairing_id: PAIRING.to_owned(),
        device_id: DEVICE.to_owned(),
        status: PairingStatus::PairedOnline,
        last_command_sequence: 7,
    }
}

fn claim() -> Claim {
    Claim {
        pairing_id: PAIRING.to_owned(),
        device_id: DEVICE.to_owned(),
        after_sequence: 0,
        limit: 10,
        lease_seconds: 45,
        capabilities: Capabilities::default(),
        wait_seconds: None,
    }
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

async fn beat(status: &str, headers: &str, body: &str) -> BrokerError {
    let (address, _requests) = server(answer(status, headers, body)).await;
    client(&address).0.heartbeat(&heartbeat()).await.unwrap_err()
}

#[tokio::test]
async fn a_request_is_what_the_protocol_says() {
    let (address, mut requests) = server(answer(
        "204 No Content",
        "date: Sat, 01 Aug 2026 12:00:00 GMT\r\n",
        "",
    ))
    .await;
    let (client, token) = client(&format!("{address}/team/"));
    let reply = client.heartbeat(&heartbeat()).await.unwrap();
    assert_eq!(reply.date, Some("2026-08-01T12:00:00Z".parse().unwrap()));
    let request = requests.recv().await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.replace(&token, "TOKEN");
    let mut lines: Vec<_> = head.lines().filter(|line| !line.starts_with("host")).collect();
    lines[1..].sort_unstable();
    assert_eq!(
        lines,
        [
            "POST /team/api/desktop-pairing/heartbeat HTTP/1.1",
            "authorization: Bearer TOKEN",
            "content-length: 96",
            "content-type: application/json",
            "x-open-cowork-device-id: device_1",
            "x-open-cowork-pairing-extensions: wait,redelivery,resume",
            "x-open-cowork-pairing-id: pairing_1",
        ]
    );
    assert_eq!(
        body,
        r#"{"pairingId":"pairing_1","deviceId":"device_1","status":"paired_online","lastCommandSequence":7}"#
            .to_owned()
    );
}

#[tokio::test]
async fn an_id_that_the_server_chose_leads_to_no_other_path() {
    let (address, mut requests) = server(answer("204 No Content", "", "")).await;
    let (client, _) = client(&address);
    let answered = Answered {
        result: CommandResult::new(ResultStatus::Completed, None),
        lease_token: None,
    };
    client
        .answer("../../admin?x#y é", Outcome::Ack, &answered)
        .await
        .unwrap();
    let request = requests.recv().await.unwrap();
    let line = request.lines().next().unwrap();
    assert_eq!(
        line,
        "POST /api/desktop-pairing/commands/%2E%2E%2F%2E%2E%2Fadmin%3Fx%23y%20%C3%A9/ack HTTP/1.1"
    );
    client
        .answer("command_1", Outcome::Fail, &answered)
        .await
        .unwrap();
    let request = requests.recv().await.unwrap();
    assert!(request.starts_with("POST /api/desktop-pairing/commands/command_1/fail "));
    assert!(request.contains(r#""leaseToken":null"#) && request.contains(r#""projectionFence":null"#));
}

#[tokio::test]
async fn answers_of_both_kinds_of_server_are_taken() {
    let (address, _requests) = server(answer("200 OK", "", r#"{"through":12}"#)).await;
    let received = client(&address).0.events(&[event(1)]).await.unwrap();
    assert_eq!(received.map(|received| received.through), Some(12));
    for body in ["", "{}", "\"ok\""] {
        let (address, _requests) = server(answer("200 OK", "", body)).await;
        assert_eq!(client(&address).0.events(&[event(1)]).await.unwrap(), None);
    }
    let (address, _requests) = server(answer("204 No Content", "", "")).await;
    assert!(
        client(&address)
            .0
            .claim(&claim())
            .await
            .unwrap()
            .body
            .commands
            .is_empty()
    );
}

#[tokio::test]
async fn failures_are_told_apart() {
    assert_eq!(beat("401 Unauthorized", "", "").await, BrokerError::Unknown);
    assert_eq!(
        beat("403 Forbidden", "", r#"{"error":"revoked"}"#).await,
        BrokerError::Revoked
    );
    let said = format!(r#"{{"message":"{}","code":"revoked"}}"#, "long ".repeat(200));
    assert_eq!(beat("410 Gone", "", &said).await, BrokerError::Revoked);
    assert_eq!(beat("403 Forbidden", "", &said).await, BrokerError::Revoked);
    assert!(
        matches!(
            beat("410 Gone", "", "").await,
            BrokerError::Refused { status: 410, .. }
        ),
        "an end is said in so many words"
    );
    assert!(matches!(
        beat("403 Forbidden", "", "no").await,
        BrokerError::Refused { status: 403, .. }
    ));
    assert!(matches!(
        beat("400 Bad Request", "", "no").await,
        BrokerError::Refused { status: 400, .. }
    ));
    assert!(matches!(
        beat("500 Oops", "", "no").await,
        BrokerError::Failed { status: 500, .. }
    ));
    let waits = [
        ("retry-after: 7\r\n", Some(Duration::from_secs(7))),
        (
            "date: Sat, 01 Aug 2026 12:00:00 GMT\r\nretry-after: Sat, 01 Aug 2026 12:01:30 GMT\r\n",
            Some(Duration::from_secs(90)),
        ),
        ("retry-after: soon\r\n", None),
    ];
    for (headers, expected) in waits {
        assert_eq!(
            beat("429 Too Many Requests", headers, "").await.retry_after(),
            expected
        );
        assert_eq!(beat("503 Busy", headers, "").await.retry_after(), expected);
    }
}

#[tokio::test]
async fn the_first_characters_of_a_failure_are_kept_without_secrets() {
    let body = format!("password=hunter2 {}", "é".repeat(100_000));
    let BrokerError::Failed { text, .. } = beat("502 Bad Gateway", "", &body).await else {
        panic!("it is a failure");
    };
    assert_eq!(text.chars().count(), 256);
    assert!(text.starts_with("password=[redacted] é"));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_goes_nowhere() {
    let (elsewhere, mut asked) = server(answer("204 No Content", "", "")).await;
    for status in [
        "300 Choices",
        "301 Moved",
        "302 Found",
        "303 Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let error = beat(status, &format!("location: {elsewhere}/x\r\n"), "").await;
        assert!(matches!(error, BrokerError::Redirect(_)), "{error:?}");
    }
    assert!(asked.try_recv().is_err(), "nobody asked there");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let huge = answer("200 OK", "", &format!("\"{}\"", "x".repeat(5 * 1024 * 1024)));
    let (address, _requests) = server(huge).await;
    let error = client(&address).0.claim(&claim()).await.unwrap_err();
    assert!(
        matches!(&error, BrokerError::Unreadable(why) if why.contains("longer")),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_is_no_answer_of_the_protocol_is_said_to_be_none() {
    for body in ["<html>", "[]", r#"{"commands":1}"#] {
        let (address, _requests) = server(answer("200 OK", "", body)).await;
        let error = client(&address).0.claim(&claim()).await.unwrap_err();
        assert!(matches!(error, BrokerError::Unreadable(_)), "{error:?}");
    }
    let (address, _requests) = server(b"garbage\r\n\r\n".to_vec()).await;
    assert!(matches!(
        client(&address).0.claim(&claim()).await,
        Err(BrokerError::Unreachable(_))
    ));
}

#[tokio::test]
async fn a_command_that_cannot_be_read_keeps_no_other_from_being_read() {
    let good = serde_json::to_string(&prompt(2)).unwrap();
    let body = format!(r#"{{"commands":[{{"id":7}},{good},null],"remoteStatus":"asleep"}}"#);
    let (address, _requests) = server(answer("200 OK", "", &body)).await;
    let claimed = client(&address).0.claim(&claim()).await.unwrap().body;
    assert_eq!((claimed.commands, claimed.remote_status), (vec![prompt(2)], None));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (client, _) = client(&address);
    let client = client.with_patience(Duration::from_millis(50));
    let error = client.heartbeat(&heartbeat()).await.unwrap_err();
    assert!(matches!(error, BrokerError::Unreachable(_)));
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_when_it_is_connected_to_gets_nothing() {
    // A listener here that a rebound name would reach.
    let (here, mut asked) = server(answer("204 No Content", "", "")).await;
    let port = here.rsplit(':').next().unwrap().to_owned();
    for near in [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "0.0.0.0",
        "fe80::1",
        "fd00:ec2::254",
        "fc00::1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ] {
        let resolver = changing(&[&["93.184.215.14"], &[near]]);
        let address = BrokerAddress::judge(&format!("https://cloud.example.com:{port}")).unwrap();
        let resolver: Arc<dyn cowork_outward::Resolve> = Arc::new(resolver);
        cowork_pairing::address::looked_up(&address, &*resolver)
            .await
            .unwrap();
        let options = Options {
            proxies: Proxies::None,
            resolver,
            ..Options::default()
        };
        let (client, _) = client_with(address.as_str(), options);
        let error = client.heartbeat(&heartbeat()).await.unwrap_err();
        assert!(matches!(error, BrokerError::Unsafe(_)), "{near}: {error:?}");
    }
    assert!(asked.try_recv().is_err(), "nobody asked there");
}

#[tokio::test]
async fn no_token_shows_itself() {
    let (client, token) = client("http://127.0.0.1:9");
    let error = client.heartbeat(&heartbeat()).await.unwrap_err();
    assert!(!format!("{client:?} {error:?} {error}").contains(&token));
}
