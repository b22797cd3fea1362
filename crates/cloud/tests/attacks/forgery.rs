//! Another page makes the browser of somebody who is signed in ask for something.

use serde_json::json;

use crate::common::{Asked, Browser, Site};

async fn made(browser: &Browser) -> usize {
    let organizations = browser.get("/api/organizations").await.is(200).json();
    organizations["organizations"].as_array().unwrap().len()
}

fn create(browser: &Browser) -> Asked {
    browser
        .ask("POST", "/api/organizations")
        .json(&json!({ "name": "Forged" }))
}

#[tokio::test]
async fn without_the_word_of_the_sign_in_nothing_is_changed() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let eve = Browser::by_owner_link(&site, "eve@example.org", "Elsewhere").await;
    let forged = [
        create(&ada).without("x-csrf-token"),
        create(&ada).with("x-csrf-token", ""),
        create(&ada).with("x-csrf-token", "x"),
        create(&ada).with("x-csrf-token", &eve.csrf),
        create(&ada).header("x-csrf-token", &eve.csrf),
    ];
    for asked in forged {
        let answer = asked.send().await.is(403);
        assert_eq!(answer.json()["code"], "csrf");
    }
    assert_eq!(made(&ada).await, 1);
    create(&ada).send().await.is(201);
}

#[tokio::test]
async fn from_another_origin_nothing_is_changed_even_with_the_word() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let port = site.address().port();
    let origins = [
        "http://evil.example".to_owned(),
        "null".to_owned(),
        format!("http://localhost:{}", port ^ 1),
        format!("https://localhost:{port}"),
        format!("http://localhost.evil.example:{port}"),
        format!("http://evil.example/http://localhost:{port}"),
    ];
    for origin in &origins {
        create(&ada).with("origin", origin).send().await.is(403);
    }
    create(&ada).without("origin").send().await.is(403);
    create(&ada)
        .header("origin", "http://evil.example")
        .send()
        .await
        .is(403);
    for site in ["cross-site", "same-site", "none"] {
        create(&ada).header("sec-fetch-site", site).send().await.is(403);
    }
    create(&ada)
        .header("sec-fetch-site", "same-origin")
        .send()
        .await
        .is(201);
}

#[tokio::test]
async fn a_form_of_another_page_is_no_request() {
    let site = Site::start().await;
    let ada = site.owner().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        create(&ada).with("content-type", kind).send().await.is(415);
    }
    create(&ada).without("content-type").send().await.is(415);
}

#[tokio::test]
async fn nobody_is_signed_in_by_another_page() {
    let site = Site::start().await;
    site.owner().await;
    let credentials = json!({ "email": "ada@example.org", "password": crate::common::who::PASSWORD });
    let ask = || site.page_asks("POST", "/api/sign-in").json(&credentials);
    let answer = ask().with("origin", "http://evil.example").send().await.is(403);
    assert!(answer.header("set-cookie").is_none());
    ask().without("origin").send().await.is(403);
    for path in ["/api/welcome", "/api/invitations/look", "/api/invitations/accept"] {
        let body = json!({
            "code": "x", "name": "x", "email": "x@example.org", "password": "x", "organization": "x",
        });
        let body = if path == "/api/welcome" {
            body
        } else {
            json!({ "code": "x" })
        };
        site.ask("POST", path).json(&body).send().await.is(403);
    }
}

#[tokio::test]
async fn another_name_that_leads_here_is_not_this_server() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let port = site.address().port();
    for host in [
        format!("evil.example:{port}"),
        "localhost".to_owned(),
        String::new(),
    ] {
        let asked = ada.ask("GET", "/api/me").with("host", &host);
        let status = asked.send().await.status;
        assert!(matches!(status, 421 | 400), "{host}: {status}");
    }
    let twice = ada
        .ask("GET", "/api/me")
        .header("host", &format!("localhost:{port}"))
        .header("host", "evil.example");
    let status = twice.send().await.status;
    assert!(matches!(status, 421 | 400), "{status}");
}

#[tokio::test]
async fn no_answer_lets_another_page_read_it() {
    let site = Site::start().await;
    let ada = site.owner().await;
    let answer = ada
        .ask("GET", "/api/me")
        .with("origin", "http://evil.example")
        .send()
        .await;
    assert!(
        answer
            .headers
            .iter()
            .all(|(name, _)| !name.starts_with("access-control-"))
    );
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
    let preflight = site
        .ask("OPTIONS", "/api/organizations")
        .header("origin", "http://evil.example")
        .header("access-control-request-method", "POST");
    let answer = preflight.send().await.is(405);
    assert!(
        answer
            .headers
            .iter()
            .all(|(name, _)| !name.starts_with("access-control-"))
    );
}
