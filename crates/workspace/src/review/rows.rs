//! The rows of a review, page by page.

use std::ops::Range;

use cowork_markdown::highlight_marked;

use super::compare::{Edit, Sides, hunks};
use super::words;
use crate::view::{Html, HunkPlace, OpenedGap, ReviewLook, ReviewRow, ReviewRowKind};

/// Rows in a page: enough to read on, few enough to lay out in one frame.
const ROWS: usize = 100;

/// Bytes of lines in a page.
const BYTES: usize = 32 * 1024;

/// Bytes of a line that are shown. The rest is to be had by copying.
const LINE_BYTES: usize = 2_000;

/// Pages that are given at all: more rows than this are beyond what a webview can stack.
const MOST_PAGES: usize = 4_000;

/// Hunks whose places are told.
const MOST_HUNKS: usize = 5_000;

/// Lines of a change whose words are compared; of a larger one nobody reads them.
const MOST_PAIRED: usize = 200;

/// A line of a part.
#[derive(Clone, Copy, Debug)]
struct Line {
    part: usize,
    at: usize,
}

/// A row before its lines are highlighted.
#[derive(Clone, Debug)]
struct Raw {
    kind: ReviewRowKind,
    old: Option<Line>,
    new: Option<Line>,
    hunk: Option<u32>,
    gap: Option<u32>,
    count: Option<u32>,
    /// The line it took the place of, or that took its place, with which its words are compared.
    pair: Option<(Line, Line)>,
}

/// A page, and what is known of all of them.
pub(crate) struct Page {
    pub(crate) rows: Vec<ReviewRow>,
    pub(crate) pages: usize,
    pub(crate) total: u64,
    pub(crate) hunks: Vec<HunkPlace>,
}

/// Where the hunks of a comparison are, as far as their lines go.
pub(crate) fn hunk_places(sides: &Sides, edits: &[Edit]) -> Vec<HunkPlace> {
    let places = hunks(sides, edits).into_iter().map(|hunk| {
        let count = |lines: &Range<usize>| u32::try_from(lines.len()).unwrap_or(u32::MAX);
        HunkPlace {
            old_start: sides.old_number(hunk.part, hunk.old.start),
            old_lines: count(&hunk.old),
            new_start: sides.new_number(hunk.part, hunk.new.start),
            new_lines: count(&hunk.new),
            row: 0,
            page: 0,
        }
    });
    places.collect()
}

/// A page of the rows of a comparison.
pub(crate) fn page(path: &str, sides: &Sides, edits: &[Edit], look: &ReviewLook, wanted: usize) -> Page {
    let raws = raws(sides, edits, look);
    let mut places = hunk_places(sides, edits);
    places.truncate(MOST_HUNKS);
    let mut pages: Vec<Range<usize>> = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (index, raw) in raws.iter().enumerate() {
        let old = raw
            .old
            .map_or(0, |line| sides.parts[line.part].old[line.at].len());
        let new = raw
            .new
            .map_or(0, |line| sides.parts[line.part].new[line.at].len());
        let length = old.min(LINE_BYTES) + new.min(LINE_BYTES);
        if index > from && (index - from == ROWS || bytes + length > BYTES) {
            pages.push(from..index);
            (from, bytes) = (index, 0);
        }
        bytes += length;
        if let Some(hunk) = raw.hunk
            && let Some(place) = places.get_mut(hunk as usize)
            && place.row == 0
        {
            place.row = u32::try_from(index).unwrap_or(u32::MAX);
            place.page = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        }
    }
    pages.push(from..raws.len());
    pages.truncate(MOST_PAGES);
    let shown = pages.get(wanted).cloned().unwrap_or(0..0);
    Page {
        rows: highlighted(path, sides, &raws[shown]),
        pages: pages.len(),
        total: raws.len() as u64,
        hunks: places,
    }
}

