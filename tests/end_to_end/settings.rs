//! The settings by the keyboard: found, changed, marked, put back and kept; the zoom; what the desktop is told.

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Desktop, Home, KeyRing, scripted};

const CONTROL: &str = "\u{e009}";
const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";
const RIGHT: &str = "\u{e014}";

const SEARCH: &str = "[data-testid=settings-search]";

impl App {
    async fn read(&self, script: &str) -> Value {
        self.driver()
            .execute(script, json!([]))
            .await
            .expect("the page can be read")
    }

    /// Opens the settings by their key, looks for a setting and goes to what is found first.
    async fn go_to_setting(&self, typed: &str, named: &str) {
        self.press(&[CONTROL, ","]).await;
        self.wait_for(SEARCH).await;
        self.type_into(SEARCH, typed).await;
        self.wait_for_text("[data-testid=settings-hit][aria-selected=true]", named)
            .await;
        self.picture_of(&format!("search-{}", typed.replace(' ', "-")))
            .await;
        self.press(&[ENTER]).await;
    }

    async fn document_has(&self, name: &str, value: &str) {
        self.wait(
            &format!("{name} to be {value}"),
            "return document.documentElement.dataset[arguments[0]] === arguments[1]",
            json!([name, value]),
        )
        .await;
    }

    async fn width(&self) -> f64 {
        self.read("return innerWidth").await.as_f64().unwrap_or_default()
    }

    async fn width_of(&self, percent: f64, whole: f64) {
        self.wait(
            &format!("the window to be zoomed to {percent} %"),
            "return Math.abs(innerWidth - arguments[0]) < 3",
            json!([whole * 100.0 / percent]),
        )
        .await;
    }
}

#[tokio::test]
async fn a_setting_is_found_changed_marked_put_back_and_kept() {
    let home = Home::new();
    let app = App::start("settings", &home, &[]).await;
    app.engine_ready().await;
    app.go_to_setting("dense", "Density").await;
    app.wait(
        "the density to have the focus",
        "return document.activeElement?.textContent === 'Cozy'",
        json!([]),
    )
    .await;
    assert_eq!(app.count("[data-testid=setting-changed]").await, 0);
    app.press(&[RIGHT]).await;
    app.document_has("density", "roomy").await;
    app.wait_for("[data-setting=density] [data-testid=setting-changed]")
        .await;
    app.picture_of("changed").await;
    // Only the difference is stored, and holds at the next start.
    app.close().await;
    let database = cowork_brand::Places::under(&home.data())
        .expect("it is absolute")
        .database;
    let stored = || {
        let (store, _) = cowork_store::Store::open(&database, 0).expect("the index can be opened");
        store.setting::<Value>("settings").expect("the index can be read")
    };
    assert_eq!(stored(), Some(json!({ "density": "roomy" })));
    let app = App::start("settings", &home, &[]).await;
    app.document_has("density", "roomy").await;
    app.go_to_setting("spacing", "Density").await;
    app.click("[data-setting=density] [data-testid=setting-reset]")
        .await;
    app.document_has("density", "cozy").await;
    app.click("[data-testid=toast-action]").await;
    app.document_has("density", "roomy").await;
    app.click("[data-testid=reset-page]").await;
    app.document_has("density", "cozy").await;
    app.wait_gone("[data-testid=setting-changed]").await;
    app.close().await;
    assert_eq!(stored(), None);
}

#[tokio::test]
async fn what_no_longer_fits_is_told_and_the_app_starts() {
    let home = Home::new();
    let database = cowork_brand::Places::under(&home.data())
        .expect("it is absolute")
        .database;
    std::fs::create_dir_all(database.parent().expect("it is in a folder")).expect("a folder can be made");
    let (store, _) = cowork_store::Store::open(&database, 0).expect("the index can be made");
    store
        .set_setting("settings", &json!({ "theme": "sepia", "density": "compact" }))
        .expect("the index can be written");
    drop(store);
    let app = App::start("settings-misfit", &home, &[]).await;
    app.document_has("density", "compact").await;
    app.click("[data-testid=engine-status]").await;
    app.wait_for_text("main", "A setting that no longer fits was left out")
        .await;
    app.picture_of("told").await;
    app.close().await;
}

