//! `POST /commands/claim` of a client that knows the published protocol alone.

use serde_json::{Value, json};

use crate::common::Site;

#[tokio::test]
async fn a_claim_gives_each_command_once_with_every_field_of_the_protocol() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let id = site.prompt(&owner, &desktop, "hello").await;

    let answer = desktop.post("/commands/claim", &desktop.claim(0)).await.is(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let claimed = answer.json();
    assert_eq!(claimed["remoteStatus"], "online");
    let command = &claimed["commands"][0];
    let expected = [
        ("id", json!(id)),
        ("kind", json!("prompt")),
        ("pairingId", json!(desktop.pairing)),
        ("workspaceId", json!("local")),
        ("sessionId", json!("ses_1")),
        ("actorId", json!(owner.user)),
        ("actorLabel", json!("Ada")),
        ("payload", json!({ "text": "hello" })),
        ("sequence", json!(1)),
    ];
    for (field, value) in expected {
        assert_eq!(command[field], value, "{field}");
    }
    assert_eq!(command["lease"]["leasedBy"], json!(desktop.device));
    assert!(!command["lease"]["leaseToken"].as_str().unwrap().is_empty());
    for time in [&command["createdAt"], &command["lease"]["leaseExpiresAt"]] {
        let time = time.as_str().unwrap();
        assert!(
            time.len() == 24 && time.ends_with('Z'),
            "{time} is not spelled as it is elsewhere"
        );
        assert!(cowork_cloud::clock::read(time).is_some(), "{time}");
    }

    let again = desktop.post("/commands/claim", &desktop.claim(1)).await.is(200);
    assert_eq!(again.json(), json!({ "commands": [], "remoteStatus": "online" }));
}

fn sequences(claimed: &Value) -> Vec<u64> {
    let commands = claimed["commands"].as_array().unwrap();
    commands
        .iter()
        .map(|command| command["sequence"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn commands_come_in_their_order_beyond_what_is_known_and_no_more_than_were_asked_for() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    for number in 0..5 {
        site.prompt(&owner, &desktop, &format!("prompt {number}")).await;
    }
    let mut claim = desktop.claim(0);
    claim["limit"] = json!(2);
    let first = desktop.post("/commands/claim", &claim).await.is(200).json();
    assert_eq!(sequences(&first), [1, 2]);
    claim["afterSequence"] = json!(3);
    claim["limit"] = json!(50);
    let rest = desktop.post("/commands/claim", &claim).await.is(200).json();
    assert_eq!(sequences(&rest), [4, 5]);
}

#[tokio::test]
async fn a_client_gets_the_kinds_and_workspaces_that_it_named() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    site.prompt(&owner, &desktop, "hello").await;
    for (field, value) in [
        ("commands", json!(["abort"])),
        ("workspaces", json!(["elsewhere"])),
    ] {
        let mut claim = desktop.claim(0);
        claim["capabilities"][field] = value;
        let claimed = desktop.post("/commands/claim", &claim).await.is(200).json();
        assert_eq!(sequences(&claimed), [0; 0], "{field}");
    }
    let claimed = desktop
        .post("/commands/claim", &desktop.claim(0))
        .await
        .is(200)
        .json();
    assert_eq!(sequences(&claimed), [1]);
}

#[tokio::test]
async fn a_claim_s_fields_are_named_when_they_are_missing_or_out_of_bounds() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    for field in [
        "pairingId",
        "deviceId",
        "afterSequence",
        "limit",
        "leaseSeconds",
        "capabilities",
    ] {
        let mut claim = desktop.claim(0);
        claim.as_object_mut().unwrap().remove(field);
        let answer = desktop.post("/commands/claim", &claim).await.is(400);
        assert!(
            answer.said("/message").contains(&format!("`{field}`")),
            "{}",
            answer.text()
        );
    }
    for (field, value) in [
        ("limit", json!(0)),
        ("limit", json!(51)),
        ("leaseSeconds", json!(4)),
        ("leaseSeconds", json!(301)),
    ] {
        let mut claim = desktop.claim(0);
        claim[field] = value;
        let answer = desktop.post("/commands/claim", &claim).await.is(400);
        assert!(
            answer.said("/message").contains(&format!("`{field}`")),
            "{}",
            answer.text()
        );
    }
    for (field, value) in [
        ("limit", json!(50)),
        ("leaseSeconds", json!(5)),
        ("leaseSeconds", json!(300)),
    ] {
        let mut claim = desktop.claim(0);
        claim[field] = value;
        desktop.post("/commands/claim", &claim).await.is(200);
    }
}

#[tokio::test]
async fn a_plain_client_never_waits() {
    let site = Site::start().await;
    let desktop = site.owner().await.pair("a").await;
    // It did not announce that it can, whatever else it says.
    let mut claim = desktop.claim(0);
    claim["waitSeconds"] = json!(10);
    let answer = desktop.post("/commands/claim", &claim).await.is(200);
    assert_eq!(answer.json(), json!({ "commands": [], "remoteStatus": "online" }));
    assert_eq!(site.server.app().figures.claims_waiting.get(), 0);
}

#[tokio::test]
async fn every_kind_goes_out_as_the_protocol_spells_it() {
    use cowork_cloud::commands::Ask;
    use cowork_pairing_protocol::wire;
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let session = || cowork_cloud_store::SessionId::parse("ses_1").unwrap();
    let asks: [(Ask, Value, Value); 6] = [
        (
            Ask::CreateSession(Some(json!({ "folder": "f1" }))),
            json!("create_session"),
            json!({ "folder": "f1" }),
        ),
        (Ask::Abort(session()), json!("abort"), Value::Null),
        (
            Ask::Permission(
                session(),
                wire::PermissionPayload {
                    permission_id: "per_1".into(),
                    allowed: true,
                },
            ),
            json!("permission.respond"),
            json!({ "permissionId": "per_1", "allowed": true }),
        ),
        (
            Ask::Answer(
                session(),
                wire::QuestionReplyPayload {
                    request_id: "que_1".into(),
                    answers: vec![vec!["yes".into()]],
                },
            ),
            json!("question.reply"),
            json!({ "requestId": "que_1", "answers": [["yes"]] }),
        ),
        (
            Ask::Reject(
                session(),
                wire::QuestionRejectPayload {
                    request_id: "que_2".into(),
                },
            ),
            json!("question.reject"),
            json!({ "requestId": "que_2" }),
        ),
        (Ask::Status, json!("status"), Value::Null),
    ];
    for (number, (ask, _, _)) in asks.iter().enumerate() {
        site.give(&owner, &desktop, ask, &number.to_string())
            .await
            .unwrap();
    }
    let claimed = desktop
        .post("/commands/claim", &desktop.claim(0))
        .await
        .is(200)
        .json();
    for (number, (_, kind, payload)) in asks.iter().enumerate() {
        let command = &claimed["commands"][number];
        assert_eq!((&command["kind"], &command["payload"]), (kind, payload));
    }
}
