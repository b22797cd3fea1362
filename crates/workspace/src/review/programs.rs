//! Programs of the person's that no agent can have left where they are.

use std::path::{Path, PathBuf};

/// Directories in which programs are looked for, and what agents write in.
#[derive(Clone, Debug, Default)]
pub struct PersonPrograms {
    places: Vec<PathBuf>,
    writable: Vec<PathBuf>,
}

impl PersonPrograms {
    /// Of a search path, and of what commands of agents can write. Places that cannot be told to be elsewhere are none.
    pub fn new(
        search: impl IntoIterator<Item = PathBuf>,
        writable: impl IntoIterator<Item = PathBuf>,
    ) -> Self {
        let mut all = Vec::new();
        for path in writable {
            // As it is written, too: a link on the way may lead elsewhere tomorrow.
            all.extend(path.canonicalize().ok());
            all.push(path);
        }
        let mut programs = Self {
            places: Vec::new(),
            writable: all,
        };
        for place in search {
            if place.is_absolute() && programs.is_theirs(&place) {
                programs.places.push(place);
            }
        }
        programs
    }

    /// The first program of a name that is the person's.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        let mut programs = self.places.iter().map(|place| place.join(name));
        programs.find(|program| program.is_file() && self.is_theirs(program))
    }

    fn is_theirs(&self, path: &Path) -> bool {
        let is_written = |path: &Path| self.writable.iter().any(|writable| path.starts_with(writable));
        !is_written(path) && path.canonicalize().is_ok_and(|real| !is_written(&real))
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn programs_where_agents_write_and_links_to_them_are_not_the_persons() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let (own, folder) = (root.join("bin"), root.join("folder"));
        for place in [&own, &folder.join("bin")] {
            std::fs::create_dir_all(place).unwrap();
        }
        std::fs::write(folder.join("bin/code"), "").unwrap();
        std::fs::write(own.join("kate"), "").unwrap();
        std::os::unix::fs::symlink(folder.join("bin/code"), own.join("code")).unwrap();
        std::os::unix::fs::symlink(folder.join("bin"), root.join("link")).unwrap();
        let search = [
            folder.join("bin"),
            root.join("link"),
            root.join("gone"),
            PathBuf::from("bin"),
            own.clone(),
        ];
        let programs = PersonPrograms::new(search, [folder]);
        assert_eq!(programs.places, std::slice::from_ref(&own));
        assert_eq!(programs.find("code"), None);
        assert_eq!(programs.find("kate"), Some(own.join("kate")));
        assert_eq!(programs.find("zed"), None);
    }
}
