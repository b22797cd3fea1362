//! What is done without the mouse.

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Home, scripted};

const ALT: &str = "\u{e00a}";
const ESCAPE: &str = "\u{e00c}";
const UP: &str = "\u{e013}";

fn touch(file: &str) -> Vec<Action> {
    vec![Action::tool(
        "bash",
        json!({ "command": format!("touch {file}"), "description": "as told" }),
    )]
}

#[tokio::test]
async fn alt_and_a_figure_answer_an_ask() {
    let home = Home::new();
    let folder = home.folder("keys");
    let mut app = App::start("keys-ask", &home, &[&folder]).await;
    app.send(&scripted(
        "Run it twice",
        [touch("allowed"), touch("denied"), vec![Action::text("Went on.")]],
    ))
    .await;
    app.wait_for_text("[data-testid=permission][data-ready=true]", "touch allowed")
        .await;
    app.press(&[ALT, "1"]).await;
    app.wait_for_text("[data-testid=permission][data-ready=true]", "touch denied")
        .await;
    assert!(folder.join("allowed").exists());
    app.press(&[ALT, "3"]).await;
    app.wait_for("[data-testid=tool][data-mark=denied]").await;
    app.idle().await;
    assert!(!folder.join("denied").exists());
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn escape_stops_a_turn() {
    let home = Home::new();
    let folder = home.folder("escape");
    let mut app = App::start("keys-escape", &home, &[&folder]).await;
    app.send(&scripted(
        "Write for ever",
        [vec![Action::text("The beginning stays."), Action::stall()]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "The beginning stays.")
        .await;
    app.wait_for("[data-testid=composer-stop]").await;
    // The first leaves the composer for what is read.
    app.press(&[ESCAPE]).await;
    app.wait_for(".transcript-place > .scroll:focus").await;
    app.wait_for("[data-testid=composer-stop]").await;
    app.press(&[ESCAPE]).await;
    app.idle().await;
    app.wait_for("[data-testid=stopped], [data-testid=interrupted]")
        .await;
    assert!(
        app.text("[data-testid=prose]")
            .await
            .contains("The beginning stays.")
    );
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn up_in_an_empty_composer_recalls_what_was_sent() {
    let home = Home::new();
    let folder = home.folder("recall");
    let app = App::start("keys-recall", &home, &[&folder]).await;
    let prompt = scripted("Say hi", [vec![Action::text("Hi.")]]);
    app.send(&prompt).await;
    app.wait_for_text("[data-testid=prose]", "Hi.").await;
    app.idle().await;
    app.wait(
        "the composer to be empty",
        "return document.querySelector('[data-testid=composer-input]').value === ''",
        json!([]),
    )
    .await;
    app.click("[data-testid=composer-input]").await;
    app.press(&[UP]).await;
    assert_eq!(app.composed().await, prompt);
    app.close().await;
}
