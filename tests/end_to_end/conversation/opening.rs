//! Files that are opened in an editor, at their line.

use std::path::{Path, PathBuf};

use cowork_scripted_model::Action;
use serde_json::json;

use crate::harness::{App, Home, scripted};

const ENTER: &str = "\u{e007}";

/// An editor that writes down how it is started, and a login shell that knows where it is.
fn editor(home: &Home) -> (PathBuf, PathBuf) {
    use std::os::unix::fs::PermissionsExt as _;
    let programs = home.root().join("programs");
    let told = home.root().join("told");
    std::fs::create_dir_all(&programs).expect("a folder can be made");
    // Renamed when it is whole, so that nobody reads half of it.
    let code = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{0}.new' && mv '{0}.new' '{0}'\n",
        told.display()
    );
    // It is asked as a login shell, which would begin with the machine's own search path.
    let shell = format!(
        "#!/bin/sh\nPATH='{}':$PATH\nshift 2\nexec /bin/sh \"$@\"\n",
        programs.display()
    );
    for (name, script) in [("code", code), ("shell", shell)] {
        let program = programs.join(name);
        std::fs::write(&program, script).expect("the folder can be written");
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&program, executable).expect("it is ours");
    }
    (programs.join("shell"), told)
}

/// What the editor was started with last; it is forgotten.
async fn opened(told: &Path) -> Vec<String> {
    for _ in 0..600 {
        if let Ok(text) = std::fs::read_to_string(told) {
            std::fs::remove_file(told).expect("it can be removed");
            return text.lines().map(str::to_owned).collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no editor was started");
}

#[tokio::test]
async fn a_file_is_opened_at_its_line_from_the_text_from_a_call_and_by_a_key() {
    let home = Home::new();
    let folder = home.folder("opened");
    std::fs::write(folder.join("notes.txt"), "one\ntwo\nthree\nfour\n").expect("the folder can be written");
    let (shell, told) = editor(&home);
    let mut app = App::start_with_shell("opened", &home, &[&folder], &shell).await;
    let file = folder.join("notes.txt").display().to_string();
    app.send(&scripted(
        "Change three to 3",
        [
            vec![Action::tool("read", json!({ "filePath": file }))],
            vec![Action::tool(
                "edit",
                json!({ "filePath": file, "oldString": "three", "newString": "3" }),
            )],
            vec![Action::text(
                "See `notes.txt:2`, and neither `other.txt:1` nor `/etc/hosts`.",
            )],
        ],
    ))
    .await;
    app.answer("allow-once").await;
    app.answered("See notes.txt:2").await;
    let real = folder
        .canonicalize()
        .expect("the folder is there")
        .join("notes.txt");
    let at = |line: u32| vec!["--goto".to_owned(), format!("{}:{line}", real.display())];

    app.click("[data-testid=prose] .file-mention").await;
    assert_eq!(opened(&told).await, at(2));
    assert_eq!(app.count("[data-testid=prose] .file-mention").await, 1);

    let edited = "[data-testid=tool][data-shape=edit]";
    app.click(&format!("{edited} [data-testid=tool-file]")).await;
    assert_eq!(opened(&told).await, at(3));
    assert_eq!(app.count(&format!("{edited} [aria-expanded=true]")).await, 0);
    let name = app
        .page_runs(
            "const link = document.querySelector(arguments[0]); link.focus(); return [link.getAttribute('role'), link.textContent, link.title]",
            json!([format!("{edited} [data-testid=tool-file]")]),
        )
        .await;
    assert_eq!(
        name,
        json!(["link", "notes.txt", "Open notes.txt at line 3 in an editor"])
    );
    app.press(&[ENTER]).await;
    assert_eq!(opened(&told).await, at(3));
    app.wait_for_text("body", "Opened in VS Code.").await;

    // Beside the name, the line opens to what was changed; above it the file is named, too.
    app.click(&format!("{edited} .tool-toggle")).await;
    app.wait_for_text("[data-testid=diff]", "three").await;
    app.picture().await;
    app.click(&format!("{edited} [data-testid=open-file]")).await;
    assert_eq!(opened(&told).await, at(3));
    app.seen_everywhere("opened", edited).await;
    app.close().await;
}
