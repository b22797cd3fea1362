//! Somebody of one organization reaches for another's.

use serde_json::json;

use crate::common::{Browser, Desktop, Site, prompt};

async fn two() -> (Site, Browser, Desktop, Browser) {
    let site = Site::start().await;
    let ada = site.owner().await;
    let desktop = ada.pair("a").await;
    let eve = Browser::by_owner_link(&site, "eve@example.org", "Elsewhere").await;
    (site, ada, desktop, eve)
}

#[tokio::test]
async fn nothing_of_another_organization_is_there() {
    let (_site, ada, desktop, eve) = two().await;
    let paths = [
        ("GET", ada.below("members")),
        ("GET", ada.below("invitations")),
        ("GET", ada.below("tokens")),
        ("GET", ada.below("desktops")),
        ("GET", ada.below("audit")),
        ("GET", format!("/api/organizations/{}", ada.organization)),
        ("DELETE", ada.below(&format!("desktops/{}", desktop.pairing))),
        ("DELETE", ada.below(&format!("members/{}", ada.user))),
        ("DELETE", ada.below("tokens/tok_x")),
        ("DELETE", ada.below("invitations/inv_x")),
    ];
    for (method, path) in paths {
        let answer = eve.ask(method, &path).send().await.is(404);
        assert_eq!(answer.json()["code"], "notFound", "{method} {path}");
    }
    let bodies = [
        (
            "PATCH",
            format!("/api/organizations/{}", ada.organization),
            json!({ "name": "Taken" }),
        ),
        (
            "PATCH",
            ada.below(&format!("members/{}", ada.user)),
            json!({ "role": "viewer" }),
        ),
        (
            "PATCH",
            ada.below(&format!("desktops/{}", desktop.pairing)),
            json!({ "label": "Taken" }),
        ),
        (
            "POST",
            ada.below("invitations"),
            json!({ "email": "eve@example.org", "role": "owner" }),
        ),
        (
            "POST",
            ada.below("tokens"),
            json!({ "label": "x", "scopes": ["admin"], "days": 1 }),
        ),
        (
            "POST",
            ada.below("desktops"),
            Desktop::new("127.0.0.1:1".parse().unwrap(), "z").enrolment(),
        ),
        (
            "POST",
            ada.below(&format!("desktops/{}/token", desktop.pairing)),
            json!({ "token": crate::common::who::desktop_token("z") }),
        ),
    ];
    for (method, path, body) in bodies {
        eve.ask(method, &path).json(&body).send().await.is(404);
    }
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(204);
}

#[tokio::test]
async fn a_desktop_is_not_reached_through_one_s_own_organization() {
    let (_site, ada, desktop, eve) = two().await;
    for id in [&desktop.pairing, &ada.user, &ada.organization] {
        eve.delete(&eve.below(&format!("desktops/{id}"))).await.is(404);
        eve.delete(&eve.below(&format!("members/{id}"))).await.is(404);
    }
    let token = json!({ "token": crate::common::who::desktop_token("z") });
    eve.post(&eve.below(&format!("desktops/{}/token", desktop.pairing)), &token)
        .await
        .is(404);
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(204);
}

#[tokio::test]
async fn nobody_of_another_organization_gives_a_desktop_a_command() {
    let (site, ada, desktop, eve) = two().await;
    let refusal = site
        .give(&eve, &desktop, &prompt("rm -rf"), "k1")
        .await
        .unwrap_err();
    assert_eq!(refusal.status.as_u16(), 404);
    // And the same key of another person is another command.
    site.prompt(&ada, &desktop, "k1").await;
}

#[tokio::test]
async fn a_pairing_cannot_be_taken_over_by_pairing_it_again() {
    let (_site, _ada, desktop, eve) = two().await;
    let mut taken = desktop.clone();
    taken.token = crate::common::who::desktop_token("mine-now");
    eve.post(&eve.below("desktops"), &taken.enrolment()).await.is(409);
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(204);
    taken.post("/heartbeat", &taken.heartbeat()).await.is(401);
}

#[tokio::test]
async fn whoever_was_removed_is_out_at_once_with_their_desktops_and_tokens() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let mut bob = ada.invited(&site, "bob@example.org", "member").await;
    bob.organization.clone_from(&ada.organization);
    let desktop = bob.pair("b").await;
    let token = bob.token(&["read"]).await;
    ada.delete(&ada.below(&format!("members/{}", bob.user)))
        .await
        .is(204);
    bob.get(&bob.below("desktops")).await.is(404);
    let asked = site
        .ask("GET", "/api/me")
        .header("authorization", &format!("Bearer {token}"));
    asked.send().await.is(401);
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(403);
}

#[tokio::test]
async fn whoever_was_removed_or_made_less_does_not_come_back_by_an_invitation_of_their_own() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let accept = async |link: &str, name: &str| {
        let (_, code) = link.split_once("#code=").unwrap();
        let body = json!({ "code": code, "name": name, "password": crate::common::who::PASSWORD });
        let asked = site.page_asks("POST", "/api/invitations/accept").json(&body);
        asked.send().await.status
    };
    for (role, deed) in [("admin", "removed"), ("admin", "less"), ("owner", "less")] {
        let mut bob = ada
            .invited(&site, &format!("{role}-{deed}@example.org"), role)
            .await;
        bob.organization.clone_from(&ada.organization);
        let gives = if role == "owner" { "owner" } else { "member" };
        let invite = json!({ "email": format!("second-{role}-{deed}@example.org"), "role": gives });
        let link = bob
            .post(&bob.below("invitations"), &invite)
            .await
            .is(201)
            .said("/link");
        let path = ada.below(&format!("members/{}", bob.user));
        if deed == "removed" {
            ada.delete(&path).await.is(204);
        } else {
            ada.patch(&path, &json!({ "role": "member" })).await.is(204);
        }
        assert_eq!(accept(&link, "Bob").await, 404, "{role} {deed}");
    }
    // What others invited to is worth what it was.
    let invite = json!({ "email": "cat@example.org", "role": "member" });
    let link = ada
        .post(&ada.below("invitations"), &invite)
        .await
        .is(201)
        .said("/link");
    assert_eq!(accept(&link, "Cat").await, 201);
}
