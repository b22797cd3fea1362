//! A stolen cookie, and one that was planted.

use serde_json::json;

use crate::common::{Browser, Site};

#[tokio::test]
async fn a_cookie_is_worth_nothing_after_the_sign_out() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let stolen = ada.clone();
    let answer = ada.ask("POST", "/api/sign-out").send().await.is(204);
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    stolen.get("/api/me").await.is(401);
    stolen
        .post("/api/organizations", &json!({ "name": "Mine" }))
        .await
        .is(401);
}

#[tokio::test]
async fn a_cookie_is_worth_nothing_after_a_sign_in_in_the_same_browser() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let answer = site
        .page_asks("POST", "/api/sign-in")
        .header("cookie", &ada.cookie)
        .json(&json!({ "email": "ada@example.org", "password": crate::common::who::PASSWORD }))
        .send()
        .await
        .is(200);
    let again = Browser::of(&site, &answer);
    assert_ne!(again.cookie, ada.cookie);
    ada.get("/api/me").await.is(401);
    again.get("/api/me").await.is(200);
}

#[tokio::test]
async fn a_planted_cookie_is_not_taken_over_by_a_sign_in() {
    let site = Site::start().await;
    site.owner().await;
    let name = site.server.app().cookies.name();
    let planted = format!("{name}=ocs_{}", "A".repeat(43));
    let answer = site
        .page_asks("POST", "/api/sign-in")
        .header("cookie", &planted)
        .json(&json!({ "email": "ada@example.org", "password": crate::common::who::PASSWORD }))
        .send()
        .await
        .is(200);
    assert!(!answer.header("set-cookie").unwrap().starts_with(&planted));
    site.ask("GET", "/api/me")
        .header("cookie", &planted)
        .send()
        .await
        .is(401);
}

#[tokio::test]
async fn other_browsers_are_ended_by_their_person_and_by_another_password() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let phone = Browser::sign_in(&site, "ada@example.org").await;
    let laptop = Browser::sign_in(&site, "ada@example.org").await;
    let sessions = ada.get("/api/me/sessions").await.is(200).json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 3);
    let of_phone = phone.get("/api/me/sessions").await.is(200).json();
    let current = of_phone["sessions"].as_array().unwrap();
    let current = current
        .iter()
        .find(|each| each["current"] == json!(true))
        .unwrap();
    let path = format!("/api/me/sessions/{}", current["id"].as_str().unwrap());
    ada.delete(&path).await.is(204);
    phone.get("/api/me").await.is(401);
    laptop.get("/api/me").await.is(200);

    let change = json!({ "current": "wrong wrong wrong", "password": "another long one" });
    ada.post("/api/me/password", &change).await.is(403);
    let change = json!({ "current": crate::common::who::PASSWORD, "password": "another long one" });
    ada.post("/api/me/password", &change).await.is(204);
    laptop.get("/api/me").await.is(401);
    ada.get("/api/me").await.is(200);
    site.page_asks("POST", "/api/sign-in")
        .json(&json!({ "email": "ada@example.org", "password": crate::common::who::PASSWORD }))
        .send()
        .await
        .is(401);
}

#[tokio::test]
async fn signing_out_everywhere_else_leaves_the_one_that_asked() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let others = [
        Browser::sign_in(&site, "ada@example.org").await,
        Browser::sign_in(&site, "ADA@example.org").await,
    ];
    assert_eq!(
        ada.delete("/api/me/sessions").await.is(200).json(),
        json!({ "ended": 2 })
    );
    for other in others {
        other.get("/api/me").await.is(401);
    }
    ada.get("/api/me").await.is(200);
}

#[tokio::test]
async fn nobody_ends_the_sign_in_of_somebody_else() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let eve = Browser::by_owner_link(&site, "eve@example.org", "Elsewhere").await;
    let sessions = ada.get("/api/me/sessions").await.is(200);
    eve.delete(&format!("/api/me/sessions/{}", sessions.said("/sessions/0/id")))
        .await
        .is(404);
    ada.get("/api/me").await.is(200);
}

#[tokio::test]
async fn the_cookie_is_bound_to_the_host_and_out_of_reach_of_scripts() {
    let site = Site::start().await;
    site.owner().await;
    let answer = site
        .page_asks("POST", "/api/sign-in")
        .json(&json!({ "email": "ada@example.org", "password": crate::common::who::PASSWORD }))
        .send()
        .await
        .is(200);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-"), "{cookie}");
    for part in ["; Path=/;", "; Secure;", "; HttpOnly;", "; SameSite=Strict;"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
}
