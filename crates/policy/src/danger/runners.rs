//! Programs that run what they are told to, and whether a pattern leaves open what that is.
//!
//! A pattern's `*` stands for any number of words. So from the first word with one on, anything may follow: such a program
//! is only bound when what it runs stands in full before it.

use super::commands::{INTERPRETERS, SHELLS};
use super::prefixes::{PREFIXES, after_options, is_assignment, program};
use super::shell::{KEYWORDS, Source, Word, read};

/// What a program runs.
#[derive(Clone, Copy)]
enum Runs {
    /// The script that is its first operand, or that stands behind one of these options. Others take no value.
    Script {
        code: &'static [&'static str],
        flags: &'static [&'static str],
    },
    /// The command that is the rest of its words, behind so many operands of its own.
    Command(usize),
    /// What any of its words may say.
    Anything,
    /// What stands behind one of these verbs.
    Verbs(&'static [(&'static str, Runs)]),
}

const PLAIN: Runs = Runs::Script {
    code: &[],
    flags: &[],
};
const SHELL: Runs = Runs::Script {
    code: &["-c", "-lc", "-ec", "-xc", "-ic"],
    flags: &[
        "-e",
        "-u",
        "-x",
        "-l",
        "-i",
        "-v",
        "-n",
        "--login",
        "--norc",
        "--noprofile",
        "--posix",
    ],
};
const PYTHON: Runs = Runs::Script {
    code: &["-c", "-m"],
    flags: &["-u", "-B", "-E", "-s", "-S", "-I", "-O", "-OO", "-v", "-q", "-P"],
};
const LINES: Runs = Runs::Script {
    code: &["-e", "-E", "-p", "--eval", "--print", "-Command"],
    flags: &["-w", "-n", "-W", "--test"],
};

/// Verbs of package managers and containers that run what follows.
const VERBS: &[(&str, Runs)] = &[
    ("exec", Runs::Command(0)),
    ("x", Runs::Command(0)),
    ("dlx", Runs::Command(0)),
];
const RUN: &[(&str, Runs)] = &[
    ("run", Runs::Command(0)),
    ("exec", Runs::Command(0)),
    ("x", Runs::Command(0)),
];
const INSIDE: &[(&str, Runs)] = &[
    ("exec", Runs::Command(1)),
    ("run", Runs::Command(1)),
    ("debug", Runs::Command(1)),
    (
        "compose",
        Runs::Verbs(&[("exec", Runs::Command(1)), ("run", Runs::Command(1))]),
    ),
    (
        "container",
        Runs::Verbs(&[("exec", Runs::Command(1)), ("run", Runs::Command(1))]),
    ),
];
/// git is told programs by options of these, and by its settings.
const GIT: &[(&str, Runs)] = &[
    ("bisect", Runs::Anything),
    ("config", Runs::Anything),
    ("difftool", Runs::Anything),
    ("filter-branch", Runs::Anything),
    ("mergetool", Runs::Anything),
    ("rebase", Runs::Anything),
    ("submodule", Runs::Anything),
];

/// Programs by their names without versions.
const RUNNERS: &[(&[&str], Runs)] = &[
    (&["python", "pypy", "ipython"], PYTHON),
    (
        &[
            "elixir", "erl", "swift", "scala", "kotlin", "guile", "racket", "sbcl", "clojure", "clj", "bb",
            "octave", "ocaml", "node", "nodejs", "perl", "ruby", "php", "lua", "luajit", "rscript", "r",
            "julia", "groovy",
        ],
        LINES,
    ),
    (
        &[
            "awk",
            "gawk",
            "mawk",
            "nawk",
            "escript",
            "runghc",
            "runhaskell",
            "source",
            ".",
            "tclsh",
            "wish",
            "expect",
            "tsx",
            "ts-node",
        ],
        PLAIN,
    ),
    (
        &[
            // Clients of databases have a word for the shell.
            "sqlite",
            "psql",
            "mysql",
            "mariadb",
            "ed",
            "gnuplot",
            "jshell",
            "eval",
            "trap",
            "ssh",
            "su",
            "watch",
            "parallel",
            "find",
            "fd",
            "fdfind",
            "sed",
            "gsed",
            "tar",
            "vi",
            "vim",
            "nvim",
            "ex",
            "emacs",
            "gdb",
            "lldb",
            "screen",
            "tmux",
            "script",
            "at",
            "batch",
            "nix-shell",
        ],
        Runs::Anything,
    ),
    (
        &[
            "npx",
            "bunx",
            "pnpx",
            "uvx",
            "entr",
            "valgrind",
            "ltrace",
            "unshare",
            "bwrap",
            "firejail",
            "systemd-run",
            "xvfb-run",
            "dbus-run-session",
            "rlwrap",
            "unbuffer",
            "nsenter",
            "runuser",
            "setpriv",
            "fakeroot",
            "numactl",
            "eatmydata",
            "chronic",
        ],
        Runs::Command(0),
    ),
    (
        &["chroot", "flock", "taskset", "chrt", "gosu", "su-exec"],
        Runs::Command(1),
    ),
    (
        &["deno"],
        Runs::Verbs(&[
            ("run", PLAIN),
            ("eval", PLAIN),
            ("serve", PLAIN),
            ("x", PLAIN),
            ("test", PLAIN),
        ]),
    ),
    (
        &["bun"],
        Runs::Verbs(&[("run", PLAIN), ("x", Runs::Command(0)), ("exec", PLAIN)]),
    ),
    (&["go"], Runs::Verbs(&[("run", PLAIN)])),
    (
        &["java"],
        Runs::Script {
            code: &["-jar"],
            flags: &[],
        },
    ),
    (
        &["uv"],
        Runs::Verbs(&[
            ("run", Runs::Command(0)),
            ("x", Runs::Command(0)),
            ("tool", Runs::Verbs(&[("run", Runs::Command(0))])),
        ]),
    ),
    (
        &[
            "npm", "pnpm", "yarn", "bundle", "mise", "asdf", "stack", "cabal", "opam",
        ],
        Runs::Verbs(VERBS),
    ),
    (
        &[
            "poetry",
            "pipenv",
            "pdm",
            "hatch",
            "rye",
            "pipx",
            "conda",
            "mamba",
            "micromamba",
            "nix",
            "rustup",
            "flatpak",
            "dotnet",
        ],
        Runs::Verbs(RUN),
    ),
    (
        &[
            "docker",
            "podman",
            "nerdctl",
            "docker-compose",
            "kubectl",
            "oc",
            "lxc",
            "direnv",
        ],
        Runs::Verbs(INSIDE),
    ),
    (&["git"], Runs::Verbs(GIT)),
];

