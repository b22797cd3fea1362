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
    !target.text.is_empty() && !target.text.starts_with("/dev/") && target.text != "NUL"
}

pub(super) fn is_device(path: &str) -> bool {
    let Some(device) = path.strip_prefix("/dev/") else {
        return path.starts_with("//./");
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
    words.iter().take_while(|word| word.text != "--").any(|word| {
        options.iter().any(|option| match option.as_bytes() {
            [letter] => word
                .text
                .strip_prefix('-')
                .is_some_and(|group| !group.starts_with('-') && group.as_bytes().contains(letter)),
            _ => {
                word.text == *option
                    || word
                        .text
                        .strip_prefix(option)
                        .is_some_and(|rest| rest.starts_with('='))
            }
        })
    })
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
                || ((call.repeated || operands(arguments).next().is_some())
                    && !has(arguments, &["i", "I", "--interactive"])),
            DangerKind::DeletesFiles,
        ),
        "unlink" => when(!arguments.is_empty(), DangerKind::DeletesFiles),
        "rmdir" | "rd" | "srm" => Some(DangerKind::DeletesFiles),
        "remove-item" | "ri" => when(
            arguments.iter().any(|word| {
                let option = word.text.to_ascii_lowercase();
                option.starts_with("-r") || option.starts_with("-fo")
            }),
            DangerKind::DeletesFiles,
        ),
        "del" | "erase" => when(
            says(arguments, &["/s", "/S", "/q", "/Q"]),
            DangerKind::DeletesFiles,
        ),
        "crontab" => when(has(arguments, &["r"]), DangerKind::DeletesFiles),
        "find" | "fd" | "fdfind" => when(says(arguments, &["-delete"]), DangerKind::DeletesFiles),
        "dd" => when(
            arguments.iter().any(|word| {
                word.text
                    .strip_prefix("of=")
                    .is_some_and(|target| target != "/dev/null")
            }),
            DangerKind::OverwritesData,
        ),
        "shred" | "wipe" | "wipefs" | "truncate" | "blkdiscard" | "mke2fs" | "mkswap" | "fdisk"
        | "sfdisk" | "sgdisk" | "parted" | "mkfs" => Some(DangerKind::OverwritesData),
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
        "cp" | "mv" => when(has(arguments, &["f", "--force"]), DangerKind::OverwritesFile),
        "git" => git(arguments),
        "chmod" | "chown" | "chgrp" => when(
            has(arguments, &["R", "--recursive"]),
            DangerKind::ChangesPermissions,
        ),
        "kill" => when(
            arguments.iter().any(|word| {
                let signal = word.text.trim_start_matches('-').to_ascii_uppercase();
                word.text.starts_with('-') && ["9", "KILL", "SIGKILL"].contains(&signal.as_str())
            }) || arguments.windows(2).any(|pair| {
                ["-s", "-n", "--signal"].contains(&pair[0].text.as_str())
                    && ["9", "kill", "sigkill"].contains(&pair[1].text.to_ascii_lowercase().as_str())
            }),
            DangerKind::KillsProcesses,
        ),
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

fn arguments_text(arguments: &[Word]) -> Vec<&str> {
    // A service's verb stands early; what follows is names and data.
    arguments.iter().take(64).map(|word| word.text.as_str()).collect()
}

fn git(arguments: &[Word]) -> Option<DangerKind> {
    let valued = ["-C", "-c", "--git-dir", "--work-tree", "--namespace"];
    let [verb, rest @ ..] = super::commands::after_options(arguments, &valued) else {
        return None;
    };
    let first = rest.first().map_or("", |word| word.text.as_str());
    let force = || has(rest, &["f", "--force"]);
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
        "reset" => has(rest, &["--hard"]),
        "clean" => force() && !has(rest, &["n", "--dry-run"]),
        "branch" => has(rest, &["D"]) || (has(rest, &["d", "--delete"]) && force()),
        "checkout" => force() || says(rest, &["--", "."]),
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
