//! `POST /heartbeat`.

use serde_json::json;

use crate::common::Site;

#[tokio::test]
async fn a_heartbeat_has_no_answer_and_says_how_the_desktop_stands() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    for status in ["paired_online", "paired_offline", "disabled", "error"] {
        let mut beat = desktop.heartbeat();
        beat["status"] = json!(status);
        let answer = desktop.post("/heartbeat", &beat).await.is(204);
        assert!(answer.body.is_empty());
        let seen = owner.get(&owner.below("desktops")).await.is(200);
        assert_eq!(seen.said("/desktops/0/state/status"), status);
    }
}

#[tokio::test]
async fn a_heartbeat_without_one_of_its_fields_is_refused_by_its_name() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    for field in ["pairingId", "deviceId", "status", "lastCommandSequence"] {
        let mut beat = desktop.heartbeat();
        beat.as_object_mut().unwrap().remove(field);
        let answer = desktop.post("/heartbeat", &beat).await.is(400);
        assert!(
            answer.said("/message").contains(&format!("`{field}`")),
            "{}",
            answer.text()
        );
    }
    for (field, value) in [
        ("status", json!("asleep")),
        ("lastCommandSequence", json!(-1)),
        ("lastCommandSequence", json!("1")),
        ("pairingId", json!(1)),
    ] {
        let mut beat = desktop.heartbeat();
        beat[field] = value;
        desktop.post("/heartbeat", &beat).await.is(400);
    }
    // A later client may say more.
    let mut beat = desktop.heartbeat();
    beat["mood"] = json!("good");
    desktop.post("/heartbeat", &beat).await.is(204);
}

#[tokio::test]
async fn a_client_that_resumes_is_told_how_far_its_events_are_kept() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    let extensions = "wait, resume,something-new";
    let ask = |path: &str| {
        desktop
            .ask(path)
            .header("x-open-cowork-pairing-extensions", extensions)
    };
    let answer = ask("/heartbeat").json(&desktop.heartbeat()).send().await.is(200);
    assert_eq!(answer.json(), json!({ "through": 0 }));
    let events = json!({ "events": [desktop.event("e1", Some(1)), desktop.event("e3", Some(3))] });
    assert_eq!(
        ask("/events").json(&events).send().await.is(200).json(),
        json!({ "through": 1 })
    );
    let events = json!({ "events": [desktop.event("e2", Some(2))] });
    assert_eq!(
        ask("/events").json(&events).send().await.is(200).json(),
        json!({ "through": 3 })
    );
    let answer = ask("/heartbeat").json(&desktop.heartbeat()).send().await.is(200);
    assert_eq!(answer.json(), json!({ "through": 3 }));
    // A plain client sees nothing of it.
    assert!(
        desktop
            .post("/heartbeat", &desktop.heartbeat())
            .await
            .is(204)
            .body
            .is_empty()
    );
}
