//! What waits in several threads, gone through in one place, and the rules it is answered with.

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Home, scripted};

const CONTROL: &str = "\u{e009}";
const ENTER: &str = "\u{e007}";
const READY: &str = "[data-testid=permission][data-ready=true]";

fn bash(command: &str) -> Vec<Action> {
    vec![Action::tool(
        "bash",
        json!({ "command": command, "description": "as told" }),
    )]
}

fn said(words: &str) -> Vec<Action> {
    vec![Action::text(words)]
}

impl App {
    /// Begins a thread beside those that are there.
    async fn begin(&self, prompt: &str) {
        self.press(&[CONTROL, "n"]).await;
        self.wait(
            "an empty composer at home",
            "const e = document.querySelector('[data-testid=composer-input]'); return !!e && e.value === '' && document.activeElement === e",
            json!([]),
        )
        .await;
        self.send(prompt).await;
    }

    async fn rules(&self) -> Vec<Value> {
        let rules = self.invoke("allowance_list", Value::Null).await;
        let rules = rules.expect("the rules can be listed");
        rules.as_array().cloned().unwrap_or_default()
    }
}

#[tokio::test]
async fn two_threads_that_ask_at_once_are_answered_by_keyboard_from_the_inbox() {
    let home = Home::new();
    let folder = home.folder("inbox");
    let mut app = App::start("inbox", &home, &[&folder]).await;
    app.send(&scripted(
        "Make the first",
        [bash("touch first.txt"), said("First done.")],
    ))
    .await;
    app.wait_for_text(READY, "touch first.txt").await;
    app.begin(&scripted(
        "Clean up",
        [
            bash("touch second.txt && rm -rf build 'my files'"),
            said("I use the trash instead."),
        ],
    ))
    .await;
    app.wait_for_text(READY, "rm -rf build").await;
    app.wait_for_text("[data-testid=inbox-count]", "2").await;

    app.press(&[CONTROL, "i"]).await;
    app.wait_for("[data-testid=inbox]").await;
    app.wait_for_text(READY, "touch first.txt").await;
    assert_eq!(app.count("[data-testid=inbox-row]").await, 2);
    app.picture().await;

    // What deletes is marked, word by word, and offers no "always".
    app.press(&["j"]).await;
    app.wait_for_text(READY, "rm -rf build").await;
    assert_eq!(
        app.text("[data-testid=danger-mark]").await,
        "rm -rf build 'my files'"
    );
    assert!(
        app.text("[data-testid=danger]")
            .await
            .contains("Deletes files: rm -rf build my files")
    );
    assert_eq!(app.count("[data-testid=allow-always]").await, 0);
    app.picture().await;

    // Rejected with what to do instead, so the agent goes on.
    app.type_into("[data-testid=deny-feedback]", "use the trash")
        .await;
    app.type_into("[data-testid=deny-feedback]", ENTER).await;
    app.wait_for_text("[data-testid=inbox-count]", "1").await;
    app.wait_for_text(READY, "touch first.txt").await;

    // One figure, from the list, answers what is shown.
    app.click("[data-testid=inbox-row]").await;
    app.press(&["1"]).await;
    app.wait_for("[data-testid=inbox-empty]").await;
    assert_eq!(app.count("[data-testid=inbox-count]").await, 0);
    app.picture().await;
    app.press(&[CONTROL, "1"]).await;
    app.wait_for("[data-testid=prose]").await;
    app.idle().await;
    assert!(folder.join("first.txt").exists());
    assert!(!folder.join("second.txt").exists());
    app.close().await;
}

#[tokio::test]
async fn enter_in_the_inbox_opens_the_thread_that_asks() {
    let home = Home::new();
    let folder = home.folder("enter");
    let app = App::start("inbox-enter", &home, &[&folder]).await;
    app.send(&scripted("Make it", [bash("touch made.txt"), said("Made.")]))
        .await;
    app.wait_for_text(READY, "touch made.txt").await;
    app.press(&[CONTROL, "i"]).await;
    app.wait_for("[data-testid=inbox-row]").await;
    app.press(&[ENTER]).await;
    app.wait_for("[data-testid=conversation]").await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "Made.").await;
    app.close().await;
}

