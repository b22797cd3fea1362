//! Unified diffs: read, taken back from a text, and written.

use std::fmt::Write as _;

/// A run of lines that a patch tells of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// The numbers of the first lines, from 1. With no lines on a side it is the number of the line before, as patches
    /// have it.
    pub(crate) old_start: u32,
    pub(crate) new_start: u32,
    /// Lines with their ends; the last of a file may have none.
    pub(crate) old: Vec<String>,
    pub(crate) new: Vec<String>,
}

/// The parts of the first file that a patch tells of. Nothing when it is no such patch.
pub(crate) fn parts(patch: &str) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    // Lines that the part in hand still has on each side: a line of a file may look like a header.
    let (mut old_left, mut new_left) = (0_u32, 0_u32);
    let mut last = Side::Neither;
    for line in patch.split_inclusive('\n') {
        if old_left == 0 && new_left == 0 {
            if line.starts_with("\\ ") {
                without_end(parts.last_mut(), last);
                continue;
            }
            let Some(header) = Header::read(line) else {
                // Another file begins.
                if !parts.is_empty() && (line.starts_with("diff ") || line.starts_with("--- ")) {
                    break;
                }
                continue;
            };
            (old_left, new_left) = (header.old_lines, header.new_lines);
            parts.push(Part {
                old_start: header.old_start,
                new_start: header.new_start,
                ..Part::default()
            });
            continue;
        }
        let part = parts.last_mut()?;
        let (sign, text) = line.split_at_checked(1).unwrap_or(("", line));
        let ended = if text.ends_with('\n') {
            text.to_owned()
        } else {
            format!("{text}\n")
        };
        match sign {
            " " | "\n" | "" => {
                let ended = if sign == " " { ended } else { "\n".to_owned() };
                part.old.push(ended.clone());
                part.new.push(ended);
                old_left = old_left.checked_sub(1)?;
                new_left = new_left.checked_sub(1)?;
                last = Side::Both;
            }
            "-" => {
                part.old.push(ended);
                old_left = old_left.checked_sub(1)?;
                last = Side::Old;
            }
            "+" => {
                part.new.push(ended);
                new_left = new_left.checked_sub(1)?;
                last = Side::New;
            }
            "\\" => without_end(Some(part), last),
            _ => return None,
        }
    }
    // One that was cut tells only a beginning.
    (old_left == 0 && new_left == 0).then_some(parts)
}

#[derive(Clone, Copy)]
enum Side {
    Neither,
    Old,
    New,
    Both,
}

/// Takes the end of the last line away: the file has none there.
fn without_end(part: Option<&mut Part>, side: Side) {
    let Some(part) = part else { return };
    let cut = |lines: &mut Vec<String>| {
        if let Some(line) = lines.last_mut()
            && line.ends_with('\n')
        {
            line.pop();
        }
    };
    if matches!(side, Side::Old | Side::Both) {
        cut(&mut part.old);
    }
    if matches!(side, Side::New | Side::Both) {
        cut(&mut part.new);
    }
}

/// `@@ -12,5 +12,7 @@`
struct Header {
    old_start: u32,
    old_lines: u32,
    new_start: u32,
    new_lines: u32,
}

impl Header {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("@@ -")?.split_whitespace();
        let numbers = |word: &str| -> Option<(u32, u32)> {
            match word.split_once(',') {
                Some((start, lines)) => Some((start.parse().ok()?, lines.parse().ok()?)),
                None => Some((word.parse().ok()?, 1)),
            }
        };
        let (old_start, old_lines) = numbers(words.next()?)?;
        let (new_start, new_lines) = numbers(words.next()?.strip_prefix('+')?)?;
        Some(Self {
            old_start,
            old_lines,
            new_start,
            new_lines,
        })
    }
}

