//! Deleting everything the app keeps, which only the system's own dialog can agree to.

use std::process::Command;
use std::time::Duration;

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Home, KeyRing, scripted};

/// The title of the dialog.
const TITLE: &str = "Delete everything this app keeps?";

fn xdotool(arguments: &[&str]) -> String {
    let done = Command::new("xdotool").args(arguments).output();
    let done = done.expect("xdotool can be run");
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// The dialogs that stand on the screen, by their windows.
fn dialogs() -> Vec<String> {
    let found = xdotool(&["search", "--onlyvisible", "--name", TITLE]);
    found.lines().map(str::to_owned).collect()
}

/// Waits for so many dialogs, and gives their windows.
async fn stand(count: usize) -> Vec<String> {
    let until = tokio::time::Instant::now() + Duration::from_mins(1);
    loop {
        let found = dialogs();
        if found.len() == count {
            return found;
        }
        assert!(tokio::time::Instant::now() < until, "dialogs: {found:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Presses the first of the two buttons, which share the lower edge of the dialog.
fn agree(dialog: &str) {
    let geometry = xdotool(&["getwindowgeometry", "--shell", dialog]);
    let length = |name: &str| -> u32 {
        let line = geometry.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|length| length.parse().ok())
            .expect("a window has a size")
    };
    let (x, y) = (length("WIDTH=") / 4, length("HEIGHT=") - 16);
    let (x, y) = (x.to_string(), y.to_string());
    xdotool(&["mousemove", "--window", dialog, &x, &y, "click", "1"]);
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
    let dialog = stand(1).await.remove(0);
    xdotool(&["windowfocus", "--sync", &dialog]);
    xdotool(&["key", "Escape"]);
    stand(0).await;
    app.wait_for_text("[data-testid=begin-anew]", "Delete").await;
    app.wait_for("[data-testid=begin-anew] [role=alert]").await;
    app.picture().await;
    assert!(places.database.exists());

    app.click("[data-testid=remove-everything]").await;
    let dialog = stand(1).await.remove(0);
    // It is laid out once it is on the screen.
    tokio::time::sleep(Duration::from_millis(500)).await;
    agree(&dialog);
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
