//! A token in other hands, and another in its place.

use cowork_cloud_trial::desktop::{Desktop, Refused};

use super::scene::{Scene, words};
use crate::harness::scripted;

#[tokio::test]
async fn a_stolen_token_opens_nothing_once_another_was_entered() {
    let mut scene = Scene::start("pairing-stolen", &[]).await;
    let identity = scene.pair().await;
    let thief = Desktop::new(reqwest::Client::new(), &scene.cloud.address(), identity);
    thief
        .heartbeat(0)
        .await
        .expect("until then it is as good as the desktop's own");

    let app = &scene.desk.app;
    app.click("[data-testid=pairing-open]").await;
    app.click("[data-testid=pairing-rotate]").await;
    app.picture_of("rotate").await;
    app.click("[data-testid=pairing-rotate-sure]").await;
    let link = app.copied_link().await;
    let details = format!(
        "{}/#/desktops/{}/details",
        scene.cloud.address(),
        thief.identity().pairing
    );
    scene.browser.go("about:blank").await;
    scene.browser.go(&details).await;
    scene.browser.keys("[data-testid=rotate-link]", &link).await;
    scene.browser.picture("rotate").await;
    scene.browser.click("[data-testid=rotate]").await;
    app.paired().await;

    match thief.heartbeat(0).await {
        Err(Refused::Status { status: 401, .. }) => {}
        other => panic!("the stolen token still opens something: {other:?}"),
    }
    assert!(
        matches!(thief.claim(0).await, Err(Refused::Status { status: 401, .. })),
        "nor is anything claimed by it"
    );

    // The desktop itself goes on.
    scene.browser.open(&scene.cloud, &scene.desk.label).await;
    scene
        .browser
        .send(&scripted("Are you there", [words("With another token.")]))
        .await;
    scene.browser.wait_for_text("With another token.").await;
    let session = scene.desk.newest().await;
    scene.same(&session).await;
}
