//! Unified diffs as lines.

use std::path::Path;

use cowork_engine::FileChange;
use cowork_markdown::highlight;

use super::display_path;
use crate::view::{DiffLine, DiffLineKind, DiffPage, FileDiff, Html};

/// Lines in a page of a change: enough to read on, few enough to lay out in one frame.
const LINES: usize = 100;

/// Bytes in a page of a change.
const BYTES: usize = 16 * 1024;

/// Bytes in a line; a longer one goes on in the next, so that the one line of a minified file is laid out in pieces.
const LINE_BYTES: usize = 1_000;

/// Pages of a change that are given at all: the heights of more lines than this are beyond what a webview can stack.
const MOST_PAGES: usize = 4_000;

/// Turns the beginning of a unified diff into numbered, highlighted lines.
#[must_use]
pub fn file_diff(change: &FileChange, folder: &Path) -> FileDiff {
    let read = read(&change.patch, 0);
    let known = change.additions + change.deletions > 0;
    FileDiff {
        path: display_path(&change.path, folder),
        additions: if known { change.additions } else { read.additions },
        deletions: if known { change.deletions } else { read.deletions },
        more: read.rows.saturating_sub(read.lines.len()) as u64,
        pages: read.pages,
        lines: highlighted(&change.path, read.lines),
        bytes: change.patch.len() as u64,
    }
}

/// A page of the lines of a change.
#[must_use]
pub fn diff_page(change: &FileChange, page: usize) -> DiffPage {
    let read = read(&change.patch, page);
    DiffPage {
        pages: read.pages,
        lines: highlighted(&change.path, read.lines),
    }
}

struct RawLine<'a> {
    kind: DiffLineKind,
    old: Option<u32>,
    new: Option<u32>,
    text: &'a str,
    goes_on: bool,
    /// A piece of a line that was cut: no language is read in it.
    is_piece: bool,
}

fn highlighted(path: &str, lines: Vec<RawLine<'_>>) -> Vec<DiffLine> {
    let texts: Vec<_> = lines
        .iter()
        .filter(|line| line.kind != DiffLineKind::Gap)
        .map(|line| if line.is_piece { "" } else { line.text })
        .collect();
    // An empty last line would not be a line.
    let pieces = highlight(path, &(texts.join("\n") + "\n"));
    let mut pieces = pieces.iter();
    let show = |line: RawLine<'_>| {
        let html = match line.kind {
            DiffLineKind::Gap => Html(String::new()),
            _ => match pieces.next() {
                Some(html) if !line.is_piece => Html::from(html),
                _ => highlight("txt", line.text)
                    .first()
                    .map_or_else(|| Html(String::new()), Html::from),
            },
        };
        DiffLine {
            kind: line.kind,
            old: line.old,
            new: line.new,
            html,
            goes_on: line.goes_on,
        }
    };
    lines.into_iter().map(show).collect()
}

/// What a pass over a change finds: the lines of one page, and how many there are of everything.
#[derive(Default)]
struct Read<'a> {
    lines: Vec<RawLine<'a>>,
    pages: usize,
    rows: usize,
    additions: u64,
    deletions: u64,
    /// The page that is wanted, and how full the one is that is being read.
    wanted: usize,
    page_lines: usize,
    page_bytes: usize,
}

impl<'a> Read<'a> {
    fn push(&mut self, line: RawLine<'a>) {
        if self.page_lines == LINES || self.page_bytes + line.text.len() > BYTES {
            if self.pages == MOST_PAGES {
                return;
            }
            self.pages += 1;
            (self.page_lines, self.page_bytes) = (0, 0);
        }
        self.page_lines += 1;
        self.page_bytes += line.text.len();
        self.rows += 1;
        if self.pages == self.wanted + 1 {
            self.lines.push(line);
        }
    }

