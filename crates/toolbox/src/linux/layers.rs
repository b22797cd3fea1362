//! What a box shows of the file system: a list of what lies over what, computed from the rules.
//!
//! The system is there to be read. Over it lie, from the outside in: empty places where people's files are; the folder's
//! own home in place of the person's; toolchains; folders that were opened. The innermost counts, but for what is hidden:
//! that is empty whatever was opened around or in it.
//!
//! A command may rename what it may write, and with a directory moves what lies on it: the next box would find the
//! place of a hidden file gone, and the file elsewhere. A directory that is itself a mount cannot be renamed, so each one
//! between a writable mount and what lies on it is mounted on itself.

mod ground;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};

use cowork_policy::confinement::{FolderRules, GitElsewhere, Rules};

use self::ground::{Identity, firm_steps, make_mount_point, plain_identity};
use super::home::{TEMPORARY as KEPT, temporary};
use crate::Refusal;
use crate::yard::{IN_ENGINES_BOX, REAL_PROGRAMS};

/// What lies at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// An empty directory that takes nothing.
    Empty,
    /// An empty directory to write to, which goes with the box.
    Temporary { bytes: u64 },
    /// An empty file.
    Blank,
    /// A file to be read, by the number of a descriptor that bubblewrap is handed.
    Handed { descriptor: RawFd },
    /// What is at another place, or at the same one in the world outside.
    Bound { from: PathBuf, writable: bool },
}

/// The layers of a box.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    /// By place. The order of paths puts what lies around a place before it.
    places: BTreeMap<PathBuf, Layer>,
    /// What stood at places of folders when it was decided that they are open, with no link on the way.
    seen: BTreeMap<PathBuf, Identity>,
}

/// Where people's files and mounted drives are.
const EMPTIED: &[&str] = &[
    "/home",
    "/root",
    "/mnt",
    "/media",
    "/srv",
    "/var/home",
    "/run/media",
];

/// Temporary places that every program may write to, and runtime state that no boxed program has a use for.
const TEMPORARY: &[&str] = &[SHARED_TEMPORARY, "/var/tmp", "/run"];

/// The one that is kept between the commands of a folder.
const SHARED_TEMPORARY: &str = "/tmp";

/// Of the place for runtime state, where nothing large belongs.
const MOST_OF_RUN: u64 = 64 << 20;

/// Settings of the system that a program refuses to read because their owner has no name in the box: SSH does not start
/// where there are any of these.
const WITHOUT_OWNER: &[&str] = &["/etc/ssh/ssh_config.d"];

/// What git is told of the person.
pub(crate) const GIT_SETTINGS: &str = "/run/cowork/gitconfig";

/// What of `/run` programs need: those of NixOS are there.
const KEPT_OF_RUN: &[&str] = &["/run/current-system", "/run/opengl-driver"];

/// Where the home is when nobody knows the person's.
const HOME_OF_NOBODY: &str = "/run/cowork/home";

/// Where `variable`'s sockets are.
const SOCKETS: &str = "/run/cowork/sockets";

fn bound(from: &Path, writable: bool) -> Layer {
    Layer::Bound {
        from: from.to_owned(),
        writable,
    }
}

/// Where a box's home is.
pub(crate) fn home_of(rules: &Rules) -> PathBuf {
    rules.person_home.clone().unwrap_or_else(|| HOME_OF_NOBODY.into())
}

