//! The review beside a thread: what a turn changed, line by line, and how it is put back.

use std::path::Path;
use std::process::Command;

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Home, scripted};

const DIFF: &str = "[data-testid=diff]";
const RETRY: &str = "src/net/retry.rs";
const POOL: &str = "src/net/transport/connections_that_are_kept_open_for_the_next_request.rs";

fn git(folder: &Path, arguments: &[&str]) -> String {
    let done = Command::new("git").args(arguments).current_dir(folder).output();
    let done = done.expect("git runs");
    assert!(done.status.success(), "git {arguments:?}");
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// A source file with two places far from each other that the agent changes.
fn retry() -> String {
    let steps: Vec<_> = (1..=24)
        .map(|step| format!("    steps.push(Step::new({step}, base));\n"))
        .collect();
    let steps = steps.concat();
    format!(
        "use std::time::Duration;\n\n/// Tries again.\npub fn retry(attempts: u32, base: Duration) -> Vec<Step> {{\n    let mut steps = Vec::new();\n{steps}    steps\n}}\n\nfn pause(base: Duration, attempt: u32) -> Duration {{\n    base * attempt\n}}\n"
    )
}

/// A folder under git with one commit, on the branch `main`.
fn repository(home: &Home) -> std::path::PathBuf {
    let folder = home.folder("review");
    for part in ["src/net", "docs"] {
        std::fs::create_dir_all(folder.join(part)).expect("the folder can be written");
    }
    let files = [
        (RETRY, retry()),
        ("src/net/errors.rs", "pub struct Gone;\n".repeat(20)),
        ("docs/old.md", "Old\n".to_owned()),
        ("logo.bin", "\0\u{1}".to_owned()),
    ];
    for (path, content) in files {
        std::fs::write(folder.join(path), content).expect("the folder can be written");
    }
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["config", "user.name", "A"]);
    git(&folder, &["config", "user.email", "a@example.org"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-qm", "one"]);
    folder
}

impl App {
    /// Has the agent change, make, rename and remove files.
    async fn change_files(&self, folder: &Path) {
        let long = "0123456789 ".repeat(24);
        let made = json!({
            "filePath": folder.join(POOL),
            "content": format!("//! Connections.\n\npub const NAME: &str = \"{long}\";\n"),
        });
        let changed = json!({
            "command": format!(
                "sed -i -e 's/attempts: u32, base/attempts: usize, base/' -e 's/base \\* attempt/base * attempt.min(8)/' {RETRY} \
                 && mv src/net/errors.rs src/net/failures.rs && rm docs/old.md && printf 'a\\000b' > logo.bin"
            ),
            "description": "Change what is there",
        });
        let steps = [
            vec![Action::tool("write", made)],
            vec![Action::tool("bash", changed)],
            vec![Action::text("All of it is changed.")],
        ];
        self.send(&scripted("Change the files", steps)).await;
        self.answer("allow-once").await;
        self.answer("allow-once").await;
        self.wait_for_text("[data-testid=prose]", "All of it is changed.")
            .await;
        self.idle().await;
    }

    async fn open_review(&self) {
        if self.count("[data-testid=review]").await == 0 {
            self.click("[data-testid=review-toggle]").await;
        }
        self.wait_for("[data-testid=review-files] .file").await;
    }

    /// Chooses a file of the review and waits for its lines.
    async fn review_file(&self, path: &str) {
        self.click(&format!("[data-testid=review-files] .file[title^='{path}']"))
            .await;
        self.wait_for(&format!("{DIFF}[aria-label='Changes in {path}'] .line"))
            .await;
    }
}

#[tokio::test]
async fn changes_are_seen_and_put_back() {
    let home = Home::new();
    let folder = repository(&home);
    let read = |path: &str| std::fs::read_to_string(folder.join(path)).expect("the file is there");
    let app = App::start("review", &home, &[&folder]).await;
    app.sized(1440, 900).await;
    app.change_files(&folder).await;
    app.open_review().await;
    app.wait_for_text(".review-bar", "5 files").await;
    let listed = app.text("[data-testid=review-files] .file").await;
    for words in ["Added", "Modified", "Deleted", "Renamed"] {
        assert!(listed.contains(words), "{words} is in {listed}");
    }

    // Words of a line are marked, and the two places are changes of their own.
    app.review_file(RETRY).await;
    app.wait_for(&format!("{DIFF} [data-hunk='1']")).await;
    app.wait_for_text(&format!("{DIFF} .add mark"), "usize").await;
    assert_eq!(app.count(&format!("{DIFF} [data-hunk]")).await, 2);
    let changed = read(RETRY);
    assert!(changed.contains("attempts: usize") && changed.contains("attempt.min(8)"));

    // The first of them is put back in the folder, and that is undone.
    app.click("[data-testid=review-tree]").await;
    app.wait_for_text("[data-testid=git-branch]", "main").await;
    app.review_file(RETRY).await;
    app.wait_for(&format!("{DIFF} [data-hunk='1']")).await;
    app.click(&format!("{DIFF} [data-hunk='0'] [data-testid=revert-hunk]"))
        .await;
    app.wait_for("[data-testid=revert-confirm]").await;
    app.picture_of("put-back").await;
    app.click("[data-testid=revert-confirm]").await;
    app.wait_for_text(".review-kept", RETRY).await;
    app.wait_gone(&format!("{DIFF} [data-hunk='1']")).await;
    assert_eq!(
        read(RETRY),
        changed.replace("attempts: usize", "attempts: u32"),
        "the other change stays"
    );
    app.click("[data-testid=review-undo]").await;
    app.wait_for(&format!("{DIFF} [data-hunk='1']")).await;
    assert_eq!(read(RETRY), changed);
    app.picture_of("undone").await;
    app.close().await;
}
