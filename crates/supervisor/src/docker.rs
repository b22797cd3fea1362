//! Where docker, or podman in its place, answers on this computer. Who speaks to it can do what its owner can.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The variable by which programs find it in another place than the usual.
pub const VARIABLE: &str = "DOCKER_HOST";

/// Where it is unless it was put elsewhere, and where programs look that heard of no other place.
const USUAL: &str = "/run/docker.sock";

/// Where those are that run for one person: relative to the session's directory, and to the home.
const OF_SESSION: &[&str] = &["docker.sock", "podman/podman.sock"];
pub(crate) const OF_HOME: &[&str] = &[
    ".docker/run/docker.sock",
    ".docker/desktop/docker.sock",
    ".colima/default/docker.sock",
    ".colima/docker.sock",
    ".rd/docker.sock",
];

/// Where docker keeps its settings, which the consent to clouds opens, and in it the places where it answers.
const SETTINGS: &str = ".docker";
const ANSWERS_IN: &[&str] = &[".docker/desktop", ".docker/run"];

/// Entries of docker's settings that are looked at, and how deep: ten times what a person has who uses all of it.
const MOST_ENTRIES: usize = 20_000;
const DEEPEST: usize = 8;

/// All in docker's settings by which it can be reached: directories where its sockets come and go, and each socket beside
/// them. Where there is too much to look at it is all of the settings.
pub(crate) fn ways_to_it(home: &Path) -> Vec<PathBuf> {
    let mut ways: Vec<PathBuf> = ANSWERS_IN.iter().map(|place| home.join(place)).collect();
    let settings = home.join(SETTINGS);
    let mut left = vec![(settings.clone(), 0)];
    let mut seen = 0;
    while let Some((directory, depth)) = left.pop() {
        if ways.contains(&directory) {
            continue;
        }
        for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
            seen += 1;
            if seen > MOST_ENTRIES || depth > DEEPEST {
                return vec![settings];
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => left.push((path, depth + 1)),
                // A link may lead to one.
                Ok(kind) if !kind.is_file() && is_socket(&path) => ways.push(path),
                _ => {}
            }
        }
    }
    ways
}

/// A socket at which it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// Absolute, links resolved.
    pub path: PathBuf,
    /// Whether programs find it without being told.
    pub is_usual: bool,
}

/// The socket that the person's own programs would use, if there is one. A place on the network is none.
#[must_use]
pub fn socket(home: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Option<Socket> {
    find(Path::new(USUAL), home, variable)
}

fn find(usual: &Path, home: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Option<Socket> {
    let named = variable(VARIABLE).filter(|named| !named.is_empty());
    let places: Vec<PathBuf> = if let Some(named) = named {
        vec![PathBuf::from(named.to_str()?.strip_prefix("unix://")?)]
    } else {
        let session = variable("XDG_RUNTIME_DIR").map(PathBuf::from);
        let of_session = session
            .iter()
            .flat_map(|session| OF_SESSION.iter().map(|place| session.join(place)));
        let of_home = home
            .iter()
            .flat_map(|home| OF_HOME.iter().map(|place| home.join(place)));
        [usual.to_owned()]
            .into_iter()
            .chain(of_session)
            .chain(of_home)
            .collect()
    };
    let resolved = places
        .into_iter()
        .filter(|place| place.is_absolute())
        .filter_map(|place| std::fs::canonicalize(place).ok());
    let path = resolved.into_iter().find(|place| is_socket(place))?;
    let is_usual = path == usual;
    Some(Socket { path, is_usual })
}

#[cfg(unix)]
fn is_socket(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket())
}

/// Sockets of files are for Unix alone here. Docker's pipe on Windows is opened by nothing.
#[cfg(not(unix))]
fn is_socket(_path: &Path) -> bool {
    false
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn it_is_found_where_the_persons_programs_find_it() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let (usual, home, session) = (root.join("usual.sock"), root.join("home"), root.join("session"));
        std::fs::create_dir_all(home.join(".colima/default")).unwrap();
        std::fs::create_dir_all(session.join("podman")).unwrap();
        let look = |named: Option<&str>| {
            find(&usual, Some(&home), |name| match name {
                "XDG_RUNTIME_DIR" => Some(session.clone().into_os_string()),
                VARIABLE => named.map(Into::into),
                _ => None,
            })
        };
        let at = |path: &Path, is_usual: bool| {
            Some(Socket {
                path: path.to_owned(),
                is_usual,
            })
        };
        assert_eq!(look(None), None);
        std::fs::write(&usual, "no socket").unwrap();
        assert_eq!(look(None), None);
        let mut kept = Vec::new();
        // From the last to the first that is looked for.
        for (place, is_usual) in [
            (home.join(".colima/default/docker.sock"), false),
            (session.join("podman/podman.sock"), false),
            (session.join("docker.sock"), false),
            (usual.clone(), true),
        ] {
            let _none = std::fs::remove_file(&place);
            kept.push(UnixListener::bind(&place).unwrap());
            assert_eq!(look(None), at(&place, is_usual));
        }
        let podman = session.join("podman/podman.sock");
        let named = format!("unix://{}", podman.display());
        assert_eq!(
            look(Some(&named)),
            at(&podman, false),
            "what is named comes first"
        );
        for elsewhere in [
            "tcp://127.0.0.1:2375",
            "ssh://ada@host",
            "unix://relative",
            "unix:///gone",
        ] {
            assert_eq!(look(Some(elsewhere)), None, "{elsewhere}");
        }
        assert_eq!(look(Some("")), at(&usual, true), "an empty one says nothing");
    }
}
