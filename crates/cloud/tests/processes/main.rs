//! Two processes that serve one PostgreSQL: what happens at one is known at the other.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../../../cloud-store/tests/support/postgres.rs"]
#[expect(dead_code, reason = "the store's own tests use all of it")]
mod postgres;

use serde_json::json;

use common::{Answer, Browser, Desktop, Site};

struct Both {
    first: Site,
    second: Site,
    _database: postgres::Cluster,
}

async fn both() -> Both {
    let cluster = postgres::Cluster::shared();
    let address = cluster.database();
    let options = cowork_cloud_store::Options::at(address);
    cowork_cloud_store::Store::migrate(&options).await.unwrap();
    let at = |options: cowork_cloud_store::Options| Site::with(|setup| setup.database = options);
    Both {
        first: at(options.clone()).await,
        second: at(options).await,
        _database: cluster,
    }
}

/// A claim at the first, of which it is known that it waits.
async fn waiting(both: &Both, desktop: &Desktop) -> tokio::task::JoinHandle<Answer> {
    let claim = desktop.ask("/commands/claim").json(&desktop.waiting_claim(0, 12));
    let sent = tokio::spawn(async move { claim.send().await });
    while both.first.server.app().figures.claims_waiting.get() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    sent
}

async fn paired(both: &Both) -> (Browser, Desktop) {
    let owner = both.first.owner().await;
    let desktop = owner.pair("a").await;
    (owner, desktop)
}

#[tokio::test]
async fn a_claim_that_waits_at_one_is_answered_by_a_command_given_at_the_other() {
    let both = both().await;
    let (owner, desktop) = paired(&both).await;
    let waits = waiting(&both, &desktop).await;
    let id = both.second.prompt(&owner, &desktop, "hello").await;
    let claimed = waits.await.unwrap().is(200);
    assert_eq!(claimed.said("/commands/0/id"), id);
    // And it is answered at the other.
    let answer =
        json!({ "result": Desktop::done(), "leaseToken": claimed.said("/commands/0/lease/leaseToken") });
    let path = format!("/commands/{id}/ack");
    desktop.at(&both.second).post(&path, &answer).await.is(204);
    desktop.post(&path, &answer).await.is(204);
}

#[tokio::test]
async fn a_command_whose_answer_got_lost_at_one_comes_at_the_other_at_once() {
    let both = both().await;
    let (owner, desktop) = paired(&both).await;
    let waits = waiting(&both, &desktop).await;
    let id = both.first.prompt(&owner, &desktop, "hello").await;
    let lost = waits.await.unwrap().is(200);
    // Its desktop never saw that answer, and asks elsewhere.
    let there = desktop.at(&both.second);
    let claimed = there
        .post("/commands/claim", &there.waiting_claim(0, 0))
        .await
        .is(200);
    assert_eq!(claimed.said("/commands/0/id"), id);
    let path = format!("/commands/{id}/ack");
    for (given, status) in [(lost, 409), (claimed, 204)] {
        let lease = given.said("/commands/0/lease/leaseToken");
        let answer = json!({ "result": Desktop::done(), "leaseToken": lease });
        desktop.post(&path, &answer).await.is(status);
    }
}

#[tokio::test]
async fn a_pairing_that_is_ended_at_one_ends_what_waits_at_the_other() {
    let both = both().await;
    let (owner, desktop) = paired(&both).await;
    let waits = waiting(&both, &desktop).await;
    let path = owner.below(&format!("desktops/{}", desktop.pairing));
    owner.at(&both.second).delete(&path).await.is(204);
    assert_eq!(waits.await.unwrap().is(200).json()["remoteStatus"], "revoked");
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(403);
}

#[tokio::test]
async fn a_sign_out_at_one_is_a_sign_out_at_the_other() {
    let both = both().await;
    let (owner, _) = paired(&both).await;
    let there = owner.at(&both.second);
    there.get("/api/me").await.is(200);
    owner.ask("POST", "/api/sign-out").send().await.is(204);
    there.get("/api/me").await.is(401);
}

