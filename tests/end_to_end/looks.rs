//! Both themes and three widths: nothing is cut off, no rule of accessibility is broken, and pictures for a person to look
//! at.

use serde_json::{Value, json};

use crate::harness::{App, Home};
use crate::pages::{Page, every_page};

/// A wide window, one on a small screen, and half of a wide screen.
const SIZES: [(u32, u32); 3] = [(1440, 900), (1024, 768), (820, 900)];

impl App {
    /// Takes pictures of the page at all sizes. What is wrong with it goes into `found`.
    async fn look(&self, page: Page<'_>, theme: &str, found: &mut Vec<String>) {
        let Page { name, popup } = page;
        for (width, height) in SIZES {
            self.sized(width, height).await;
            self.open_again(page).await;
            let facts = self
                .driver()
                .execute(
                    "const root = document.documentElement; return [root.dataset.theme, root.scrollWidth > innerWidth]",
                    json!([]),
                )
                .await
                .expect("the page can be read");
            if facts != json!([theme, false]) {
                found.push(format!(
                    "{name} at {width}: theme and whether it is too wide: {facts}"
                ));
            }
            self.picture_of(&format!("{name}-{theme}-{width}")).await;
            // A small screen has the parts of a wide one.
            if width != 1024 {
                let broken = self.broken_rules(popup).await;
                found.extend(broken.iter().map(|each| format!("{name} at {width}: {each}")));
            }
        }
        let (width, height) = SIZES[0];
        self.sized(width, height).await;
    }

    async fn themed_by_settings(&self, theme: &str) {
        let start = self.invoke("start", Value::Null).await.expect("the app answers");
        let mut settings = start["settings"].clone();
        settings["theme"] = json!(theme);
        self.invoke("settings_save", settings)
            .await
            .expect("the settings are saved");
        self.driver()
            .execute("location.reload(); return true", json!([]))
            .await
            .expect("the page loads again");
        self.wait(
            &format!("the {theme} theme"),
            "return document.documentElement.dataset.theme === arguments[0]",
            json!([theme]),
        )
        .await;
    }

    async fn looks(&self, theme: &str) {
        self.engine_ready().await;
        self.themed_by_settings(theme).await;
        self.driver()
            .execute(
                "document.body.append(document.createElement('button'))",
                json!([]),
            )
            .await
            .expect("the page runs it");
        let broken = self.broken_rules(false).await;
        assert!(
            broken.iter().any(|each| each.starts_with("button-name:")),
            "the rules are applied: {broken:?}"
        );
        self.driver()
            .execute("document.body.lastElementChild.remove()", json!([]))
            .await
            .expect("the page runs it");
        let mut found = Vec::new();
        every_page(self, async |page: Page<'_>| {
            self.look(page, theme, &mut found).await;
        })
        .await;
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

#[tokio::test]
async fn every_page_fits_its_window_and_keeps_the_rules_of_access_in_the_dark_theme() {
    let home = Home::new();
    let app = App::start("look", &home, &[]).await;
    app.looks("dark").await;
    app.close().await;
}

#[tokio::test]
async fn every_page_fits_its_window_and_keeps_the_rules_of_access_in_the_light_theme() {
    let home = Home::new();
    let app = App::start("look", &home, &[]).await;
    app.looks("light").await;
    app.close().await;
}