#[tokio::test]
async fn a_rule_of_a_thread_holds_there_alone_is_listed_and_comes_back_after_it_was_revoked() {
    let home = Home::new();
    let folder = home.folder("scope");
    let mut app = App::start("inbox-scope", &home, &[&folder]).await;
    let prompt = || {
        scripted(
            "Say two things",
            [bash("echo one"), bash("echo two"), said("Both said.")],
        )
    };
    app.send(&prompt()).await;
    app.wait_for_text(READY, "echo one").await;
    app.click("[data-testid=rule-fields] [role=radio]").await;
    app.wait_for_text("[data-testid=allow-always]", "in this thread")
        .await;
    app.picture().await;
    app.answer("allow-always").await;
    app.wait_for_text("[data-testid=prose]", "Both said.").await;
    app.idle().await;

    // The same agent in the same folder asks in another thread.
    app.begin(&prompt()).await;
    app.wait_for_text(READY, "echo one").await;
    app.answer("deny").await;
    app.idle().await;

    let rules = app.rules().await;
    assert_eq!(rules.len(), 1);
    assert_eq!(
        (&rules[0]["pattern"], &rules[0]["threadOnly"], &rules[0]["uses"]),
        (&json!("echo *"), &json!(true), &json!(1))
    );
    app.press(&[CONTROL, "i"]).await;
    app.click("[data-testid=inbox-rules]").await;
    app.wait_for_text("[data-testid=allowance-used]", "Used once")
        .await;
    app.picture().await;
    app.click("[data-testid=allowance-revoke]").await;
    app.wait_gone("[data-testid=allowance]").await;
    app.click("[data-testid=toast-action]").await;
    app.wait_for("[data-testid=allowance]").await;
    assert_eq!(app.rules().await, rules, "it came back as it was");
    app.close().await;
}

#[tokio::test]
async fn what_was_answered_by_the_person_and_by_a_rule_is_listed_also_after_a_restart() {
    let home = Home::new();
    let folder = home.folder("answered");
    let app = App::start("inbox-answered", &home, &[&folder]).await;
    app.press(&[CONTROL, "i"]).await;
    app.click("[data-testid=inbox-tab-answered]").await;
    app.wait_for("[data-testid=answered-none]").await;
    app.picture_of("none").await;
    app.begin(&scripted(
        "Say and make",
        [
            bash("echo one"),
            bash("echo two"),
            bash("touch made.txt"),
            said("Not all of it."),
        ],
    ))
    .await;
    app.wait_for_text(READY, "echo one").await;
    app.answer("allow-always").await;
    app.wait_for_text(READY, "touch made.txt").await;
    app.type_into("[data-testid=deny-feedback]", "make nothing").await;
    app.type_into("[data-testid=deny-feedback]", ENTER).await;
    app.wait_for_text("[data-testid=prose]", "Not all of it.").await;
    app.idle().await;
    app.press(&[CONTROL, "i"]).await;
    app.click("[data-testid=inbox-tab-answered]").await;
    app.wait_for_text("[data-testid=answered]", "Denied by you: make nothing")
        .await;
    let verdicts = async |app: &App| app.text("[data-testid=answered-verdict]").await;
    let said_before = verdicts(&app).await;
    assert!(
        said_before.contains("Allowed by your rule echo *"),
        "{said_before}"
    );
    assert!(
        said_before.contains("Allowed by you, with the rule echo *"),
        "{said_before}"
    );
    for (width, name) in [(1440, "wide"), (820, "narrow")] {
        app.sized(width, 900).await;
        app.picture_of(name).await;
    }
    app.close().await;

    let app = App::start("inbox-answered", &home, &[&folder]).await;
    app.engine_ready().await;
    app.press(&[CONTROL, "i"]).await;
    app.click("[data-testid=inbox-tab-answered]").await;
    app.wait_for("[data-testid=answered-row]").await;
    assert_eq!(app.count("[data-testid=answered-row]").await, 3);
    assert_eq!(verdicts(&app).await, said_before);
    assert_eq!(app.broken_rules(false).await, Vec::<String>::new());
    app.press(&["j", ENTER]).await;
    app.click("[data-testid=answered-row]").await;
    app.wait_for("[data-testid=conversation]").await;
    app.close().await;
}

#[tokio::test]
async fn a_rule_is_worded_before_it_is_saved_and_covers_no_more() {
    let home = Home::new();
    let folder = home.folder("worded");
    let mut app = App::start("inbox-rule", &home, &[&folder]).await;
    app.send(&scripted(
        "Say things",
        [
            bash("echo alpha one"),
            bash("echo alpha two"),
            bash("echo beta"),
            said("All said."),
        ],
    ))
    .await;
    app.wait_for_text(READY, "echo alpha one").await;
    app.click("[data-testid=rule-edit]").await;
    let word = async |pattern: &str| {
        app.click("[data-testid=rule-input]").await;
        app.press(&[CONTROL, "a"]).await;
        app.type_into("[data-testid=rule-input]", pattern).await;
    };
    word("* anything").await;
    app.wait_for_text("[data-testid=rule-fields]", "Would allow almost anything")
        .await;
    word("echo beta *").await;
    app.wait_for("[data-testid=rule-covers][data-covers=false]").await;
    word("echo alpha *").await;
    app.wait_for("[data-testid=rule-covers][data-covers=true]").await;
    app.picture().await;
    app.answer("allow-always").await;
    app.wait_for_text(READY, "echo beta").await;
    let rules = app.rules().await;
    assert_eq!(
        (&rules[0]["pattern"], &rules[0]["edited"]),
        (&json!("echo alpha *"), &json!(true))
    );
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "All said.").await;
    app.close().await;
}
