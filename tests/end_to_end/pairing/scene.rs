//! Desktops, the server they are paired with, and a browser in which their owner is signed in.

use std::path::Path;
use std::time::Duration;

use cowork_cloud_trial::desktop::Identity;
use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Chromium, Cloud, Home, KeyRing};

/// Who is at the browser.
pub(super) const PERSON: &str = "Mara Voss";
pub(super) const CONTROL: &str = "\u{e009}";
pub(super) const COMPOSER: &str = "[data-testid=composer-input]";
/// The folder that is shared.
pub(super) const SHARED: &str = "afar";
const DESK: &str = "Second desk";

/// A desktop with a home, a folder and a key ring of its own.
pub(super) struct Desk {
    pub(super) app: App,
    pub(super) keys: KeyRing,
    pub(super) home: Home,
    /// What it is called at the server.
    pub(super) label: String,
}

impl Desk {
    /// One that runs, with these folders to work in beside the one that is shared, and is paired with nothing yet.
    pub(super) async fn start(name: &str, label: &str, more: &[&str]) -> Self {
        let (home, keys) = (Home::new(), KeyRing::unlocked());
        let folders: Vec<_> = [SHARED]
            .iter()
            .chain(more)
            .map(|name| home.folder(name))
            .collect();
        let folders: Vec<&Path> = folders.iter().map(AsRef::as_ref).collect();
        let app = App::start_with_keys(name, &home, &folders, &keys).await;
        Self {
            app,
            keys,
            home,
            label: label.to_owned(),
        }
    }

    /// Kills the app as a fault would, does something meanwhile, and starts it again.
    pub(super) async fn killed(self, name: &str, meanwhile: impl AsyncFnOnce()) -> Self {
        let Self {
            app,
            keys,
            home,
            label,
        } = self;
        app.kill().await;
        meanwhile().await;
        let app = App::start_with_keys(name, &home, &[&home.folder(SHARED)], &keys).await;
        app.engine_ready().await;
        Self {
            app,
            keys,
            home,
            label,
        }
    }

    /// Pairs it as a person does, with all threads of its folder shared, and waits until both sides know. Gives what it
    /// is known by from then on.
    pub(super) async fn pair(&self, cloud: &Cloud, browser: &mut Chromium) -> Identity {
        let app = &self.app;
        app.open_pairing_settings().await;
        app.click("[data-testid=pairing-begin]").await;
        app.type_into("[data-testid=pairing-address]", &cloud.address())
            .await;
        app.type_into("[data-testid=pairing-name]", &self.label).await;
        let share = "const rows = [...document.querySelectorAll('.pair-share-row')]; \
                     const box = rows.find((row) => row.textContent.trim().startsWith(arguments[0]))?.querySelector('[data-testid=pairing-share-folder]'); \
                     if (box && !box.checked) box.click(); return box?.checked === true";
        app.wait("the folder to be shared", share, json!([SHARED])).await;
        app.wait_for("[data-testid=pairing-create]:not([aria-disabled=true]):not(:disabled)")
            .await;
        app.picture_of("new").await;
        app.click("[data-testid=pairing-create]").await;
        let identity = app.shown_identity().await;
        let link = app.copied_link().await;
        app.picture_of("token").await;
        browser.go("about:blank").await;
        browser.go(&link).await;
        browser.wait_for("[data-testid=label]").await;
        browser.picture("add").await;
        browser.click("[data-testid=add]").await;
        app.paired().await;
        app.picture_of("paired").await;
        identity
    }

    /// The newest session it has.
    pub(super) async fn newest(&self) -> String {
        let sessions = self.app.sessions().await;
        let newest = sessions.first().expect("there is a session");
        newest["id"].as_str().expect("it has an id").to_owned()
    }
}

/// A desktop, a server, and a browser in which its owner is signed in.
pub(super) struct Scene {
    pub(super) desk: Desk,
    pub(super) cloud: Cloud,
    pub(super) browser: Chromium,
}

impl Scene {
    /// Everything started, nothing paired yet. The desktop has these folders beside the one that is shared.
    pub(super) async fn start(name: &str, more: &[&str]) -> Self {
        let desk = Desk::start(name, DESK, more).await;
        let cloud = Cloud::start().await;
        let browser = Chromium::start(&format!("{name}-browser"), 1440, 900).await;
        browser
            .begin(&cloud, PERSON, "mara@example.org", "Release desk")
            .await;
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
        Self { desk, cloud, browser }
    }

    /// The same, with the desktop paired and open in the browser.
    pub(super) async fn paired(name: &str, more: &[&str]) -> Self {
        let mut scene = Self::start(name, more).await;
        scene.pair().await;
        scene.browser.open(&scene.cloud, &scene.desk.label).await;
        scene
    }

    /// Pairs the desktop.
    pub(super) async fn pair(&mut self) -> Identity {
        self.desk.pair(&self.cloud, &mut self.browser).await
    }

