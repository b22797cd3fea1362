//! Two sides of a file, and where they differ.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::patch::{self, Part};

/// Lines of both sides together that are compared line by line. Beyond, everything between the first and the last
/// difference counts as one change, so that a page never waits for seconds.
const MOST_LINES: usize = 400_000;

/// Unchanged lines that are shown around a change.
pub(crate) const CONTEXT: usize = 3;

/// What is compared: all of a file, or the parts of it that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    pub(crate) parts: Vec<Part>,
    /// All lines are known: there is one part, which begins with the first line.
    pub(crate) whole: bool,
}

/// Lines that took each other's place, as places in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) part: usize,
    pub(crate) old: Range<usize>,
    pub(crate) new: Range<usize>,
}

impl Sides {
    /// Two whole texts.
    pub(crate) fn whole(old: &str, new: &str) -> Self {
        let lines = |text: &str| text.split_inclusive('\n').map(str::to_owned).collect();
        Self {
            parts: vec![Part {
                // A side without lines begins before the first one.
                old_start: u32::from(!old.is_empty()),
                new_start: u32::from(!new.is_empty()),
                old: lines(old),
                new: lines(new),
            }],
            whole: true,
        }
    }

    /// What patches tell, one after the other.
    pub(crate) fn told(patches: &[String]) -> Self {
        let parts = patches.iter().filter_map(|patch| patch::parts(patch)).flatten();
        Self {
            parts: parts.collect(),
            whole: false,
        }
    }

    /// The number of a part's line, from 1.
    pub(crate) fn old_number(&self, part: usize, line: usize) -> u32 {
        number(self.parts[part].old_start, self.parts[part].old.len(), line)
    }

    pub(crate) fn new_number(&self, part: usize, line: usize) -> u32 {
        number(self.parts[part].new_start, self.parts[part].new.len(), line)
    }

    /// Where the sides differ.
    pub(crate) fn edits(&self, ignore_whitespace: bool) -> Vec<Edit> {
        let mut edits = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            let found = if ignore_whitespace {
                let bare = |lines: &[String]| -> Vec<String> {
                    let bare = lines
                        .iter()
                        .map(|line| line.split_whitespace().collect::<String>());
                    bare.collect()
                };
                differences(&bare(&part.old), &bare(&part.new))
            } else {
                differences(&part.old, &part.new)
            };
            edits.extend(found.into_iter().map(|(old, new)| Edit {
                part: index,
                old,
                new,
            }));
        }
        edits
    }
}

fn number(start: u32, lines: usize, line: usize) -> u32 {
    u32::try_from(patch::first_line(start, lines) + line + 1).unwrap_or(u32::MAX)
}

fn differences(old: &[String], new: &[String]) -> Vec<(Range<usize>, Range<usize>)> {
    if old.len() + new.len() > MOST_LINES {
        let most = old.len().min(new.len());
        let head = (0..most).take_while(|index| old[*index] == new[*index]).count();
        let tail = (0..most - head)
            .take_while(|back| old[old.len() - 1 - back] == new[new.len() - 1 - back])
            .count();
        let (old, new) = (head..old.len() - tail, head..new.len() - tail);
        return if old.is_empty() && new.is_empty() {
            Vec::new()
        } else {
            vec![(old, new)]
        };
    }
    let mut edits: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (op.old_range(), op.new_range());
        match edits.last_mut() {
            // A removal and an addition behind it are one change.
            Some(last) if last.0.end == old.start && last.1.end == new.start => {
                last.0.end = old.end;
                last.1.end = new.end;
            }
            _ => edits.push((old, new)),
        }
    }
    edits
}

/// Edits that stand so near to each other that what lies between is shown: one hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hunk {
    pub(crate) part: usize,
    pub(crate) edits: Range<usize>,
    /// Its lines with those around it.
    pub(crate) old: Range<usize>,
    pub(crate) new: Range<usize>,
}

/// Edits by hunk.
pub(crate) fn hunks(sides: &Sides, edits: &[Edit]) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for (index, edit) in edits.iter().enumerate() {
        let part = &sides.parts[edit.part];
        let old = edit.old.start.saturating_sub(CONTEXT)..(edit.old.end + CONTEXT).min(part.old.len());
        let new = edit.new.start.saturating_sub(CONTEXT)..(edit.new.end + CONTEXT).min(part.new.len());
        match hunks.last_mut() {
            Some(last)
                if last.part == edit.part && new.start <= last.new.end && old.start <= last.old.end =>
            {
                last.edits.end = index + 1;
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => hunks.push(Hunk {
                part: edit.part,
                edits: index..index + 1,
                old,
                new,
            }),
        }
    }
    // At a file's ends one side may have fewer lines around; what is shown is the same on both.
    for hunk in &mut hunks {
        let first = &edits[hunk.edits.start];
        let last = &edits[hunk.edits.end - 1];
        let lead = (first.old.start - hunk.old.start).min(first.new.start - hunk.new.start);
        let trail = (hunk.old.end - last.old.end).min(hunk.new.end - last.new.end);
        hunk.old = first.old.start - lead..last.old.end + trail;
        hunk.new = first.new.start - lead..last.new.end + trail;
    }
    hunks
}

