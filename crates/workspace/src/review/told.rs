//! Changes as the engine or its tools told them, made one for each file.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use cowork_engine::FileChange;
use cowork_transcript::{BlockContent, Transcript};

use super::compare::{self, Sides};
use super::{Change, patch, place, renames};
use crate::render::display_path;
use crate::view::{FileStatus, ReviewFile};

/// What all tools of a session said that they changed.
pub(crate) fn all_tool_changes(transcript: &Transcript) -> Vec<FileChange> {
    let blocks = transcript.messages().iter().flat_map(|entry| &entry.blocks);
    blocks
        .filter_map(|block| match &block.content {
            BlockContent::Tool(tool) => tool.call.change.clone(),
            _ => None,
        })
        .collect()
}

/// Changes by file, in the order the files were first touched; files that went and came as one are one.
pub(crate) fn by_file(told: Vec<FileChange>, folder: &Path) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for change in told {
        let (path, in_folder) = place_of(&change.path, folder);
        let index = *places.entry(path.clone()).or_insert_with(|| {
            changes.push(Change {
                file: ReviewFile {
                    path,
                    additions: Some(0),
                    deletions: Some(0),
                    ..ReviewFile::default()
                },
                in_folder,
                ..Change::default()
            });
            changes.len() - 1
        });
        let known = &mut changes[index];
        let add = |sum: &mut Option<u64>, more: u64| *sum = sum.map(|sum| sum + more);
        add(&mut known.file.additions, change.additions);
        add(&mut known.file.deletions, change.deletions);
        known.file.binary |= change.patch.lines().any(|line| line.starts_with("Binary files "));
        known.patches.push(change.patch);
    }
    for change in &mut changes {
        change.file.status = status_of(&change.patches);
    }
    pair_told(&mut changes);
    changes
}

/// Where a file is that an engine named: from the root of the repository on, or in full.
fn place_of(path: &str, folder: &Path) -> (String, bool) {
    let shown = display_path(path, folder);
    if Path::new(&shown).is_absolute() {
        return (shown, false);
    }
    let root = folder
        .ancestors()
        .find(|around| std::fs::symlink_metadata(around.join(".git")).is_ok());
    let within = root.and_then(|root| folder.strip_prefix(root).ok());
    let Some(within) = within.filter(|within| !within.as_os_str().is_empty()) else {
        let plain = place::below(&shown).is_some();
        return (shown, plain);
    };
    if let Ok(relative) = Path::new(&shown).strip_prefix(within) {
        return (relative.display().to_string(), true);
    }
    let found = folder.join(&shown).symlink_metadata().is_ok();
    (shown, found)
}

/// What became of a file, by what its first and last patch say.
fn status_of(patches: &[String]) -> FileStatus {
    let comes = |parts: Vec<patch::Part>| matches!(parts.as_slice(), [part] if part.old.is_empty() && part.old_start == 0);
    // What holds no text has no lines to tell by; what became of it is said in its head.
    let came = patches
        .first()
        .is_some_and(|patch| patch.starts_with("new file mode ") || patch::parts(patch).is_some_and(comes));
    let went = patches.last().is_some_and(|patch| {
        patch.starts_with("deleted file mode ")
            || patch::parts(patch).is_some_and(|parts| patch::takes_all_away(&parts))
    });
    match (came, went) {
        (_, true) => FileStatus::Deleted,
        (true, false) => FileStatus::Added,
        (false, false) => FileStatus::Modified,
    }
}

