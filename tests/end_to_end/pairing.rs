//! The desktop driven from a browser elsewhere: the real app, the org's real server and a real Chromium.

use std::time::Duration;

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Chromium, Cloud, Home, KeyRing, scripted};

const PERSON: &str = "Mara Voss";
const DESK: &str = "Second desk";
const CONTROL: &str = "\u{e009}";
const COMPOSER: &str = "[data-testid=composer-input]";

/// A desktop with a folder, a server, and a browser in which its owner is signed in.
struct Scene {
    app: App,
    cloud: Cloud,
    browser: Chromium,
    keys: KeyRing,
    home: Home,
}

impl Scene {
    /// Everything started, nothing paired yet.
    async fn start(name: &str) -> Self {
        let (home, keys) = (Home::new(), KeyRing::unlocked());
        let folder = home.folder("afar");
        let app = App::start_with_keys(name, &home, &[&folder], &keys).await;
        let cloud = Cloud::start().await;
        let browser = Chromium::start(&format!("{name}-browser"), 1440, 900).await;
        browser.go(&cloud.owner_link()).await;
        browser.keys("[data-testid=name]", PERSON).await;
        browser.keys("[data-testid=email]", "mara@example.org").await;
        browser
            .keys("[data-testid=password]", "a long password of hers")
            .await;
        browser
            .keys("[data-testid=organization-name]", "Release desk")
            .await;
        browser.click("[data-testid=begin]").await;
        browser.wait_for("[data-testid=no-desktops]").await;
        // What she is signed in by no script reads, and no other page's request carries.
        let cookies = browser.driver().cookies().await.expect("the browser tells them");
        let cookies = cookies.as_array().expect("they are a list");
        assert_eq!(cookies.len(), 1, "{cookies:?}");
        assert_eq!(
            (
                &cookies[0]["httpOnly"],
                &cookies[0]["secure"],
                &cookies[0]["sameSite"]
            ),
            (&json!(true), &json!(true), &json!("Strict"))
        );
        Self {
            app,
            cloud,
            browser,
            keys,
            home,
        }
    }

    /// Pairs the desktop as a person does, with all threads of its folder shared, and waits until both sides know.
    async fn pair(&mut self) {
        self.app.open_pairing_settings().await;
        self.app.click("[data-testid=pairing-begin]").await;
        self.app
            .type_into("[data-testid=pairing-address]", &self.cloud.address())
            .await;
        self.app.type_into("[data-testid=pairing-name]", DESK).await;
        self.app.click("[data-testid=pairing-share-folder]").await;
        self.app
            .wait_for("[data-testid=pairing-create]:not([aria-disabled=true]):not(:disabled)")
            .await;
        self.app.picture_of("new").await;
        self.app.click("[data-testid=pairing-create]").await;
        let link = self.app.copied_link().await;
        self.app.picture_of("token").await;
        self.browser.go("about:blank").await;
        self.browser.go(&link).await;
        self.browser.wait_for("[data-testid=label]").await;
        self.browser.picture("add").await;
        self.browser.click("[data-testid=add]").await;
        self.app
            .wait_for("[data-testid=pairing-token][data-stage=paired]")
            .await;
        self.app.click("[data-testid=pairing-done]").await;
        self.app
            .wait_for("[data-testid=pairing][data-state=online]")
            .await;
        self.app.picture_of("paired").await;
    }

    /// Opens the desktop's window in the browser.
    async fn open(&self) {
        self.browser
            .go(&format!("{}/#/desktops", self.cloud.address()))
            .await;
        self.browser
            .click("[data-testid=desktop][data-status=online] a.item-row")
            .await;
        self.browser
            .wait_for("[data-testid=desktop-status][data-link=live]")
            .await;
        self.browser.wait_for(COMPOSER).await;
    }

