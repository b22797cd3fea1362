//! What leaves the desktop, down to the bytes of the server's database.

use cowork_scripted_model::Action;
use serde_json::json;

use super::scene::{Desk, SHARED, Scene, same};
use crate::harness::scripted;

/// A folder beside the one that is shared.
const PRIVATE: &str = "private";
const ESCAPE: &str = "\u{e00c}";
/// Has the form of a key of a provider, and is none.
const KEY: &str = "sk-ant-api03-4Qw8Zr1Tn6Vb3Xc9Lm2Kp7Hs5Gd0Fj8Yu4Ei1Ra6To3Wq9Zx2Cv7Bn5Mk0Pl8";

impl Desk {
    /// Begins a thread in a folder and has it play a script to its end, where these words are said.
    async fn play(&self, folder: &str, prompt: &str, last: &str) -> String {
        let app = &self.app;
        let start = app.invoke("start", json!(null)).await;
        let start = start.expect("the app gives its first picture");
        let folders = start["folders"].as_array().expect("there are folders");
        let known = folders.iter().find(|known| known["label"] == folder);
        let request = json!({ "folder": known.expect("the folder is there")["id"] });
        let row = app.invoke("session_create", request).await;
        let session = row.expect("a thread is made")["id"].clone();
        let request = json!({ "session": session, "text": prompt, "agent": null, "model": null });
        app.invoke("prompt_send", request)
            .await
            .expect("the engine takes it");
        let session = session.as_str().expect("an id").to_owned();
        app.click(&format!("[data-testid=session-row][data-session='{session}']"))
            .await;
        app.wait_for_text("[data-testid=prose]", last).await;
        app.idle().await;
        session
    }
}

#[tokio::test]
async fn what_is_not_shared_or_secret_is_in_no_byte_of_the_server() {
    let scene = Scene::paired("pairing-leaving", &[PRIVATE]).await;
    let desk = &scene.desk;
    desk.app.press(&[ESCAPE]).await;
    desk.play(
        PRIVATE,
        &scripted("Privately", [vec![Action::text("Heliotrope is said privately.")]]),
        "Heliotrope",
    )
    .await;
    // Three characters at a time: none of its pieces is a secret.
    let told = format!("Marigold is said to all, beside {KEY}, and it goes on.");
    let session = desk
        .play(
            SHARED,
            &scripted("To all", [vec![Action::paced_text(told, 5, 3)]]),
            "and it goes on.",
        )
        .await;

    // In the browser stands what was said, without the secret; and nothing of the other thread.
    let taken_out = |text: &str| text.replace(KEY, "[redacted]");
    let said = same(&desk.app, &scene.browser, &session, taken_out).await;
    assert!(
        said.contains("Marigold is said to all, beside [redacted], and it goes on."),
        "{said}"
    );
    let rows = "return document.querySelectorAll('[data-testid=session-row]').length";
    scene.browser.until("the shared thread", rows, json!([])).await;
    assert_eq!(scene.browser.run(rows, json!([])).await, json!(1));

    // Nor is it in anything the server keeps.
    let kept = scene.cloud.everything_kept();
    assert!(
        kept.contains("Marigold is said to all"),
        "what is shared is there to be found"
    );
    for secret in ["Heliotrope", "Privately", PRIVATE, KEY, &KEY[..24], &KEY[24..]] {
        assert!(!kept.contains(secret), "{secret} left the desktop");
    }
}
