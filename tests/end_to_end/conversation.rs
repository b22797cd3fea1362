//! What is done with what was said: copied, said again in other words, branched, folded and found.

mod opening;

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Home, scripted};

const CONTROL: &str = "\u{e009}";
const SHIFT: &str = "\u{e008}";
const ALT: &str = "\u{e00a}";
const ESCAPE: &str = "\u{e00c}";
const BACKSPACE: &str = "\u{e003}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";

const COMPOSER: &str = "[data-testid=composer-input]";
const PROMPT: &str = "[data-testid=message-person]";
const ANSWER: &str = "[data-testid=message-agent]";
const PROSE: &str = "[data-testid=prose]";

/// The widths of the window at which everything has its place: three panes, two, and one.
const SIZES: [(u32, u32); 3] = [(1440, 900), (1024, 800), (820, 800)];

impl App {
    async fn page_runs(&self, script: &str, arguments: Value) -> Value {
        let answer = self.driver().execute(script, arguments).await;
        answer.expect("the page runs it")
    }

    /// Presses an entry of a message's menu as a person does: what a script presses may not use the clipboard.
    async fn press_in_menu(&self, of: &str, words: &str) {
        self.click(&format!("{of} [data-testid=message-menu]")).await;
        self.wait_for("[role=menuitem]").await;
        self.wait(
            &format!("{words} to be offered"),
            "const e = [...document.querySelectorAll('[role=menuitem]')].find((e) => e.textContent.startsWith(arguments[0])); \
             e?.setAttribute('data-wanted', ''); return e !== undefined",
            json!([words]),
        )
        .await;
        self.click("[data-wanted]").await;
        self.wait_gone("[role=menuitem]").await;
    }

    /// What is on the clipboard, by pasting it where a prompt is written.
    async fn clipboard(&self) -> String {
        self.click(COMPOSER).await;
        self.press(&[CONTROL, "v"]).await;
        self.wait(
            "it to be pasted",
            "return document.querySelector(arguments[0]).value !== ''",
            json!([COMPOSER]),
        )
        .await;
        let pasted = self.composed().await;
        self.empty_composer().await;
        pasted
    }

    async fn empty_composer(&self) {
        self.click(COMPOSER).await;
        self.press(&[CONTROL, "a"]).await;
        self.press(&[BACKSPACE]).await;
        self.wait(
            "the composer to be empty",
            "return document.querySelector(arguments[0]).value === ''",
            json!([COMPOSER]),
        )
        .await;
    }

    async fn answered(&self, words: &str) {
        self.wait_for_text(PROSE, words).await;
        self.idle().await;
    }

    /// Takes a picture of what is on the screen at each width in both themes, held against the rules of access.
    async fn seen_everywhere(&self, what: &str, at: &str) {
        for theme in ["light", "dark"] {
            self.themed(theme).await;
            for (width, height) in SIZES {
                self.sized(width, height).await;
                self.page_runs(
                    "document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' })",
                    json!([at]),
                )
                .await;
                let wide = self
                    .page_runs(
                        "const place = document.querySelector('.transcript-place .scroll'); return place.scrollWidth > place.clientWidth",
                        json!([]),
                    )
                    .await;
                assert_eq!(wide, json!(false), "{what} fits into {width} pixels");
                let broken = self.broken_rules(false).await;
                assert!(
                    broken.is_empty(),
                    "{what}, {theme}, {width}: {}",
                    broken.join("\n")
                );
                self.picture_of(&format!("{what}-{theme}-{width}")).await;
            }
        }
        self.sized(1280, 832).await;
    }
}

const SAID: &str =
    "Here is **the answer**:\n\n```python\nprint(\"one\")\n```\n\nAnd `then`:\n\n```sh\necho two\n```\n";

