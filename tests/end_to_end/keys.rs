//! A key in the window: given, used, replaced and forgotten, and what a person sees where it cannot be kept.

use cowork_scripted_model::{Action, Options, RequestKind, SCRIPTED_MODEL, Server};
use serde_json::json;

use crate::harness::{App, Home, KeyRing, scripted};

/// What the provider of these tests is called, and the id the app makes of it.
const NAME: &str = "Upstream";
pub(crate) const PROVIDER: &str = "local-upstream";

const CONTROL: &str = "\u{e009}";
const ESCAPE: &str = "\u{e00c}";

/// A provider that takes one key and says no to everyone else.
pub(crate) async fn upstream(key: &str) -> Server {
    let options = Options {
        token: Some(key.to_owned()),
        models: vec![SCRIPTED_MODEL.to_owned()],
        ..Options::default()
    };
    Server::start(options).await.expect("a port is free")
}

impl App {
    /// Goes to the first way in and types an address, as far as the form for a key.
    pub(crate) async fn find_upstream(&self, upstream: &Server) {
        self.engine_ready().await;
        self.click("[data-testid=connect-model]").await;
        self.wait_for("[data-testid=setup-page]").await;
        self.click("[data-testid=provider-option-custom]").await;
        self.type_into("[data-testid=provider-address]", &upstream.base_url())
            .await;
        self.click("[data-testid=provider-probe]").await;
        self.wait_for("[data-testid=provider-name]").await;
        let script = "const e = document.querySelector(arguments[0]); e.value = arguments[1]; \
                      e.dispatchEvent(new InputEvent('input', { bubbles: true })); return true";
        self.driver()
            .execute(script, json!(["[data-testid=provider-name]", NAME]))
            .await
            .expect("the page runs it");
    }

    /// Connects a provider by its address with a key, and waits for the end of its test.
    pub(crate) async fn connect_upstream(&self, upstream: &Server, key: &str) {
        self.find_upstream(upstream).await;
        self.type_into("[data-testid=key-input]", key).await;
        self.click("[data-testid=provider-connect]").await;
        self.tested().await;
    }

    /// Waits until the test on screen has run.
    async fn tested(&self) {
        self.wait_for("[data-testid=connection-test][data-running=false]")
            .await;
    }

    async fn assert_test_passed(&self) {
        assert_eq!(
            self.marks().await,
            [
                "resolve",
                "connect",
                "keyAccepted",
                "modelListed",
                "modelAnswers",
                "toolCall"
            ]
            .map(|step| format!("{step} passed"))
        );
        self.wait_for("[data-testid=connection-test][data-usable=true]")
            .await;
    }

    /// The steps of the test on screen, each with its mark.
    async fn marks(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[data-testid^=test-step-]')] \
                      .map((e) => `${e.dataset.testid.slice(10)} ${e.dataset.mark}`)";
        let marks = self
            .driver()
            .execute(script, json!([]))
            .await
            .expect("the page can be read");
        serde_json::from_value(marks).expect("they are texts")
    }

    /// From the test that passed to a folder, and home.
    pub(crate) async fn finish_setup(&self) {
        self.click("[data-testid=setup-continue]").await;
        self.wait_for("[data-testid=setup-folder]").await;
        self.click("[data-testid=setup-folder] .starter").await;
        self.click("[data-testid=setup-home]").await;
        self.wait_gone("[data-testid=setup-page]").await;
    }

    /// To the list of providers in the settings.
    async fn open_models(&self) {
        self.press(&[CONTROL, ","]).await;
        self.wait_for("[role=radiogroup] [role=radio]").await;
        let script = "const rows = [...document.querySelectorAll('button.row')]; \
                      const row = rows.find((e) => e.textContent.includes('Models and keys')); \
                      row?.click(); return row !== undefined";
        self.wait("the settings' list of sections", script, json!([]))
            .await;
        self.wait_for(&row("")).await;
    }

    async fn leave_settings(&self) {
        self.press(&[ESCAPE]).await;
        self.wait_gone("[data-testid=providers]").await;
    }

