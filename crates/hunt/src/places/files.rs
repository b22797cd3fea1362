//! Files.

use std::collections::HashSet;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Until;
use crate::needle::Needle;
use crate::report::{Place, Report};

/// Of one file. Logs and databases are far below.
const BYTES_OF_A_FILE: u64 = 64 * 1024 * 1024;
/// Of one root.
const BYTES: u64 = 4 * 1024 * 1024 * 1024;

pub(super) fn look(needle: &Needle, root: &Path, until: Until, report: &mut Report<'_>) {
    let mut bytes = 0;
    let mut seen = HashSet::new();
    // Those near the root first: what lies deep is other people's code.
    let mut folders = std::collections::VecDeque::from([root.to_owned()]);
    while let Some(folder) = folders.pop_front() {
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        for entry in entries {
            if until.is_over() || bytes > BYTES {
                report.cut(&root.display().to_string());
                return;
            }
            let path = entry.path();
            report.hits(
                Place::File,
                &format!("the name of a file in {}", folder.display()),
                &needle.find(entry.file_name().as_bytes()),
            );
            // Links are not followed: what they lead to is below a root, or is not asked for.
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                continue;
            };
            if metadata.is_dir() {
                if !is_of_the_kernel(&path) {
                    folders.push_back(path);
                }
            } else if metadata.is_file() && seen.insert((metadata.dev(), metadata.ino())) {
                bytes += one(needle, &path, report);
            }
        }
    }
}

fn one(needle: &Needle, path: &PathBuf, report: &mut Report<'_>) -> u64 {
    let found = File::open(path).and_then(|file| needle.find_in(file, BYTES_OF_A_FILE));
    let Ok((hits, bytes)) = found else {
        report.tally.files_refused += 1;
        return 0;
    };
    report.tally.files += 1;
    report.tally.file_bytes += bytes;
    report.hits(Place::File, &path.display().to_string(), &hits);
    bytes
}

/// What is made up when it is read.
fn is_of_the_kernel(path: &Path) -> bool {
    ["/proc", "/sys", "/dev"]
        .iter()
        .any(|place| path == Path::new(place))
}
