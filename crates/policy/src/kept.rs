//! What a box kept from a command, as far as its output says so, and what of it may be offered to be opened.
//!
//! The output is a model's to make up: what is read here is a guess at what a person may want to open, never a reason to
//! open it.

use std::cell::LazyCell;
use std::path::{Component, Path, PathBuf};

use crate::may_open;

/// Bytes of an output that are looked at, at its end: errors stand there.
const MOST_OUTPUT: usize = 64 << 10;

/// Bytes of a command that are looked at, from its beginning. Longer ones carry what they write.
const MOST_COMMAND: usize = 64 << 10;

/// Paths that are taken from one output.
const MOST_PATHS: usize = 20;

/// Bytes a path has at most.
const LONGEST_PATH: usize = 4_096;

/// How programs say that a file is not to be had, in small letters, and whether they say that they wanted to change it.
const SAID: &[(&str, bool)] = &[
    ("no such file or directory", false),
    ("cannot find the file", false),
    ("does not exist", false),
    ("enoent", false),
    ("permission denied", false),
    ("operation not permitted", false),
    ("eacces", false),
    ("eperm", false),
    ("read-only file system", true),
    ("erofs", true),
];

/// A file that a command seems to have wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Absolute, as it was spelled; `~/` is the home.
    pub path: PathBuf,
    /// It was to be changed.
    pub change: bool,
}

/// The files that a command's output says were not to be had. Where a line names none the command's own are meant.
#[must_use]
pub fn kept(command: &str, output: &str, home: Option<&Path>) -> Vec<Kept> {
    let mut start = output.len().saturating_sub(MOST_OUTPUT);
    while !output.is_char_boundary(start) {
        start += 1;
    }
    let mut found: Vec<Kept> = Vec::new();
    // Looked at once, and not for each line that names no file.
    let of_command = LazyCell::new(|| paths_in(&command[..command.floor_char_boundary(MOST_COMMAND)], home));
    for line in output[start..].lines() {
        let small = line.to_lowercase();
        let Some((_, change)) = SAID.iter().find(|(words, _)| small.contains(words)) else {
            continue;
        };
        let of_line = paths_in(line, home);
        let paths = if of_line.is_empty() {
            &*of_command
        } else {
            &of_line
        };
        for path in paths {
            if let Some(known) = found.iter_mut().find(|known| known.path == *path) {
                known.change |= change;
            } else if found.len() < MOST_PATHS {
                found.push(Kept {
                    path: path.clone(),
                    change: *change,
                });
            }
        }
    }
    found
}

/// The first [`MOST_PATHS`] absolute paths in a line: between quotes, or up to a blank or what follows a path in a message.
fn paths_in(line: &str, home: Option<&Path>) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let mut before = ' ';
    let mut rest = line;
    while let Some(letter) = rest.chars().next()
        && paths.len() < MOST_PATHS
    {
        let begins = (rest.starts_with('/') && !rest.starts_with("//")) || rest.starts_with("~/");
        if begins && !(before.is_alphanumeric() || "/.~_-".contains(before)) {
            let end = match before {
                quote @ ('\'' | '"' | '`') => rest.find(quote),
                _ => rest.find(|letter: char| letter.is_whitespace() || "'\"`;|&<>()[]{},".contains(letter)),
            };
            let word = rest[..end.unwrap_or(rest.len())].trim_end_matches([':', '.', ',']);
            if word.len() <= LONGEST_PATH
                && let Some(path) = absolute(word, home)
                && !paths.contains(&path)
            {
                paths.push(path);
            }
            before = ' ';
            rest = &rest[word.len().max(1)..];
            continue;
        }
        before = letter;
        rest = &rest[letter.len_utf8()..];
    }
    paths
}

fn absolute(word: &str, home: Option<&Path>) -> Option<PathBuf> {
    let path = match word.strip_prefix("~/") {
        Some(rest) => home?.join(rest),
        None => PathBuf::from(word),
    };
    let is_plain =
        path.components().count() > 1 && !path.components().any(|part| part == Component::ParentDir);
    (is_plain && !word.contains('\0')).then_some(path)
}

/// Whether a folder (absolute, links resolved) may be offered to be opened because a command seems to have wanted it.
///
/// Less than a person may choose by themselves: nothing of the system, no home as a whole nor what lies around it,
/// nothing that is hidden by its name, no repository of git's, and nothing that lies in `closed` or around it (secrets,
/// the app's own).
#[must_use]
pub fn may_offer(folder: &Path, home: Option<&Path>, closed: &[PathBuf]) -> bool {
    // Whoever writes there leaves programs that git runs for the person. Bare ones are named `….git`.
    let is_repository = |part: Component<'_>| {
        let name = part.as_os_str().as_encoded_bytes();
        name.len() >= 4 && name[name.len() - 4..].eq_ignore_ascii_case(b".git")
    };
    !folder.components().any(is_repository) && may_offer_for_git(folder, home, closed)
}

