//! Which programs are dangerous, by their name and arguments.

use super::DangerKind;
use super::shell::Word;

/// Written to all day without harm.
const HARMLESS_DEVICES: [&str; 9] = [
    "null", "stdin", "stdout", "stderr", "tty", "zero", "full", "random", "urandom",
];

/// A command with what stands before it taken off.
pub(super) struct Call<'a> {
    pub(super) name: String,
    pub(super) arguments: &'a [Word],
    pub(super) privileged: bool,
    /// Run once for each of many things (`xargs`), so that nobody sees what it is run for.
    pub(super) repeated: bool,
    /// Which program it is is only known when it runs: its name is a variable, or the output of another.
    pub(super) is_made_up: bool,
}

/// Whether a word names a file that has contents to lose.
pub(super) fn is_file(target: &Word) -> bool {
    let is_named = !target.text.is_empty() || target.made_of.is_some();
    let path = plain(&target.text);
    let is_memory = path.starts_with("/dev/shm/");
    is_named && (is_memory || !path.starts_with("/dev/")) && target.text != "NUL"
}

/// A path without what leads nowhere (`//`, `/./`) and with each `..` carried out, as far as that can be seen.
fn plain(path: &str) -> String {
    if !path.starts_with('/') {
        return path.to_owned();
    }
    let mut folders: Vec<&str> = Vec::new();
    for folder in path
        .split('/')
        .filter(|folder| !folder.is_empty() && *folder != ".")
    {
        if folder == ".." {
            folders.pop();
        } else {
            folders.push(folder);
        }
    }
    format!("/{}", folders.join("/"))
}

pub(super) fn is_device(path: &str) -> bool {
    if path.starts_with("//./") {
        return true;
    }
    let path = plain(path);
    let Some(device) = path.strip_prefix("/dev/") else {
        return false;
    };
    let harmless = ["fd/", "shm/", "pts/", "tcp/", "udp/"]
        .iter()
        .any(|folder| device.starts_with(folder));
    !harmless && !HARMLESS_DEVICES.contains(&device)
}

pub(super) fn operands(words: &[Word]) -> impl Iterator<Item = &Word> {
    words
        .iter()
        .filter(|word| word.text == "-" || !word.text.starts_with('-'))
}

/// Whether an option is given: a letter for a short one, alone or in a group, or a whole long one.
fn has(words: &[Word], options: &[&str]) -> bool {
    words
        .iter()
        .take_while(|word| word.text != "--")
        .any(|word| options.iter().any(|option| gives(&word.text, option)))
}

fn gives(word: &str, option: &str) -> bool {
    if let [letter] = option.as_bytes() {
        let group = word.strip_prefix('-').filter(|group| !group.starts_with('-'));
        return group.is_some_and(|group| group.as_bytes().contains(letter));
    }
    let given = word.split_once('=').map_or(word, |(given, _)| given);
    // A long option is also told by its beginning.
    given == option || (given.len() > 3 && option.starts_with(given))
}

/// Whether `rm` asks before it deletes.
fn asks(arguments: &[Word]) -> bool {
    let never = |word: &Word| {
        ["=never", "=no", "=none"]
            .iter()
            .any(|never| word.text.ends_with(never))
    };
    has(arguments, &["i", "I", "--interactive"]) && !arguments.iter().any(never)
}

fn says(words: &[Word], any_of: &[&str]) -> bool {
    words.iter().any(|word| any_of.contains(&word.text.as_str()))
}

