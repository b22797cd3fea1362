//! The key is had for each request, counted, and never comes back.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use cowork_key_proxy::{KeyProxy, KeyUse, Limits, ProxyNews};
use cowork_outward::{Options, Outward, Proxies, Reach, Resolve};
use cowork_providers::Wire;
use http::{HeaderName, HeaderValue};

use crate::common::{Behaviour, JSON, KEY, Room, answers, eventually, route, told, whole};

#[tokio::test]
async fn a_changed_key_is_used_at_the_next_request() {
    let room = Room::new(answers(JSON)).await;
    room.ask(room.request()).await;
    *room.keys.key.lock().unwrap() = Ok("sk-another-one".to_owned());
    room.ask(room.request()).await;
    let keys: Vec<_> = room
        .provider
        .asked()
        .iter()
        .map(|asked| asked.header("x-api-key").unwrap().to_owned())
        .collect();
    assert_eq!(keys, [KEY, "sk-another-one"]);
}

#[tokio::test]
async fn a_key_that_cannot_be_had_is_said_in_words_and_not_tried_for_ever() {
    let room = Room::new(answers(JSON)).await;
    let mut news = room.proxy.news();
    *room.keys.key.lock().unwrap() = Err("The keychain is locked.".to_owned());
    let answer = room.ask(room.request()).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "key_unavailable"));
    assert!(answer.body.contains("The keychain is locked."), "{}", answer.body);
    let expected = ProxyNews::KeyUnavailable {
        provider: "anthropic".to_owned(),
        message: "The keychain is locked.".to_owned(),
    };
    assert_eq!(told(&mut news), [expected]);
    *room.keys.key.lock().unwrap() = Ok("no\nkey".to_owned());
    assert_eq!(room.ask(room.request()).await.code(), "key_unavailable");
    assert_eq!(room.provider.asked().len(), 0);
    assert_eq!(room.proxy.usage()[0].failures, 2);
}

#[tokio::test]
async fn a_model_without_a_key_gets_none() {
    let room = Room::new(answers(JSON)).await;
    let mut local = route(room.provider.port);
    local.key = KeyUse::None;
    local.wire = Wire::OpenAiCompatible;
    local.headers = vec![(HeaderName::from_static("x-ours"), HeaderValue::from_static("1"))];
    room.proxy.set_routes(vec![local]);
    let mut request = room.request();
    *request.uri_mut() = format!("{}/chat/completions", room.proxy.base_url("anthropic"))
        .parse()
        .unwrap();
    let answer = room.ask(request).await;
    assert_eq!(
        answer.headers["content-length"], "11",
        "what is not changed keeps its length"
    );
    let asked = room.provider.asked().pop().unwrap();
    assert_eq!(
        (asked.header("authorization"), asked.header("x-api-key")),
        (None, None)
    );
    assert_eq!(asked.header("x-ours"), Some("1"));
    assert_eq!(room.keys.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_key_that_is_refused_is_told_to_its_source_and_to_the_person() {
    for (status, asked_to_refresh) in [(401, 1), (403, 0)] {
        let text = format!("HTTP/1.1 {status} No\r\ncontent-length: 2\r\n\r\nno");
        let room = Room::new(answers(&text)).await;
        let mut news = room.proxy.news();
        let answer = room.ask(room.request()).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (status, "no"),
            "the provider's own words pass"
        );
        let expected = ProxyNews::KeyRefused {
            provider: "anthropic".to_owned(),
            status,
        };
        assert_eq!(told(&mut news), [expected]);
        eventually("the key source hears of it", || {
            room.keys.refused.lock().unwrap().len() == asked_to_refresh
        })
        .await;
        let usage = &room.proxy.usage()[0];
        assert_eq!((usage.failures, usage.last_status), (1, Some(status)));
    }
}

#[tokio::test]
async fn a_provider_that_echoes_its_request_does_not_give_the_key_away() {
    let room = Room::new(Behaviour::Echoes).await;
    let answer = room.ask(room.request()).await;
    assert!(answer.body.contains("x-api-key: [redacted]"), "{}", answer.body);
    assert_eq!(answer.headers["x-request-id"], "[redacted]");
    assert!(!format!("{answer:?}").contains(KEY));
}

#[tokio::test]
async fn a_run_is_warned_stopped_and_goes_on_when_the_person_allows_more() {
    let limits = Limits {
        requests_in_a_run: 5,
        ..Limits::default()
    };
    let room = Room::with_limits(answers(JSON), limits).await;
    let mut news = room.proxy.news();
    for _ in 0..5 {
        assert_eq!(room.ask(room.request()).await.status, 200);
    }
    for _ in 0..2 {
        let answer = room.ask(room.request()).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "cap_reached"));
    }
    let provider = "anthropic".to_owned();
    let near = ProxyNews::CapNear {
        provider: provider.clone(),
        requests: 4,
        cap: 5,
    };
    assert_eq!(
        told(&mut news),
        [near, ProxyNews::CapReached { provider, cap: 5 }]
    );
    room.proxy.allow_more("anthropic");
    assert_eq!(room.ask(room.request()).await.status, 200);
    assert_eq!(room.provider.asked().len(), 6);
    let usage = &room.proxy.usage()[0];
    assert_eq!((usage.requests, usage.run_requests, usage.run_cap), (6, 6, 10));
    room.proxy.begin_run().unwrap();
    assert_eq!(room.proxy.usage()[0].run_requests, 0);
}

