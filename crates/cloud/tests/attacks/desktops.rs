//! A desktop, or whoever has its token, reaches for another's; and what is stale, replayed or forged.

use serde_json::json;

use crate::common::{Desktop, Site};

#[tokio::test]
async fn a_body_that_speaks_for_another_pairing_or_device_is_refused() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let (desktop, other) = (owner.pair("a").await, owner.pair("b").await);
    let cases = [
        ("/heartbeat", other.heartbeat()),
        ("/commands/claim", other.claim(0)),
        (
            "/events",
            json!({ "events": [desktop.event("e1", None), other.event("e2", None)] }),
        ),
        (
            "/revoke",
            json!({ "pairingId": other.pairing, "deviceId": other.device }),
        ),
        (
            "/revoke",
            json!({ "pairingId": desktop.pairing, "deviceId": other.device }),
        ),
    ];
    for (path, body) in cases {
        let answer = desktop.post(path, &body).await.is(403);
        assert_eq!(answer.json()["error"], "mismatch", "{path}");
    }
    other.post("/heartbeat", &other.heartbeat()).await.is(204);
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(204);
}

#[tokio::test]
async fn a_command_is_answered_by_the_desktop_that_has_it_alone() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let (desktop, other) = (owner.pair("a").await, owner.pair("b").await);
    let id = site.prompt(&owner, &desktop, "hello").await;
    let claimed = desktop.post("/commands/claim", &desktop.claim(0)).await.is(200);
    let lease = claimed.said("/commands/0/lease/leaseToken");
    let answer = json!({ "result": Desktop::done(), "leaseToken": lease });
    other.post(&format!("/commands/{id}/ack"), &answer).await.is(404);
    desktop
        .post(&format!("/commands/{id}/ack"), &answer)
        .await
        .is(204);
    assert_eq!(
        other
            .post("/commands/claim", &other.claim(0))
            .await
            .is(200)
            .json()["commands"],
        json!([])
    );
}

#[tokio::test]
async fn a_lease_that_is_over_answers_nothing_and_its_command_is_not_done_twice() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let id = site.prompt(&owner, &desktop, "hello").await;
    let claimed = desktop.post("/commands/claim", &desktop.claim(0)).await.is(200);
    let lease = claimed.said("/commands/0/lease/leaseToken");
    // The clock of the server, an hour on: what ends by time ends.
    let later = cowork_cloud::clock::now() + 60 * 60 * 1000;
    site.server.app().store.sweep_commands(later).await.unwrap();
    let answer = json!({ "result": Desktop::done(), "leaseToken": lease });
    desktop
        .post(&format!("/commands/{id}/ack"), &answer)
        .await
        .is(409);
    // A client that keeps nothing of what it did is not given it again.
    for after in [0, 1] {
        let claimed = desktop
            .post("/commands/claim", &desktop.claim(after))
            .await
            .is(200);
        assert_eq!(claimed.json()["commands"], json!([]));
    }
}

#[tokio::test]
async fn a_sequence_that_was_used_is_not_used_for_something_else() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let event = |id: &str, sequence| [desktop.event(id, Some(sequence))];
    desktop.tell(&event("e1", 1)).await.is(200);
    let answer = desktop.tell(&event("forged", 1)).await.is(409);
    assert_eq!(answer.json()["error"], "sequence");
    // The same event once more is no forgery.
    desktop.tell(&event("e1", 1)).await.is(200);
    desktop.tell(&event("e2", 2)).await.is(200);
}

#[tokio::test]
async fn a_claim_that_forgets_what_it_knows_gets_nothing_twice() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    site.prompt(&owner, &desktop, "hello").await;
    let claimed = desktop.post("/commands/claim", &desktop.claim(0)).await.is(200);
    assert_eq!(claimed.json()["commands"].as_array().unwrap().len(), 1);
    let replayed = desktop.post("/commands/claim", &desktop.claim(0)).await.is(200);
    assert_eq!(replayed.json()["commands"], json!([]));
}

#[tokio::test]
async fn a_person_s_cookie_and_token_are_nothing_to_the_broker_and_a_desktop_s_token_nothing_elsewhere() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let token = owner.token(&["admin"]).await;
    let asked = desktop.ask("/heartbeat").json(&desktop.heartbeat());
    asked
        .with("authorization", &format!("Bearer {token}"))
        .send()
        .await
        .is(401);
    let asked = desktop
        .ask("/heartbeat")
        .json(&desktop.heartbeat())
        .header("cookie", &owner.cookie);
    asked.without("authorization").send().await.is(401);
    let asked = site
        .ask("GET", "/api/me")
        .header("authorization", &format!("Bearer {}", desktop.token));
    asked.send().await.is(401);
}
