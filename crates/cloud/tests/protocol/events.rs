//! `POST /events`.

use serde_json::json;

use crate::common::{Browser, Desktop, Site};

async fn kept(site: &Site, owner: &Browser, desktop: &Desktop) -> Vec<(String, Option<i64>)> {
    let organization = cowork_cloud_store::OrganizationId::parse(&owner.organization).unwrap();
    let pairing = cowork_cloud_store::PairingId::parse(&desktop.pairing).unwrap();
    let selection = cowork_cloud_store::EventSelection {
        session: None,
        after: cowork_cloud_store::Cursor::START,
        limit: 1_000,
    };
    let page = site
        .server
        .app()
        .store
        .events(&organization, &pairing, selection)
        .await
        .unwrap();
    page.events
        .into_iter()
        .map(|event| (event.id.to_string(), event.sequence))
        .collect()
}

#[tokio::test]
async fn events_come_in_any_order_and_each_is_kept_once() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let event = |number: u64| desktop.event(&format!("e{number}"), Some(number));
    desktop.tell(&[event(3), event(1)]).await.is(200);
    desktop.tell(&[event(2), event(3), event(1)]).await.is(200);
    desktop.tell(&[event(2), event(2)]).await.is(200);
    let found = kept(&site, &owner, &desktop).await;
    let expected: Vec<_> = (1..=3)
        .map(|number| (format!("e{number}"), Some(number)))
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn every_type_is_taken_with_and_without_what_is_optional() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let types = [
        "heartbeat",
        "command.accepted",
        "command.completed",
        "command.failed",
        "session.event",
        "audit",
        "status",
    ];
    for kind in types {
        let least = json!({
            "id": format!("least-{kind}"), "pairingId": desktop.pairing, "type": kind,
            "occurredAt": "2026-11-22T15:00:00Z",
        });
        let mut most = desktop.event(&format!("most-{kind}"), None);
        most["type"] = json!(kind);
        most["commandId"] = json!("cmd_1");
        desktop
            .post("/events", &json!({ "events": [least, most] }))
            .await
            .is(204);
    }
    assert_eq!(kept(&site, &owner, &desktop).await.len(), types.len() * 2);
}

#[tokio::test]
async fn an_event_s_fields_are_named_when_they_are_missing_or_wrong() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    for field in ["id", "pairingId", "type", "occurredAt"] {
        let mut event = desktop.event("e1", None);
        event.as_object_mut().unwrap().remove(field);
        let answer = desktop
            .post("/events", &json!({ "events": [event] }))
            .await
            .is(400);
        assert!(
            answer.said("/message").contains(&format!("`{field}`")),
            "{}",
            answer.text()
        );
    }
    for (field, value) in [
        ("id", json!("")),
        ("id", json!("x".repeat(201))),
        ("type", json!("session.deleted")),
        ("occurredAt", json!("yesterday")),
        ("sequence", json!(0)),
        ("sequence", json!(-1)),
        ("sequence", json!(u64::MAX)),
        ("sessionId", json!("\u{0}")),
    ] {
        let mut event = desktop.event("e1", None);
        event[field] = value;
        let answer = desktop
            .post("/events", &json!({ "events": [event] }))
            .await
            .is(400);
        let said = answer.text();
        assert!(!said.contains("yesterday") && !said.contains("deleted"), "{said}");
    }
}

#[tokio::test]
async fn a_plain_client_may_leave_the_sequence_out() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    for number in 0..3 {
        let event = desktop.event(&format!("e{number}"), None);
        desktop
            .post("/events", &json!({ "events": [event] }))
            .await
            .is(204);
    }
    let found = kept(&site, &owner, &desktop).await;
    let ids: Vec<_> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["e0", "e1", "e2"]);
}
