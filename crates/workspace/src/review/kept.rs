//! What was there before something was put back, kept so that it can be undone.
//!
//! Each is a folder of the app's own data with a description and the files' bytes. The newest stay, within a bound.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::place::{self, Content, Found};
use crate::view::KeptRevert;

/// How many are kept, of all folders together, and how many bytes. The oldest go.
const MOST: usize = 100;
const MOST_BYTES: u64 = 128 << 20;

/// Bytes of a description.
const MOST_OF_DESCRIPTION: u64 = 64 << 10;

const DESCRIPTION: &str = "reverted.json";

/// A file that something was done to.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    path: String,
    /// Rights of the file that is kept; none when there was no file.
    mode: Option<u32>,
    /// Stands for what is there since.
    after: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Description {
    folder: PathBuf,
    path: String,
    hunk: bool,
    at: i64,
    files: Vec<Kept>,
}

/// What one step does to one file.
pub(crate) struct Step {
    pub(crate) path: String,
    pub(crate) before: Found,
    /// What is to be there; nothing for a file that goes.
    pub(crate) wanted: Option<Content>,
}

/// Does the steps after what was there is kept, and gives its id.
///
/// # Errors
/// When a file is another one by now, or something cannot be written. What was done until then is undone.
pub(crate) fn carry_out(
    store: &Path,
    folder: &Path,
    named: (&str, bool),
    at: i64,
    steps: &[Step],
) -> io::Result<KeptRevert> {
    let id = keep(store, folder, named, at, steps)?;
    let mut done: Vec<&Step> = Vec::new();
    for step in steps {
        let outcome = act(
            folder,
            &step.path,
            step.wanted.as_ref(),
            &place::stamp(&step.before),
        );
        if let Err(error) = outcome {
            for step in done.iter().rev() {
                take_back(folder, step);
            }
            discard(store, &id);
            return Err(error);
        }
        done.push(step);
    }
    tidy(store);
    Ok(KeptRevert {
        id,
        path: named.0.to_owned(),
        hunk: named.1,
        at,
    })
}

fn take_back(folder: &Path, step: &Step) {
    let Some(path) = place::below(&step.path) else {
        return;
    };
    let now = place::read(folder, &path, super::MOST_KEPT).map(|found| place::stamp(&found));
    let content = match &step.before {
        Found::File(content) => Some(content),
        _ => None,
    };
    let undone = now.and_then(|now| act(folder, &step.path, content, &now));
    if let Err(error) = undone {
        tracing::error!(%error, "a step that could not be finished was not taken back either");
    }
}

fn act(folder: &Path, path: &str, wanted: Option<&Content>, expected: &str) -> io::Result<()> {
    let path = place::below(path).ok_or(io::ErrorKind::InvalidInput)?;
    match wanted {
        Some(content) => place::write(folder, &path, content, expected),
        None => place::remove(folder, &path, expected),
    }
}

fn keep(store: &Path, folder: &Path, named: (&str, bool), at: i64, steps: &[Step]) -> io::Result<String> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let id = format!("{at:013}-{:016x}", u64::from_le_bytes(random));
    let place = store.join(&id);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&place)?;
    let mut files = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let mode = match &step.before {
            Found::File(content) => {
                write_through(&place.join(index.to_string()), &content.bytes)?;
                Some(content.mode)
            }
            Found::Nothing => None,
            Found::Large(_) | Found::Other => return Err(io::ErrorKind::InvalidInput.into()),
        };
        let after = step
            .wanted
            .clone()
            .map_or(Found::Nothing, |content| Found::File(with_plain_mode(content)));
        files.push(Kept {
            path: step.path.clone(),
            mode,
            after: place::stamp(&after),
        });
    }
    let description = Description {
        folder: folder.to_owned(),
        path: named.0.to_owned(),
        hunk: named.1,
        at,
        files,
    };
    write_through(&place.join(DESCRIPTION), &serde_json::to_vec(&description)?)?;
    sync_directory(&place)?;
    sync_directory(store)?;
    Ok(id)
}

