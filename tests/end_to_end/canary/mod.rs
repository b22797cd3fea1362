//! A canary in the place of a key: given by the window, used in a turn, and then looked for wherever it must not be.

mod box_hunt;
mod bridge;
mod search;

use cowork_hunt::{Description, Place};
use serde_json::{Value, json};

use crate::harness::{App, Home, KeyRing};
use crate::keys::{PROVIDER, upstream};
use box_hunt::Hunt;
use search::Search;

/// A key that nobody ever had.
fn canary() -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = [0; 38];
    getrandom::fill(&mut random).expect("the system has random bytes");
    let letters = random.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    format!("sk-canary-{}", letters.iter().collect::<String>())
}

#[tokio::test]
async fn a_hunter_in_the_box_of_its_folder_finds_nothing_and_reaches_nobody() {
    let canary = canary();
    let home = Home::new();
    let folder = home.folder("boxed");
    let keys = KeyRing::unlocked();
    let upstream = upstream(&canary).await;
    let app = App::start_with_keys("canary-boxed", &home, &[&folder], &keys).await;
    app.connect_upstream(&upstream, &canary).await;
    app.finish_setup().await;
    let description = Description::of(&canary[..24]).expect("it can be described");
    let hunt = Hunt::new(&home, &folder, description);
    hunt.send_into_the_inner_box(&app)
        .await
        .found_nothing_and_reached_nobody();
    app.picture_of("hunted").await;
    app.close().await;
}

/// Without the box of the folder, which would keep the hunters from the engine and the proxy: what they get there must be
/// worth nothing.
#[tokio::test]
async fn a_key_is_nowhere_that_an_agent_or_the_window_can_look() {
    let canary = canary();
    let home = Home::new();
    let folder = home.folder("canary");
    home.unbox(&folder);
    let keys = KeyRing::unlocked();
    let upstream = upstream(&canary).await;
    let app = App::start_with_keys("canary", &home, &[&folder], &keys).await;
    app.record_the_bridge().await;
    app.connect_upstream(&upstream, &canary).await;
    app.finish_setup().await;

    // Half of it is enough to tell: whoever has half a key has the provider, and far too much of the key.
    let description = Description::of(&canary[..24]).expect("it can be described");
    let hunt = Hunt::new(&home, &folder, description);
    hunt.send_into_the_box(&app).await;
    app.picture_of("hunted").await;
    for hunter in hunt.hunters() {
        hunter.found_nothing_and_looked_everywhere(PROVIDER, &keys);
    }
    let outside = hunt.outside(&keys);
    assert!(
        outside.found(Place::KeyRing),
        "a hunter with the session's bus finds the key, or the hunt is blind: {outside:?}"
    );

    let mut search = Search::of(&canary);
    search.engine(&home).await;
    home.kill_engine();
    app.wait_for("[data-testid=engine-status]:not([data-state=ready])")
        .await;
    app.engine_ready().await;
    search.engine(&home).await;
    app.click("[data-testid=engine-status]").await;
    app.click("[data-testid=report-make]").await;
    app.wait_for_text("[data-testid=report-text]", "ended").await;
    app.picture_of("report").await;
    let report = app
        .invoke("diagnostics_report", Value::Null)
        .await
        .expect("a report can be made");
    search.text("the diagnostics report", report.as_str().unwrap_or_default());

    search.page(&app).await;
    let messages = app.take_the_record().await;
    let given = messages
        .iter()
        .filter(|message| search.is_in(&message.to_string()))
        .collect::<Vec<_>>();
    assert!(messages.len() > 20, "the bridge was listened to");
    let said: Vec<_> = given.iter().map(|message| &message["asked"]).collect();
    assert_eq!(
        said,
        [&json!("provider_connect")],
        "the key crosses the bridge once, when it is given"
    );

    search.processes();
    search.tree(home.root());
    for variable in ["HOME", "TMPDIR", "XDG_RUNTIME_DIR"] {
        if let Some(folder) = std::env::var_os(variable) {
            search.tree(folder.as_ref());
        }
    }
    // What the key ring keeps on disk it keeps encrypted.
    search.tree(keys.folder());
    app.close().await;
    // What is written when the app ends, too.
    search.tree(home.root());
    search.found_nothing();
}
