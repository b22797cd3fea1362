//! What stands in the composer beside words: attached files, names, commands, what waits, and the context.

use cowork_scripted_model::{Action, Script, Step};
use serde_json::{Value, json};

use crate::harness::{App, Home, scripted};

const FIELD: &str = "[data-testid=composer-input]";
const CONTROL: &str = "\u{e009}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

/// Gives the page files as a person pastes or drops them: a picture that is drawn there, large enough to be made
/// smaller, a text, and an office document.
const FILES: &str = r"
const [how] = arguments, done = arguments[arguments.length - 1];
const canvas = document.createElement('canvas');
canvas.width = 3000; canvas.height = 300;
const paint = canvas.getContext('2d');
paint.fillStyle = '#3a6'; paint.fillRect(0, 0, 3000, 300);
canvas.toBlob((picture) => {
  const list = new DataTransfer();
  if (how === 'paste') list.items.add(new File([picture], 'wide.png', { type: 'image/png' }));
  else {
    list.items.add(new File(['{\x22notes\x22: true}'], 'notes.json', { type: 'application/json' }));
    list.items.add(new File([new Uint8Array([0x50, 0x4b, 3, 4]), 'word/document.xml'], 'letter.docx'));
  }
  const field = document.querySelector('[data-testid=composer-input]');
  if (how === 'paste') field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: list, bubbles: true, cancelable: true }));
  else for (const kind of ['dragover', 'drop']) field.dispatchEvent(new DragEvent(kind, { dataTransfer: list, bubbles: true, cancelable: true }));
  done(true);
}, 'image/png');
";

impl App {
    async fn give_files(&self, how: &str) {
        let given = self.driver().execute_async(FILES, json!([how])).await;
        assert_eq!(given.expect("the page runs it"), Value::Bool(true));
    }
}

fn marker(words: &str) -> String {
    let script = Script::new([Step::new([Action::text(words)])]);
    script.to_marker().expect("a script has a marker")
}

#[tokio::test]
async fn files_names_commands_waiting_prompts_and_compaction() {
    let home = Home::new();
    let folder = home.folder("composer");
    let commands = folder.join(".opencode/command");
    std::fs::create_dir_all(&commands).expect("the folder can be written");
    std::fs::create_dir(folder.join("src")).expect("the folder can be written");
    std::fs::write(folder.join("src/retry.rs"), "fn retry() {}\n").expect("the folder can be written");
    let template = "---\ndescription: Tells of the notes\nargument-hint: \"[what]\"\n---\nTell of !`cat notes` and $ARGUMENTS\n";
    std::fs::write(commands.join("tell.md"), template).expect("the folder can be written");
    let mut app = App::start("composer", &home, &[&folder]).await;

    app.send(&scripted("Hello", [vec![Action::text("Hello to you.")]]))
        .await;
    app.wait_for_text("[data-testid=prose]", "Hello to you.").await;
    app.idle().await;

    // Files, and what cannot be one.
    app.give_files("paste").await;
    app.wait_for_text("[data-testid=attachments]", "made smaller")
        .await;
    app.give_files("drop").await;
    app.wait_for_text("[data-testid=attachments]", "notes.json").await;
    app.wait_for_text("[data-testid=refused-files]", "Save it as PDF or text")
        .await;
    app.picture().await;

    // Names.
    app.type_into(FIELD, "Look at @retr").await;
    app.wait_for_text("[data-testid=suggestions]", "src/retry.rs")
        .await;
    app.picture().await;
    app.type_into(FIELD, ENTER).await;
    app.wait_gone("[data-testid=suggestions]").await;
    assert_eq!(app.composed().await, "Look at @src/retry.rs ");
    app.type_into(FIELD, &format!("please {}", marker("I looked at all of it.")))
        .await;
    app.type_into(FIELD, ENTER).await;
    app.wait_for_text("[data-testid=prose]", "I looked at all of it.")
        .await;
    app.idle().await;
    app.wait_gone("[data-testid=attachments]").await;
    for name in ["wide.png", "notes.json", "src/retry.rs"] {
        app.wait_for_text("[data-testid=message-person] .attachments", name)
            .await;
    }
    app.picture().await;

    // A command of the folder.
    app.type_into(FIELD, "/tel").await;
    app.wait_for_text("[data-testid=suggestions]", "Tells of the notes")
        .await;
    app.picture().await;
    app.type_into(FIELD, ENTER).await;
    assert_eq!(app.composed().await, "/tell ");
    app.type_into(FIELD, &marker("It was told.")).await;
    app.type_into(FIELD, ENTER).await;
    app.wait_for_text("[data-testid=template]", "cat notes").await;
    app.picture().await;
    app.click("[data-testid=trust-confirm]").await;
    app.wait_for_text("[data-testid=prose]", "It was told.").await;
    app.idle().await;

    // The context, and room in it.
    app.click("[data-testid=context-meter]").await;
    app.wait_for_text("[data-testid=context-details]", "tokens").await;
    app.picture().await;
    app.click("[data-testid=context-details] [data-testid=compact]")
        .await;
    app.wait(
        "a mark of the compaction",
        "return document.body.innerText.includes('shortened to a summary')",
        json!([]),
    )
    .await;
    app.press(&[ESCAPE]).await;
    app.idle().await;
    app.picture().await;
    app.close().await;
}

#[tokio::test]
async fn prompts_wait_over_a_restart_and_one_is_sent_into_the_turn() {
    let home = Home::new();
    let folder = home.folder("waiting");
    let mut app = App::start("waiting", &home, &[&folder]).await;
    let slow = [vec![
        Action::text("Working on it."),
        Action::silence(60_000),
        Action::text(" Never."),
    ]];
    app.send(&scripted("Slow", slow)).await;
    app.wait_for_text("[data-testid=prose]", "Working on it.").await;
    app.send(&scripted("Later", [vec![Action::text("Later it is.")]]))
        .await;
    app.wait_for_text("[data-testid=queue]", "1 prompt waits").await;
    app.type_into(FIELD, "Right now").await;
    app.press(&[CONTROL, ENTER]).await;
    app.wait_for_text("[data-testid=message-person]", "Right now")
        .await;
    app.picture().await;
    app.close().await;

    let mut app = App::start("waiting-again", &home, &[&folder]).await;
    app.click("[data-testid=session-row]").await;
    app.wait_for_text("[data-testid=queue]", "They wait for you")
        .await;
    app.picture().await;
    app.click("[data-testid=queue-send]").await;
    app.wait_for_text("[data-testid=prose]", "Later it is.").await;
    app.wait_gone("[data-testid=queue]").await;
    app.close().await;
}
