//! Who has an account, and guessing.

use serde_json::json;

use crate::common::{Answer, Site};

async fn sign_in(site: &Site, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    site.page_asks("POST", "/api/sign-in").json(&body).send().await
}

fn shape(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let mut headers = answer.headers.clone();
    headers.retain(|(name, _)| name != "x-request-id" && name != "date");
    (answer.status, headers, answer.text())
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_are_answered_alike() {
    let site = Site::start().await;
    site.owner().await;
    let work = || site.server.app().passwords.worked();
    let before = work();
    let known = shape(&sign_in(&site, "ada@example.org", "wrong wrong wrong").await);
    assert_eq!(known.0, 401);
    assert_eq!(work(), before + 1);
    for (email, password) in [
        ("nobody@example.org", "wrong wrong wrong"),
        ("nobody@example.org", ""),
        ("", "wrong wrong wrong"),
        ("ada@example.org\u{0}", "wrong wrong wrong"),
        (&*"x".repeat(5_000), "wrong wrong wrong"),
        ("ada@example.org", &*"x".repeat(5_000)),
    ] {
        let before = work();
        assert_eq!(
            shape(&sign_in(&site, email, password).await),
            known,
            "{email:.20} {password:.20}"
        );
        assert_eq!(work(), before + 1, "{email:.20} {password:.20}");
    }
}

#[tokio::test]
async fn an_account_is_not_guessed_at_for_long_and_others_come_in_meanwhile() {
    let site = Site::with(|setup| setup.trusted = vec!["127.0.0.1/32".parse().unwrap()]).await;
    site.owner().await;
    // From many addresses, each of which may.
    let from = |number: u8, email: &str| {
        let body = json!({ "email": email, "password": "wrong wrong wrong" });
        let asked = site.page_asks("POST", "/api/sign-in").json(&body);
        asked.header("x-forwarded-for", &format!("198.51.100.{number}"))
    };
    for number in 0..20 {
        from(number, "ada@example.org").send().await.is(401);
    }
    for email in ["ada@example.org", "ADA@Example.org", " ada@example.org "] {
        let answer = from(30, email).send().await.is(429);
        assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    }
    from(31, "bob@example.org").send().await.is(401);
}

#[tokio::test]
async fn an_address_does_not_go_through_a_list_of_accounts() {
    let site = Site::start().await;
    let mut refused = false;
    for number in 0..30 {
        let answer = sign_in(&site, &format!("user{number}@example.org"), "wrong wrong wrong").await;
        refused |= answer.status == 429;
    }
    assert!(refused);
}

#[tokio::test]
async fn what_is_forwarded_is_believed_of_no_stranger() {
    let site = Site::start().await;
    let mut refused = false;
    for number in 0..30 {
        let body = json!({ "email": "ada@example.org", "password": "wrong wrong wrong" });
        let asked = site.page_asks("POST", "/api/sign-in").json(&body);
        let answer = asked
            .header("x-forwarded-for", &format!("198.51.100.{number}"))
            .send()
            .await;
        refused |= answer.status == 429;
    }
    assert!(
        refused,
        "each request named another address, and was taken for another"
    );
}

#[tokio::test]
async fn secrets_that_nobody_has_are_slowed_down() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let mut refused = false;
    for number in 0..80 {
        let token = format!("Bearer oct_{number:043}");
        let answer = site
            .ask("GET", "/api/me")
            .header("authorization", &token)
            .send()
            .await;
        assert!(matches!(answer.status, 401 | 429));
        refused |= answer.status == 429;
    }
    assert!(refused);
    // Whoever has one is not kept out by those who have none.
    owner.get("/api/me").await.is(200);
}

#[tokio::test]
async fn a_link_works_once_and_a_wrong_one_never() {
    let site = Site::start().await;
    let app = site.server.app();
    let link = cowork_cloud::server::owner_link(&app.store, &app.origins)
        .await
        .unwrap();
    let later = cowork_cloud::server::owner_link(&app.store, &app.origins)
        .await
        .unwrap();
    let code = |link: &str| link.split_once('=').unwrap().1.to_owned();
    let welcome = |code: &str, email: &str| {
        site.page_asks("POST", "/api/welcome").json(&json!({
            "code": code, "name": "Eve", "email": email, "password": "a long password", "organization": "Mine",
        }))
    };
    // The one before it is void.
    welcome(&code(&link), "eve@example.org").send().await.is(404);
    welcome(&format!("oco_{}", "A".repeat(43)), "eve@example.org")
        .send()
        .await
        .is(404);
    welcome("", "eve@example.org").send().await.is(404);
    welcome(&code(&later), "ada@example.org").send().await.is(201);
    welcome(&code(&later), "eve@example.org").send().await.is(404);
    assert_eq!(
        site.ask("GET", "/api/server").send().await.is(200).json()["setUp"],
        json!(true)
    );
}

#[tokio::test]
async fn an_invitation_is_for_one_address_and_one_time() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let body = json!({ "email": "bob@example.org", "role": "member" });
    let invited = ada.post(&ada.below("invitations"), &body).await.is(201);
    let link = invited.said("/link");
    let code = link.split_once('=').unwrap().1.to_owned();
    let eve = crate::common::Browser::by_owner_link(&site, "eve@example.org", "Elsewhere").await;
    // Somebody else who is signed in and has the link does not come in by it.
    eve.post("/api/invitations/accept", &json!({ "code": code }))
        .await
        .is(403);
    eve.get(&ada.below("desktops")).await.is(404);
    let look = site
        .page_asks("POST", "/api/invitations/look")
        .json(&json!({ "code": code }));
    assert_eq!(look.send().await.is(200).json()["organization"], "Analytical");
    let accept = json!({ "code": code, "name": "Bob", "password": "a long password" });
    let asked = || site.page_asks("POST", "/api/invitations/accept").json(&accept);
    asked().send().await.is(201);
    asked().send().await.is(404);
}
