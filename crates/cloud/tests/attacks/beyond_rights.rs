//! Somebody in the organization does what their role or their token does not allow.

use cowork_cloud::commands::{Ask, give};
use serde_json::json;

use crate::common::{Asked, Browser, Site, prompt};

/// Somebody who came by an invitation, where they were invited to.
async fn member(site: &Site, owner: &Browser, name: &str, role: &str) -> Browser {
    let mut browser = owner.invited(site, &format!("{name}@example.org"), role).await;
    browser.organization.clone_from(&owner.organization);
    browser
}

#[tokio::test]
async fn a_viewer_prompts_nothing_not_even_what_was_theirs() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let bob = member(&site, &ada, "bob", "member").await;
    let desktop = bob.pair("b").await;
    site.prompt(&bob, &desktop, "as a member").await;
    let path = ada.below(&format!("members/{}", bob.user));
    ada.patch(&path, &json!({ "role": "viewer" })).await.is(204);
    let refusal = site
        .give(&bob, &desktop, &prompt("as a viewer"), "k")
        .await
        .unwrap_err();
    assert_eq!(refusal.status.as_u16(), 403);
    let view = member(&site, &ada, "view", "viewer").await;
    for (path, body) in [
        (
            ada.below("desktops"),
            crate::common::Desktop::new(site.address(), "v").enrolment(),
        ),
        (
            ada.below("invitations"),
            json!({ "email": "x@example.org", "role": "viewer" }),
        ),
    ] {
        view.post(&path, &body).await.is(403);
    }
    for path in ["members", "audit", "invitations"] {
        view.get(&view.below(path)).await.is(403);
    }
    view.get(&view.below("desktops")).await.is(200);
}

#[tokio::test]
async fn nobody_drives_a_desktop_that_is_somebody_else_s() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let bob = member(&site, &ada, "bob", "member").await;
    let desktop = bob.pair("b").await;
    // The owner of the organization does not even see it, until it is shown; then they see it and no more.
    assert_eq!(
        site.give(&ada, &desktop, &prompt("x"), "k1")
            .await
            .unwrap_err()
            .status
            .as_u16(),
        404
    );
    let path = bob.below(&format!("desktops/{}", desktop.pairing));
    bob.patch(&path, &json!({ "visibility": "organization" }))
        .await
        .is(204);
    assert_eq!(
        site.give(&ada, &desktop, &prompt("x"), "k2")
            .await
            .unwrap_err()
            .status
            .as_u16(),
        403
    );
    let abort = Ask::Abort(cowork_cloud_store::SessionId::parse("ses_1").unwrap());
    assert_eq!(
        site.give(&ada, &desktop, &abort, "k3")
            .await
            .unwrap_err()
            .status
            .as_u16(),
        403
    );
    ada.patch(&path, &json!({ "label": "mine" })).await.is(403);
    let token = json!({ "token": crate::common::who::desktop_token("mine") });
    ada.post(&format!("{path}/token"), &token).await.is(403);
    // Ending it is for who administers.
    ada.delete(&path).await.is(204);
}

#[tokio::test]
async fn an_admin_makes_no_admin_and_no_owner_and_removes_none() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let bob = member(&site, &ada, "bob", "admin").await;
    let cat = member(&site, &bob, "cat", "member").await;
    for role in ["admin", "owner"] {
        let invite = json!({ "email": "x@example.org", "role": role });
        bob.post(&bob.below("invitations"), &invite).await.is(403);
        for user in [&cat.user, &bob.user] {
            let path = bob.below(&format!("members/{user}"));
            if !(role == "admin" && *user == bob.user) {
                bob.patch(&path, &json!({ "role": role })).await.is(403);
            }
        }
    }
    bob.patch(
        &bob.below(&format!("members/{}", ada.user)),
        &json!({ "role": "viewer" }),
    )
    .await
    .is(403);
    bob.delete(&bob.below(&format!("members/{}", ada.user)))
        .await
        .is(403);
    // The last owner stays.
    ada.delete(&ada.below(&format!("members/{}", ada.user)))
        .await
        .is(409);
    let path = ada.below(&format!("members/{}", ada.user));
    ada.patch(&path, &json!({ "role": "member" })).await.is(409);
}

