//! Running a program under a profile of Seatbelt's, as macOS does it.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::keeper;
use super::profile::{Beside, Profile};
use super::run::Boxed;
use crate::Refusal;
use crate::limits::{Kernel, ended_by_processor};
use crate::refusal::complain;

/// The system's own. No other of this name is asked.
const SANDBOX_EXEC: &str = "/usr/bin/sandbox-exec";

/// What names of marks begin with.
const MARK: &str = ".mark.";

/// No command lives longer.
const OLD: Duration = Duration::from_hours(30 * 24);

/// How much less what runs beside what a person waits for is given, of 20.
const STANDS_BACK: i32 = 10;

/// Runs it, and gives its exit code.
pub(super) fn run(boxed: &Boxed<'_>) -> Result<u8, Refusal> {
    let failed = |what: &'static str| move |error: std::io::Error| Refusal::box_failed(what, error);
    let marks = Marks::make(boxed).map_err(failed("marking it"))?;
    let profile = Profile::of(
        boxed.rules,
        boxed.folder,
        Beside {
            wrapper: &boxed.wrapper,
            snapshot: boxed.snapshot.as_deref(),
            marks: Some([marks.without.path(), marks.with.path()]),
        },
    );
    let limits = Kernel::of(&boxed.folder.limits, others(), boxed.background);
    let background = boxed.background;
    let mut command = Command::new(SANDBOX_EXEC);
    command
        .args(words(&profile, &boxed.program, &boxed.arguments))
        .env_clear()
        .envs(&boxed.environment)
        .current_dir(&boxed.directory);
    // SAFETY: what runs between fork and exec makes system calls, and nothing else in this process holds a lock.
    unsafe {
        command.pre_exec(move || {
            limits.apply()?;
            if background {
                rustix::process::setpriority_process(None, STANDS_BACK)?;
            }
            Ok(())
        });
    }
    let status = keeper::keep(&mut command, || marks.end_members()).map_err(failed("starting it"))?;
    let code = keeper::code(status);
    if let Some(ended) = ended_by_processor(&boxed.folder.limits, background, code.into()) {
        complain(&ended);
    }
    Ok(code)
}

/// What `sandbox-exec` is called with.
fn words(profile: &Profile, program: &Path, arguments: &[OsString]) -> Vec<OsString> {
    let mut words = profile.words();
    words.push(program.into());
    words.extend(arguments.iter().cloned());
    words
}

/// Two files by which what runs in this box is told from all else, since it has the one and not the other: a process keeps
/// its profile wherever it goes, whatever group it is in and whoever its parent is.
struct Marks {
    without: tempfile::NamedTempFile,
    with: tempfile::NamedTempFile,
}

impl Marks {
    /// They lie beside the homes of boxes, where nothing in a box is.
    fn make(boxed: &Boxed<'_>) -> std::io::Result<Self> {
        let homes = boxed.folder.home.parent().unwrap_or(Path::new("/"));
        // The kernel judges by the path that links lead to.
        let homes = std::fs::canonicalize(homes)?;
        remove_old(&homes);
        let file = || tempfile::Builder::new().prefix(MARK).tempfile_in(&homes);
        Ok(Self {
            without: file()?,
            with: file()?,
        })
    }

    #[cfg(target_os = "macos")]
    fn end_members(&self) {
        super::members::end(self.without.path(), self.with.path());
    }

    #[cfg(not(target_os = "macos"))]
    #[expect(clippy::unused_self, reason = "macOS alone tells them by it")]
    fn end_members(&self) {}
}

/// Takes away the marks of keepers that were killed, and so could not.
fn remove_old(homes: &Path) {
    let entries = std::fs::read_dir(homes).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(MARK)) {
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let age = changed.map(|changed| changed.elapsed().unwrap_or_default());
        if age.is_ok_and(|age| age > OLD) {
            // Another command may do the same at the same time.
            let _gone = std::fs::remove_file(entry.path());
        }
    }
}

/// How many processes the person has beside the box: the kernel counts them all.
fn others() -> u64 {
    #[cfg(target_os = "macos")]
    return super::members::of_person().len() as u64;
    #[cfg(not(target_os = "macos"))]
    return 0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elsewhere::testing::{folder, rules};

    #[test]
    fn marks_of_keepers_that_were_killed_go_after_a_month_and_nothing_else_does() {
        let directory = tempfile::tempdir().unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * OLD;
        for (name, is_old) in [(".mark.old", true), (".mark.new", false), ("home", true)] {
            let file = std::fs::File::create(directory.path().join(name)).unwrap();
            if is_old {
                file.set_modified(long_ago).unwrap();
            }
        }
        remove_old(directory.path());
        let is_there = |name: &str| directory.path().join(name).exists();
        assert!(!is_there(".mark.old") && is_there(".mark.new") && is_there("home"));
    }

    #[test]
    fn the_program_and_its_arguments_come_after_all_that_is_said_of_the_box() {
        let beside = Beside {
            wrapper: Path::new("/yard/bin/cowork-box"),
            snapshot: Some(Path::new("/snapshots/1")),
            marks: Some([Path::new("/homes/.mark.a"), Path::new("/homes/.mark.b")]),
        };
        let profile = Profile::of(&rules("/work"), &folder("/work"), beside);
        let arguments = ["-p", "(version 1)(allow default)", "--"].map(OsString::from);
        let words = words(&profile, Path::new("/bin/bash"), &arguments);
        let at = words.iter().position(|word| word == "--").unwrap();
        assert_eq!(words[at + 1], "/bin/bash");
        assert_eq!(words[at + 2..], arguments);
        assert_eq!(words[0], "-p");
        assert!(words[2..at].chunks(2).all(|pair| pair[0] == "-D"));
        let has = |path: &str| {
            words[2..at]
                .iter()
                .any(|word| word.to_string_lossy().ends_with(&format!("={path}")))
        };
        assert!(has("/snapshots/1") && has("/homes/.mark.a") && has("/homes/.mark.b"));
        let text = words[1].to_str().unwrap();
        let denied = text.rfind("(deny file-read-metadata (literal").unwrap();
        assert!(
            denied > text.rfind("(subpath").unwrap(),
            "nothing after it gives the mark back"
        );
    }
}
