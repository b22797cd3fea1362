//! The system's own dialogs, which no page can answer: what is agreed to in them, and what is picked.

use std::time::Duration;

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Home, KeyRing, agree, dialog, dialogs, scripted, stand, xdotool};

/// The title of the dialog that asks before everything is deleted.
const DELETE: &str = "Delete everything this app keeps?";

/// Picks a file or a folder in the dialog of a title. What begins with a slash is taken for where it is; the first Enter
/// may only lead there.
async fn pick(title: &str, path: &std::path::Path) {
    dialog(title).await;
    xdotool(&["type", "--delay", "30", &path.display().to_string()]);
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if dialogs(title).is_empty() {
            break;
        }
        xdotool(&["key", "Return"]);
    }
    stand(title, 0).await;
}

#[tokio::test]
async fn everything_goes_when_the_system_s_own_dialog_was_agreed_to_and_the_person_s_folder_stays() {
    let home = Home::new();
    let folder = home.folder("stays");
    std::fs::write(folder.join("mine.txt"), "mine").expect("the folder can be written");
    let keys = KeyRing::unlocked();
    let mut app = App::start_with_keys("deletion", &home, &[&folder], &keys).await;
    app.engine_ready().await;
    app.send(&scripted("Say it", [vec![Action::text("It is said.")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "It is said.").await;
    app.idle().await;
    let places = cowork_brand::Places::under(&home.data()).expect("it is absolute");
    assert!(places.database.exists() && places.logs.exists());

    let settings = "const wanted = arguments[0]; \
                    const row = [...document.querySelectorAll('nav .row, .sidebar .row')].find((each) => each.textContent.includes(wanted)); \
                    row?.click(); return row !== undefined";
    app.wait("the settings", settings, json!(["Settings"])).await;
    app.wait("storage", settings, json!(["Storage"])).await;
    app.wait_for("[data-testid=remove-everything]").await;

    // Who does not agree loses nothing.
    app.click("[data-testid=remove-everything]").await;
    dialog(DELETE).await;
    xdotool(&["key", "Escape"]);
    stand(DELETE, 0).await;
    app.wait_for("[data-testid=begin-anew] [role=alert]").await;
    app.picture().await;
    assert!(places.database.exists());

    app.click("[data-testid=remove-everything]").await;
    agree(&dialog(DELETE).await);
    app.ended().await;
    assert!(!places.database.exists(), "the index is gone");
    assert_eq!(
        std::fs::read_to_string(folder.join("mine.txt")).expect("the person's file stays"),
        "mine"
    );
    assert_eq!(home.started_by_the_engine(), Vec::<String>::new());

    // The next start is the first one.
    let app = App::start("deletion-after", &home, &[&folder]).await;
    app.wait_for("main").await;
    assert_eq!(app.sessions().await, Vec::<serde_json::Value>::new());
    app.close().await;
}

#[tokio::test]
async fn a_folder_and_a_file_are_those_that_were_picked_in_the_system_s_dialogs() {
    let home = Home::new();
    let folder = home.folder("picked");
    let file = folder.join("notes.txt");
    std::fs::write(&file, "what is attached").expect("the folder can be written");
    let mut app = App::start("picked", &home, &[]).await;
    app.engine_ready().await;
    let choose = "const button = [...document.querySelectorAll('main button')].find((each) => each.textContent.includes('Choose a folder')); \
                  button?.click(); return button !== undefined";
    app.wait("what chooses a folder", choose, json!([])).await;
    pick("Choose a folder to work in", &folder).await;
    app.wait_for_text("main", "picked").await;

    app.click("[data-testid=attach]").await;
    pick("Choose files to attach", &file).await;
    app.wait_for_text("[data-testid=attachment]", "notes.txt").await;
    app.picture().await;
    app.close().await;
}
