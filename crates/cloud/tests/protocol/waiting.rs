//! What this server adds for a client that announces it: claims that wait.

use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::common::{Answer, Browser, Desktop, Site};

/// A claim on its way, of which the server knows that it waits.
async fn waiting(site: &Site, desktop: &Desktop, seconds: u32) -> tokio::task::JoinHandle<Answer> {
    let figures = &site.server.app().figures;
    let before = figures.claims_waiting.get();
    let claim = desktop
        .ask("/commands/claim")
        .json(&desktop.waiting_claim(0, seconds));
    let sent = tokio::spawn(async move { claim.send().await });
    while figures.claims_waiting.get() == before {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    sent
}

async fn paired() -> (Site, Browser, Desktop) {
    let site = Site::start().await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    (site, owner, desktop)
}

#[tokio::test]
async fn a_claim_that_waits_is_answered_by_the_command_that_comes() {
    let (site, owner, desktop) = paired().await;
    let waits = waiting(&site, &desktop, 12).await;
    let id = site.prompt(&owner, &desktop, "hello").await;
    let claimed = waits.await.unwrap().is(200);
    assert_eq!(claimed.said("/commands/0/id"), id);
    assert_eq!(site.server.app().figures.claims_waiting.get(), 0);
    assert_eq!(site.server.app().waiting.count(), 0);
}

#[tokio::test]
async fn a_claim_waits_no_longer_than_it_said_nor_than_the_bound() {
    let site = Site::with(|setup| setup.limits.claim_wait = std::time::Duration::from_millis(20)).await;
    let desktop = site.owner().await.pair("a").await;
    for seconds in [0, 12, 4_000_000] {
        let claim = desktop.waiting_claim(0, seconds);
        let answer = desktop.post("/commands/claim", &claim).await.is(200);
        assert_eq!(answer.json(), json!({ "commands": [], "remoteStatus": "online" }));
    }
}

#[tokio::test]
async fn the_end_of_the_pairing_ends_what_waits() {
    let (site, owner, desktop) = paired().await;
    let waits = waiting(&site, &desktop, 12).await;
    owner
        .delete(&owner.below(&format!("desktops/{}", desktop.pairing)))
        .await
        .is(204);
    let answer = waits.await.unwrap().is(200);
    assert_eq!(
        answer.json(),
        json!({ "commands": [], "remoteStatus": "revoked" })
    );
}

#[tokio::test]
async fn another_token_ends_what_waits() {
    let (site, owner, desktop) = paired().await;
    let waits = waiting(&site, &desktop, 12).await;
    let token = crate::common::who::desktop_token("next");
    let path = owner.below(&format!("desktops/{}/token", desktop.pairing));
    owner.post(&path, &json!({ "token": token })).await.is(204);
    waits.await.unwrap().is(401);
}

#[tokio::test]
async fn a_server_that_stops_answers_what_waits_and_gives_nothing_more() {
    let (site, owner, desktop) = paired().await;
    let waits = waiting(&site, &desktop, 12).await;
    site.server.app().draining.cancel();
    let answer = waits.await.unwrap().is(200);
    assert_eq!(
        answer.json(),
        json!({ "commands": [], "remoteStatus": "draining" })
    );
    drop(owner);
    site.server.stop().await;
}

#[tokio::test]
async fn a_desktop_that_asks_again_has_given_up_the_claim_before() {
    let (site, owner, desktop) = paired().await;
    let first = waiting(&site, &desktop, 12).await;
    let claim = desktop.ask("/commands/claim").json(&desktop.waiting_claim(0, 12));
    let second = tokio::spawn(async move { claim.send().await });
    assert_eq!(first.await.unwrap().is(200).json()["commands"], json!([]));
    let id = site.prompt(&owner, &desktop, "hello").await;
    assert_eq!(second.await.unwrap().is(200).said("/commands/0/id"), id);
}

#[tokio::test]
async fn a_claim_wakes_for_its_own_desktop_alone() {
    let (site, owner, desktop) = paired().await;
    let other = owner.pair("b").await;
    let waits = waiting(&site, &desktop, 12).await;
    site.prompt(&owner, &other, "for the other").await;
    assert!(!waits.is_finished());
    let id = site.prompt(&owner, &desktop, "for this one").await;
    assert_eq!(waits.await.unwrap().is(200).said("/commands/0/id"), id);
}

/// A claim whose client is gone when the answer comes: what it was given nobody has.
async fn lost(site: &Site, owner: &Browser, desktop: &Desktop) -> String {
    let mut stream = tokio::net::TcpStream::connect(site.address()).await.unwrap();
    let asked = desktop.ask("/commands/claim").json(&desktop.waiting_claim(0, 12));
    stream.write_all(&asked.bytes()).await.unwrap();
    let figures = &site.server.app().figures;
    while figures.claims_waiting.get() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let id = site.prompt(owner, desktop, "hello").await;
    while figures.commands_claimed.get() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    // Nothing of the answer was read.
    drop(stream);
    id
}

#[tokio::test]
async fn a_command_that_was_given_to_a_client_that_hung_up_comes_with_its_next_claim() {
    let (site, owner, desktop) = paired().await;
    let id = lost(&site, &owner, &desktop).await;
    let claim = desktop.waiting_claim(0, 0);
    let claimed = desktop.post("/commands/claim", &claim).await.is(200);
    assert_eq!(claimed.said("/commands/0/id"), id);
    let lease = claimed.said("/commands/0/lease/leaseToken");
    let answer = json!({ "result": Desktop::done(), "leaseToken": lease });
    let path = format!("/commands/{id}/ack");
    desktop.post(&path, &answer).await.is(204);
    let claimed = desktop.post("/commands/claim", &claim).await.is(200);
    assert_eq!(claimed.json()["commands"], json!([]));
}

#[tokio::test]
async fn a_command_that_its_desktop_knows_does_not_come_twice() {
    let (site, owner, desktop) = paired().await;
    let waits = waiting(&site, &desktop, 12).await;
    let id = site.prompt(&owner, &desktop, "hello").await;
    let claimed = waits.await.unwrap().is(200);
    let lease = claimed.said("/commands/0/lease/leaseToken");
    // It has it in hand, and asks for more.
    let more = desktop
        .post("/commands/claim", &desktop.waiting_claim(1, 0))
        .await;
    assert_eq!(more.is(200).json()["commands"], json!([]));
    let answer = json!({ "result": Desktop::done(), "leaseToken": lease });
    desktop
        .post(&format!("/commands/{id}/ack"), &answer)
        .await
        .is(204);
}

#[tokio::test]
async fn a_claim_whose_client_hung_up_waits_no_more() {
    let (site, owner, desktop) = paired().await;
    let figures = &site.server.app().figures;
    let waits = waiting(&site, &desktop, 12).await;
    waits.abort();
    while figures.claims_waiting.get() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert_eq!(site.server.app().waiting.count(), 0);
    let id = site.prompt(&owner, &desktop, "hello").await;
    let claimed = desktop
        .post("/commands/claim", &desktop.waiting_claim(0, 0))
        .await;
    assert_eq!(claimed.is(200).said("/commands/0/id"), id);
    assert_eq!(figures.commands_claimed.get(), 1);
}