fn with_token(site: &Site, token: &str, method: &str, path: &str) -> Asked {
    site.ask(method, path)
        .header("authorization", &format!("Bearer {token}"))
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_no_more() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let desktop = ada.pair("a").await;
    let read = ada.token(&["read"]).await;
    let path = ada.below("desktops");
    let seen = with_token(&site, &read, "GET", &path).send().await.is(200);
    assert_eq!(seen.json()["desktops"][0]["may"]["prompt"], json!(false));
    let desktop_path = format!("{path}/{}", desktop.pairing);
    with_token(&site, &read, "DELETE", &desktop_path)
        .send()
        .await
        .is(403);
    with_token(&site, &read, "PATCH", &desktop_path)
        .json(&json!({ "label": "x" }))
        .send()
        .await
        .is(403);
    with_token(&site, &read, "GET", &ada.below("audit"))
        .send()
        .await
        .is(403);
    let invite = json!({ "email": "x@example.org", "role": "viewer" });
    with_token(&site, &read, "POST", &ada.below("invitations"))
        .json(&invite)
        .send()
        .await
        .is(403);
    // None makes another, changes the password, or sees where the person is signed in.
    let admin = ada.token(&["admin"]).await;
    let make = json!({ "label": "x", "scopes": ["read"], "days": 1 });
    with_token(&site, &admin, "POST", &ada.below("tokens"))
        .json(&make)
        .send()
        .await
        .is(403);
    let change = json!({ "current": crate::common::who::PASSWORD, "password": "another long one" });
    with_token(&site, &admin, "POST", "/api/me/password")
        .json(&change)
        .send()
        .await
        .is(403);
    with_token(&site, &admin, "GET", "/api/me/sessions")
        .send()
        .await
        .is(403);
    with_token(&site, &admin, "POST", "/api/organizations")
        .json(&json!({ "name": "x" }))
        .send()
        .await
        .is(403);
    with_token(&site, &admin, "GET", &ada.below("audit"))
        .send()
        .await
        .is(200);
}

#[tokio::test]
async fn a_token_gives_commands_within_its_scopes_alone() {
    use cowork_cloud::http::person::{Came, Person};
    let site = Site::start().await;
    let ada = site.owner().await;
    let desktop = ada.pair("a").await;
    let pairing = cowork_cloud_store::PairingId::parse(&desktop.pairing).unwrap();
    let app = site.server.app();
    let person = async |scopes: &[&str]| {
        let secret = cowork_cloud_store::SecretHash::of(&ada.token(scopes).await);
        let now = cowork_cloud::clock::now();
        let found = app
            .store
            .api_token_by_secret(&secret, now)
            .await
            .unwrap()
            .unwrap();
        Person {
            id: found.token.user.clone(),
            name: found.token.user_name.clone(),
            email: None,
            came: Came::Program(found.token),
        }
    };
    let reader = person(&["read"]).await;
    assert_eq!(
        give(app, &reader, &pairing, &prompt("x"), "k")
            .await
            .unwrap_err()
            .status
            .as_u16(),
        403
    );
    let prompter = person(&["read", "prompt"]).await;
    give(app, &prompter, &pairing, &prompt("x"), "k").await.unwrap();
    let allow = cowork_pairing_protocol::wire::PermissionPayload {
        permission_id: "per_1".to_owned(),
        allowed: true,
    };
    let allow = Ask::Permission(cowork_cloud_store::SessionId::parse("ses_1").unwrap(), allow);
    let refusal = give(app, &prompter, &pairing, &allow, "k2").await.unwrap_err();
    assert_eq!(refusal.status.as_u16(), 403);
}

#[tokio::test]
async fn a_token_works_in_its_organization_alone_until_it_is_taken_back() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let made = ada
        .post("/api/organizations", &json!({ "name": "Second" }))
        .await
        .is(201);
    let second = made.said("/id");
    let token = ada.token(&["admin"]).await;
    let path = format!("/api/organizations/{second}/desktops");
    with_token(&site, &token, "GET", &path).send().await.is(404);
    let me = with_token(&site, &token, "GET", "/api/me")
        .send()
        .await
        .is(200)
        .json();
    assert_eq!(me["organizations"].as_array().unwrap().len(), 1);
    assert!(me.get("csrf").is_none());
    let tokens = ada.get(&ada.below("tokens")).await.is(200);
    assert!(!tokens.text().contains(&token[4..]));
    ada.delete(&ada.below(&format!("tokens/{}", tokens.said("/tokens/0/id"))))
        .await
        .is(204);
    with_token(&site, &token, "GET", "/api/me").send().await.is(401);
    let endless = json!({ "label": "x", "scopes": ["read"], "days": 367 });
    ada.post(&ada.below("tokens"), &endless).await.is(400);
    ada.post(
        &ada.below("tokens"),
        &json!({ "label": "x", "scopes": [], "days": 1 }),
    )
    .await
    .is(400);
    ada.post(
        &ada.below("tokens"),
        &json!({ "label": "x", "scopes": ["root"], "days": 1 }),
    )
    .await
    .is(400);
}

