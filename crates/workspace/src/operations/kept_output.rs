//! Reading the files in which the engine keeps outputs that it gave a part of. Their names come with the output and may
//! be anybody's, and what lies in the engine's home may be of a command's making.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Bytes read of such a file: three times the output of a loud build, and little enough to be held while somebody looks
/// at it.
const KEPT: u64 = 16 * 1024 * 1024;

/// Reads a file that lies in the folder of outputs below the engine's `data` directory itself, and says whether that was
/// all of it. Nothing else is read: no link is followed below that directory, and what is no plain file is neither read
/// nor waited for.
pub(super) fn read(data: &Path, file: &Path) -> Option<(String, bool)> {
    let folder = cowork_opencode::kept_outputs(data);
    let name = file.file_name().filter(|_| file.parent() == Some(&folder))?;
    let within = folder.strip_prefix(data).ok()?.join(name);
    let file = open(data, &within).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(KEPT + 1).read_to_end(&mut bytes).ok()?;
    let all = bytes.len() as u64 <= KEPT;
    if !all {
        bytes.pop();
    }
    // Only where it was cut can it end in the middle of a character.
    Some((String::from_utf8_lossy(&bytes).into_owned(), all))
}

/// Opens one folder after the other, each from the one before, so that none can be put in its place meanwhile. Opening a
/// pipe that nobody writes to would wait for ever, but for `NONBLOCK`, which a plain file does not heed.
#[cfg(unix)]
fn open(root: &Path, within: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let file = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut current = rustix::fs::open(root, folder, Mode::empty())?;
    let mut names = within.iter().peekable();
    while let Some(name) = names.next() {
        let is_last = names.peek().is_none();
        let flags = if is_last { file } else { folder | OFlags::NOFOLLOW };
        current = rustix::fs::openat(&current, name, flags, Mode::empty())?;
    }
    Ok(current.into())
}

/// Elsewhere a link takes rights to make that commands do not have, and pipes are no files.
#[cfg(not(unix))]
fn open(root: &Path, within: &Path) -> io::Result<File> {
    let path = root.join(within);
    if !std::fs::symlink_metadata(&path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    File::open(path)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// An engine's data directory with a folder of outputs, and beside it what is none of anybody's business.
    fn place() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let root = tempfile::tempdir().expect("a folder can be made");
        let data = root.path().join("data");
        let folder = cowork_opencode::kept_outputs(&data);
        std::fs::create_dir_all(folder.join("within")).expect("a folder can be made");
        for file in [
            folder.join("tool_1"),
            folder.join("within/tool_2"),
            root.path().join("secret"),
        ] {
            std::fs::write(file, "text").expect("a file can be written");
        }
        (root, data, folder)
    }

    #[test]
    fn only_a_file_of_the_folder_itself_is_read() {
        let (root, data, folder) = place();
        assert_eq!(
            read(&data, &folder.join("tool_1")),
            Some(("text".to_owned(), true))
        );
        for other in [
            folder.join("within/tool_2"),
            root.path().join("secret"),
            folder.join("../secret"),
            folder.join("within"),
            folder.join("none"),
            PathBuf::from("tool_1"),
        ] {
            assert_eq!(read(&data, &other), None, "{}", other.display());
        }
    }

    #[test]
    fn more_than_is_held_is_said_to_be_a_part() {
        let (_root, data, folder) = place();
        let large = File::create(folder.join("large")).expect("a file can be made");
        large.set_len(KEPT + 1).expect("a file can be long");
        let (text, all) = read(&data, &folder.join("large")).expect("it is read");
        assert_eq!((text.len() as u64, all), (KEPT, false));
        large.set_len(KEPT).expect("a file can be shorter");
        let (text, all) = read(&data, &folder.join("large")).expect("it is read");
        assert_eq!((text.len() as u64, all), (KEPT, true));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_nowhere_on_the_way() {
        use std::os::unix::fs::symlink;
        let (root, data, folder) = place();
        symlink(root.path().join("secret"), folder.join("link")).expect("a link can be made");
        symlink("tool_1", folder.join("link_within")).expect("a link can be made");
        assert_eq!(read(&data, &folder.join("link")), None);
        assert_eq!(read(&data, &folder.join("link_within")), None);

        let elsewhere = root.path().join("elsewhere");
        std::fs::rename(&folder, &elsewhere).expect("it can be moved");
        symlink(&elsewhere, &folder).expect("a link can be made");
        assert_eq!(read(&data, &folder.join("tool_1")), None, "the folder is a link");

        std::fs::remove_file(&folder).expect("it can be removed");
        std::fs::rename(&elsewhere, &folder).expect("it can be moved");
        assert!(read(&data, &folder.join("tool_1")).is_some());
        let parent = folder.parent().expect("it has a parent");
        std::fs::rename(parent, &elsewhere).expect("it can be moved");
        symlink(&elsewhere, parent).expect("a link can be made");
        assert_eq!(
            read(&data, &folder.join("tool_1")),
            None,
            "what it lies in is a link"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_no_plain_file_is_neither_read_nor_waited_for() {
        let (_root, data, folder) = place();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            folder.join("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .expect("a pipe can be made");
        let _socket =
            std::os::unix::net::UnixListener::bind(folder.join("socket")).expect("a socket can be made");
        // In another thread, so that a test that would wait for ever fails.
        let (said, heard) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for name in ["pipe", "socket"] {
                let _ = said.send(read(&data, &folder.join(name)));
            }
        });
        for _ in 0..2 {
            let read = heard.recv_timeout(std::time::Duration::from_secs(20));
            assert_eq!(read, Ok(None));
        }
    }
}