    /// Waits until the browser's conversation and the desktop's are the same, and gives it. What is compared is what
    /// both would copy: the source of all that was said.
    async fn same(&self, session: &str) -> String {
        let mut last = (Value::Null, Value::Null);
        for _ in 0..100 {
            let request = json!({ "session": session, "after": null, "before": null });
            let here = self.app.invoke("conversation_text", request.clone()).await;
            let there = self.browser.ask("conversation_text", request).await;
            if let Ok(here) = here {
                if here["text"] == there["text"] && !here["text"].is_null() {
                    return here["text"].as_str().unwrap_or_default().to_owned();
                }
                last = (here, there);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("the conversations differ:\n{}\n{}", last.0, last.1);
    }

    /// The newest session the desktop has.
    async fn newest(&self) -> String {
        let sessions = self.app.sessions().await;
        let newest = sessions.first().expect("there is a session");
        newest["id"].as_str().expect("it has an id").to_owned()
    }
}

impl App {
    async fn open_pairing_settings(&self) {
        self.press(&[CONTROL, ","]).await;
        let go = "const row = [...document.querySelectorAll('nav.sidebar button, nav.sidebar a')].find((e) => e.textContent.trim() === 'Pairing'); row?.click(); return !!row";
        self.wait("the settings' list", go, json!([])).await;
        self.wait_for("[data-testid=pairing-page]").await;
    }

    /// Presses the button that copies the link, and gives what it copied.
    async fn copied_link(&self) -> String {
        self.wait_for("[data-testid=pairing-copy-link]").await;
        let keep = "navigator.clipboard.writeText = (text) => { window.copiedText = text; return Promise.resolve(); }; return true";
        self.driver()
            .execute(keep, json!([]))
            .await
            .expect("the clipboard can be watched");
        self.click("[data-testid=pairing-copy-link]").await;
        self.wait("the link to be copied", "return !!window.copiedText", json!([]))
            .await;
        let copied = self.driver().execute("return window.copiedText", json!([])).await;
        let copied = copied.expect("it was copied");
        copied.as_str().expect("it is a text").to_owned()
    }
}

impl Chromium {
    /// Sends a prompt as a person does.
    async fn send(&self, prompt: &str) {
        self.keys(COMPOSER, prompt).await;
        self.click("[data-testid=composer-send]").await;
    }

    /// Calls a command of the desktop that is shown, over a stream of its own, as the page does.
    async fn ask(&self, command: &str, request: Value) -> Value {
        let script = "
          const done = arguments[arguments.length - 1];
          const desktop = location.hash.split('/')[2];
          const stream = new EventSource(`/api/desktops/${desktop}/updates`);
          stream.onerror = () => { stream.close(); done({ failed: 'no stream' }); };
          stream.addEventListener('hello', async (event) => {
            const { connection } = JSON.parse(event.data);
            const { csrf } = await (await fetch('/api/me')).json();
            const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf, 'x-connection': connection };
            const call = (name, body) => fetch(`/api/desktops/${desktop}/commands/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
            await call('session_open', { session: arguments[1].session, around: null });
            const answer = await call(arguments[0], arguments[1]);
            const text = await answer.text();
            stream.close();
            done(answer.ok ? JSON.parse(text) : { failed: `${answer.status} ${text}` });
          });";
        self.driver()
            .execute_async(script, json!([command, request]))
            .await
            .unwrap_or_else(|error| json!({ "failed": format!("{error:#}") }))
    }
}

/// Words and more of them: the end of what is being written is held back, because it may become something that may not
/// leave.
fn long(words: &str) -> String {
    format!("{words} {}", "And on it goes, word by word. ".repeat(30))
}

/// What an agent says.
fn words(text: &str) -> Vec<Action> {
    vec![Action::text(text)]
}

#[tokio::test]
async fn a_browser_drives_the_desktop_from_the_pairing_to_its_end() {
    let mut scene = Scene::start("pairing").await;
    scene.pair().await;
    scene.open().await;
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
    let session = scene.newest().await;
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
    scene
        .browser
        .click("[data-testid=permission][data-ready=true] [data-testid=allow-once]")
        .await;
    scene.browser.wait_for("[data-testid=ask-fate]").await;
    scene.browser.picture("waits-for-the-desk").await;
    let made = scene.home.folder("afar").join("made.txt");
    assert!(!made.exists(), "nothing may run before the person here said so");
    scene.app.press(&[CONTROL, "i"]).await;
    scene.app.click("[data-testid=inbox-row][data-afar=true]").await;
    scene.app.picture_of("answered-from-afar").await;
    scene
        .app
        .click("[data-testid=afar-accept]:not([aria-disabled=true])")
        .await;
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
    scene.app.idle().await;
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
    scene.app.open_pairing_settings().await;
    scene
        .app
        .wait_for("[data-testid=pairing][data-state=revoked]")
        .await;
    scene.app.picture_of("revoked").await;
}

#[tokio::test]
async fn neither_a_dead_server_nor_a_dead_desktop_loses_or_repeats_anything_and_nothing_crosses_to_others() {
    let mut scene = Scene::start("pairing-faults").await;
    scene.pair().await;
    scene.open().await;
    let slow = Action::paced_text("Word by word it is told. ".repeat(80), 20, 8);
    scene
        .browser
        .send(&scripted(
            "Tell it slowly",
            [vec![slow, Action::text("The end of the first.")]],
        ))
        .await;
    scene.browser.wait_for_text("Word by word").await;
    let session = scene.newest().await;

    // The server dies in the middle of it, and comes back.
    scene.cloud.kill();
    scene.browser.wait_for("[data-testid=link-lost]").await;
    scene.browser.picture("server-gone").await;
    scene.cloud.again().await;
    scene
        .browser
        .wait_for("[data-testid=desktop-status][data-link=live]")
        .await;
    scene.browser.wait_for_text("The end of the first.").await;
    let said = scene.same(&session).await;
    assert_eq!(said.matches("The end of the first.").count(), 1, "{said}");

    // The desktop dies. What is asked of it meanwhile waits, and is done once when it is back.
    let Scene {
        app,
        cloud,
        mut browser,
        keys,
        home,
    } = scene;
    app.kill().await;
    browser.wait_for("[data-testid=desktop-stands]").await;
    browser
        .send(&scripted("While you were away", [words("Back at the desk.")]))
        .await;
    browser
        .wait_for("[data-testid=given-row][data-state=waiting]")
        .await;
    browser.picture("desktop-gone").await;
    let folder = home.folder("afar");
    let app = App::start_with_keys("pairing-faults", &home, &[&folder], &keys).await;
    browser.wait_for_text("Back at the desk.").await;
    let scene = Scene {
        app,
        cloud,
        browser,
        keys,
        home,
    };
    scene.app.engine_ready().await;
    let said = scene.same(&session).await;
    assert_eq!(said.matches("Back at the desk.").count(), 1, "{said}");

    // Somebody of another organization sees nothing of it, and what is asked by its name is not there.
    let desktop = scene
        .browser
        .run("return location.hash.split('/')[2]", json!([]))
        .await;
    let other = Chromium::start("pairing-other", 820, 900).await;
    other.go(&scene.cloud.owner_link()).await;
    other.keys("[data-testid=name]", "Jo Park").await;
    other.keys("[data-testid=email]", "jo@example.org").await;
    other
        .keys("[data-testid=password]", "a long password of his")
        .await;
    other
        .keys("[data-testid=organization-name]", "Another desk")
        .await;
    other.click("[data-testid=begin]").await;
    other.wait_for("[data-testid=no-desktops]").await;
    let status = "const done = arguments[arguments.length - 1]; fetch(`/api/desktops/${arguments[0]}/updates`).then((answer) => done(answer.status))";
    let status = other.driver().execute_async(status, json!([desktop])).await;
    assert_eq!(status.expect("the page can ask"), json!(404));

    // Nothing that opens something is in what the server wrote down.
    let log = scene.cloud.log();
    for secret in ["ocp_", "ocs_", "a long password"] {
        assert!(!log.contains(secret), "{secret} is in the server's log");
    }
}