#[tokio::test]
async fn an_answer_is_copied_in_each_form_and_a_prompt_is_branched_edited_and_sent_again() {
    let home = Home::new();
    let folder = home.folder("copied");
    let mut app = App::start("copied", &home, &[&folder]).await;
    app.send(&scripted("Answer me", [vec![Action::text(SAID)]])).await;
    app.answered("And then").await;

    app.press_in_menu(ANSWER, "Copy as Markdown").await;
    assert_eq!(app.clipboard().await.trim_end(), SAID.trim_end());
    app.press_in_menu(ANSWER, "Copy as text").await;
    assert_eq!(
        app.clipboard().await.trim_end(),
        "Here is the answer:\n\nprint(\"one\")\n\nAnd then:\n\necho two"
    );
    app.press_in_menu(ANSWER, "Copy all 2 code blocks").await;
    assert_eq!(app.clipboard().await.trim_end(), "print(\"one\")\n\necho two");
    app.click(".code-block .code-head button:last-of-type").await;
    app.wait_for_text(".code-block .code-head", "Copied").await;
    assert_eq!(app.clipboard().await, "print(\"one\")");

    // What a turn took stands at its end.
    app.send(&scripted(
        "Take your time",
        [vec![Action::silence(1_500), Action::text("Taken.")]],
    ))
    .await;
    app.answered("Taken.").await;
    let meta = app.text(".turn-meta").await;
    assert!(meta.contains(" s") && meta.contains("tokens"), "{meta}");
    app.picture().await;

    // Another thread with the first turn alone.
    app.press_in_menu(ANSWER, "Fork").await;
    app.wait_for_text("h1", "Fork of").await;
    app.wait(
        "the first turn alone",
        "return document.querySelectorAll(arguments[0]).length === 1 && document.querySelector('.transcript').textContent.includes('And then')",
        json!([PROMPT]),
    )
    .await;
    assert!(!app.text(PROSE).await.contains("Taken."));

    // Said in other words, in the place of what was said.
    app.click("[data-testid=edit-prompt]").await;
    app.wait(
        "the prompt to be in the composer",
        "return document.querySelector(arguments[0]).value.startsWith('Answer me')",
        json!([COMPOSER]),
    )
    .await;
    app.picture().await;
    app.empty_composer().await;
    app.send(&scripted(
        "Answer otherwise",
        [vec![Action::text("Otherwise it is.")]],
    ))
    .await;
    app.answered("Otherwise it is.").await;
    assert_eq!(app.count(PROMPT).await, 1);
    assert!(!app.text(PROSE).await.contains("And then"));

    // And once more, as it is: only one answer is lost, so nothing is asked before.
    app.press_in_menu(PROMPT, "Send again").await;
    app.wait(
        "the answer to be a new one",
        "return document.querySelectorAll(arguments[0]).length === 1 && !document.querySelector('[data-testid=composer-stop]')",
        json!([PROMPT]),
    )
    .await;
    app.answered("Otherwise it is.").await;
    assert_eq!(app.count(PROMPT).await, 1);
    app.close().await;
}

#[tokio::test]
async fn all_of_a_thread_unfolds_and_folds_and_a_sub_agent_is_gone_into_and_back_from() {
    let home = Home::new();
    let folder = home.folder("folded");
    for name in ["a.txt", "b.txt", "c.txt"] {
        std::fs::write(folder.join(name), "words\n").expect("the folder can be written");
    }
    let mut app = App::start("folded", &home, &[&folder]).await;
    let read = |name: &str| Action::tool("read", json!({ "filePath": folder.join(name) }));
    let task = scripted("Look around", [vec![Action::text("Seven callers.")]]);
    app.send(&scripted(
        "Read all",
        [
            vec![
                Action::reasoning("First the files. "),
                read("a.txt"),
                read("b.txt"),
                read("c.txt"),
            ],
            vec![Action::tool(
                "task",
                json!({ "description": "Find every caller", "prompt": task, "subagent_type": "general" }),
            )],
            vec![Action::text("All read.")],
        ],
    ))
    .await;
    app.answer("allow-once").await;
    app.answered("All read.").await;
    let shut = ".transcript [aria-expanded=false]:is(.disclosure, .tool-toggle)";
    let count = app.count(shut).await;
    assert!(count >= 2, "{count}");
    // Where something is written these keys select; what had the focus was answered, and it went there.
    app.press(&[ESCAPE]).await;
    app.press(&[ALT, SHIFT, DOWN]).await;
    app.wait_gone(shut).await;
    app.wait_for("[data-testid=tool] [aria-expanded=true]").await;
    app.picture().await;
    app.seen_everywhere("unfolded", "[data-testid=reasoning]").await;
    app.press(&[ALT, SHIFT, UP]).await;
    app.wait_gone(".transcript [aria-expanded=true]").await;
    assert_eq!(app.count(shut).await, count);

    app.click("[data-testid=lane] button").await;
    app.answered("Seven callers.").await;
    app.picture().await;
    app.click("[data-testid=back-to-parent]").await;
    app.wait_for_text(PROSE, "All read.").await;
    app.wait_gone("[data-testid=back-to-parent]").await;
    app.close().await;
}

const FORMULAS: &str = r"Inline \(e^{i\pi} + 1 = 0\), $\frac{a}{b}$ and \( x_i \le \sqrt{n} \), but $5 and $10 are prices.

\[
\sum_{n=1}^{\infty} \frac{1}{n^2} = \frac{\pi^2}{6}
\]

