//! The files of a folder, for whoever names one in a prompt.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ignore::WalkBuilder;

use super::secret_names::is_secret;

/// Files and folders that are looked through. A repository of the largest kind has as many that count; the list takes
/// some 5 MB then.
pub(crate) const MOST_PATHS: usize = 50_000;

/// Folders in folders. What is deeper is generated.
const DEEPEST: usize = 32;

/// How long a list is good: after that the next question has it made anew, beside the answer from the one that is there.
const FRESH: Duration = Duration::from_secs(5);

/// Lists that are kept: those of the folders a person goes back and forth between.
const MOST_LISTS: usize = 4;

/// What can be named in a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Paths from the folder on, with `/` between their parts; a folder's ends with one.
    pub(crate) paths: Vec<String>,
    /// There are more than are looked through.
    pub(crate) cut: bool,
}

/// Walks a folder as a search would: what `.gitignore` and the like leave out is left out, links are not followed, and
/// neither what is covered nor what holds secrets by its name is in the list.
pub(crate) fn walk(folder: &Path, covered: &[PathBuf]) -> Listing {
    let covered: Vec<PathBuf> = covered
        .iter()
        .filter(|path| path.starts_with(folder))
        .cloned()
        .collect();
    let root = folder.to_owned();
    let entries = WalkBuilder::new(folder)
        .hidden(false)
        .follow_links(false)
        .require_git(false)
        .same_file_system(true)
        .max_depth(Some(DEEPEST))
        .filter_entry(move |entry| {
            let path = entry.path();
            let inside = path.strip_prefix(&root).unwrap_or(path);
            !is_secret(inside) && !covered.iter().any(|cover| path.starts_with(cover))
        })
        .build();
    let mut listing = Listing::default();
    // What cannot be read cannot be named either.
    for entry in entries.filter_map(Result::ok) {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let Ok(path) = entry.path().strip_prefix(folder) else {
            continue;
        };
        // A name that is no text cannot be written into a prompt.
        let Some(path) = path.to_str().filter(|path| !path.is_empty()) else {
            continue;
        };
        if !(is_folder || is_file) || path.contains(['"', '\n', '\r']) {
            continue;
        }
        if listing.paths.len() == MOST_PATHS {
            listing.cut = true;
            break;
        }
        let path = path.replace(std::path::MAIN_SEPARATOR, "/");
        listing
            .paths
            .push(if is_folder { format!("{path}/") } else { path });
    }
    listing
}

/// A list that is kept.
struct Kept {
    listing: Arc<Listing>,
    made: Instant,
    /// It is being made anew.
    renewing: bool,
    used: u64,
}

/// The lists of the folders that were asked for last.
#[derive(Default)]
pub(crate) struct Listings {
    kept: Mutex<(HashMap<PathBuf, Kept>, u64)>,
    /// Held by whoever looks through a folder of which there is no list.
    walking: tokio::sync::Mutex<()>,
}

/// What is known of a folder.
pub(crate) enum Known {
    /// This, and it is new enough.
    Fresh(Arc<Listing>),
    /// This; who asked has it made anew.
    Stale(Arc<Listing>),
    /// Nothing.
    Nothing,
}

impl Listings {
    /// Waits for the turn to look through a folder of which there is no list: who types on asks again before the first
    /// answer is there, and is to wait for that.
    pub(crate) async fn turn_to_walk(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.walking.lock().await
    }

    /// What is known of a folder. Of several that ask for a stale one, one is told so.
    pub(crate) fn get(&self, folder: &Path) -> Known {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1 += 1;
        let uses = kept.1;
        let Some(known) = kept.0.get_mut(folder) else {
            return Known::Nothing;
        };
        known.used = uses;
        if known.renewing || known.made.elapsed() < FRESH {
            return Known::Fresh(known.listing.clone());
        }
        known.renewing = true;
        Known::Stale(known.listing.clone())
    }

    /// Keeps a list.
    pub(crate) fn put(&self, folder: &Path, listing: Arc<Listing>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1 += 1;
        let made = Kept {
            listing,
            made: Instant::now(),
            renewing: false,
            used: kept.1,
        };
        kept.0.insert(folder.to_owned(), made);
        while kept.0.len() > MOST_LISTS {
            let oldest = kept.0.iter().min_by_key(|(_, known)| known.used);
            let Some(oldest) = oldest.map(|(folder, _)| folder.clone()) else {
                break;
            };
            kept.0.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_covered_or_secret_is_not_in_the_list() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for directory in ["src", "target", ".git", "private", ".github"] {
            std::fs::create_dir(root.join(directory)).unwrap();
        }
        for file in [
            "src/main.rs",
            "target/out",
            ".git/HEAD",
            "private/key",
            ".env",
            ".gitignore",
            ".github/ci.yml",
        ] {
            std::fs::write(root.join(file), "target\n").unwrap();
        }
        let mut listing = walk(root, &[root.join("private")]);
        listing.paths.sort();
        assert_eq!(
            listing.paths,
            [".github/", ".github/ci.yml", ".gitignore", "src/", "src/main.rs"]
        );
        assert!(!listing.cut);
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::write(elsewhere.path().join("there.txt"), "").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("link")).unwrap();
        assert_eq!(walk(folder.path(), &[]), Listing::default());
    }

    #[test]
    fn few_lists_are_kept_and_the_one_used_last_stays() {
        let listings = Listings::default();
        for number in 0..=MOST_LISTS {
            listings.put(Path::new(&number.to_string()), Arc::default());
            assert!(matches!(listings.get(Path::new("0")), Known::Fresh(_)));
        }
        assert!(matches!(listings.get(Path::new("1")), Known::Nothing));
    }
}