impl Layers {
    /// The layers for a folder, or for none.
    ///
    /// # Errors
    /// When what is hidden leaves nothing of the folder, or the folder leaves nothing of the box.
    pub(crate) fn new(rules: &Rules, folder: Option<&FolderRules>) -> Result<Self, Refusal> {
        let mut layers = Self::default();
        let memory = folder.map_or(1 << 30, |folder| folder.limits.memory);
        for place in TEMPORARY.iter().filter_map(existing) {
            // Files there are memory too, which nobody's resident size shows.
            let most = if place == Path::new("/run") {
                MOST_OF_RUN
            } else {
                memory
            };
            let bytes = most.min(memory / 8);
            layers.put(place, Layer::Temporary { bytes });
        }
        if let Some(folder) = folder
            && let Some(place) = existing(SHARED_TEMPORARY)
        {
            layers.put(place, bound(&temporary(folder), true));
        }
        for place in WITHOUT_OWNER.iter().filter_map(existing) {
            layers.put(place, Layer::Empty);
        }
        for place in EMPTIED.iter().filter_map(existing) {
            layers.put(place, Layer::Empty);
        }
        for place in KEPT_OF_RUN.iter().filter_map(existing) {
            layers.put(place.clone(), bound(&place, false));
        }
        let opened: Vec<(&Path, bool)> = folder.map_or_else(Vec::new, |folder| {
            let granted = folder.granted.iter();
            granted
                // One that is gone must not keep commands from running.
                .filter(|grant| grant.path.exists())
                .map(|grant| (grant.path.as_path(), grant.writable))
                .chain([(folder.path.as_path(), true)])
                .collect()
        });
        for other in rules.folders.iter().map(|other| other.path.as_path()) {
            // What lies in an opened folder was opened with it.
            let is_opened = opened.iter().any(|(path, _)| other.starts_with(path));
            if !is_opened && layers.shows_the_world(other) && other.is_dir() {
                layers.put(other.to_owned(), Layer::Empty);
            }
        }
        let home = home_of(rules);
        let kept = folder.map_or(Layer::Temporary { bytes: memory / 8 }, |folder| {
            bound(&folder.home, true)
        });
        layers.put(home.clone(), kept.clone());
        for (place, writable) in self::opened(rules) {
            if let Some(from) = existing(place) {
                layers.put(place.to_owned(), bound(&from, writable));
            }
        }
        for path in rules.read_only.iter().filter_map(existing) {
            layers.put(path.clone(), bound(&path, false));
        }
        for (path, writable) in &opened {
            if path.parent().is_none() {
                return Err(Refusal::new(
                    "its folder is the whole computer",
                    "Open a folder in the app that holds the work alone",
                ));
            }
            let seen = plain_identity(path).map_err(|error| exchanged(path, error))?;
            layers.seen.insert((*path).to_owned(), seen);
            layers.put((*path).to_owned(), bound(path, *writable));
        }
        if let Some(folder) = folder {
            layers.keep_other_worktrees(folder)?;
        }
        let takes_home = opened.iter().any(|(path, _)| *path == home);
        layers.hide(&rules.hidden, (!takes_home).then_some((&home, &kept)));
        for hidden in rules.hidden.iter().filter_map(existing) {
            layers.hide_in_opened(&hidden, rules);
        }
        if folder.is_some() && !takes_home {
            // It is there as `/tmp`, and need not be there twice.
            layers.put(home.join(KEPT), Layer::Empty);
        }
        if let Some(folder) = folder
            && !matches!(layers.places.get(&folder.path), Some(Layer::Bound { .. }))
        {
            return Err(Refusal::new(
                format!(
                    "{} lies in a place that is out of reach for commands",
                    folder.path.display()
                ),
                "Open another folder in the app",
            ));
        }
        Ok(layers)
    }

    /// Puts a layer at a place, in place of what was there.
    pub(crate) fn put(&mut self, place: PathBuf, layer: Layer) {
        self.places.insert(place, layer);
    }

    /// Lays a place of the world open in the box, whatever covers it.
    pub(crate) fn open(&mut self, path: &Path, writable: bool) {
        self.put(path.to_owned(), bound(path, writable));
    }

    /// Shows what is at one place at another, to be read.
    pub(crate) fn open_at(&mut self, place: PathBuf, from: &Path) {
        self.put(place, bound(from, false));
    }

    /// Whether something lies at a place itself.
    pub(crate) fn has(&self, place: &Path) -> bool {
        self.places.contains_key(place)
    }

    /// Puts an empty home and temporary place where the kept ones are, with the toolchains of the person's as before. What
    /// a consent opened goes too: commands could write there.
    pub(crate) fn forget_home(&mut self, rules: &Rules) {
        let is_folder = |place: &Path| rules.folders.iter().any(|folder| folder.path == place);
        for (place, _) in opened(rules).filter(|(place, _)| !is_folder(place)) {
            self.places.remove(place);
        }
        if let Some(place) = existing(SHARED_TEMPORARY)
            && let Some(layer) = self.places.get_mut(&place)
            && matches!(layer, Layer::Bound { from, .. } if from.ends_with(KEPT))
        {
            *layer = Layer::Temporary { bytes: 64 << 20 };
        }
        if let Some(home) = self.places.get_mut(&home_of(rules))
            && matches!(home, Layer::Bound { from, .. } if *from != home_of(rules))
        {
            *home = Layer::Temporary { bytes: 64 << 20 };
        }
    }