    /// Waits until the browser's conversation and the desktop's are the same, and gives it.
    pub(super) async fn same(&self, session: &str) -> String {
        same(&self.desk.app, &self.browser, session, str::to_owned).await
    }
}

/// Waits until the browser's conversation and the desktop's are the same, and gives it. What is compared is what both
/// would copy: the source of all that was said, here with what may not leave taken out.
pub(super) async fn same(
    app: &App,
    browser: &Chromium,
    session: &str,
    taken_out: impl Fn(&str) -> String,
) -> String {
    let mut last = (Value::Null, Value::Null);
    for _ in 0..100 {
        let request = json!({ "session": session, "after": null, "before": null });
        let here = app.invoke("conversation_text", request.clone()).await;
        let there = browser.ask("conversation_text", request).await;
        if let Ok(here) = here {
            if let (Some(here), Some(there)) = (here["text"].as_str(), there["text"].as_str())
                && taken_out(here) == there
            {
                return there.to_owned();
            }
            last = (here, there);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the conversations differ:\n{}\n{}", last.0, last.1);
}

impl App {
    pub(super) async fn open_pairing_settings(&self) {
        self.press(&[CONTROL, ","]).await;
        let go = "const row = [...document.querySelectorAll('nav.sidebar button, nav.sidebar a')].find((e) => e.textContent.trim() === 'Pairing'); row?.click(); return !!row";
        self.wait("the settings' list", go, json!([])).await;
        self.wait_for("[data-testid=pairing-page]").await;
    }

    /// Presses the button that copies the link, and gives what it copied.
    pub(super) async fn copied_link(&self) -> String {
        self.wait_for("[data-testid=pairing-copy-link]").await;
        let keep = "window.copiedText = ''; navigator.clipboard.writeText = (text) => { window.copiedText = text; return Promise.resolve(); }; return true";
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

    /// What the token that is shown makes this desktop known by.
    async fn shown_identity(&self) -> Identity {
        self.wait_for("[data-testid=pairing-token-text]").await;
        let [pairing, device] = ["dd:first-of-type", "dd:last-of-type"].map(|of| format!(".pair-ids {of}"));
        Identity {
            pairing: self.text(&pairing).await,
            device: self.text(&device).await,
            token: self.text("[data-testid=pairing-token-text]").await,
        }
    }

    /// Waits until the server knows the token that is shown, and the desktop is connected.
    pub(super) async fn paired(&self) {
        self.wait_for("[data-testid=pairing-token][data-stage=paired]")
            .await;
        self.click("[data-testid=pairing-done]").await;
        self.wait_for("[data-testid=pairing][data-state=online]").await;
    }

    /// Says yes to what somebody answered from afar.
    pub(super) async fn accept_from_afar(&self) {
        self.press(&[CONTROL, "i"]).await;
        self.click("[data-testid=inbox-row][data-afar=true]").await;
        self.picture_of("answered-from-afar").await;
        self.click("[data-testid=afar-accept]:not([aria-disabled=true])")
            .await;
    }
}

impl Chromium {
    /// Has somebody become the owner of an organization of their own.
    pub(super) async fn begin(&self, cloud: &Cloud, person: &str, email: &str, organization: &str) {
        self.go(&cloud.owner_link()).await;
        self.keys("[data-testid=name]", person).await;
        self.keys("[data-testid=email]", email).await;
        self.keys("[data-testid=password]", "a long password, and nobody else's")
            .await;
        self.keys("[data-testid=organization-name]", organization).await;
        self.click("[data-testid=begin]").await;
        self.wait_for("[data-testid=no-desktops]").await;
    }

    /// Opens a desktop's window.
    pub(super) async fn open(&self, cloud: &Cloud, label: &str) {
        // From another window of the page only what is before the # changes nothing.
        self.go("about:blank").await;
        self.go(&format!("{}/#/desktops", cloud.address())).await;
        let open = "const row = [...document.querySelectorAll('[data-testid=desktop][data-status=online] a.item-row')].find((row) => row.textContent.includes(arguments[0])); row?.click(); return !!row";
        self.until("the desktop to be online", open, json!([label])).await;
        self.wait_for("[data-testid=desktop-status][data-link=live]")
            .await;
        self.wait_for(COMPOSER).await;
    }

    /// Sends a prompt as a person does.
    pub(super) async fn send(&self, prompt: &str) {
        self.keys(COMPOSER, prompt).await;
        self.click("[data-testid=composer-send]").await;
    }

    /// Allows what is asked, as soon as that is taken.
    pub(super) async fn allow(&self) {
        self.click("[data-testid=permission][data-ready=true] [data-testid=allow-once]")
            .await;
    }

    /// Calls a command of the desktop that is shown, over a stream of its own, as the page does.
    pub(super) async fn ask(&self, command: &str, request: Value) -> Value {
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
pub(super) fn long(words: &str) -> String {
    format!("{words} {}", "And on it goes, word by word. ".repeat(30))
}

/// What an agent says.
pub(super) fn words(text: &str) -> Vec<Action> {
    vec![Action::text(text)]
}
