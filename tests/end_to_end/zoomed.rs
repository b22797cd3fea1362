//! Everything twice as large: nothing is cut off, nothing has to be scrolled sideways, and no rule of access is broken.

use serde_json::{Value, json};

use crate::harness::{App, Home};
use crate::pages::{Page, every_page};

/// What is cut off or reaches beyond the window, by the element it stands in. What ends in an ellipsis is cut on purpose,
/// and what scrolls by itself, such as code, can be read to its end.
const CUT: &str = r"
    const found = new Set();
    const shown = (element) => element.checkVisibility() && !element.closest('.sr-only, [aria-hidden=true]');
    const scrolls = (element) => { for (let around = element; around && around !== document.body; around = around.parentElement) if (['auto', 'scroll'].includes(getComputedStyle(around).overflowX) && around.scrollWidth > around.clientWidth) return true; return false; };
    const named = (element) => `${element.tagName.toLowerCase()}.${String(element.getAttribute('class') ?? '')}: ${element.textContent.trim().slice(0, 50)}`;
    for (const element of document.querySelectorAll('button, input, label, h1, h2, h3, p, dt, dd, [role=tab], [role=radio], [role=switch], .label, .notice, .toast')) {
      if (!shown(element) || scrolls(element)) continue;
      const place = element.getBoundingClientRect();
      if (place.width > 0 && (place.right > innerWidth + 1 || place.left < -1)) found.add(`beyond the window: ${named(element)}`);
      const style = getComputedStyle(element);
      const onPurpose = style.textOverflow === 'ellipsis' || element.querySelector('.truncate') !== null || style.display === 'inline' || element.matches('input');
      // What cuts nothing shows all of it, and reaches beyond only with the place where it can be pressed.
      if (!onPurpose && style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1) found.add(`cut: ${named(element)}`);
    }
    if (document.documentElement.scrollWidth > innerWidth) found.add('the page scrolls sideways');
    return [...found];
";

impl App {
    async fn zoomed(&self, percent: u32, width: f64) {
        let start = self.invoke("start", Value::Null).await.expect("the app answers");
        let mut settings = start["settings"].clone();
        settings["zoom"] = json!(percent);
        self.invoke("settings_save", settings)
            .await
            .expect("the settings are saved");
        self.wait(
            &format!("the window to be zoomed to {percent} %"),
            "return Math.abs(innerWidth - arguments[0]) < 3",
            json!([width]),
        )
        .await;
    }
}

#[tokio::test]
async fn every_page_can_be_read_and_used_at_twice_its_size() {
    let home = Home::new();
    let app = App::start("zoomed", &home, &[]).await;
    app.engine_ready().await;
    app.sized(1440, 900).await;
    let mut found = Vec::new();
    every_page(&app, async |page: Page<'_>| {
        app.zoomed(200, 720.0).await;
        app.open_again(page).await;
        let cut = app
            .driver()
            .execute(CUT, json!([]))
            .await
            .expect("the page can be read");
        let cut = cut.as_array().cloned().unwrap_or_default();
        found.extend(cut.iter().map(|each| format!("{}: {each}", page.name)));
        let broken = app.broken_rules(page.popup).await;
        found.extend(broken.iter().map(|each| format!("{}: {each}", page.name)));
        app.picture_of(page.name).await;
        app.zoomed(100, 1440.0).await;
    })
    .await;
    assert_eq!(found, Vec::<String>::new());
    app.close().await;
}
