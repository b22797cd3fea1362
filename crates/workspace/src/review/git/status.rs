//! What git says of a folder's files, read.

use std::collections::{HashMap, HashSet};

use crate::review::Change;
use crate::view::{FileStatus, GitState, ReviewFile, Staged};

/// The tree with nothing in it, which stands for the commit before the first.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// What git says of a folder's files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Status {
    pub(crate) branch: Option<String>,
    pub(crate) head: Option<String>,
    pub(crate) upstream: Option<String>,
    pub(crate) ahead: u32,
    pub(crate) behind: u32,
    pub(crate) changes: Vec<Change>,
    pub(crate) staged: u32,
    pub(crate) unstaged: u32,
    pub(crate) untracked: u32,
    pub(crate) conflicts: u32,
}

impl Status {
    /// What the files are compared with.
    pub(crate) fn base(&self) -> &'static str {
        if self.head.is_some() { "HEAD" } else { EMPTY_TREE }
    }

    pub(crate) fn state(&self, branches: Vec<String>, more_branches: bool) -> GitState {
        GitState::Repository {
            branch: self.branch.clone(),
            head: self.head.clone(),
            upstream: self.upstream.clone(),
            ahead: self.ahead,
            behind: self.behind,
            staged: self.staged,
            unstaged: self.unstaged,
            untracked: self.untracked,
            conflicts: self.conflicts,
            branches,
            more_branches,
        }
    }

    /// Reads `git status --porcelain=v2 -z --branch`.
    pub(super) fn read(output: &[u8], prefix: &str) -> Self {
        let text = String::from_utf8_lossy(output);
        let mut status = Self::default();
        let mut out_of_git = HashSet::new();
        let mut records = text.split('\0');
        while let Some(record) = records.next() {
            let Some((kind, rest)) = record.split_once(' ') else {
                continue;
            };
            if kind == "1" && rest.starts_with("D.") {
                out_of_git.extend(rest.splitn(8, ' ').nth(7));
            }
            match kind {
                "#" => status.header(rest),
                "1" => status.entry(rest, 6, None, prefix),
                "2" => {
                    let from = records.next();
                    status.entry(rest, 7, from, prefix);
                }
                "u" => status.entry(rest, 8, None, prefix),
                "?" => {
                    status.untracked += 1;
                    // Taken out of git and still there: it is told once, as what the next commit does to it.
                    if out_of_git.contains(rest) {
                        continue;
                    }
                    status.push(
                        rest,
                        prefix,
                        ReviewFile {
                            status: FileStatus::Added,
                            untracked: true,
                            ..ReviewFile::default()
                        },
                    );
                }
                _ => {}
            }
        }
        status
    }

    fn header(&mut self, rest: &str) {
        let Some((name, value)) = rest.split_once(' ') else {
            return;
        };
        match name {
            "branch.oid" if value != "(initial)" => self.head = Some(value.chars().take(8).collect()),
            "branch.head" if value != "(detached)" => self.branch = Some(value.to_owned()),
            "branch.upstream" => self.upstream = Some(value.to_owned()),
            "branch.ab" => {
                let mut numbers = value.split(' ').map(|word| {
                    let digits = word.get(1..).unwrap_or_default();
                    digits.parse().unwrap_or(0)
                });
                self.ahead = numbers.next().unwrap_or(0);
                self.behind = numbers.next().unwrap_or(0);
            }
            _ => {}
        }
    }

    /// A tracked file; `fields` words stand between its marks and its name.
    fn entry(&mut self, rest: &str, fields: usize, from: Option<&str>, prefix: &str) {
        let words: Vec<&str> = rest.splitn(fields + 2, ' ').collect();
        let (Some(marks), Some(path)) = (words.first(), words.get(fields + 1)) else {
            return;
        };
        let mut marks = marks.chars();
        let (index, tree) = (marks.next().unwrap_or('.'), marks.next().unwrap_or('.'));
        let conflicted = fields == 8;
        let staged = match (index, tree) {
            _ if conflicted => Staged::None,
            ('.', _) => Staged::None,
            (_, '.') => Staged::All,
            _ => Staged::Part,
        };
        self.staged += u32::from(!conflicted && index != '.');
        self.unstaged += u32::from(!conflicted && tree != '.');
        self.conflicts += u32::from(conflicted);
        let status = if conflicted {
            FileStatus::Conflicted
        } else if tree == 'D' || (index == 'D' && tree == '.') {
            FileStatus::Deleted
        } else if from.is_some() {
            FileStatus::Renamed
        } else if index == 'A' || tree == 'A' {
            FileStatus::Added
        } else {
            FileStatus::Modified
        };
        let score = words.get(7).filter(|_| fields == 7);
        let similarity = score.and_then(|word| word.get(1..)?.parse().ok());
        let mode = words.get(2).zip(words.get(4)).filter(|_| !conflicted);
        let changed = mode.filter(|(old, new)| old != new && **old != NO_MODE && **new != NO_MODE);
        let old_path = from.map(|from| from.strip_prefix(prefix).unwrap_or(from).to_owned());
        self.push(
            path,
            prefix,
            ReviewFile {
                status,
                staged,
                similarity,
                old_path,
                mode: changed.map(|(old, new)| format!("{old} → {new}")),
                ..ReviewFile::default()
            },
        );
    }

    fn push(&mut self, path: &str, prefix: &str, file: ReviewFile) {
        let within = path.strip_prefix(prefix);
        self.changes.push(Change {
            // A name that is no text leads to no file, or to another one.
            in_folder: within.is_some() && !path.contains(char::REPLACEMENT_CHARACTER),
            file: ReviewFile {
                path: within.unwrap_or(path).to_owned(),
                ..file
            },
            ..Change::default()
        });
    }
}

