//! What whoever runs the server asks of it.

use serde_json::json;

use crate::common::{Asked, Site};

#[tokio::test]
async fn it_says_that_it_lives_whether_it_can_work_and_who_it_is() {
    let site = Site::start().await;
    assert_eq!(
        site.ask("GET", "/livez").send().await.is(200).json(),
        json!({ "live": true })
    );
    assert_eq!(
        site.ask("GET", "/readyz").send().await.is(200).json(),
        json!({ "ready": true })
    );
    // Whoever watches it knows it by a number.
    site.ask("GET", "/readyz")
        .with("host", "10.1.2.3")
        .send()
        .await
        .is(200);
    let said = site.ask("GET", "/api/server").send().await.is(200).json();
    assert_eq!(said["setUp"], json!(false));
    assert_eq!(said["version"], json!(env!("CARGO_PKG_VERSION")));
    site.owner().await;
    assert_eq!(
        site.ask("GET", "/api/server").send().await.is(200).json()["setUp"],
        json!(true)
    );
}

#[tokio::test]
async fn it_is_not_ready_when_its_database_is_gone_or_it_stops() {
    let site = Site::start().await;
    site.server.app().store.close().await;
    let answer = site.ask("GET", "/readyz").send().await.is(503);
    assert_eq!(answer.json()["code"], "notReady");
    assert!(answer.header("retry-after").is_some());
    // It lives all the same: to start it anew would mend nothing.
    site.ask("GET", "/livez").send().await.is(200);
}

#[tokio::test]
async fn figures_are_told_at_their_own_address_alone_and_name_nobody() {
    let site = Site::with(|setup| setup.metrics_listen = Some("127.0.0.1:0".parse().unwrap())).await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(204);
    site.prompt(&owner, &desktop, "hello").await;
    let events = json!({ "events": [desktop.event("e1", None)] });
    desktop.post("/events", &events).await.is(204);
    site.ask("GET", "/metrics").send().await.is(404);
    let address = site.server.metrics_address().unwrap();
    let answer = Asked::new(address, "GET", "/metrics").send().await.is(200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let text = answer.text();
    for line in [
        "cowork_cloud_commands_given_total 1",
        "cowork_cloud_events_received_total 1",
        "cowork_cloud_organizations 1",
        "cowork_cloud_pairings 1",
        "cowork_cloud_commands{state=\"queued\"} 1",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is not in\n{text}"
        );
    }
    assert!(text.contains("route=\"/api/desktop-pairing/heartbeat\",status=\"204\""));
    for named in [
        "ada",
        "Analytical",
        &desktop.pairing,
        &desktop.device,
        &owner.user,
        &owner.organization,
        "127.0.0.1",
    ] {
        assert!(!text.contains(named), "{named}");
    }
    let host = format!("localhost:{}", site.address().port());
    let elsewhere = Asked::new(address, "GET", "/api/server").header("host", &host);
    elsewhere.send().await.is(404);
}

#[tokio::test]
async fn figures_are_told_also_while_the_database_is_away() {
    for answers in [true, false] {
        let site = Site::with(|setup| setup.metrics_listen = Some("127.0.0.1:0".parse().unwrap())).await;
        if !answers {
            site.server.app().store.close().await;
        }
        let address = site.server.metrics_address().unwrap();
        let text = Asked::new(address, "GET", "/metrics").send().await.is(200).text();
        let line = format!("cowork_cloud_database_answers {}", u8::from(answers));
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
        assert!(text.contains("cowork_cloud_connections "));
        assert_eq!(text.contains("cowork_cloud_users "), answers);
    }
}

#[tokio::test]
async fn a_server_with_a_public_address_asks_for_encryption_and_takes_no_other_name() {
    let site = Site::with(|setup| setup.public_url = Some("https://cowork.example.org".to_owned())).await;
    let answer = site
        .ask("GET", "/api/server")
        .with("host", "cowork.example.org")
        .send()
        .await
        .is(200);
    assert_eq!(answer.json()["address"], "https://cowork.example.org");
    // Of this name, and not of what its organization has below it.
    assert_eq!(
        answer.header("strict-transport-security"),
        Some("max-age=63072000")
    );
    site.ask("GET", "/api/server")
        .with("host", "other.example.org")
        .send()
        .await
        .is(421);
}

#[tokio::test]
async fn a_copy_of_the_database_made_while_it_runs_has_everybody_in_it() {
    let site = Site::start().await;
    let owner = site.owner().await;
    owner.pair("a").await;
    let file = site.folder.path().join("copy.db");
    site.server.app().store.backup(&file).await.unwrap();
    // A file that is there is not written over.
    assert!(site.server.app().store.backup(&file).await.is_err());
    let copied = Site::with(|setup| {
        setup.database = cowork_cloud_store::Options::at(format!("sqlite:{}", file.display()));
    })
    .await;
    let again = crate::common::Browser::sign_in(&copied, "ada@example.org").await;
    let desktops = again.get(&again.below("desktops")).await.is(200).json();
    assert_eq!(desktops["desktops"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_taken_is_there_after_the_server_was_started_anew() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("cloud.db").display());
    let at = || cowork_cloud_store::Options::at(database.clone());
    let site = Site::with(|setup| setup.database = at()).await;
    let owner = site.owner().await;
    let desktop = owner.pair("a").await;
    let id = site.prompt(&owner, &desktop, "hello").await;
    site.server.stop().await;
    let site = Site::with(|setup| setup.database = at()).await;
    let desktop = crate::common::Desktop::new(site.address(), "a");
    let claimed = desktop.post("/commands/claim", &desktop.claim(0)).await.is(200);
    assert_eq!(claimed.said("/commands/0/id"), id);
    let owner = crate::common::Browser::sign_in(&site, "ada@example.org").await;
    owner.get("/api/me").await.is(200);
}

/// Runs a command of the operator's beside the server that runs.
fn operator(site: &Site, arguments: &[&str]) -> String {
    let database = format!("sqlite:{}", site.folder.path().join("cloud.db").display());
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_open-cowork-cloud"))
        .args(arguments)
        .args(["--database", &database])
        .env_clear()
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn an_operator_adds_an_organization_and_helps_who_lost_their_password() {
    let site = Site::start().await;
    let owner = site.owner().await;
    let organization = ["organization", "add", "Second", "--owner", "ADA@example.org"];
    assert!(operator(&site, &organization).contains("Second"));
    let me = owner.get("/api/me").await.is(200).json();
    assert_eq!(me["organizations"].as_array().unwrap().len(), 2);
    let said = operator(&site, &["new-password", "ada@example.org"]);
    let password = said.lines().last().unwrap().trim();
    owner.get("/api/me").await.is(401);
    let credentials = json!({ "email": "ada@example.org", "password": password });
    let asked = site.page_asks("POST", "/api/sign-in").json(&credentials);
    let again = crate::common::Browser::of(&site, &asked.send().await.is(200));
    let audit = again.get(&again.below("audit")).await.is(200).text();
    assert!(audit.contains("user.password_changed") && !audit.contains(password));
}