    /// Says something to the provider's model and waits for the answer.
    async fn ask_and_hear(&self, words: &str) {
        self.send(&scripted("Say it", [vec![Action::text(words)]])).await;
        self.wait_for_text("[data-testid=prose]", words).await;
        self.idle().await;
    }
}

fn row(rest: &str) -> String {
    format!("[data-testid=provider-row-{PROVIDER}]{rest}")
}

/// Whether the provider was asked and did not refuse.
fn played(upstream: &Server) -> bool {
    let requests = upstream.requests();
    requests
        .iter()
        .any(|request| matches!(request.kind, RequestKind::Script { .. }))
}

#[tokio::test]
async fn a_key_is_given_used_replaced_and_forgotten() {
    const KEY: &str = "sk-the-right-key-of-this-test-1234";
    let home = Home::new();
    let folder = home.folder("keys");
    let keys = KeyRing::unlocked();
    let upstream = upstream(KEY).await;
    let mut app = App::start_with_keys("keys", &home, &[&folder], &keys).await;
    app.connect_upstream(&upstream, KEY).await;
    app.assert_test_passed().await;
    app.wait_for("[data-testid=key-state][data-key=kept]").await;
    assert_eq!(app.text("[data-testid=key-hint]").await, "sk-…1234");
    app.picture().await;
    app.finish_setup().await;
    app.ask_and_hear("With the right key.").await;
    assert!(played(&upstream), "it was this provider that answered");

    app.open_models().await;
    app.wait_for(&row("[data-key=kept]")).await;
    let hint = format!("{} [data-testid=key-hint]", row(""));
    assert_eq!(app.text(&hint).await, "sk-…1234");
    app.picture().await;
    app.click(&row(" [data-testid=replace-key]")).await;
    app.type_into("[data-testid=key-input]", "sk-a-wrong-key-of-this-test-9876")
        .await;
    app.click("[data-testid=key-save]").await;
    app.tested().await;
    app.wait_for("[data-testid=test-step-keyAccepted][data-mark=failed]")
        .await;
    let words = app.text("[data-testid=test-step-keyAccepted]").await;
    assert!(words.contains(NAME), "{words}");
    assert_eq!(app.text(&hint).await, "sk-…9876");
    app.picture().await;
    app.leave_settings().await;
    app.send(&scripted("Say it", [vec![Action::text("Never said.")]]))
        .await;
    app.wait_for("[data-testid=failure][data-kind=unauthorized]")
        .await;
    app.idle().await;
    app.picture().await;

    app.open_models().await;
    app.click(&row(" [data-testid=remove-key]")).await;
    app.click("[data-testid=remove-key-confirm]").await;
    app.wait_gone("[data-testid=remove-key-confirm]").await;
    app.wait_for(&row("[data-key=missing]")).await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_key_still_works_after_a_restart_without_being_typed_again() {
    const KEY: &str = "sk-a-key-that-stays-5678";
    let home = Home::new();
    let folder = home.folder("kept");
    let keys = KeyRing::unlocked();
    let upstream = upstream(KEY).await;
    let app = App::start_with_keys("key-kept-before", &home, &[&folder], &keys).await;
    app.connect_upstream(&upstream, KEY).await;
    app.assert_test_passed().await;
    app.finish_setup().await;
    app.close().await;
    let mut app = App::start_with_keys("key-kept", &home, &[&folder], &keys).await;
    app.engine_ready().await;
    app.ask_and_hear("After the restart.").await;
    assert!(played(&upstream));
    app.open_models().await;
    app.wait_for(&row("[data-key=kept]")).await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn without_a_key_ring_a_key_is_kept_until_the_app_closes_and_is_then_said_to_be_missing() {
    const KEY: &str = "sk-a-key-of-one-run-4321";
    let home = Home::new();
    let folder = home.folder("unkept");
    let keys = KeyRing::absent();
    let upstream = upstream(KEY).await;
    let mut app = App::start_with_keys("key-unkept", &home, &[&folder], &keys).await;
    app.find_upstream(&upstream).await;
    app.type_into("[data-testid=key-input]", KEY).await;
    let note = "[data-testid=keychain-note][data-kind=unavailable]";
    app.wait_for_text(note, "gnome-keyring").await;
    let said = app.text(note).await;
    assert_eq!(said.matches("Install gnome-keyring").count(), 1, "{said}");
    app.picture().await;
    // Without the choice the key is not sent, and the field keeps it.
    app.click("[data-testid=provider-connect]").await;
    app.wait_for_text("[role=alert]", "cannot be kept").await;
    assert!(
        upstream
            .requests()
            .iter()
            .all(|request| request.path != "/v1/chat/completions")
    );
    app.click("[data-testid=keep-for-run]").await;
    app.click("[data-testid=provider-connect]").await;
    app.tested().await;
    app.assert_test_passed().await;
    app.wait_for("[data-testid=key-state][data-key=thisRun]").await;
    app.picture().await;
    app.finish_setup().await;
    app.ask_and_hear("Once.").await;
    app.close().await;
    let mut app = App::start_with_keys("key-unkept-after", &home, &[&folder], &keys).await;
    app.engine_ready().await;
    app.open_models().await;
    app.wait_for(&row("[data-key=missing]")).await;
    app.wait_for_text(&row(""), "No key").await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_locked_key_ring_is_said_to_be_locked_and_loses_nothing() {
    const KEY: &str = "sk-a-key-behind-a-lock-8765";
    let home = Home::new();
    let folder = home.folder("locked");
    let mut keys = KeyRing::unlocked();
    let upstream = upstream(KEY).await;
    let app = App::start_with_keys("key-locked-before", &home, &[&folder], &keys).await;
    app.connect_upstream(&upstream, KEY).await;
    app.assert_test_passed().await;
    app.finish_setup().await;
    app.close().await;
    keys.lock();
    let mut app = App::start_with_keys("key-locked", &home, &[&folder], &keys).await;
    app.engine_ready().await;
    app.send(&scripted("Say it", [vec![Action::text("Never said.")]]))
        .await;
    // Said once, where the answer would be.
    app.wait_for_text("[data-testid=failure]", "Your key ring is locked. Unlock it")
        .await;
    assert_eq!(app.count("[data-testid=provider-news]").await, 0);
    app.idle().await;
    app.picture().await;
    app.open_models().await;
    app.wait_for(&row("[data-key=cannotBeRead]")).await;
    app.wait_for_text(&row(""), "Your key ring is locked. Unlock it")
        .await;
    app.picture().await;
    app.click(&row(" [data-testid=replace-key]")).await;
    let note = "[data-testid=keychain-note][data-kind=unavailable]";
    app.wait_for_text(note, "Your key ring is locked").await;
    app.picture().await;
    keys.unlock();
    app.click("[data-testid=keychain-again]").await;
    app.wait_gone("[data-testid=keychain-note]").await;
    // The field for another key is not needed after all.
    app.press(&[ESCAPE]).await;
    app.wait_gone("[data-testid=replace-key-form]").await;
    app.leave_settings().await;
    app.ask_and_hear("Unlocked again.").await;
    app.open_models().await;
    app.wait_for(&row("[data-key=kept]")).await;
    app.close().await;
}

#[tokio::test]
async fn a_key_ring_that_does_not_answer_freezes_nothing() {
    const KEY: &str = "sk-a-key-that-waits-2468";
    let home = Home::new();
    let folder = home.folder("waits");
    let keys = KeyRing::unlocked();
    let upstream = upstream(KEY).await;
    let mut app = App::start_with_keys("key-waits", &home, &[&folder], &keys).await;
    app.engine_ready().await;
    keys.hang();
    app.find_upstream(&upstream).await;
    app.wait_for("[data-testid=keychain-note][data-kind=waiting]")
        .await;
    app.picture().await;
    // Meanwhile another page, and a whole turn with the demo model.
    app.click("[data-testid=setup-later]").await;
    app.choose("model-picker", &cowork_workspace::demo_model()).await;
    app.ask_and_hear("Meanwhile.").await;
    app.picture().await;
    keys.go_on();
    app.close().await;
}