$$
A = \begin{pmatrix} a_{11} & a_{12} \\ a_{21} & a_{22} \end{pmatrix}, \quad
f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}
$$

\[
\begin{aligned} (x+y)^2 &= x^2 + 2xy + y^2 \\ &\ge 4xy \end{aligned}
\]

1. In a list: \(\int_0^1 x^2\,dx = \tfrac{1}{3}\)
2. Code stays: `\(x^2\)`, and \[x\] is no formula.

| term | value |
|---|---|
| \(\binom{n}{k}\) | \(\frac{n!}{k!(n-k)!}\) |

What cannot be read: \(\unknown{x}\).
";

#[tokio::test]
async fn formulas_are_drawn_whatever_they_are_written_between() {
    let home = Home::new();
    let folder = home.folder("formulas");
    let app = App::start("formulas", &home, &[&folder]).await;
    app.send(&scripted("Explain", [vec![Action::paced_text(FORMULAS, 5, 24)]]))
        .await;
    app.answered("What cannot be read").await;
    let drawn = app
        .page_runs(
            "const at = (e) => e.getBoundingClientRect(); \
             const fractions = [...document.querySelectorAll('.prose mfrac')].filter((f) => at(f.children[0]).bottom <= at(f.children[1]).top + 2); \
             const rows = [...document.querySelectorAll('.prose mtable')].map((t) => t.querySelectorAll('mtr').length); \
             return { blocks: document.querySelectorAll('.prose .math-block').length, formulas: document.querySelectorAll('.prose math').length, \
               fractions: fractions.length, tables: rows, unread: [...document.querySelectorAll('.prose .math-source')].map((e) => e.textContent) }",
            json!([]),
        )
        .await;
    assert_eq!(
        drawn,
        json!({ "blocks": 3, "formulas": 9, "fractions": 6, "tables": [2, 2, 2], "unread": [r"\(\unknown{x}\)"] })
    );
    let text = app.text(PROSE).await;
    assert!(text.contains("but $5 and $10 are prices"), "{text}");
    assert!(
        text.contains(r"\(x^2\)") && text.contains("[x] is no formula"),
        "{text}"
    );
    app.press_in_menu(ANSWER, "Copy as Markdown").await;
    assert_eq!(app.clipboard().await.trim_end(), FORMULAS.trim_end());
    app.seen_everywhere("formulas", ".prose .math-block").await;
    app.close().await;
}

#[tokio::test]
async fn what_was_summed_up_is_folded_shown_and_found() {
    let home = Home::new();
    let folder = home.folder("summary");
    let app = App::start("summary", &home, &[&folder]).await;
    app.send(&scripted("Begin", [vec![Action::text("It began.")]]))
        .await;
    app.answered("It began.").await;
    app.click("[data-testid=context-meter]").await;
    app.wait_for_text("[data-testid=context-details]", "tokens").await;
    app.click("[data-testid=context-details] [data-testid=compact]")
        .await;
    app.wait_for_text("[data-testid=compaction]", "shortened to a summary")
        .await;
    app.press(&[ESCAPE]).await;
    app.idle().await;
    app.wait_for("[data-testid=show-summary][aria-expanded=false]")
        .await;
    assert!(!app.text(".transcript").await.contains("scripted summary"));
    assert_eq!(app.count(PROMPT).await, 1, "nobody wrote that prompt");

    // It is opened by what is looked for, and by a press.
    app.press(&[CONTROL, "f"]).await;
    app.type_into("[data-testid=find-input]", "understands nothing")
        .await;
    app.wait_for_text("[data-testid=summary]", "understands nothing")
        .await;
    app.wait_for_text("[data-testid=find-count]", "1 of 1").await;
    app.press(&[ESCAPE]).await;
    app.wait_gone("[data-testid=find-bar]").await;
    app.click("[data-testid=show-summary]").await;
    app.wait_gone("[data-testid=summary]").await;
    app.send(&scripted("Go on", [vec![Action::text("It goes on.")]]))
        .await;
    app.answered("It goes on.").await;
    app.click("[data-testid=show-summary]").await;
    app.wait_for_text(
        "[data-testid=compaction]",
        "tokens were in the context; with the next answer it was",
    )
    .await;
    app.seen_everywhere("summary", "[data-testid=compaction]").await;
    app.close().await;
}

