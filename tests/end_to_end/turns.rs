//! Turns that end well, and turns that are stopped.

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Home, scripted};

#[tokio::test]
async fn a_plain_turn_is_streamed_and_rendered() {
    let home = Home::new();
    let folder = home.folder("plain");
    let mut app = App::start("plain-turn", &home, &[&folder]).await;
    app.send(&scripted(
        "Say hello",
        [vec![
            Action::reasoning("The person wants a greeting. "),
            Action::paced_text("# Hello\n\nThis is **bold**, `code` and a [link](https://example.org/).\n\n```rust\nfn main() {}\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n", 5, 12),
        ]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "Hello").await;
    app.idle().await;
    assert_eq!(app.text("[data-testid=prose] h1").await, "Hello");
    assert_eq!(app.text("[data-testid=prose] strong").await, "bold");
    assert!(app.text("[data-testid=prose] pre").await.contains("fn main() {}"));
    assert!(
        app.count("[data-testid=prose] pre .k").await > 0,
        "code is highlighted"
    );
    assert_eq!(app.count("[data-testid=prose] table td").await, 2);
    assert_eq!(app.count("[data-testid=reasoning]").await, 1);
    assert!(
        app.text("[data-testid=message-agent]")
            .await
            .to_lowercase()
            .contains("scripted"),
        "the demo is labelled"
    );
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn an_edit_shows_its_diff_before_and_after() {
    let home = Home::new();
    let folder = home.folder("edit");
    std::fs::write(folder.join("a.txt"), "one\ntwo\nthree\n").expect("the folder can be written");
    let mut app = App::start("edit-with-diff", &home, &[&folder]).await;
    let file = folder.join("a.txt").display().to_string();
    app.send(&scripted(
        "Change two to 2",
        [
            vec![Action::tool("read", json!({ "filePath": file }))],
            vec![Action::tool(
                "edit",
                json!({ "filePath": file, "oldString": "two", "newString": "2" }),
            )],
            vec![Action::text("Changed.")],
        ],
    ))
    .await;
    app.wait_for("[data-testid=permission]").await;
    app.wait_for_text("[data-testid=permission]", "two").await;
    app.picture().await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "Changed.").await;
    app.idle().await;
    assert_eq!(
        std::fs::read_to_string(folder.join("a.txt")).expect("the file is there"),
        "one\n2\nthree\n"
    );
    app.click("[data-testid=tool][data-shape=edit]").await;
    app.wait_for_text("[data-testid=diff]", "two").await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_plan_is_shown_and_checked_off() {
    let home = Home::new();
    let folder = home.folder("plan");
    let mut app = App::start("todo", &home, &[&folder]).await;
    let todos = |first: &str, second: &str| {
        json!({ "todos": [
            { "content": "Measure first", "status": first, "priority": "high", "id": "1" },
            { "content": "Cut second", "status": second, "priority": "low", "id": "2" },
        ] })
    };
    app.send(&scripted(
        "Plan it",
        [
            vec![Action::tool("todowrite", todos("in_progress", "pending"))],
            vec![Action::tool("todowrite", todos("completed", "in_progress"))],
            vec![Action::text("Half done.")],
        ],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "Half done.").await;
    app.wait_for_text("[data-testid=plan]", "Cut second").await;
    assert!(app.text("[data-testid=plan]").await.contains("Measure first"));
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_sub_agent_works_in_a_lane_and_opens_as_a_thread() {
    let home = Home::new();
    let folder = home.folder("lanes");
    let mut app = App::start("sub-agent", &home, &[&folder]).await;
    let task = scripted(
        "Look around",
        [vec![Action::text("Seven callers in four files.")]],
    );
    app.send(&scripted(
        "Ask a sub-agent",
        [
            vec![Action::tool(
                "task",
                json!({ "description": "Find every caller", "prompt": task, "subagent_type": "general" }),
            )],
            vec![Action::text("It found seven.")],
        ],
    ))
    .await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "It found seven.").await;
    app.wait_for_text("[data-testid=lane]", "Find every caller").await;
    app.picture().await;
    app.click("[data-testid=lane] button").await;
    app.wait_for_text("[data-testid=prose]", "Seven callers in four files.")
        .await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_stopped_turn_keeps_what_was_written() {
    let home = Home::new();
    let folder = home.folder("stop");
    let mut app = App::start("abort", &home, &[&folder]).await;
    app.send(&scripted(
        "Write for ever",
        [vec![Action::text("The beginning stays."), Action::stall()]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "The beginning stays.")
        .await;
    app.click("[data-testid=composer-stop]").await;
    app.idle().await;
    assert!(
        app.text("[data-testid=prose]")
            .await
            .contains("The beginning stays.")
    );
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_prompt_sent_while_busy_waits_for_the_end_of_the_turn() {
    let home = Home::new();
    let folder = home.folder("busy");
    let mut app = App::start("prompt-while-busy", &home, &[&folder]).await;
    app.send(&scripted(
        "First",
        [vec![
            Action::text("Working on it."),
            Action::silence(12_000),
            Action::text(" First done."),
        ]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "Working on it.").await;
    app.send(&scripted("Second", [vec![Action::text("Second done.")]]))
        .await;
    app.wait_for_text("[data-testid=queue]", "Second").await;
    app.picture().await;
    app.wait_for_text("[data-testid=prose]", "Second done.").await;
    app.wait_gone("[data-testid=queue]").await;
    app.idle().await;
    assert_eq!(app.count("[data-testid=message-person]").await, 2);
    assert!(
        app.text("[data-testid=prose]").await.contains("First done."),
        "the running answer was not cut off"
    );
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_burst_of_thousands_of_deltas_arrives_whole() {
    let home = Home::new();
    let folder = home.folder("burst");
    let mut app = App::start("burst", &home, &[&folder]).await;
    app.send(&scripted("Burst", [vec![Action::burst(5_000, "w{{index}} ")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "w4999").await;
    app.idle().await;
    let text = app.text("[data-testid=prose]").await;
    let words: Vec<_> = text.split_whitespace().collect();
    let expected: Vec<_> = (0..5_000).map(|index| format!("w{index}")).collect();
    assert_eq!(words, expected, "every delta is there, once and in order");
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_long_conversation_is_read_back_to_its_beginning_and_forth_to_its_end() {
    const STEPS: usize = 240;
    let home = Home::new();
    let folder = home.folder("long");
    let app = App::start("long-conversation", &home, &[&folder]).await;
    let steps: [Vec<Action>; STEPS] = std::array::from_fn(|step| {
        if step == STEPS - 1 {
            return vec![Action::text("It is done.")];
        }
        let pattern = json!({ "pattern": format!("*.{step}"), "path": folder });
        let said = format!("Step {step} of many.");
        vec![Action::text(&said), Action::tool("glob", pattern)]
    });
    app.send(&scripted("A long one", steps)).await;
    app.wait_for_text("[data-testid=prose]", "Step 20 of many.").await;
    for step in [60, 100, 140, 180, 220] {
        app.wait_for_text("[data-testid=conversation]", &format!("Step {step} of many."))
            .await;
    }
    app.wait_for_text("[data-testid=conversation]", "It is done.")
        .await;
    app.idle().await;
    app.close().await;

    // Anew, so that it is read from the engine by pages, too.
    let mut app = App::start("long-conversation-again", &home, &[&folder]).await;
    app.engine_ready().await;
    app.click("[data-testid=session-row]").await;
    app.wait_for_text("[data-testid=conversation]", "It is done.")
        .await;
    assert!(
        !app.text("[data-testid=conversation]")
            .await
            .contains("Step 20 of many."),
        "a part of it is held"
    );
    app.wait(
        "the beginning",
        "const place = document.querySelector('.transcript-place .scroll'); place.scrollTop = 0; return \
         place.textContent.includes('Step 0 of many.');",
        json!([]),
    )
    .await;
    app.picture_of("beginning").await;
    app.click("[data-testid=jump-to-latest]").await;
    app.wait_for_text("[data-testid=conversation]", "It is done.")
        .await;
    app.picture().await;
    app.close().await;
}
