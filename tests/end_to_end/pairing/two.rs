//! Two desktops of one person.

use super::scene::{Desk, Scene, same, words};
use crate::harness::scripted;

#[tokio::test]
async fn two_desktops_of_one_person_each_do_what_is_asked_of_them_and_nothing_else() {
    let mut scene = Scene::paired("pairing-two", &[]).await;
    let other = Desk::start("pairing-two-other", "Third desk", &[]).await;
    other.pair(&scene.cloud, &mut scene.browser).await;
    let browser = &scene.browser;
    for (desk, said) in [
        (&scene.desk, "Said on the second."),
        (&other, "Said on the third."),
    ] {
        browser.open(&scene.cloud, &desk.label).await;
        browser.send(&scripted("Where are you", [words(said)])).await;
        browser.wait_for_text(said).await;
        let session = desk.newest().await;
        let text = same(&desk.app, browser, &session, str::to_owned).await;
        assert!(text.contains(said), "{text}");
    }
    for desk in [&scene.desk, &other] {
        assert_eq!(
            desk.app.sessions().await.len(),
            1,
            "{} has its own alone",
            desk.label
        );
    }
    // Asked while it is away, the one waits; the other is not asked in its place.
    let away = other
        .killed("pairing-two-other", async || {
            browser.wait_for("[data-testid=desktop-stands]").await;
            browser
                .send(&scripted("Once more", [words("Once more on the third.")]))
                .await;
            browser
                .wait_for("[data-testid=given-row][data-state=waiting]")
                .await;
        })
        .await;
    browser.wait_for_text("Once more on the third.").await;
    assert_eq!(scene.desk.app.sessions().await.len(), 1);
    let session = away.newest().await;
    same(&away.app, browser, &session, str::to_owned).await;
}
