//! Opening a file of a person's work in an editor, at a line.
//!
//! The file comes from a folder that agents write in, so it is never handed to the system's opener, which may run it. It
//! is given to an editor from a list, as one argument and without a shell; where none is found its folder is shown.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cowork_workspace::PersonPrograms;
use cowork_workspace::view::OpenedWhere;

/// An editor: its name to a person, its program, and how it is told the place.
struct Editor {
    name: &'static str,
    program: &'static str,
    arguments: fn(&str, u32) -> Vec<String>,
}

/// `program --goto file:line`
fn goto(file: &str, line: u32) -> Vec<String> {
    vec!["--goto".to_owned(), format!("{file}:{line}")]
}

/// `program file:line`
fn colon(file: &str, line: u32) -> Vec<String> {
    vec![format!("{file}:{line}")]
}

/// `program --line line file`
fn line(file: &str, line: u32) -> Vec<String> {
    vec!["--line".to_owned(), line.to_string(), file.to_owned()]
}

/// `program +line file`
fn plus(file: &str, line: u32) -> Vec<String> {
    vec![format!("+{line}"), file.to_owned()]
}

/// Editors with a window, the one that is looked for first before the others.
const EDITORS: &[Editor] = &[
    Editor {
        name: "VS Code",
        program: "code",
        arguments: goto,
    },
    Editor {
        name: "VSCodium",
        program: "codium",
        arguments: goto,
    },
    Editor {
        name: "Cursor",
        program: "cursor",
        arguments: goto,
    },
    Editor {
        name: "Windsurf",
        program: "windsurf",
        arguments: goto,
    },
    Editor {
        name: "Zed",
        program: "zed",
        arguments: colon,
    },
    Editor {
        name: "Sublime Text",
        program: "subl",
        arguments: colon,
    },
    Editor {
        name: "IntelliJ IDEA",
        program: "idea",
        arguments: line,
    },
    Editor {
        name: "PyCharm",
        program: "pycharm",
        arguments: line,
    },
    Editor {
        name: "WebStorm",
        program: "webstorm",
        arguments: line,
    },
    Editor {
        name: "Kate",
        program: "kate",
        arguments: line,
    },
    Editor {
        name: "GNOME Text Editor",
        program: "gnome-text-editor",
        arguments: plus,
    },
    Editor {
        name: "gedit",
        program: "gedit",
        arguments: plus,
    },
];

/// The first editor that is there, and its program.
fn find(programs: &PersonPrograms) -> Option<(&'static Editor, PathBuf)> {
    EDITORS.iter().find_map(|editor| {
        let name = format!("{}{}", editor.program, std::env::consts::EXE_SUFFIX);
        Some((editor, programs.find(&name)?))
    })
}

/// Opens a file (absolute, in place) at a line, in an editor of the person's, or else shows its folder.
///
/// # Errors
/// When neither can be done.
pub(crate) fn open(file: &Path, at: Option<u32>, programs: &PersonPrograms) -> anyhow::Result<OpenedWhere> {
    if let Some((editor, program)) = find(programs)
        && let Some(name) = file.to_str()
    {
        let mut command = Command::new(program);
        command
            .args((editor.arguments)(name, at.unwrap_or(1)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        #[cfg(unix)]
        // It goes on when the app ends.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        match command.spawn() {
            Ok(mut child) => {
                // Somebody has to take in what it ends with.
                std::thread::spawn(move || child.wait());
                return Ok(OpenedWhere::Editor {
                    name: editor.name.to_owned(),
                });
            }
            Err(error) => tracing::warn!(%error, editor = editor.name, "an editor did not start"),
        }
    }
    show(file)?;
    Ok(OpenedWhere::Folder)
}

/// Shows where a file is. Finder is told to show it and not to open its folder: one whose name ends in `.app` would be run.
fn show(file: &Path) -> anyhow::Result<()> {
    if cfg!(target_os = "macos") {
        let shown = Command::new("/usr/bin/open").arg("-R").arg(file).status()?;
        anyhow::ensure!(shown.success(), "the Finder did not show the file");
        return Ok(());
    }
    open::that_detached(file.parent().unwrap_or(file))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_editor_of_the_list_is_found_and_told_the_line() {
        let place = tempfile::tempdir().expect("a folder can be made");
        let programs = PersonPrograms::new([place.path().to_owned()], []);
        assert!(find(&programs).is_none());
        for name in ["kate", "zed", "vi"] {
            let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            std::fs::write(place.path().join(name), "").expect("a file can be written");
        }
        let (editor, _) = find(&programs).expect("one is there");
        assert_eq!(editor.name, "Zed");
        assert_eq!((editor.arguments)("/a b/c;d", 7), ["/a b/c;d:7"]);
        assert_eq!(goto("/x", 2), ["--goto", "/x:2"]);
        assert_eq!(line("/x", 2), ["--line", "2", "/x"]);
        assert_eq!(plus("/x", 2), ["+2", "/x"]);
    }
}