    /// A line, in as many pieces as it needs.
    fn push_line(&mut self, kind: DiffLineKind, numbers: (Option<u32>, Option<u32>), text: &'a str) {
        let is_piece = text.len() > LINE_BYTES;
        let (mut rest, mut numbers) = (text, numbers);
        loop {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(LINE_BYTES));
            self.push(RawLine {
                kind,
                old: numbers.0,
                new: numbers.1,
                text: piece,
                goes_on: !after.is_empty(),
                is_piece,
            });
            if after.is_empty() {
                return;
            }
            (rest, numbers) = (after, (None, None));
        }
    }
}

/// Reads hunks; anything before the first hunk header is the file header and not shown.
fn read(patch: &str, wanted: usize) -> Read<'_> {
    let mut read = Read {
        pages: 1,
        wanted,
        ..Read::default()
    };
    let (mut old, mut new) = (0_u32, 0_u32);
    let mut inside = false;
    for line in patch.lines() {
        if let Some((old_start, new_start)) = hunk(line) {
            let skipped = old_start.saturating_sub(old.max(1));
            if inside || skipped > 0 {
                read.push_line(DiffLineKind::Gap, (None, Some(skipped)), "");
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
        old = old.saturating_add(u32::from(kind != DiffLineKind::Added));
        new = new.saturating_add(u32::from(kind != DiffLineKind::Removed));
        read.additions += u64::from(kind == DiffLineKind::Added);
        read.deletions += u64::from(kind == DiffLineKind::Removed);
        read.push_line(kind, numbers, text);
    }
    read
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
        assert_eq!(
            (diff.additions, diff.deletions, diff.pages, diff.more),
            (2, 1, 1, 0)
        );
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

    fn changed(patch: String) -> FileChange {
        FileChange {
            path: "a.js".into(),
            patch,
            additions: 0,
            deletions: 0,
        }
    }

    #[test]
    fn a_long_change_is_cut_into_pages_that_give_all_of_it() {
        let lines: Vec<_> = (0..10_000).map(|index| format!("+line {index}\n")).collect();
        let lines = lines.concat();
        let change = changed(format!("@@ -0,0 +1,10000 @@\n{lines}"));
        let diff = file_diff(&change, Path::new("/"));
        assert_eq!((diff.lines.len(), diff.pages, diff.more), (LINES, 100, 9_900));
        assert_eq!((diff.additions, diff.deletions), (10_000, 0));
        let all: Vec<_> = (0..diff.pages)
            .flat_map(|page| diff_page(&change, page).lines)
            .collect();
        assert_eq!(all.len(), 10_000);
        assert!(all.iter().zip(1..).all(|(line, number)| line.new == Some(number)));
        assert!(all[9_999].html.0.contains("9999"), "{:?}", all[9_999]);
        assert!(diff_page(&change, 100).lines.is_empty());
    }

    #[test]
    fn a_line_of_a_megabyte_goes_on_in_pieces() {
        let long = "é".repeat(500_000);
        let change = changed(format!("@@ -1,1 +1,2 @@\n same\n+{long}\n"));
        let diff = file_diff(&change, Path::new("/"));
        assert_eq!((diff.additions, diff.bytes), (1, change.patch.len() as u64));
        let all: Vec<_> = (0..diff.pages)
            .flat_map(|page| diff_page(&change, page).lines)
            .collect();
        assert_eq!(all.len() as u64, diff.lines.len() as u64 + diff.more);
        let (first, pieces) = all.split_first().unwrap();
        assert!(!first.goes_on && pieces.iter().all(|line| line.html.0.len() <= LINE_BYTES));
        assert_eq!(
            pieces.iter().map(|line| line.html.0.as_str()).collect::<String>(),
            long
        );
        assert_eq!(
            pieces.iter().filter(|line| line.goes_on).count(),
            pieces.len() - 1
        );
        assert!(
            pieces[1..]
                .iter()
                .all(|line| line.old.is_none() && line.new.is_none())
        );
    }
}
