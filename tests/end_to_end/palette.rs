//! The palette, the way to the search and the list of keys, by the keyboard alone.

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Home, scripted};

const CONTROL: &str = "\u{e009}";
const SHIFT: &str = "\u{e008}";
const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";
const F1: &str = "\u{e031}";

const INPUT: &str = "[data-testid=palette-input]";
const MARKED: &str = "[data-testid=palette] [role=option][aria-selected=true]";

impl App {
    /// Opens the palette by its key and types into whatever has the focus, as a person does.
    async fn palette(&self, typed: &str) {
        self.press(&[CONTROL, SHIFT, "p"]).await;
        self.focused(INPUT).await;
        for letter in typed.chars() {
            self.press(&[&letter.to_string()]).await;
        }
    }

    /// Does what stands first for what is typed, which begins with `label`.
    async fn run_named(&self, typed: &str, label: &str) {
        self.palette(typed).await;
        self.wait_for_text(MARKED, label).await;
        self.press(&[ENTER]).await;
        self.wait_gone("[data-testid=palette]").await;
    }

    async fn focused(&self, selector: &str) {
        self.wait(
            &format!("{selector} to have the focus"),
            "return document.activeElement?.matches(arguments[0]) ?? false",
            json!([selector]),
        )
        .await;
    }

    pub(crate) async fn themed(&self, theme: &str) {
        self.run_named(&format!("theme {theme}"), &format!("Theme: {theme}"))
            .await;
        self.wait(
            &format!("the {theme} theme"),
            "return document.documentElement.dataset.theme === arguments[0]",
            json!([theme]),
        )
        .await;
    }

    /// Each state of the palette in a theme.
    async fn palette_looks(&self, theme: &str) {
        self.palette("").await;
        self.wait_for_text("[data-testid=palette]", "In this thread")
            .await;
        self.picture_of(&format!("{theme}-open")).await;
        self.press(&[ESCAPE]).await;
        self.palette("rev").await;
        self.wait_for_text(MARKED, "Show or hide review").await;
        self.press(&[DOWN]).await;
        self.picture_of(&format!("{theme}-found")).await;
        self.press(&[ESCAPE]).await;
        self.palette("xyzzy").await;
        self.wait_for("[data-testid=palette-none]").await;
        self.picture_of(&format!("{theme}-none")).await;
        self.press(&[ESCAPE]).await;
        self.press(&[F1]).await;
        self.wait_for("[data-testid=keys]").await;
        self.picture_of(&format!("{theme}-keys")).await;
        self.press(&[ESCAPE]).await;
        self.wait_gone("[data-testid=keys]").await;
    }
}

#[tokio::test]
async fn the_palette_finds_and_does_everything_by_its_name() {
    let home = Home::new();
    let folder = home.folder("atlas");
    std::fs::write(folder.join("pricing.md"), "Ten a month.").expect("a file can be written");
    let app = App::start("palette", &home, &[&folder]).await;
    app.engine_ready().await;
    // On some computers the theme is one of the two already, which is then not offered.
    app.run_named("density roomy", "Density: roomy").await;
    app.run_named("density compact", "Density: compact").await;
    app.run_named("density cozy", "Density: cozy").await;

    // Agent and model for the next prompt; the focus is where it is written.
    app.run_named("agent plan", "Switch to agent plan").await;
    app.focused("[data-testid=composer-input]").await;
    app.wait_for_text("[data-testid=agent-picker]", "plan").await;
    app.run_named("agent build", "Switch to agent build").await;
    app.wait_for_text("[data-testid=agent-picker]", "build").await;

    app.send(&scripted(
        "Review the pricing page",
        [vec![Action::text("Zanzibar is where it was said.")]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "Zanzibar is where it was said.")
        .await;
    app.idle().await;

    for theme in ["light", "dark"] {
        // The one of the two that is set is not offered.
        let set = "return document.documentElement.dataset.theme === arguments[0]";
        let set = app
            .driver()
            .execute(set, json!([theme]))
            .await
            .expect("it can be read");
        if set == json!(false) {
            app.themed(theme).await;
        }
        app.palette_looks(theme).await;
        app.sized(820, 700).await;
        app.palette("theme").await;
        app.picture_of(&format!("{theme}-narrow")).await;
        app.press(&[ESCAPE]).await;
        app.sized(1440, 900).await;
    }

    // What belongs to the open thread.
    app.run_named("find in", "Find in this thread").await;
    app.focused("[data-testid=find-input]").await;
    app.press(&[ESCAPE]).await;
    app.run_named("rename", "Rename this thread").await;
    app.focused("[data-testid=title-input]").await;
    app.press(&[ESCAPE]).await;

    // A setting by its name, from the thread; and back to it by what was said there, not by its title.
    app.run_named("memory limit", "Memory limit").await;
    app.focused("[data-testid=memory-limit]").await;
    app.picture_of("setting").await;
    app.palette("zanzibar").await;
    app.wait_for_text(MARKED, "Zanzibar is where it was said.").await;
    app.press(&[ENTER]).await;
    app.wait_for_text("[data-testid=prose]", "Zanzibar is where it was said.")
        .await;

    // A file of the thread's folder, by its name.
    app.palette("@pri").await;
    app.wait_for_text(MARKED, "pricing.md").await;
    app.picture_of("files").await;
    app.press(&[ESCAPE]).await;

    // The search, and back to where one was.
    app.click("[data-testid=composer-input]").await;
    app.press(&[CONTROL, "k"]).await;
    app.focused("[data-testid=thread-search]").await;
    app.press(&[ESCAPE]).await;
    app.focused("[data-testid=composer-input]").await;
    app.run_named("show or hide sidebar", "Show or hide sidebar")
        .await;
    app.wait_gone("[data-testid=thread-search]").await;
    app.press(&[CONTROL, "k"]).await;
    app.focused("[data-testid=thread-search]").await;
    app.close().await;
}
