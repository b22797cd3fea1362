//! What a box is on macOS: a profile of Seatbelt's. Unverified: it was never run.
//!
//! No path is ever written into the rules: each is a parameter that the rules name, so that nothing in a path, such as a
//! quotation mark or a parenthesis, can end a rule or begin another. What comes later wins.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cowork_policy::confinement::{FolderRules, Rules};

/// What every box has, whatever the folder.
const BASE: &str = r#"(version 1)
; What is not allowed below is refused: connections of every kind, services of the session (keychain, pasteboard,
; windows, events to other apps, starting apps by Launch Services), drivers, shared memory, other processes.
(deny default)

; Children have the profile of who started them. What may be run is what may be read, and is said with the paths.
(allow process-fork)

; Shells end what they started, and nothing else.
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))

; Counting processors, by which tools choose how much they do at once (`os.cpus()` of Node).
(allow mach-host*)

; Names of users and groups: `whoami`, `~`, and every program that asks who runs it. No other service is reached.
(allow mach-lookup
  (global-name "com.apple.system.opendirectoryd.libinfo")
  (global-name "com.apple.system.opendirectoryd.membership"))

; Semaphores, by which workers of Python wait for each other. They carry no data. Shared memory is refused.
(allow ipc-posix-sem)

; What the machine is. Not `kern.procargs2`, which has the environments of other processes in it.
(allow sysctl-read
  (sysctl-name-prefix "hw.")
  (sysctl-name-prefix "machdep.cpu.")
  (sysctl-name-prefix "kern.proc.pid.")
  (sysctl-name "kern.argmax")
  (sysctl-name "kern.boottime")
  (sysctl-name "kern.hostname")
  (sysctl-name "kern.maxfilesperproc")
  (sysctl-name "kern.maxproc")
  (sysctl-name "kern.ngroups")
  (sysctl-name "kern.osproductversion")
  (sysctl-name "kern.osrelease")
  (sysctl-name "kern.ostype")
  (sysctl-name "kern.osvariant_status")
  (sysctl-name "kern.osversion")
  (sysctl-name "kern.secure_kernel")
  (sysctl-name "kern.usrstack64")
  (sysctl-name "kern.version")
  (sysctl-name "sysctl.proc_cputype")
  (sysctl-name "vm.loadavg"))

