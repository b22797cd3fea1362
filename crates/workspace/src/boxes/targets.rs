//! Where a path that an ask is about really leads.
//!
//! The engine compares paths as they are spelled. A link that a command planted in the folder makes a file elsewhere look
//! like one of the folder's.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use cowork_engine::{EngineEvent, Envelope, PermissionAsk, PermissionKind};
use futures_util::future::join_all;

use crate::workspace::blocking;

/// A drive that does not answer must not hold up everything else that the engine says. All asks of a batch wait at the
/// same time.
const PATIENCE: Duration = Duration::from_secs(1);

/// Links that are followed for one path. Where there are more, the system opens nothing.
const MOST_LINKS: usize = 40;

/// Fills in where the asks among some events lead.
pub(crate) async fn resolve_events(events: &mut [Envelope]) {
    let asks = events
        .iter_mut()
        .filter_map(|envelope| match &mut envelope.event {
            EngineEvent::PermissionAsked(ask) => {
                Some(resolve(ask, envelope.folder.clone().unwrap_or_default()))
            }
            _ => None,
        });
    join_all(asks).await;
}

/// Fills in where asks of a folder lead.
pub(crate) async fn resolve_asks(asks: &mut [PermissionAsk], folder: &Path) {
    join_all(asks.iter_mut().map(|ask| resolve(ask, folder.to_owned()))).await;
}

async fn resolve(ask: &mut PermissionAsk, folder: PathBuf) {
    let Some(subject) = Subject::of(ask) else { return };
    let looked = tokio::time::timeout(PATIENCE, blocking(move || subject.leads_out(&folder))).await;
    ask.leads_to = match looked {
        Ok(Ok(out)) => out.map(|path| path.display().to_string()),
        // Nobody knows where it leads; nothing is let through unseen then.
        _ => Some("an unknown place: the drive does not answer".to_owned()),
    };
}

/// The files and folders that an ask is about, as the engine spells them.
struct Subject {
    paths: Vec<PathBuf>,
    /// The card does not say in full where they are. One outside of the folder is not seen to be there.
    told_in_part: bool,
}

impl Subject {
    fn of(ask: &PermissionAsk) -> Option<Self> {
        let has_paths = matches!(
            ask.kind,
            PermissionKind::Edit | PermissionKind::Read | PermissionKind::ExternalFolder
        );
        if !has_paths {
            return None;
        }
        let is_whole = |path: &&str| Path::new(*path).is_absolute();
        let in_part: Vec<&str> = ask
            .patterns
            .iter()
            .map(String::as_str)
            .filter(|path| !is_whole(path))
            .collect();
        // Several files are named in one line, which is no path.
        let path = ask.path.as_deref().filter(|path| *path != in_part.join(", "));
        let cut = |pattern: &str| pattern.split('*').next().unwrap_or_default().to_owned();
        let spelled: Vec<PathBuf> = path
            .map(str::to_owned)
            .into_iter()
            .chain(ask.patterns.iter().map(|pattern| cut(pattern)))
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
            .collect();
        let in_full: Vec<_> = spelled.iter().filter(|path| path.is_absolute()).collect();
        // What is spelled in full besides need not be searched for.
        let is_known = |path: &Path| !path.is_absolute() && in_full.iter().any(|whole| whole.ends_with(path));
        let paths = spelled.iter().filter(|path| !is_known(path)).cloned().collect();
        let told_in_part = ask.kind == PermissionKind::Edit && !path.is_some_and(|path| is_whole(&path));
        Some(Self { paths, told_in_part })
    }

    /// Where the first of them leads that does not lead where it is spelled, or into the folder. Looks at the disk.
    fn leads_out(&self, folder: &Path) -> Option<PathBuf> {
        let root = real_or_same(folder);
        // Nothing is in a folder that is not known.
        let is_in = |real: &Path| !folder.as_os_str().is_empty() && real.starts_with(&root);
        self.paths.iter().find_map(|path| {
            if path.is_absolute() {
                let real = real(path);
                let is_told = !self.told_in_part && real == plain(path);
                return (!is_in(&real) && !is_told).then_some(real);
            }
            candidates(path, folder).iter().find_map(|path| {
                let real = real(path);
                (!is_in(&real) && real != plain(path)).then_some(real)
            })
        })
    }
}