fn raws(sides: &Sides, edits: &[Edit], look: &ReviewLook) -> Vec<Raw> {
    let mut rows = Rows {
        sides,
        look,
        made: Vec::new(),
        gaps: 0,
    };
    let all = hunks(sides, edits);
    // They come in the order of the parts, so each is passed once.
    let mut left = all.iter().enumerate().peekable();
    for (part, _) in sides.parts.iter().enumerate() {
        let mut at = (0, 0);
        let mut is_first = true;
        while let Some((index, hunk)) = left.next_if(|(_, hunk)| hunk.part == part) {
            if is_first && !sides.whole {
                rows.unknown(part);
            }
            rows.gap(part, at, (hunk.old.start, hunk.new.start));
            at = (hunk.old.start, hunk.new.start);
            for edit in &edits[hunk.edits.clone()] {
                rows.same(part, at, edit.new.start - at.1);
                rows.change(part, edit, u32::try_from(index).unwrap_or(u32::MAX));
                at = (edit.old.end, edit.new.end);
            }
            rows.same(part, at, hunk.new.end - at.1);
            at = (hunk.old.end, hunk.new.end);
            is_first = false;
        }
        let end = (sides.parts[part].old.len(), sides.parts[part].new.len());
        if !is_first {
            rows.gap(part, at, end);
        }
    }
    rows.made
}

struct Rows<'a> {
    sides: &'a Sides,
    look: &'a ReviewLook,
    made: Vec<Raw>,
    gaps: u32,
}

impl Rows<'_> {
    fn same(&mut self, part: usize, (old, new): (usize, usize), lines: usize) {
        self.made.extend((0..lines).map(|index| Raw {
            kind: ReviewRowKind::Same,
            old: Some(Line {
                part,
                at: old + index,
            }),
            new: Some(Line {
                part,
                at: new + index,
            }),
            hunk: None,
            gap: None,
            count: None,
            pair: None,
        }));
    }

    /// Lines that are not known, before a part.
    fn unknown(&mut self, part: usize) {
        let now = self.sides.new_number(part, 0);
        let before = part.checked_sub(1).map_or(1, |before| {
            self.sides.new_number(before, self.sides.parts[before].new.len())
        });
        let count = now.checked_sub(before);
        if count == Some(0) {
            return;
        }
        self.left_out(None, count);
    }

    fn left_out(&mut self, gap: Option<u32>, count: Option<u32>) {
        self.made.push(Raw {
            kind: ReviewRowKind::Gap,
            old: None,
            new: None,
            hunk: None,
            gap,
            count,
            pair: None,
        });
    }

    /// Unchanged lines between hunks, of which those are shown that a person opened.
    fn gap(&mut self, part: usize, from: (usize, usize), to: (usize, usize)) {
        let lines = to.1.saturating_sub(from.1).min(to.0.saturating_sub(from.0));
        if lines == 0 {
            return;
        }
        let gap = self.gaps;
        self.gaps += 1;
        let opened = self.look.opened.iter().find(|opened| opened.gap == gap);
        let OpenedGap { first, last, .. } = opened.copied().unwrap_or(OpenedGap {
            gap,
            first: 0,
            last: 0,
        });
        let first = (first as usize).min(lines);
        let last = (last as usize).min(lines - first);
        let left = lines - first - last;
        // A line to open it takes as much room as the line itself.
        if left <= 1 {
            self.same(part, from, lines);
            return;
        }
        self.same(part, from, first);
        self.left_out(Some(gap), Some(u32::try_from(left).unwrap_or(u32::MAX)));
        self.same(part, (to.0 - last, to.1 - last), last);
    }

    fn change(&mut self, part: usize, edit: &Edit, hunk: u32) {
        let (old, new) = (edit.old.len(), edit.new.len());
        let paired = if old.max(new) <= MOST_PAIRED {
            old.min(new)
        } else {
            0
        };
        let left = |index: usize| Line {
            part,
            at: edit.old.start + index,
        };
        let right = |index: usize| Line {
            part,
            at: edit.new.start + index,
        };
        let row = |old, new, pair| Raw {
            kind: ReviewRowKind::Changed,
            old,
            new,
            hunk: Some(hunk),
            gap: None,
            count: None,
            pair,
        };
        let pair = |index: usize| (index < paired).then(|| (left(index), right(index)));
        if self.look.split {
            self.made.extend((0..old.max(new)).map(|index| {
                let old = (index < old).then(|| left(index));
                let new = (index < new).then(|| right(index));
                row(old, new, pair(index))
            }));
        } else {
            self.made
                .extend((0..old).map(|index| row(Some(left(index)), None, pair(index))));
            self.made
                .extend((0..new).map(|index| row(None, Some(right(index)), pair(index))));
        }
    }
}

