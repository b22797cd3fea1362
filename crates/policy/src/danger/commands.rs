//! Finds the programs a command runs: behind prefixes, within scripts within scripts, through pipes.

use super::programs::{Call, is_device, judged, operands};
use super::shell::{Command, Input, Script, Word, read};
use super::{Danger, DangerKind, shown};

/// How many times a script may stand within a script (`sh -c "sh -c …"`): each level is read once more, so
/// this also bounds the time.
const DEEPEST: usize = 6;

const SHELLS: [&str; 10] = [
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "ash",
    "fish",
    "rbash",
    "iex",
    "invoke-expression",
];
const INTERPRETERS: [&str; 11] = [
    "python",
    "python2",
    "python3",
    "perl",
    "ruby",
    "node",
    "php",
    "lua",
    "pwsh",
    "powershell",
    "osascript",
];
const DOWNLOADERS: [&str; 10] = [
    "curl",
    "wget",
    "fetch",
    "aria2c",
    "http",
    "https",
    "xh",
    "iwr",
    "invoke-webrequest",
    "invoke-restmethod",
];
/// Commands that run the rest of their words as a command: name, options that take a value, further words
/// before the command.
const PREFIXES: [(&str, &[&str], usize); 20] = [
    (
        "sudo",
        &["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-r", "-t", "-U"],
        0,
    ),
    ("doas", &["-u", "-C"], 0),
    ("pkexec", &["--user"], 0),
    ("env", &["-u", "-C", "--unset", "--chdir"], 0),
    ("nohup", &[], 0),
    ("setsid", &[], 0),
    ("command", &[], 0),
    ("builtin", &[], 0),
    ("exec", &["-a"], 0),
    ("time", &["-f", "-o"], 0),
    ("nice", &["-n"], 0),
    ("ionice", &["-c", "-n", "-p"], 0),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"], 1),
    ("stdbuf", &["-i", "-o", "-e"], 0),
    ("busybox", &[], 0),
    ("toybox", &[], 0),
    ("caffeinate", &["-t", "-w"], 0),
    (
        "xargs",
        &["-n", "-I", "-P", "-d", "-L", "-s", "-a", "-E", "-J", "-R"],
        0,
    ),
    ("parallel", &["-j", "-n", "-I", "--jobs"], 0),
    ("strace", &["-e", "-o", "-p"], 0),
];

/// Words of the shell's own grammar that stand before a command.
const KEYWORDS: [&str; 10] = [
    "if", "then", "elif", "else", "while", "until", "do", "!", "{", "coproc",
];

pub(super) fn most_severe(command: &str) -> Option<Danger> {
    let mut search = Search { found: None };
    search.script(command, 0);
    search.found
}

struct Search {
    found: Option<Danger>,
}

impl Search {
    fn found(&mut self, kind: DangerKind, words: &[Word]) {
        if self.found.as_ref().is_some_and(|danger| danger.kind >= kind) {
            return;
        }
        let mut part = String::new();
        for word in words {
            if part.len() > super::SHOWN * 4 {
                break;
            }
            if !part.is_empty() {
                part.push(' ');
            }
            part.push_str(&word.text);
        }
        self.found = Some(Danger {
            kind,
            part: shown(&part),
        });
    }

    fn script(&mut self, text: &str, level: usize) {
        let whole = [Word {
            text: text.to_owned(),
            made_of: None,
        }];
        if level > DEEPEST {
            self.found(DangerKind::Obscured, &whole);
            return;
        }
        let script = read(text);
        if script.too_deep {
            self.found(DangerKind::Obscured, &whole);
        }
        let downloads = downloads(&script);
        for command in &script.commands {
            if command.written.iter().any(|target| is_device(target)) {
                let arrow = command
                    .written
                    .iter()
                    .find(|target| is_device(target))
                    .cloned()
                    .unwrap_or_default();
                let target = Word {
                    text: format!("> {arrow}"),
                    made_of: None,
                };
                let words = command.words.iter().cloned().chain([target]).collect::<Vec<_>>();
                self.found(DangerKind::OverwritesData, &words);
            }
            let context = Context {
                script: &script,
                downloads: &downloads,
                command,
                level,
            };
            self.words(&command.words, &context);
        }
    }

    /// Judges one command given by its words.
    fn words(&mut self, words: &[Word], context: &Context<'_>) {
        let call = strip(words);
        if call.privileged {
            self.found(DangerKind::RaisesPrivilege, words);
        }
        if let Some(kind) = judged(&call) {
            self.found(kind, words);
        }
        let name = call.name.as_str();
        match name {
            "eval" | "watch" => self.made(call.arguments, &joined(call.arguments), words, context),
            "trap" => {
                if let Some(first) = operands(call.arguments).next() {
                    self.script(&first.text, context.level + 1);
                }
            }
            "ssh" => {
                let valued = [
                    "-p", "-i", "-o", "-l", "-L", "-R", "-D", "-F", "-J", "-b", "-c", "-e", "-m", "-W",
                ];
                let rest = after_options(call.arguments, &valued);
                self.script(&joined(rest.get(1..).unwrap_or_default()), context.level + 1);
            }
            "source" | "." => self.sourced(call.arguments, words, context),
            "find" | "fd" | "fdfind" => self.executed(call.arguments, context),
            "su" => self.shell(&call, words, context),
            _ if SHELLS.contains(&name) => self.shell(&call, words, context),
            _ if INTERPRETERS.contains(&name) => {
                let inline = ["-c", "-m", "-e", "-E", "-p", "-Command", "-r"];
                let told = call
                    .arguments
                    .iter()
                    .any(|word| inline.contains(&word.text.as_str()));
                if !told && operands(call.arguments).next().is_none() {
                    self.piped(words, context);
                }
            }
            _ => {}
        }
    }

