//! Variables that decide which programs run.
//!
//! What an engine names of a command is its programs. One that looks like `git status` is another one where the search
//! path, the loader or git itself is told to run something else before it, and that stands in no rule's pattern.

use super::shell::Word;

/// What makes variables of its words, and is no program.
const DECLARES: [&str; 5] = ["export", "declare", "typeset", "readonly", "local"];

/// Variables that have a program run, or have programs read what they run, whatever they are set to.
const LEADING: [&str; 30] = [
    "BASH_ENV",
    "CDPATH",
    "CLASSPATH",
    "ENV",
    "GCONV_PATH",
    "GIT_ASKPASS",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PROXY_COMMAND",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_TEMPLATE_DIR",
    "GIT_WORK_TREE",
    "HOME",
    "IFS",
    "LESSCLOSE",
    "LESSOPEN",
    "OPENSSL_CONF",
    "PERL5OPT",
    "PROMPT_COMMAND",
    "RIPGREP_CONFIG_PATH",
    "RUBYOPT",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "SHELLOPTS",
    "SSH_ASKPASS",
    "XDG_CONFIG_HOME",
    "ZDOTDIR",
];

/// How the names of others of them begin: the loader's, git's settings, functions of bash.
const FAMILIES: [&str; 4] = ["LD_", "DYLD_", "GIT_CONFIG", "BASH_FUNC"];

/// Variables that name a program to show or to edit text with, and programs that do nothing else.
const VIEWERS: [&str; 9] = [
    "BROWSER",
    "EDITOR",
    "GIT_EDITOR",
    "GIT_PAGER",
    "GIT_SEQUENCE_EDITOR",
    "MANPAGER",
    "PAGER",
    "SYSTEMD_PAGER",
    "VISUAL",
];
const PLAIN_VIEWERS: [&str; 6] = ["", "cat", "less", "more", "true", ":"];

/// Options in variables of interpreters that load a file before the program that is named.
const LOADING: [(&str, &[&str]); 4] = [
    (
        "NODE_OPTIONS",
        &["-r", "--require", "--import", "--loader", "--experimental-loader"],
    ),
    ("JAVA_TOOL_OPTIONS", &["-javaagent", "-agent"]),
    ("_JAVA_OPTIONS", &["-javaagent", "-agent"]),
    ("GOFLAGS", &["-toolexec"]),
];

/// The words of a command that set what decides which programs run. `before` are those before its program's name and that
/// name, `program` the name and `arguments` what stands behind it.
pub(super) fn leading<'a>(
    before: &'a [Word],
    program: &str,
    arguments: &'a [Word],
) -> impl Iterator<Item = &'a Word> {
    let declared = if DECLARES.contains(&program) {
        arguments
    } else {
        &[]
    };
    // The name of a loop, and one that is read, is set without a sign of it.
    let named = match program {
        "for" | "select" => arguments.get(..1),
        "read" | "mapfile" | "readarray" => Some(arguments),
        "printf" => arguments.get(1..2).filter(|_| arguments[0].text == "-v"),
        _ => None,
    };
    let looped = before
        .windows(2)
        .filter(|pair| ["for", "select"].contains(&pair[0].text.as_str()))
        .map(|pair| &pair[1]);
    let looped = looped.chain(named.into_iter().flatten());
    let looped = looped.filter(|word| leads(&word.text, "./"));
    let assigned = before.iter().chain(declared).filter(|word| {
        word.text
            .split_once('=')
            .is_some_and(|(name, value)| leads(name.strip_suffix('+').unwrap_or(name), value))
    });
    assigned.chain(looped)
}

/// Options by which programs that do something else are told to run one.
const NAMING: [(&[&str], &[&str]); 9] = [
    (
        &["git"],
        &[
            "--upload-pack",
            "--receive-pack",
            "--exec",
            "--open-files-in-pager",
        ],
    ),
    (&["rg"], &["--pre", "--hostname-bin"]),
    (
        &["go"],
        &[
            "-exec",
            "--exec",
            "-toolexec",
            "--toolexec",
            "-vettool",
            "--vettool",
        ],
    ),
    (&["sort"], &["--compress-program"]),
    (&["man"], &["-P", "--pager", "-H", "--html"]),
    (&["cargo"], &["--config"]),
    (&["npm", "pnpm", "yarn"], &["--script-shell"]),
    (&["tar", "bsdtar"], &["--to-command", "--checkpoint-action"]),
    (&["make", "gmake"], &["--eval"]),
];

/// The words of a program's arguments that say which other program it runs: what an engine names of it, and a rule says, is
/// the beginning of what is asked.
pub(super) fn naming<'a>(program: &'a str, arguments: &'a [Word]) -> impl Iterator<Item = &'a Word> {
    let options = NAMING.iter().find(|(names, _)| names.contains(&program));
    let options = options.map_or(&[][..], |(_, options)| options);
    // The commands that are tested after each step are read by themselves.
    let is_read = program == "git" && arguments.iter().any(|word| word.text == "rebase");
    arguments.iter().filter(move |word| {
        let text = word.text.as_str();
        let option = text.split_once('=').map_or(text, |(option, _)| option);
        let named = options.contains(&option) && !is_read;
        named
            || match program {
                "git" => text.starts_with("ext::"),
                "make" | "gmake" => option == "SHELL" || option == ".SHELLFLAGS",
                "ssh" | "scp" | "sftp" => {
                    let text = text.to_ascii_lowercase();
                    ["proxycommand", "localcommand", "knownhostscommand"]
                        .iter()
                        .any(|option| text.contains(option))
                }
                _ => false,
            }
    })
}

/// Whether a setting of git, as `-c` has it, names a program or makes a name stand for one.
pub(super) fn sets_program(setting: &str) -> bool {
    let Some((name, value)) = setting.split_once('=') else {
        return false;
    };
    let plain = ["", "cat", "less", "true", "false", ":"];
    let programs = [
        "core.pager",
        "core.editor",
        "core.sshcommand",
        "core.fsmonitor",
        "core.askpass",
        "core.hookspath",
        "core.gitproxy",
        "core.worktree",
        "diff.external",
        "sequence.editor",
        "init.templatedir",
        "gpg.program",
        "credential.helper",
        "protocol.ext.allow",
        "include.path",
    ];
    let endings = [
        ".command",
        ".textconv",
        ".clean",
        ".smudge",
        ".process",
        ".driver",
        ".cmd",
        ".program",
        ".helper",
        ".uploadpack",
        ".receivepack",
        ".vcs",
    ];
    let named = programs.contains(&name)
        || (name.starts_with("pager.") || name.starts_with("includeif."))
        || endings.iter().any(|ending| name.ends_with(ending));
    (named && !plain.contains(&value)) || (name.starts_with("alias.") && value.trim_start().starts_with('!'))
}

fn leads(name: &str, value: &str) -> bool {
    if name == "PATH" {
        // What comes last takes the place of nothing.
        return !["$PATH:", "${PATH}:"].iter().any(|own| value.starts_with(own)) && value != "$PATH";
    }
    if VIEWERS.contains(&name) {
        return !PLAIN_VIEWERS.contains(&value);
    }
    if let Some((_, options)) = LOADING.iter().find(|(known, _)| *known == name) {
        return value
            .split_whitespace()
            .any(|word| options.iter().any(|option| word.starts_with(option)));
    }
    LEADING.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}