/// What a command does by its name and arguments.
pub(super) fn judged(call: &Call<'_>) -> Option<DangerKind> {
    let arguments = call.arguments;
    let first = arguments.first().map_or("", |word| word.text.as_str());
    let when = |condition: bool, kind: DangerKind| condition.then_some(kind);
    match call.name.as_str() {
        "rm" => when(
            has(arguments, &["r", "R", "f", "--recursive", "--force"])
                || ((call.repeated || operands(arguments).next().is_some()) && !asks(arguments)),
            DangerKind::DeletesFiles,
        ),
        "unlink" => when(!arguments.is_empty(), DangerKind::DeletesFiles),
        "rmdir" | "rd" | "srm" | "rimraf" => Some(DangerKind::DeletesFiles),
        "remove-item" | "ri" => when(
            !arguments.iter().any(|word| {
                let option = word.text.to_ascii_lowercase();
                ["-whatif", "-confirm"].contains(&option.as_str())
            }),
            DangerKind::DeletesFiles,
        ),
        "del" | "erase" => when(
            !arguments.is_empty() && !says(arguments, &["/p", "/P"]),
            DangerKind::DeletesFiles,
        ),
        "rsync" => when(
            arguments
                .iter()
                .any(|word| word.text.starts_with("--del") || word.text.starts_with("--remove-s"))
                && !has(arguments, &["n", "--dry-run"]),
            DangerKind::DeletesFiles,
        ),
        "tar" | "bsdtar" => when(says(arguments, &["--remove-files"]), DangerKind::DeletesFiles),
        "crontab" if has(arguments, &["r"]) => Some(DangerKind::DeletesFiles),
        // All that was in it goes.
        "crontab" => when(
            operands(super::prefixes::after_options(arguments, &["-u"]))
                .next()
                .is_some(),
            DangerKind::OverwritesFile,
        ),
        "find" | "fd" | "fdfind" => when(says(arguments, &["-delete"]), DangerKind::DeletesFiles),
        "dd" => when(
            arguments.iter().any(|word| {
                word.text
                    .strip_prefix("of=")
                    .is_some_and(|target| target != "/dev/null")
            }),
            DangerKind::OverwritesData,
        ),
        "zpool" | "zfs" => when(first == "destroy", DangerKind::OverwritesData),
        "cryptsetup" => when(
            says(arguments, &["luksFormat", "erase", "luksErase"]),
            DangerKind::OverwritesData,
        ),
        "lvremove" | "vgremove" | "pvremove" | "newfs" | "cfdisk" | "gdisk" | "diskpart"
        | "format-volume" | "clear-disk" | "clear-content" | "shred" | "wipe" | "wipefs" | "truncate"
        | "blkdiscard" | "mke2fs" | "mkswap" | "fdisk" | "sfdisk" | "sgdisk" | "parted" | "mkfs" => {
            Some(DangerKind::OverwritesData)
        }
        name if name.starts_with("mkfs.") => Some(DangerKind::OverwritesData),
        "diskutil" => when(
            first.to_ascii_lowercase().contains("erase"),
            DangerKind::OverwritesData,
        ),
        "format" => when(
            first.len() == 2 && first.ends_with(':'),
            DangerKind::OverwritesData,
        ),
        "tee" | "cp" | "mv" if operands(arguments).any(|word| is_device(&word.text)) => {
            Some(DangerKind::OverwritesData)
        }
        "tee" => when(
            !has(arguments, &["a", "--append"]) && operands(arguments).any(is_file),
            DangerKind::OverwritesFile,
        ),
        "cp" | "mv" => when(
            has(arguments, &["f", "--force"])
                || operands(arguments)
                    .next()
                    .is_some_and(|from| plain(&from.text) == "/dev/null"),
            DangerKind::OverwritesFile,
        ),
        "git" => git(arguments),
        "sort" => when(has(arguments, &["o", "--output"]), DangerKind::OverwritesFile),
        "chmod" | "chown" | "chgrp" => when(
            has(arguments, &["R", "--recursive"]),
            DangerKind::ChangesPermissions,
        ),
        "kill" => when(ends(arguments), DangerKind::KillsProcesses),
        "pkill" | "killall" | "taskkill" | "stop-process" => Some(DangerKind::KillsProcesses),
        "fuser" => when(has(arguments, &["k", "--kill"]), DangerKind::KillsProcesses),
        "shutdown" | "reboot" | "halt" | "poweroff" | "stop-computer" | "restart-computer" => {
            Some(DangerKind::StopsMachine)
        }
        "init" | "telinit" => when(["0", "6"].contains(&first), DangerKind::StopsMachine),
        "systemctl" | "loginctl" => when(
            says(arguments, &["reboot", "poweroff", "halt", "kexec"]),
            DangerKind::StopsMachine,
        ),
        _ => super::services::judged(&call.name, &arguments_text(arguments)),
    }
}

