//! The box of commands as a person sees it, and code blocks that run on a click.

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Home, scripted};

#[tokio::test]
async fn a_code_block_runs_on_a_click_and_its_result_goes_into_the_message() {
    let home = Home::new();
    let folder = home.folder("snippets");
    let mut app = App::start("snippets", &home, &[&folder]).await;
    let block = "This prints the answer:\n\n```python\nimport sys\nprint(6 * 7)\nprint('careful', file=sys.stderr)\n```\n";
    app.send(&scripted("Show me", [vec![Action::text(block)]])).await;
    app.wait_for("[data-testid=run-block]").await;
    app.idle().await;
    app.click("[data-testid=run-block]").await;
    app.wait_for_text("[data-testid=run-output]", "42").await;
    app.wait_for_text("[data-testid=run]", "Finished").await;
    assert!(app.text("[data-testid=run-output]").await.contains("careful"));
    app.picture().await;
    app.click("[data-testid=run-add]").await;
    assert!(app.composed().await.contains("42"));
    app.click("[data-testid=run-close]").await;
    app.wait_gone("[data-testid=run]").await;
    app.close().await;
}

#[tokio::test]
async fn a_code_block_that_goes_on_for_ever_is_stopped() {
    let home = Home::new();
    let folder = home.folder("for-ever");
    let mut app = App::start("snippet-stopped", &home, &[&folder]).await;
    let block = "```bash\necho begun\nsleep 7654\n```\n";
    app.send(&scripted("Show me", [vec![Action::text(block)]])).await;
    app.wait_for("[data-testid=run-block]").await;
    app.idle().await;
    app.click("[data-testid=run-block]").await;
    app.wait_for_text("[data-testid=run-output]", "begun").await;
    app.picture().await;
    app.click("[data-testid=run-stop]").await;
    app.wait_for_text("[data-testid=run]", "Stopped").await;
    let running = std::process::Command::new("pgrep")
        .args(["-f", "sleep 7654"])
        .status();
    assert!(
        !running.expect("pgrep can be run").success(),
        "nothing of it is left"
    );
    app.close().await;
}

#[tokio::test]
async fn the_box_is_shown_to_hold_and_what_it_stopped_is_shown_with_what_would_let_it_through() {
    let home = Home::new();
    let folder = home.folder("boxed");
    let mut app = App::start("boxed", &home, &[&folder]).await;
    let ask = "perl -MIO::Socket::INET -e 'my ($at) = $ENV{HTTPS_PROXY} =~ m!//([^/]+)!; my $s = IO::Socket::INET->new($at); \
               print $s \"CONNECT registry.npmjs.org:443 HTTP/1.1\\r\\n\\r\\n\"; local $/; print <$s>'";
    app.send(&scripted(
        "Install it",
        [
            vec![Action::tool(
                "bash",
                json!({ "command": ask, "description": "asks for a package" }),
            )],
            vec![Action::text("It was not let through.")],
        ],
    ))
    .await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "It was not let through.")
        .await;
    app.idle().await;
    app.wait_for_text("[data-testid=stopped-connection]", "registry.npmjs.org")
        .await;
    app.wait_for("[data-testid=stopped-connection][data-widening=registries]")
        .await;
    app.picture().await;
    app.click("[data-testid=engine-status]").await;
    app.wait_for("[data-testid=health-box][data-box=proven]").await;
    app.wait_for("[data-testid=health-folder-box][data-box=proven]")
        .await;
    app.picture_of("health").await;
    app.click("[data-testid=stopped-dismiss-all]").await;
    app.wait_gone("[data-testid=stopped-connection]").await;
    app.close().await;
}
