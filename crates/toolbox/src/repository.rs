//! Where git of a folder is.
//!
//! A folder that others wrote may say anything of where its repository is, so a repository counts only when it says the
//! same of the folder: otherwise a folder could have the person asked to open what somebody else wants to read.

use std::fs;
use std::path::Path;

use cowork_policy::confinement::GitElsewhere;

use crate::plain_file;

/// Bytes of a file that holds one path; longer ones hold something else.
const MOST_OF_PATH: u64 = 8 << 10;

/// Bytes of a repository's settings that are looked at for the place of its files.
const MOST_OF_SETTINGS: u64 = 256 << 10;

/// What git of `folder` (absolute, links resolved) needs that is not in it. Nothing when all is in it, or when there is no
/// repository.
///
/// A repository whose files are all of `home`, or of the computer, is none that a folder is opened for.
#[must_use]
pub fn elsewhere(folder: &Path, home: Option<&Path>) -> Option<GitElsewhere> {
    let entry = folder.join(".git");
    match fs::symlink_metadata(&entry) {
        Ok(metadata) if metadata.is_file() => linked(folder, &entry),
        // A link leads anywhere, and nothing there says that it belongs to the folder.
        Ok(_) => None,
        Err(_) => {
            let root = folder
                .ancestors()
                .skip(1)
                .find(|around| fs::symlink_metadata(around.join(".git")).is_ok())?;
            let is_one = is_repository(&root.join(".git")) || linked(root, &root.join(".git")).is_some();
            let is_all = root.parent().is_none() || home.is_some_and(|home| home.starts_with(root));
            (is_one && !is_all).then(|| GitElsewhere::Around {
                root: root.to_owned(),
            })
        }
    }
}

/// The repository of a linked worktree or a submodule.
fn linked(folder: &Path, entry: &Path) -> Option<GitElsewhere> {
    let text = text_of(entry, MOST_OF_PATH)?;
    let own = fs::canonicalize(folder.join(text.trim_end().strip_prefix("gitdir: ")?)).ok()?;
    let (directory, belongs) = if let Some(common) = text_of(&own.join("commondir"), MOST_OF_PATH) {
        let back = text_of(&own.join("gitdir"), MOST_OF_PATH)?;
        let directory = fs::canonicalize(own.join(common.trim_end())).ok()?;
        (directory, own.join(back.trim_end()))
    } else {
        let settings = text_of(&own.join("config"), MOST_OF_SETTINGS)?;
        let files = settings.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            let is_place = name.trim().eq_ignore_ascii_case("worktree");
            is_place.then(|| value.trim().trim_matches('"'))
        })?;
        (own.clone(), own.join(files).join(".git"))
    };
    let says_the_same = fs::canonicalize(belongs).is_ok_and(|back| back == entry);
    let is_outside = !directory.starts_with(folder);
    (says_the_same && is_outside && own.starts_with(&directory) && is_repository(&directory))
        .then_some(GitElsewhere::Repository { directory, own })
}

/// Whether there is what every repository has.
fn is_repository(directory: &Path) -> bool {
    directory.join("HEAD").is_file() && directory.join("objects").is_dir() && directory.join("refs").is_dir()
}

fn text_of(path: &Path, most: u64) -> Option<String> {
    let bytes = plain_file::read(path, most).ok()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn repository(directory: &Path) {
        for place in ["objects", "refs"] {
            fs::create_dir_all(directory.join(place)).unwrap();
        }
        fs::write(directory.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    }

    fn worktree(root: &Path) -> (PathBuf, PathBuf, PathBuf) {
        let (common, tree) = (root.join("main/.git"), root.join("tree"));
        repository(&common);
        let own = common.join("worktrees/tree");
        fs::create_dir_all(&own).unwrap();
        fs::create_dir_all(&tree).unwrap();
        fs::write(own.join("commondir"), "../..\n").unwrap();
        fs::write(own.join("gitdir"), format!("{}\n", tree.join(".git").display())).unwrap();
        fs::write(tree.join(".git"), format!("gitdir: {}\n", own.display())).unwrap();
        (common, own, tree)
    }

    #[test]
    fn a_linked_worktree_needs_the_repository_that_knows_it() {
        let directory = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(directory.path()).unwrap();
        let (common, own, tree) = worktree(&root);
        let found = elsewhere(&tree, None);
        assert_eq!(
            found,
            Some(GitElsewhere::Repository {
                directory: common,
                own
            })
        );
        // Another folder that says it belongs to the same repository.
        let forged = root.join("forged");
        fs::create_dir(&forged).unwrap();
        fs::copy(tree.join(".git"), forged.join(".git")).unwrap();
        assert_eq!(elsewhere(&forged, None), None);
        // A repository of its own in which a stranger is named as the one that all share.
        let other = root.join("other/.git");
        repository(&other);
        let own = forged.join("own");
        fs::create_dir(&own).unwrap();
        fs::write(own.join("commondir"), format!("{}\n", other.display())).unwrap();
        fs::write(own.join("gitdir"), format!("{}\n", forged.join(".git").display())).unwrap();
        fs::write(forged.join(".git"), "gitdir: own\n").unwrap();
        assert_eq!(elsewhere(&forged, None), None);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_command_puts_in_the_place_of_a_file_keeps_nobody_waiting_and_leads_nowhere() {
        let directory = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(directory.path()).unwrap();
        let (_, own, tree) = worktree(&root);
        for place in [tree.join(".git"), own.join("commondir")] {
            let kept = fs::read(&place).unwrap();
            fs::remove_file(&place).unwrap();
            let made = std::process::Command::new("mkfifo").arg(&place).status().unwrap();
            assert!(made.success());
            assert_eq!(elsewhere(&tree, None), None);
            // The same where it was a file when it was looked at: what is opened is looked at.
            assert_eq!(text_of(&place, MOST_OF_PATH), None);
            fs::remove_file(&place).unwrap();
            fs::write(root.join("beside"), &kept).unwrap();
            std::os::unix::fs::symlink(root.join("beside"), &place).unwrap();
            assert_eq!(text_of(&place, MOST_OF_PATH), None);
            fs::remove_file(&place).unwrap();
            fs::write(&place, kept).unwrap();
        }
        assert!(elsewhere(&tree, None).is_some());
    }

    #[test]
    fn a_submodule_needs_its_own_part_of_the_repository() {
        let directory = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(directory.path()).unwrap();
        let own = root.join("main/.git/modules/part");
        repository(&own);
        let folder = root.join("main/part");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(".git"), "gitdir: ../.git/modules/part\n").unwrap();
        fs::write(own.join("config"), "[core]\n\tworktree = ../../../part\n").unwrap();
        assert_eq!(
            elsewhere(&folder, None),
            Some(GitElsewhere::Repository {
                directory: own.clone(),
                own: own.clone()
            })
        );
        fs::write(own.join("config"), "[core]\n\tworktree = ../../../other\n").unwrap();
        assert_eq!(elsewhere(&folder, None), None);
    }

    #[test]
    fn below_a_root_all_of_it_is_needed_but_not_a_whole_home() {
        let directory = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(directory.path()).unwrap();
        let home = root.join("home");
        let folder = home.join("main/a/b");
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(elsewhere(&folder, Some(&home)), None);
        repository(&home.join(".git"));
        assert_eq!(elsewhere(&folder, Some(&home)), None);
        repository(&home.join("main/.git"));
        let expected = GitElsewhere::Around {
            root: home.join("main"),
        };
        assert_eq!(elsewhere(&folder, Some(&home)), Some(expected));
        assert_eq!(elsewhere(&home.join("main"), Some(&home)), None);
    }
}
