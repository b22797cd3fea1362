//! Permissions and questions.

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Home, scripted};

fn bash(command: &str) -> Action {
    Action::tool("bash", json!({ "command": command, "description": "as told" }))
}

impl App {
    /// Presses a button of the ask on screen, as soon as it takes an answer, and waits until it is taken.
    pub(crate) async fn answer(&self, button: &str) {
        self.wait_for("[data-testid=permission][data-ready=true]").await;
        let ask = self.driver().execute(
            "return document.querySelector('[data-testid=permission]').dataset.ask ?? null",
            json!([]),
        );
        let ask = ask.await.expect("the page can be read");
        self.click(&format!("[data-testid={button}]")).await;
        self.wait(
            "the answer to be taken",
            "const e = document.querySelector('[data-testid=permission]'); return !e || e.dataset.ask !== arguments[0]",
            json!([ask]),
        )
        .await;
    }
}

#[tokio::test]
async fn allowing_once_runs_the_command_once_and_asks_again() {
    let home = Home::new();
    let folder = home.folder("once");
    let mut app = App::start("permission-once", &home, &[&folder]).await;
    app.send(&scripted(
        "Run it twice",
        [
            vec![bash("echo first > a.txt")],
            vec![bash("echo second > b.txt")],
            vec![Action::text("Both ran.")],
        ],
    ))
    .await;
    app.wait_for_text("[data-testid=permission]", "echo first").await;
    assert!(!folder.join("a.txt").exists(), "nothing runs before the answer");
    app.picture().await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=permission]", "echo second").await;
    assert!(folder.join("a.txt").exists());
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "Both ran.").await;
    assert!(folder.join("b.txt").exists());
    app.close().await;
}

#[tokio::test]
async fn allowing_always_asks_no_second_time() {
    let home = Home::new();
    let folder = home.folder("always");
    let mut app = App::start("permission-always", &home, &[&folder]).await;
    app.send(&scripted(
        "Run it twice",
        [
            vec![bash("echo one")],
            vec![bash("echo two")],
            vec![Action::text("Both ran.")],
        ],
    ))
    .await;
    app.wait_for_text("[data-testid=permission]", "echo *").await;
    app.picture().await;
    app.answer("allow-always").await;
    app.wait_for_text("[data-testid=prose]", "Both ran.").await;
    app.idle().await;
    assert_eq!(app.count("[data-testid=permission]").await, 0);
    app.close().await;
}

#[tokio::test]
async fn a_destructive_command_offers_no_always() {
    let home = Home::new();
    let folder = home.folder("destructive");
    let mut app = App::start("permission-destructive", &home, &[&folder]).await;
    app.send(&scripted(
        "Clean up",
        [vec![bash("rm -rf build")], vec![Action::text("Gone.")]],
    ))
    .await;
    app.wait_for_text("[data-testid=permission]", "rm -rf build")
        .await;
    assert_eq!(app.count("[data-testid=allow-always]").await, 0);
    app.picture().await;
    app.answer("deny").await;
    app.idle().await;
    app.close().await;
}

#[tokio::test]
async fn rejecting_ends_the_turn_and_runs_nothing() {
    let home = Home::new();
    let folder = home.folder("reject");
    let mut app = App::start("permission-reject", &home, &[&folder]).await;
    app.send(&scripted(
        "Run it",
        [vec![bash("touch never.txt")], vec![Action::text("Went on.")]],
    ))
    .await;
    app.answer("deny").await;
    app.idle().await;
    app.wait_for("[data-testid=tool][data-mark=denied]").await;
    assert!(!folder.join("never.txt").exists());
    assert!(!app.text("[data-testid=conversation]").await.contains("Went on."));
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn rejecting_with_feedback_lets_the_agent_go_on() {
    let home = Home::new();
    let folder = home.folder("feedback");
    let mut app = App::start("permission-feedback", &home, &[&folder]).await;
    app.send(&scripted(
        "Run it",
        [
            vec![bash("rm -f important.txt")],
            vec![Action::text("I use the trash instead.")],
        ],
    ))
    .await;
    app.wait_for("[data-testid=permission]").await;
    app.type_into("[data-testid=deny-feedback]", "use the trash")
        .await;
    app.picture().await;
    app.answer("deny").await;
    app.wait_for_text("[data-testid=prose]", "I use the trash instead.")
        .await;
    app.close().await;
}

#[tokio::test]
async fn a_question_is_answered_by_choice_and_in_own_words() {
    let home = Home::new();
    let folder = home.folder("question");
    let mut app = App::start("question", &home, &[&folder]).await;
    let question = |text: &str, multiple: bool| {
        json!({ "questions": [{ "question": text, "header": "Colour", "multiple": multiple,
            "options": [{ "label": "Red", "description": "warm" }, { "label": "Blue", "description": "cool" }] }] })
    };
    app.send(&scripted(
        "Ask me",
        [
            vec![Action::tool("question", question("Which colour?", false))],
            vec![Action::tool("question", question("Which ones?", true))],
            vec![Action::tool("question", question("And in your words?", false))],
            vec![Action::text("Thanks.")],
        ],
    ))
    .await;
    app.wait_for_text("[data-testid=question]", "Which colour?").await;
    app.wait(
        "a card that does not scroll sideways",
        "const body = document.querySelector('[data-testid=question] .ask-body'); return body.scrollWidth <= body.clientWidth",
        json!([]),
    )
    .await;
    app.picture().await;
    app.settle().await;
    app.click("[data-testid=question-choice]").await;
    app.click("[data-testid=question-submit]").await;
    app.wait_for_text("[data-testid=question]", "Which ones?").await;
    app.settle().await;
    let script = "document.querySelectorAll('[data-testid=question-choice]').forEach((e) => { \
                  const box = e.matches('input') ? e : e.querySelector('input') ?? e; box.click(); }); return true";
    app.driver()
        .execute(script, json!([]))
        .await
        .expect("the page runs it");
    app.picture().await;
    app.click("[data-testid=question-submit]").await;
    app.wait_for_text("[data-testid=question]", "And in your words?")
        .await;
    app.settle().await;
    app.type_into("[data-testid=question-own]", "Ochre").await;
    app.click("[data-testid=question-submit]").await;
    app.wait_for_text("[data-testid=prose]", "Thanks.").await;
    app.idle().await;
    app.close().await;
}

#[tokio::test]
async fn an_ask_that_is_gone_is_said_to_be_gone() {
    let home = Home::new();
    let folder = home.folder("gone");
    let app = App::start("ask-gone", &home, &[&folder]).await;
    app.send(&scripted("Say hi", [vec![Action::text("Hi.")]])).await;
    app.wait_for_text("[data-testid=prose]", "Hi.").await;
    let session = app.sessions().await[0]["id"].clone();
    let request = json!({ "session": session, "permission": "per_made_up", "decision": "once", "feedback": Value::Null });
    let failure = app
        .invoke("permission_answer", request)
        .await
        .expect_err("there is no such ask");
    assert_eq!(failure["code"], "notFound");
    app.close().await;
}

impl App {
    /// Waits until the question on screen takes an answer.
    pub(crate) async fn settle(&self) {
        self.wait_for("[data-testid=question][data-ready=true]").await;
    }
}
