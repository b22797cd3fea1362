//! The server dies, the desktop dies, and nothing is lost, done twice or told to others.

use cowork_scripted_model::Action;
use serde_json::json;

use super::scene::{Scene, words};
use crate::harness::{Chromium, scripted};

#[tokio::test]
async fn neither_a_dead_server_nor_a_dead_desktop_loses_or_repeats_anything_and_nothing_crosses_to_others() {
    let mut scene = Scene::paired("pairing-faults", &[]).await;
    let slow = Action::paced_text("Word by word it is told. ".repeat(80), 20, 8);
    scene
        .browser
        .send(&scripted(
            "Tell it slowly",
            [vec![slow, Action::text("The end of the first.")]],
        ))
        .await;
    scene.browser.wait_for_text("Word by word").await;
    let session = scene.desk.newest().await;

    // The server dies in the middle of it, and comes back.
    scene.cloud.kill();
    scene.browser.wait_for("[data-testid=link-lost]").await;
    scene.browser.picture("server-gone").await;
    scene.cloud.again().await;
    scene
        .browser
        .wait_for("[data-testid=desktop-status][data-link=live]")
        .await;
    scene.browser.wait_for_text("The end of the first.").await;
    let said = scene.same(&session).await;
    assert_eq!(said.matches("The end of the first.").count(), 1, "{said}");

    // The desktop dies. What is asked of it meanwhile waits, and is done once when it is back.
    let Scene {
        desk,
        cloud,
        mut browser,
    } = scene;
    let desk = desk
        .killed("pairing-faults", async || {
            browser.wait_for("[data-testid=desktop-stands]").await;
            browser
                .send(&scripted("While you were away", [words("Back at the desk.")]))
                .await;
            browser
                .wait_for("[data-testid=given-row][data-state=waiting]")
                .await;
            browser.picture("desktop-gone").await;
        })
        .await;
    browser.wait_for_text("Back at the desk.").await;
    let scene = Scene { desk, cloud, browser };
    let said = scene.same(&session).await;
    assert_eq!(said.matches("Back at the desk.").count(), 1, "{said}");

    // Somebody of another organization sees nothing of it, and what is asked by its name is not there.
    let desktop = scene
        .browser
        .run("return location.hash.split('/')[2]", json!([]))
        .await;
    let other = Chromium::start("pairing-other", 820, 900).await;
    other
        .begin(&scene.cloud, "Jo Park", "jo@example.org", "Another desk")
        .await;
    let other_asks = async |address: &str| {
        let status = "const done = arguments[arguments.length - 1]; fetch(arguments[0]).then((answer) => answer.text().then((text) => done([answer.status, text])))";
        let answer = other.driver().execute_async(status, json!([address])).await;
        answer.expect("the page can ask")
    };
    let desktop = desktop.as_str().expect("the address has it");
    let updates = other_asks(&format!("/api/desktops/{desktop}/updates")).await;
    assert_eq!(updates[0], json!(404), "{updates}");
    let list = other_asks("/api/desktops").await;
    assert_eq!(list[0], json!(200), "{list}");
    assert!(!list[1].as_str().unwrap_or_default().contains(desktop), "{list}");
    let me = scene
        .browser
        .run_async(
            "fetch('/api/me').then((answer) => answer.json()).then((me) => done(me.organizations[0].id))",
        )
        .await;
    let organization = me.as_str().expect("she has an organization");
    for what in ["desktops", "members", "audit", "tokens"] {
        let answer = other_asks(&format!("/api/organizations/{organization}/{what}")).await;
        assert_eq!(answer[0], json!(404), "{what}: {answer}");
    }
    let command = "const [address, done] = arguments; fetch('/api/me').then((me) => me.json()).then(({ csrf }) => \
                   fetch(address, { method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': csrf, 'idempotency-key': 'another-1' }, body: '{}' })).then((answer) => done(answer.status))";
    let address = format!("/api/desktops/{desktop}/commands/thread_page");
    let answer = other.driver().execute_async(command, json!([address])).await;
    assert_eq!(answer.expect("the page can ask"), json!(404));

    // Nothing that opens something is in what the server wrote down.
    let log = scene.cloud.log();
    for secret in ["ocp_", "ocs_", "a long password"] {
        assert!(!log.contains(secret), "{secret} is in the server's log");
    }
}

#[tokio::test]
async fn a_desktop_killed_in_the_middle_of_an_answer_tells_the_same_end_of_it_everywhere() {
    let scene = Scene::paired("pairing-killed", &[]).await;
    let slow = Action::paced_text("Word by word it is told. ".repeat(400), 20, 8);
    scene
        .browser
        .send(&scripted("Tell it slowly", [vec![slow]]))
        .await;
    scene
        .browser
        .wait_for_text("told. Word by word it is told.")
        .await;
    let session = scene.desk.newest().await;
    let Scene { desk, cloud, browser } = scene;
    let desk = desk
        .killed("pairing-killed", async || {
            browser.wait_for("[data-testid=desktop-stands]").await;
        })
        .await;
    browser
        .wait_for("[data-testid=desktop-status][data-link=live]")
        .await;
    let mut scene = Scene { desk, cloud, browser };
    let said = scene.same(&session).await;
    assert!(said.contains("Word by word it is told."), "{said}");
    scene.browser.picture("cut-off").await;

    // It goes on from there.
    scene
        .browser
        .send(&scripted("And now", [words("It goes on.")]))
        .await;
    scene.browser.wait_for_text("It goes on.").await;
    let said = scene.same(&session).await;
    assert_eq!(said.matches("It goes on.").count(), 1, "{said}");
}