#[tokio::test]
async fn what_was_asked_is_counted() {
    let room = Room::new(answers(JSON)).await;
    assert!(room.proxy.usage().is_empty());
    room.ask(room.request_with("12345")).await;
    room.ask(room.request_with("12345")).await;
    let usage = room.proxy.usage().remove(0);
    assert_eq!(
        (usage.provider.as_str(), usage.requests, usage.failures),
        ("anthropic", 2, 0)
    );
    assert_eq!(
        (usage.bytes_up, usage.bytes_down, usage.last_status),
        (10, 22, Some(200))
    );
}

struct Mind(std::sync::Mutex<Vec<&'static str>>, u16);

#[async_trait]
impl Resolve for Mind {
    async fn resolve(&self, _: &str, _: u16) -> std::io::Result<Vec<std::net::SocketAddr>> {
        let address = self.0.lock().unwrap().remove(0);
        Ok(vec![std::net::SocketAddr::new(address.parse().unwrap(), self.1)])
    }
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_gets_no_key_and_the_person_hears_of_it() {
    let room = Room::new(answers(JSON)).await;
    let outward = Outward::new(Options {
        proxies: Proxies::None,
        idle_connections: 0,
        resolver: Arc::new(Mind(vec!["127.0.0.1", "8.8.8.8"].into(), room.provider.port)),
        ..Options::default()
    })
    .unwrap();
    let proxy = KeyProxy::start(
        Arc::<crate::common::Keys>::clone(&room.keys),
        outward,
        Limits::default(),
    )
    .unwrap();
    let mut named = route(room.provider.port);
    named.upstream = format!("http://llm.lan:{}/v1", room.provider.port)
        .parse()
        .unwrap();
    named.reach = Reach::LocalNetwork;
    proxy.set_routes(vec![named]);
    let token = proxy.begin_run().unwrap();
    let mut news = proxy.news();
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut request = room.request();
        *request.uri_mut() = format!("{}/messages", proxy.base_url("anthropic"))
            .parse()
            .unwrap();
        request
            .headers_mut()
            .insert("x-api-key", token.expose().parse().unwrap());
        answers.push(whole(room.send(request).await).await);
    }
    assert_eq!(answers[0].status, 200);
    assert_eq!(answers[1].status, 403, "{}", answers[1].body);
    assert_eq!(answers[1].code(), "not_safe");
    assert!(
        matches!(&told(&mut news)[..], [ProxyNews::NotSafe { provider, .. }] if provider == "anthropic"),
        "it is news"
    );
    assert_eq!(room.provider.asked().len(), 1);
}
