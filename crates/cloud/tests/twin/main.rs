//! A browser that looks at a desktop: the stream of events, the commands of a window, and who may what.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests say so by failing")]

#[path = "../common/mod.rs"]
mod common;
mod given;
mod page;

use common::{Browser, Desktop, Site};
use page::Page;
use serde_json::{Value, json};

/// Events of a session, with their sequences from `first` on.
fn told(desktop: &Desktop, first: u64, events: &[Value]) -> Value {
    let events: Vec<_> = events
        .iter()
        .zip(first..)
        .map(|(event, sequence)| {
            let mut told = desktop.event(&format!("evt_{sequence}"), Some(sequence));
            told["payload"]["event"] = event.clone();
            told
        })
        .collect();
    json!({ "events": events })
}

fn thread(title: &str) -> Value {
    json!({ "kind": "thread", "thread": {
        "title": title, "folder": "project", "throwAway": false, "parent": null, "agent": "build", "model": null,
        "created": 1, "updated": 2, "cost": 0.0, "demo": false,
    } })
}

fn message(id: &str, completed: bool) -> Value {
    let completed = if completed { json!(9) } else { Value::Null };
    json!({ "kind": "message", "message": {
        "id": id, "session": "ses_1", "role": "assistant", "parent": null, "agent": null, "model": null, "created": 5,
        "completed": completed, "usage": {
            "input": 0, "output": 0, "reasoning": 0, "cacheRead": 0, "cacheWrite": 0, "cost": 0.0,
        }, "error": null, "summary": false,
    } })
}

fn text(message: &str, text: &str) -> Value {
    json!({ "kind": "part", "part": {
        "id": "prt_1", "message": message, "content": { "type": "text", "text": text, "synthetic": false },
    } })
}

fn grew(from: usize, delta: &str) -> Value {
    json!({ "kind": "grew", "message": "msg_1", "part": "prt_1", "from": from, "delta": delta })
}

fn busy() -> Value {
    json!({ "kind": "status", "status": { "kind": "busy" } })
}

