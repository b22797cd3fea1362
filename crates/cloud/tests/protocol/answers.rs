//! `POST /commands/:id/ack` and `/fail`.

use serde_json::{Value, json};

use crate::common::{Browser, Desktop, Site};

struct Given {
    site: Site,
    owner: Browser,
    desktop: Desktop,
    id: String,
    lease: String,
}

async fn given() -> Given {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let id = site.prompt(&owner, &desktop, "hello").await;
    let claimed = desktop.post("/commands/claim", &desktop.claim(0)).await.is(200);
    let lease = claimed.said("/commands/0/lease/leaseToken");
    Given {
        site,
        owner,
        desktop,
        id,
        lease,
    }
}

impl Given {
    async fn state(&self) -> (String, Option<Value>) {
        let organization = cowork_cloud_store::OrganizationId::parse(&self.owner.organization).unwrap();
        let pairing = cowork_cloud_store::PairingId::parse(&self.desktop.pairing).unwrap();
        let id = cowork_cloud_store::CommandId::parse(&self.id).unwrap();
        let store = &self.site.server.app().store;
        let found = store
            .commands_by_id(&organization, &pairing, &[id])
            .await
            .unwrap()
            .remove(0);
        (found.state.as_str().to_owned(), found.result)
    }

    fn answer(lease: &Value) -> Value {
        json!({ "result": Desktop::done(), "leaseToken": lease })
    }
}

#[tokio::test]
async fn an_ack_is_taken_once_and_may_be_said_again() {
    let given = given().await;
    let path = format!("/commands/{}/ack", given.id);
    let body = Given::answer(&json!(given.lease));
    assert!(given.desktop.post(&path, &body).await.is(204).body.is_empty());
    assert_eq!(given.state().await, ("done".to_owned(), Some(Desktop::done())));
    // The answer to the first may have been lost.
    given.desktop.post(&path, &body).await.is(204);
    assert_eq!(given.state().await.0, "done");
}

#[tokio::test]
async fn a_fail_is_taken_with_its_result_whole() {
    let given = given().await;
    let result = json!({
        "ok": false, "status": "blocked_by_policy", "message": "not here", "projectionFence": null,
        "projectionFenceStatus": {
            "supported": false, "reasonCode": "desktop_pairing_projection_fence_unsupported", "message": "none",
            "waitable": false,
        },
        "data": { "outcome": "unknown" }, "later": "a field of a later client",
    });
    let body = json!({ "result": result, "leaseToken": given.lease });
    given
        .desktop
        .post(&format!("/commands/{}/fail", given.id), &body)
        .await
        .is(204);
    assert_eq!(given.state().await, ("failed".to_owned(), Some(result)));
}

#[tokio::test]
async fn how_a_command_ended_is_kept_also_when_what_it_gave_is_too_large() {
    let given = given().await;
    let path = format!("/commands/{}/ack", given.id);
    let mut body = Given::answer(&json!(given.lease));
    body["result"]["message"] = json!("x".repeat(300 * 1024));
    let answer = given.desktop.post(&path, &body).await.is(413);
    assert_eq!(answer.json()["error"], "tooLarge");
    assert_eq!(given.state().await.0, "leased");
    body["result"]["message"] = json!("done");
    let rows = vec![json!({ "id": "ses_1", "title": "x".repeat(1_000) }); 300];
    body["result"]["sessions"] = json!(rows);
    given.desktop.post(&path, &body).await.is(204);
    let cut = json!({ "ok": true, "status": "completed", "message": "done", "data": { "cut": true } });
    assert_eq!(given.state().await, ("done".to_owned(), Some(cut)));
}

#[tokio::test]
async fn every_status_of_a_result_is_taken() {
    for status in [
        "completed",
        "queued",
        "blocked_by_policy",
        "requires_local_confirmation",
        "failed",
    ] {
        let given = given().await;
        let ok = matches!(status, "completed" | "queued");
        let body = json!({ "result": { "ok": ok, "status": status }, "leaseToken": given.lease });
        given
            .desktop
            .post(&format!("/commands/{}/ack", given.id), &body)
            .await
            .is(204);
    }
}

#[tokio::test]
async fn another_lease_none_and_a_stale_one_are_a_conflict() {
    let given = given().await;
    let path = format!("/commands/{}/ack", given.id);
    for lease in [json!("lse_00000000000000000000000000000000"), Value::Null] {
        let answer = given.desktop.post(&path, &Given::answer(&lease)).await.is(409);
        assert_eq!(answer.json()["error"], "lease");
    }
    assert_eq!(given.state().await.0, "leased");
}

#[tokio::test]
async fn a_command_of_nobody_or_of_another_pairing_is_not_there() {
    let given = given().await;
    let body = Given::answer(&json!(given.lease));
    for id in [
        "cmd_00000000000000000000000000000000",
        "x",
        "%2e%2e",
        &"x".repeat(201),
    ] {
        given
            .desktop
            .post(&format!("/commands/{id}/ack"), &body)
            .await
            .is(404);
    }
    let other = given.owner.pair("b").await;
    other
        .post(&format!("/commands/{}/ack", given.id), &body)
        .await
        .is(404);
    assert_eq!(given.state().await.0, "leased");
}

#[tokio::test]
async fn an_answer_s_fields_are_named_when_they_are_missing() {
    let given = given().await;
    let path = format!("/commands/{}/ack", given.id);
    for (body, field) in [
        (json!({ "leaseToken": given.lease }), "result"),
        (
            json!({ "result": { "status": "completed" }, "leaseToken": given.lease }),
            "ok",
        ),
        (
            json!({ "result": { "ok": true }, "leaseToken": given.lease }),
            "status",
        ),
    ] {
        let answer = given.desktop.post(&path, &body).await.is(400);
        assert!(
            answer.said("/message").contains(&format!("`{field}`")),
            "{}",
            answer.text()
        );
    }
    let body = json!({ "result": { "ok": true, "status": "wonderful" }, "leaseToken": given.lease });
    given.desktop.post(&path, &body).await.is(400);
}
