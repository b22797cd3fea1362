//! A thread of which the window holds less than half: what a person copies, finds and goes through in it.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{App, Home};

/// The benches make the same conversations.
#[path = "../../benches/window/seed.rs"]
mod seed;

const CONTROL: &str = "\u{e009}";
const ALT: &str = "\u{e00a}";
const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";
const END: &str = "\u{e010}";
const HOME: &str = "\u{e011}";

/// More than twice what the window holds.
const MESSAGES: usize = 640;
/// Each prompt has seven answers.
const PER_PROMPT: usize = 8;

const LONG: &str = "ses_e00000000001ffeSeeded00000000";
const SHORT: &str = "ses_e00000000002ffeSeeded00000000";

/// A long thread and a short one that is newer, the long one open.
async fn open_long(name: &str, home: &Home, folder: &Path) -> App {
    for (number, title, messages) in [(1, "The long thread", MESSAGES), (2, "The short thread", 17)] {
        let wanted = seed::Wanted {
            number,
            title,
            folder,
            messages,
            outputs: Vec::new(),
        };
        seed::import(home, &wanted).expect("the engine takes the conversation");
    }
    let app = App::start(name, home, &[folder]).await;
    app.engine_ready().await;
    app.click(&row(LONG)).await;
    app.wait_for_text("[data-testid=conversation]", seed::LAST_WORDS)
        .await;
    app
}

fn row(session: &str) -> String {
    format!("[data-testid=session-row][data-session='{session}']")
}

/// What is pasted into the composer.
async fn pasted(app: &App) -> String {
    app.click("[data-testid=composer-input]").await;
    app.press(&[CONTROL, "v"]).await;
    app.wait(
        "it to be pasted",
        "return document.querySelector('[data-testid=composer-input]').value !== ''",
        json!([]),
    )
    .await;
    app.composed().await
}

/// Every message from one on stands in a text once, and each behind the one before.
fn assert_all_from(first: usize, text: &str) {
    let mut before = None;
    for number in first..MESSAGES {
        let begins = format!("Message {number}. ");
        assert_eq!(text.matches(&begins).count(), 1, "{begins}");
        let place = text.find(&begins);
        assert!(place > before || number == first, "{begins} is in its place");
        before = place;
    }
}

#[tokio::test]
async fn all_of_a_thread_is_copied_of_which_the_window_holds_a_part() {
    let home = Home::new();
    let folder = home.folder("copy-all");
    let mut app = open_long("copy-all", &home, &folder).await;
    app.click("[data-testid=prose]").await;
    app.press(&[CONTROL, "a"]).await;
    app.wait_for_text("[data-testid=copy-note]", "The whole thread is selected")
        .await;
    app.picture().await;
    app.press(&[CONTROL, "c"]).await;
    app.wait_for_text("[data-testid=copy-note]", "The whole thread was copied")
        .await;
    app.picture_of("copied").await;
    let copied = pasted(&app).await;
    assert!(copied.starts_with("Message 0. "), "{copied:.80}");
    assert!(
        copied.trim_end().ends_with("of The long thread."),
        "it goes to its end"
    );
    assert_all_from(0, &copied);
    app.close().await;
}

/// Waits until the prompt of this number is what stands first on the screen.
async fn prompt_on_top(app: &App, number: usize) {
    app.wait(
        &format!("prompt {number} to stand on top"),
        "const around = document.querySelector('.transcript-place .scroll').getBoundingClientRect(); \
         return [...document.querySelectorAll('[data-testid=message-person]')].some((e) => \
           e.textContent.includes(`Message ${arguments[0]}. `) && Math.abs(e.getBoundingClientRect().top - around.top) < 120)",
        json!([number]),
    )
    .await;
}

async fn focused(app: &App, session: &str) {
    app.wait(
        &format!("the focus to be on {session}"),
        "return document.activeElement.dataset.session === arguments[0]",
        json!([session]),
    )
    .await;
}