#[tokio::test]
async fn commands_are_given_to_one_of_many_claims_alone() {
    let both = both().await;
    let (owner, desktop) = paired(&both).await;
    let there = desktop.at(&both.second);
    for number in 0..20 {
        both.first
            .prompt(&owner, &desktop, &format!("prompt {number}"))
            .await;
    }
    let mut claims = Vec::new();
    for number in 0..12 {
        let at = if number % 2 == 0 { &desktop } else { &there };
        let mut claim = at.claim(0);
        claim["limit"] = json!(3);
        let asked = at.ask("/commands/claim").json(&claim);
        claims.push(tokio::spawn(async move { asked.send().await }));
    }
    let mut given = Vec::new();
    let mut take = |claimed: Answer| {
        let claimed = claimed.is(200).json();
        let commands = claimed["commands"].as_array().unwrap();
        given.extend(commands.iter().map(|each| each["sequence"].as_u64().unwrap()));
        !commands.is_empty()
    };
    for claim in claims {
        take(claim.await.unwrap());
    }
    // Claims that met passed over what the other had in hand; whoever asks once more gets what is left.
    while take(desktop.post("/commands/claim", &desktop.claim(0)).await) {}
    given.sort_unstable();
    assert_eq!(given, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_protocol_s_whole_round_works_on_it() {
    let both = both().await;
    let (owner, desktop) = paired(&both).await;
    let events = json!({ "events": [desktop.event("e1", Some(1)), desktop.event("e2", Some(2))] });
    let asked = desktop
        .ask("/events")
        .header("x-open-cowork-pairing-extensions", "resume");
    assert_eq!(
        asked.json(&events).send().await.is(200).json(),
        json!({ "through": 2 })
    );
    let there = desktop.at(&both.second);
    there.post("/events", &events).await.is(204);
    there.post("/heartbeat", &there.heartbeat()).await.is(204);
    let revoke = json!({ "pairingId": desktop.pairing, "deviceId": desktop.device });
    there.post("/revoke", &revoke).await.is(204);
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(403);
    let audit = owner.get(&owner.below("audit")).await.is(200).text();
    assert!(audit.contains("pairing.revoked"));
    both.first.ask("GET", "/readyz").send().await.is(200);
}

#[tokio::test]
async fn while_the_database_is_away_everybody_is_told_to_come_again_and_is_served_once_it_is_back() {
    let cluster = postgres::Cluster::own();
    let options = cowork_cloud_store::Options::at(cluster.database());
    cowork_cloud_store::Store::migrate(&options).await.unwrap();
    let site = Site::with(|setup| setup.database = options).await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    cluster.kill();
    let credentials = json!({ "email": "ada@example.org", "password": common::who::PASSWORD });
    let (page, door, heartbeat, ready) = tokio::join!(
        owner.get("/api/organizations"),
        async {
            site.page_asks("POST", "/api/sign-in")
                .json(&credentials)
                .send()
                .await
        },
        async { desktop.post("/heartbeat", &desktop.heartbeat()).await },
        async { site.ask("GET", "/readyz").send().await },
    );
    for answer in [page, door, heartbeat, ready] {
        let answer = answer.is(503);
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
    }
    cluster.start_again();
    // Connections that broke are noticed when they are used.
    while owner.get("/api/organizations").await.status != 200 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(204);
}

/// Asks the database past the server.
fn psql(address: &str, statement: &str) -> std::process::Command {
    let mut psql = std::process::Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
        .args(["--command", statement, address])
        .stdin(std::process::Stdio::null());
    psql
}

#[tokio::test]
async fn whoever_meets_a_table_in_somebody_s_hands_is_told_to_come_again() {
    let cluster = postgres::Cluster::shared();
    let address = cluster.database();
    let options = cowork_cloud_store::Options::at(address.clone());
    cowork_cloud_store::Store::migrate(&options).await.unwrap();
    let site = Site::with(|setup| setup.database = options).await;
    let owner = site.owner().await;
    let holds = "BEGIN; LOCK TABLE memberships IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)";
    let mut holder = psql(&address, holds).spawn().unwrap();
    let held = "SELECT COUNT(*) FROM pg_locks WHERE relation = 'memberships'::regclass \
                AND mode = 'AccessExclusiveLock' AND granted";
    while psql(&address, held).output().unwrap().stdout != b"1\n" {
        assert!(
            holder.try_wait().unwrap().is_none(),
            "whoever is to hold it ended"
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let answer = owner.get("/api/organizations").await.is(503);
    assert!(answer.header("retry-after").is_some());
    assert_eq!(answer.json()["code"], "busy");
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND pid <> \
               pg_backend_pid()";
    assert!(psql(&address, end).status().unwrap().success());
    holder.wait().unwrap();
    owner.get("/api/organizations").await.is(200);
}
