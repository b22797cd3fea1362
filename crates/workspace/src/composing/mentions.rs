//! Files, folders and sub-agents that are named in a prompt with an `@` before them.
//!
//! They are found in the words that are sent, so that what goes along is what stands there: a draft that was kept over a
//! restart, a prompt that waited and one that was typed by hand all say it the same way.

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use cowork_engine::{FileContent, PromptPart};

use super::content::{self, FILE_BYTES, Kind};
use super::secret_names::is_secret;

/// How many go with one prompt. Each may be 50 KB of the model's context.
pub(crate) const MOST: usize = 20;

/// Bytes that tell what a file is.
const HEAD: u64 = 8 * 1024;

/// What may be names is looked at on the disk: no more of them than this. Few that stand in a text are none.
const MOST_CANDIDATES: usize = 200;

/// Bytes of a name: what systems take for a path.
const LONGEST: usize = 4 * 1024;

/// Closing marks that end a sentence rather than a name.
const CLOSING: &[char] = &['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '"', '`', '>'];

/// What stands behind each `@` that begins a word, as far as a name may go: each with shorter readings, longest first.
fn candidates(text: &str) -> Vec<Vec<&str>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        if found.len() == MOST_CANDIDATES {
            break;
        }
        let before = text[..at].chars().next_back();
        if before.is_some_and(|before| !(before.is_whitespace() || "([{'\"`<".contains(before))) {
            continue;
        }
        let rest = &text[at + 1..];
        if let Some(quoted) = rest.strip_prefix('"') {
            if let Some((name, _)) = quoted.split_once('"')
                && !name.contains('\n')
                && name.len() <= LONGEST
            {
                found.push(vec![name]);
            }
            continue;
        }
        let word = rest.split(char::is_whitespace).next().unwrap_or_default();
        if word.len() > LONGEST {
            continue;
        }
        let mut readings = Vec::new();
        let mut reading = word;
        while !reading.is_empty() {
            readings.push(reading);
            let Some(shorter) = reading.strip_suffix(CLOSING) else {
                break;
            };
            reading = shorter;
        }
        if !readings.is_empty() {
            found.push(readings);
        }
    }
    found
}

/// What is named in a text, each once, in its order. Looks at the disk.
pub(crate) fn find(text: &str, folder: &Path, covered: &[PathBuf], agents: &[String]) -> Vec<PromptPart> {
    let Ok(root) = folder.canonicalize() else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    for readings in candidates(text) {
        if parts.len() == MOST {
            break;
        }
        let part = readings.iter().find_map(|name| {
            let is_agent = agents.iter().any(|agent| agent == name);
            if is_agent {
                return Some(PromptPart::Agent {
                    name: (*name).to_owned(),
                });
            }
            file(&root, covered, name)
        });
        if let Some(part) = part.filter(|part| !parts.contains(part)) {
            parts.push(part);
        }
    }
    parts
}

/// A file or folder of the folder, where it may be read along: it lies within, by links too, is neither covered nor
/// secret by its name, and is of a kind the engine can read.
fn file(root: &Path, covered: &[PathBuf], name: &str) -> Option<PromptPart> {
    let inside = Path::new(name);
    let plain = |component: Component<'_>| matches!(component, Component::Normal(_) | Component::CurDir);
    if !inside.components().all(plain) || is_secret(inside) {
        return None;
    }
    let path = root.join(inside).canonicalize().ok()?;
    let real = path.strip_prefix(root).ok()?;
    if is_secret(real) || covered.iter().any(|cover| path.starts_with(cover)) {
        return None;
    }
    let metadata = path.metadata().ok()?;
    let media_type = if metadata.is_dir() {
        "application/x-directory"
    } else if metadata.is_file() && metadata.len() <= FILE_BYTES {
        let mut head = Vec::new();
        File::open(&path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
        match content::kind_of_head(&head) {
            Kind::Image(image) => image.media_type(),
            Kind::Pdf => "application/pdf",
            Kind::Text => "text/plain",
            Kind::Office | Kind::Archive | Kind::Other => return None,
        }
    } else {
        return None;
    };
    Some(PromptPart::File {
        name: name.trim_end_matches('/').to_owned(),
        media_type: media_type.to_owned(),
        content: FileContent::At(path),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(parts: &[PromptPart]) -> Vec<String> {
        parts
            .iter()
            .map(|part| match part {
                PromptPart::Agent { name } => format!("agent {name}"),
                PromptPart::File { name, media_type, .. } => format!("{name} {media_type}"),
            })
            .collect()
    }

    #[test]
    fn what_is_named_goes_along_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("src/deep")).unwrap();
        std::fs::create_dir(root.join("private")).unwrap();
        for (file, bytes) in [
            ("src/main.rs", &b"fn main() {}"[..]),
            ("a b.txt", b"words"),
            ("package.json", b"{}"),
            (".env", b"KEY=1"),
            ("private/notes.md", b"mine"),
            ("shot.png", b"\x89PNG\r\n\x1a\n0000"),
            ("letter.docx", b"PK\x03\x04word/"),
        ] {
            std::fs::write(root.join(file), bytes).unwrap();
        }
        let text = "Look at @src/main.rs, (@package.json) and @\"a b.txt\". Also @src/deep/ @shot.png; ask @general! \
                    Not me@src/main.rs, @.env, @../outside, @/etc/hostname, @private/notes.md, @letter.docx, @gone.rs, \
                    @src/main.rs";
        let covered = [root.canonicalize().unwrap().join("private")];
        let found = find(text, root, &covered, &["general".to_owned()]);
        assert_eq!(
            names(&found),
            [
                "src/main.rs text/plain",
                "package.json text/plain",
                "a b.txt text/plain",
                "src/deep application/x-directory",
                "shot.png image/png",
                "agent general",
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::write(elsewhere.path().join("there.txt"), "x").unwrap();
        std::fs::write(folder.path().join(".env"), "x").unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("there.txt"), folder.path().join("link.txt"))
            .unwrap();
        std::os::unix::fs::symlink(folder.path().join(".env"), folder.path().join("plain.txt")).unwrap();
        assert!(find("@link.txt @plain.txt", folder.path(), &[], &[]).is_empty());
    }

    #[test]
    fn a_text_full_of_names_is_looked_at_within_bounds() {
        assert_eq!(
            candidates(&"@a ".repeat(MOST_CANDIDATES + 1)).len(),
            MOST_CANDIDATES
        );
        assert!(candidates(&format!("@{}", ".".repeat(LONGEST + 1))).is_empty());
        assert!(candidates(&format!("@\"{}\"", "a".repeat(LONGEST + 1))).is_empty());
    }

    #[test]
    fn no_more_go_along_than_a_model_can_hold() {
        let folder = tempfile::tempdir().unwrap();
        let text = (0..MOST + 5)
            .map(|number| format!("@{number}.txt"))
            .collect::<Vec<_>>()
            .join(" ");
        for number in 0..MOST + 5 {
            std::fs::write(folder.path().join(format!("{number}.txt")), "x").unwrap();
        }
        assert_eq!(find(&text, folder.path(), &[], &[]).len(), MOST);
    }
}