#[tokio::test]
async fn the_same_call_again_and_again_is_told_with_a_way_out() {
    let home = Home::new();
    let folder = home.folder("again");
    let app = App::start("again", &home, &[&folder]).await;
    let call = || vec![Action::tool("glob", json!({ "pattern": "*.none" }))];
    app.send(&scripted(
        "Find it",
        [
            call(),
            call(),
            call(),
            vec![Action::text("Once more."), Action::stall()],
        ],
    ))
    .await;
    app.wait_for("[data-testid=repeated], [data-testid=permission][data-ready=true]")
        .await;
    app.picture_of("asked").await;
    if app.count("[data-testid=permission]").await > 0 {
        app.answer("allow-once").await;
    }
    app.wait_for_text("[data-testid=repeated]", "times in this turn")
        .await;
    app.wait_for_text(PROSE, "Once more.").await;
    app.seen_everywhere("again", "[data-testid=repeated]").await;
    // It is shown where it stands, among its like.
    app.click("[data-testid=repeated-show]").await;
    app.wait_for("[data-testid=tool-group] [data-testid=tool]").await;
    app.picture_of("shown").await;
    app.click("[data-testid=repeated-say]").await;
    app.idle().await;
    app.wait_gone("[data-testid=repeated]").await;
    app.wait(
        "the composer to have the focus",
        "return document.activeElement === document.querySelector(arguments[0])",
        json!([COMPOSER]),
    )
    .await;
    app.wait_for("[data-testid=stopped]").await;
    app.close().await;
}

#[tokio::test]
async fn an_interrupted_turn_is_gone_on_with_or_sent_again() {
    let home = Home::new();
    let folder = home.folder("interrupted");
    let app = App::start("interrupted", &home, &[&folder]).await;
    app.send(&scripted(
        "Write for ever",
        [vec![Action::text("The beginning stays."), Action::stall()]],
    ))
    .await;
    app.wait_for_text(PROSE, "The beginning stays.").await;
    home.kill_engine();
    app.wait_for_text("[data-testid=interrupted]", "Interrupted")
        .await;
    app.engine_ready().await;
    app.seen_everywhere("interrupted", "[data-testid=interrupted]")
        .await;
    assert!(app.count("[data-testid=interrupted] [data-testid=retry]").await == 1);
    app.click("[data-testid=interrupted] .actions button").await;
    app.wait_for_text(PROMPT, "Continue.").await;
    app.close().await;
}

#[tokio::test]
async fn a_long_answer_folds_to_its_beginning_and_what_is_looked_at_stays_in_sight() {
    use std::fmt::Write as _;
    let home = Home::new();
    let folder = home.folder("long");
    let mut app = App::start("long-answer", &home, &[&folder]).await;
    let long = (0..60).fold(String::new(), |mut text, number| {
        write!(text, "Paragraph {number} says much, and takes two lines on the screen to do so, because that is how long it was made to be for this.\n\n")
            .expect("a string takes everything");
        text
    });
    app.send(&scripted("Say much", [vec![Action::text(long)]])).await;
    app.answered("Paragraph 59 ").await;
    app.send(&scripted("And a little", [vec![Action::text("A little.")]]))
        .await;
    app.answered("A little.").await;
    // From the end of the long one, with the next prompt below it.
    let end = ".turn-row[data-row$='/end']";
    app.press_in_menu(end, "Fold to its beginning").await;
    app.wait_for("[data-testid=show-answer]").await;
    let seen = "const around = document.querySelector('.transcript-place .scroll').getBoundingClientRect(); \
         const at = document.querySelector(arguments[0])?.getBoundingClientRect(); \
         return !!at && at.bottom > around.top && at.top < around.bottom";
    app.wait(
        "the end of what was folded to be in sight",
        seen,
        json!(["[data-testid=show-answer]"]),
    )
    .await;
    assert!(!app.text(PROSE).await.contains("Paragraph 59 "));
    app.picture().await;

    // What is looked for in it opens it.
    app.press(&[CONTROL, "f"]).await;
    app.type_into("[data-testid=find-input]", "Paragraph 58 says")
        .await;
    app.wait_for_text("[data-testid=find-count]", "1 of 1").await;
    app.wait_for_text(PROSE, "Paragraph 58 ").await;
    app.wait_gone("[data-testid=show-answer]").await;
    app.press(&[ESCAPE]).await;
    app.wait_gone("[data-testid=find-bar]").await;

    app.press_in_menu(end, "Fold to its beginning").await;
    app.click("[data-testid=show-answer]").await;
    app.wait_gone("[data-testid=show-answer]").await;
    app.wait(
        "what was read to stay in sight",
        "const around = document.querySelector('.transcript-place .scroll').getBoundingClientRect(); \
         return [...document.querySelectorAll('.prose p')].some((p) => { const at = p.getBoundingClientRect(); return at.top >= around.top && at.bottom <= around.bottom; })",
        json!([]),
    )
    .await;
    app.picture().await;
    app.close().await;
}