; A terminal of its own making, and the one it was started at. Not `/dev/ttys…`, which are the person's other terminals:
; what is written to those is shown there, and what is pushed into them is run there.
(allow pseudo-tty)
(allow file-read* file-write* file-ioctl (literal "/dev/ptmx") (literal "/dev/tty"))
(allow file-read* file-write* file-ioctl
  (require-all (regex #"^/dev/ttys[0-9]+$") (extension "com.apple.sandbox.pty")))

; Devices that lead nowhere, and the files a process has open already.
(allow file-read* (literal "/dev/random") (literal "/dev/urandom") (literal "/dev/zero"))
(allow file-read* file-write-data file-ioctl (literal "/dev/null") (literal "/dev/dtracehelper"))
(allow file-read* file-write-data (subpath "/dev/fd"))

; The linker looks at the root before all else; the others are links on the way to what is below `/private`.
(allow file-read* (literal "/"))
(allow file-read-metadata
  (literal "/dev") (literal "/etc") (literal "/tmp") (literal "/var") (literal "/private") (literal "/private/var")
  (literal "/private/var/db") (literal "/System") (literal "/System/Volumes") (literal "/System/Volumes/Preboot")
  (literal "/Library") (literal "/opt"))

; The system and what is installed for all, to be read and run. Not all of `/System`, in whose `Volumes/Data` everything
; is once more by another name; not all of `/Library`, which has keychains and settings of other programs; of
; `/private/var` only which shell, which tools and which time zone are chosen, and what the linker keeps.
(allow file-read* file-map-executable process-exec*
  (subpath "/usr") (subpath "/bin") (subpath "/sbin")
  (subpath "/System/Library") (subpath "/System/iOSSupport") (subpath "/System/Cryptexes") (subpath "/System/DriverKit")
  (subpath "/System/Volumes/Preboot/Cryptexes")
  (subpath "/Library/Apple") (subpath "/Library/Developer") (subpath "/Library/Frameworks") (subpath "/Library/Java")
  (subpath "/Library/Perl") (subpath "/Library/Python") (subpath "/Library/Ruby")
  (subpath "/Applications") (subpath "/opt/homebrew") (subpath "/opt/local") (subpath "/nix")
  (subpath "/private/etc") (subpath "/private/var/db/dyld") (subpath "/private/var/db/timezone")
  (subpath "/private/var/select") (literal "/private/var/db/xcode_select_link"))
"#;

/// What may be done with what may be read.
const READ: &str = "file-read* file-map-executable process-exec*";
const WRITE: &str = "file-write*";

/// A profile with the paths that its rules name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) text: String,
    paths: Vec<PathBuf>,
}

/// What a box has beside what the rules say of its folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beside<'a> {
    /// The wrapper, which the proof runs in the box.
    pub(crate) wrapper: &'a Path,
    /// A snapshot's repository, for git.
    pub(crate) snapshot: Option<&'a Path>,
    /// Two files: by not having the first and having the second what runs in the box is told from all else.
    pub(crate) marks: Option<[&'a Path; 2]>,
}

impl Profile {
    /// For what runs in `folder`.
    pub(crate) fn of(rules: &Rules, folder: &FolderRules, beside: Beside<'_>) -> Self {
        let mut profile = Self {
            text: BASE.to_owned(),
            paths: Vec::new(),
        };
        for path in rules.read_only.iter().chain(&rules.opened_to_read) {
            profile.open(path, false);
        }
        for path in &rules.opened {
            profile.open(path, true);
        }
        for grant in &folder.granted {
            profile.open(&grant.path, grant.writable);
        }
        profile.open(&folder.path, true);
        // Whatever else was opened.
        for path in &rules.hidden {
            profile.rule("deny", &[READ, WRITE], "subpath", path);
        }
        // These lie among what is hidden.
        profile.open(&folder.home, true);
        if let Some(snapshot) = beside.snapshot {
            profile.open(snapshot, true);
        }
        profile.rule("allow", &[READ], "literal", beside.wrapper);
        for socket in &folder.sockets {
            // A consent opened it. All else stays without connections.
            profile.rule("allow", &["network-outbound"], "literal", &socket.path);
        }
        if let Some([without, with]) = beside.marks {
            profile.rule("deny", &["file-read-metadata"], "literal", without);
            profile.rule("allow", &["file-read-metadata"], "literal", with);
        }
        profile
    }

    fn open(&mut self, path: &Path, writable: bool) {
        let what: &[&str] = if writable { &[READ, WRITE] } else { &[READ] };
        // Programs ask what each directory on the way is, which says no more than that it is there.
        let above: Vec<PathBuf> = path.ancestors().skip(1).map(Path::to_owned).collect();
        for directory in above {
            self.rule("allow", &["file-read-metadata"], "literal", &directory);
        }
        self.rule("allow", what, "subpath", path);
    }

    /// A rule for a path in each of its spellings.
    fn rule(&mut self, verdict: &str, what: &[&str], filter: &str, path: &Path) {
        let what = what.join(" ");
        for spelling in spellings(path) {
            let known = self.paths.iter().position(|known| *known == spelling);
            let index = known.unwrap_or_else(|| {
                self.paths.push(spelling);
                self.paths.len() - 1
            });
            let rule = format!("({verdict} {what} ({filter} (param \"P{index}\")))\n");
            self.text.push_str(&rule);
        }
    }

    /// The words by which `sandbox-exec` is told of it. What is to be run follows them.
    pub(crate) fn words(&self) -> Vec<OsString> {
        let mut words = vec!["-p".into(), self.text.clone().into()];
        for (index, path) in self.paths.iter().enumerate() {
            let mut word = OsString::from(format!("P{index}="));
            word.push(path);
            words.extend(["-D".into(), word]);
        }
        words.push("--".into());
        words
    }
}

/// Directories of the root that are links to their like below `/private`.
const LINKED: [&str; 3] = ["etc", "tmp", "var"];

/// The kernel judges by the path that links lead to; who wrote the rules may have known another.
fn spellings(path: &Path) -> Vec<PathBuf> {
    let mut spellings = vec![path.to_owned()];
    for name in LINKED {
        let (link, target) = (Path::new("/").join(name), Path::new("/private").join(name));
        let other = path
            .strip_prefix(&link)
            .map(|rest| target.join(rest))
            .or_else(|_| path.strip_prefix(&target).map(|rest| link.join(rest)));
        // Joining with nothing would end it with a slash.
        spellings.extend(other.map(|other| other.components().collect()));
    }
    spellings
}

#[cfg(test)]
mod tests {
    use cowork_policy::confinement::{Grant, OpenedSocket};

    use super::*;
    use crate::elsewhere::testing::{folder, rules};

    fn beside() -> Beside<'static> {
        Beside {
            wrapper: Path::new("/app/yard/bin/cowork-box"),
            snapshot: None,
            marks: None,
        }
    }

    /// The rules with the paths in the place of their parameters, for reading.
    fn shown(profile: &Profile) -> String {
        let text = profile.text.strip_prefix(BASE).unwrap();
        // The longest number first, or a part of it would be taken for another.
        let paths = profile.paths.iter().enumerate().rev();
        paths.fold(text.to_owned(), |text, (index, path)| {
            text.replace(&format!("(param \"P{index}\")"), &path.display().to_string())
        })
    }

    #[test]
    fn nothing_is_allowed_that_is_not_named() {
        assert!(BASE.starts_with("(version 1)\n"));
        let said: String = BASE.lines().filter(|line| !line.starts_with(';')).collect();
        for never in [
            "(allow default)",
            "network",
            "file-read*)",
            "(subpath \"/\")",
            "(subpath \"/System\")",
            "(subpath \"/Library\")",
            "(subpath \"/private\")",
            "(subpath \"/private/var\")",
            "(subpath \"/Users\")",
            "(subpath \"/Volumes\")",
            "(subpath \"/dev\")",
            "securityd",
            "SecurityServer",
            "pasteboard",
            "launchservicesd",
            "appleevent",
            "lsopen",
            "iokit",
            "ipc-posix-shm",
            "procargs",
            "mach-lookup)",
            "process-exec*)",
        ] {
            assert!(!said.contains(never), "{never}");
        }
        assert_eq!(said.matches('(').count(), said.matches(')').count());
        assert_eq!(said.matches("global-name").count(), 2);
    }

    #[test]
    fn what_is_hidden_comes_after_what_is_opened_and_before_what_is_the_folder_s_own() {
        let mut rules = rules("/Users/ada/work");
        rules.hidden = vec!["/Users/ada/work/.ssh".into(), "/app".into()];
        rules.opened = vec!["/Users/ada/.gitconfig".into()];
        rules.read_only = vec!["/Users/ada/.cargo/bin".into()];
        let mut folder = folder("/Users/ada/work");
        folder.home = "/app/homes/one".into();
        folder.granted = vec![Grant {
            path: "/Users/ada/notes".into(),
            writable: false,
        }];
        let shown = shown(&Profile::of(&rules, &folder, beside()));
        let at = |rule: &str| {
            shown
                .find(rule)
                .unwrap_or_else(|| panic!("{rule} is not in {shown}"))
        };
        let all = format!("{READ} {WRITE}");
        let hidden = at(&format!("(deny {all} (subpath /Users/ada/work/.ssh))"));
        let app = at(&format!("(deny {all} (subpath /app))"));
        assert!(at(&format!("(allow {all} (subpath /Users/ada/work))")) < hidden);
        assert!(at(&format!("(allow {all} (subpath /Users/ada/.gitconfig))")) < hidden);
        assert!(at(&format!("(allow {READ} (subpath /Users/ada/.cargo/bin))")) < hidden);
        assert!(at(&format!("(allow {READ} (subpath /Users/ada/notes))")) < hidden);
        assert!(app < at(&format!("(allow {all} (subpath /app/homes/one))")));
        assert!(app < at(&format!("(allow {READ} (literal /app/yard/bin/cowork-box))")));
        assert!(!shown.contains(&format!("{WRITE} (subpath /Users/ada/notes)")));
        // On the way to the folder nothing but that it is there.
        assert!(shown.contains("(allow file-read-metadata (literal /Users/ada))"));
        assert!(!shown.contains("(subpath /Users/ada))"));
        assert!(!shown.contains("network"));
    }

    #[test]
    fn no_path_ends_a_rule_whatever_is_in_it() {
        let evil = "/Users/ada/a\"))(allow default)\n(allow file-read* (subpath \"/\\";
        let profile = Profile::of(&rules(evil), &folder(evil), beside());
        assert!(!profile.text.contains("allow default") && !profile.text.contains("/Users"));
        let words = profile.words();
        let word = words
            .iter()
            .position(|word| word.to_string_lossy().ends_with(&format!("={evil}")))
            .unwrap();
        assert_eq!(words[word - 1], "-D");
        assert_eq!((&words[0], words.last().unwrap()), (&"-p".into(), &"--".into()));
        // All that is said after the fixed part is of one form.
        for line in profile.text.strip_prefix(BASE).unwrap().lines() {
            let (_, parameter) = line.rsplit_once("(param \"P").unwrap();
            let number = parameter.strip_suffix("\")))").unwrap();
            assert!(number.parse::<usize>().unwrap() < profile.paths.len());
        }
    }

    #[test]
    fn what_is_below_private_is_named_both_ways() {
        for (path, other) in [
            ("/var/folders/x", "/private/var/folders/x"),
            ("/private/tmp", "/tmp"),
        ] {
            assert_eq!(
                spellings(Path::new(path)),
                [PathBuf::from(path), PathBuf::from(other)]
            );
        }
        assert_eq!(spellings(Path::new("/variety")), [PathBuf::from("/variety")]);
    }

    #[test]
    fn nothing_is_said_of_another_folder_and_a_consent_opens_its_socket_alone() {
        let mut rules = rules("/Users/ada/work");
        rules.folders.push(folder("/Users/ada/other"));
        let mut folder = folder("/Users/ada/work");
        folder.sockets = vec![OpenedSocket {
            path: "/private/tmp/agent".into(),
            variable: None,
        }];
        let profile = Profile::of(&rules, &folder, beside());
        assert!(profile.paths.iter().all(|path| !path.ends_with("other")));
        let shown = shown(&profile);
        assert_eq!(shown.matches("network").count(), 2, "in both spellings: {shown}");
        assert!(shown.contains("(allow network-outbound (literal /private/tmp/agent))"));
    }
}