/// Options whose value is the next word, and such that have none, of programs with verbs. Of any other option either is
/// taken to be so, and a pattern has to be bound both ways.
const VALUED: [&str; 3] = ["-C", "--context", "--prefix"];
const FLAGS: [&str; 8] = ["--no-pager", "-P", "-y", "--yes", "--quiet", "-q", "-it", "--rm"];

/// Options of all of them that have the next word as their value where the command is looked for.
const RUNNERS_VALUED: [&str; 40] = [
    "-C",
    "-a",
    "-c",
    "-e",
    "-f",
    "-n",
    "-p",
    "-s",
    "-u",
    "-v",
    "-w",
    "-E",
    "-H",
    "--call",
    "--container",
    "--context",
    "--chuid",
    "--dir",
    "--directory",
    "--entrypoint",
    "--env",
    "--env-file",
    "--extra",
    "--file",
    "--filter",
    "--group",
    "--host",
    "--kubeconfig",
    "--mount",
    "--name",
    "--namespace",
    "--network",
    "--package",
    "--platform",
    "--prefix",
    "--project",
    "--python",
    "--user",
    "--with",
    "--workdir",
];

/// The same of what stands before a verb.
const VERBS_VALUED: [&str; 12] = [
    "-C",
    "-H",
    "-f",
    "-n",
    "--context",
    "--dir",
    "--directory",
    "--file",
    "--host",
    "--kubeconfig",
    "--namespace",
    "--prefix",
];

/// Words of its own that a program has before the command, at most.
const MOST_SKIPPED: usize = 1;

/// Whether a pattern leaves open what a program that runs anything is to run.
pub(super) fn runs_anything(pattern: &str) -> bool {
    let has_wildcard = pattern.contains(['*', '?']);
    read(Source::whole(pattern)).commands.iter().any(|command| {
        let words = &command.words;
        let only_prefixes = prefix(words.first()).is_some() && has_wildcard_or_ends(words);
        only_prefixes || (has_wildcard && Reader { words }.is_open())
    })
}

/// Whether nothing but the prefix itself is said.
fn has_wildcard_or_ends(words: &[Word]) -> bool {
    words.iter().skip(1).all(|word| word.text.starts_with('-'))
}

/// A program that runs the rest of its words: options with a value, and words of its own before the rest.
fn prefix(word: Option<&Word>) -> Option<(&'static [&'static str], usize)> {
    let name = program(&word?.text);
    let (_, valued, skipped) = PREFIXES.iter().find(|(prefix, ..)| *prefix == name)?;
    Some((*valued, *skipped))
}

/// A program's name without the version that often ends it: `python3.12`, `lua5.4`, `node-20`, and `npx.cmd`.
pub(super) fn unversioned(name: &str) -> &str {
    let name = [".cmd", ".bat", ".com"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name);
    let bare = name.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.' || last == '-');
    if bare.is_empty() { name } else { bare }
}

/// The words of the command that a program runs: `uv run …`, `docker exec web …`.
pub(super) fn run_by<'a>(name: &str, arguments: &'a [Word]) -> Option<&'a [Word]> {
    let (_, runs) = RUNNERS.iter().find(|(names, _)| names.contains(&name))?;
    command_of(*runs, arguments)
}