/// What a path may mean that begins at a folder which the engine does not name: the session's, the repository's around
/// it, or the root where the engine saw no repository when it began.
fn candidates(path: &Path, folder: &Path) -> Vec<PathBuf> {
    let begins_at = folder.ancestors().enumerate().filter(|(above, base)| {
        // A repository may be gone or new since the engine looked, so each place counts that makes it one of the folder's.
        *above == 0 || plain(&base.join(path)).starts_with(folder) || base.join(".git").exists()
    });
    begins_at.map(|(_, base)| base.join(path)).collect()
}

fn real_or_same(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// As the engine spells it in the end: without steps to the folder above.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// With links resolved as far as it is there: a file that is to be made has a folder that is, and what is written to a
/// link to what is not there yet is made at its end.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let mut left: VecDeque<OsString> = names(path).collect();
    let (mut at, mut links) = (PathBuf::new(), 0);
    while let Some(name) = left.pop_front() {
        if name == ".." {
            at.pop();
            continue;
        }
        at.push(name);
        if let Ok(real) = at.canonicalize() {
            at = real;
        } else if let Ok(target) = std::fs::read_link(&at)
            && links < MOST_LINKS
        {
            links += 1;
            at.pop();
            for name in names(&target).collect::<Vec<_>>().into_iter().rev() {
                left.push_front(name);
            }
        }
    }
    at
}

