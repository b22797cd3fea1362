//! Which words of a changed line changed.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Bytes of a line whose words are compared: longer ones are minified, and every word of them would be marked.
const MOST_BYTES: usize = 1_000;

/// Of a line at least this share has to have stayed, in percent: otherwise it is another line, and marks would be noise.
const LEAST_ALIKE: usize = 35;

/// Bytes of each side that changed.
pub(crate) type Marks = (Vec<Range<usize>>, Vec<Range<usize>>);

/// What changed within a line. Nothing when the lines have little in common, or nothing but white space.
pub(crate) fn changed(old: &str, new: &str) -> Option<Marks> {
    if old.len() > MOST_BYTES || new.len() > MOST_BYTES {
        return None;
    }
    let (left, right) = (words(old), words(new));
    let mut alike = 0;
    let mut marks: Marks = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &left, &right) {
        let (from, to) = (op.old_range(), op.new_range());
        if matches!(op, DiffOp::Equal { .. }) {
            alike += left[from].iter().map(|word| word.trim().len()).sum::<usize>();
            continue;
        }
        push(&mut marks.0, &left, from);
        push(&mut marks.1, &right, to);
    }
    let longer = bare(old).max(bare(new));
    (longer > 0 && alike * 100 >= longer * LEAST_ALIKE).then_some(marks)
}

fn bare(line: &str) -> usize {
    line.split_whitespace().map(str::len).sum()
}

fn push(marks: &mut Vec<Range<usize>>, words: &[&str], changed: Range<usize>) {
    if changed.is_empty() {
        return;
    }
    let start = words[..changed.start].iter().map(|word| word.len()).sum();
    let end = start + words[changed].iter().map(|word| word.len()).sum::<usize>();
    match marks.last_mut() {
        Some(last) if last.end == start => last.end = end,
        _ => marks.push(start..end),
    }
}

/// Words, runs of blanks, and other characters one by one.
fn words(line: &str) -> Vec<&str> {
    #[derive(PartialEq)]
    enum Kind {
        Word,
        Blank,
        Other,
    }
    let kind = |character: char| match character {
        '_' => Kind::Word,
        other if other.is_alphanumeric() => Kind::Word,
        other if other.is_whitespace() => Kind::Blank,
        _ => Kind::Other,
    };
    let mut words = Vec::new();
    let mut from = 0;
    let mut before: Option<Kind> = None;
    for (at, character) in line.char_indices() {
        let now = kind(character);
        if at > 0 && (before.as_ref() != Some(&now) || now == Kind::Other) {
            words.push(&line[from..at]);
            from = at;
        }
        before = Some(now);
    }
    if from < line.len() {
        words.push(&line[from..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_changed_are_marked_on_both_sides() {
        let (old, new) = (
            "await sleep(backoffFor(n));",
            "await sleep(backoffFor(n, random));",
        );
        let (removed, added) = changed(old, new).unwrap();
        assert!(removed.is_empty(), "{removed:?}");
        let shown: Vec<_> = added.iter().map(|mark| &new[mark.clone()]).collect();
        assert_eq!(shown, [", random"]);
        let (removed, added) = changed("let ähre = 1;", "let ähre = 22;").unwrap();
        let ends = |marks: Vec<Range<usize>>| {
            marks
                .iter()
                .map(|mark| (mark.start, mark.end))
                .collect::<Vec<_>>()
        };
        assert_eq!((ends(removed), ends(added)), (vec![(12, 13)], vec![(12, 14)]));
    }

    #[test]
    fn lines_that_have_little_in_common_have_no_marks() {
        assert_eq!(changed("one two three", "vier fünf sechs sieben"), None);
        assert_eq!(changed(&"x".repeat(MOST_BYTES + 1), "x"), None);
        assert_eq!(changed("", ""), None);
    }
}