/// Makes one of files that went and came as one.
fn pair_told(changes: &mut Vec<Change>) {
    let text_of = |change: &Change, status: FileStatus| -> Option<String> {
        let single = change.file.status == status && change.patches.len() == 1;
        let parts = patch::parts(change.patches.first().filter(|_| single)?)?;
        let part = parts.first()?;
        let lines = if status == FileStatus::Deleted {
            &part.old
        } else {
            &part.new
        };
        Some(lines.concat())
    };
    let texts = |status: FileStatus| -> (Vec<usize>, Vec<String>) {
        let found = changes.iter().enumerate();
        found
            .filter_map(|(index, change)| Some((index, text_of(change, status)?)))
            .unzip()
    };
    let (went, old) = texts(FileStatus::Deleted);
    let (came, new) = texts(FileStatus::Added);
    let mut gone = HashSet::new();
    for (from, to, similarity) in renames::pairs(&old, &new) {
        let (from_path, in_folder) = (
            changes[went[from]].file.path.clone(),
            changes[went[from]].in_folder,
        );
        let sides = Sides::whole(&old[from], &new[to]);
        let (added, removed) = compare::counts(&sides.edits(false));
        let change = &mut changes[came[to]];
        if !in_folder || !change.in_folder {
            continue;
        }
        change.file.status = FileStatus::Renamed;
        change.file.old_path = Some(from_path);
        change.file.similarity = Some(similarity);
        (change.file.additions, change.file.deletions) = (Some(added), Some(removed));
        // What it became since is compared with what it was under its old name.
        change.old_text = Some(old[from].clone());
        gone.insert(went[from]);
    }
    let mut index = 0;
    changes.retain(|_| {
        index += 1;
        !gone.contains(&(index - 1))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::loaded::{load, wanted};
    use crate::review::place::{Content, Found};
    use crate::view::ReviewBody;

    fn told(name: &str, patch: &str) -> FileChange {
        FileChange {
            path: name.to_owned(),
            patch: patch.to_owned(),
            additions: 1,
            deletions: 1,
        }
    }

    #[test]
    fn files_without_text_are_told_by_the_heads_of_their_patches() {
        let root = tempfile::tempdir().unwrap();
        let changes = by_file(
            vec![
                told("a", "Binary files differ\n"),
                told("b", "new file mode 100644\nBinary files differ\n"),
                told("c", "deleted file mode 100644\nBinary files differ\n"),
                told("d", "Binary files differ\n"),
                told("d", "@@ -1 +1 @@\n-Binary files \n+b\n"),
                told("e", "@@ -1 +1 @@\n-Binary files differ\n+b\n"),
            ],
            root.path(),
        );
        let found: Vec<_> = changes
            .iter()
            .map(|change| (change.file.status, change.file.binary))
            .collect();
        assert_eq!(
            found,
            [
                (FileStatus::Modified, true),
                (FileStatus::Added, true),
                (FileStatus::Deleted, true),
                (FileStatus::Modified, true),
                (FileStatus::Modified, false),
            ]
        );
        let look = |index: usize, found: Found, committed: Option<Vec<u8>>| {
            load(changes[index].clone(), found, String::new(), committed, None)
        };
        let there = || {
            Found::File(Content {
                bytes: b"\0".to_vec(),
                mode: 0o644,
            })
        };
        // What it was is known of one that was not there, and of one that git has.
        for (index, found, committed, returns) in [
            (0, there(), None, false),
            (0, there(), Some(b"\0old".to_vec()), true),
            (1, there(), None, true),
            (2, Found::Nothing, None, false),
            (2, Found::Nothing, Some(b"\0old".to_vec()), true),
            (1, Found::Large(1 << 30), None, false),
        ] {
            let loaded = look(index, found, committed);
            assert_eq!(loaded.body, ReviewBody::Binary);
            assert_eq!(wanted(&loaded, None, false).is_ok(), returns, "{index}");
        }
    }

    #[test]
    fn what_others_did_to_a_file_since_it_came_or_went_is_not_taken_for_the_change() {
        let root = tempfile::tempdir().unwrap();
        let changes = by_file(
            vec![
                told("came", "@@ -0,0 +1 @@\n+by the agent\n"),
                told("went", "@@ -1 +0,0 @@\n-before\n"),
            ],
            root.path(),
        );
        let look = |change: &Change, found: Found| load(change.clone(), found, String::new(), None, None);
        let file = |text: &str| {
            Found::File(Content {
                bytes: text.as_bytes().to_vec(),
                mode: 0o644,
            })
        };
        let came = look(&changes[0], file("by the agent\nby a person\n"));
        let back = wanted(&came, None, false).unwrap();
        let left = back.content.map(|content| content.bytes);
        assert_eq!(left.as_deref(), Some(&b"by a person\n"[..]));
        assert_eq!((back.lost, back.back), (1, 0));
        let went = look(&changes[1], file("made anew\n"));
        assert_eq!(went.body, ReviewBody::Parts);
        assert!(went.old.is_none() && wanted(&went, None, false).is_err());
        assert!(wanted(&look(&changes[1], Found::Nothing), None, false).is_ok());
        // In the next commit and gone again: it is as it was committed last.
        let as_it_was = Change {
            file: ReviewFile {
                status: FileStatus::Deleted,
                ..ReviewFile::default()
            },
            patches: vec![String::new()],
            ..Change::default()
        };
        assert!(look(&as_it_was, Found::Nothing).old.is_none());
    }

    #[test]
    fn changes_of_one_file_are_one_and_a_file_that_moved_is_renamed() {
        let root = tempfile::tempdir().unwrap();
        let lines: Vec<_> = (0..10).map(|line| format!("line {line}")).collect();
        let (gone, came) = (
            format!("-{}\n", lines.join("\n-")),
            format!("+{}\n", lines.join("\n+").replace("line 9", "last")),
        );
        let changes = by_file(
            vec![
                told("a.txt", "@@ -1 +1 @@\n-a\n+b\n"),
                told("old.txt", &format!("@@ -1,10 +0,0 @@\n{gone}")),
                told("new.txt", &format!("@@ -0,0 +1,10 @@\n{came}")),
                told("a.txt", "@@ -1 +1 @@\n-b\n+c\n"),
                told("../outside", "@@ -1 +1 @@\n-b\n+c\n"),
            ],
            root.path(),
        );
        let found: Vec<_> = changes
            .iter()
            .map(|change| (change.file.path.as_str(), change.file.status, change.in_folder))
            .collect();
        assert_eq!(
            found,
            [
                ("a.txt", FileStatus::Modified, true),
                ("new.txt", FileStatus::Renamed, true),
                ("../outside", FileStatus::Modified, false),
            ]
        );
        assert_eq!(changes[0].patches.len(), 2);
        assert_eq!(changes[1].file.old_path.as_deref(), Some("old.txt"));
        assert_eq!(
            (changes[1].file.additions, changes[1].file.deletions),
            (Some(1), Some(1))
        );

        let file = |text: &str| {
            Found::File(Content {
                bytes: text.as_bytes().to_vec(),
                mode: 0o644,
            })
        };
        let now = load(changes[0].clone(), file("c\n"), String::new(), None, None);
        assert_eq!(
            (now.body, now.sides.parts[0].old.as_slice()),
            (ReviewBody::Whole, &["a\n".to_owned()][..])
        );
        let later = load(changes[0].clone(), file("d\n"), String::new(), None, None);
        assert_eq!(later.body, ReviewBody::Parts);
        assert!(later.old.is_none() && wanted(&later, None, false).is_err());
        let other = load(changes[0].clone(), Found::Other, String::new(), None, None);
        assert!(other.old.is_none());
    }
}
