//! Both themes and two widths: nothing is cut off, and pictures for a person to look at.

use serde_json::json;

use crate::harness::{App, Home};

const CONTROL: &str = "\u{e009}";
const ESCAPE: &str = "\u{e00c}";

/// A window on a wide screen, and half of one.
const SIZES: [(u32, u32); 2] = [(1440, 900), (820, 900)];

impl App {
    /// Takes a picture at both sizes, and checks that the page fits.
    async fn look(&self, page: &str, theme: &str) {
        for (width, height) in SIZES {
            self.sized(width, height).await;
            let facts = self
                .driver()
                .execute(
                    "const root = document.documentElement; return [root.dataset.theme, root.scrollWidth > innerWidth]",
                    json!([]),
                )
                .await
                .expect("the page can be read");
            assert_eq!(
                facts,
                json!([theme, false]),
                "the theme of {page}, and whether it is wider than {width} pixels"
            );
            self.picture_of(&format!("{page}-{theme}-{width}")).await;
        }
    }

    async fn looks(&self, theme: &str) {
        self.engine_ready().await;
        self.press(&[CONTROL, ","]).await;
        // The computer's, light, dark.
        let place = if theme == "dark" { 3 } else { 2 };
        self.click(&format!("[role=radiogroup] [role=radio]:nth-child({place})"))
            .await;
        self.wait(
            &format!("the {theme} theme"),
            "return document.documentElement.dataset.theme === arguments[0]",
            json!([theme]),
        )
        .await;
        self.look("settings", theme).await;
        self.press(&[ESCAPE]).await;
        self.wait_for("[data-testid=try-demo]").await;
        self.look("home", theme).await;
        self.click("[data-testid=engine-status]").await;
        self.wait_for("[data-testid=engine-health]").await;
        self.look("health", theme).await;
        self.press(&[CONTROL, "n"]).await;
        self.send("Show me around").await;
        self.wait_for("[data-testid=permission][data-ready=true]").await;
        self.look("permission", theme).await;
        self.answer("allow-once").await;
        self.wait_for("[data-testid=permission][data-ready=true]").await;
        self.look("conversation", theme).await;
        self.answer("allow-once").await;
        self.wait_for("[data-testid=question]").await;
        self.settle().await;
        self.look("question", theme).await;
    }
}

#[tokio::test]
async fn every_page_fits_its_window_in_the_dark_theme() {
    let home = Home::new();
    let app = App::start("look", &home, &[]).await;
    app.looks("dark").await;
    app.close().await;
}

#[tokio::test]
async fn every_page_fits_its_window_in_the_light_theme() {
    let home = Home::new();
    let app = App::start("look", &home, &[]).await;
    app.looks("light").await;
    app.close().await;
}
