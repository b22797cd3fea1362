//! Several sessions, and coming back to one.

use std::time::Duration;

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Home, scripted};

#[tokio::test]
async fn two_sessions_in_two_folders_stream_at_once() {
    let home = Home::new();
    let (left, right) = (home.folder("left"), home.folder("right"));
    let mut app = App::start("two-sessions", &home, &[&left, &right]).await;
    app.engine_ready().await;
    let start = app
        .invoke("start", json!(null))
        .await
        .expect("the app gives its first picture");
    let mut sessions = Vec::new();
    for folder in start["folders"].as_array().expect("two folders") {
        let row = app
            .invoke("session_create", json!({ "folder": folder["id"] }))
            .await
            .expect("a session is made");
        sessions.push((
            row["id"].clone(),
            folder["label"].as_str().expect("a label").to_owned(),
        ));
    }
    for (session, label) in &sessions {
        let prompt = scripted(
            "Stream",
            [vec![Action::paced_text(
                format!("from {label} ").repeat(60),
                40,
                10,
            )]],
        );
        let request = json!({ "session": session, "text": prompt, "agent": null, "model": null });
        app.invoke("prompt_send", request)
            .await
            .expect("the engine takes it");
    }
    app.wait(
        "both to work",
        "return document.querySelectorAll('[data-testid=session-row][data-mark=working]').length === 2",
        json!([]),
    )
    .await;
    app.picture().await;
    for (session, label) in &sessions {
        app.click(&format!(
            "[data-testid=session-row][data-session='{}']",
            session.as_str().expect("an id")
        ))
        .await;
        app.wait_for_text("[data-testid=prose]", &format!("from {label}"))
            .await;
    }
    for (session, label) in &sessions {
        app.click(&format!(
            "[data-testid=session-row][data-session='{}']",
            session.as_str().expect("an id")
        ))
        .await;
        app.wait_for_text("[data-testid=prose]", &format!("from {label}"))
            .await;
        app.idle().await;
        let text = app.text("[data-testid=prose]").await;
        assert_eq!(text.matches(&format!("from {label}")).count(), 60, "{text}");
    }
    app.close().await;
}

