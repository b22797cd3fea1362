//! Going back in a thread, sending a prompt again, and making a thread of another.

use std::path::Path;
use std::process::Command;

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Home, scripted};

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    let mut command = Command::new("git");
    let ended = command
        .args(identity)
        .args(arguments)
        .current_dir(folder)
        .status();
    assert!(ended.expect("git runs").success(), "git {arguments:?}");
}

impl App {
    /// Chooses an entry of a message's menu by its words.
    async fn choose_from_menu(&self, of: &str, words: &str) {
        self.click(of).await;
        self.wait_for("[role=menuitem]").await;
        let chosen = self.driver().execute(
            "const e = [...document.querySelectorAll('[role=menuitem]')].find((e) => e.textContent.includes(arguments[0])); e?.click(); return e !== undefined",
            json!([words]),
        );
        assert_eq!(
            chosen.await.expect("the page can be read"),
            true,
            "{words} is offered"
        );
    }
}

#[tokio::test]
async fn a_person_goes_back_undoes_it_goes_another_way_and_forks() {
    let home = Home::new();
    let folder = home.folder("back");
    std::fs::write(folder.join("kept.txt"), "one\n").expect("the folder can be written");
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-qm", "one"]);
    let kept = || std::fs::read_to_string(folder.join("kept.txt")).expect("the file is there");
    let mut app = App::start("going-back", &home, &[&folder]).await;
    let command = json!({ "command": "echo two > kept.txt", "description": "as told" });
    app.send(&scripted(
        "Change the file",
        [
            vec![Action::tool("bash", command)],
            vec![Action::text("It says two now.")],
        ],
    ))
    .await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "It says two now.").await;
    app.idle().await;
    assert_eq!(kept(), "two\n");

    let prompt_menu = "[data-testid=message-person] [data-testid=message-menu]";
    app.choose_from_menu(prompt_menu, "Go back").await;
    app.wait_for_text("[data-testid=going-back-files]", "kept.txt")
        .await;
    app.picture().await;
    app.click("[data-testid=going-back-confirm]").await;
    app.wait_for("[data-testid=reverted]").await;
    assert_eq!(kept(), "one\n");
    assert_eq!(app.count("[data-testid=message-person]").await, 0);
    assert!(app.composed().await.starts_with("Change the file"));
    app.picture().await;

    app.click("[data-testid=undo-revert]").await;
    app.wait_for("[data-testid=going-back-confirm]").await;
    app.click("[data-testid=going-back-confirm]").await;
    app.wait_gone("[data-testid=reverted]").await;
    app.wait_for_text("[data-testid=prose]", "It says two now.").await;
    assert_eq!(kept(), "two\n");
    // The composer lets go of the prompt when the answer to the undoing is in, which may be after the row went.
    app.wait(
        "what came to be taken out of the composer again",
        "return document.querySelector('[data-testid=composer-input]').value === ''",
        json!([]),
    )
    .await;

    app.click("[data-testid=fork]").await;
    app.wait_for_text("h1", "Fork of").await;
    app.wait_for_text("[data-testid=prose]", "It says two now.").await;
    app.picture().await;

    let answer_menu = "[data-testid=message-agent] [data-testid=message-menu]";
    app.choose_from_menu(answer_menu, "Send again").await;
    app.wait_for_text("[data-testid=going-back-confirm]", "send")
        .await;
    app.click("[data-testid=going-back-confirm]").await;
    app.answer("allow-once").await;
    app.wait_for_text("[data-testid=prose]", "It says two now.").await;
    app.idle().await;
    assert_eq!(app.count("[data-testid=message-person]").await, 1);
    app.close().await;
}
