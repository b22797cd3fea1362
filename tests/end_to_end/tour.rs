//! The demo tour: the whole loop for a person without key or network.

use crate::harness::{App, Home};

#[tokio::test]
async fn the_demo_tour_shows_the_whole_loop() {
    let home = Home::new();
    let mut app = App::start("demo-tour", &home, &[]).await;
    app.picture().await;
    app.click("[data-testid=try-demo]").await;
    app.wait_for("[data-testid=plan]").await;
    app.wait_for_text("[data-testid=permission]", "scripted-demo.md")
        .await;
    app.picture().await;
    app.answer("allow-once").await;
    // The file is changed once more, then a question is put.
    app.answer("allow-once").await;
    app.wait_for("[data-testid=question]").await;
    app.settle().await;
    app.picture().await;
    app.click("[data-testid=question-choice]").await;
    app.click("[data-testid=question-submit]").await;
    app.answer("allow-once").await;
    app.idle().await;
    assert!(app.count("[data-testid=tool]").await >= 2);
    assert!(
        app.text("[data-testid=message-agent]")
            .await
            .to_lowercase()
            .contains("scripted")
    );
    app.picture().await;
    app.close().await;
}