/// A text before a patch, of the text after it. Nothing when it is not the text that the patch made.
///
/// Line ends need not be the patch's: git writes a patch without the carriage returns that it takes away. Where every line
/// of the text has them, what comes back gets them too.
pub(crate) fn before(after: &str, patch: &str) -> Option<String> {
    let parts = parts(patch)?;
    let lines: Vec<&str> = after.split_inclusive('\n').collect();
    let returns = !lines.is_empty() && lines.iter().all(|line| line.ends_with("\r\n"));
    // One that takes all of a file away fits nothing that is there again: its lines would stand before those of now.
    if !lines.is_empty() && takes_all_away(&parts) {
        return None;
    }
    let mut old = String::with_capacity(after.len());
    let mut at = 0;
    for part in &parts {
        let start = first_line(part.new_start, part.new.len());
        let end = start.checked_add(part.new.len())?;
        if start < at || end > lines.len() {
            return None;
        }
        let there = &lines[start..end];
        if !there.iter().zip(&part.new).all(|(line, told)| same(line, told)) {
            return None;
        }
        old.extend(lines[at..start].iter().copied());
        // What did not change is taken from the file, with its own line ends.
        let mut unchanged = unchanged(part, there).into_iter();
        for line in &part.old {
            match unchanged.next().flatten() {
                Some(line) => old.push_str(line),
                None if returns && line.ends_with('\n') && !line.ends_with("\r\n") => {
                    old.push_str(line.trim_end_matches('\n'));
                    old.push_str("\r\n");
                }
                None => old.push_str(line),
            }
        }
        at = end;
    }
    old.extend(lines[at..].iter().copied());
    Some(old)
}

/// Whether a patch leaves nothing of its file.
pub(crate) fn takes_all_away(parts: &[Part]) -> bool {
    matches!(parts, [part] if part.new.is_empty() && part.new_start == 0)
}

/// For each old line of a part the line of the file that it still is, at the part's beginning and end.
fn unchanged<'a>(part: &Part, there: &[&'a str]) -> Vec<Option<&'a str>> {
    let most = part.old.len().min(part.new.len());
    let head = (0..most)
        .take_while(|index| part.old[*index] == part.new[*index])
        .count();
    let tail = (0..most - head)
        .take_while(|back| part.old[part.old.len() - 1 - back] == part.new[part.new.len() - 1 - back])
        .count();
    let mut lines = vec![None; part.old.len()];
    lines[..head].copy_from_slice(&there[..head].iter().copied().map(Some).collect::<Vec<_>>());
    for back in 0..tail {
        lines[part.old.len() - 1 - back] = Some(there[there.len() - 1 - back]);
    }
    lines
}

/// The place of a part's first line, from 0.
pub(crate) fn first_line(start: u32, lines: usize) -> usize {
    let start = start as usize;
    if lines == 0 {
        start
    } else {
        start.saturating_sub(1)
    }
}

fn same(line: &str, told: &str) -> bool {
    line == told
        || line
            .strip_suffix("\r\n")
            .is_some_and(|line| told.strip_suffix('\n') == Some(line))
}

/// The names and modes at the head of a patch.
pub(crate) struct Head<'a> {
    pub(crate) old: Option<&'a str>,
    pub(crate) new: Option<&'a str>,
    /// As `100644 → 100755`.
    pub(crate) mode: Option<(&'a str, &'a str)>,
}

/// Writes the head of a patch as git reads it.
pub(crate) fn write_head(out: &mut String, head: &Head<'_>) {
    let name = |side: &str, path: Option<&str>| {
        path.map_or_else(
            || "/dev/null".to_owned(),
            |path| quoted(&format!("{side}/{path}")),
        )
    };
    let known = head.old.or(head.new);
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "diff --git {} {}",
        name("a", head.old.or(known)),
        name("b", head.new.or(known))
    );
    let _ = match (head.old, head.new, head.mode) {
        (None, _, _) => writeln!(out, "new file mode 100644"),
        (_, None, _) => writeln!(out, "deleted file mode 100644"),
        (Some(old), Some(new), _) if old != new => {
            writeln!(out, "rename from {}\nrename to {}", quoted(old), quoted(new))
        }
        (_, _, Some((old, new))) => writeln!(out, "old mode {old}\nnew mode {new}"),
        _ => Ok(()),
    };
    let _ = writeln!(out, "--- {}\n+++ {}", name("a", head.old), name("b", head.new));
}

