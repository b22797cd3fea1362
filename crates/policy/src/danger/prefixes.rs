//! What stands before a program's name: assignments, words of the shell's grammar, programs that run another one.

use super::programs::Call;
use super::shell::{KEYWORDS, Word};

/// Commands that run the rest of their words as a command: name, options that take a value, further words
/// before the command.
pub(super) const PREFIXES: [(&str, &[&str], usize); 23] = [
    (
        "sudo",
        &[
            "-u",
            "-g",
            "-h",
            "-p",
            "-C",
            "-D",
            "-R",
            "-T",
            "-r",
            "-t",
            "-U",
            "--user",
            "--group",
            "--host",
            "--prompt",
            "--close-from",
            "--chdir",
            "--chroot",
            "--command-timeout",
            "--role",
            "--type",
            "--other-user",
        ],
        0,
    ),
    ("doas", &["-u", "-C", "-a"], 0),
    ("pkexec", &["--user"], 0),
    (
        "run0",
        &[
            "-u",
            "-g",
            "-D",
            "--user",
            "--group",
            "--chdir",
            "--unit",
            "--property",
            "--setenv",
            "--description",
        ],
        0,
    ),
    ("env", &["-u", "-C", "-a", "--unset", "--chdir", "--argv0"], 0),
    ("nohup", &[], 0),
    ("setsid", &[], 0),
    ("command", &[], 0),
    ("builtin", &[], 0),
    ("exec", &["-a"], 0),
    ("time", &["-f", "-o", "--format", "--output"], 0),
    ("nice", &["-n", "--adjustment"], 0),
    ("ionice", &["-c", "-n", "-p", "--class", "--classdata"], 0),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"], 1),
    ("stdbuf", &["-i", "-o", "-e", "--input", "--output", "--error"], 0),
    ("busybox", &[], 0),
    ("toybox", &[], 0),
    ("caffeinate", &["-t", "-w"], 0),
    (
        "xargs",
        &[
            "-n",
            "-I",
            "-P",
            "-d",
            "-L",
            "-s",
            "-a",
            "-E",
            "-J",
            "-R",
            "-S",
            "--max-args",
            "--max-procs",
            "--delimiter",
            "--max-chars",
            "--arg-file",
            "--process-slot-var",
        ],
        0,
    ),
    (
        "strace",
        &[
            "-e", "-o", "-p", "-s", "-E", "-u", "-a", "-b", "-I", "-O", "-P", "-S", "-X",
        ],
        0,
    ),
    // Of the Z shell.
    ("noglob", &[], 0),
    ("nocorrect", &[], 0),
    ("repeat", &[], 1),
];

/// What stands in place of a program's name in the shell's own grammar, and is none.
pub(super) const GRAMMAR: [&str; 9] = ["case", "for", "select", "in", "[[", "]]", "[", "]", "(("];

/// What ends a compound command. A word of the grammar may follow it at once.
const ENDS: [&str; 4] = ["fi", "done", "esac", "}"];

/// Takes assignments, keywords and prefixes off.
pub(super) fn strip(mut words: &[Word]) -> Call<'_> {
    let (mut privileged, mut repeated) = (false, false);
    while let [first, rest @ ..] = words {
        let name = program(&first.text);
        if let Some(behind) = behind_grammar(first, rest) {
            words = behind;
        } else if let Some((prefix, valued, skipped)) = PREFIXES.iter().find(|(prefix, ..)| name == *prefix) {
            privileged |= ["sudo", "doas", "pkexec", "run0"].contains(prefix);
            repeated |= *prefix == "xargs";
            let mut after = after_options(rest, valued);
            // A dash alone is an option of its own.
            if let [dash, behind @ ..] = after
                && *prefix == "env"
                && dash.text == "-"
            {
                after = behind;
            }
            words = after.get(*skipped..).unwrap_or_default();
        } else {
            privileged |= ["su", "runas"].contains(&name.as_str());
            // A loop's name and the brackets of a test are not programs, whatever stands in them.
            let grammar = GRAMMAR.contains(&name.as_str());
            return Call {
                // `{}` is what stands there when it is run for each of many.
                is_made_up: !grammar
                    && (first.expands
                        || first.text.contains("{}")
                        || first.made_of.as_ref().is_some_and(|made_of| !made_of.is_empty())),
                name,
                arguments: rest,
                privileged,
                repeated,
            };
        }
    }
    Call {
        name: String::new(),
        arguments: words,
        privileged,
        repeated,
        is_made_up: false,
    }
}

