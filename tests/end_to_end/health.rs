//! Health, looked at while something is wrong, and mended by a press.

use serde_json::{Value, json};

use crate::harness::{App, Home};

fn part(name: &str) -> String {
    format!("[data-testid=health-part][data-part={name}]")
}

impl App {
    /// A part as the core tells of it.
    async fn health_part(&self, kind: &str) -> Value {
        let rows = self.invoke("health_rows", Value::Null).await;
        let rows = rows.expect("the parts can be asked for");
        let parts = rows.as_array().cloned().unwrap_or_default();
        parts
            .into_iter()
            .find(|row| row["part"]["kind"] == kind)
            .unwrap_or_default()
    }
}

#[tokio::test]
async fn a_folder_that_is_back_is_looked_for_again_and_a_look_counts_for_no_connection() {
    let home = Home::new();
    let folder = home.folder("away");
    let app = App::start("health", &home, &[&folder]).await;
    app.engine_ready().await;
    let elsewhere = folder.with_file_name("elsewhere");
    std::fs::rename(&folder, &elsewhere).expect("the folder can be moved");
    app.click("[data-testid=engine-status]").await;
    app.wait_for_text("[data-testid=to-fix]", "cannot be reached")
        .await;
    app.picture_of("missing").await;
    app.click(&format!("{} [data-testid=part-fix]", part("folders")))
        .await;
    app.wait_for_text(&part("folders"), "still cannot be reached")
        .await;

    std::fs::rename(&elsewhere, &folder).expect("the folder can be moved back");
    app.click(&format!("{} [data-testid=part-fix]", part("folders")))
        .await;
    app.wait_for(&format!(
        "[data-testid=other-parts] {}[data-mark=working]",
        part("folders")
    ))
    .await;
    app.picture_of("back").await;

    for _ in 0..3 {
        app.click("[data-testid=health-refresh]").await;
        app.wait_for("[data-testid=health-refresh][aria-disabled=false]")
            .await;
    }
    let before = app.health_part("gateway").await;
    let after = app.health_part("gateway").await;
    assert_eq!(before["part"]["connections"], after["part"]["connections"]);
    let database = app.health_part("database").await;
    let file = std::fs::metadata(home.data().join("data/cowork.db")).expect("the database is there");
    let log = std::fs::metadata(home.data().join("data/cowork.db-wal")).map_or(0, |log| log.len());
    let bytes = database["part"]["bytes"].as_u64().unwrap_or_default();
    assert!(
        log == 0 || bytes > file.len(),
        "{bytes} of {} and {log}",
        file.len()
    );
    assert_eq!(database["mark"], json!("working"));
    app.close().await;
}