/// A name as patches have it: in quotes where it would end the line or be taken for another.
fn quoted(name: &str) -> String {
    if !name.contains(['\n', '"', '\\', '\t']) {
        return name.to_owned();
    }
    let quoted = name
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('\t', "\\t");
    format!("\"{quoted}\"")
}

/// Writes a hunk.
pub(crate) fn write_hunk(
    out: &mut String,
    numbers: (u32, usize, u32, usize),
    lines: impl IntoIterator<Item = (char, impl AsRef<str>)>,
) {
    let (old_start, old_lines, new_start, new_lines) = numbers;
    let _ = writeln!(out, "@@ -{old_start},{old_lines} +{new_start},{new_lines} @@");
    for (sign, line) in lines {
        let line = line.as_ref();
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_taken_back_from_the_text_it_made() {
        let patch = "--- a\n+++ b\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n@@ -5,1 +5,2 @@\n five\n+six\n";
        let after = "one\n2\nthree\nfour\nfive\nsix\n";
        assert_eq!(before(after, patch).unwrap(), "one\ntwo\nthree\nfour\nfive\n");
        assert_eq!(before("one\nother\nthree\nfour\nfive\nsix\n", patch), None);
        assert_eq!(before("one\n2\n", patch), None, "it is shorter");
    }

    #[test]
    fn what_ends_without_a_line_end_is_told_and_kept() {
        let patch = "@@ -1 +1 @@\n-old\n\\ No newline at end of file\n+new\n\\ No newline at end of file\n";
        assert_eq!(before("new", patch).unwrap(), "old");
        assert_eq!(before("new\n", patch), None);
        let patch = "@@ -1 +1 @@\n-old\n+new\n\\ No newline at end of file\n";
        assert_eq!(before("new", patch).unwrap(), "old\n");
    }

    #[test]
    fn files_that_came_or_went_are_taken_back_whole() {
        let came = "--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n";
        assert_eq!(before("a\nb\n", came).unwrap(), "");
        let went = "@@ -1,2 +0,0 @@\n-a\n-b\n";
        assert_eq!(before("", went).unwrap(), "a\nb\n");
        assert_eq!(before("made anew\n", went), None);
        assert_eq!(before("", "").unwrap(), "");
    }

    #[test]
    fn carriage_returns_that_a_patch_lacks_do_not_keep_it_from_fitting() {
        let patch = "@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n";
        assert_eq!(before("a\r\nc\r\nd\r\n", patch).unwrap(), "a\r\nb\r\nd\r\n");
    }

    #[test]
    fn lines_that_look_like_headers_are_lines_and_a_cut_patch_is_none() {
        let patch = "@@ -1,2 +1,2 @@\n---- a\n++++ b\n @@ -1 +1 @@\n";
        let read = parts(patch).unwrap();
        assert_eq!(read[0].old, ["--- a\n", "@@ -1 +1 @@\n"]);
        assert_eq!(read[0].new, ["+++ b\n", "@@ -1 +1 @@\n"]);
        assert_eq!(parts("@@ -1,2 +1,2 @@\n a\n"), None);
        assert_eq!(parts("no patch at all").unwrap(), []);
        let two = "@@ -1 +1 @@\n-a\n+b\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-c\n+d\n";
        assert_eq!(
            parts(two).unwrap().len(),
            1,
            "the second file's is not the first's"
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut out = String::new();
        write_head(
            &mut out,
            &Head {
                old: Some("a b"),
                new: Some("c"),
                mode: None,
            },
        );
        write_hunk(&mut out, (1, 1, 1, 1), [('-', "x\n"), ('+', "y")]);
        assert!(
            out.starts_with("diff --git a/a b b/c\nrename from a b\nrename to c\n"),
            "{out}"
        );
        let mut odd = String::new();
        let (old, new) = (Some("a\nb"), Some("c\"d"));
        write_head(&mut odd, &Head { old, new, mode: None });
        assert!(
            odd.contains("\nrename from \"a\\nb\"\nrename to \"c\\\"d\"\n--- \"a/a\\nb\"\n"),
            "{odd}"
        );
        let read = parts(&out).unwrap();
        assert_eq!(
            (read[0].old.as_slice(), read[0].new.as_slice()),
            (&["x\n".to_owned()][..], &["y".to_owned()][..])
        );
    }
}
