//! How much and how often.

use cowork_cloud::sign_in::rates::Counted;
use serde_json::{Value, json};

use crate::common::{Desktop, Site};

#[tokio::test]
async fn a_body_has_a_megabyte_at_most_whether_it_says_so_or_not() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    let large = "x".repeat(1024 * 1024 + 1);
    desktop.ask("/events").body(large.clone()).send().await.is(413);
    let mut chunked = format!("{:x}\r\n", large.len()).into_bytes();
    chunked.extend(large.as_bytes());
    chunked.extend(b"\r\n0\r\n\r\n");
    let asked = desktop
        .ask("/events")
        .header("transfer-encoding", "chunked")
        .body(chunked);
    asked.send().await.is(413);
    // One of just below goes through to what it says.
    let mut event = desktop.event("e1", None);
    event["payload"] = json!({ "text": "x".repeat(1024 * 1024 - 1_000) });
    desktop
        .post("/events", &json!({ "events": [event] }))
        .await
        .is(204);
}

#[tokio::test]
async fn what_is_too_large_is_said_before_whose_it_is() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    let asked = desktop
        .ask("/events")
        .with("content-length", "1048577")
        .without("authorization");
    asked.send().await.is(413);
}

#[tokio::test]
async fn a_request_has_five_hundred_events_at_most() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    let events = |count: u64| {
        let events: Vec<_> = (1..=count)
            .map(|number| desktop.event(&format!("e{number}"), Some(number)))
            .collect();
        json!({ "events": events })
    };
    let answer = desktop.post("/events", &events(501)).await.is(400);
    assert!(answer.said("/message").contains("`events`"));
    desktop.post("/events", &events(500)).await.is(204);
}

#[tokio::test]
async fn headers_are_bounded_and_the_refusal_is_dressed_as_any() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    let asked = desktop
        .ask("/heartbeat")
        .json(&desktop.heartbeat())
        .header("x-long", &"x".repeat(17_000));
    let answer = asked.send().await.is(431);
    assert!(answer.header("content-security-policy").is_some());
    let mut asked = desktop.ask("/heartbeat").json(&desktop.heartbeat());
    for number in 0..70 {
        asked = asked.header(&format!("x-{number}"), "x");
    }
    asked.send().await.is(431);
    // What is far beyond is cut off by the connection itself.
    let asked = desktop.ask("/heartbeat").header("x-long", &"x".repeat(60_000));
    assert_eq!(asked.send().await.status, 431);
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_again() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let (desktop, other) = (owner.pair("a").await, owner.pair("b").await);
    let app = site.server.app();
    // What a desktop may in a burst, taken by nobody's request.
    while app.rates.take(Counted::Desktop, &desktop.pairing).is_ok() {}
    let mut refused = None;
    for _ in 0..50 {
        let answer = desktop.post("/heartbeat", &desktop.heartbeat()).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        while app.rates.take(Counted::Desktop, &desktop.pairing).is_ok() {}
    }
    let refused = refused.expect("a request was refused");
    let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(seconds >= 1);
    other.post("/heartbeat", &other.heartbeat()).await.is(204);
}

/// Takes all that a desktop may, until one of its requests is refused for it.
async fn is_slowed_down(site: &Site, counted: Counted, desktop: &Desktop, path: &str, body: &Value) -> bool {
    let rates = &site.server.app().rates;
    for _ in 0..50 {
        while rates.take(counted, &desktop.pairing).is_ok() {}
        let answer = desktop.post(path, body).await;
        if answer.status == 429 {
            return answer.header("retry-after").is_some();
        }
    }
    false
}

#[tokio::test]
async fn whoever_tells_too_much_is_heard_when_it_answers() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let id = site.prompt(&owner, &desktop, "hello").await;
    let claimed = desktop.post("/commands/claim", &desktop.claim(0)).await.is(200);
    let lease = claimed.said("/commands/0/lease/leaseToken");
    let events = json!({ "events": [desktop.event("e1", None)] });
    assert!(is_slowed_down(&site, Counted::DesktopEvents, &desktop, "/events", &events).await);
    let answer = json!({ "result": Desktop::done(), "leaseToken": lease });
    let path = format!("/commands/{id}/ack");
    desktop.post(&path, &answer).await.is(204);
}

#[tokio::test]
async fn a_desktop_that_goes_on_asking_after_its_end_is_slowed_down() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let pairing = owner.below(&format!("desktops/{}", desktop.pairing));
    owner.delete(&pairing).await.is(204);
    for (path, body) in [
        ("/commands/claim", desktop.claim(0)),
        ("/heartbeat", desktop.heartbeat()),
    ] {
        assert!(
            is_slowed_down(&site, Counted::Desktop, &desktop, path, &body).await,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_desktop_that_is_away_has_a_bounded_queue() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    for number in 0..100 {
        site.prompt(&owner, &desktop, &format!("prompt {number}")).await;
    }
    let refusal = site
        .give(&owner, &desktop, &crate::common::prompt("one more"), "one-more")
        .await
        .unwrap_err();
    assert_eq!((refusal.status.as_u16(), refusal.code), (429, "quota"));
    // The same once more is not one more.
    site.prompt(&owner, &desktop, "prompt 7").await;
}