fn command_of(runs: Runs, arguments: &[Word]) -> Option<&[Word]> {
    match runs {
        Runs::Command(skipped) => {
            let behind = after_options(arguments, &RUNNERS_VALUED);
            Some(after_options(behind.get(skipped..)?, &RUNNERS_VALUED))
        }
        Runs::Verbs(verbs) => {
            let [word, rest @ ..] = after_options(arguments, &VERBS_VALUED) else {
                return None;
            };
            let (_, runs) = verbs.iter().find(|(verb, _)| *verb == word.text)?;
            command_of(*runs, rest)
        }
        Runs::Script { .. } | Runs::Anything => None,
    }
}

fn runs(word: &Word) -> Option<Runs> {
    let name = program(&word.text);
    let bare = unversioned(&name);
    let listed = RUNNERS.iter().find(|(names, _)| names.contains(&bare));
    listed.map(|(_, runs)| *runs).or_else(|| {
        if SHELLS.contains(&bare) {
            Some(SHELL)
        } else if INTERPRETERS.contains(&bare) || INTERPRETERS.contains(&name.as_str()) {
            Some(LINES)
        } else {
            None
        }
    })
}

/// A word of which the pattern, or the shell, makes another one.
fn is_wild(word: &Word) -> bool {
    word.expands || word.text.contains(['*', '?'])
}

fn join(into: &mut [bool; MOST_SKIPPED + 1], from: [bool; MOST_SKIPPED + 1]) {
    for (into, from) in into.iter_mut().zip(from) {
        *into |= from;
    }
}

struct Reader<'a> {
    words: &'a [Word],
}

impl Reader<'_> {
    fn is_open(&self) -> bool {
        // From the last word on, so that each is read once although many ways lead to it.
        let mut open = vec![false; self.words.len() + 1];
        for at in (0..self.words.len()).rev() {
            open[at] = self.command(at, &open);
        }
        open[0]
    }

    /// Whether a command that begins at a word is open, when it is known of those that begin behind it.
    fn command(&self, at: usize, open: &[bool]) -> bool {
        let word = &self.words[at];
        if KEYWORDS.contains(&word.text.as_str()) || is_assignment(&word.text) {
            return open[at + 1];
        }
        // A command whose name is open is no one's business here where nothing runs it.
        if let Some((valued, skipped)) = prefix(Some(word)) {
            return self.behind(at + 1, Runs::Command(skipped), valued, open);
        }
        runs(word).is_some_and(|runs| self.behind(at + 1, runs, &VALUED, open))
    }

    /// Whether what a program runs is open, of which the words begin at one.
    fn behind(&self, from: usize, runs: Runs, valued: &[&str], open: &[bool]) -> bool {
        let words = self.words;
        let (code, flags, skipped) = match runs {
            Runs::Anything => return words[from..].iter().any(is_wild),
            Runs::Script { code, flags } => (code, flags, 0),
            Runs::Command(skipped) => (&[][..], &FLAGS[..], skipped),
            Runs::Verbs(_) => (&[][..], &FLAGS[..], 0),
        };
        // Where the next word may stand, by how many operands are still to come before the command: what follows an
        // option may be its value or not.
        let mut reached = vec![[false; MOST_SKIPPED + 1]; words.len() + 2];
        reached[from][skipped.min(MOST_SKIPPED)] = true;
        let mut at = from;
        while at < words.len() {
            let here = reached[at];
            if here == [false; MOST_SKIPPED + 1] {
                at += 1;
                continue;
            }
            let word = &words[at];
            if is_wild(word) || word.text == "-" {
                return true;
            }
            let is_option = word.text.starts_with('-');
            let takes_value = valued.contains(&word.text.as_str());
            if code.contains(&word.text.as_str()) {
                // What stands behind it is the script, and all further words are its own.
                match words.get(at + 1) {
                    Some(script) if !is_wild(script) => {}
                    _ => return true,
                }
            } else if is_option {
                if !takes_value {
                    join(&mut reached[at + 1], here);
                }
                let has_none =
                    flags.contains(&word.text.as_str()) || word.text.contains('=') || word.text == "--";
                if !has_none {
                    if words.get(at + 1).is_some_and(is_wild) {
                        return true;
                    }
                    join(&mut reached[at + 2], here);
                }
            } else {
                for left in 1..=MOST_SKIPPED {
                    reached[at + 1][left - 1] |= here[left];
                }
                match runs {
                    Runs::Command(_) if here[0] && open[at] => return true,
                    Runs::Verbs(verbs) => {
                        let verb = verbs.iter().find(|(verb, _)| *verb == word.text);
                        if verb.is_some_and(|(_, runs)| self.behind(at + 1, *runs, &VALUED, open)) {
                            return true;
                        }
                    }
                    _ => {}
                }
            }
            at += 1;
        }
        // Nothing at all: it reads what to run from elsewhere.
        reached[words.len()].contains(&true) && !matches!(runs, Runs::Verbs(_))
    }
}
