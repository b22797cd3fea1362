//! Folders sessions may work in.
//!
//! A folder is trusted because the person picked it in the system's dialog or named it on the command line, or
//! because the app made it. A client only ever hands back the reference it was given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::boxes::{AllBoxSettings, BoxSettings};
use crate::error::{Result, WorkspaceError};
use crate::view;

/// The granted folders.
#[derive(Default)]
pub(crate) struct Folders {
    granted: BTreeMap<PathBuf, view::FolderKind>,
    /// Those in which commands may run without a box, by the person's choice.
    unboxed: BTreeSet<PathBuf>,
    /// What their commands may reach beside them.
    pub(crate) settings: AllBoxSettings,
    /// Whether the boxes of commands hold, as far as it is known in this run of the engine.
    proofs: BTreeMap<PathBuf, view::BoxProof>,
    /// Those that a client was told of by a reference, granted or not: what the list of threads is asked by.
    told: BTreeMap<String, PathBuf>,
    /// Those that have no way to the network, which they should have, and why.
    unconnected: BTreeMap<PathBuf, String>,
    /// What of the person's home a consent opened to the engine that runs, to be changed.
    pub(crate) opened: Vec<PathBuf>,
}

impl Folders {
    pub(crate) fn grant(&mut self, path: PathBuf, kind: view::FolderKind) {
        if !self.granted.contains_key(&path) {
            // What was open to it before it was forgotten may still be kept; nobody agreed to it again.
            self.settings.remove(&path);
        }
        self.granted.insert(path, kind);
    }

    pub(crate) fn forget(&mut self, path: &Path) {
        self.granted.remove(path);
        self.unboxed.remove(path);
        self.settings.remove(path);
        self.proofs.remove(path);
        self.unconnected.remove(path);
    }

    /// Whose folder a path is. One that was forgotten counts as the person's.
    pub(crate) fn kind(&self, path: &Path) -> view::FolderKind {
        self.granted
            .get(path)
            .copied()
            .unwrap_or(view::FolderKind::Project)
    }

    pub(crate) fn set_unboxed(&mut self, path: PathBuf, allowed: bool) {
        if allowed {
            self.unboxed.insert(path);
        } else {
            self.unboxed.remove(&path);
        }
    }

    pub(crate) fn is_unboxed(&self, path: &Path) -> bool {
        self.unboxed.contains(path)
    }

    pub(crate) fn set_proof(&mut self, path: PathBuf, proof: view::BoxProof) {
        self.proofs.insert(path, proof);
    }

    /// Why a folder has no way to the network that it should have; none when it has it. True when that is news.
    pub(crate) fn set_unconnected(&mut self, path: &Path, reason: Option<String>) -> bool {
        match reason {
            Some(reason) => self.unconnected.insert(path.to_owned(), reason.clone()) != Some(reason),
            None => self.unconnected.remove(path).is_some(),
        }
    }

    pub(crate) fn forget_proofs(&mut self) {
        self.proofs.clear();
    }

    /// Of all folders that something was tried in.
    pub(crate) fn proofs(&self) -> Vec<view::FolderProof> {
        let known = self
            .proofs
            .iter()
            .filter(|(path, _)| self.granted.contains_key(*path));
        known
            .map(|(path, proof)| view::FolderProof {
                folder: folder_id(path),
                label: label(path),
                proof: self.shown_proof(path, proof),
            })
            .collect()
    }

    /// As a person is told of it. Whether the box holds is another matter: see [`Folders::proof`].
    fn shown_proof(&self, path: &Path, proof: &view::BoxProof) -> view::BoxProof {
        match (proof, self.unconnected.get(path)) {
            (view::BoxProof::Proven { reduced }, Some(reason)) => view::BoxProof::Proven {
                reduced: Some(
                    [reduced.as_deref(), Some(reason)]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join(" "),
                ),
            },
            _ => proof.clone(),
        }
    }

    pub(crate) fn proof(&self, path: &Path) -> view::BoxProof {
        self.proofs.get(path).cloned().unwrap_or_default()
    }

    /// The folder behind a reference.
    pub(crate) fn resolve(&self, id: &str) -> Result<PathBuf> {
        self.granted
            .keys()
            .find(|path| folder_id(path) == id)
            .cloned()
            .ok_or(WorkspaceError::NotFound("The folder"))
    }

    /// The reference of a folder that a client is told of, and may ask for threads by. It opens nothing.
    pub(crate) fn note(&mut self, path: &Path) -> String {
        let id = folder_id(path);
        if !self.told.contains_key(&id) {
            self.told.insert(id.clone(), path.to_owned());
        }
        id
    }

    /// The folder behind a reference, also of one that is not granted any more: to look its threads up.
    pub(crate) fn seen(&self, id: &str) -> Result<PathBuf> {
        self.resolve(id)
            .or_else(|unknown| self.told.get(id).cloned().ok_or(unknown))
    }

    /// The folders as a window shows them. Looks at the disk: not to be called while others wait.
    pub(crate) fn list(granted: &[Granted]) -> Vec<view::Folder> {
        granted.iter().map(describe).collect()
    }

    pub(crate) fn snapshot(&self) -> Vec<Granted> {
        self.granted
            .iter()
            .map(|(path, kind)| Granted {
                path: path.clone(),
                kind: *kind,
                unboxed: self.unboxed.contains(path),
                settings: self.settings.get(path).cloned().unwrap_or_default(),
            })
            .collect()
    }
}

/// A reference for clients: stable for a path, and no path.
pub(crate) fn folder_id(path: &Path) -> String {
    // FNV-1a: the reference needs to be stable over restarts and of a short alphabet, not secret.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in path.as_os_str().as_encoded_bytes() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("folder-{hash:016x}")
}

