//! The pages a person meets, one after the other, whatever language the window speaks.

use crate::harness::App;

const CONTROL: &str = "\u{e009}";
const SHIFT: &str = "\u{e008}";
const ESCAPE: &str = "\u{e00c}";
const F1: &str = "\u{e031}";

/// The page that a narrow window closes.
const REVIEW: &str = "review";

/// A page, and whether it is a popup over another one.
#[derive(Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) name: &'a str,
    pub(crate) popup: bool,
}

fn page(name: &str) -> Page<'_> {
    Page { name, popup: false }
}

fn popup(name: &str) -> Page<'_> {
    Page { name, popup: true }
}

/// Goes from the home of the first day through a thread with the demo, and has each page looked at. What looks may give the
/// window another size, and leaves it wide.
pub(crate) async fn every_page(app: &App, mut look: impl AsyncFnMut(Page<'_>)) {
    app.wait_for("[data-testid=try-demo]").await;
    look(page("home")).await;
    app.click("[data-testid=connect-model]").await;
    app.wait_for("[data-testid=setup-page]").await;
    look(page("setup")).await;
    app.press(&[ESCAPE]).await;
    app.click("[data-testid=engine-status]").await;
    app.wait_for("[data-testid=engine-health]").await;
    look(page("health")).await;
    app.press(&[CONTROL, ","]).await;
    app.wait_for("[data-testid=settings-search]").await;
    for group in ["nav .nav", "nav .sidebar-foot"] {
        let places = app.count(&format!("{group} > button")).await;
        assert!(places > 1, "the places of the settings are there");
        for place in 1..=places {
            let button = format!("{group} > button:nth-of-type({place})");
            app.click(&button).await;
            app.wait_for(&format!("{button}[aria-current=page]")).await;
            let end = if group.ends_with("foot") { "end-" } else { "" };
            look(page(&format!("settings-{end}{place}"))).await;
        }
    }
    // The last of the pages that are kept here; its form is a page of its own.
    app.click("nav .nav > button:last-of-type").await;
    app.click("[data-testid=pairing-begin]").await;
    app.wait_for("[data-testid=pairing-policy]").await;
    look(page("pairing-new")).await;
    app.press(&[ESCAPE]).await;
    app.press(&[CONTROL, SHIFT, "P"]).await;
    app.wait_for("[data-testid=palette-input]").await;
    look(popup("palette")).await;
    app.press(&[ESCAPE]).await;
    app.press(&[F1]).await;
    app.wait_for("[data-testid=keys]").await;
    look(popup("keys")).await;
    app.press(&[ESCAPE]).await;
    app.press(&[CONTROL, "n"]).await;
    app.send("Show me around").await;
    app.wait_for("[data-testid=permission][data-ready=true]").await;
    look(page("permission")).await;
    app.press(&[CONTROL, "i"]).await;
    app.wait_for("[data-testid=inbox-detail]").await;
    look(page("inbox")).await;
    app.click("[data-testid=session-row]").await;
    // The inbox shows the same ask: an answer may not hit it while it goes.
    app.wait_gone("[data-testid=inbox]").await;
    app.wait_for("[data-testid=permission][data-ready=true]").await;
    app.answer("allow-once").await;
    app.wait_for("[data-testid=permission][data-ready=true]").await;
    look(page("conversation")).await;
    app.answer("allow-once").await;
    app.wait_for("[data-testid=question]").await;
    app.settle().await;
    look(page("question")).await;
    app.open_again(page(REVIEW)).await;
    look(page(REVIEW)).await;
}

impl App {
    /// Opens what a window of another size closed: the review goes where it has no room beside the thread and nobody is at
    /// work in it, and would be missing on the pictures of a narrow window.
    pub(crate) async fn open_again(&self, page: Page<'_>) {
        if page.name != REVIEW {
            return;
        }
        if self.count("[data-testid=review]").await == 0 {
            self.press(&[CONTROL, SHIFT, "R"]).await;
        }
        self.wait_for("[data-testid=review] .row-of .line").await;
    }
}
