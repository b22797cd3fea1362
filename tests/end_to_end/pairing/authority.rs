//! Whose word counts: the one of the person at the desk, until they let others' count, in the system's own dialog.

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use super::scene::{CONTROL, SHARED, Scene, words};
use crate::harness::{App, agree, dialog, scripted, stand, xdotool};

/// The title of the system's dialog.
const DIALOG: &str = "Let answers from elsewhere count?";

impl App {
    /// Wants answers to the agent's asks for permission to count from afar, up to the system's dialog.
    async fn want_remote_answers(&self) {
        self.click("[data-policy=approvals] [data-value=remoteAllowed]")
            .await;
        self.click("[data-testid=pairing-risk-confirm]").await;
    }

    /// Waits until whose answers count is as said.
    async fn wait_for_authority(&self, value: &str) {
        self.wait_for(&format!(
            "[data-policy=approvals] [data-value={value}][aria-checked=true]:not([aria-disabled=true])"
        ))
        .await;
    }

    /// The actions of the audit, newest first.
    async fn audit(&self) -> Vec<String> {
        let request = json!({ "pairing": null, "before": null });
        let audit = self.invoke("pairing_audit", request).await;
        let audit = audit.expect("the audit can be read");
        let rows = audit["rows"].as_array().expect("it has rows").iter();
        rows.map(|row| row["action"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn an_answer_from_afar_counts_by_itself_only_after_the_system_s_own_dialog_was_agreed_to() {
    let scene = Scene::paired("pairing-authority", &[]).await;
    let (app, browser) = (&scene.desk.app, &scene.browser);
    app.click("[data-testid=pairing-open]").await;

    // Who does not agree in the system's dialog changes nothing, whatever the page said.
    app.want_remote_answers().await;
    dialog(DIALOG).await;
    xdotool(&["key", "Escape"]);
    stand(DIALOG, 0).await;
    app.wait_for("[data-policy=approvals] [role=alert]").await;
    app.wait_for_authority("localConfirmation").await;
    assert!(
        !app.audit()
            .await
            .contains(&"pairing.remote_allowed_enabled".to_owned())
    );

    app.want_remote_answers().await;
    agree(&dialog(DIALOG).await);
    app.wait_for_authority("remoteAllowed").await;
    app.picture_of("allowed").await;
    assert!(
        app.audit()
            .await
            .contains(&"pairing.remote_allowed_enabled".to_owned())
    );

    // From now on the browser's word is enough.
    browser
        .send(&scripted(
            "Make a file",
            [
                vec![Action::tool(
                    "bash",
                    json!({ "command": "touch afar.txt", "description": "Make it" }),
                )],
                words("It is made."),
            ],
        ))
        .await;
    browser.allow().await;
    browser.wait_for_text("It is made.").await;
    assert!(scene.desk.home.folder(SHARED).join("afar.txt").exists());
    let session = scene.desk.newest().await;
    scene.same(&session).await;
}

#[tokio::test]
async fn a_question_answered_from_afar_is_confirmed_at_the_desk_and_one_refused_there_stays_open() {
    let mut scene = Scene::paired("pairing-questions", &[]).await;
    let question = |text: &str| -> Value {
        json!({ "questions": [{ "question": text, "header": "Colour", "multiple": false,
            "options": [{ "label": "Red", "description": "warm" }, { "label": "Blue", "description": "cool" }] }] })
    };
    scene
        .browser
        .send(&scripted(
            "Ask me",
            [
                vec![Action::tool("question", question("Which colour?"))],
                words("I take that one."),
            ],
        ))
        .await;
    let answer = async |scene: &Scene, choice: u32| {
        let choice = format!("[data-testid=question-choice]:nth-of-type({choice})");
        scene
            .browser
            .wait_for("[data-testid=question][data-ready=true]")
            .await;
        scene.browser.click(&choice).await;
        scene.browser.click("[data-testid=question-submit]").await;
        scene.browser.wait_for("[data-testid=ask-fate]").await;
    };
    answer(&scene, 1).await;
    scene.browser.picture("waits").await;

    // Refused at the desk: the question is asked on, there and afar.
    let app = &scene.desk.app;
    app.press(&[CONTROL, "i"]).await;
    app.click("[data-testid=inbox-row][data-afar=true]").await;
    app.wait_for_text("[data-testid=afar-questions]", "Red").await;
    app.picture_of("question").await;
    app.click("[data-testid=afar-refuse]:not([aria-disabled=true])")
        .await;
    app.wait_gone("[data-testid=inbox-row][data-afar=true]").await;
    scene
        .browser
        .until(
            "the question to be open again",
            "return document.querySelector('[data-testid=question]') !== null && document.querySelector('[data-testid=ask-fate]') === null",
            json!([]),
        )
        .await;
    let session = scene.desk.newest().await;
    assert!(!scene.same(&session).await.contains("I take that one."));

    // Answered once more, and confirmed.
    answer(&scene, 2).await;
    scene.desk.app.accept_from_afar().await;
    scene.browser.wait_for_text("I take that one.").await;
    let said = scene.same(&session).await;
    assert_eq!(said.matches("I take that one.").count(), 1, "{said}");
    scene.desk.app.click("[data-testid=inbox-tab-answered]").await;
    scene
        .desk
        .app
        .wait_for_text("[data-testid=answered-verdict]", "Blue")
        .await;
}
