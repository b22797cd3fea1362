//! What a call of git is about: the place it works in, and whether a snapshot of the engine's is the repository.
//!
//! Only a box is chosen by this, never what git does; an option that is misread costs a call that fails.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::refusal::complain;

/// What git exits with when it gives up before it did anything.
pub(crate) const GAVE_UP: u8 = 128;

/// Says what git lacked when it gave up: alone it would say that there is no repository, and a model would make one.
pub(crate) fn say_what_it_lacks(lacks: &Path) {
    complain(&format!(
        "git of this folder needs {}, which is not open to commands here. Make no new repository: the person can open it, \
         in the app under What commands may reach.",
        lacks.display()
    ));
}

/// What was read from a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Call {
    /// `-C`, in the order given.
    pub(crate) directories: Vec<PathBuf>,
    pub(crate) repository: Option<PathBuf>,
    pub(crate) files: Option<PathBuf>,
    /// What git is to do.
    pub(crate) verb: Option<OsString>,
}

impl Call {
    /// Reads git's own options, up to the verb.
    pub(crate) fn read(arguments: &[OsString], variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let mut call = Self {
            repository: variable("GIT_DIR").map(PathBuf::from),
            files: variable("GIT_WORK_TREE").map(PathBuf::from),
            ..Self::default()
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let bytes = word.as_encoded_bytes();
            let equals = bytes.iter().position(|byte| *byte == b'=');
            let (name, attached) = match equals {
                Some(at) if bytes.starts_with(b"--") => {
                    // SAFETY: the bytes are those of a word of the system's, cut behind a character of ASCII.
                    let value = unsafe { OsStr::from_encoded_bytes_unchecked(&bytes[at + 1..]) };
                    (&bytes[..at], Some(value.to_owned()))
                }
                _ => (bytes, None),
            };
            match name {
                b"-C" => call.directories.extend(words.next().map(PathBuf::from)),
                b"--git-dir" => call.repository = attached.or_else(|| words.next().cloned()).map(Into::into),
                b"--work-tree" => call.files = attached.or_else(|| words.next().cloned()).map(Into::into),
                b"-c" | b"--config-env" | b"--namespace" | b"--super-prefix" | b"--attr-source" => {
                    if attached.is_none() {
                        words.next();
                    }
                }
                _ if bytes.starts_with(b"-") && bytes != b"--version" => {}
                _ => {
                    call.verb = Some(word.clone());
                    break;
                }
            }
        }
        call
    }

    /// Whether it only says what git it is, which needs no folder.
    pub(crate) fn asks_version(&self) -> bool {
        let verb = self.verb.as_deref();
        verb == Some(OsStr::new("--version")) || verb == Some(OsStr::new("version"))
    }

    /// The places it may be about, the likeliest first, links resolved.
    pub(crate) fn places(&self, current: &Path) -> Vec<PathBuf> {
        let moved = self
            .directories
            .iter()
            .fold(current.to_owned(), |at, step| at.join(step));
        let files = self.files.as_ref().map(|files| moved.join(files));
        files
            .into_iter()
            .chain([moved, current.to_owned()])
            .filter_map(|path| fs::canonicalize(path).ok())
            .collect()
    }

    /// The repository it is told to use, if that lies below `snapshots`. It is made when it is not there, as git would.
    pub(crate) fn snapshot(&self, current: &Path, snapshots: &Path) -> Option<PathBuf> {
        let snapshots = fs::canonicalize(snapshots).ok()?;
        let moved = self
            .directories
            .iter()
            .fold(current.to_owned(), |at, step| at.join(step));
        let wanted = moved.join(self.repository.as_ref()?);
        if wanted.components().any(|part| part == Component::ParentDir) {
            return None;
        }
        let there = wanted.ancestors().find_map(|part| fs::canonicalize(part).ok())?;
        if !there.starts_with(&snapshots) {
            return None;
        }
        fs::create_dir_all(&wanted).ok()?;
        let resolved = fs::canonicalize(&wanted).ok()?;
        // The whole of them is nobody's repository.
        (resolved.starts_with(&snapshots) && resolved != snapshots).then_some(resolved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Call {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        Call::read(&words, |_| None)
    }

    #[test]
    fn options_are_read_up_to_the_verb() {
        let call = read(&[
            "-C",
            "/a",
            "-c",
            "core.x=y",
            "--git-dir",
            "/s/1",
            "--work-tree=/w",
            "--no-pager",
            "add",
            "--git-dir=/z",
        ]);
        assert_eq!(call.directories, [PathBuf::from("/a")]);
        assert_eq!(call.repository, Some("/s/1".into()));
        assert_eq!(call.files, Some("/w".into()));
        assert_eq!(call.verb, Some("add".into()));
        assert!(read(&["--version"]).asks_version());
        assert!(!read(&["status"]).asks_version());
    }

    #[test]
    fn only_a_repository_below_the_snapshots_is_one() {
        let directory = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(directory.path()).unwrap();
        let snapshots = root.join("snapshots");
        fs::create_dir_all(&snapshots).unwrap();
        fs::create_dir_all(root.join("other")).unwrap();
        std::os::unix::fs::symlink(root.join("other"), snapshots.join("link")).unwrap();
        let of = |path: &str| read(&["--git-dir", path, "init"]).snapshot(&root, &snapshots);
        assert_eq!(of("snapshots/1/2"), Some(snapshots.join("1/2")));
        for elsewhere in [
            "other",
            "snapshots",
            "snapshots/../other",
            "snapshots/link",
            "snapshots/link/new",
        ] {
            assert_eq!(of(elsewhere), None, "{elsewhere}");
        }
        assert!(!root.join("other/new").exists());
    }
}
