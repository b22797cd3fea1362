//! The product's name is spelled in its config file, the README and the docs, and nowhere else: a brand that
//! changes the one file must not find the old name in its build.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use cowork_brand::Brand;

/// Names that are published and stay under every brand: the headers of the pairing protocol, the server's program and
/// its variables of the environment.
const PUBLISHED: [&str; 3] = ["x-open-cowork-", "open-cowork-cloud", "open_cowork_cloud_"];
/// Text about the product rather than of it.
const FREE: [&str; 4] = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "LICENSE"];
/// Made or fetched, so not ours to spell.
const SKIPPED: [&str; 7] = [
    ".git",
    "target",
    "node_modules",
    "dist",
    "dist-cloud",
    "gen",
    "screens",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// Tracked files; where there is no git (a source archive), every file that is neither made nor fetched.
fn files(root: &Path) -> Vec<PathBuf> {
    // The test user need not own the clone, and git refuses such a clone unless told.
    let listed = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .current_dir(root)
        .output()
        .ok()
        .filter(|output| output.status.success() && !output.stdout.is_empty());
    match listed {
        Some(output) => {
            let text = String::from_utf8(output.stdout).unwrap();
            text.split('\0')
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
                .collect()
        }
        None => walk(root, Path::new("")),
    }
}

fn walk(root: &Path, below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let path = below.join(&name);
        if entry.file_type().unwrap().is_dir() {
            if !SKIPPED.iter().any(|skipped| name == *skipped) {
                found.extend(walk(root, &path));
            }
        } else {
            found.push(path);
        }
    }
    found
}

fn spellings(brand: &Brand) -> Vec<String> {
    let name = brand.name.to_lowercase();
    let mut spellings = ["", "-", "_", " "]
        .map(|between| name.replace(' ', between))
        .to_vec();
    spellings.push(brand.data_dir_name.to_lowercase());
    spellings.push(brand.app_id.to_lowercase());
    spellings
}

#[test]
fn the_name_is_spelled_in_one_file() {
    let root = root();
    let brand = Brand::stock().unwrap();
    let config = format!("{}.config.json", brand.data_dir_name);
    let spellings = spellings(&brand);

    let mut searched = 0;
    let mut elsewhere = Vec::new();
    for path in files(&root) {
        let free = path == Path::new(&config)
            || path.starts_with("docs")
            || FREE.iter().any(|file| path == Path::new(file));
        // Tracked but deleted in the working tree, or an image: nothing to read.
        let Ok(text) = std::fs::read_to_string(root.join(&path)) else {
            continue;
        };
        searched += 1;
        for (number, line) in text.lines().enumerate() {
            // The file's own name is part of the published contract and stays under every brand.
            let mut line = line.to_lowercase().replace(&config, "");
            for published in PUBLISHED {
                line = line.replace(published, "");
            }
            if !free && spellings.iter().any(|spelling| line.contains(spelling)) {
                elsewhere.push(format!("{}:{}", path.display(), number + 1));
            }
        }
    }
    assert!(
        searched > 20,
        "only {searched} files were searched, so nothing is proved"
    );
    assert!(
        elsewhere.is_empty(),
        "the product's name is spelled in {}",
        elsewhere.join(", ")
    );
}

#[test]
fn the_walk_without_git_sees_the_same_sources() {
    let root = root();
    let walked = walk(&root, Path::new(""));
    for path in [
        "Cargo.toml",
        "crates/brand/src/lib.rs",
        "crates/brand/tests/one_spelling.rs",
    ] {
        assert!(walked.contains(&PathBuf::from(path)), "{path} was not found");
    }
    assert!(
        !walked.iter().any(|path| path.starts_with("target")),
        "build output was searched"
    );
}
