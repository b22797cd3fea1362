//! Files that went and came as one: renamed, where nobody who told of it said so.

use std::collections::HashMap;

/// Of the larger file at least this share has to be in the other, in percent; git asks for as much.
const LEAST_ALIKE: u8 = 50;

/// Files of each kind that are held against each other.
const MOST: usize = 100;

/// How much of the larger text is in the other, in percent, counted by bytes of whole lines.
pub(crate) fn similarity(old: &str, new: &str) -> u8 {
    if old == new {
        return 100;
    }
    let larger = old.len().max(new.len());
    let smaller = old.len().min(new.len());
    // What cannot be enough by its length alone is not looked at.
    if larger == 0 || smaller * 100 < larger * usize::from(LEAST_ALIKE) {
        return 0;
    }
    let mut lines: HashMap<&str, u32> = HashMap::new();
    for line in old.split_inclusive('\n') {
        *lines.entry(line).or_default() += 1;
    }
    let mut alike = 0;
    for line in new.split_inclusive('\n') {
        if let Some(left) = lines.get_mut(line).filter(|left| **left > 0) {
            *left -= 1;
            alike += line.len();
        }
    }
    u8::try_from(alike * 100 / larger).unwrap_or(100).min(99)
}

/// Which of the files that went is which of those that came, the most alike first: places in both lists, with how alike
/// they are.
pub(crate) fn pairs(went: &[String], came: &[String]) -> Vec<(usize, usize, u8)> {
    let mut candidates = Vec::new();
    for (from, old) in went.iter().take(MOST).enumerate() {
        for (to, new) in came.iter().take(MOST).enumerate() {
            let alike = similarity(old, new);
            if alike >= LEAST_ALIKE && !old.is_empty() {
                candidates.push((from, to, alike));
            }
        }
    }
    candidates.sort_by_key(|(from, to, alike)| (std::cmp::Reverse(*alike), *from, *to));
    let mut chosen: Vec<(usize, usize, u8)> = Vec::new();
    for candidate in candidates {
        let taken = chosen
            .iter()
            .any(|(from, to, _)| *from == candidate.0 || *to == candidate.1);
        if !taken {
            chosen.push(candidate);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_alike_are_one_file() {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let went = texts(&["a\nb\nc\nd\n", "x\n"]);
        let came = texts(&["q\n", "a\nb\nc\ne\n", "x\n"]);
        assert_eq!(pairs(&went, &came), [(1, 2, 100), (0, 1, 75)]);
        assert!(
            pairs(&texts(&[""]), &texts(&[""])).is_empty(),
            "nothing is like nothing"
        );
    }
}
