//! Finds the programs a command runs: behind prefixes, within scripts within scripts, through pipes.

use std::ops::Range;

use super::assignments;
use super::programs::{Call, is_device, is_file, judged, operands};
use super::runners::unversioned;
use super::shell::{Command, Input, KEYWORDS, Script, Source, Word, read};
use super::{Danger, DangerKind, shown};

/// How many times a script may stand within a script (`sh -c "sh -c …"`): each level is read once more, so
/// this also bounds the time.
const DEEPEST: usize = 6;

pub(super) const SHELLS: [&str; 10] = [
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
pub(super) const INTERPRETERS: [&str; 11] = [
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
pub(super) const PREFIXES: [(&str, &[&str], usize); 20] = [
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

/// What stands in place of a program's name in the shell's own grammar, and is none.
const GRAMMAR: [&str; 14] = [
    "case", "for", "select", "function", "fi", "done", "esac", "}", "in", "[[", "]]", "[", "]", "((",
];
/// How many dangers of one command are kept. A card with more than these is read by nobody; the most severe stay.
const MOST: usize = 24;
/// How many programs of one command are named.
const MOST_PROGRAMS: usize = 20;

/// All that is dangerous in a command, in the order it stands there.
pub(super) fn all(command: &str) -> Vec<Danger> {
    let mut search = Search {
        command,
        found: Vec::new(),
    };
    search.script(Source::whole(command), 0);
    let mut found = search.found;
    found.sort_by_key(|danger| (danger.place.start, danger.place.end, danger.kind));
    found
}

/// The programs that a command names, with the verb behind those that have one: `npm test`, `git push`.
pub(super) fn programs(command: &str) -> Vec<String> {
    let script = read(Source::whole(command));
    let mut names = Vec::new();
    for command in &script.commands {
        let call = strip(&command.words);
        if call.name.is_empty() || GRAMMAR.contains(&call.name.as_str()) {
            continue;
        }
        let verb = call.arguments.first().filter(|word| is_verb(word));
        let name = match verb {
            Some(verb) => format!("{} {}", call.name, verb.text),
            None => call.name,
        };
        let name = shown(&name);
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() == MOST_PROGRAMS {
            break;
        }
    }
    names
}

/// Whether a word reads as what a program is told to do, and not as what it is told to do it to.
fn is_verb(word: &Word) -> bool {
    let mut letters = word.text.chars();
    !word.expands
        && word.text.len() < 24
        && letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-:".contains(letter))
}

struct Search<'a> {
    /// All that is read, in which the places lie.
    command: &'a str,
    found: Vec<Danger>,
}

impl Search<'_> {
    fn found(&mut self, kind: DangerKind, words: &[Word]) {
        let Some(last) = words.last() else { return };
        let from = words.iter().map(|word| word.span.start).min().unwrap_or_default();
        let to = words.iter().map(|word| word.span.end).max().unwrap_or_default();
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
        self.add(kind, from..to.max(last.span.end), &part);
    }

    fn add(&mut self, kind: DangerKind, place: Range<u32>, part: &str) {
        // A line's end that the text has none of has a place of its own behind it.
        let start = self.command.floor_char_boundary(place.start as usize);
        let place = start..self.command.floor_char_boundary(place.end as usize).max(start);
        let found = &mut self.found;
        if found
            .iter()
            .any(|known| known.kind == kind && known.place == place)
        {
            return;
        }
        let danger = Danger {
            kind,
            part: shown(part),
            place,
        };
        if found.len() < MOST {
            found.push(danger);
        } else if let Some(least) = found.iter_mut().min_by_key(|known| known.kind)
            && least.kind < kind
        {
            *least = danger;
        }
    }

    fn script(&mut self, text: Source, level: usize) {
        let (whole, place) = (text.text(), text.begin()..text.after());
        if level > DEEPEST {
            self.add(DangerKind::Obscured, place, &whole);
            return;
        }
        let script = read(text);
        if script.too_deep {
            self.add(DangerKind::Obscured, place.clone(), &whole);
        }
        if let Some(broken) = script.broken {
            // In a script within another the place of what is missing is only known to lie in it.
            let from = if place.contains(&broken) {
                broken
            } else {
                place.start
            };
            self.add(DangerKind::Unreadable, from..place.end, &whole);
        }
        let downloads = downloads(&script);
        for command in &script.commands {
            self.written(command);
            let context = Context {
                script: &script,
                downloads: &downloads,
                command,
                level,
            };
            self.words(&command.words, &context);
        }
    }

    /// What becomes of the files that a command writes to by redirection.
    fn written(&mut self, command: &Command) {
        for written in &command.written {
            let place = written.arrow..written.target.span.end;
            let arrow = if written.appends { ">>" } else { ">" };
            let part = format!("{arrow} {}", written.target.text);
            if is_device(&written.target.text) {
                self.add(DangerKind::OverwritesData, place, &part);
            } else if !written.appends && is_file(&written.target) {
                self.add(DangerKind::OverwritesFile, place, &part);
            }
        }
    }

    /// Judges one command given by its words.
    fn words(&mut self, words: &[Word], context: &Context<'_>) {
        let call = strip(words);
        let before = &words[..words.len() - call.arguments.len()];
        for set in assignments::leading(before, &call.name, call.arguments) {
            self.found(DangerKind::Obscured, std::slice::from_ref(set));
        }
        if call.privileged {
            self.found(DangerKind::RaisesPrivilege, words);
        }
        if let Some(kind) = judged(&call) {
            self.found(kind, words);
        }
        if call.is_made_up {
            self.found(DangerKind::Obscured, words);
        }
        let name = call.name.as_str();
        match name {
            "eval" | "watch" => self.made(call.arguments, joined(call.arguments), words, context),
            "trap" => {
                if let Some(first) = operands(call.arguments).next() {
                    self.script(first.source(), context.level + 1);
                }
            }
            "ssh" => {
                let valued = [
                    "-p", "-i", "-o", "-l", "-L", "-R", "-D", "-F", "-J", "-b", "-c", "-e", "-m", "-W",
                ];
                let rest = after_options(call.arguments, &valued);
                self.script(joined(rest.get(1..).unwrap_or_default()), context.level + 1);
            }
            "source" | "." => self.sourced(call.arguments, words, context),
            "find" | "fd" | "fdfind" => self.executed(call.arguments, context),
            "su" => self.shell(&call, words, context),
            _ if SHELLS.contains(&name) => self.shell(&call, words, context),
            _ if INTERPRETERS.contains(&unversioned(name)) => {
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
            self.made(std::slice::from_ref(script), script.source(), words, context);
        } else if operands(call.arguments)
            .next()
            .is_some_and(|operand| call.name != "su" && operand.text != "-")
        {
            self.sourced(call.arguments, words, context);
        } else if context.command.fed.is_empty() {
            self.piped(words, context);
        }
        if !context.command.fed.is_empty() {
            self.script(context.command.fed.clone(), level);
        }
    }

    /// A script that is made of words, perhaps of the output of other commands.
    fn made(&mut self, made_of: &[Word], text: Source, words: &[Word], context: &Context<'_>) {
        if text.is_blank() {
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
            self.script(joined(spoken.arguments), context.level + 1);
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
            // A loop's name and the brackets of a test are not programs, whatever stands in them.
            let grammar = GRAMMAR.contains(&name.as_str());
            return Call {
                is_made_up: !grammar
                    && (first.expands || first.made_of.as_ref().is_some_and(|made_of| !made_of.is_empty())),
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
pub(super) fn program(word: &str) -> String {
    let name = word
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(word)
        .to_ascii_lowercase();
    name.strip_suffix(".exe").map_or(name.clone(), str::to_owned)
}

pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.strip_suffix('+').unwrap_or(name);
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || character == '_')
    })
}

fn joined(words: &[Word]) -> Source {
    let mut joined = Source::default();
    for word in words {
        if !joined.is_empty() {
            joined.push(' ', word.span.start);
        }
        joined.append(&word.text, &word.places);
    }
    joined
}
