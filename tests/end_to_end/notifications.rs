//! What the desktop is told while nobody looks at the window, and the way back from there.
//!
//! The screen of the tests has no window manager: a window loses the focus there and gets it back, but is neither
//! minimised nor covered by another workspace.

use std::process::Command;

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Desktop, Home, KeyRing, scripted};

const CONTROL: &str = "\u{e009}";

fn xdotool(arguments: &[&str]) -> String {
    let done = Command::new("xdotool").args(arguments).output();
    let done = done.expect("xdotool can be run");
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// Where what is typed goes: a window, or the screen itself.
fn focused() -> String {
    xdotool(&["getwindowfocus", "-f"])
}

impl App {
    /// Takes the focus from the window, as another one of the desktop does.
    async fn look_away(&self) {
        // A window with the pointer in it has the focus whenever the whole screen has.
        xdotool(&["mousemove", "1438", "898"]);
        let screen = xdotool(&["search", "--maxdepth", "0", ".*"]);
        let screen = screen.lines().next().unwrap_or_default();
        xdotool(&["windowfocus", screen]);
        self.wait(
            "the window to be without the focus",
            "return !document.hasFocus()",
            json!([]),
        )
        .await;
    }

    async fn is_looked_at(&self) {
        self.wait(
            "the window to have the focus",
            "return document.hasFocus()",
            json!([]),
        )
        .await;
    }

    /// Home, with another thread at work behind it.
    async fn leave_thread(&self) {
        self.press(&[CONTROL, "n"]).await;
        self.wait_gone("[data-testid=message-person]").await;
    }
}

#[tokio::test]
async fn the_desktop_tells_what_ended_and_what_asks_and_a_press_leads_there() {
    let home = Home::new();
    let folder = home.folder("told");
    let bus = KeyRing::absent();
    let desktop = Desktop::on(bus.address()).await;
    let mut app = App::start_with_keys("told", &home, &[&folder], &bus).await;
    app.engine_ready().await;
    app.send(&scripted(
        "Count the files",
        [vec![
            Action::text("One moment. "),
            Action::silence(4_000),
            Action::text("There are none."),
        ]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "One moment.").await;
    app.leave_thread().await;
    app.look_away().await;
    let away = focused();
    let ended = desktop.wait_for(|shown| !shown.actions.is_empty()).await;
    assert!(
        ended.body.contains("ended") || ended.body.contains("done"),
        "{ended:?}"
    );
    assert_eq!(desktop.shown().len(), 1, "one for a thread");
    assert_eq!(
        app.count("[data-testid=message-person]").await,
        0,
        "the window is elsewhere"
    );

    desktop.press(&ended).await;
    app.wait_for_text("[data-testid=prose]", "There are none.").await;
    app.wait_for("[data-testid=session-row][aria-current=page]").await;
    app.is_looked_at().await;
    let window = focused();
    assert_ne!(window, away, "the window was brought to the front");
    app.picture().await;

    // While it is looked at, nothing is told; what asks is told once nobody looks.
    app.send(&scripted("Say it", [vec![Action::text("It is said.")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "It is said.").await;
    app.idle().await;
    assert_eq!(desktop.shown(), []);
    let command = json!({ "command": "touch made", "description": "as told" });
    app.send(&scripted(
        "Make it",
        [
            vec![
                Action::text("Soon. "),
                Action::silence(4_000),
                Action::tool("bash", command),
            ],
            vec![Action::text("Made.")],
        ],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "Soon.").await;
    app.leave_thread().await;
    app.look_away().await;
    let asks = desktop.wait_for(|shown| !shown.actions.is_empty()).await;
    assert!(
        asks.body.contains("ask") || asks.body.contains("permission"),
        "{asks:?}"
    );
    desktop.press(&asks).await;
    app.wait_for_text("[data-testid=permission][data-ready=true]", "touch made")
        .await;
    app.is_looked_at().await;
    app.picture().await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "Made.").await;
    app.idle().await;

    // Whoever looks by themselves has it taken back.
    app.send(&scripted(
        "Once more",
        [vec![
            Action::text("Yes. "),
            Action::silence(4_000),
            Action::text("Ended."),
        ]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "Yes.").await;
    app.look_away().await;
    desktop.wait_for(|shown| !shown.actions.is_empty()).await;
    xdotool(&["windowfocus", &window]);
    for _ in 0..600 {
        if desktop.shown().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(desktop.shown(), []);
    app.close().await;
}
