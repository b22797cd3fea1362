//! The review beside a thread: what a turn changed, line by line, and what a person does about it.

use std::path::Path;
use std::process::Command;

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Home, scripted};

const DIFF: &str = "[data-testid=diff]";
const SPLIT: &str = "[data-testid=review-split]";
const CLOSE: &str = "[data-testid=review] [aria-label^='Close review']";
const COMPOSER: &str = "[data-testid=composer-input]";
const CONTROL: &str = "\u{e009}";
const BACKSPACE: &str = "\u{e003}";
const ESCAPE: &str = "\u{e00c}";
const RETRY: &str = "src/net/retry.rs";
const POOL: &str = "src/net/transport/connections_that_are_kept_open_for_the_next_request.rs";

const LARGE: &str = "data/large.csv";

/// A wide window with the review beside the thread, one on a small screen, and half of a wide screen with it over the thread.
const SIZES: [(u32, u32); 3] = [(1440, 900), (1024, 768), (820, 900)];

/// The bars of the panel that are too narrow for what is in them.
const CUT: &str = "return [...document.querySelectorAll('.review > .pane-header, .review-bar, .git-bar, .diff-head, .review-foot, .review-kept, .comment-range')]
  .filter((bar) => bar.scrollWidth > bar.clientWidth || bar.getBoundingClientRect().right > innerWidth || bar.getBoundingClientRect().bottom > innerHeight)
  .map((bar) => `${bar.className}: ${bar.scrollWidth} in ${bar.clientWidth}, down to ${bar.getBoundingClientRect().bottom}`)";

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
    for part in ["src/net", "docs", "data"] {
        std::fs::create_dir_all(folder.join(part)).expect("the folder can be written");
    }
    let files = [
        (RETRY, retry()),
        ("src/net/errors.rs", "pub struct Gone;\n".repeat(20)),
        ("docs/old.md", "Old\n".to_owned()),
        ("logo.bin", "\0\u{1}".to_owned()),
        (LARGE, "1\n".to_owned()),
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
                 && mv src/net/errors.rs src/net/failures.rs && rm docs/old.md && printf 'a\\000b' > logo.bin && seq 1 9000 > {LARGE}"
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

    /// Keeps a picture, and puts what is wrong with the page into `found`.
    async fn inspect(&self, what: &str, popup: bool, found: &mut Vec<String>) {
        self.picture_of(what).await;
        let cut = self.driver().execute(CUT, json!([])).await;
        if let Value::Array(cut) = cut.expect("the page can be read") {
            found.extend(cut.iter().map(|bar| format!("{what} cuts {bar}")));
        }
        let broken = self.broken_rules(popup).await;
        found.extend(broken.iter().map(|each| format!("{what}: {each}")));
    }

    /// What there is to see of the review, in one theme and at one width.
    async fn review_looks(&self, name: &str, found: &mut Vec<String>) {
        self.open_review().await;
        self.review_file(RETRY).await;
        self.inspect(&format!("{name}-unified"), false, found).await;
        self.click(SPLIT).await;
        self.wait_for(".diff--split .side").await;
        self.inspect(&format!("{name}-split"), false, found).await;
        self.click(SPLIT).await;
        self.wait_gone(".diff--split").await;
        self.review_file(POOL).await;
        self.click(&format!("{DIFF} [data-line='3']")).await;
        self.wait_for("[data-testid=comment-form]").await;
        self.inspect(&format!("{name}-comment"), false, found).await;
        self.press(&[ESCAPE]).await;
        self.wait_gone("[data-testid=comment-form]").await;
        self.click("[data-testid=review-files] .file[title^='logo.bin']")
            .await;
        self.wait_for("[data-testid=review-no-lines]").await;
        self.inspect(&format!("{name}-binary"), false, found).await;
        self.click(&format!("[data-testid=review-files] .file[title^='{LARGE}']"))
            .await;
        self.wait_for("[data-testid=review-large]").await;
        self.inspect(&format!("{name}-large"), false, found).await;
        self.click("[data-testid=review-tree]").await;
        self.wait_for_text("[data-testid=git-branch]", "main").await;
        self.review_file(RETRY).await;
        self.inspect(&format!("{name}-tree"), false, found).await;
        self.click("[data-testid=review-session]").await;
        self.wait_gone("[data-testid=git-bar]").await;
    }

    /// Chooses from a menu as a person does: what a script presses may copy nothing.
    async fn choose_of(&self, menu: &str, label: &str) {
        self.click(menu).await;
        self.wait(
            &format!("{label} in the menu"),
            "const entry = [...document.querySelectorAll('[role=menuitem]')].find((each) => each.textContent.includes(arguments[0])); \
             entry?.setAttribute('data-wanted', ''); return entry !== undefined",
            json!([label]),
        )
        .await;
        self.click("[data-wanted]").await;
        self.wait_gone("[role=menuitem]").await;
    }

    /// What was copied, by pasting it where a prompt is written; nothing is left of it there.
    async fn pasted(&self) -> String {
        self.wait_for_text(".toasts", "Copied").await;
        self.click(COMPOSER).await;
        self.press(&[CONTROL, "v"]).await;
        self.wait_composer("a copy", "!== ''").await;
        let pasted = self.composed().await;
        self.press(&[CONTROL, "a"]).await;
        self.press(&[BACKSPACE]).await;
        self.wait_composer("nothing left of it", "=== ''").await;
        self.click(".toasts [aria-label=Dismiss]").await;
        self.wait_gone(".toast").await;
        pasted
    }

    async fn wait_composer(&self, what: &str, holds: &str) {
        let script = format!("return document.querySelector(arguments[0]).value {holds}");
        self.wait(what, &script, json!([COMPOSER])).await;
    }

    /// What is copied as a patch is one that git takes.
    async fn copies_patches(&self, home: &Home, folder: &Path) {
        self.choose_of(".diff-head [aria-haspopup=menu]", "Copy the file")
            .await;
        let patch = self.pasted().await;
        assert!(patch.contains("-pub fn retry(attempts: u32"), "{patch}");
        let kept = home.root().join("retry.patch");
        std::fs::write(&kept, patch).expect("the patch can be written");
        let kept = kept.display().to_string();
        git(folder, &["apply", "--check", "--reverse", &kept]);
        self.choose_of(
            "[data-testid=review] .pane-header [aria-haspopup=menu]",
            "Copy all",
        )
        .await;
        let all = self.pasted().await;
        for path in [RETRY, POOL, "src/net/errors.rs", "docs/old.md", LARGE] {
            assert!(all.contains(path), "{path} is in {all}");
        }
    }

    /// What is being written stays when the window becomes narrow and wide again, and so does where one was.
    async fn keeps_what_is_written(&self) {
        self.review_file(POOL).await;
        self.click(&format!("{DIFF} [data-line='3']")).await;
        self.type_into("[data-testid=comment-form] textarea", "Half a")
            .await;
        for width in [820, 1440] {
            self.sized(width, 900).await;
            self.wait_for("[data-testid=comment-form]").await;
            // Nothing is put in between: the focus is where it was.
            self.press(&["+"]).await;
        }
        let script = "return document.querySelector('[data-testid=comment-form] textarea').value";
        let kept = self
            .driver()
            .execute(script, json!([]))
            .await
            .expect("the page can be read");
        assert_eq!(kept, "Half a++");
        self.click(CLOSE).await;
        self.wait_gone("[data-testid=review]").await;
        self.open_review().await;
        self.wait(
            "what was being written",
            "return document.querySelector('[data-testid=comment-form] textarea')?.value === 'Half a++'",
            json!([]),
        )
        .await;
        self.click("[data-testid=comment-form] textarea").await;
        self.press(&[ESCAPE]).await;
        self.wait_gone("[data-testid=comment-form]").await;
    }

    /// What a hook of the repository says is shown, and nothing is committed.
    async fn is_refused_by_a_hook(&self, folder: &Path, found: &mut Vec<String>) {
        let hook = folder.join(".git/hooks/pre-commit");
        std::fs::write(&hook, "#!/bin/sh\necho 'No commits on Sundays.' >&2\nexit 1\n")
            .expect("the hook can be written");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&hook, executable).expect("the hook can be made one");
        let row = "[data-testid=review-files] .file[title^='logo.bin']";
        self.click(&format!("{row} .stage-mark")).await;
        self.wait_for(&format!("{row}[aria-checked=true]")).await;
        self.click("[data-testid=review-commit]").await;
        self.type_into("[data-testid=commit-message]", "A picture").await;
        self.click("[data-testid=commit-now]").await;
        self.wait_for_text(".git-said", "No commits on Sundays.").await;
        self.inspect("refused", true, found).await;
        assert_eq!(
            git(folder, &["log", "-1", "--format=%s"]),
            "Try eight times at most"
        );
    }
}

