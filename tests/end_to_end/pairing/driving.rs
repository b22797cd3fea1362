//! What a day from afar is made of: prompts, answers, stopping, and the end of it.

use std::time::Duration;

use cowork_scripted_model::Action;
use serde_json::json;

use super::scene::{SHARED, Scene, long, words};
use crate::harness::scripted;

#[tokio::test]
async fn a_browser_drives_the_desktop_from_the_pairing_to_its_end() {
    let mut scene = Scene::paired("pairing", &[]).await;
    scene.browser.picture("home").await;

    // A prompt from afar: a new thread, streamed back.
    scene
        .browser
        .send(&scripted(
            "Say where you are",
            [words(
                "# At the desk\n\nOn the **second** one, with `code` and\n\n- a list\n- of two",
            )],
        ))
        .await;
    scene.browser.wait_for_text("On the second one").await;
    scene
        .browser
        .wait_for("[data-testid=composer-input]:not([disabled])")
        .await;
    let session = scene.desk.newest().await;
    let said = scene.same(&session).await;
    assert!(said.contains("- of two"), "{said}");
    scene.browser.picture("thread").await;

    // What the agent asks for is answered from afar, and counts when the person here says so.
    scene
        .browser
        .send(&scripted(
            "Make a file",
            [
                vec![Action::tool(
                    "bash",
                    json!({ "command": "touch made.txt", "description": "Make it" }),
                )],
                words("It is made."),
            ],
        ))
        .await;
    scene.browser.allow().await;
    scene.browser.wait_for("[data-testid=ask-fate]").await;
    scene.browser.picture("waits-for-the-desk").await;
    let made = scene.desk.home.folder(SHARED).join("made.txt");
    assert!(!made.exists(), "nothing may run before the person here said so");
    scene.desk.app.accept_from_afar().await;
    scene.browser.wait_for_text("It is made.").await;
    assert!(made.exists());
    scene.same(&session).await;

    // Stopped from afar.
    scene
        .browser
        .send(&scripted(
            "Go on for long",
            [vec![
                Action::text(long("It begins.")),
                Action::silence(60_000),
                Action::text("Never said."),
            ]],
        ))
        .await;
    scene.browser.wait_for_text("It begins.").await;
    scene.browser.click("[data-testid=composer-stop]").await;
    scene.desk.app.idle().await;
    let said = scene.same(&session).await;
    assert!(!said.contains("Never said."), "{said}");

    // Ended from afar, in the middle of a turn: the desktop forgets the token and nothing more leaves.
    scene
        .browser
        .send(&scripted(
            "Once more",
            [vec![
                Action::text(long("Half.")),
                Action::silence(5_000),
                Action::text("Whole."),
            ]],
        ))
        .await;
    scene.browser.wait_for_text("Half.").await;
    scene.browser.click("[data-testid=desktop-status]").await;
    scene.browser.click("[data-testid=revoke]").await;
    scene.browser.click("[data-testid=revoke-sure]").await;
    scene.desk.app.open_pairing_settings().await;
    scene
        .desk
        .app
        .wait_for("[data-testid=pairing][data-state=revoked]")
        .await;
    scene.desk.app.picture_of("revoked").await;

    // The turn goes on at the desk, to its end; nothing of that reaches the server.
    let whole = json!({ "session": session, "after": null, "before": null });
    let mut said = String::new();
    for _ in 0..100 {
        let text = scene.desk.app.invoke("conversation_text", whole.clone()).await;
        let text = text.expect("the thread can be read");
        said = text["text"].as_str().unwrap_or_default().to_owned();
        if said.contains("Whole.") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(said.contains("Whole."), "{said}");
    let kept = scene.cloud.everything_kept();
    assert!(kept.contains("Half."), "what was told before is kept there");
    // The prompt itself left, and has the script in another alphabet.
    assert!(!kept.contains("Whole."), "something left after the end");
}
