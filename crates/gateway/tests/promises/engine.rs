//! The engine's own gate.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cowork_gateway::{EngineGate, Exceptions, Gateway, GatewayEvent, Limits, Source, Why};
use cowork_outward::Proxies;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

use crate::common::{Names, Wiring, answering, echo, head, outward, rest};

struct Opened {
    gate: EngineGate,
    exceptions: watch::Sender<Exceptions>,
    events: mpsc::Receiver<GatewayEvent>,
}

async fn open(dial: Arc<dyn cowork_gateway::Dial>, exceptions: Exceptions) -> Opened {
    let (gateway, events) = Gateway::new(dial, Limits::default());
    let (exceptions, followed) = watch::channel(exceptions);
    let gate = gateway.serve_engine(followed).await.unwrap();
    Opened {
        gate,
        exceptions,
        events,
    }
}

impl Opened {
    fn authorization(&self) -> String {
        let url = self.gate.engine_url();
        let pair = url
            .expose()
            .strip_prefix("http://")
            .unwrap()
            .split_once('@')
            .unwrap()
            .0;
        format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(pair))
    }

    async fn tunnel(&self, to: &str, authorization: &str) -> (String, TcpStream) {
        let mut stream = TcpStream::connect(self.gate.address()).await.unwrap();
        let request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{authorization}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        (head(&mut stream).await, stream)
    }
}

#[tokio::test]
async fn without_the_password_nothing_is_even_looked_at() {
    let names = Names::new(&[]);
    let wiring = Wiring::new(&[("web.example", echo().await)], names);
    let opened = open(wiring.clone(), Exceptions::default()).await;
    let mut wrong = opened.authorization();
    wrong.replace_range(wrong.len() - 6..wrong.len() - 5, "!");
    for authorization in ["", "Proxy-Authorization: Basic ZW5naW5lOg==\r\n", &wrong] {
        let (answer, _) = opened.tunnel("web.example:443", authorization).await;
        assert!(answer.starts_with("HTTP/1.1 407 "), "{authorization}: {answer}");
        assert!(
            answer.to_ascii_lowercase().contains("proxy-authenticate: basic"),
            "{answer}"
        );
    }
    assert_eq!(wiring.dialled.lock().unwrap().len(), 0);
    let (answer, mut stream) = opened.tunnel("web.example:8443", &opened.authorization()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(rest(&mut stream).await, "hello");
    let shown = format!("{:?}", opened.gate.engine_url());
    assert_eq!(shown, "EngineUrl(hidden)");
}

#[tokio::test]
async fn this_machine_is_reached_at_the_excepted_ports_alone_and_looked_up_once() {
    let port = echo().await;
    let other = echo().await;
    let here = format!("127.0.0.1:{port}");
    let names = Names::new(&[("llm.lan", &[&here])]);
    let outward = Arc::new(outward(Arc::clone(&names), Proxies::None));
    let exceptions = Exceptions::new([("127.0.0.1", port), ("LLM.lan.", port)]);
    let mut opened = open(outward, exceptions).await;
    let authorization = opened.authorization();
    for near in [
        here.clone(),
        format!("llm.lan:{port}"),
        format!("2130706433:{port}"),
    ] {
        let (answer, _) = opened.tunnel(&near, &authorization).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{near}: {answer}");
    }
    assert_eq!(names.asked.load(Ordering::SeqCst), 1);
    for near in [
        format!("127.0.0.1:{other}"),
        format!("127.0.0.2:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        format!("llm.lan:{other}"),
    ] {
        let (answer, mut stream) = opened.tunnel(&near, &authorization).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{near}: {answer}");
        let words = rest(&mut stream).await;
        assert!(words.starts_with("Cowork lets no connection to "), "{words}");
    }
    let GatewayEvent::Refused { source, why, .. } = opened.events.try_recv().unwrap();
    assert_eq!((source, why), (Source::Engine, Why::Near));

    let (_, mut stream) = opened.tunnel(&here, &authorization).await;
    opened.exceptions.send(Exceptions::default()).unwrap();
    let (answer, _) = opened.tunnel(&here, &authorization).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    // Judged again by the new exceptions it would go to the internet, which this connection does not.
    stream.shutdown().await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn the_password_goes_no_further() {
    let (port, heads) = answering("HTTP/1.1 204 No Content\r\n\r\n".to_owned()).await;
    let opened = open(
        Wiring::new(&[("web.example", port)], Names::new(&[])),
        Exceptions::default(),
    )
    .await;
    let mut stream = TcpStream::connect(opened.gate.address()).await.unwrap();
    let request = format!(
        "GET http://web.example/ HTTP/1.1\r\nHost: web.example\r\n{}\r\n",
        opened.authorization()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 204 "));
    let heads = heads.lock().unwrap().clone();
    assert!(
        !heads[0].to_ascii_lowercase().contains("proxy-authorization"),
        "{heads:?}"
    );
    drop(stream);
    opened.gate.close().await;
}
