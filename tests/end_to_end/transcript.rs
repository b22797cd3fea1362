//! What a person does with a conversation that is longer than the screen, and longer than what the window holds of it.

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Home, scripted};

const CONTROL: &str = "\u{e009}";
const SHIFT: &str = "\u{e008}";
const ALT: &str = "\u{e00a}";
const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";

/// A function of the page that gives the element in the middle of the screen, and where it stands.
const ANCHOR: &str = "window.place = document.querySelector('.transcript-place .scroll'); \
    const around = place.getBoundingClientRect(); \
    window.anchor ??= [...place.querySelectorAll('.prose p')].find((p) => p.getBoundingClientRect().top > around.top + around.height / 2); \
    return Math.round(window.anchor.getBoundingClientRect().top * 10)";

/// Gives the page so many frames.
const FRAMES: &str = "const done = arguments[arguments.length - 1]; let left = 6; \
    const step = () => (left-- > 0 ? requestAnimationFrame(step) : done(true)); step()";

async fn run(app: &App, script: &str) -> Value {
    let answer = app.driver().execute(script, json!([])).await;
    answer.expect("the page runs it")
}

async fn frames(app: &App) {
    app.driver()
        .execute_async(FRAMES, json!([]))
        .await
        .expect("the page draws");
}

fn paragraphs(from: usize, to: usize) -> String {
    use std::fmt::Write as _;
    (from..to).fold(String::new(), |mut text, number| {
        write!(text, "Paragraph {number} says that nothing moves while it is read, however long what is around it becomes.\n\n")
            .expect("a string takes everything");
        text
    })
}

