//! The published client, request by request: what it sends to the byte, in its order, and nothing that this product
//! added.

use cowork_cloud_store::PairingId;
use serde_json::{Value, json};

use crate::common::{Answer, Browser, Desktop, Site};

/// A request with the four headers that the published client sends.
async fn post(desktop: &Desktop, path: &str, body: &Value) -> Answer {
    let answer = desktop.post(path, body).await;
    // It reads a body only when it is called JSON, and keeps the first 256 characters of a failure.
    let json = answer.header("content-type") == Some("application/json");
    assert_eq!(json, !answer.body.is_empty(), "{answer:?}");
    answer
}

fn heartbeat(desktop: &Desktop, status: &str, last: u64) -> Value {
    json!({
        "pairingId": desktop.pairing, "deviceId": desktop.device, "status": status, "lastCommandSequence": last,
    })
}

/// What it tells of a command before it does it: with the sequence of the command.
fn accepted(desktop: &Desktop, id: &str, command: &Value) -> Value {
    json!({ "events": [{
        "id": format!("desktop_pairing_{id}"), "pairingId": desktop.pairing, "type": "command.accepted",
        "workspaceId": "local", "sessionId": null, "commandId": command["id"], "sequence": command["sequence"],
        "occurredAt": "2026-11-22T15:00:00.000Z", "payload": { "kind": command["kind"] },
    }] })
}

/// What it tells of a session: an engine's event, in its own words, without a sequence.
fn told(desktop: &Desktop, id: &str) -> Value {
    json!({ "events": [{
        "id": format!("desktop_pairing_{id}"), "pairingId": desktop.pairing, "type": "session.event",
        "workspaceId": "local", "sessionId": "ses_1", "occurredAt": "2026-11-22T15:00:01.000Z",
        "payload": { "type": "text", "data": { "content": "Hello" } },
    }] })
}

fn result(ok: bool, status: &str, message: Option<&str>) -> Value {
    json!({
        "ok": ok, "status": status, "session": null, "message": message, "projectionFence": null,
        "projectionFenceStatus": {
            "supported": false, "reasonCode": "desktop_pairing_projection_fence_unsupported",
            "message": "Paired Desktop command results are lease-fenced but do not expose a projection checkpoint.",
            "waitable": false,
        },
    })
}

async fn ids(site: &Site, owner: &Browser, desktop: &Desktop) -> Vec<String> {
    let organization = cowork_cloud_store::OrganizationId::parse(&owner.organization).unwrap();
    let pairing = PairingId::parse(&desktop.pairing).unwrap();
    let selection = cowork_cloud_store::EventSelection {
        session: None,
        after: cowork_cloud_store::Cursor::START,
        limit: 1_000,
    };
    let store = &site.server.app().store;
    let page = store.events(&organization, &pairing, selection).await.unwrap();
    page.events
        .into_iter()
        .map(|event| event.id.to_string())
        .collect()
}

#[tokio::test]
async fn the_published_client_lives_through_its_whole_life_on_it() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let claim = |after: u64| desktop.claim(after);
    let claims = |after: u64| {
        let (desktop, body) = (desktop.clone(), claim(after));
        async move { post(&desktop, "/commands/claim", &body).await.is(200).json() }
    };

    // It says that it is away until a claim was answered, and asks again and again without waiting.
    post(&desktop, "/heartbeat", &heartbeat(&desktop, "paired_offline", 0))
        .await
        .is(204);
    assert_eq!(
        claims(0).await,
        json!({ "commands": [], "remoteStatus": "online" })
    );
    // A command whose time was over before it came: its sequence is never heard of.
    site.prompt(&owner, &desktop, "too late").await;
    let later = cowork_cloud::clock::now() + 60 * 60 * 1000;
    site.server.app().store.sweep_commands(later).await.unwrap();
    let done = site.prompt(&owner, &desktop, "hello").await;
    let left = site.prompt(&owner, &desktop, "and this").await;
    post(&desktop, "/heartbeat", &heartbeat(&desktop, "paired_online", 0))
        .await
        .is(204);
    let claimed = claims(0).await;
    let [first, second] = &claimed["commands"].as_array().unwrap()[..] else {
        panic!("{claimed}");
    };
    assert_eq!(
        (
            &first["id"],
            &first["sequence"],
            &second["id"],
            &second["sequence"]
        ),
        (&json!(done), &json!(2), &json!(left), &json!(3))
    );

    post(&desktop, "/events", &accepted(&desktop, "1", first))
        .await
        .is(204);
    post(&desktop, "/events", &told(&desktop, "2")).await.is(204);
    let answer = json!({
        "result": result(true, "completed", None), "leaseToken": first["lease"]["leaseToken"],
    });
    post(&desktop, &format!("/commands/{done}/ack"), &answer)
        .await
        .is(204);
    // What waits for its person is a failure to it.
    post(&desktop, "/events", &accepted(&desktop, "3", second))
        .await
        .is(204);
    let message = Some("Remote approvals require local desktop confirmation.");
    let answer = json!({
        "result": result(false, "requires_local_confirmation", message),
        "leaseToken": second["lease"]["leaseToken"],
    });
    post(&desktop, &format!("/commands/{left}/fail"), &answer)
        .await
        .is(204);
    // It gives an event another id when it tells it again.
    post(&desktop, "/events", &accepted(&desktop, "4", second))
        .await
        .is(204);
    assert_eq!(claims(3).await["commands"], json!([]));

    // All that it told is there, in the order in which it came, and nothing is waited for.
    let kept: Vec<_> = (1..=4)
        .map(|number| format!("desktop_pairing_{number}"))
        .collect();
    assert_eq!(ids(&site, &owner, &desktop).await, kept);
    let list = owner.get("/api/desktops").await.is(200).json();
    let stands = &list["desktops"][0]["desktop"];
    assert_eq!(
        (&stands["status"], &stands["behind"]),
        (&json!("online"), &json!(false))
    );

    let over = json!({ "pairingId": desktop.pairing, "deviceId": desktop.device });
    post(&desktop, "/revoke", &over).await.is(204);
    let refused = post(&desktop, "/heartbeat", &heartbeat(&desktop, "paired_online", 3))
        .await
        .is(403);
    assert!(refused.body.len() <= 256);
    assert_eq!(claims(3).await["remoteStatus"], "revoked");
}
