//! What a person finds again and what was taken: saved searches, tags, usage and storage.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use cowork_store::{AnswerUsage, Document, DocumentKind, Facets, FolderKind, SessionRow, Store};
use serde_json::json;

use crate::harness::{App, Home};

const DAY: i64 = 86_400_000;

/// Puts threads with answers of some days into the app's index, and two saved searches.
fn fill(home: &Home, folder: &Path) {
    let data = home.data();
    std::fs::create_dir_all(&data).expect("a folder can be made");
    let database = cowork_brand::Places::under(&data)
        .expect("it is absolute")
        .database;
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
    let (store, _) = Store::open(&database, now).expect("the index can be made");
    let folder = folder.canonicalize().expect("the folder is there");
    let titles = [
        "Why the proxy refuses keys",
        "Split the queue worker",
        "Release notes",
    ];
    for (number, title) in (0..).zip(titles) {
        let id = format!("ses_kept{number}");
        let updated = now - DAY / 8 - number * DAY;
        let row = SessionRow {
            id: id.clone(),
            folder: folder.display().to_string(),
            folder_kind: FolderKind::Project,
            parent: None,
            title: title.to_owned(),
            agent: Some("build".to_owned()),
            model: Some("elsewhere/large-model-with-a-long-name".to_owned()),
            created: updated,
            updated,
            mark: None,
            unread: false,
            cost: 1.25,
            demo: false,
            needs_you: false,
            tags: Vec::new(),
        };
        store.upsert_session(&row).expect("the index can be written");
        let answers: Vec<_> = [
            ("elsewhere/large-model-with-a-long-name", 1.25),
            ("elsewhere/small", 0.004),
            ("demo/demo", 0.0),
        ]
        .into_iter()
        .map(|(model, cost)| Document {
            session: id.clone(),
            message: format!("msg_{number}_{model}"),
            kind: DocumentKind::Answer,
            agent: Some("build".to_owned()),
            model: Some(model.to_owned()),
            created: updated,
            tokens: 9_000,
            usage: Some(AnswerUsage {
                input: 48_000,
                output: 8_000,
                reasoning: 1_000,
                cache_read: 210_000,
                cache_write: 12_000,
                cost,
            }),
            text: format!("The answer about: {title}"),
            tools: String::new(),
            changed_files: Vec::new(),
        })
        .collect();
        store.index_messages(&answers).expect("the index can be written");
        store
            .set_indexed(&id, updated, store.index_made())
            .expect("the index can be written");
    }
    for name in ["Keys", "Everything of this week"] {
        store
            .save_search_filter(name, "answer", &Facets::default(), now)
            .expect("the index can be written");
    }
}

#[tokio::test]
async fn what_is_kept_is_found_again_and_added_up() {
    let home = Home::new();
    let folder = home.folder("atlas");
    fill(&home, &folder);
    let app = App::start("kept", &home, &[&folder]).await;
    app.wait_for("[data-session=ses_kept0]").await;

    // A tag is put on a thread by its menu.
    let menu = "const row = document.querySelector(arguments[0]); row.focus(); \
                row.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true })); return true";
    app.wait("its menu", menu, json!(["[data-session=ses_kept0]"]))
        .await;
    let tags = "const entry = [...document.querySelectorAll('[role=menuitem]')].find((each) => each.textContent.startsWith('Tags')); \
                entry?.click(); return entry !== undefined";
    app.wait("the menu's entry", tags, json!([])).await;
    app.wait_for("[data-testid=tag-field]").await;
    app.type_into("[data-testid=tag-field]", "release\u{e007}to do\u{e007}")
        .await;
    app.picture_of("tags").await;
    app.click("[data-testid=tags-save]").await;
    app.wait_gone("[data-testid=tag-field]").await;

    // Saved searches are beside the field; one is moved by keys and applied.
    app.click("[data-testid=open-saved]").await;
    app.wait_for("[data-testid=saved-search]").await;
    app.wait_for("[data-testid=hit-tags]").await;
    app.press(&["\u{e015}"]).await;
    let first = "return document.querySelector('[data-testid=saved-search]').textContent === arguments[0]";
    app.press(&["\u{e00a}", "\u{e015}"]).await;
    app.wait(
        "the other to be the first",
        first,
        json!(["Everything of this week"]),
    )
    .await;
    app.press(&["\u{e007}"]).await;
    app.wait_for("[data-testid=saved-search][aria-pressed=true]")
        .await;
    app.wait_for_text("[data-testid=search-hit]", "about").await;
    app.picture_of("saved").await;

    // What it took, and what is kept.
    app.click("[data-testid=search-hit]").await;
    app.click("[data-testid=status-cost]").await;
    app.wait_for("[data-testid=thread-usage] table").await;
    app.picture_of("thread-usage").await;
    app.click("[data-testid=thread-usage-close]").await;
    let settings = "const wanted = arguments[0]; \
                    const row = [...document.querySelectorAll('nav .row, .sidebar .row')].find((each) => each.textContent.includes(wanted)); \
                    row?.click(); return row !== undefined";
    app.wait("the settings", settings, json!(["Settings"])).await;
    app.wait("usage", settings, json!(["Usage"])).await;
    app.wait_for("[data-testid=usage-days]").await;
    app.wait_for("[data-testid=usage-demo]").await;
    app.picture_of("usage").await;
    app.wait("storage", settings, json!(["Storage"])).await;
    app.wait_for_text("[data-testid=storage]", "In all").await;
    app.wait_for_text("[data-testid=index-progress]", "can be searched")
        .await;
    app.picture_of("storage").await;
    app.engine_ready().await;
    app.click("[data-testid=index-rebuild]").await;
    app.click("[data-testid=index-rebuild-confirm]").await;
    app.wait_for_text("[data-testid=index-progress]", "can be searched")
        .await;
    app.close().await;
}
