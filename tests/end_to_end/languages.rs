//! The languages of the window: chosen at once, kept, and no label too long for its place.

use serde_json::{Value, json};

use crate::harness::{App, Home};
use crate::pages::{Page, every_page};

const CONTROL: &str = "\u{e009}";
const ESCAPE: &str = "\u{e00c}";

/// English with accents, brackets and 40 % more length, in no list; short German labels are about that much longer.
const MADE_UP: &str = "en-XA";
/// Half of a wide screen, and a small one.
const WIDTHS: [u32; 2] = [820, 1024];

/// Each text of the catalog that is cut off, by the element it stands in. Texts of the made-up language stand between brackets,
/// so that a path or a title, which may be long and is cut on purpose, is told from them.
const CLIPPED: &str = r"
    const found = new Set();
    const shown = (element) => element.checkVisibility() && !element.closest('.sr-only, [aria-hidden=true]');
    const label = (element) => `${element.tagName.toLowerCase()}.${String(element.getAttribute('class') ?? '')}: ${element.textContent.slice(0, 60)}`;
    const named = 'button, label, legend, h1, h2, h3, h4, th, dt, summary, [role=tab], [role=radio], [role=menuitem], [role=option], .label, .badge';
    const range = document.createRange();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const parent = text.parentElement;
      if (!/^\s*⟦[^⟦]*⟧\s*$/.test(text.data) || !shown(parent)) continue;
      // What can be read whole by pointing at it is cut on purpose.
      if (parent.title === text.data) continue;
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) {
        if (box.width === 0) continue;
        for (let around = parent; around && around !== document.body; around = around.parentElement) {
          const style = getComputedStyle(around);
          if (style.display === 'inline') continue;
          // What cuts nothing may still have words that reach beyond it, into what stands beside it.
          if (style.overflowX === 'visible' && !around.matches(named)) continue;
          const place = around.getBoundingClientRect();
          const scrolls = style.overflowX === 'auto' || style.overflowX === 'scroll';
          if (!scrolls && (box.right > place.right + 1 || box.left < place.left - 1)) found.add(`cut in ${label(around).slice(0, 40)}: ${text.data.slice(0, 60)}`);
          if (scrolls) break;
        }
      }
    }
    return [...found];
";

impl App {
    async fn speaks(&self, tag: &str) {
        self.wait(
            &format!("the page to be in {tag}"),
            "return document.documentElement.lang === arguments[0]",
            json!([tag]),
        )
        .await;
    }

    /// Has the window begin anew in a language that no list offers.
    async fn speak(&self, tag: &str) {
        let start = self.invoke("start", Value::Null).await.expect("the app answers");
        let mut settings = start["settings"].clone();
        settings["language"] = json!(tag);
        self.invoke("settings_save", settings)
            .await
            .expect("the settings are saved");
        self.driver()
            .execute("location.reload(); return true", json!([]))
            .await
            .expect("the page loads again");
        self.speaks(tag).await;
    }

    /// What is cut off at both widths, page by page.
    async fn clipped(&self, page: Page<'_>, found: &mut Vec<String>) {
        let name = page.name;
        for width in WIDTHS {
            self.sized(width, 900).await;
            self.open_again(page).await;
            let cut = self
                .driver()
                .execute(CLIPPED, json!([]))
                .await
                .expect("the page can be read");
            let cut = cut.as_array().cloned().unwrap_or_default();
            found.extend(cut.iter().map(|each| format!("{name}, {width}: {each}")));
            self.picture_of(&format!("{name}-{width}")).await;
        }
    }
}

#[tokio::test]
async fn a_language_is_spoken_as_soon_as_it_is_chosen_and_after_a_restart() {
    let home = Home::new();
    let app = App::start("language", &home, &[]).await;
    app.engine_ready().await;
    app.press(&[CONTROL, ","]).await;
    app.choose("language", "de").await;
    app.speaks("de").await;
    app.wait_for_text("h1", "Darstellung").await;
    app.picture_of("settings-german").await;
    app.press(&[ESCAPE]).await;
    app.wait_for_text("[data-testid=try-demo]", "Demo ansehen").await;
    app.picture_of("home-german").await;
    app.close().await;

    let app = App::start("language", &home, &[]).await;
    app.speaks("de").await;
    app.click("[data-testid=try-demo]").await;
    app.wait_for("[data-testid=permission][data-ready=true]").await;
    app.picture_of("permission-german").await;
    app.press(&[CONTROL, ","]).await;
    app.choose("language", "en").await;
    app.speaks("en").await;
    app.wait_for_text("h1", "Appearance").await;
    app.close().await;
}

#[tokio::test]
async fn nothing_is_cut_off_where_words_are_longer() {
    let home = Home::new();
    let app = App::start("longer", &home, &[]).await;
    app.engine_ready().await;
    app.speak(MADE_UP).await;
    let mut found = Vec::new();
    every_page(&app, async |page: Page<'_>| {
        app.clipped(page, &mut found).await;
    })
    .await;
    assert_eq!(found, Vec::<String>::new());
    app.close().await;
}
