//! Bytes that are meant to confuse: headers, paths, forms.

use serde_json::json;

use crate::common::Site;

const ALWAYS: [&str; 8] = [
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "x-request-id",
];

#[tokio::test]
async fn every_answer_has_its_headers_also_when_it_refuses() {
    let site = Site::start().await;
    let asks = [
        site.ask("GET", "/"),
        site.ask("GET", "/livez"),
        site.ask("GET", "/readyz"),
        site.ask("GET", "/api/server"),
        site.ask("GET", "/api/me"),
        site.ask("GET", "/nothing"),
        site.ask("GET", "/api/nothing"),
        site.ask("DELETE", "/api/server"),
        site.ask("POST", "/api/sign-in").json(&json!({})),
        site.ask("POST", "/api/sign-in")
            .body("{")
            .header("content-type", "application/json"),
        site.ask("GET", "/").with("host", "evil.example"),
        site.ask("GET", &format!("/{}", "x".repeat(3_000))),
        site.ask("POST", "/api/desktop-pairing/heartbeat"),
    ];
    for asked in asks {
        let answer = asked.send().await;
        for name in ALWAYS {
            assert!(answer.header(name).is_some(), "{name} is not in {answer:?}");
        }
        // The page may be kept and is asked for anew; nothing else is kept at all.
        let kept = answer.header("cache-control");
        assert!(matches!(kept, Some("no-store" | "no-cache")), "{answer:?}");
        assert!(
            kept == Some("no-store") || answer.header("content-type") == Some("text/html; charset=utf-8")
        );
        assert!(answer.header("server").is_none());
    }
}

#[tokio::test]
async fn a_request_s_own_id_is_not_taken_and_no_header_is_injected() {
    let site = Site::start().await;
    let answer = site
        .ask("GET", "/livez")
        .header("x-request-id", "mine")
        .send()
        .await
        .is(200);
    assert_ne!(answer.header("x-request-id"), Some("mine"));
    // A line break in a header's value ends the request or is no header; it never reaches an answer.
    let owner = site.owner().await;
    for name in ["a\r\nset-cookie: b=c", "a\nb", "a\u{0}b"] {
        let body = json!({ "name": name });
        let answer = owner.post("/api/organizations", &body).await.is(400);
        assert!(answer.header("set-cookie").is_none());
    }
    let asked = site.ask("GET", "/%0d%0aset-cookie:%20a=b").send().await.is(404);
    assert!(asked.header("set-cookie").is_none());
}

#[tokio::test]
async fn paths_lead_nowhere_but_where_they_say() {
    let page = tempfile::tempdir().unwrap();
    std::fs::write(
        page.path().join("index.html"),
        "<!doctype html><title>page</title>",
    )
    .unwrap();
    let folder = page.path().to_owned();
    let site = Site::with(move |setup| setup.page_dir = Some(folder)).await;
    let index = site.ask("GET", "/").send().await.is(200);
    assert!(
        index
            .header("content-security-policy")
            .unwrap()
            .contains("script-src 'self'")
    );
    for path in [
        "/../cloud.db",
        "/..%2fcloud.db",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../etc/passwd",
        "//etc/passwd",
        "/index.html%00.js",
        "/\\..\\..\\x",
        "/cloud.db",
        "/.",
    ] {
        let answer = site.ask("GET", path).send().await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(!answer.text().contains("root:"));
    }
    let owner = site.owner().await;
    for path in [
        format!(
            "/api/organizations/{}/../{}/desktops",
            owner.organization, owner.organization
        ),
        format!("/api//organizations/{}/desktops", owner.organization),
        format!("/api/organizations/{}%2fdesktops", owner.organization),
        format!("/api/organizations/{}/desktops/", owner.organization),
        "/api/organizations/%ff/desktops".to_owned(),
        "/API/me".to_owned(),
    ] {
        let answer = owner.get(&path).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn what_was_sent_does_not_stand_in_what_is_said_of_it() {
    let site = Site::start().await;
    let mark = "ocp_SECRETSECRETSECRETSECRETSECRETSECRETSECRETS";
    let owner = site.owner().await;
    for body in [
        json!({ "label": mark, "scopes": [mark], "days": 1 }),
        json!({ mark: 1 }),
        json!({ "label": { mark: mark }, "scopes": [], "days": 1 }),
        json!(mark),
    ] {
        let answer = owner.post(&owner.below("tokens"), &body).await.is(400);
        assert!(!answer.text().contains("SECRET"), "{}", answer.text());
    }
}

#[tokio::test]
async fn json_that_is_deep_or_large_is_refused() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let deep = format!("{}1{}", "[".repeat(50_000), "]".repeat(10));
    let path = owner.below("tokens");
    let asked = owner
        .ask("POST", &path)
        .header("content-type", "application/json")
        .body(deep);
    asked.send().await.is(400);
    let large = json!({ "label": "x".repeat(70_000), "scopes": ["read"], "days": 1 });
    owner.post(&path, &large).await.is(413);
}

#[tokio::test]
async fn two_lengths_are_no_request() {
    let site = Site::start().await;
    let asked = site
        .ask("POST", "/api/sign-in")
        .header("content-length", "5")
        .header("content-length", "6")
        .body("hello");
    assert_eq!(asked.send().await.status, 400);
    // Both a length and chunks: whoever stands before could have read another request here.
    let asked = site
        .ask("POST", "/api/sign-in")
        .header("content-length", "5")
        .header("transfer-encoding", "chunked")
        .header("connection", "keep-alive")
        .body("0\r\n\r\nGET /api/server HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let answer = tokio::time::timeout(std::time::Duration::from_mins(1), asked.send())
        .await
        .unwrap();
    assert!(answer.status >= 400, "{answer:?}");
}

#[tokio::test]
async fn an_address_without_end_is_refused() {
    let site = Site::start().await;
    let below = site.ask("GET", &format!("/api/me?{}", "x".repeat(2_000)));
    below.send().await.is(401);
    let beyond = site.ask("GET", &format!("/api/me?{}", "x".repeat(2_048)));
    beyond.send().await.is(414);
}