/// The same of what git of a folder needs, when the repository itself says that the folder is its own.
#[must_use]
pub fn may_offer_for_git(folder: &Path, home: Option<&Path>, closed: &[PathBuf]) -> bool {
    let is_around_home = home.is_some_and(|home| home.starts_with(folder));
    let below_home = home
        .and_then(|home| folder.strip_prefix(home).ok())
        .unwrap_or(folder);
    let is_hidden = below_home
        .components()
        .any(|part| part.as_os_str().as_encoded_bytes().starts_with(b".") && part.as_os_str() != ".git");
    let touches = |place: &PathBuf| folder.starts_with(place) || place.starts_with(folder);
    may_open(folder).is_ok() && !is_around_home && !is_hidden && !closed.iter().any(touches)
}

#[cfg(test)]
mod tests {

    use super::*;

    fn said(command: &str, output: &str) -> Vec<(String, bool)> {
        let found = kept(command, output, Some(Path::new("/home/ada")));
        let text = |kept: Kept| (kept.path.display().to_string(), kept.change);
        found.into_iter().map(text).collect()
    }

    #[test]
    fn what_programs_say_of_files_is_read() {
        for (output, path, change) in [
            (
                "cat: /data/a.csv: No such file or directory",
                "/data/a.csv",
                false,
            ),
            (
                "FileNotFoundError: [Errno 2] No such file or directory: '/data/a b.csv'",
                "/data/a b.csv",
                false,
            ),
            (
                "Error: ENOENT: no such file or directory, open '/data/x'",
                "/data/x",
                false,
            ),
            ("bash: /data/out: Read-only file system", "/data/out", true),
            (
                "open ~/notes/x.md: permission denied",
                "/home/ada/notes/x.md",
                false,
            ),
            (
                "ls: cannot access '/data/d': No such file or directory",
                "/data/d",
                false,
            ),
        ] {
            assert_eq!(said("", output), [(path.to_owned(), change)], "{output}");
        }
        assert_eq!(
            said("sort < ~/data/list", "sort: No such file or directory"),
            [("/home/ada/data/list".to_owned(), false)]
        );
    }

    #[test]
    fn what_says_nothing_of_a_file_is_left_alone_and_much_is_bounded() {
        for output in [
            "compiled /data/a.csv",
            "see https://example.org/x: not found",
            "cat: a/b: No such file or directory",
            "cat: /data/../etc/x: No such file or directory",
            "cat: //x: No such file or directory",
            "cat: /: Permission denied",
        ] {
            assert_eq!(said("", output), [], "{output}");
        }
        let many = (0..1000).map(|n| format!("cat: /data/{n}: Permission denied"));
        let many = many.collect::<Vec<_>>().join("\n");
        assert_eq!(said("", &many).len(), MOST_PATHS);
        assert_eq!(
            said("", &format!("/{}: Permission denied", "x".repeat(9_000))),
            []
        );
    }

    #[test]
    fn no_command_and_no_output_takes_long_to_be_looked_at() {
        // What took more than a minute: each line had the whole command looked at, and each path was sought among all.
        let paths = |count: u32| {
            let paths: Vec<String> = (0..count).map(|n| format!("/d/{n}")).collect();
            paths.join(" ")
        };
        let command = paths(4_000);
        let errors = "EPERM\n".repeat(MOST_OUTPUT / 6);
        let found = said(&command, &errors);
        assert_eq!(found.len(), MOST_PATHS);
        assert_eq!(found[0].0, "/d/0");
        let line = paths(100_000);
        assert_eq!(said("", &format!("{line} EPERM")).len(), MOST_PATHS);
        let late = format!("{}/late", "ä ".repeat(MOST_COMMAND / 2));
        assert_eq!(said(&late, "EPERM"), [], "it is beyond what is looked at");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_a_folder_of_the_person_s_work_is_offered() {
        let closed = [PathBuf::from("/home/ada/keys/ring"), "/data/app".into()];
        let offered = |folder: &str| may_offer(Path::new(folder), Some(Path::new("/home/ada")), &closed);
        for folder in ["/home/ada/notes", "/data/sets", "/home/ada/work/git"] {
            assert!(offered(folder), "{folder}");
        }
        let for_git =
            |folder: &str| may_offer_for_git(Path::new(folder), Some(Path::new("/home/ada")), &closed);
        for repository in [
            "/home/ada/code/first/.git",
            "/home/ada/code/first/.git/modules/part",
            "/data/bare.git",
        ] {
            assert!(for_git(repository), "{repository}");
            assert!(!offered(repository), "{repository}");
        }
        assert!(!for_git("/home/ada/.config/.git"));
        assert!(!for_git("/home/ada/keys/ring/.git"));
        for folder in [
            "/",
            "/home",
            "/home/ada",
            "/home/ada/.config/x",
            "/home/ada/keys",
            "/home/ada/keys/ring/x",
            "/data",
            "/data/app/x",
            "/etc",
            "/proc/1",
            "/usr/share",
        ] {
            assert!(!offered(folder), "{folder}");
        }
    }
}
