//! The engine dies, stalls or cannot be boxed, and what a person sees of it.

use std::path::{Path, PathBuf};

use cowork_scripted_model::{Action, Script, Step};
use serde_json::json;

use crate::harness::{App, Home, scripted};

const SAID: &str = "This was said before the engine was killed. ";

/// An answer that says something and then nothing more for as long as anyone listens.
fn half_an_answer() -> String {
    let script = Script::new([Step::new([Action::text(SAID), Action::stall()])]);
    let marker = script.to_marker().expect("a script fits into a prompt");
    format!("Begin {marker}")
}

fn bash(command: &str) -> Vec<Action> {
    vec![Action::tool(
        "bash",
        json!({ "command": command, "description": "as told" }),
    )]
}

#[tokio::test]
async fn an_engine_killed_in_the_middle_of_an_answer_comes_back_by_itself_and_nothing_is_lost() {
    let home = Home::new();
    let folder = home.folder("killed-engine");
    let mut app = App::start("engine-killed", &home, &[&folder]).await;
    app.send(&half_an_answer()).await;
    app.wait_for_text("[data-testid=prose]", SAID.trim()).await;
    let before = home.engine().expect("the engine runs");
    home.kill_engine();
    app.wait_for("[data-testid=interrupted]").await;
    app.picture().await;
    app.engine_ready().await;
    assert_ne!(home.engine(), Some(before), "another engine runs");
    let text = app.text("[data-testid=prose]").await;
    assert_eq!(text.matches(SAID.trim()).count(), 1, "{text}");
    app.send(&scripted("Go on", [vec![Action::text("Here again.")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "Here again.").await;
    app.idle().await;
    app.click("[data-testid=engine-status]").await;
    app.wait_for("[data-testid=engine-failure]").await;
    app.picture().await;
    app.click("[data-testid=report-make]").await;
    app.wait_for_text("[data-testid=report-text]", "ended").await;
    app.picture().await;
    app.close().await;
    assert_eq!(home.started_by_the_engine(), Vec::<String>::new());
}

#[tokio::test]
async fn an_app_killed_in_the_middle_of_an_answer_shows_it_again() {
    let home = Home::new();
    let folder = home.folder("killed-app");
    let app = App::start("app-killed-before", &home, &[&folder]).await;
    app.send(&half_an_answer()).await;
    app.wait_for_text("[data-testid=prose]", SAID.trim()).await;
    let session = app.sessions().await[0]["id"]
        .as_str()
        .expect("a session has an id")
        .to_owned();
    app.kill().await;
    let mut app = App::start("app-killed", &home, &[&folder]).await;
    app.click(&format!("[data-testid=session-row][data-session='{session}']"))
        .await;
    app.wait_for_text("[data-testid=prose]", SAID.trim()).await;
    app.wait_for("[data-testid=interrupted]").await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn what_is_always_allowed_stays_so_after_the_engine_died_until_it_is_taken_back() {
    let home = Home::new();
    let folder = home.folder("allowances");
    let mut app = App::start("allowances", &home, &[&folder]).await;
    let turn = |end: &str| {
        scripted(
            "Run it",
            [bash("echo again >> runs.txt"), vec![Action::text(end)]],
        )
    };
    app.send(&turn("First.")).await;
    app.answer("allow-always").await;
    app.wait_for_text("[data-testid=prose]", "First.").await;
    app.idle().await;
    home.kill_engine();
    app.wait_for("[data-testid=engine-status]:not([data-state=ready])")
        .await;
    app.engine_ready().await;
    app.send(&turn("Second.")).await;
    app.wait_for_text("[data-testid=prose]", "Second.").await;
    app.idle().await;
    let runs = std::fs::read_to_string(folder.join("runs.txt")).expect("it ran");
    assert_eq!(runs.lines().count(), 2);
    let rules = app
        .invoke("allowance_list", serde_json::Value::Null)
        .await
        .expect("the rules can be listed");
    let rule = rules[0]["id"].clone();
    assert!(
        rules[0]["origin"]
            .as_str()
            .is_some_and(|origin| origin.contains("echo again"))
    );
    app.invoke("allowance_revoke", json!({ "allowance": rule }))
        .await
        .expect("a rule can be taken back");
    app.send(&turn("Third.")).await;
    app.wait_for("[data-testid=permission]").await;
    app.picture().await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "Third.").await;
    app.close().await;
}

/// Every program of the machine but the one that makes boxes.
fn programs_without_bubblewrap(home: &Home) -> PathBuf {
    let folder = home.folder("programs");
    for directory in ["/usr/local/bin", "/usr/bin", "/bin"] {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            if entry.file_name() != "bwrap" {
                // The first one found counts, as in a search path.
                std::os::unix::fs::symlink(entry.path(), folder.join(entry.file_name())).ok();
            }
        }
    }
    folder
}

#[tokio::test]
async fn without_a_box_the_app_says_so_and_runs_no_command() {
    let home = Home::new();
    let folder = home.folder("unboxed");
    let path = programs_without_bubblewrap(&home);
    let mut app = App::start_in("unboxed", &home, &[&folder], Path::new(&path)).await;
    app.engine_ready().await;
    app.wait_for("[data-testid=safety-unboxed]").await;
    app.send(&scripted(
        "Run it",
        [bash("echo ran > ran.txt"), vec![Action::text("The end.")]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "The end.").await;
    app.idle().await;
    assert!(!folder.join("ran.txt").exists());
    assert_eq!(app.count("[data-testid=permission]").await, 0);
    app.picture().await;
    app.click("[data-testid=safety-unboxed]").await;
    app.wait_for("[data-testid=health-box][data-state=unboxed]").await;
    app.picture().await;
    app.close().await;
}
