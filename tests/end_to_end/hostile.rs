//! What a model, a project or a person wrote is shown and never carried out: published payloads through every place of the
//! window that shows text of others.

use std::io::Read as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Home, scripted};
use crate::payloads::PAYLOADS;

const CONTROL: &str = "\u{e009}";
const SHIFT: &str = "\u{e008}";
const ESCAPE: &str = "\u{e00c}";

/// A name that would run as markup, and that a file can have.
const NAME: &str = "<img src=x onerror=alert(1)>";

/// Hears of everything that a payload does when it runs, asks for something or leads away.
const LISTEN: &str = "
    window.done = [];
    window.stays = true;
    for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) window[name] = () => void window.done.push(name);
    document.addEventListener('securitypolicyviolation', (event) => window.done.push(`${event.violatedDirective} ${event.blockedURI}`));
";

/// What in the page would run, load or lead away, and what was heard.
const LOOK: &str = "
    const found = [...window.done];
    if (window.stays !== true) found.push('another page');
    const allowed = new Set(arguments[0]);
    for (const element of document.querySelectorAll('*')) {
      const name = element.tagName.toLowerCase();
      if (['iframe', 'frame', 'object', 'embed', 'applet', 'base', 'portal', 'audio', 'video', 'marquee'].includes(name)) found.push(name);
      if (['script', 'style', 'link', 'meta'].includes(name) && !allowed.has(element.outerHTML.slice(0, 200))) found.push(element.outerHTML.slice(0, 200));
      if (name === 'form' && element.hasAttribute('action')) found.push('form action');
      for (const { name: attribute, value } of element.attributes) {
        if (attribute.startsWith('on') || attribute === 'srcdoc' || attribute === 'formaction') found.push(`${name} ${attribute}`);
        if (/^[\\s\\0]*(javascript|vbscript|data:text)/i.test(value) && ['href', 'src', 'action', 'xlink:href'].includes(attribute)) found.push(`${name} ${attribute} ${value}`);
        if (['src', 'srcset', 'poster', 'background', 'data'].includes(attribute) && /^(https?:)?\\/\\//.test(value)) found.push(`${name} ${attribute} ${value}`);
      }
    }
    return found;
";

/// Scripts, styles and the like that are the page's own.
const OWN: &str = "return [...document.querySelectorAll('script, style, link, meta')].map((element) => element.outerHTML.slice(0, 200))";

/// Counts who comes to an address that payloads name.
struct Lure {
    address: String,
    visits: Arc<AtomicUsize>,
}

impl Lure {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound").to_string();
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&visits);
        std::thread::spawn(move || {
            for visit in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                if let Ok(mut visit) = visit {
                    // Who came is told of in any case; what was asked for is of no use.
                    let _ = visit.read(&mut [0; 1024]);
                }
            }
        });
        Self { address, visits }
    }

    /// The payloads, with its address in the place of those that they name.
    fn payloads(&self) -> Vec<String> {
        let payloads = PAYLOADS.iter();
        payloads
            .map(|payload| {
                payload
                    .replace("x.example", &self.address)
                    .replace("https://", "http://")
            })
            .collect()
    }
}

struct Watched<'a> {
    app: &'a App,
    own: Value,
    address: String,
}

impl<'a> Watched<'a> {
    async fn new(app: &'a App) -> Self {
        let run = async |script: &str| {
            app.driver()
                .execute(script, json!([]))
                .await
                .expect("the page runs it")
        };
        run(LISTEN).await;
        let own = run(OWN).await;
        let address = app.driver().url().await.expect("the window has an address");
        Self { app, own, address }
    }

    /// Nothing of what is shown ran, asked for anything or led away.
    async fn look(&self, place: &str) {
        // What loads or runs does so a moment after it is shown.
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Code of the app that is read when it is needed brings styles and scripts of its own.
        let late = "return [...document.querySelectorAll('script[src], link[href]')] \
                    .filter((element) => new URL(element.src || element.href, location).origin === location.origin) \
                    .map((element) => element.outerHTML.slice(0, 200))";
        let late = self
            .app
            .driver()
            .execute(late, json!([]))
            .await
            .expect("the page can be read");
        let own: Vec<_> = [&self.own, &late]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten()
            .cloned()
            .collect();
        let found = self
            .app
            .driver()
            .execute(LOOK, json!([own]))
            .await
            .expect("the page can be read");
        assert_eq!(found, json!([]), "{place}");
        let address = self.app.driver().url().await.expect("the window has an address");
        assert_eq!(address, self.address, "{place}");
    }

