//! What the proxy adds to each token of a stream.
//!
//! A provider on this machine writes into each event when it sent it; a client reads how long ago that was. Half of
//! the streams go to the provider, half through the proxy, at the same time and on the same threads, so that whatever
//! else the machine does hits both. Then a thousand streams go through the proxy at once.
//!
//! `cargo bench -p cowork-key-proxy --bench streaming`

#![expect(clippy::print_stdout, reason = "the table is what it is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cowork_key_proxy::{KeyProxy, KeySource, KeyUnavailable, KeyUse, Limits, Route};
use cowork_outward::{Options, Outward, Proxies, Reach};
use cowork_providers::Wire;
use cowork_vault::Sensitive;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// As fast as a fast model.
const PER_SECOND: u64 = 200;
const SECONDS: u64 = 5;
const STREAMS: usize = 16;
const MANY: usize = 1000;
const MANY_PER_SECOND: u64 = 10;
const FLOOD: u64 = 500;

struct OneKey;

#[async_trait]
impl KeySource for OneKey {
    async fn key(&self, _: &str) -> Result<Sensitive, KeyUnavailable> {
        // As long as the ones of today.
        Ok(Sensitive::new(format!("sk-ant-api03-{}", "aB3-_".repeat(19))))
    }
}

/// Sends `x-events` events with `x-pause` microseconds between them.
async fn provide(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            let (mut events, mut pause) = (0, 0);
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).await.unwrap_or(0) <= 2 {
                    break;
                }
                let number = |line: &str| line.split_once(':').unwrap().1.trim().parse::<u64>().unwrap();
                match line.to_ascii_lowercase() {
                    line if line.starts_with("x-events:") => events = number(&line),
                    line if line.starts_with("x-pause:") => pause = number(&line),
                    _ => {}
                }
            }
            stream.read_exact(&mut [0; 2]).await.unwrap();
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut ticks = tokio::time::interval(Duration::from_micros(pause.max(1)));
            for _ in 0..events {
                if pause > 0 {
                    ticks.tick().await;
                }
                let event = format!(
                    "data: {{\"sent\":{:020},\"type\":\"content_block_delta\",\"delta\":{{\"text\":\" token\"}}}}\n\n",
                    START.elapsed().as_nanos()
                );
                let chunk = format!("{:x}\r\n{event}\r\n", event.len());
                if stream.write_all(chunk.as_bytes()).await.is_err() {
                    return;
                }
            }
            let _ = stream.write_all(b"0\r\n\r\n").await;
        });
    }
}

/// How long each event of one stream was on its way, in nanoseconds.
async fn stream(port: u16, token: Arc<str>, events: u64, pause: u64) -> Vec<u64> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let request = format!(
        "POST /anthropic/messages HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-api-key: {token}\r\nx-events: {events}\r\n\
         x-pause: {pause}\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut delays = Vec::with_capacity(usize::try_from(events).unwrap());
    while delays.len() < usize::try_from(events).unwrap() {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some((_, sent)) = line.split_once("\"sent\":") {
            let sent: u128 = sent[..20].parse().unwrap();
            delays.push(u64::try_from(START.elapsed().as_nanos() - sent).unwrap());
        }
    }
    delays
}

async fn streams(ports: &[u16], token: &Arc<str>, events: u64, pause: u64) -> Vec<Vec<u64>> {
    let running: Vec<_> = ports
        .iter()
        .map(|port| tokio::spawn(stream(*port, Arc::clone(token), events, pause)))
        .collect();
    let mut delays = Vec::new();
    for stream in running {
        delays.push(stream.await.unwrap());
    }
    delays
}

fn percentile(sorted: &[u64], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len() - 1);
    Duration::from_nanos(sorted[place]).as_secs_f64() * 1000.0
}

fn row(name: &str, mut delays: Vec<u64>) -> (f64, f64) {
    delays.sort_unstable();
    let (median, high) = (percentile(&delays, 50), percentile(&delays, 95));
    println!(
        "{name:<44} {:>8} {median:>10.3} {high:>10.3} {:>10.3}",
        delays.len(),
        percentile(&delays, 99)
    );
    (median, high)
}

#[tokio::main]
async fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let direct = listener.local_addr().unwrap().port();
    tokio::spawn(provide(listener));
    let outward = Outward::new(Options {
        proxies: Proxies::None,
        ..Options::default()
    })
    .unwrap();
    let limits = Limits {
        requests_in_a_run: u64::MAX,
        ..Limits::default()
    };
    let proxy = KeyProxy::start(Arc::new(OneKey), outward, limits).unwrap();
    proxy.set_routes(vec![Route {
        name: "P".to_owned(),
        provider: "anthropic".to_owned(),
        upstream: format!("http://127.0.0.1:{direct}/").parse().unwrap(),
        reach: Reach::Loopback,
        wire: Wire::Anthropic,
        key: KeyUse::Key,
        headers: Vec::new(),
    }]);
    let token: Arc<str> = proxy.begin_run().unwrap().expose().into();

    println!(
        "{:<44} {:>8} {:>10} {:>10} {:>10}",
        "delay of an event, in ms", "events", "median", "95 %", "99 %"
    );
    let ports: Vec<u16> = (0..STREAMS)
        .map(|stream| if stream % 2 == 0 { direct } else { proxy.port() })
        .collect();
    let delays = streams(&ports, &token, PER_SECOND * SECONDS, 1_000_000 / PER_SECOND).await;
    let of = |port: u16| {
        let chosen = ports.iter().zip(&delays).filter(|(of, _)| **of == port);
        chosen
            .flat_map(|(_, delays)| delays.iter().copied())
            .collect::<Vec<u64>>()
    };
    let without = row(
        &format!("{} streams, {PER_SECOND}/s, direct", STREAMS / 2),
        of(direct),
    );
    let with = row(
        &format!("{} streams, {PER_SECOND}/s, through the proxy", STREAMS / 2),
        of(proxy.port()),
    );
    println!(
        "{:<44} {:>8} {:>10.3} {:>10.3}",
        "added",
        "",
        with.0 - without.0,
        with.1 - without.1
    );
    for (name, port) in [("direct", direct), ("through the proxy", proxy.port())] {
        let delays = streams(
            &[port; MANY],
            &token,
            MANY_PER_SECOND * SECONDS,
            1_000_000 / MANY_PER_SECOND,
        )
        .await;
        row(
            &format!("{MANY} streams, {MANY_PER_SECOND}/s, {name}"),
            delays.concat(),
        );
    }
    for (name, port) in [("direct", direct), ("through the proxy", proxy.port())] {
        let started = Instant::now();
        let events: usize = streams(&[port; MANY], &token, FLOOD, 0)
            .await
            .iter()
            .map(Vec::len)
            .sum();
        let seconds = started.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "half a million fits")]
        let rate = events as f64 / seconds;
        println!("{MANY} streams, without a pause, {name}: {rate:.0} events/s");
    }
}