#[tokio::test]
async fn how_long_things_are_kept_is_set_and_all_settings_are_put_back_and_brought_back() {
    let home = Home::new();
    let app = App::start("kept-for", &home, &[]).await;
    app.engine_ready().await;
    app.go_to_setting("answered requests", "Answered requests").await;
    app.wait_for("[data-testid=retention]").await;
    let field = "[data-testid=kept-answeredDays]";
    for (typed, kept) in [("999", 90), ("14", 14)] {
        app.click(field).await;
        app.press(&[CONTROL, "a"]).await;
        app.type_into(field, typed).await;
        app.type_into(field, ENTER).await;
        if typed == "999" {
            app.wait_for("[data-testid=retention] [role=alert]").await;
        } else {
            app.wait_for("[data-setting=answeredDays] [data-testid=setting-changed]")
                .await;
        }
        let start = app.invoke("start", Value::Null).await.expect("the app answers");
        assert_eq!(start["settings"]["answeredDays"], json!(kept));
    }
    let days = async |days: &str| {
        app.wait(
            &format!("answers to be kept for {days} days"),
            "return document.querySelector(arguments[0])?.value === arguments[1]",
            json!([field, days]),
        )
        .await;
    };
    app.picture_of("retention").await;
    app.click("[data-testid=settings-reset]").await;
    days("90").await;
    app.click("[data-testid=toast-action]").await;
    days("14").await;
    assert!(
        app.text("[data-testid=begin-anew]")
            .await
            .contains("What stays: your folders")
    );
    app.read("document.querySelector('[data-testid=begin-anew]').scrollIntoView(); return true")
        .await;
    app.picture_of("begin-anew").await;
    app.close().await;
    let app = App::start("kept-for", &home, &[]).await;
    let start = app.invoke("start", Value::Null).await.expect("the app answers");
    assert_eq!(start["settings"]["answeredDays"], json!(14));
    app.close().await;
}

#[tokio::test]
async fn the_window_is_zoomed_by_keys_and_stays_so() {
    let home = Home::new();
    let app = App::start("zoom", &home, &[]).await;
    app.wait_for("[data-testid=composer-input]").await;
    let whole = app.width().await;
    app.press(&[CONTROL, "+"]).await;
    app.width_of(110.0, whole).await;
    app.press(&[CONTROL, "-"]).await;
    app.width_of(100.0, whole).await;
    for _ in 0..6 {
        app.press(&[CONTROL, "+"]).await;
    }
    app.width_of(200.0, whole).await;
    app.picture_of("200-home").await;
    assert_eq!(
        app.read("return document.documentElement.scrollWidth > innerWidth")
            .await,
        json!(false)
    );
    app.press(&[CONTROL, ","]).await;
    app.wait_for("main .setting").await;
    app.picture_of("200-settings").await;
    assert_eq!(
        app.read("return document.documentElement.scrollWidth > innerWidth")
            .await,
        json!(false)
    );
    app.press(&[ESCAPE]).await;
    app.close().await;
    let app = App::start("zoom", &home, &[]).await;
    app.wait_for("[data-testid=composer-input]").await;
    app.width_of(200.0, whole).await;
    app.press(&[CONTROL, "0"]).await;
    app.width_of(100.0, whole).await;
    app.close().await;
}

#[tokio::test]
async fn the_desktop_shows_what_is_tried_and_nothing_while_the_window_has_the_focus() {
    let home = Home::new();
    let folder = home.folder("told");
    let bus = KeyRing::absent();
    let desktop = Desktop::on(bus.address()).await;
    let app = App::start_with_keys("notifications", &home, &[&folder], &bus).await;
    app.engine_ready().await;
    app.press(&[CONTROL, ","]).await;
    app.click(".sidebar .scroll .row:nth-of-type(2)").await;
    app.click("[data-testid=notify-try]").await;
    let tried = desktop
        .wait_for(|shown| shown.body.contains("how a notification looks"))
        .await;
    assert!(tried.actions.is_empty(), "there is no thread behind it");
    assert!(!tried.title.is_empty());
    app.wait_for_text("[data-testid=notify-said]", "The desktop took it.")
        .await;
    app.picture_of("tried").await;
    app.press(&[ESCAPE]).await;
    app.send(&scripted(
        "Count the files",
        [vec![Action::text("There are none.")]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "There are none.").await;
    app.idle().await;
    let told = desktop.shown();
    assert!(told.iter().all(|shown| shown.actions.is_empty()), "{told:?}");
    app.close().await;
}

#[tokio::test]
async fn each_page_of_the_settings_is_drawn_in_both_themes() {
    let home = Home::new();
    let app = App::start("settings-pages", &home, &[]).await;
    app.engine_ready().await;
    for theme in ["light", "dark"] {
        app.press(&[CONTROL, ","]).await;
        let place = if theme == "dark" { 3 } else { 2 };
        app.click(&format!("[data-setting=theme] [role=radio]:nth-child({place})"))
            .await;
        app.document_has("theme", theme).await;
        for (width, height) in [(1440, 900), (820, 900)] {
            app.sized(width, height).await;
            app.picture_of(&format!("appearance-{theme}-{width}")).await;
        }
        app.sized(1440, 900).await;
        for page in 2..=10 {
            app.click(&format!(".sidebar .scroll .row:nth-of-type({page})"))
                .await;
            app.wait_for("main h1").await;
            app.picture_of(&format!("{page}-{theme}")).await;
        }
        for (place, name) in [(1, "changed"), (2, "about")] {
            app.click(&format!(".sidebar-foot .row:nth-of-type({place})"))
                .await;
            app.wait_for("main h1").await;
            if name == "about" {
                app.click("[data-testid=licences-show]").await;
                app.wait_for("[data-testid=licence]").await;
            }
            app.picture_of(&format!("{name}-{theme}")).await;
        }
        app.press(&[ESCAPE]).await;
        app.click("[data-testid=engine-status]").await;
        app.wait_for("[data-testid=health-part]").await;
        app.picture_of(&format!("health-{theme}")).await;
    }
    app.close().await;
}