/// Writes a file so that it outlasts a loss of power: the change that it undoes is made right after.
fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Names last when their directory does. On Windows they do without, and directories cannot be opened so.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs::File::open(path)?.sync_all()?;
    }
    Ok(())
}

/// As it is when it was written.
fn with_plain_mode(mut content: Content) -> Content {
    content.mode &= 0o777;
    content
}

/// Those of a folder, from the newest on that can be undone.
pub(crate) fn list(store: &Path, folder: &Path) -> Vec<KeptRevert> {
    let nothing_undone = HashMap::new();
    let kept = ids(store).into_iter().rev().filter_map(|id| {
        let description = describe(store, &id).filter(|found| found.folder == folder)?;
        Some((id, description))
    });
    kept.skip_while(|(_, description)| is_changed(description, &nothing_undone))
        .map(|(id, description)| KeptRevert {
            id,
            path: description.path,
            hunk: description.hunk,
            at: description.at,
        })
        .collect()
}

/// Whether a file is another one than what it was put back to, where newer ones are `undone` first: what each file is by
/// then. Of what cannot be read nothing is known.
fn is_changed(description: &Description, undone: &HashMap<PathBuf, String>) -> bool {
    let changed = |file: &Kept| {
        let Some(path) = place::below(&file.path) else {
            return true;
        };
        let folder = &description.folder;
        match undone.get(&folder.join(&path)) {
            Some(stamp) => *stamp != file.after,
            None => {
                place::read(folder, &path, super::MOST_KEPT).is_ok_and(|now| place::stamp(&now) != file.after)
            }
        }
    };
    description.folder.is_dir() && description.files.iter().any(changed)
}

/// Puts back what was there.
///
/// # Errors
/// When it is not kept any more, or a file was changed since.
pub(crate) fn undo(store: &Path, folder: &Path, id: &str) -> io::Result<String> {
    if !ids(store).iter().any(|known| known == id) {
        return Err(io::ErrorKind::NotFound.into());
    }
    let description = describe(store, id)
        .filter(|found| found.folder == folder)
        .ok_or(io::ErrorKind::NotFound)?;
    // All of them first: half of a renaming undone helps nobody.
    let mut there = Vec::new();
    for file in &description.files {
        let path = place::below(&file.path).ok_or(io::ErrorKind::InvalidInput)?;
        let now = place::read(folder, &path, super::MOST_KEPT)?;
        if place::stamp(&now) != file.after {
            return Err(io::Error::other(place::CHANGED));
        }
        there.push(now);
    }
    let mut done = Vec::new();
    for ((index, file), there) in description.files.iter().enumerate().zip(there).rev() {
        let content = match file.mode {
            Some(mode) => {
                fs::read(store.join(id).join(index.to_string())).map(|bytes| Some(Content { bytes, mode }))
            }
            None => Ok(None),
        };
        let undone = content.and_then(|content| act(folder, &file.path, content.as_ref(), &file.after));
        if let Err(error) = undone {
            // So that it can be tried again.
            for step in done.iter().rev() {
                take_back(folder, step);
            }
            return Err(error);
        }
        done.push(Step {
            path: file.path.clone(),
            before: there,
            wanted: None,
        });
    }
    discard(store, id);
    Ok(description.path)
}

fn describe(store: &Path, id: &str) -> Option<Description> {
    let path = store.join(id).join(DESCRIPTION);
    let short = fs::metadata(&path).ok()?.len() <= MOST_OF_DESCRIPTION;
    serde_json::from_slice(&fs::read(path).ok().filter(|_| short)?).ok()
}

/// All of them, the oldest first: their names begin with the time.
fn ids(store: &Path) -> Vec<String> {
    let entries = fs::read_dir(store).into_iter().flatten().flatten();
    let mut ids: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    ids.sort_unstable();
    ids
}

fn discard(store: &Path, id: &str) {
    if let Err(error) = fs::remove_dir_all(store.join(id)) {
        tracing::warn!(%error, "what was kept of a file could not be removed");
    }
}

/// Lets the oldest go.
fn tidy(store: &Path) {
    let mut bytes = 0;
    for (index, id) in ids(store).iter().rev().enumerate() {
        let files = fs::read_dir(store.join(id)).into_iter().flatten().flatten();
        bytes += files
            .filter_map(|file| Some(file.metadata().ok()?.len()))
            .sum::<u64>();
        if index >= MOST || (index > 0 && bytes > MOST_BYTES) {
            discard(store, id);
        }
    }
}