#[tokio::test]
async fn what_is_read_stays_where_it_is_while_text_streams_below_and_something_opens_above() {
    let home = Home::new();
    let folder = home.folder("still");
    std::fs::write(folder.join("notes.txt"), "one\ntwo\n".repeat(40)).expect("the folder can be written");
    let mut app = App::start("holds-still", &home, &[&folder]).await;
    app.engine_ready().await;
    let read = json!({ "filePath": folder.join("notes.txt") });
    let mut last = vec![Action::text(paragraphs(60, 90))];
    last.push(Action::paced_text(paragraphs(90, 190), 60, 40));
    app.send(&scripted(
        "A long one",
        [
            vec![Action::text(paragraphs(0, 30)), Action::tool("read", read)],
            vec![
                Action::text(paragraphs(30, 60)),
                Action::tool("glob", json!({ "pattern": "*" })),
            ],
            last,
        ],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "Paragraph 95 ").await;
    // Between what came and the frame that shows it the end is a little further down.
    app.wait(
        "the end to be followed while it grows",
        "const p = document.querySelector('.transcript-place .scroll'); \
         return p.textContent.includes('Paragraph 105 ') && p.scrollHeight - p.scrollTop - p.clientHeight < 30",
        json!([]),
    )
    .await;
    assert!(
        !app.text("[data-testid=conversation]")
            .await
            .contains("Paragraph 5 "),
        "what is far from the screen is not drawn"
    );
    // To the middle, with both calls above and all that streams below.
    app.wait(
        "the second call to be above the screen",
        "const place = document.querySelector('.transcript-place .scroll'); \
         const call = [...document.querySelectorAll('[data-testid=tool]')].at(-1); \
         if (!call || !place.textContent.includes('Paragraph 59 ')) { place.scrollTop -= 600; return false; } \
         const below = call.getBoundingClientRect().bottom - place.getBoundingClientRect().top; \
         if (below > -40 || below < -500) { place.scrollTop += below + 200; return false; } return true",
        json!([]),
    )
    .await;
    frames(&app).await;
    let before = run(&app, ANCHOR).await;
    let height = run(&app, "return place.scrollHeight").await;
    app.wait(
        "more to be written below",
        "return place.scrollHeight > arguments[0] + 900",
        json!([height]),
    )
    .await;
    frames(&app).await;
    assert_eq!(run(&app, ANCHOR).await, before, "while it streams below");

    run(
        &app,
        "[...document.querySelectorAll('[data-testid=tool]')].at(-1).querySelector('button').click()",
    )
    .await;
    app.wait_for("[data-testid=tool] [aria-expanded=true]").await;
    frames(&app).await;
    assert_eq!(run(&app, ANCHOR).await, before, "when something above opens");
    app.picture().await;

    // Far away and back: what was opened is open, and what is read is where it was.
    run(&app, "window.left = place.scrollTop; place.scrollTop = 0").await;
    frames(&app).await;
    app.wait_gone("[data-testid=tool] [aria-expanded=true]").await;
    app.click("[data-testid=jump-to-latest]").await;
    app.wait_for_text("[data-testid=prose]", "Paragraph 189 ").await;
    app.idle().await;
    app.wait(
        "the call to be drawn again, and open",
        "if (document.querySelector('[data-testid=tool] [aria-expanded=true]')) return true; place.scrollTop -= 400; return false",
        json!([]),
    )
    .await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_thread_is_searched_and_gone_through_over_what_the_window_does_not_hold() {
    const STEPS: usize = 130;
    let home = Home::new();
    let folder = home.folder("find");
    let app = App::start("find-writes", &home, &[&folder]).await;
    app.engine_ready().await;
    let steps: [Vec<Action>; STEPS] = std::array::from_fn(|step| {
        if step == STEPS - 1 {
            return vec![Action::text("It is done.")];
        }
        let pattern = json!({ "pattern": format!("*.{step}"), "path": folder });
        let said = match step {
            7 => "Here stands a **r\u{e9}sum\u{e9}** early on.".to_owned(),
            100 => "And a resume again, a RESUME at that.".to_owned(),
            _ => format!("Step {step} of many."),
        };
        vec![Action::text(said), Action::tool("glob", pattern)]
    });
    app.send(&scripted(
        "The first prompt",
        [vec![Action::text("A first answer.")]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "A first answer.").await;
    app.idle().await;
    app.send(&scripted("The long prompt", steps)).await;
    for step in [30, 60] {
        app.wait_for_text("[data-testid=conversation]", &format!("Step {step} of many."))
            .await;
    }
    app.wait_for_text("[data-testid=conversation]", "Step 99 of many.")
        .await;
    app.wait_for_text("[data-testid=conversation]", "It is done.")
        .await;
    app.idle().await;
    app.close().await;

    // Anew, so that the beginning is not held.
    let mut app = App::start("find", &home, &[&folder]).await;
    app.engine_ready().await;
    app.click("[data-testid=session-row]").await;
    app.wait_for_text("[data-testid=conversation]", "It is done.")
        .await;
    app.press(&[CONTROL, "f"]).await;
    app.type_into("[data-testid=find-input]", "r\u{e9}sum\u{e9}")
        .await;
    app.wait_for_text("[data-testid=find-count]", " of 3").await;
    while !app.text("[data-testid=find-count]").await.starts_with("2 of") {
        app.press(&[ENTER]).await;
        frames(&app).await;
    }
    app.wait_for_text("[data-testid=conversation]", "And a resume again")
        .await;
    app.wait(
        "both places to be marked",
        "return CSS.highlights?.get('found')?.size === 2 && CSS.highlights.get('found-now')?.size === 1",
        json!([]),
    )
    .await;
    app.picture().await;
    // Around the end to the first one, which comes with a page of its own.
    while !app.text("[data-testid=find-count]").await.starts_with("1 of") {
        app.press(&[ENTER]).await;
        frames(&app).await;
    }
    app.wait_for_text("[data-testid=conversation]", "early on").await;
    app.wait(
        "the first place to be on the screen",
        "const now = [...(CSS.highlights.get('found-now') ?? [])][0]; if (!now || now.toString() !== 'r\u{e9}sum\u{e9}') return false; \
         const at = now.getBoundingClientRect(), around = document.querySelector('.transcript-place .scroll').getBoundingClientRect(); \
         return at.top > around.top && at.bottom < around.bottom",
        json!([]),
    )
    .await;
    app.picture().await;
    app.press(&[SHIFT, ENTER]).await;
    app.wait_for_text("[data-testid=find-count]", "3 of 3").await;
    app.press(&[ESCAPE]).await;
    app.wait_gone("[data-testid=find-bar]").await;
    assert_eq!(run(&app, "return CSS.highlights.size").await, json!(0));

    // From the end to the prompt before it, and to the one before that.
    app.press(&[ALT, UP]).await;
    app.wait_for_text("[data-testid=message-person]", "The long prompt")
        .await;
    app.wait("it to be read out", "return [...document.querySelectorAll('[role=status]')].some((e) => e.textContent.includes('The long prompt')) || document.querySelector('[data-testid=message-person]').getBoundingClientRect().top < 300", json!([]))
        .await;
    frames(&app).await;
    app.press(&[ALT, UP]).await;
    app.wait_for_text("[data-testid=message-person]", "The first prompt")
        .await;
    app.picture().await;
    app.press(&[ALT, DOWN]).await;
    app.wait(
        "the second prompt to be at the top",
        "return [...document.querySelectorAll('[data-testid=message-person]')].some((e) => e.textContent.includes('The long prompt') && e.getBoundingClientRect().top < 200)",
        json!([]),
    )
    .await;
    app.close().await;
}

#[tokio::test]
async fn a_selection_over_rows_that_are_not_drawn_is_copied_whole() {
    let home = Home::new();
    let folder = home.folder("copy");
    let mut app = App::start("copy-across", &home, &[&folder]).await;
    app.engine_ready().await;
    let steps: [Vec<Action>; 3] = std::array::from_fn(|step| {
        let mut said = vec![Action::text(paragraphs(step * 60, step * 60 + 60))];
        if step < 2 {
            said.push(Action::tool("glob", json!({ "pattern": "*", "path": folder })));
        }
        said
    });
    app.send(&scripted("Copy this", steps)).await;
    app.wait_for_text("[data-testid=prose]", "Paragraph 179 ").await;
    app.idle().await;
    let select = "const place = document.querySelector('.transcript-place .scroll'); \
         const at = (number) => [...place.querySelectorAll('p')].find((p) => p.textContent.startsWith(`Paragraph ${number} `)); \
         if (!at(2)) { place.scrollTop = 0; return false; } \
         const text = at(2).firstChild; document.getSelection().setBaseAndExtent(text, 10, text, 11); return true";
    app.wait("the beginning", select, json!([])).await;
    let extend = "const place = document.querySelector('.transcript-place .scroll'); \
         const last = [...place.querySelectorAll('p')].find((p) => p.textContent.startsWith('Paragraph 177 ')); \
         if (!last) { place.scrollTop += 700; return false; } \
         document.getSelection().extend(last.firstChild, 13); return true";
    app.wait("the end", extend, json!([])).await;
    frames(&app).await;
    assert!(
        !app.text("[data-testid=conversation]")
            .await
            .contains("Paragraph 90 "),
        "what is between is not drawn"
    );
    app.picture().await;
    run(&app, "document.querySelector('.transcript-place .scroll').focus({ preventScroll: true }); return document.getSelection().isCollapsed").await;
    app.press(&[CONTROL, "c"]).await;
    app.click("[data-testid=composer-input]").await;
    app.press(&[CONTROL, "v"]).await;
    app.wait(
        "it to be pasted",
        "return document.querySelector('[data-testid=composer-input]').value !== ''",
        json!([]),
    )
    .await;
    let copied = app.composed().await;
    assert!(copied.starts_with("2 says that nothing moves"), "{copied:.80}");
    assert!(copied.ends_with("Paragraph 177"), "the end");
    for number in 3..177 {
        assert_eq!(
            copied.matches(&format!("Paragraph {number} says")).count(),
            1,
            "{number}"
        );
    }
    app.close().await;
}

#[tokio::test]
async fn alt_0_shows_the_call_that_an_ask_is_about() {
    let home = Home::new();
    let folder = home.folder("ask-place");
    let mut app = App::start("ask-place", &home, &[&folder]).await;
    app.engine_ready().await;
    app.send(&scripted(
        "Say much, then run",
        [vec![Action::text(paragraphs(0, 80))]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "Paragraph 79 ").await;
    app.idle().await;
    app.send(&scripted(
        "Run it",
        [
            vec![Action::tool(
                "bash",
                json!({ "command": "touch made", "description": "as told" }),
            )],
            vec![Action::text("Went on.")],
        ],
    ))
    .await;
    app.wait_for("[data-testid=permission][data-ready=true]").await;
    run(
        &app,
        "document.querySelector('.transcript-place .scroll').scrollTop = 0",
    )
    .await;
    app.wait_gone("[data-testid=tool][data-mark=waiting]").await;
    app.press(&[ALT, "0"]).await;
    app.wait(
        "the call to be on the screen",
        "const call = document.querySelector('[data-testid=tool][data-mark=waiting]')?.getBoundingClientRect(); \
         const around = document.querySelector('.transcript-place .scroll').getBoundingClientRect(); \
         return !!call && call.top >= around.top && call.bottom <= around.bottom",
        json!([]),
    )
    .await;
    app.picture().await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "Went on.").await;
    app.close().await;
}

#[tokio::test]
async fn what_is_long_or_wide_is_contained() {
    let home = Home::new();
    let folder = home.folder("contained");
    let mut app = App::start("contained", &home, &[&folder]).await;
    app.engine_ready().await;
    let cells = " cell |".repeat(19);
    let head = format!("| n |{}\n|{}\n", " name |".repeat(19), " - |".repeat(20));
    app.send(&scripted(
        "Much of it",
        [vec![
            Action::burst(50, "abcdefghij".repeat(200)),
            Action::text("\n\n```rust\n"),
            Action::burst(125, "let line = {{index}};\n".repeat(40)),
            Action::text(format!("```\n\nA table:\n\n{head}")),
            Action::burst(50, format!("| {{{{index}}}} |{cells}\n").repeat(40)),
            Action::text("\nThat was it."),
        ]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "That was it.").await;
    app.idle().await;
    let contained = "const place = document.querySelector('.transcript-place .scroll'); \
         if (place.scrollWidth > place.clientWidth) throw new Error('the page is stretched'); \
         if ([...place.querySelectorAll('.turn-row')].some((row) => row.offsetHeight > 40000)) throw new Error('a row is endless');";
    app.wait(
        "the whole table in a box of its own",
        &format!("{contained} const box = document.querySelector('.table-scroll.is-long'); \
             return !!box && box.clientHeight <= 640 && box.scrollWidth > box.clientWidth && box.querySelectorAll('tbody tr').length === 2000"),
        json!([]),
    )
    .await;
    app.picture().await;
    app.wait(
        "all of the code in a box of its own",
        &format!("{contained} const box = document.querySelector('.code-block.is-long pre'); if (!box) {{ place.scrollTop -= 300; return false; }} \
             return box.clientHeight <= 640 && box.textContent.split('\\n').length === 5001"),
        json!([]),
    )
    .await;
    app.picture().await;
    app.close().await;
}