/// Somebody with a desktop that is there and told a thread.
async fn with_desktop(site: &Site) -> (Browser, Desktop) {
    let ada = site.owner().await;
    let desktop = ada.pair("one").await;
    desktop.post("/heartbeat", &desktop.heartbeat()).await;
    desktop.post("/commands/claim", &desktop.claim(0)).await.is(200);
    let events = told(
        &desktop,
        1,
        &[
            thread("A title"),
            busy(),
            message("msg_1", false),
            text("msg_1", "Hello"),
        ],
    );
    let answer = desktop.post("/events", &events).await;
    assert!(answer.status < 300, "{}", answer.text());
    (ada, desktop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_given_a_picture_and_then_what_changes() {
    let site = Site::start().await;
    let (ada, desktop) = with_desktop(&site).await;
    let list = ada.get("/api/desktops").await.is(200).json();
    assert_eq!(list["desktops"][0]["desktop"]["status"], "online");

    let mut page = Page::open(&site, &ada, &desktop).await;
    let start = page.command("start", &json!({})).await.is(200).json();
    assert_eq!(start["sessions"][0]["title"], "A title");
    assert_eq!(start["sessions"][0]["mark"], "working");
    let stands = page.event("desktop").await;
    assert_eq!(stands["status"], "online");
    let offers = stands["offers"].as_array().unwrap();
    assert!(offers.contains(&json!("prompt_send")) && offers.contains(&json!("session_create")));
    let open = page
        .command("session_open", &json!({ "session": "ses_1" }))
        .await
        .is(200)
        .json();
    assert_eq!(
        open["messages"][0]["blocks"][0]["content"]["html"][0]["pieces"][0],
        "<p>Hello</p>"
    );

    let more = told(&desktop, 5, &[grew(5, " **there** <script>x</script>")]);
    desktop.post("/events", &more).await;
    let update = page.event("update").await;
    assert_eq!(update["sequence"], 1);
    let html = update["conversation"]["texts"][0]["html"].to_string();
    assert!(
        html.contains("<strong>there</strong>") && !html.contains("<script"),
        "{html}"
    );
    page.command("acknowledge", &json!({ "sequence": 1 }))
        .await
        .is(204);

    let source = page
        .command(
            "message_source",
            &json!({ "session": "ses_1", "message": "msg_1" }),
        )
        .await
        .is(200);
    assert_eq!(source.json(), "Hello **there** <script>x</script>");
    let outline = page
        .command("thread_outline", &json!({ "starts": [1] }))
        .await
        .is(200)
        .json();
    assert_eq!(outline["groups"][0]["label"], "project");
    page.command("session_close", &json!({})).await.is(204);
    page.command("session_open", &json!({ "session": "ses_none", "around": null }))
        .await
        .is(404);
    page.command("session_open", &json!({ "session": 7 }))
        .await
        .is(400);
    page.command("settings_save", &json!({})).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_becomes_a_command_once_and_its_fate_is_told() {
    let site = Site::start().await;
    let (ada, desktop) = with_desktop(&site).await;
    let mut page = Page::open(&site, &ada, &desktop).await;
    page.command("start", &json!({})).await.is(200);
    let prompt = json!({ "session": "ses_1", "text": "Do it.", "agent": null, "model": null });
    let keyed = |key: &str| page.ask("prompt_send", &prompt).header("idempotency-key", key);
    let (first, second) = (keyed("k1").send().await.is(200), keyed("k1").send().await.is(200));
    assert_eq!(first.json(), second.json());
    page.command("prompt_send", &prompt).await.is(400);
    let waits = page.event("command").await;
    assert_eq!(
        (&waits["command"], &waits["state"], &waits["text"]),
        (&json!("prompt_send"), &json!("waiting"), &json!("Do it."))
    );

    let claimed = desktop
        .post("/commands/claim", &desktop.claim(0))
        .await
        .is(200)
        .json();
    let commands = claimed["commands"].as_array().unwrap();
    assert_eq!(
        (commands.len(), &commands[0]["payload"]["text"]),
        (1, &json!("Do it."))
    );
    let done = json!({ "result": Desktop::done(), "leaseToken": commands[0]["lease"]["leaseToken"] });
    desktop
        .post(
            &format!("/commands/{}/ack", commands[0]["id"].as_str().unwrap()),
            &done,
        )
        .await
        .is(204);
    let mut states = Vec::new();
    while states.last() != Some(&json!("done")) {
        states.push(page.event("command").await["state"].clone());
    }

    let always = json!({ "session": "ses_1", "permission": "per_1", "decision": "always", "feedback": null, "rules": null });
    page.ask("permission_answer", &always)
        .header("idempotency-key", "k2")
        .send()
        .await
        .is(403);
    let elsewhere = json!({ "session": "ses_2", "text": "x", "agent": null, "model": null });
    page.ask("prompt_send", &elsewhere)
        .header("idempotency-key", "k3")
        .send()
        .await
        .is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_seen_again_is_told_to_begin_anew() {
    let site = Site::start().await;
    let (ada, desktop) = with_desktop(&site).await;
    let mut page = Page::open(&site, &ada, &desktop).await;
    page.command("start", &json!({})).await.is(200);
    page.command("window_shown", &json!({ "shown": false }))
        .await
        .is(204);
    let mut other = Page::open(&site, &ada, &desktop).await;
    other.command("start", &json!({})).await.is(200);
    let news = told(&desktop, 5, &[thread("Another title")]);
    desktop.post("/events", &news).await;
    // Once one that is seen was told, the other one was not.
    other.event("update").await;
    page.command("window_shown", &json!({ "shown": true }))
        .await
        .is(204);
    page.event("anew").await;
    page.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_made_is_answered_with_its_row() {
    let site = Site::start().await;
    let (ada, desktop) = with_desktop(&site).await;
    let mut page = Page::open(&site, &ada, &desktop).await;
    page.command("start", &json!({})).await.is(200);
    page.event("desktop").await;
    let asked = page
        .ask("session_create", &json!({ "folder": null }))
        .header("idempotency-key", "k1");
    let making = tokio::spawn(async move { asked.send().await });
    let command = loop {
        let claimed = desktop
            .post("/commands/claim", &desktop.claim(0))
            .await
            .is(200)
            .json();
        if let Some(command) = claimed["commands"].get(0) {
            break command.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let mut result = Desktop::done();
    result["session"] = json!({ "id": "ses_new" });
    let done = json!({ "result": result, "leaseToken": command["lease"]["leaseToken"] });
    desktop
        .post(
            &format!("/commands/{}/ack", command["id"].as_str().unwrap()),
            &done,
        )
        .await
        .is(204);
    let mut events = told(&desktop, 5, &[thread("New")]);
    events["events"][0]["sessionId"] = json!("ses_new");
    desktop.post("/events", &events).await;
    let row = making.await.unwrap().is(200).json();
    assert_eq!((&row["id"], &row["title"]), (&json!("ses_new"), &json!("New")));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_sees_nothing_and_nothing_crosses() {
    let site = Site::start().await;
    let (ada, desktop) = with_desktop(&site).await;
    let eve = ada.invited(&site, "eve@example.org", "member").await;
    let path = |rest: &str| format!("/api/desktops/{}/{rest}", desktop.pairing);
    // It is shown to its owner alone: to others it is not there.
    assert_eq!(
        eve.get("/api/desktops").await.is(200).json()["desktops"],
        json!([])
    );
    eve.get(&path("updates")).await.is(404);
    eve.post(&path("commands/start"), &json!({})).await.is(404);
    site.ask("GET", "/api/desktops").send().await.is(401);
    site.ask("GET", &path("updates")).send().await.is(401);

    let page = Page::open(&site, &ada, &desktop).await;
    // Another's stream is of no use, nor is none, nor a request that the page did not make.
    ada.patch(
        &ada.below(&format!("desktops/{}", desktop.pairing)),
        &json!({ "visibility": "organization" }),
    )
    .await
    .is(204);
    let stolen = eve
        .ask("POST", &path("commands/start"))
        .header("x-connection", &page.connection)
        .json(&json!({}));
    assert_eq!(stolen.send().await.is(409).said("/code"), "noConnection");
    ada.post(&path("commands/start"), &json!({})).await.is(409);
    page.ask("start", &json!({}))
        .without("x-csrf-token")
        .send()
        .await
        .is(403);
    page.ask("start", &json!({}))
        .with("origin", "https://evil.example")
        .send()
        .await
        .is(403);
    page.ask("start", &json!({}))
        .with("content-type", "text/plain")
        .send()
        .await
        .is(415);

    // Whoever may only look is offered nothing else, and gets nothing else done.
    let mut looks = Page::open(&site, &eve, &desktop).await;
    looks.command("start", &json!({})).await.is(200);
    let offers = looks.event("desktop").await["offers"].clone();
    assert!(!offers.as_array().unwrap().contains(&json!("prompt_send")));
    let prompt = json!({ "session": "ses_1", "text": "x", "agent": null, "model": null });
    looks
        .ask("prompt_send", &prompt)
        .header("idempotency-key", "k")
        .send()
        .await
        .is(403);
    // When it is taken back the stream ends.
    ada.patch(
        &ada.below(&format!("desktops/{}", desktop.pairing)),
        &json!({ "visibility": "owner" }),
    )
    .await
    .is(204);
    looks.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_sign_in_and_with_the_pairing() {
    let site = Site::start().await;
    let (ada, desktop) = with_desktop(&site).await;
    let again = Browser::sign_in(&site, "ada@example.org").await;
    let stolen = Page::open(&site, &again, &desktop).await;
    let mut page = Page::open(&site, &ada, &desktop).await;
    again.post("/api/sign-out", &json!({})).await.is(204);
    stolen.ends().await;
    page.command("start", &json!({})).await.is(200);
    ada.delete(&ada.below(&format!("desktops/{}", desktop.pairing)))
        .await
        .is(204);
    loop {
        if page.event("desktop").await["status"] == "revoked" {
            break;
        }
    }
    page.ends().await;
    ada.get(&format!("/api/desktops/{}/updates", desktop.pairing))
        .await
        .is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_the_places_of_all_others_at_a_desktop() {
    let site = Site::start().await;
    let (ada, desktop) = with_desktop(&site).await;
    let eve = ada.invited(&site, "eve@example.org", "viewer").await;
    ada.patch(
        &ada.below(&format!("desktops/{}", desktop.pairing)),
        &json!({ "visibility": "organization" }),
    )
    .await
    .is(204);
    let mut pages = Vec::new();
    for _ in 0..32 {
        pages.push(Page::open(&site, &eve, &desktop).await);
    }
    let updates = format!("/api/desktops/{}/updates", desktop.pairing);
    eve.get(&updates).await.is(429);
    Page::open(&site, &ada, &desktop).await;
    // Those that end leave their places.
    for visibility in ["owner", "organization"] {
        ada.patch(
            &ada.below(&format!("desktops/{}", desktop.pairing)),
            &json!({ "visibility": visibility }),
        )
        .await
        .is(204);
        for page in pages.drain(..) {
            page.ends().await;
        }
    }
    Page::open(&site, &eve, &desktop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_looks_with_its_scopes() {
    let site = Site::start().await;
    let (ada, desktop) = with_desktop(&site).await;
    let token = ada.token(&["read"]).await;
    let bearer = format!("Bearer {token}");
    let list = site
        .ask("GET", "/api/desktops")
        .header("authorization", &bearer)
        .send()
        .await
        .is(200)
        .json();
    assert_eq!(list["desktops"].as_array().unwrap().len(), 1);
    assert_eq!(list["desktops"][0]["may"]["prompt"], false);
    let blind = ada.token(&["prompt"]).await;
    let path = format!("/api/desktops/{}/updates", desktop.pairing);
    site.ask("GET", &path)
        .header("authorization", &format!("Bearer {blind}"))
        .send()
        .await
        .is(403);
}