fn shown(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    &line[..line.floor_char_boundary(LINE_BYTES)]
}

fn highlighted(path: &str, sides: &Sides, raws: &[Raw]) -> Vec<ReviewRow> {
    // Each side by itself, so that what one side begins (a comment, a string) is not ended by the other.
    let mut left = Side::default();
    let mut right = Side::default();
    for raw in raws {
        let marks = raw.pair.and_then(|(old, new)| {
            let (old, new) = (
                &sides.parts[old.part].old[old.at],
                &sides.parts[new.part].new[new.at],
            );
            words::changed(shown(old), shown(new))
        });
        let (old_marks, new_marks) = marks.unwrap_or_default();
        if let Some(line) = raw.old {
            left.push(&sides.parts[line.part].old[line.at], old_marks);
        }
        if let Some(line) = raw.new {
            right.push(&sides.parts[line.part].new[line.at], new_marks);
        }
    }
    let (mut left, mut right) = (left.highlight(path), right.highlight(path));
    let show = |raw: &Raw| {
        let old = raw.old.and_then(|line| {
            let html = left.next()?;
            Some((
                sides.old_number(line.part, line.at),
                html,
                &sides.parts[line.part].old[line.at],
            ))
        });
        let new = raw.new.and_then(|line| {
            let html = right.next()?;
            Some((
                sides.new_number(line.part, line.at),
                html,
                &sides.parts[line.part].new[line.at],
            ))
        });
        let is_same = raw.kind == ReviewRowKind::Same;
        let texts: Vec<&String> = [&old, &new].into_iter().flatten().map(|side| side.2).collect();
        ReviewRow {
            kind: raw.kind,
            cut: texts.iter().any(|text| text.trim_end().len() > LINE_BYTES),
            no_newline: sides.whole && texts.iter().any(|text| !text.ends_with('\n')),
            old: old.as_ref().map(|side| side.0),
            new: new.as_ref().map(|side| side.0),
            left: old.filter(|_| !is_same).map(|side| side.1),
            right: new.map(|side| side.1),
            hunk: raw.hunk,
            gap: raw.gap,
            count: raw.count,
        }
    };
    raws.iter().map(show).collect()
}

/// The lines of one side of a page.
#[derive(Default)]
struct Side<'a> {
    lines: Vec<&'a str>,
    marks: Vec<Vec<Range<usize>>>,
}

impl<'a> Side<'a> {
    fn push(&mut self, line: &'a str, marks: Vec<Range<usize>>) {
        self.lines.push(shown(line));
        self.marks.push(marks);
    }

    fn highlight(self, path: &str) -> impl Iterator<Item = Html> {
        highlight_marked(path, &self.lines, &self.marks)
            .into_iter()
            .map(|html| Html::from(&html))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: Range<u32>) -> String {
        lines.fold(String::new(), |text, line| text + &format!("line {line}\n"))
    }

    fn shape(page: &Page) -> Vec<(ReviewRowKind, Option<u32>, Option<u32>)> {
        page.rows.iter().map(|row| (row.kind, row.old, row.new)).collect()
    }

    fn look(split: bool) -> ReviewLook {
        ReviewLook {
            split,
            ..ReviewLook::default()
        }
    }