/// The steps of a path; the first of a whole one leads to the root from wherever one is.
fn names(path: &Path) -> impl Iterator<Item = OsString> {
    path.components()
        .filter(|component| *component != Component::CurDir)
        .map(|component| component.as_os_str().to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder with links out of it, beside another.
    struct Ground {
        _directory: tempfile::TempDir,
        root: PathBuf,
        folder: PathBuf,
        other: PathBuf,
    }

    #[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    fn ground() -> Ground {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let (folder, other) = (root.join("repository/folder"), root.join("other"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join("secret"), "").unwrap();
        std::fs::write(folder.join("plain"), "").unwrap();
        symlink(&other, folder.join("link")).unwrap();
        symlink(other.join("new"), folder.join("dangling")).unwrap();
        symlink(folder.join("dangling"), folder.join("chain")).unwrap();
        symlink(folder.join("plain"), folder.join("inner")).unwrap();
        symlink("loop", folder.join("loop")).unwrap();
        Ground {
            _directory: directory,
            root,
            folder,
            other,
        }
    }

    fn ask(kind: PermissionKind, path: Option<&str>, patterns: &[&str]) -> PermissionAsk {
        PermissionAsk {
            id: "per_1".into(),
            session: "ses_1".into(),
            kind,
            patterns: patterns.iter().map(|pattern| (*pattern).to_owned()).collect(),
            always: vec!["*".to_owned()],
            command: None,
            path: path.map(str::to_owned),
            leads_to: None,
            diff: None,
            call: None,
        }
    }

    impl Ground {
        fn out(&self, kind: PermissionKind, path: Option<&str>, patterns: &[&str]) -> Option<PathBuf> {
            Subject::of(&ask(kind, path, patterns))?.leads_out(&self.folder)
        }

        /// Of a change that names one file in full.
        fn edit(&self, path: &str) -> Option<PathBuf> {
            let path = self.folder.join(path);
            self.out(PermissionKind::Edit, path.to_str(), &[])
        }

        /// Of a patch of several files.
        fn patch(&self, patterns: &[&str]) -> Option<PathBuf> {
            let path = patterns.join(", ");
            self.out(PermissionKind::Edit, Some(&path), patterns)
        }
    }

    #[test]
    fn a_link_out_of_the_folder_is_seen_through_and_one_within_it_is_not_minded() {
        let ground = ground();
        let other = |path: &str| Some(ground.other.join(path));
        assert_eq!(ground.edit("link/secret"), other("secret"));
        assert_eq!(ground.edit("link/made/below"), other("made/below"));
        assert_eq!(ground.edit("dangling"), other("new"));
        assert_eq!(ground.edit("chain"), other("new"), "by way of a link within");
        assert_eq!(ground.edit("dangling/below"), other("new/below"));
        assert_eq!(
            ground.edit("link/../planted"),
            Some(ground.root.join("planted")),
            "the system goes on from where the link leads"
        );
        assert_eq!(ground.edit("link/none/../secret"), other("secret"));
        for path in ["plain", "inner", "new/deep/file", "new/../plain", "loop", "."] {
            assert_eq!(ground.edit(path), None, "{path}");
        }
        assert_eq!(
            ground.edit("../../other/secret"),
            None,
            "it is spelled as what it is"
        );
    }

    #[test]
    fn each_file_of_a_patch_counts() {
        let ground = ground();
        let secret = Some(ground.other.join("secret"));
        assert_eq!(ground.patch(&["plain", "link/secret"]), secret);
        assert_eq!(
            ground.patch(&["plain", "dangling", "link/secret"]),
            Some(ground.other.join("new")),
            "the first"
        );
        assert_eq!(ground.patch(&["plain", "new, with a comma"]), None);
        assert_eq!(
            ground.patch(&["link/secret, plain"]),
            Some(ground.other.join("secret, plain"))
        );
    }

    #[test]
    fn a_pattern_may_begin_at_the_repository_or_at_the_root() {
        let ground = ground();
        let secret = Some(ground.other.join("secret"));
        assert_eq!(
            ground.patch(&["plain", "folder/link/secret"]),
            secret,
            "the repository may be gone since the engine looked"
        );
        symlink(&ground.other, ground.root.join("repository/beside")).unwrap();
        assert_eq!(ground.patch(&["plain", "beside/secret"]), None);
        std::fs::create_dir(ground.root.join("repository/.git")).unwrap();
        assert_eq!(ground.patch(&["plain", "folder/link/secret"]), secret);
        assert_eq!(ground.patch(&["plain", "beside/secret"]), secret);
        assert_eq!(ground.patch(&["folder/plain", "folder/new/file"]), None);
        let from_root = ground.folder.join("link/secret");
        let from_root = from_root.strip_prefix("/").unwrap().to_str().unwrap();
        assert_eq!(ground.patch(&["plain", from_root]), secret);
        assert_eq!(
            ground.patch(&["bin/sh", "lib/x"]),
            None,
            "those of the folder, not the system's"
        );
    }

    #[test]
    fn what_is_spelled_in_full_decides_and_one_outside_that_no_card_would_name_is_told() {
        let ground = ground();
        let whole = |path: &str| ground.root.join(path).display().to_string();
        let patch = |patterns: &[&str], files: &[String]| {
            let all: Vec<&str> = patterns
                .iter()
                .copied()
                .chain(files.iter().map(String::as_str))
                .collect();
            ground.out(PermissionKind::Edit, Some(&patterns.join(", ")), &all)
        };
        let (plain, moved) = (
            whole("repository/folder/plain"),
            whole("repository/folder/link/moved"),
        );
        assert_eq!(patch(&["plain"], std::slice::from_ref(&plain)), None);
        assert_eq!(
            patch(&["plain"], &[plain, moved]),
            Some(ground.other.join("moved"))
        );
        // As where the repository is a folder above, and the card would say "ada/.ssh/config".
        let outside = whole("other/secret");
        assert_eq!(
            patch(&["plain", "other/secret"], &[outside]),
            Some(ground.other.join("secret"))
        );
    }

    #[test]
    fn a_pattern_counts_as_far_as_it_is_a_path() {
        let ground = ground();
        let (folder, other) = (ground.folder.display(), ground.other.display());
        let external = |patterns: &[&str]| ground.out(PermissionKind::ExternalFolder, None, patterns);
        assert_eq!(
            external(&[&format!("{folder}/link/*")]),
            Some(ground.other.clone())
        );
        assert_eq!(external(&[&format!("{other}/*")]), None);
        assert_eq!(
            external(&[&format!("{other}/*"), &format!("{folder}/link/*")]),
            Some(ground.other.clone())
        );
        assert_eq!(external(&["*"]), None);
        let read = |path: &str| ground.out(PermissionKind::Read, Some(path), &[path]);
        assert_eq!(read("link/secret"), Some(ground.other.join("secret")));
        assert_eq!(read("plain"), None);
        assert!(
            Subject::of(&ask(
                PermissionKind::Shell,
                Some("link/secret"),
                &["cat link/secret"]
            ))
            .is_none()
        );
    }

    #[tokio::test]
    async fn asks_of_one_batch_are_each_filled_in() {
        let ground = ground();
        let edit = |path: &str| ask(PermissionKind::Edit, ground.folder.join(path).to_str(), &[]);
        let mut asks = [edit("plain"), edit("link/secret"), edit("dangling")];
        resolve_asks(&mut asks, &ground.folder).await;
        let leads_to: Vec<_> = asks.into_iter().map(|ask| ask.leads_to).collect();
        let other = |path: &str| Some(ground.other.join(path).display().to_string());
        assert_eq!(leads_to, [None, other("secret"), other("new")]);
    }
}
