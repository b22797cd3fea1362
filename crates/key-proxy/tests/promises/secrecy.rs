//! Whatever goes wrong, the key is in no log.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use cowork_key_proxy::Limits;
use http_body_util::BodyExt;
use tokio::sync::Semaphore;
use tracing_subscriber::fmt::MakeWriter;

use crate::common::{Behaviour, JSON, KEY, Room, answers, route};

/// All that is logged, of every test of this process that runs meanwhile.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn forms(secret: &str) -> Vec<String> {
    vec![
        secret.to_owned(),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        BASE64_STANDARD.encode(secret),
        BASE64_URL_SAFE_NO_PAD.encode(secret),
        secret
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat(),
        // As a list of numbers, which is how bytes are printed for debugging.
        format!("{:?}", &secret.as_bytes()[..secret.len() / 2])
            .trim_matches(['[', ']'])
            .to_owned(),
    ]
}

#[tokio::test]
async fn no_failure_puts_the_key_or_the_token_into_a_log_or_an_error() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let limits = Limits {
        answer: Duration::from_millis(100),
        answer_idle: Duration::from_millis(100),
        body_bytes: 1000,
        requests_in_a_run: 3,
        ..Limits::default()
    };
    let mut seen = Vec::new();
    let mut tokens = Vec::new();
    for behaviour in [
        answers(JSON),
        answers("garbage\r\n\r\n"),
        answers("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n"),
        answers("HTTP/1.1 302 Elsewhere\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"),
        Behaviour::Streams(&["one", "two"], Arc::new(Semaphore::new(1))),
        Behaviour::BreaksOff,
        Behaviour::Hangs,
        Behaviour::Resets,
        Behaviour::Echoes,
    ] {
        let room = Room::with_limits(behaviour, limits).await;
        tokens.push(room.token.expose().to_owned());
        let mut news = room.proxy.news();
        let mut too_big = room.request_with(vec![b'x'; 5000]);
        too_big
            .headers_mut()
            .insert("x-note", room.token.expose().parse().unwrap());
        for request in [
            room.request(),
            too_big,
            room.request(),
            room.request(),
            room.request(),
        ] {
            let response = room.send(request).await;
            seen.push(format!("{:?}", response.headers()));
            match response.into_body().collect().await {
                Ok(body) => seen.push(String::from_utf8_lossy(&body.to_bytes()).into_owned()),
                Err(error) => seen.push(format!("{error} {error:?}")),
            }
        }
        room.proxy.begin_run().unwrap();
        seen.push(format!("{:?}", room.ask(room.request()).await));
        let token = room.proxy.begin_run().unwrap();
        let with_new = |mut request: http::Request<cowork_outward::Body>| {
            request
                .headers_mut()
                .insert("x-api-key", token.expose().parse().unwrap());
            request
        };
        room.proxy.set_routes(vec![route(1)]);
        seen.push(format!("{:?}", room.ask(with_new(room.request())).await));
        *room.keys.key.lock().unwrap() = Ok(format!("{KEY}\n"));
        seen.push(format!("{:?}", room.ask(with_new(room.request())).await));
        room.keys.panics.store(true, Ordering::SeqCst);
        let failed = room
            .client
            .send(with_new(room.request()), cowork_outward::Reach::Loopback)
            .await;
        seen.push(format!("{:?}", failed.err()));
        seen.push(format!(
            "{:?} {:?}",
            room.proxy.usage(),
            crate::common::told(&mut news)
        ));
        tokens.push(token.expose().to_owned());
        room.proxy.stop().await;
    }
    let seen = seen.concat();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("a model request was not answered"),
        "the log was taken"
    );
    assert!(
        log.contains("a program without a valid token"),
        "the log was taken"
    );
    for secret in tokens.iter().map(String::as_str).chain([KEY]) {
        for form in forms(secret) {
            assert!(!log.contains(&form), "{form} was logged");
            assert!(!seen.contains(&form), "{form} was answered");
        }
    }
}