    #[test]
    fn rows_are_numbered_on_both_sides_in_either_view() {
        use ReviewRowKind::{Changed, Gap, Same};
        let old = text(0..10);
        let new = old.replace("line 5\n", "line five\nmore\n");
        let sides = Sides::whole(&old, &new);
        let edits = sides.edits(false);
        let unified = page("a.txt", &sides, &edits, &look(false), 0);
        assert_eq!(
            shape(&unified),
            [
                (Gap, None, None),
                (Same, Some(3), Some(3)),
                (Same, Some(4), Some(4)),
                (Same, Some(5), Some(5)),
                (Changed, Some(6), None),
                (Changed, None, Some(6)),
                (Changed, None, Some(7)),
                (Same, Some(7), Some(8)),
                (Same, Some(8), Some(9)),
                (Same, Some(9), Some(10)),
                (Same, Some(10), Some(11)),
            ]
        );
        assert_eq!((unified.rows[0].count, unified.rows[0].gap), (Some(2), Some(0)));
        assert_eq!((unified.hunks.len(), unified.hunks[0].row), (1, 4));
        let split = page("a.txt", &sides, &edits, &look(true), 0);
        assert_eq!(
            shape(&split)[4..6],
            [(Changed, Some(6), Some(6)), (Changed, None, Some(7))]
        );
        let left = split.rows[4].left.as_ref().unwrap();
        assert!(left.as_str().contains("<mark>5</mark>"), "{left:?}");
    }

    #[test]
    fn more_unchanged_lines_are_shown_from_either_end_of_a_gap() {
        let old = text(0..100);
        let new = old.replace("line 50\n", "other\n");
        let sides = Sides::whole(&old, &new);
        let edits = sides.edits(false);
        let mut wanted = look(false);
        wanted.opened = vec![OpenedGap {
            gap: 0,
            first: 2,
            last: 5,
        }];
        let shown = page("a.txt", &sides, &edits, &wanted, 0);
        let numbers: Vec<_> = shown.rows[..9].iter().map(|row| row.new).collect();
        let expected = [
            Some(1),
            Some(2),
            None,
            Some(43),
            Some(44),
            Some(45),
            Some(46),
            Some(47),
            Some(48),
        ];
        assert_eq!(numbers, expected);
        assert_eq!(shown.rows[2].count, Some(40));
        wanted.opened[0].last = 1_000;
        let all = page("a.txt", &sides, &edits, &wanted, 0);
        assert_eq!(all.rows.iter().filter(|row| row.gap == Some(0)).count(), 0);
    }

    #[test]
    fn long_files_come_in_pages_that_give_all_of_them() {
        let new = text(0..10_000);
        let sides = Sides::whole("", &new);
        let edits = sides.edits(false);
        let first = page("a.rs", &sides, &edits, &look(false), 0);
        assert_eq!((first.rows.len(), first.pages, first.total), (ROWS, 100, 10_000));
        let last = page("a.rs", &sides, &edits, &look(false), 99);
        assert_eq!(last.rows[99].new, Some(10_000));
        assert!(page("a.rs", &sides, &edits, &look(false), 100).rows.is_empty());
        let long = Sides::whole("", &"é".repeat(500_000));
        let shown = page("a", &long, &long.edits(false), &look(false), 0);
        assert!(shown.rows[0].cut && shown.rows[0].right.as_ref().unwrap().as_str().len() <= LINE_BYTES);
        assert!(shown.rows[0].no_newline);
    }

    #[test]
    fn what_is_between_the_parts_of_a_patch_is_not_offered() {
        let patch = "@@ -3,2 +3,2 @@\n same\n-old\n+new\n@@ -10,1 +10,2 @@\n ten\n+<script>\n".to_owned();
        let sides = Sides::told(&[patch]);
        let edits = sides.edits(false);
        let shown = page("a.html", &sides, &edits, &look(false), 0);
        let gaps: Vec<_> = shown
            .rows
            .iter()
            .filter(|row| row.kind == ReviewRowKind::Gap)
            .map(|row| (row.gap, row.count))
            .collect();
        assert_eq!(gaps, [(None, Some(2)), (None, Some(5))]);
        assert!(shown.rows.iter().all(|row| {
            !row.right
                .as_ref()
                .is_some_and(|html| html.as_str().contains("<script"))
        }));
        assert_eq!(shown.rows.last().unwrap().new, Some(11));
    }
}
