//! The window at another size.

use serde_json::json;

use super::App;

impl App {
    /// Gives the window a size in pixels, and waits until the page was drawn at it.
    pub(crate) async fn sized(&self, width: u32, height: u32) {
        self.driver()
            .resize(width, height)
            .await
            .expect("the window takes a size");
        self.driver()
            .execute("window.drawn = 0", json!([]))
            .await
            .expect("the page runs it");
        self.wait(
            &format!("a window of {width} pixels, drawn"),
            "requestAnimationFrame(() => (window.drawn += 1)); return innerWidth === arguments[0] && window.drawn > 4",
            json!([width]),
        )
        .await;
    }
}