    /// Opens all that can be opened in the thread.
    async fn open_all(&self) {
        for _ in 0..3 {
            self.app
                .driver()
                .execute(
                    "document.querySelectorAll('.transcript-place [aria-expanded=false]').forEach((element) => element.click())",
                    json!([]),
                )
                .await
                .expect("the page runs it");
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
    }
}

/// A prompt, and a turn that shows the payloads in all that a turn shows.
fn prompt(payloads: &[String]) -> String {
    let all = payloads.join("\n\n");
    // One that fits on the screen with its choices.
    let asked = payloads[..8].join(" ");
    let question = json!({ "questions": [{ "question": asked, "header": NAME, "multiple": false,
        "options": [{ "label": NAME, "description": asked }, { "label": "No", "description": "" }] }] });
    let command = json!({ "command": format!("cat payloads.txt # {NAME}"), "description": NAME });
    let change = json!({ "filePath": format!("{{{{directory}}}}/{NAME}"), "content": all });
    scripted(
        &format!("{NAME} {}", payloads[..12].join(" ")),
        [
            vec![
                Action::reasoning(all.as_str()),
                Action::text(all.as_str()),
                Action::tool("bash", command),
            ],
            vec![Action::tool("write", change)],
            vec![Action::tool("question", question)],
            vec![Action::text(format!("Done. {NAME}"))],
        ],
    )
}

#[tokio::test]
async fn payloads_in_every_place_are_text_and_nothing_else() {
    let lure = Lure::new();
    let payloads = lure.payloads();
    let lines = payloads
        .iter()
        .map(|payload| payload.replace('\n', " "))
        .collect::<Vec<_>>()
        .join("\n");
    let home = Home::new();
    let folder = home.folder(NAME);
    std::fs::write(folder.join("payloads.txt"), &lines).expect("the folder can be written");
    std::fs::write(folder.join(NAME), &lines).expect("a file can have that name");
    let mut app = App::start("hostile", &home, &[&folder]).await;
    app.engine_ready().await;
    let shown = "onerror=alert(1)";

    let prompt = prompt(&payloads);
    let watched = Watched::new(&app).await;
    app.send(&prompt).await;
    app.wait_for("[data-testid=permission][data-ready=true]").await;
    app.wait_for_text("[data-testid=permission]", shown).await;
    watched
        .look("the ask for a command, the answer and what was thought")
        .await;
    app.press(&[CONTROL, "i"]).await;
    app.wait_for_text("[data-testid=inbox-detail]", shown).await;
    watched.look("the inbox").await;
    app.click("[data-testid=session-row]").await;
    // The inbox shows the same ask: an answer may not hit it while it goes.
    app.wait_gone("[data-testid=inbox]").await;
    app.answer("allow-once").await;
    app.wait_for("[data-testid=permission][data-ready=true]").await;
    app.wait_for_text("[data-testid=permission]", shown).await;
    watched.look("the ask for a change").await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=question]", shown).await;
    watched.look("a question").await;
    app.wait_for("[data-testid=question][data-ready=true]").await;
    app.click("[data-testid=question-choice]").await;
    app.click("[data-testid=question-submit]").await;
    app.wait_for_text("[data-testid=prose]", "Done.").await;
    app.idle().await;
    watched.open_all().await;
    watched.look("what tools printed, the change and its file").await;
    drop(watched);
    app.picture().await;

    let watched = Watched::new(&app).await;
    if app.count("[data-testid=review]").await == 0 {
        app.press(&[CONTROL, SHIFT, "R"]).await;
    }
    app.wait_for_text("[data-testid=review]", shown).await;
    watched.look("the review").await;

    let session = app.sessions().await[0]["id"].clone();
    app.invoke(
        "session_rename",
        json!({ "session": session, "title": payloads[5] }),
    )
    .await
    .expect("a title may be anything");
    app.wait_for_text("[data-testid=session-row]", shown).await;
    watched.look("a title").await;
    app.press(&[CONTROL, SHIFT, "p"]).await;
    app.wait_for("[data-testid=palette-input]").await;
    app.press(&["i"]).await;
    app.wait_for_text("[data-testid=palette]", shown).await;
    watched.look("the palette").await;
    app.press(&[ESCAPE]).await;

    let failing = Action::Status {
        status: 401,
        message: Some(lines.clone()),
        code: None,
        times: None,
        retry_after_seconds: None,
    };
    app.send(&scripted("Fail", [vec![failing]])).await;
    app.wait_for_text("main", "onerror").await;
    app.idle().await;
    watched.look("an error").await;
    app.click("[data-testid=engine-status]").await;
    app.wait_for("[data-testid=engine-health]").await;
    watched.look("health").await;
    drop(watched);
    app.picture().await;
    assert_eq!(
        lure.visits.load(Ordering::SeqCst),
        0,
        "somebody asked for what a payload names"
    );
    app.close().await;
}

#[tokio::test]
async fn the_watch_over_payloads_sees_what_it_looks_for() {
    let home = Home::new();
    let app = App::start("hostile-seen", &home, &[]).await;
    let watched = Watched::new(&app).await;
    app.driver()
        .execute(
            "const bad = document.createElement('a'); bad.setAttribute('href', 'javascript:alert(1)'); bad.setAttribute('onclick', 'x'); \
             const image = document.createElement('img'); image.src = 'http://127.0.0.1:9/x.png'; \
             document.body.append(bad, image, document.createElement('iframe')); alert(1)",
            json!([]),
        )
        .await
        .expect("the page runs it");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let found = app
        .driver()
        .execute(LOOK, json!([watched.own]))
        .await
        .expect("the page can be read");
    let found = found.to_string();
    for seen in ["alert", "img-src", "a href", "a onclick", "img src", "iframe"] {
        assert!(found.contains(seen), "{seen}: {found}");
    }
    drop(watched);
    app.close().await;
}