/// One granted folder.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) path: PathBuf,
    pub(crate) kind: view::FolderKind,
    /// Commands may run in it without a box.
    pub(crate) unboxed: bool,
    /// What else its commands may reach.
    pub(crate) settings: BoxSettings,
}

/// What a folder is called: its last component.
pub(crate) fn label(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// A folder as a window shows it.
pub(crate) fn describe(granted: &Granted) -> view::Folder {
    let path = &granted.path;
    let available = std::fs::read_dir(path).is_ok();
    view::Folder {
        id: folder_id(path),
        label: label(path),
        path: path.display().to_string(),
        kind: granted.kind,
        available,
        unboxed_allowed: granted.unboxed,
        box_settings: granted.settings.view(),
        ignored: if available {
            cowork_opencode::ignored_in(path)
                .into_iter()
                .map(|thing| thing.path.display().to_string())
                .collect()
        } else {
            Vec::new()
        },
    }
}

/// Checks that a folder can be worked in, and is none of the system's, and gives its one true path.
pub(crate) fn readable(path: &Path) -> Result<PathBuf> {
    let unavailable = || WorkspaceError::FolderUnavailable(path.display().to_string());
    let canonical = path.canonicalize().map_err(|_| unavailable())?;
    // After links were resolved, or one would lead there.
    cowork_policy::may_open(&canonical).map_err(WorkspaceError::NotAllowed)?;
    std::fs::read_dir(&canonical).map_err(|_| unavailable())?;
    Ok(canonical)
}

/// Makes a throw-away folder that only this user can read.
pub(crate) fn make_sandbox(root: &Path) -> anyhow::Result<PathBuf> {
    let name = format!("{}-{}", jiff::Zoned::now().strftime("%Y-%m-%d"), random_word()?);
    let path = root.join(name);
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(&path)
        .with_context(|| format!("making the folder {}", path.display()))?;
    path.canonicalize()
        .with_context(|| format!("looking up the folder {}", path.display()))
}

fn random_word() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 4];
    getrandom::fill(&mut bytes).context("reading the system's randomness")?;
    Ok(format!("{:08x}", u32::from_ne_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_opens_nothing_that_was_not_granted() {
        let mut folders = Folders::default();
        folders.grant(PathBuf::from("/granted"), view::FolderKind::Project);
        assert!(folders.resolve(&folder_id(Path::new("/granted"))).is_ok());
        assert!(folders.resolve(&folder_id(Path::new("/etc"))).is_err());
        assert!(folders.resolve("/granted").is_err(), "a path is not a reference");
    }

    #[test]
    fn a_folder_that_is_gone_is_said_to_be_unavailable() {
        let folder = describe(&Granted {
            path: PathBuf::from("/does/not/exist"),
            kind: view::FolderKind::Project,
            unboxed: false,
            settings: BoxSettings::default(),
        });
        assert!(!folder.available);
        assert!(readable(Path::new("/does/not/exist")).is_err());
    }

    #[test]
    fn a_folder_that_comes_back_has_nothing_open_to_it() {
        let mut folders = Folders::default();
        let open = BoxSettings {
            network: cowork_policy::Network::Open,
            ..BoxSettings::default()
        };
        for path in ["/here", "/forgotten"] {
            folders.settings.insert(path.into(), open.clone());
        }
        folders.granted.insert("/here".into(), view::FolderKind::Project);
        folders.grant("/here".into(), view::FolderKind::Project);
        folders.grant("/forgotten".into(), view::FolderKind::Project);
        assert_eq!(folders.settings.keys().collect::<Vec<_>>(), [Path::new("/here")]);
    }

    #[test]
    fn a_folder_without_its_way_to_the_network_is_shown_with_the_reason_and_held_all_the_same() {
        let mut folders = Folders::default();
        let path = Path::new("/granted");
        folders.grant(path.into(), view::FolderKind::Project);
        let proven = |reduced: Option<&str>| view::BoxProof::Proven {
            reduced: reduced.map(str::to_owned),
        };
        folders.set_proof(path.into(), proven(None));
        assert!(folders.set_unconnected(path, Some("No gate.".to_owned())));
        assert!(
            !folders.set_unconnected(path, Some("No gate.".to_owned())),
            "it is no news"
        );
        assert_eq!(folders.proofs()[0].proof, proven(Some("No gate.")));
        assert_eq!(
            folders.proof(path),
            proven(None),
            "what is refused is decided by the box"
        );
        folders.set_proof(path.into(), proven(Some("Less.")));
        assert_eq!(folders.proofs()[0].proof, proven(Some("Less. No gate.")));
        assert!(folders.set_unconnected(path, None));
        assert_eq!(folders.proofs()[0].proof, proven(Some("Less.")));
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_of_the_system_is_refused_by_a_link_too() {
        let directory = tempfile::tempdir().unwrap();
        assert!(readable(directory.path()).is_ok());
        let link = directory.path().join("link");
        for place in ["/", "/etc", "/usr/bin"] {
            std::os::unix::fs::symlink(place, &link).unwrap();
            for path in [Path::new(place), &link] {
                let refused = readable(path).unwrap_err();
                assert!(
                    matches!(&refused, WorkspaceError::NotAllowed(why) if why.contains("belongs to the system")),
                    "{refused}"
                );
            }
            std::fs::remove_file(&link).unwrap();
        }
    }

    #[test]
    fn a_throw_away_folder_is_private() {
        let root = tempfile::tempdir().unwrap();
        let path = make_sandbox(root.path()).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o700
            );
        }
        assert!(path.starts_with(root.path().canonicalize().unwrap()));
    }
}