/// Those that cannot be undone any more: their folder is none of these, or a file is another one since. Of a folder that
/// cannot be looked into nothing is known.
pub(crate) fn needless(store: &Path, folders: &[PathBuf]) -> Vec<String> {
    let mut undone = HashMap::new();
    let mut goes = |id: &String| {
        let Some(description) = describe(store, id) else {
            // One that is being written at this moment has no description yet.
            let made = fs::metadata(store.join(id)).and_then(|metadata| metadata.modified());
            return made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age.as_secs() >= 60));
        };
        if !folders.contains(&description.folder) || is_changed(&description, &undone) {
            return true;
        }
        for (index, file) in description.files.iter().enumerate() {
            let before = match file.mode {
                Some(mode) => fs::read(store.join(id).join(index.to_string()))
                    .map(|bytes| Found::File(with_plain_mode(Content { bytes, mode }))),
                None => Ok(Found::Nothing),
            };
            if let Ok(before) = before {
                undone.insert(description.folder.join(&file.path), place::stamp(&before));
            }
        }
        false
    };
    // The newest first: what it undoes is what an older one of the same file begins from.
    let mut needless: Vec<String> = ids(store).into_iter().rev().filter(|id| goes(id)).collect();
    needless.reverse();
    needless
}

/// How large some of them are.
pub(crate) fn bytes_of(store: &Path, wanted: &[String]) -> u64 {
    let files = wanted
        .iter()
        .flat_map(|id| fs::read_dir(store.join(id)).into_iter().flatten().flatten());
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

/// Has those go that cannot be undone any more; the bytes that are free now.
///
/// # Errors
/// When one cannot be deleted.
pub(crate) fn forget_needless(store: &Path, folders: &[PathBuf]) -> io::Result<u64> {
    let mut bytes = 0;
    for id in needless(store, folders) {
        let length = bytes_of(store, std::slice::from_ref(&id));
        fs::remove_dir_all(store.join(&id))?;
        bytes += length;
    }
    Ok(bytes)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn content(text: &str) -> Content {
        Content {
            bytes: text.as_bytes().to_vec(),
            mode: 0o644,
        }
    }

    fn step(folder: &Path, path: &str, wanted: Option<&str>) -> Step {
        Step {
            path: path.to_owned(),
            before: place::read(folder, Path::new(path), 100).unwrap(),
            wanted: wanted.map(content),
        }
    }

    #[test]
    fn what_was_there_comes_back_unless_the_file_changed_since() {
        let (store, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (store, folder) = (store.path(), folder.path());
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        fs::write(folder.join("new"), "now").unwrap();
        // A renaming back: one file comes, another one goes.
        let steps = [step(folder, "old", Some("then")), step(folder, "new", None)];
        let kept = carry_out(store, folder, ("new", false), 5, &steps).unwrap();
        assert_eq!((read("old"), read("new")), (Some("then".into()), None));
        assert_eq!(list(store, folder), std::slice::from_ref(&kept));
        assert!(list(store, Path::new("/elsewhere")).is_empty());
        fs::write(folder.join("old"), "written since").unwrap();
        assert!(undo(store, folder, &kept.id).is_err());
        assert_eq!(read("old"), Some("written since".into()));
        assert!(
            list(store, folder).is_empty(),
            "what cannot be undone is not offered"
        );
        fs::write(folder.join("old"), "then").unwrap();
        assert_eq!(undo(store, folder, &kept.id).unwrap(), "new");
        assert_eq!((read("old"), read("new")), (None, Some("now".into())));
        assert!(undo(store, folder, &kept.id).is_err(), "once");
        assert!(undo(store, folder, "../..").is_err());
    }

    #[test]
    fn a_step_that_fails_leaves_everything_as_it_was() {
        let (store, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (store, folder) = (store.path(), folder.path());
        fs::write(folder.join("a"), "a").unwrap();
        fs::write(folder.join("b"), "b").unwrap();
        let steps = [step(folder, "a", None), step(folder, "b", Some("other"))];
        fs::write(folder.join("b"), "changed meanwhile").unwrap();
        assert!(carry_out(store, folder, ("a", false), 5, &steps).is_err());
        assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), "a");
        assert!(list(store, folder).is_empty());
    }

    #[test]
    fn half_of_an_undoing_is_taken_back_so_that_it_can_be_tried_again() {
        let (store, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (store, folder) = (store.path(), folder.path());
        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        fs::write(folder.join("a"), "a").unwrap();
        fs::write(folder.join("b"), "b").unwrap();
        let steps = [
            step(folder, "a", Some("other a")),
            step(folder, "b", Some("other b")),
        ];
        let kept = carry_out(store, folder, ("a", false), 5, &steps).unwrap();
        let (first, aside) = (store.join(&kept.id).join("0"), store.join("aside"));
        fs::rename(&first, &aside).unwrap();
        assert!(undo(store, folder, &kept.id).is_err());
        assert_eq!(
            (read("a"), read("b")),
            ("other a".to_owned(), "other b".to_owned())
        );
        fs::rename(&aside, &first).unwrap();
        undo(store, folder, &kept.id).unwrap();
        assert_eq!((read("a"), read("b")), ("a".to_owned(), "b".to_owned()));
    }

    #[test]
    fn what_cannot_be_undone_any_more_goes_and_nothing_else() {
        let (store, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (gone, unplugged) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut kept = Vec::new();
        for (at, (root, name)) in [(&folder, "a"), (&folder, "b"), (&gone, "a"), (&unplugged, "a")]
            .into_iter()
            .enumerate()
        {
            fs::write(root.path().join(name), "then").unwrap();
            let steps = [step(root.path(), name, Some("now"))];
            let at = i64::try_from(at).unwrap();
            kept.push(carry_out(store.path(), root.path(), (name, false), at, &steps).unwrap());
        }
        fs::write(folder.path().join("b"), "written since").unwrap();
        let folders = [folder.path().to_owned(), unplugged.path().to_owned()];
        fs::remove_dir_all(unplugged.path()).unwrap();
        let needless = needless(store.path(), &folders);
        assert_eq!(needless, [kept[1].id.clone(), kept[2].id.clone()]);
        let bytes = bytes_of(store.path(), &needless);
        assert_eq!(forget_needless(store.path(), &folders).unwrap(), bytes);
        let left: Vec<_> = ids(store.path());
        assert_eq!(left, [kept[0].id.clone(), kept[3].id.clone()]);
    }

    #[test]
    fn what_can_be_undone_one_after_the_other_stays_and_is_offered() {
        let (store, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (store, folder) = (store.path(), folder.path());
        fs::write(folder.join("a"), "one").unwrap();
        fs::write(folder.join("b"), "one").unwrap();
        for (at, (name, text)) in [("a", "two"), ("a", "three"), ("b", "two")]
            .into_iter()
            .enumerate()
        {
            let steps = [step(folder, name, Some(text))];
            carry_out(store, folder, (name, true), i64::try_from(at).unwrap(), &steps).unwrap();
        }
        assert!(needless(store, &[folder.to_owned()]).is_empty());
        // The newest cannot be undone any more, and does not stand before those that can.
        fs::write(folder.join("b"), "written since").unwrap();
        for text in ["two", "one"] {
            undo(store, folder, &list(store, folder)[0].id).unwrap();
            assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), text);
        }
        assert!(list(store, folder).is_empty());
        assert_eq!(needless(store, &[folder.to_owned()]).len(), 1);
    }

    #[test]
    fn the_oldest_go() {
        let (store, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for at in 0..i64::try_from(MOST).unwrap() + 5 {
            fs::write(folder.path().join("a"), at.to_string()).unwrap();
            let steps = [step(folder.path(), "a", Some("x"))];
            carry_out(store.path(), folder.path(), ("a", true), at, &steps).unwrap();
        }
        let kept = list(store.path(), folder.path());
        assert_eq!((kept.len(), kept[0].at, kept[MOST - 1].at), (MOST, 104, 5));
    }
}