    /// A socket that a consent opened, at the place its variable names. One without a variable is where it always is.
    pub(crate) fn open_socket(&mut self, index: usize, socket: &Path, named: bool) -> PathBuf {
        let place = if named {
            Path::new(SOCKETS).join(index.to_string())
        } else {
            socket.to_owned()
        };
        self.put(place.clone(), bound(socket, true));
        place
    }

    /// What lies around a place, the nearest, itself included.
    fn around(&self, place: &Path) -> Option<(&Path, &Layer)> {
        place
            .ancestors()
            .find_map(|ancestor| self.places.get_key_value(ancestor))
            .map(|(path, layer)| (path.as_path(), layer))
    }

    /// Whether the box has at a place what the world outside has there.
    fn shows_the_world(&self, place: &Path) -> bool {
        match self.around(place) {
            None => true,
            Some((at, Layer::Bound { from, .. })) => at == from,
            Some(_) => false,
        }
    }

    /// Has what git knows of a repository's other worktrees be there to be read. Their files are not in the box, so git takes
    /// them for gone, and `git worktree prune` would forget what is checked out in them.
    ///
    /// All of it by one mount: commands may have written there, as much as they like.
    fn keep_other_worktrees(&mut self, folder: &FolderRules) -> Result<(), Refusal> {
        let Some(GitElsewhere::Repository { directory, own }) = &folder.git else {
            return Ok(());
        };
        if folder.git_lacks().is_some() {
            return Ok(());
        }
        let all = directory.join("worktrees");
        for (place, writable) in [(&all, false), (own, true)] {
            if !place.starts_with(&all) || fs::symlink_metadata(place).is_err() {
                continue;
            }
            let seen = plain_identity(place).map_err(|error| exchanged(place, error))?;
            self.seen.insert(place.clone(), seen);
            self.open(place, writable);
        }
        Ok(())
    }

    fn hide(&mut self, hidden: &[PathBuf], kept_home: Option<(&PathBuf, &Layer)>) {
        for path in hidden {
            // Both where the rules say it is and where that leads now.
            let resolved = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            self.places
                .retain(|place, _| !place.starts_with(path) && !place.starts_with(&resolved));
            if let Ok(metadata) = fs::metadata(&resolved)
                && self.shows_the_world(&resolved)
            {
                let cover = if metadata.is_dir() {
                    Layer::Empty
                } else {
                    Layer::Blank
                };
                self.put(resolved.clone(), cover);
            }
        }
        // The kept home is not the person's: it stands although what it stands for is hidden.
        if let Some((home, kept)) = kept_home {
            self.places.entry(home.clone()).or_insert_with(|| kept.clone());
        }
    }

    /// Covers a place also where it shows under another name: what a consent opened may be a link to elsewhere.
    fn hide_in_opened(&mut self, hidden: &Path, rules: &Rules) {
        for (place, _) in opened(rules) {
            let Some(Layer::Bound { from, .. }) = self.places.get(place) else {
                continue;
            };
            if from == place {
                continue;
            }
            if from.starts_with(hidden) {
                self.places.remove(place);
            } else if let Ok(relative) = hidden.strip_prefix(from) {
                let cover = if hidden.is_dir() {
                    Layer::Empty
                } else {
                    Layer::Blank
                };
                self.put(place.join(relative), cover);
            }
        }
    }

    /// What must still be what it was when it is bound: what commands could exchange, be it to be read alone.
    pub(crate) fn identities(&self) -> Vec<(PathBuf, u64, u64)> {
        use std::os::unix::fs::MetadataExt as _;
        let ours = [IN_ENGINES_BOX, REAL_PROGRAMS].map(Path::new);
        let bound = self.places.iter().filter_map(|(place, layer)| match layer {
            Layer::Bound { from, writable } => {
                // The app replaces what is to be read there, and no command can.
                let is_ours = ours
                    .iter()
                    .any(|ours| place.starts_with(ours) || from.starts_with(ours));
                (*writable || !is_ours).then_some((place, from))
            }
            _ => None,
        });
        bound
            .filter_map(|(place, from)| {
                let (device, number) = if let Some(seen) = self.seen.get(place) {
                    *seen
                } else {
                    let metadata = fs::symlink_metadata(from).ok()?;
                    (metadata.dev(), metadata.ino())
                };
                Some((place.clone(), device, number))
            })
            .collect()
    }