/// The mode of a file that is not there.
const NO_MODE: &str = "000000";

/// Lines that were counted; none of a file that is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) added: Option<u64>,
    pub(super) removed: Option<u64>,
}

/// Reads `git diff --numstat -z`, by the name that a file has now.
pub(super) fn counts(output: &[u8]) -> HashMap<String, Counted> {
    let text = String::from_utf8_lossy(output);
    let mut counts = HashMap::new();
    let mut records = text.split('\0');
    while let Some(record) = records.next() {
        let mut words = record.splitn(3, '\t');
        let (Some(added), Some(removed), Some(path)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let path = if path.is_empty() {
            records.next();
            records.next().unwrap_or_default()
        } else {
            path
        };
        let counted = Counted {
            added: added.parse().ok(),
            removed: removed.parse().ok(),
        };
        counts.insert(path.to_owned(), counted);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_of_files_is_read() {
        let said = "# branch.oid 0123456789abcdef\0# branch.head main\0# branch.upstream origin/main\0# branch.ab +2 -1\0\
                    1 .M N... 100644 100644 100755 a b src/a b.rs\0\
                    1 A. N... 000000 100644 100644 a b src/new.rs\0\
                    1 MM N... 100644 100644 100644 a b both\0\
                    2 R. N... 100644 100644 100644 a b R87 src/to.rs\0src/from.rs\0\
                    u UU N... 100644 100644 100644 100644 a b c fight\0\
                    1 .D N... 100644 100644 000000 a b gone\0\
                    1 .A N... 000000 000000 100644 a b meant\0\
                    1 D. N... 100644 000000 000000 a b src/kept aside\0\
                    ? odd\nname\0\
                    ? src/kept aside\0\
                    ? src/\u{fffd}\0";
        let status = Status::read(said.as_bytes(), "src/");
        let found: Vec<_> = status
            .changes
            .iter()
            .map(|change| (change.file.path.as_str(), change.file.status, change.file.staged))
            .collect();
        assert_eq!(
            found,
            [
                ("a b.rs", FileStatus::Modified, Staged::None),
                ("new.rs", FileStatus::Added, Staged::All),
                ("both", FileStatus::Modified, Staged::Part),
                ("to.rs", FileStatus::Renamed, Staged::All),
                ("fight", FileStatus::Conflicted, Staged::None),
                ("gone", FileStatus::Deleted, Staged::None),
                ("meant", FileStatus::Added, Staged::None),
                ("kept aside", FileStatus::Deleted, Staged::All),
                ("odd\nname", FileStatus::Added, Staged::None),
                ("\u{fffd}", FileStatus::Added, Staged::None),
            ]
        );
        let renamed = &status.changes[3].file;
        assert_eq!(
            (renamed.old_path.as_deref(), renamed.similarity),
            (Some("from.rs"), Some(87))
        );
        assert_eq!(status.changes[0].file.mode.as_deref(), Some("100644 → 100755"));
        assert!(!status.changes[2].in_folder && !status.changes[9].in_folder);
        assert_eq!(
            (status.branch.as_deref(), status.head.as_deref()),
            (Some("main"), Some("01234567"))
        );
        assert_eq!((status.ahead, status.behind), (2, 1));
        assert_eq!(
            (status.staged, status.unstaged, status.untracked, status.conflicts),
            (4, 4, 3, 1)
        );
        assert_eq!(Status::read(b"# branch.oid (initial)\0", "").base(), EMPTY_TREE);
        let odd = Status::read("# branch.ab  é3\0# branch.ab \0".as_bytes(), "");
        assert_eq!((odd.ahead, odd.behind), (0, 0));
    }

    #[test]
    fn counts_are_read_by_the_name_of_now() {
        let read = counts(b"3\t1\ta\tb\0-\t-\tpicture\x000\t2\t\0old\0new\0");
        let of = |path: &str| read.get(path).map(|counted| (counted.added, counted.removed));
        assert_eq!(of("a\tb"), Some((Some(3), Some(1))));
        assert_eq!(of("picture"), Some((None, None)));
        assert_eq!(of("new"), Some((Some(0), Some(2))));
        assert_eq!(of("old"), None);
    }
}
