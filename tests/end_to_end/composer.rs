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

/// A wide window, one on a small screen, and half of a wide screen.
const SIZES: [(u32, u32); 3] = [(1440, 900), (1024, 768), (820, 900)];

/// What of the page reaches out of the window.
const OUT: &str = "return [...document.querySelectorAll('.composer, .queue, .suggestions, .context-details, .dialog, .composer-files')]
  .map((part) => [part.className, part.getBoundingClientRect()])
  .filter(([, at]) => at.width > 0 && (at.left < 0 || at.top < 0 || at.right > innerWidth || at.bottom > innerHeight))
  .map(([name, at]) => `${name} from ${at.left}, ${at.top} to ${at.right}, ${at.bottom}`)";

impl App {
    /// Keeps a picture, and puts what is wrong with the page into `found`.
    async fn compose_look(&self, what: &str, popup: bool, found: &mut Vec<String>) {
        self.picture_of(what).await;
        let out = self.driver().execute(OUT, json!([])).await;
        if let Value::Array(out) = out.expect("the page can be read") {
            found.extend(out.iter().map(|part| format!("{what}: {part}")));
        }
        let broken = self.broken_rules(popup).await;
        found.extend(broken.iter().map(|each| format!("{what}: {each}")));
    }

    /// What opens above the composer, in one theme and at one width. The draft is empty before and after.
    async fn composer_popups(&self, name: &str, found: &mut Vec<String>) {
        self.compose_look(&format!("{name}-files"), false, found).await;
        for (typed, shown, what) in [
            ("@retr", "src/retry.rs", "names"),
            ("/tel", "Tells of the notes", "commands"),
        ] {
            self.type_into(FIELD, typed).await;
            self.wait_for_text("[data-testid=suggestions]", shown).await;
            self.compose_look(&format!("{name}-{what}"), true, found).await;
            self.type_into(FIELD, ESCAPE).await;
            self.wait_gone("[data-testid=suggestions]").await;
            self.type_into(FIELD, &"\u{e003}".repeat(typed.len())).await;
        }
        self.type_into(FIELD, "/tell all ").await;
        self.type_into(FIELD, ENTER).await;
        self.wait_for_text("[data-testid=template]", "cat notes").await;
        self.compose_look(&format!("{name}-template"), true, found).await;
        self.press(&[ESCAPE]).await;
        self.wait_gone("[data-testid=template]").await;
        self.type_into(FIELD, &"\u{e003}".repeat("/tell all ".len()))
            .await;
        self.click("[data-testid=context-meter]").await;
        self.wait_for_text("[data-testid=context-details]", "tokens")
            .await;
        self.compose_look(&format!("{name}-context"), true, found).await;
        self.press(&[ESCAPE]).await;
        self.wait_gone("[data-testid=context-details]").await;
    }

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
    let app = App::start("composer", &home, &[&folder]).await;
    app.sized(1440, 900).await;

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
    // Of the scripted model it is known that it reads no pictures.
    app.wait_for_text("[data-testid=no-pictures]", "reads no pictures")
        .await;
    app.picture_of("refused").await;
    let mut found = Vec::new();
    for theme in ["dark", "light"] {
        app.themed(theme).await;
        for (width, height) in SIZES {
            app.sized(width, height).await;
            app.composer_popups(&format!("{theme}-{width}"), &mut found).await;
        }
    }
    app.sized(1440, 900).await;
    assert!(found.is_empty(), "{}", found.join("\n"));

    // Names.
    app.type_into(FIELD, "Look at @retr").await;
    app.wait_for_text("[data-testid=suggestions]", "src/retry.rs")
        .await;
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
    app.picture_of("sent").await;

    // A command of the folder.
    app.type_into(FIELD, "/tel").await;
    app.wait_for_text("[data-testid=suggestions]", "Tells of the notes")
        .await;
    app.type_into(FIELD, ENTER).await;
    assert_eq!(app.composed().await, "/tell ");
    app.type_into(FIELD, &marker("It was told.")).await;
    app.type_into(FIELD, ENTER).await;
    app.wait_for_text("[data-testid=template]", "cat notes").await;
    app.click("[data-testid=trust-confirm]").await;
    app.wait_for_text("[data-testid=prose]", "It was told.").await;
    app.idle().await;

    // The context, and room in it.
    app.click("[data-testid=context-meter]").await;
    app.wait_for_text("[data-testid=context-details]", "tokens").await;
    app.click("[data-testid=context-details] [data-testid=compact]")
        .await;
    app.wait(
        "a mark of the compaction",
        "return document.body.innerText.includes('shortened to a summary')",
        json!([]),
    )
    .await;
    app.picture_of("compacted").await;
    app.press(&[ESCAPE]).await;
    app.idle().await;
    app.close().await;
}

#[tokio::test]
async fn prompts_wait_over_a_restart_and_one_is_sent_into_the_turn() {
    let home = Home::new();
    let folder = home.folder("waiting");
    let app = App::start("waiting", &home, &[&folder]).await;
    app.sized(1440, 900).await;
    let slow = [vec![
        Action::text("Working on it."),
        Action::silence(600_000),
        Action::text(" Never."),
    ]];
    app.send(&scripted("Slow", slow)).await;
    app.wait_for_text("[data-testid=prose]", "Working on it.").await;
    app.send(&scripted("Later", [vec![Action::text("Later it is.")]]))
        .await;
    app.wait_for_text("[data-testid=queue]", "It is sent when this turn has ended well")
        .await;
    let mut found = Vec::new();
    app.compose_look("one", false, &mut found).await;
    app.send(&format!("Second, {}", "and more of it, ".repeat(20)))
        .await;
    app.wait_for_text("[data-testid=queue]", "2 prompts wait").await;
    for theme in ["dark", "light"] {
        app.themed(theme).await;
        for (width, height) in SIZES {
            app.sized(width, height).await;
            app.compose_look(&format!("{theme}-{width}"), false, &mut found)
                .await;
            app.click("[data-testid=queued]:last-child [aria-label=Edit]")
                .await;
            app.wait_for("[data-testid=queue-field]").await;
            app.compose_look(&format!("{theme}-{width}-edit"), false, &mut found)
                .await;
            app.press(&[ESCAPE]).await;
            app.wait_gone("[data-testid=queue-field]").await;
        }
    }
    app.sized(1440, 900).await;
    app.click("[data-testid=queued]:last-child [aria-label=Remove]")
        .await;
    app.wait_for_text("[data-testid=queue]", "1 prompt waits").await;
    app.type_into(FIELD, "Right now").await;
    app.press(&[CONTROL, ENTER]).await;
    app.wait_for_text("[data-testid=message-person]", "Right now")
        .await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    app.close().await;

    let app = App::start("waiting-again", &home, &[&folder]).await;
    app.click("[data-testid=session-row]").await;
    app.wait_for_text("[data-testid=queue]", "It waits for you").await;
    app.picture_of("held").await;
    app.click("[data-testid=queue-send]").await;
    app.wait_for_text("[data-testid=prose]", "Later it is.").await;
    app.wait_gone("[data-testid=queue]").await;
    app.close().await;
}