    /// Mounts each directory between a writable mount and what lies on it on itself, and makes those that are missing.
    ///
    /// # Errors
    /// When a command left something there on which nothing can lie.
    pub(crate) fn fasten(&mut self) -> Result<(), Refusal> {
        let mut fastened = Self {
            seen: std::mem::take(&mut self.seen),
            ..Self::default()
        };
        for (place, layer) in &self.places {
            let around = place.parent().and_then(|parent| fastened.around(parent));
            if let Some((at, Layer::Bound { from, writable: true })) = around {
                let (at, from) = (at.to_owned(), from.clone());
                let relative = place.strip_prefix(&at).unwrap_or(Path::new(""));
                // What is missing in a folder of the person's is not made there.
                let is_own = at != from;
                let steps = firm_steps(&from, relative, is_own)
                    .map_err(|error| Refusal::box_failed(&place.display().to_string(), error))?;
                for step in steps {
                    fastened.put(at.join(&step), bound(&from.join(&step), true));
                }
                if is_own {
                    make_mount_point(&from.join(relative), layer)
                        .map_err(|error| Refusal::box_failed(&place.display().to_string(), error))?;
                }
            }
            fastened.put(place.clone(), layer.clone());
        }
        *self = fastened;
        Ok(())
    }

    /// As bubblewrap reads it.
    pub(crate) fn options(&self) -> Vec<OsString> {
        let mut options: Vec<OsString> = Vec::new();
        let mut add = |words: &[&std::ffi::OsStr]| options.extend(words.iter().map(Into::into));
        for (place, layer) in &self.places {
            let place = place.as_os_str();
            match layer {
                Layer::Empty => add(&["--perms", "0755", "--size", "65536", "--tmpfs"].map(AsRef::as_ref)),
                Layer::Temporary { bytes } => {
                    let mode = if place == "/run" { "0755" } else { "1777" };
                    let bytes = bytes.to_string();
                    add(&["--perms", mode, "--size", &bytes, "--tmpfs"].map(AsRef::as_ref));
                }
                Layer::Blank => add(&["--ro-bind".as_ref(), "/dev/null".as_ref()]),
                Layer::Handed { descriptor } => {
                    let descriptor = descriptor.to_string();
                    add(&["--perms", "0444", "--ro-bind-data", &descriptor].map(AsRef::as_ref));
                }
                Layer::Bound { from, writable } => {
                    let how = if *writable { "--bind" } else { "--ro-bind" };
                    add(&[how.as_ref(), from.as_os_str()]);
                }
            }
            add(&[place]);
        }
        for (place, _) in self.places.iter().filter(|(_, layer)| **layer == Layer::Empty) {
            add(&["--remount-ro".as_ref(), place.as_os_str()]);
        }
        options
    }
}

/// What of the person's home a consent opened to every box, and whether to be changed.
pub(super) fn opened(rules: &Rules) -> impl Iterator<Item = (&Path, bool)> {
    let home = rules.person_home.as_deref();
    let to_change = rules.opened.iter().map(|path| (path.as_path(), true));
    let opened = to_change.chain(rules.opened_to_read.iter().map(|path| (path.as_path(), false)));
    // All of the home is no part of it.
    opened.filter(move |(path, _)| home.is_some_and(|home| path.starts_with(home) && *path != home))
}

/// What is said of an open place where something else stands now.
pub(super) fn exchanged(path: &Path, error: impl std::fmt::Display) -> Refusal {
    Refusal::new(
        format!(
            "{} is open to its folder, and something else was put there since ({error})",
            path.display()
        ),
        "Look at what stands there, and put it right; or close it in the app, where the folder's settings say what commands \
         may reach",
    )
}

fn existing(path: impl AsRef<Path>) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// Puts what is left of the yard into the box: the wrapper, for what runs first in it, and one folder's gateway and way in.
pub(crate) fn open_yard(layers: &mut Layers, wrapper: &Path, gateway: Option<&Path>, way_in: Option<&Path>) {
    let inside = Path::new(IN_ENGINES_BOX);
    layers.put(inside.to_owned(), Layer::Empty);
    layers.put(inside.join("bin/cowork-box"), bound(wrapper, false));
    if let Some(gateway) = gateway {
        layers.put(inside.join("gateway.sock"), bound(gateway, true));
    }
    if let Some(way_in) = way_in {
        layers.put(inside.join(super::way_in::SOCKET), bound(way_in, true));
    }
}