    /// A shell and what it is given to run: a script in an argument, a here-document, a pipe.
    fn shell(&mut self, call: &Call<'_>, words: &[Word], context: &Context<'_>) {
        let level = context.level + 1;
        let script = call.arguments.iter().position(|word| {
            word.text
                .strip_prefix('-')
                .is_some_and(|short| !short.starts_with('-') && short.contains('c'))
        });
        if let Some(script) = script.and_then(|option| operands(&call.arguments[option + 1..]).next()) {
            self.made(std::slice::from_ref(script), &script.text, words, context);
        } else if operands(call.arguments)
            .next()
            .is_some_and(|operand| call.name != "su" && operand.text != "-")
        {
            self.sourced(call.arguments, words, context);
        } else if context.command.fed.is_empty() {
            self.piped(words, context);
        }
        if !context.command.fed.is_empty() {
            self.script(&context.command.fed, level);
        }
    }

    /// A script that is made of words, perhaps of the output of other commands.
    fn made(&mut self, made_of: &[Word], text: &str, words: &[Word], context: &Context<'_>) {
        if text.trim().is_empty() {
            self.sourced(made_of, words, context);
        } else {
            self.script(text, context.level + 1);
        }
    }

    /// A script that is the output of commands in the same text.
    fn sourced(&mut self, arguments: &[Word], words: &[Word], context: &Context<'_>) {
        for range in arguments.iter().filter_map(|word| word.made_of.clone()) {
            let downloaded = context
                .downloads
                .get(range)
                .is_some_and(|part| part.contains(&true));
            self.found(
                if downloaded {
                    DangerKind::RunsDownload
                } else {
                    DangerKind::Obscured
                },
                words,
            );
        }
    }

    /// A script that comes through a pipe.
    fn piped(&mut self, words: &[Word], context: &Context<'_>) {
        let Input::Pipe(source) = context.command.input else {
            return;
        };
        let source_words = context
            .script
            .commands
            .get(source)
            .map_or(&[][..], |command| &command.words);
        let spoken = strip(source_words);
        if context.downloads.get(source).copied().unwrap_or(false) {
            self.found(DangerKind::RunsDownload, words);
        } else if ["echo", "printf"].contains(&spoken.name.as_str()) {
            self.script(&joined(spoken.arguments), context.level + 1);
        } else {
            self.found(DangerKind::Obscured, words);
        }
    }

    /// The commands that `find` and `fd` run for each file.
    fn executed(&mut self, arguments: &[Word], context: &Context<'_>) {
        if context.level >= DEEPEST {
            self.found(DangerKind::Obscured, arguments);
            return;
        }
        let runs = [
            "-exec",
            "-execdir",
            "-ok",
            "-okdir",
            "-x",
            "-X",
            "--exec",
            "--exec-batch",
        ];
        let mut rest = arguments;
        while let Some(option) = rest.iter().position(|word| runs.contains(&word.text.as_str())) {
            rest = &rest[option + 1..];
            let end = rest
                .iter()
                .position(|word| [";", "+"].contains(&word.text.as_str()))
                .unwrap_or(rest.len());
            let command = &rest[..end];
            if strip(command).name == "rm" {
                self.found(DangerKind::DeletesFiles, command);
            }
            let inner = Context {
                level: context.level + 1,
                ..*context
            };
            self.words(command, &inner);
            rest = &rest[end..];
        }
    }
}

/// Where a command stands.
#[derive(Clone, Copy)]
struct Context<'a> {
    script: &'a Script,
    downloads: &'a [bool],
    command: &'a Command,
    level: usize,
}

/// For each command, whether what comes out of it came from the network.
fn downloads(script: &Script) -> Vec<bool> {
    let mut downloads = Vec::with_capacity(script.commands.len());
    for command in &script.commands {
        let from_pipe = match command.input {
            Input::Pipe(source) => downloads.get(source).copied().unwrap_or(false),
            Input::Inherited => false,
        };
        downloads.push(from_pipe || DOWNLOADERS.contains(&strip(&command.words).name.as_str()));
    }
    downloads
}

/// Takes assignments, keywords and prefixes off.
fn strip(mut words: &[Word]) -> Call<'_> {
    let (mut privileged, mut repeated) = (false, false);
    while let [first, rest @ ..] = words {
        let name = program(&first.text);
        if KEYWORDS.contains(&first.text.as_str()) || is_assignment(&first.text) {
            words = rest;
        } else if let Some((prefix, valued, skipped)) = PREFIXES.iter().find(|(prefix, ..)| name == *prefix) {
            privileged |= ["sudo", "doas", "pkexec"].contains(prefix);
            repeated |= ["xargs", "parallel"].contains(prefix);
            let mut after = after_options(rest, valued);
            after = after.get(*skipped..).unwrap_or_default();
            words = after;
        } else {
            privileged |= ["su", "runas"].contains(&name.as_str());
            return Call {
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
    }
}

pub(super) fn after_options<'a>(mut words: &'a [Word], valued: &[&str]) -> &'a [Word] {
    while let [first, rest @ ..] = words {
        if first.text == "--" {
            return rest;
        }
        if !first.text.starts_with('-') || first.text.len() < 2 {
            break;
        }
        let skipped = usize::from(valued.contains(&first.text.as_str()));
        words = rest.get(skipped..).unwrap_or_default();
    }
    words
}

/// The program's name, whatever folder it is called from.
fn program(word: &str) -> String {
    let name = word
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(word)
        .to_ascii_lowercase();
    name.strip_suffix(".exe").map_or(name.clone(), str::to_owned)
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.strip_suffix('+').unwrap_or(name);
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || character == '_')
    })
}

fn joined(words: &[Word]) -> String {
    words
        .iter()
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