/// Whether a word of the grammar stands there, behind which a command may follow.
pub(super) fn is_grammar(word: &str) -> bool {
    KEYWORDS.contains(&word) || ENDS.contains(&word)
}

/// What stands behind a word of the grammar, or an assignment, where a command may follow it.
fn behind_grammar<'a>(first: &Word, rest: &'a [Word]) -> Option<&'a [Word]> {
    let begins = |word: Option<&Word>| word.is_some_and(|word| KEYWORDS.contains(&word.text.as_str()));
    match first.text.as_str() {
        "function" => Some(if begins(rest.first()) {
            rest
        } else {
            rest.get(1..).unwrap_or_default()
        }),
        // Without `in` the body may follow at once, and a name of its own may stand before what runs beside.
        "for" | "select" if begins(rest.first()) => Some(rest),
        "coproc" | "for" | "select" if begins(rest.get(1)) => Some(&rest[1..]),
        "[[" => {
            let end = rest.iter().position(|word| word.text == "]]" && !word.quoted)?;
            rest.get(end + 1..).filter(|behind| !behind.is_empty())
        }
        word if is_grammar(word) || is_assignment(word) => Some(rest),
        _ => None,
    }
}

/// What stands behind options, of which some have the next word as their value: by themselves or as the last of a group.
pub(super) fn after_options<'a>(mut words: &'a [Word], valued: &[&str]) -> &'a [Word] {
    while let [first, rest @ ..] = words {
        if first.text == "--" {
            return rest;
        }
        if !first.text.starts_with('-') || first.text.len() < 2 {
            break;
        }
        let skipped = usize::from(takes_next(&first.text, valued));
        words = rest.get(skipped..).unwrap_or_default();
    }
    words
}

fn takes_next(option: &str, valued: &[&str]) -> bool {
    if valued.contains(&option) {
        return true;
    }
    let Some(group) = option.strip_prefix('-').filter(|group| !group.starts_with('-')) else {
        return false;
    };
    // The first letter with a value takes what is left of the group.
    let takes = |letter: char| {
        let short = valued.iter().filter_map(|known| known.strip_prefix('-'));
        short.into_iter().any(|known| known.chars().eq([letter]))
    };
    let first = group.char_indices().find(|(_, letter)| takes(*letter));
    first.is_some_and(|(at, letter)| at + letter.len_utf8() == group.len())
}

/// The program's name, whatever folder it is called from.
pub(super) fn program(word: &str) -> String {
    // The Z shell looks for what stands behind `=` as for a command.
    let word = word.strip_prefix('=').unwrap_or(word);
    let name = word
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(word)
        .to_ascii_lowercase();
    name.strip_suffix(".exe").map_or(name.clone(), str::to_owned)
}

/// Whether a word sets a variable, or an element of one: `a=b`, `a+=b`, `a[0]=b`.
pub(super) fn is_assignment(word: &str) -> bool {
    let length = word
        .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .unwrap_or(word.len());
    let (name, mut rest) = word.split_at(length);
    if let Some(index) = rest.strip_prefix('[') {
        rest = index.split_once(']').map_or("", |(_, rest)| rest);
    }
    let rest = rest.strip_prefix('+').unwrap_or(rest);
    rest.starts_with('=') && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}
