//! Unified diffs as lines.

use std::path::Path;

use cowork_engine::FileChange;
use cowork_markdown::highlight;

use super::display_path;
use crate::view::{DiffLine, DiffLineKind, FileDiff, Html};

/// Lines shown of one file's change. A person does not read more in a conversation, and each line is a row of
/// the document.
const LINES_SHOWN: usize = 2_000;

/// Bytes shown of one line; the rest of a minified file's line says nothing.
const LINE_BYTES: usize = 2_000;

/// Turns a unified diff into numbered, highlighted lines.
pub(crate) fn file_diff(change: &FileChange, folder: &Path) -> FileDiff {
    let (mut kinds, texts, cut) = parse(&change.patch);
    let highlighted = highlight(&change.path, &texts.join("\n"));
    let mut highlighted = highlighted.iter();
    let mut lines = Vec::with_capacity(kinds.len());
    for (kind, old, new) in kinds.drain(..) {
        let html = if kind == DiffLineKind::Gap {
            Html(String::new())
        } else {
            highlighted.next().map_or_else(|| Html(String::new()), Html::from)
        };
        lines.push(DiffLine { kind, old, new, html });
    }
    let counted = |kind| lines.iter().filter(|line: &&DiffLine| line.kind == kind).count() as u64;
    let known = change.additions + change.deletions > 0;
    FileDiff {
        path: display_path(&change.path, folder),
        additions: if known {
            change.additions
        } else {
            counted(DiffLineKind::Added)
        },
        deletions: if known {
            change.deletions
        } else {
            counted(DiffLineKind::Removed)
        },
        lines,
        cut,
    }
}

type NumberedLine = (DiffLineKind, Option<u32>, Option<u32>);

/// Reads hunks; anything before the first hunk header is the file header and not shown.
fn parse(patch: &str) -> (Vec<NumberedLine>, Vec<String>, u64) {
    let (mut kinds, mut texts, mut cut) = (Vec::new(), Vec::new(), 0);
    let (mut old, mut new) = (0_u32, 0_u32);
    let mut inside = false;
    for line in patch.lines() {
        if let Some((old_start, new_start)) = hunk(line) {
            let skipped = old_start.saturating_sub(old.max(1));
            if inside || skipped > 0 {
                kinds.push((DiffLineKind::Gap, None, Some(skipped)));
            }
            (old, new, inside) = (old_start, new_start, true);
            continue;
        }
        if !inside {
            continue;
        }
        let mut characters = line.chars();
        let (kind, text) = match characters.next() {
            Some('+') => (DiffLineKind::Added, characters.as_str()),
            Some('-') => (DiffLineKind::Removed, characters.as_str()),
            Some(' ') => (DiffLineKind::Same, characters.as_str()),
            None => (DiffLineKind::Same, ""),
            // "\ No newline at end of file", or the header of a next file.
            Some(_) => continue,
        };
        let numbers = match kind {
            DiffLineKind::Added => (None, Some(new)),
            DiffLineKind::Removed => (Some(old), None),
            DiffLineKind::Same | DiffLineKind::Gap => (Some(old), Some(new)),
        };
        old += u32::from(kind != DiffLineKind::Added);
        new += u32::from(kind != DiffLineKind::Removed);
        if texts.len() == LINES_SHOWN {
            cut += 1;
            continue;
        }
        kinds.push((kind, numbers.0, numbers.1));
        texts.push(shortened(text));
    }
    (kinds, texts, cut)
}

fn shortened(line: &str) -> String {
    if line.len() <= LINE_BYTES {
        return line.to_owned();
    }
    let end = line.floor_char_boundary(LINE_BYTES);
    format!("{} …", &line[..end])
}

/// `@@ -12,5 +12,7 @@` → the first line's number before and after.
fn hunk(line: &str) -> Option<(u32, u32)> {
    let mut words = line.strip_prefix("@@ -")?.split_whitespace();
    let number = |word: &str| word.split(',').next()?.parse::<u32>().ok();
    let old = number(words.next()?)?;
    let new = number(words.next()?.strip_prefix('+')?)?;
    Some((old, new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_on_both_sides_and_gaps_say_how_much_they_hide() {
        let change = FileChange {
            path: "/work/a.txt".into(),
            patch: "--- a\n+++ b\n@@ -3,2 +3,2 @@\n same\n-old\n+new\n@@ -10,1 +10,2 @@\n ten\n+eleven\n\\ No newline at end of file\n".into(),
            additions: 0,
            deletions: 0,
        };
        let diff = file_diff(&change, Path::new("/work"));
        assert_eq!(diff.path, "a.txt");
        assert_eq!((diff.additions, diff.deletions, diff.cut), (2, 1, 0));
        let shape: Vec<_> = diff
            .lines
            .iter()
            .map(|line| (line.kind, line.old, line.new))
            .collect();
        assert_eq!(
            shape,
            [
                (DiffLineKind::Gap, None, Some(2)),
                (DiffLineKind::Same, Some(3), Some(3)),
                (DiffLineKind::Removed, Some(4), None),
                (DiffLineKind::Added, None, Some(4)),
                (DiffLineKind::Gap, None, Some(5)),
                (DiffLineKind::Same, Some(10), Some(10)),
                (DiffLineKind::Added, None, Some(11)),
            ]
        );
    }

    #[test]
    fn markup_in_a_changed_file_stays_text() {
        let change = FileChange {
            path: "a.html".into(),
            patch: "@@ -1,1 +1,1 @@\n+<script>alert(1)</script>\n".into(),
            additions: 1,
            deletions: 0,
        };
        let diff = file_diff(&change, Path::new("/"));
        assert!(
            diff.lines.iter().all(|line| !line.html.0.contains("<script")),
            "{diff:?}"
        );
    }

    #[test]
    fn a_change_of_a_million_lines_is_cut_and_says_by_how_much() {
        let patch = format!("@@ -0,0 +1,9 @@\n{}", "+x\n".repeat(10_000));
        let change = FileChange {
            path: "a".into(),
            patch,
            additions: 10_000,
            deletions: 0,
        };
        let diff = file_diff(&change, Path::new("/"));
        assert_eq!((diff.lines.len(), diff.cut), (LINES_SHOWN, 8_000));
    }
}
