//! What goes wrong, and what a person sees of it.

use std::path::{Path, PathBuf};

use cowork_scripted_model::{Action, Script, Step};
use serde_json::{Value, json};

use crate::harness::{App, Home, scripted};

#[tokio::test]
async fn a_rejected_key_says_so() {
    let home = Home::new();
    let folder = home.folder("unauthorized");
    let mut app = App::start("401", &home, &[&folder]).await;
    app.send(&scripted("Try", [vec![Action::status(401, None)]]))
        .await;
    app.wait_for("[data-testid=failure][data-kind=unauthorized]")
        .await;
    app.idle().await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_repeated_request_counts_down_and_leaves_no_doubled_text() {
    let home = Home::new();
    let folder = home.folder("retry");
    let mut app = App::start("5xx-retry", &home, &[&folder]).await;
    app.send(&scripted(
        "Try",
        [vec![
            Action::text("The whole answer. "),
            Action::drop_connection(Some(1)),
            Action::text("And its end."),
        ]],
    ))
    .await;
    app.wait_for("[data-testid=retry]").await;
    app.picture().await;
    app.wait_for_text("[data-testid=prose]", "And its end.").await;
    app.idle().await;
    let text = app.text("[data-testid=prose]").await;
    assert_eq!(text.matches("The whole answer.").count(), 1, "{text}");
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn an_answer_after_a_server_error_is_there_once() {
    let home = Home::new();
    let folder = home.folder("recovered");
    let mut app = App::start("5xx-recovered", &home, &[&folder]).await;
    app.send(&scripted(
        "Try",
        [vec![
            Action::status(503, Some(1)),
            Action::reasoning("Thought of once. "),
            Action::text("The only answer."),
        ]],
    ))
    .await;
    app.wait_for("[data-testid=retry]").await;
    app.wait_for_text("[data-testid=prose]", "The only answer.").await;
    app.wait_gone("[data-testid=retry]").await;
    app.idle().await;
    let text = app.text("[data-testid=prose]").await;
    assert_eq!(text.matches("The only answer.").count(), 1, "{text}");
    assert_eq!(app.count("[data-testid=reasoning]").await, 1);
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_server_error_then_half_an_answer_then_success_leave_the_answer_once() {
    let home = Home::new();
    let folder = home.folder("half");
    let mut app = App::start("5xx-half", &home, &[&folder]).await;
    app.send(&scripted(
        "Try",
        [vec![
            Action::status(503, Some(1)),
            Action::text("The beginning. "),
            Action::drop_connection(Some(1)),
            Action::text("The end."),
        ]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "The end.").await;
    app.idle().await;
    let text = app.text("[data-testid=prose]").await;
    assert_eq!(text.matches("The beginning.").count(), 1, "{text}");
    assert_eq!(text.matches("The end.").count(), 1, "{text}");
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn garbage_from_the_model_is_a_failure_and_the_next_turn_works() {
    let home = Home::new();
    let folder = home.folder("garbage");
    let mut app = App::start("garbage", &home, &[&folder]).await;
    app.send(&scripted("Try", [vec![Action::garbage(None)]])).await;
    app.wait_for("[data-testid=failure], [data-testid=retry]").await;
    app.picture().await;
    if app.count("[data-testid=retry-stop]").await > 0 {
        app.click("[data-testid=retry-stop]").await;
    }
    app.idle().await;
    app.send(&scripted("Go on", [vec![Action::text("Still here.")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "Still here.").await;
    app.idle().await;
    app.close().await;
}

#[tokio::test]
async fn a_server_error_is_repeated_and_can_be_stopped() {
    let home = Home::new();
    let folder = home.folder("stop-retry");
    let mut app = App::start("5xx-stop", &home, &[&folder]).await;
    app.send(&scripted("Try", [vec![Action::status(503, None)]]))
        .await;
    app.wait_for("[data-testid=retry]").await;
    app.picture().await;
    app.click("[data-testid=retry-stop]").await;
    app.wait_gone("[data-testid=retry]").await;
    app.idle().await;
    app.close().await;
}

#[tokio::test]
async fn an_unknown_model_and_an_unknown_agent_end_the_turn() {
    let home = Home::new();
    let folder = home.folder("unknown");
    let mut app = App::start("bad-model-bad-agent", &home, &[&folder]).await;
    app.send(&scripted("Say hi", [vec![Action::text("Hi.")]])).await;
    app.wait_for_text("[data-testid=prose]", "Hi.").await;
    let session = app.sessions().await[0]["id"].clone();
    for (agent, model, kind) in [
        (Value::Null, json!("demo/nowhere"), "unknownModel"),
        (json!("nobody"), Value::Null, "unknownAgent"),
    ] {
        let request = json!({ "session": session, "text": "Again", "agent": agent, "model": model });
        let sent = app.invoke("prompt_send", request).await;
        // What is thrown away at once may be heard of before it is heard to be taken.
        assert!(sent.is_ok() || kind == "unknownAgent", "{sent:?}");
        app.wait_for(&format!("[data-testid=failure][data-kind={kind}]"))
            .await;
        app.idle().await;
        app.picture().await;
    }
    app.choose("agent-picker", "build").await;
    app.choose("model-picker", &cowork_workspace::demo_model()).await;
    app.send(&scripted("Go on", [vec![Action::text("Still here.")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "Still here.").await;
    app.idle().await;
    app.close().await;
}

/// A program that stands where the engine should be.
/// No script of a shell: in the engine's box the wrapper stands in place of each.
fn stand_in(home: &Home, name: &str, script: &str) -> PathBuf {
    let path = home.folder("engines").join(name);
    std::fs::write(&path, script).expect("the folder can be written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let permissions = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, permissions).expect("the file is ours");
    }
    path
}

async fn says(name: &str, home: &Home, engine: &Path, words: &str) {
    let mut app = App::start_with(name, home, &[], engine).await;
    app.wait_for(
        "[data-testid=engine-status]:is([data-state=absent],[data-state=backingOff],[data-state=broken])",
    )
    .await;
    app.click("[data-testid=engine-status]").await;
    app.wait_for_text("body", words).await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_missing_engine_is_named_and_the_app_works_on() {
    let home = Home::new();
    says(
        "engine-missing",
        &home,
        Path::new("/does/not/exist"),
        "/does/not/exist",
    )
    .await;
}

#[tokio::test]
async fn an_engine_that_cannot_be_run_is_named() {
    let home = Home::new();
    let file = home.folder("engines").join("plain");
    std::fs::write(&file, "no program").expect("the folder can be written");
    says("engine-not-executable", &home, &file, "chmod").await;
}

#[tokio::test]
async fn an_engine_that_dies_at_start_shows_its_last_words() {
    let home = Home::new();
    let engine = stand_in(
        &home,
        "dies",
        "#!/usr/bin/perl\nprint STDERR \"the disk is on fire\\n\"; exit 3;\n",
    );
    says("engine-dies", &home, &engine, "the disk is on fire").await;
}

#[tokio::test]
async fn an_engine_that_hangs_at_start_is_shown_as_starting_and_ends_with_the_window() {
    let home = Home::new();
    let engine = stand_in(&home, "hangs", "#!/usr/bin/perl\nexec qw(sleep 4321);\n");
    let mut app = App::start_with("engine-hangs", &home, &[], &engine).await;
    app.wait_for("[data-testid=engine-status][data-state=starting]")
        .await;
    while home.started_by_the_engine().is_empty() {
        app.wait_for("[data-testid=engine-status][data-state=starting]")
            .await;
    }
    app.picture().await;
    app.close().await;
    assert_eq!(home.started_by_the_engine(), Vec::<String>::new());
}

/// Sends into a folder that was good before and is not any more.
async fn sends_in_vain(name: &str, home: &Home, folder: &Path, spoil: impl FnOnce(&Path)) -> App {
    let mut app = App::start(name, home, &[folder]).await;
    app.send(&scripted("Say hi", [vec![Action::text("Hi.")]])).await;
    app.wait_for_text("[data-testid=prose]", "Hi.").await;
    app.idle().await;
    spoil(folder);
    app.send("Do not lose me").await;
    app.wait_for_text("[data-testid=composer-error]", "cannot be read")
        .await;
    let path = folder.display().to_string();
    assert!(app.text("[data-testid=composer-error]").await.contains(&path));
    assert_eq!(app.composed().await, "Do not lose me");
    assert_eq!(app.count("[data-testid=message-person]").await, 1);
    app.picture().await;
    app
}

#[tokio::test]
async fn a_folder_that_is_gone_is_named_and_the_prompt_stays() {
    let home = Home::new();
    let folder = home.folder("gone");
    let app = sends_in_vain("folder-gone", &home, &folder, |folder| {
        std::fs::remove_dir_all(folder).expect("the folder is ours");
    })
    .await;
    home.folder("gone");
    app.type_into("[data-testid=composer-input]", "\u{e007}").await;
    app.wait(
        "the prompt to be sent once the folder is back",
        "return document.querySelectorAll('[data-testid=message-person]').length === 2",
        json!([]),
    )
    .await;
    app.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_cannot_be_read_is_named_and_the_prompt_stays() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let folder = home.folder("locked");
    let allow = |folder: &Path, mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder, permissions).expect("the folder is ours");
    };
    let app = sends_in_vain("folder-locked", &home, &folder, |folder| allow(folder, 0)).await;
    allow(&folder, 0o755);
    app.close().await;
}

fn printing(command: &str) -> Vec<Action> {
    vec![Action::tool(
        "bash",
        json!({ "command": command, "description": "print" }),
    )]
}

#[tokio::test]
async fn a_tool_s_output_that_is_no_text_is_shown_without_control_characters() {
    let home = Home::new();
    let folder = home.folder("bytes");
    let mut app = App::start("output-bytes", &home, &[&folder]).await;
    app.send(&scripted(
        "Print",
        [
            printing(r"printf '\377\376 bad \033[31mred\033[0m \007\000end'"),
            vec![Action::text("Printed.")],
        ],
    ))
    .await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "Printed.").await;
    app.idle().await;
    app.click("[data-testid=tool] button").await;
    app.wait_for_text("[data-testid=tool] pre", "bad red end").await;
    let shown = app.text("[data-testid=tool] pre").await;
    let hidden = shown
        .chars()
        .find(|shown| shown.is_control() && !"\n\t".contains(*shown));
    assert_eq!(hidden, None, "{shown:?}");
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn megabytes_of_output_are_cut_and_all_of_it_is_kept_in_a_file_that_is_named() {
    let home = Home::new();
    let folder = home.folder("megabytes");
    let mut app = App::start("output-megabytes", &home, &[&folder]).await;
    app.send(&scripted(
        "Print",
        [printing("seq 1 500000"), vec![Action::text("Printed.")]],
    ))
    .await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "Printed.").await;
    app.idle().await;
    app.click("[data-testid=tool] button").await;
    app.wait_for_text("[data-testid=tool] pre", "500000").await;
    let shown = app.text("[data-testid=tool]").await;
    assert!(shown.len() < 200_000, "{} bytes are shown", shown.len());
    let kept = shown
        .lines()
        .find_map(|line| line.split_once("saved to: "))
        .map(|(_, path)| path.trim().to_owned())
        .expect("the output says that it was cut, and where all of it is");
    // The engine may still be writing it when the turn is over.
    let mut lines = 0;
    for _ in 0..100 {
        let text = std::fs::read_to_string(&kept).expect("the file that is named can be read");
        lines = text.lines().filter(|line| line.parse::<u32>().is_ok()).count();
        if lines == 500_000 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(lines, 500_000);
    app.picture().await;
    app.send(&scripted("Go on", [vec![Action::text("Still here.")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "Still here.").await;
    app.close().await;
}

#[tokio::test]
async fn one_event_of_more_than_half_a_megabyte_arrives_whole() {
    let home = Home::new();
    let folder = home.folder("large-event");
    let mut app = App::start("large-event", &home, &[&folder]).await;
    let text = format!("{}the end", "0123456789abcde ".repeat(40_000));
    // Counted honestly it would fill the model's context, and the engine would begin to shorten.
    let step = Step::new([Action::paced_text(&text, 0, text.len())]).with_usage(1_000, 1_000);
    let script = Script::new([step])
        .to_marker()
        .expect("a script fits into a prompt");
    app.send(&format!("Say much {script}")).await;
    app.wait_for_text("[data-testid=prose]", "the end").await;
    app.idle().await;
    // So long a line is shown in pieces; nothing but white space may come of that.
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let shown = app.text("[data-testid=prose]").await;
    assert!(
        words(&shown) == words(&text),
        "{} bytes of {} are shown",
        shown.len(),
        text.len()
    );
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn a_prompt_that_cannot_be_delivered_stays_in_the_composer() {
    let home = Home::new();
    let folder = home.folder("undelivered");
    let engine = stand_in(&home, "absent", "#!/usr/bin/perl\nexit 1;\n");
    let mut app = App::start_with("undelivered", &home, &[&folder], &engine).await;
    app.wait_for("[data-testid=engine-status][data-state=broken]")
        .await;
    app.type_into("[data-testid=composer-input]", "Do not lose me")
        .await;
    app.type_into("[data-testid=composer-input]", "\u{e007}").await;
    app.wait_for("[data-testid=composer-error]").await;
    assert_eq!(app.composed().await, "Do not lose me");
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn markdown_made_to_hurt_stays_text() {
    let home = Home::new();
    let folder = home.folder("hostile");
    let mut app = App::start("hostile-markdown", &home, &[&folder]).await;
    let hostile = concat!(
        "<img src=x onerror=\"window.hurt=1\">\n\n<script>window.hurt=2</script>\n\n",
        "[click](javascript:window.hurt=3) [file](file:///etc/passwd) ![i](https://example.org/i.png)\n\n",
        "<iframe src=\"https://example.org\"></iframe><svg onload=\"window.hurt=4\"></svg>\n\n",
        "<a href=\"artifact://x\">a</a> <style>body{display:none}</style>\n\nThe end.\n"
    );
    app.send(&scripted(
        "Hurt me",
        [vec![
            Action::text(hostile),
            Action::text("> ".repeat(2_000)),
            Action::text("deep\n\nAll of it."),
        ]],
    ))
    .await;
    app.wait_for_text("[data-testid=prose]", "All of it.").await;
    app.idle().await;
    let hurt = app
        .driver()
        .execute("return window.hurt ?? null", json!([]))
        .await
        .expect("the page can be read");
    assert_eq!(hurt, Value::Null);
    for forbidden in [
        "img",
        "script",
        "iframe",
        "style",
        "svg[onload]",
        "[onerror]",
        "a:not([href^='http'])",
    ] {
        assert_eq!(
            app.count(&format!("[data-testid=prose] {forbidden}")).await,
            0,
            "{forbidden}"
        );
    }
    app.picture().await;
    app.close().await;
}
