//! `POST /revoke`, and how a pairing that is over looks to its desktop.

use serde_json::json;

use crate::common::{Desktop, Site};

fn revoke(desktop: &Desktop) -> serde_json::Value {
    json!({ "pairingId": desktop.pairing, "deviceId": desktop.device })
}

#[tokio::test]
async fn a_desktop_ends_its_pairing_and_may_say_so_again() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    assert!(
        desktop
            .post("/revoke", &revoke(&desktop))
            .await
            .is(204)
            .body
            .is_empty()
    );
    desktop.post("/revoke", &revoke(&desktop)).await.is(204);
    let left = owner.get(&owner.below("desktops")).await.is(200);
    assert_eq!(left.json()["desktops"], json!([]));
}

#[tokio::test]
async fn after_the_end_a_claim_says_so_and_everything_else_is_refused() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    site.prompt(&owner, &desktop, "hello").await;
    let path = owner.below(&format!("desktops/{}", desktop.pairing));
    owner.delete(&path).await.is(204);
    // A plain client learns it by the one word that the protocol has for it.
    let claimed = desktop.post("/commands/claim", &desktop.claim(0)).await.is(200);
    assert_eq!(
        claimed.json(),
        json!({ "commands": [], "remoteStatus": "revoked" })
    );
    let beat = desktop.post("/heartbeat", &desktop.heartbeat()).await.is(403);
    assert_eq!(beat.json()["error"], "revoked");
    desktop
        .post("/events", &json!({ "events": [desktop.event("e1", None)] }))
        .await
        .is(403);
    let answer = json!({ "result": Desktop::done(), "leaseToken": "lse_x" });
    desktop.post("/commands/cmd_x/ack", &answer).await.is(403);
}

#[tokio::test]
async fn a_replaced_token_is_dead_at_once_and_the_next_one_works() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let path = owner.below(&format!("desktops/{}/token", desktop.pairing));
    let mut next = desktop.clone();
    next.token = crate::common::who::desktop_token("next");
    owner.post(&path, &json!({ "token": next.token })).await.is(204);
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(401);
    next.post("/heartbeat", &next.heartbeat()).await.is(204);
    owner.post(&path, &json!({ "token": "ocp_short" })).await.is(400);
}
