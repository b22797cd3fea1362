//! Both themes and two widths: nothing is cut off, and pictures for a person to look at.

use serde_json::{Value, json};

use crate::harness::{App, Home};

/// A window on a wide screen, and half of one.
const SIZES: [(u32, u32); 2] = [(1440, 900), (820, 900)];

impl App {
    /// Takes a picture in both themes at both sizes, and checks that each is what was asked for and fits.
    async fn look(&mut self, name: &str) {
        for theme in ["dark", "light"] {
            let start = self
                .invoke("start", Value::Null)
                .await
                .expect("the app gives its first picture");
            let mut settings = start["settings"].clone();
            settings["theme"] = json!(theme);
            self.invoke("settings_save", settings)
                .await
                .expect("the settings are saved");
            self.wait(
                &format!("the {theme} theme"),
                "return document.documentElement.dataset.theme === arguments[0]",
                json!([theme]),
            )
            .await;
            for (width, height) in SIZES {
                self.driver()
                    .resize(width, height)
                    .await
                    .expect("the window takes a size");
                self.wait(
                    &format!("{width} pixels"),
                    "return innerWidth === arguments[0]",
                    json!([width]),
                )
                .await;
                let wider = self
                    .driver()
                    .execute(
                        "return document.documentElement.scrollWidth > innerWidth",
                        json!([]),
                    )
                    .await
                    .expect("the page can be read");
                assert_eq!(
                    wider, false,
                    "{name} is wider than its window of {width} pixels, {theme}"
                );
                self.picture_of(&format!("{name}-{theme}-{width}")).await;
            }
        }
    }
}

#[tokio::test]
async fn every_page_fits_its_window_in_both_themes() {
    let home = Home::new();
    let mut app = App::start("look", &home, &[]).await;
    app.engine_ready().await;
    app.look("home").await;
    app.press(&["\u{e009}", ","]).await;
    app.wait_for("[data-testid=default-model]").await;
    app.look("settings").await;
    app.press(&["\u{e00c}"]).await;
    app.click("[data-testid=engine-status]").await;
    app.wait_for("[data-testid=engine-health]").await;
    app.look("health").await;
    app.press(&["\u{e009}", "n"]).await;
    app.send("Show me around").await;
    app.wait_for_text("[data-testid=permission]", "scripted-demo.md")
        .await;
    app.look("conversation").await;
    app.answer("allow-once").await;
    app.wait_for("[data-testid=permission][data-ready=true]").await;
    app.look("diff").await;
    app.answer("allow-once").await;
    app.wait_for("[data-testid=question]").await;
    app.settle().await;
    app.look("question").await;
    app.close().await;
}
