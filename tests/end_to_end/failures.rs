//! What goes wrong, and what a person sees of it.

use std::path::{Path, PathBuf};

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Home, scripted};

#[tokio::test]
async fn a_rejected_key_says_so() {
    let home = Home::new();
    let folder = home.folder("unauthorized");
    let mut app = App::start("401", &home, &[&folder]).await;
    app.send(&scripted("Try", [vec![Action::status(401, None)]]))
        .await;
    app.wait_for("[data-testid=failure][data-kind=unauthorized]")
        .await;
    app.idle().await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_repeated_request_counts_down_and_leaves_no_doubled_text() {
    let home = Home::new();
    let folder = home.folder("retry");
    let mut app = App::start("5xx-retry", &home, &[&folder]).await;
    app.send(&scripted(
        "Try",
        [vec![
            Action::text("The whole answer. "),
            Action::drop_connection(Some(1)),
            Action::text("And its end."),
        ]],
    ))
    .await;
    app.wait_for("[data-testid=retry]").await;
    app.picture().await;
    app.wait_for_text("[data-testid=prose]", "And its end.").await;
    app.idle().await;
    let text = app.text("[data-testid=prose]").await;
    assert_eq!(text.matches("The whole answer.").count(), 1, "{text}");
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_server_error_is_repeated_and_can_be_stopped() {
    let home = Home::new();
    let folder = home.folder("stop-retry");
    let mut app = App::start("5xx-stop", &home, &[&folder]).await;
    app.send(&scripted("Try", [vec![Action::status(503, None)]]))
        .await;
    app.wait_for("[data-testid=retry]").await;
    app.picture().await;
    app.click("[data-testid=retry-stop]").await;
    app.wait_gone("[data-testid=retry]").await;
    app.idle().await;
    app.close().await;
}

#[tokio::test]
async fn an_unknown_model_and_an_unknown_agent_end_the_turn() {
    let home = Home::new();
    let folder = home.folder("unknown");
    let mut app = App::start("bad-model-bad-agent", &home, &[&folder]).await;
    app.send(&scripted("Say hi", [vec![Action::text("Hi.")]])).await;
    app.wait_for_text("[data-testid=prose]", "Hi.").await;
    let session = app.sessions().await[0]["id"].clone();
    for (agent, model, kind) in [
        (Value::Null, json!("demo/nowhere"), "unknownModel"),
        (json!("nobody"), Value::Null, "unknownAgent"),
    ] {
        let request = json!({ "session": session, "text": "Again", "agent": agent, "model": model });
        app.invoke("prompt_send", request)
            .await
            .expect("the engine takes it");
        app.wait_for(&format!("[data-testid=failure][data-kind={kind}]"))
            .await;
        app.idle().await;
        app.picture().await;
    }
    app.send(&scripted("Go on", [vec![Action::text("Still here.")]]))
        .await;
    app.close().await;
}

/// A program that stands where the engine should be.
fn stand_in(home: &Home, name: &str, script: &str) -> PathBuf {
    let path = home.folder("engines").join(name);
    std::fs::write(&path, script).expect("the folder can be written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let permissions = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, permissions).expect("the file is ours");
    }
    path
}

async fn says(name: &str, home: &Home, engine: &Path, words: &str) {
    let mut app = App::start_with(name, home, &[], engine).await;
    app.wait_for("[data-testid=engine-status][data-state=failed]")
        .await;
    app.click("[data-testid=engine-status]").await;
    app.wait_for_text("body", words).await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_missing_engine_is_named_and_the_app_works_on() {
    let home = Home::new();
    says(
        "engine-missing",
        &home,
        Path::new("/does/not/exist"),
        "/does/not/exist",
    )
    .await;
}

#[tokio::test]
async fn an_engine_that_cannot_be_run_is_named() {
    let home = Home::new();
    let file = home.folder("engines").join("plain");
    std::fs::write(&file, "no program").expect("the folder can be written");
    says("engine-not-executable", &home, &file, "chmod").await;
}

#[tokio::test]
async fn an_engine_that_dies_at_start_shows_its_last_words() {
    let home = Home::new();
    let engine = stand_in(&home, "dies", "#!/bin/sh\necho the disk is on fire >&2\nexit 3\n");
    says("engine-dies", &home, &engine, "the disk is on fire").await;
}

#[tokio::test]
async fn a_prompt_that_cannot_be_delivered_stays_in_the_composer() {
    let home = Home::new();
    let folder = home.folder("undelivered");
    let engine = stand_in(&home, "absent", "#!/bin/sh\nexit 1\n");
    let mut app = App::start_with("undelivered", &home, &[&folder], &engine).await;
    app.wait_for("[data-testid=engine-status][data-state=failed]")
        .await;
    app.type_into("[data-testid=composer-input]", "Do not lose me")
        .await;
    app.type_into("[data-testid=composer-input]", "\u{e007}").await;
    app.wait_for("[data-testid=composer-error]").await;
    let value = app
        .driver()
        .execute(
            "return document.querySelector('[data-testid=composer-input]').value",
            json!([]),
        )
        .await
        .expect("the page can be read");
    assert_eq!(value, "Do not lose me");
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn markdown_made_to_hurt_stays_text() {
    let home = Home::new();
    let folder = home.folder("hostile");
    let mut app = App::start("hostile-markdown", &home, &[&folder]).await;
    let hostile = concat!(
        "<img src=x onerror=\"window.hurt=1\">\n\n<script>window.hurt=2</script>\n\n",
        "[click](javascript:window.hurt=3) [file](file:///etc/passwd) ![i](https://example.org/i.png)\n\n",
        "<iframe src=\"https://example.org\"></iframe><svg onload=\"window.hurt=4\"></svg>\n\n",
        "<a href=\"artifact://x\">a</a> <style>body{display:none}</style>\n\nThe end.\n"
    );
    app.send(&scripted(
        "Hurt me",
        [vec![
            Action::text(hostile),
            Action::text(&"> ".repeat(2_000)),
            Action::text("deep\n\nAll of it."),
        ]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "All of it.").await;
    app.idle().await;
    let hurt = app
        .driver()
        .execute("return window.hurt ?? null", json!([]))
        .await
        .expect("the page can be read");
    assert_eq!(hurt, Value::Null);
    for forbidden in [
        "img",
        "script",
        "iframe",
        "style",
        "svg[onload]",
        "[onerror]",
        "a:not([href^='http'])",
    ] {
        assert_eq!(
            app.count(&format!("[data-testid=prose] {forbidden}")).await,
            0,
            "{forbidden}"
        );
    }
    app.picture().await;
    app.close().await;
}
