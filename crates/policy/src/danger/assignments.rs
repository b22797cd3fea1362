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
    // The name of a loop is set without a sign of it.
    let looped = (program == "for").then(|| arguments.first()).flatten();
    let looped = looped.filter(|word| leads(&word.text, "./"));
    let assigned = before.iter().chain(declared).filter(|word| {
        word.text
            .split_once('=')
            .is_some_and(|(name, value)| leads(name.strip_suffix('+').unwrap_or(name), value))
    });
    assigned.chain(looped)
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