/// Prompt by prompt, beyond what the window holds.
async fn go_back_and_forth(app: &mut App) {
    let last = (MESSAGES - 1) / PER_PROMPT * PER_PROMPT;
    app.press(&[ALT, UP]).await;
    app.wait(
        "the last prompt to be on the screen",
        "return [...document.querySelectorAll('[data-testid=message-person]')].some((e) => e.textContent.includes(`Message ${arguments[0]}. `))",
        json!([last]),
    )
    .await;
    let mut at = last;
    for _ in 0..42 {
        at -= PER_PROMPT;
        app.press(&[ALT, UP]).await;
        prompt_on_top(app, at).await;
    }
    assert!(last - at > 300, "further back than the window holds");
    app.wait(
        "the end to be let go",
        "return !document.querySelector('.transcript-place .scroll').textContent.includes(arguments[0])",
        json!([seed::LAST_WORDS]),
    )
    .await;
    app.picture().await;
    for _ in 0..3 {
        at += PER_PROMPT;
        app.press(&[ALT, DOWN]).await;
        prompt_on_top(app, at).await;
    }
}

/// A hit in what is not held, in the thread that is open.
async fn open_hit(app: &App) {
    let until = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    let unread = || async {
        let progress = app.invoke("index_progress", Value::Null).await;
        progress.expect("the core says how far it is")["unread"] != json!(0)
    };
    while unread().await {
        assert!(
            tokio::time::Instant::now() < until,
            "the threads are never indexed"
        );
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    app.type_into("[data-testid=thread-search]", "\"message 41\"")
        .await;
    let hit = format!("[data-testid=search-hit][data-session='{LONG}']");
    app.wait_for_text(&hit, "Message 41").await;
    app.picture_of("hit").await;
    app.click(&hit).await;
    app.wait(
        "the message to be on the screen",
        "const around = document.querySelector('.transcript-place .scroll').getBoundingClientRect(); \
         return [...document.querySelectorAll('.transcript-place .turn-row')].some((e) => { \
           const at = e.getBoundingClientRect(); \
           return e.textContent.includes('Message 41. ') && at.bottom > around.top && at.top < around.bottom; })",
        json!([]),
    )
    .await;
    app.picture_of("opened").await;
    app.click("[data-testid=thread-search]").await;
    app.press(&[ESCAPE]).await;
    app.wait_gone(&hit).await;
}

/// The list's keys move in the list and leave the open thread where it is, until one opens another.
async fn use_keys_of_list(app: &App) {
    let place = "return document.querySelector('.transcript-place .scroll').scrollTop";
    let before = app
        .driver()
        .execute(place, json!([]))
        .await
        .expect("the page runs it");
    let focus = "const row = document.querySelector(arguments[0]); row?.focus(); return document.activeElement === row";
    app.wait(
        "the open thread's row to have the focus",
        focus,
        json!([row(LONG)]),
    )
    .await;
    app.press(&[UP]).await;
    focused(app, SHORT).await;
    app.press(&["j"]).await;
    focused(app, LONG).await;
    app.press(&[HOME]).await;
    app.press(&[END]).await;
    focused(app, LONG).await;
    app.press(&["k"]).await;
    focused(app, SHORT).await;
    let now = app
        .driver()
        .execute(place, json!([]))
        .await
        .expect("the page runs it");
    assert_eq!(before, now, "the thread was not scrolled");
    app.wait_for(&format!("{}[aria-current=page]", row(LONG))).await;
    assert_eq!(app.composed().await, "", "no letter went into the composer");
    app.press(&[ENTER]).await;
    app.wait_for(&format!("{}[aria-current=page]", row(SHORT))).await;
    app.wait_for_text("[data-testid=conversation]", "of The short thread.")
        .await;
    app.wait("its row to have the focus", focus, json!([row(SHORT)]))
        .await;
    app.press(&[DOWN]).await;
    focused(app, LONG).await;
    app.press(&[ENTER]).await;
    // Opened anew it is at its end, not where it was searched.
    app.wait_for_text("[data-testid=conversation]", "of The long thread.")
        .await;
}

#[tokio::test]
async fn prompts_are_gone_through_a_hit_is_opened_and_the_list_has_its_keys_far_back_in_a_thread() {
    let home = Home::new();
    let folder = home.folder("far-back");
    let mut app = open_long("far-back", &home, &folder).await;
    go_back_and_forth(&mut app).await;
    open_hit(&app).await;
    use_keys_of_list(&app).await;
    app.picture_of("back").await;
    app.close().await;
}
