//! Every test that SECURITY.md names as what holds a promise is there, so that none is renamed or removed unseen.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

/// Where Rust's tests are.
const PLACES: [&str; 3] = ["crates", "src-tauri", "tests"];
/// Names of tests say something; what is shorter is a value or a part of a path.
const SHORTEST: usize = 12;

/// The names of all functions below a folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let names = source.split("fn ").skip(1).map(|rest| {
                let end = rest.find(|c: char| !is_of_a_name(c)).unwrap_or(rest.len());
                rest[..end].to_owned()
            });
            found.extend(names);
        }
    }
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}

/// What stands between backticks and is a function's name, or the end of one behind three dots.
fn named(text: &str) -> BTreeSet<&str> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| {
            let end = name.trim_start_matches('…');
            end.len() >= SHORTEST && end.contains('_') && end.chars().all(is_of_a_name)
        })
        .collect()
}

#[test]
fn every_test_that_holds_a_promise_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let rows: String = text.lines().filter(|line| line.starts_with('|')).collect();
    let named = named(&rows);
    assert!(named.len() > 100, "the table is read: {}", named.len());
    let mut there = BTreeSet::new();
    for place in PLACES {
        functions(&root.join(place), &mut there);
    }
    let missing: Vec<_> = named
        .into_iter()
        .filter(|name| match name.strip_prefix('…') {
            Some(end) => !there.iter().any(|function| function.ends_with(end)),
            None => !there.contains(*name),
        })
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