/// How many lines go and come.
pub(crate) fn counts(edits: &[Edit]) -> (u64, u64) {
    let added = edits.iter().map(|edit| edit.new.len() as u64).sum();
    let removed = edits.iter().map(|edit| edit.old.len() as u64).sum();
    (added, removed)
}

/// The new side with some edits taken back.
pub(crate) fn without(sides: &Sides, edits: &[Edit]) -> String {
    let mut text = String::new();
    for (index, part) in sides.parts.iter().enumerate() {
        let mut at = 0;
        for edit in edits.iter().filter(|edit| edit.part == index) {
            text.extend(part.new[at..edit.new.start].iter().map(String::as_str));
            text.extend(part.old[edit.old.clone()].iter().map(String::as_str));
            at = edit.new.end;
        }
        text.extend(part.new[at..].iter().map(String::as_str));
    }
    text
}

/// Writes a hunk as a patch has it.
pub(crate) fn write_hunk(out: &mut String, sides: &Sides, edits: &[Edit], hunk: &Hunk) {
    let part = &sides.parts[hunk.part];
    let mut lines: Vec<(char, &str)> = Vec::new();
    let mut at = hunk.new.start;
    for edit in &edits[hunk.edits.clone()] {
        lines.extend(
            part.new[at..edit.new.start]
                .iter()
                .map(|line| (' ', line.as_str())),
        );
        lines.extend(part.old[edit.old.clone()].iter().map(|line| ('-', line.as_str())));
        lines.extend(part.new[edit.new.clone()].iter().map(|line| ('+', line.as_str())));
        at = edit.new.end;
    }
    lines.extend(part.new[at..hunk.new.end].iter().map(|line| (' ', line.as_str())));
    let start = |number: u32, lines: &Range<usize>| number.saturating_sub(u32::from(lines.is_empty()));
    let numbers = (
        start(sides.old_number(hunk.part, hunk.old.start), &hunk.old),
        hunk.old.len(),
        start(sides.new_number(hunk.part, hunk.new.start), &hunk.new),
        hunk.new.len(),
    );
    patch::write_hunk(out, numbers, lines);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: Range<u32>) -> String {
        lines.fold(String::new(), |text, line| text + &format!("line {line}\n"))
    }

    #[test]
    fn edits_that_are_near_are_one_hunk_and_each_can_be_taken_back() {
        let old = text(0..40);
        let new = old
            .replace("line 3\n", "three\n")
            .replace("line 8\n", "")
            .replace("line 30\n", "line 30\nmore\n");
        let sides = Sides::whole(&old, &new);
        let edits = sides.edits(false);
        assert_eq!(counts(&edits), (2, 2));
        let hunks = hunks(&sides, &edits);
        assert_eq!(hunks.len(), 2);
        assert_eq!(without(&sides, &edits), old);
        let last = &edits[hunks[1].edits.clone()];
        assert_eq!(without(&sides, last), new.replace("more\n", ""));
        for hunk in &hunks {
            let mut out = String::new();
            write_hunk(&mut out, &sides, &edits, hunk);
            let taken_back = patch::before(&new, &out).unwrap();
            assert_eq!(taken_back, without(&sides, &edits[hunk.edits.clone()]), "{out}");
        }
    }

    #[test]
    fn white_space_can_be_left_out_of_account() {
        let sides = Sides::whole("a\n  b\nc\n", "a\n\tb \nd\n");
        assert_eq!(counts(&sides.edits(false)), (2, 2));
        assert_eq!(counts(&sides.edits(true)), (1, 1));
    }

    #[test]
    fn too_many_lines_are_one_change_between_what_is_the_same() {
        let old = "same\n".to_owned() + &"a\n".repeat(MOST_LINES) + "end\n";
        let new = "same\n".to_owned() + &"b\n".repeat(10) + "end\n";
        let edits = Sides::whole(&old, &new).edits(false);
        assert_eq!(edits.len(), 1);
        assert_eq!((edits[0].old.len(), edits[0].new.len()), (MOST_LINES, 10));
    }

    #[test]
    fn a_new_file_and_one_that_is_gone_are_written_as_patches() {
        for (old, new) in [("", "a\nb"), ("a\n", "")] {
            let sides = Sides::whole(old, new);
            let edits = sides.edits(false);
            let mut out = String::new();
            for hunk in hunks(&sides, &edits) {
                write_hunk(&mut out, &sides, &edits, &hunk);
            }
            assert_eq!(patch::before(new, &out).as_deref(), Some(old), "{out:?}");
        }
    }
}