#[tokio::test]
async fn whoever_was_invited_makes_no_organization() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let bob = member(&site, &ada, "bob", "admin").await;
    bob.post("/api/organizations", &json!({ "name": "Mine" }))
        .await
        .is(403);
}

#[tokio::test]
async fn every_change_is_in_the_audit_with_who_made_it() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let bob = member(&site, &ada, "bob", "member").await;
    let path = format!("/api/organizations/{}", ada.organization);
    ada.patch(&path, &json!({ "name": "Renamed" })).await.is(204);
    let invite = json!({ "email": "cat@example.org", "role": "viewer" });
    let invited = ada
        .post(&ada.below("invitations"), &invite)
        .await
        .is(201)
        .said("/id");
    ada.delete(&ada.below(&format!("invitations/{invited}")))
        .await
        .is(204);
    let desktop = bob.pair("b").await;
    let path = bob.below(&format!("desktops/{}", desktop.pairing));
    bob.patch(&path, &json!({ "label": "renamed" })).await.is(204);
    let token = json!({ "token": crate::common::who::desktop_token("another") });
    bob.post(&format!("{path}/token"), &token).await.is(204);
    site.prompt(&bob, &desktop, "hello").await;
    let secret = bob.token(&["admin"]).await;
    let tokens = bob.get(&bob.below("tokens")).await.is(200).said("/tokens/0/id");
    // A program's deed is the program's, which is named after its person.
    with_token(&site, &secret, "DELETE", &path).send().await.is(204);
    bob.delete(&bob.below(&format!("tokens/{tokens}"))).await.is(204);
    bob.patch("/api/me", &json!({ "name": "Bobby" })).await.is(204);
    let change = json!({ "current": crate::common::who::PASSWORD, "password": crate::common::who::PASSWORD });
    bob.post("/api/me/password", &change).await.is(204);
    let phone = Browser::sign_in(&site, "bob@example.org").await;
    bob.delete("/api/me/sessions").await.is(200);
    phone.get("/api/me").await.is(401);
    bob.ask("POST", "/api/sign-out").send().await.is(204);
    let path = ada.below(&format!("members/{}", bob.user));
    ada.patch(&path, &json!({ "role": "viewer" })).await.is(204);
    ada.delete(&path).await.is(204);

    let audit = ada.get(&ada.below("audit")).await.is(200).json();
    let mut rows: Vec<_> = audit["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["action"].as_str().unwrap(),
                row["actorKind"].as_str().unwrap(),
                row["actorId"].as_str().unwrap(),
            )
        })
        .collect();
    rows.reverse();
    let of = |who: &'static str| move |action: &'static str| (action, who);
    let (by_ada, by_bob) = (of("ada"), of("bob"));
    let expected = [
        by_ada("organization.created"),
        by_ada("user.signed_in"),
        by_ada("member.invited"),
        by_bob("member.joined"),
        by_bob("user.signed_in"),
        by_ada("organization.renamed"),
        by_ada("member.invited"),
        by_ada("member.invitation_withdrawn"),
        by_bob("pairing.created"),
        by_bob("pairing.updated"),
        by_bob("pairing.token_rotated"),
        by_bob("command.given"),
        by_bob("token.created"),
        ("pairing.revoked", "the program"),
        by_bob("token.revoked"),
        by_bob("user.renamed"),
        by_bob("user.password_changed"),
        by_bob("user.signed_in"),
        by_bob("user.signed_out_everywhere"),
        by_bob("user.signed_out"),
        by_ada("member.role_changed"),
        by_ada("member.removed"),
    ];
    let found: Vec<_> = rows
        .iter()
        .map(|(action, kind, id)| {
            let who = match *kind {
                "user" if *id == ada.user => "ada",
                "user" if *id == bob.user => "bob",
                "token" if *id == tokens => "the program",
                _ => "somebody else",
            };
            (*action, who)
        })
        .collect();
    assert_eq!(found, expected);
    let text = audit.to_string();
    for secret in ["ocp_", "oct_", "oci_", "ocs_", crate::common::who::PASSWORD] {
        assert!(!text.contains(secret), "{secret}");
    }
}