/// Whether `kill` ends what does not want to, or everything that this person runs.
fn ends(arguments: &[Word]) -> bool {
    let at_once = arguments.iter().any(|word| {
        let signal = word.text.trim_start_matches('-').to_ascii_uppercase();
        word.text.starts_with('-') && ["9", "KILL", "SIGKILL"].contains(&signal.as_str())
    });
    let named = arguments.windows(2).any(|pair| {
        ["-s", "-n", "--signal"].contains(&pair[0].text.as_str())
            && ["9", "kill", "sigkill"].contains(&pair[1].text.to_ascii_lowercase().as_str())
    });
    at_once || named || arguments.iter().skip(1).any(|word| word.text == "-1")
}

fn arguments_text(arguments: &[Word]) -> Vec<&str> {
    // A service's verb stands early; what follows is names and data.
    arguments.iter().take(64).map(|word| word.text.as_str()).collect()
}

/// Options of git, before its verb, that have a value.
pub(super) const GIT_VALUED: [&str; 8] = [
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--config-env",
    "--attr-source",
    "--super-prefix",
];

fn git(arguments: &[Word]) -> Option<DangerKind> {
    let [verb, rest @ ..] = super::prefixes::after_options(arguments, &GIT_VALUED) else {
        return None;
    };
    let first = rest.first().map_or("", |word| word.text.as_str());
    let force = || has(rest, &["f", "--force"]);
    // Whatever stands behind the letter of a pattern is that pattern.
    let dry = || {
        rest.iter().any(|word| {
            let letters = word.text.split('e').next().unwrap_or_default();
            word.text == "--dry-run"
                || (letters.starts_with('-') && !letters.starts_with("--") && letters.contains('n'))
        })
    };
    let discards = match verb.text.as_str() {
        "push" => {
            let replaced = has(
                rest,
                &[
                    "f",
                    "d",
                    "--force",
                    "--force-with-lease",
                    "--mirror",
                    "--delete",
                    "--prune",
                ],
            ) || operands(rest).any(|word| word.text.starts_with(['+', ':']));
            return replaced.then_some(DangerKind::RewritesRemote);
        }
        "rm" => return force().then_some(DangerKind::DeletesFiles),
        "log" | "show" | "diff" | "diff-tree" | "diff-index" | "diff-files" => {
            return has(rest, &["--output"]).then_some(DangerKind::OverwritesFile);
        }
        "reset" => has(rest, &["--hard", "--merge"]),
        // A setting can have it go without force.
        "clean" => !dry() && (force() || arguments.len() > rest.len() + 1),
        "branch" => has(rest, &["D"]) || (has(rest, &["d", "--delete"]) && force()),
        "checkout" => {
            let names = has(rest, &["b", "B", "t", "--orphan", "--track", "--detach"]);
            force() || says(rest, &["--", "."]) || (!names && operands(rest).count() > 1)
        }
        "checkout-index" => force(),
        "read-tree" => has(rest, &["--reset"]),
        "prune" => !dry(),
        "submodule" => first == "deinit" && force(),
        "restore" => !has(rest, &["S", "--staged"]) || has(rest, &["W", "--worktree"]),
        "switch" => has(rest, &["f", "--force", "--discard-changes"]),
        "stash" => ["drop", "clear"].contains(&first),
        "reflog" => ["expire", "delete"].contains(&first),
        "worktree" => first == "remove" && force(),
        "update-ref" => has(rest, &["d"]),
        "gc" => has(rest, &["--prune"]),
        "filter-branch" | "filter-repo" => true,
        _ => false,
    };
    discards.then_some(DangerKind::DiscardsWork)
}
