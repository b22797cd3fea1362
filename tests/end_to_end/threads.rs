//! A list of a hundred thousand threads.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use cowork_store::{FolderKind, Store};
use serde_json::json;

use crate::harness::{App, Home, old_thread};

const THREADS: i64 = 100_000;
const DAY: i64 = 86_400_000;

fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// Puts threads of two years into the app's index, in one of the person's folders, nine that are not theirs any more
/// and some of the app's own.
fn fill(home: &Home, folder: &Path) {
    let data = home.data();
    std::fs::create_dir_all(&data).expect("a folder can be made");
    let database = cowork_brand::Places::under(&data)
        .expect("it is absolute")
        .database;
    let now = now();
    let (store, _) = Store::open(&database, now).expect("the index can be made");
    let folder = folder.canonicalize().expect("the folder is there");
    for first in (0..THREADS).step_by(5_000) {
        let rows: Vec<_> = (first..first + 5_000)
            .map(|number| {
                let updated = now - DAY / 8 - number * 730 * DAY / THREADS;
                let (folder, folder_kind) = match number % 20 {
                    0..10 => (folder.display().to_string(), FolderKind::Project),
                    10..19 => (format!("/work/project-{}", number % 20 - 9), FolderKind::Project),
                    _ => (format!("/work/made/{}", number / 20 % 5), FolderKind::Sandbox),
                };
                old_thread(number, folder, folder_kind, updated)
            })
            .collect();
        store.upsert_sessions(&rows).expect("the index can be written");
    }
}

const ROWS: &str = "[data-testid=session-row]";
/// Whether all that is on the screen is read and no more than a few screens of it is drawn.
const STEADY: &str = "const drawn = document.querySelectorAll('.thread-slot').length; \
                      return document.querySelectorAll('[data-testid=waiting-row]').length === 0 && drawn > 20 && drawn < 150";

#[tokio::test]
async fn a_list_of_a_hundred_thousand_threads_goes_to_its_end_and_back_and_takes_a_new_one() {
    let home = Home::new();
    let folder = home.folder("atlas");
    fill(&home, &folder);
    let mut app = App::start("long-list", &home, &[&folder]).await;
    app.wait_for_text(ROWS, "Thread 0:").await;
    app.wait(
        "the list to be laid out whole",
        "return document.querySelector('.nav--threads').scrollHeight > 100000 * 29",
        json!([]),
    )
    .await;
    app.wait("the first screen", STEADY, json!([])).await;
    app.picture().await;

    let scroll = "document.querySelector('.nav--threads').scrollTop = arguments[0]; return true";
    app.wait("a place in the middle", scroll, json!([1_500_000]))
        .await;
    app.wait("the rows there", STEADY, json!([])).await;
    app.picture_of("middle").await;
    app.wait("the end", scroll, json!([100_000_000])).await;
    app.wait("the rows there", STEADY, json!([])).await;
    app.wait_for_text(ROWS, "Thread 99999:").await;
    app.picture_of("end").await;

    // Of a thread so old the engine knows nothing, and the window says so in its place.
    app.click("[data-session='ses_old00099999']").await;
    app.wait_for("[data-session='ses_old00099999'][aria-current=page]")
        .await;
    app.wait(
        "its state to be shown",
        "return /Thread 99999/.test(document.querySelector('main').textContent)",
        json!([]),
    )
    .await;
    app.engine_ready().await;
    app.picture_of("opened").await;

    // By keys: to the first, to the last, and back.
    let focus = "const row = document.querySelector(arguments[0]); row.focus(); return document.activeElement === row";
    app.wait(
        "the row to have the focus",
        focus,
        json!(["[data-session='ses_old00099999']"]),
    )
    .await;
    app.press(&["\u{e011}"]).await;
    let at = "return document.activeElement.dataset.session === arguments[0]";
    app.wait("the first", at, json!(["ses_old00000000"])).await;
    app.press(&["\u{e010}"]).await;
    app.wait("the last", at, json!(["ses_old00099999"])).await;
    app.press(&["\u{e011}"]).await;
    app.wait("the first again", at, json!(["ses_old00000000"])).await;
    app.wait("the first screen", STEADY, json!([])).await;
    // Folded, a folder of fifty thousand is one line.
    app.press(&["\u{e012}"]).await;
    app.press(&["\u{e012}"]).await;
    app.wait_for("[data-testid=thread-group][aria-expanded=false]")
        .await;
    app.wait("the rows of the next", STEADY, json!([])).await;
    app.picture_of("folded").await;
    app.press(&["\u{e014}"]).await;
    app.wait_gone("[data-testid=thread-group][aria-expanded=false]")
        .await;

    // One that begins now stands above all of them.
    app.press(&["\u{e009}", "n"]).await;
    app.send("Say that this is new").await;
    app.wait(
        "the thread to be the first",
        "const row = document.querySelector('[data-testid=session-row]'); \
         return row !== null && row.getAttribute('aria-current') === 'page' && !row.dataset.session.startsWith('ses_old')",
        json!([]),
    )
    .await;
    app.idle().await;
    app.wait("the first screen", STEADY, json!([])).await;
    app.picture_of("new").await;
    app.close().await;
}