#[tokio::test]
async fn the_conversation_is_the_same_after_a_restart() {
    let home = Home::new();
    let folder = home.folder("restart");
    let app = App::start("restart-before", &home, &[&folder]).await;
    app.send(&scripted(
        "Remember this",
        [
            vec![Action::tool(
                "bash",
                json!({ "command": "echo remembered", "description": "say" }),
            )],
            vec![Action::text("It was **remembered**.")],
        ],
    ))
    .await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "It was remembered.")
        .await;
    app.idle().await;
    app.send(&scripted(
        "And stop in the middle",
        [vec![Action::text("Half of it"), Action::stall()]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "Half of it").await;
    let before = app.text("[data-testid=message-person]").await;
    app.close().await;

    let mut app = App::start("restart", &home, &[&folder]).await;
    app.click("[data-testid=session-row]").await;
    app.wait_for_text("[data-testid=prose]", "It was remembered.")
        .await;
    assert_eq!(app.text("[data-testid=message-person]").await, before);
    app.wait_for_text("[data-testid=tool]", "echo remembered").await;
    app.wait_for_text("[data-testid=prose]", "Half of it").await;
    app.wait_for("[data-testid=interrupted], [data-testid=stopped]")
        .await;
    app.idle().await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_page_that_is_loaded_anew_shows_the_same_and_goes_on() {
    let home = Home::new();
    let folder = home.folder("anew");
    let mut app = App::start("loaded-anew", &home, &[&folder]).await;
    app.send(&scripted("Begin", [vec![Action::text("It began.")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "It began.").await;
    app.idle().await;
    app.wait(
        "the page to be left",
        "document.body.dataset.old = 'yes'; setTimeout(() => location.reload(), 50); return true;",
        json!([]),
    )
    .await;
    app.wait(
        "the new page",
        "return document.body.dataset.old === undefined",
        json!([]),
    )
    .await;
    app.click("[data-testid=session-row]").await;
    app.wait_for_text("[data-testid=prose]", "It began.").await;
    app.send(&scripted("Go on", [vec![Action::text("It goes on.")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "It goes on.").await;
    app.idle().await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn threads_come_back_when_the_index_was_damaged() {
    let home = Home::new();
    let folder = home.folder("damaged");
    let app = App::start("damaged-index-before", &home, &[&folder]).await;
    app.send(&scripted("Keep this", [vec![Action::text("It is kept.")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "It is kept.").await;
    app.idle().await;
    app.close().await;
    let index = home.data().join("data/cowork.db");
    assert!(index.is_file(), "the index is at {}", index.display());
    std::fs::write(&index, "no database at all").expect("it can be written");

    let mut app = App::start("damaged-index", &home, &[&folder]).await;
    app.click("[data-testid=session-row]").await;
    app.wait_for_text("[data-testid=prose]", "It is kept.").await;
    app.wait_for_text("[data-testid=message-person]", "Keep this")
        .await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_second_start_says_who_holds_the_data() {
    let home = Home::new();
    let app = App::start("second-start", &home, &[]).await;
    let output =
        std::process::Command::new(crate::harness::given("COWORK_APP_BINARY").with_file_name("cowork"))
            .args(["run", "hello", "--demo"])
            .env("COWORK_HOME", home.data())
            .env("COWORK_ENGINE", crate::harness::given("COWORK_ENGINE"))
            .stdin(std::process::Stdio::null())
            .output()
            .expect("the command line can be run");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("the app's window"), "{said}");
    app.close().await;
}

#[tokio::test]
async fn a_second_start_of_the_app_says_who_holds_the_data_and_ends() {
    let home = Home::new();
    let app = App::start("second-app", &home, &[]).await;
    let output = std::process::Command::new(crate::harness::given("COWORK_APP_BINARY"))
        .env("COWORK_HOME", home.data())
        .env("COWORK_ENGINE", crate::harness::given("COWORK_ENGINE"))
        // With a display it would show a dialog and wait for somebody to close it.
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the app can be run");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("the app's window"), "{said}");
    assert!(
        !app.sessions().await.iter().any(|row| row["mark"] == "failed"),
        "the first goes on"
    );
    app.close().await;
}

fn sleepers(home: &Home) -> usize {
    let running = home.started_by_the_engine();
    running
        .iter()
        .filter(|command| command.starts_with("sleep\u{0}1234"))
        .count()
}

/// Has the agent start two processes, one of them in a session of its own, and wait for one.
async fn keep_two_running(app: &App, home: &Home) {
    let keep = "setsid sleep 1234 > /dev/null 2>&1 & sleep 1234";
    app.send(&scripted(
        "Keep something running",
        [vec![Action::tool(
            "bash",
            json!({ "command": keep, "description": "keep" }),
        )]],
    ))
    .await;
    app.answer("allow-once").await;
    while sleepers(home) < 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_a_command_leaves_running_ends_with_it() {
    let home = Home::new();
    let folder = home.folder("left");
    let app = App::start("left", &home, &[&folder]).await;
    let leave = "sleep 1234 > /dev/null 2>&1 & setsid sleep 1234 > /dev/null 2>&1 & sleep 0.3; echo left two";
    app.send(&scripted(
        "Leave something running",
        [
            vec![Action::tool(
                "bash",
                json!({ "command": leave, "description": "leave" }),
            )],
            vec![Action::text("Two are left.")],
        ],
    ))
    .await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "Two are left.").await;
    app.idle().await;
    assert_eq!(sleepers(&home), 0);
    app.close().await;
}

#[tokio::test]
async fn nothing_the_engine_started_is_left_when_the_app_ends() {
    let home = Home::new();
    let folder = home.folder("orphans");
    let app = App::start("orphans", &home, &[&folder]).await;
    keep_two_running(&app, &home).await;
    app.close().await;
    assert_eq!(home.started_by_the_engine(), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_the_engine_started_is_left_in_the_home_when_a_killed_app_is_started_again() {
    let home = Home::new();
    let folder = home.folder("killed");
    let app = App::start("killed-before", &home, &[&folder]).await;
    keep_two_running(&app, &home).await;
    app.kill().await;
    let app = App::start("killed", &home, &[&folder]).await;
    app.engine_ready().await;
    let running = home.started_by_the_engine();
    assert!(!running.is_empty(), "the new engine runs");
    assert!(
        !running.iter().any(|command| command.contains("1234")),
        "{running:?}"
    );
    app.close().await;
}

#[tokio::test]
async fn a_thread_is_renamed_and_deleted() {
    let home = Home::new();
    let folder = home.folder("rename");
    let mut app = App::start("rename", &home, &[&folder]).await;
    app.send(&scripted("Say hi", [vec![Action::text("Hi.")]])).await;
    app.wait_for_text("[data-testid=prose]", "Hi.").await;
    app.idle().await;
    let session = app.sessions().await[0]["id"].clone();
    app.invoke(
        "session_rename",
        json!({ "session": session, "title": "A better name" }),
    )
    .await
    .expect("it is renamed");
    app.wait_for_text("[data-testid=session-row]", "A better name")
        .await;
    app.picture().await;
    app.invoke("session_delete", json!({ "session": session }))
        .await
        .expect("it is deleted");
    app.wait_gone("[data-testid=session-row]").await;
    app.close().await;
}

#[tokio::test]
async fn a_folder_s_own_agents_and_plugins_are_named_and_not_loaded() {
    let home = Home::new();
    let folder = home.folder("brings");
    let plugins = folder.join(".opencode/plugin");
    std::fs::create_dir_all(&plugins).expect("the folder can be written");
    let trace = folder.join("plugin-ran");
    let code = format!(
        "require('fs').writeFileSync({:?}, 'x'); export const P = async () => ({{}});",
        trace.display().to_string()
    );
    std::fs::write(plugins.join("hurt.js"), code).expect("the folder can be written");
    let mut app = App::start("ignored-project-config", &home, &[&folder]).await;
    app.wait_for_text("body", "not loaded").await;
    app.picture().await;
    app.send(&scripted("Say hi", [vec![Action::text("Hi.")]])).await;
    app.wait_for_text("[data-testid=prose]", "Hi.").await;
    app.idle().await;
    // The engine reads plugins beside the first turn; by the second it is through.
    app.send(&scripted(
        "And again",
        [vec![Action::silence(3_000), Action::text("Again.")]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "Again.").await;
    app.idle().await;
    assert!(!trace.exists(), "the folder's plugin ran");
    app.picture().await;
    app.close().await;
}
