//! The head of a request: token, pairing, device.

use serde_json::json;

use crate::common::Site;

#[tokio::test]
async fn every_request_is_post_with_json_and_three_headers() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    let asks = [
        ("/heartbeat", desktop.heartbeat(), 204),
        ("/commands/claim", desktop.claim(0), 200),
        ("/events", json!({ "events": [] }), 204),
    ];
    for (path, body, status) in &asks {
        desktop.post(path, body).await.is(*status);
        for header in [
            "authorization",
            "x-open-cowork-pairing-id",
            "x-open-cowork-device-id",
        ] {
            let answer = desktop.ask(path).json(body).without(header).send().await.is(401);
            assert_eq!(answer.json()["error"], "unauthorized");
        }
        // The protocol asks for JSON and names no header for it.
        desktop.ask(path).body(body.to_string()).send().await.is(*status);
    }
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = site
            .ask(method, "/api/desktop-pairing/heartbeat")
            .send()
            .await
            .is(405);
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    site.ask("POST", "/api/desktop-pairing/elsewhere")
        .send()
        .await
        .is(404);
}

#[tokio::test]
async fn everything_wrong_with_who_it_is_has_one_answer() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let (desktop, other) = (owner.pair("a").await, owner.pair("b").await);
    let body = desktop.heartbeat();
    let ask = || desktop.ask("/heartbeat").json(&body);
    let bearer = |token: &str| format!("Bearer {token}");
    let wrong = [
        ask().with("authorization", &bearer(&other.token)),
        ask().with("authorization", &bearer("ocp_short")),
        ask().with("authorization", &bearer(&desktop.token.replace("ocp_", "oct_"))),
        ask().with("authorization", &format!("Basic {}", desktop.token)),
        ask().with("authorization", &desktop.token),
        ask().with("authorization", ""),
        ask().header("authorization", &bearer(&other.token)),
        ask().with("x-open-cowork-pairing-id", &other.pairing),
        ask().with("x-open-cowork-pairing-id", "pairing-of-nobody"),
        ask().with("x-open-cowork-pairing-id", &"x".repeat(201)),
        ask().header("x-open-cowork-pairing-id", &other.pairing),
        ask().with("x-open-cowork-device-id", &other.device),
        ask().with("x-open-cowork-device-id", "device-of-nobody"),
    ];
    let mut said = Vec::new();
    for asked in wrong {
        let answer = asked.send().await.is(401);
        let mut headers = answer.headers.clone();
        headers.retain(|(name, _)| name != "x-request-id" && name != "date");
        said.push((headers, answer.text()));
    }
    assert!(said.iter().all(|each| *each == said[0]), "{said:?}");
    ask().send().await.is(204);
}

#[tokio::test]
async fn the_scheme_of_the_token_is_spelled_as_one_likes() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    for scheme in ["bearer", "BEARER"] {
        let token = format!("{scheme} {}", desktop.token);
        let asked = desktop.ask("/heartbeat").json(&desktop.heartbeat());
        asked.with("authorization", &token).send().await.is(204);
    }
}

#[tokio::test]
async fn what_is_checked_first_is_said_first() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let path = "/commands/claim";
    let mut outside = desktop.claim(0);
    outside["limit"] = json!(0);
    let mut of_another = outside.clone();
    of_another["pairingId"] = json!("pairing-of-nobody");
    // The token before the body's form, the form before whose it is, whose it is before how much it asks for.
    let asked = desktop.ask(path).body("{").without("authorization");
    asked.send().await.is(401);
    desktop.ask(path).body("{").send().await.is(400);
    desktop.post(path, &of_another).await.is(403);
    let answer = desktop.post(path, &outside).await.is(400);
    assert!(answer.said("/message").contains("`limit`"));
    // And that before how often it asks.
    let rates = &site.server.app().rates;
    let counted = cowork_cloud::sign_in::rates::Counted::Desktop;
    while rates.take(counted, &desktop.pairing).is_ok() {}
    desktop.post(path, &outside).await.is(400);
    // That the pairing is over is said before anything about the body.
    let desktop = owner.pair("b").await;
    let pairing = owner.below(&format!("desktops/{}", desktop.pairing));
    owner.delete(&pairing).await.is(204);
    desktop.ask("/heartbeat").body("{").send().await.is(403);
    let answer = desktop.ask(path).body("{").send().await.is(200);
    assert_eq!(answer.json()["remoteStatus"], "revoked");
}