#[tokio::test]
async fn changes_are_seen_put_back_and_spoken_of() {
    let home = Home::new();
    let folder = repository(&home);
    let read = |path: &str| std::fs::read_to_string(folder.join(path)).expect("the file is there");
    let app = App::start("review", &home, &[&folder]).await;
    app.sized(1440, 900).await;
    app.change_files(&folder).await;
    app.open_review().await;
    app.wait_for_text(".review-bar", "6 files").await;
    let listed = app.text("[data-testid=review-files] .file").await;
    for words in ["Added", "Modified", "Deleted", "Renamed", "Binary"] {
        assert!(listed.contains(words), "{words} is in {listed}");
    }

    // Words of a line are marked, and the two places are changes of their own.
    app.review_file(RETRY).await;
    app.wait_for(&format!("{DIFF} [data-hunk='1']")).await;
    app.wait_for_text(&format!("{DIFF} .add mark"), "usize").await;
    assert_eq!(app.count(&format!("{DIFF} [data-hunk]")).await, 2);
    let changed = read(RETRY);
    assert!(changed.contains("attempts: usize") && changed.contains("attempt.min(8)"));

    app.copies_patches(&home, &folder).await;

    // The first of them is put back in the folder, and that is undone.
    app.click("[data-testid=review-tree]").await;
    app.wait_for_text("[data-testid=git-branch]", "main").await;
    app.review_file(RETRY).await;
    app.wait_for(&format!("{DIFF} [data-hunk='1']")).await;
    let mut found = Vec::new();
    app.click(&format!("{DIFF} [data-hunk='0'] [data-testid=revert-hunk]"))
        .await;
    app.wait_for("[data-testid=revert-confirm]").await;
    app.inspect("put-back", true, &mut found).await;
    app.click("[data-testid=revert-confirm]").await;
    app.wait_for_text(".review-kept", RETRY).await;
    app.wait_gone(&format!("{DIFF} [data-hunk='1']")).await;
    assert_eq!(
        read(RETRY),
        changed.replace("attempts: usize", "attempts: u32"),
        "the other change stays"
    );
    app.inspect("was-put-back", false, &mut found).await;
    app.click("[data-testid=review-undo]").await;
    app.wait_for(&format!("{DIFF} [data-hunk='1']")).await;
    assert_eq!(read(RETRY), changed);

    // News of it stands there still, and over nothing that is pressed. A comment on a line goes into the prompt, with the line.
    app.wait_for_text(".toasts", "again as it was").await;
    app.click("[data-testid=review-session]").await;
    app.wait_gone("[data-testid=git-bar]").await;
    app.review_file(RETRY).await;
    app.click(&format!("{DIFF} [data-line='4']")).await;
    app.type_into("[data-testid=comment-form] textarea", "Why so many?")
        .await;
    app.picture_of("news").await;
    app.click("[data-testid=comment-add]").await;
    app.wait_for_text("[data-testid=review-comments]", "1 comment")
        .await;
    assert_eq!(
        app.composed().await.trim(),
        "`src/net/retry.rs:4`\n> pub fn retry(attempts: usize, base: Duration) -> Vec<Step> {\nWhy so many?"
    );

    app.keeps_what_is_written().await;
    for theme in ["dark", "light"] {
        app.themed(theme).await;
        for (width, height) in SIZES {
            app.sized(width, height).await;
            app.review_looks(&format!("{theme}-{width}"), &mut found).await;
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    app.close().await;
}

#[tokio::test]
async fn changes_are_taken_into_a_commit_on_a_branch_of_their_own() {
    let home = Home::new();
    let folder = repository(&home);
    let app = App::start("commit", &home, &[&folder]).await;
    app.sized(1440, 900).await;
    app.change_files(&folder).await;
    app.open_review().await;
    app.click("[data-testid=review-tree]").await;
    app.wait_for_text("[data-testid=git-branch]", "main").await;
    let listed = app.text("[data-testid=review-files] .file").await;
    for words in ["not known to git", "Renamed", "Deleted", "Binary"] {
        assert!(listed.contains(words), "{words} is in {listed}");
    }
    let mut found = Vec::new();

    // A branch of their own.
    app.click("[data-testid=git-branch]").await;
    app.wait_for_text(
        "[role=menuitem], [role=menuitemradio], [role=menuitemcheckbox]",
        "main",
    )
    .await;
    app.inspect("branches", true, &mut found).await;
    app.press(&[ESCAPE]).await;
    app.choose_of("[data-testid=git-branch]", "New branch").await;
    app.type_into("[data-testid=branch-name]", "retry-less").await;
    app.inspect("branch", true, &mut found).await;
    app.click("[data-testid=branch-make]").await;
    app.wait_for_text("[data-testid=git-branch]", "retry-less").await;
    assert_eq!(git(&folder, &["branch", "--show-current"]), "retry-less");

    // What git would take is chosen file by file, and committed with a message.
    let row = format!("[data-testid=review-files] .file[title^='{RETRY}']");
    app.click(&format!("{row} .stage-mark")).await;
    app.wait_for(&format!("{row}[aria-checked=true]")).await;
    assert_eq!(git(&folder, &["diff", "--cached", "--name-only"]), RETRY);
    app.wait_for_text(".review-foot", "1 file in the next commit")
        .await;
    app.inspect("staged", false, &mut found).await;
    app.click("[data-testid=review-commit]").await;
    app.type_into("[data-testid=commit-message]", "Try eight times at most")
        .await;
    app.inspect("message", true, &mut found).await;
    app.click("[data-testid=commit-now]").await;
    app.wait_gone("[data-testid=commit-message]").await;
    app.wait_gone(&row).await;
    assert_eq!(
        git(&folder, &["log", "-1", "--format=%s %an", "--name-only"]),
        format!("Try eight times at most A\n\n{RETRY}")
    );
    app.inspect("done", false, &mut found).await;

    app.is_refused_by_a_hook(&folder, &mut found).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    app.close().await;
}
