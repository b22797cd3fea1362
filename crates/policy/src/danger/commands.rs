//! Finds the programs a command runs: behind prefixes, within scripts within scripts, through pipes.

use std::collections::HashSet;
use std::ops::Range;

use super::assignments;
use super::prefixes::{GRAMMAR, is_assignment, is_grammar, program, strip};
use super::programs::{Call, is_device, is_file, judged, operands};
use super::services::{is_database, says_drop};
use super::shell::{Command, Input, Script, Source, Word, read};
use super::{Danger, DangerKind, shown};

/// How many times a script may stand within a script (`sh -c "sh -c …"`): each level is read once more, so
/// this also bounds the time.
pub(super) const DEEPEST: usize = 6;

pub(super) const SHELLS: [&str; 17] = [
    "csh",
    "tcsh",
    "mksh",
    "yash",
    "nu",
    "elvish",
    "xonsh",
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
/// How many dangers of one command are kept. A card with more than these is read by nobody; the most severe stay.
const MOST: usize = 24;
/// How many programs of one command are named.
const MOST_PROGRAMS: usize = 20;
/// How many files that are downloaded are looked out for.
const MOST_FETCHED: usize = 64;

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

/// What an engine leaves out where it names the commands of a text: what moves within folders, which it asks for as such,
/// and what sets variables, of which those that decide which programs run are dangerous.
const UNNAMED: [&str; 13] = [
    "cd",
    "chdir",
    "pushd",
    "popd",
    "set-location",
    "push-location",
    "pop-location",
    "export",
    "declare",
    "typeset",
    "readonly",
    "local",
    "unset",
];

/// Whether each program that a command runs is the one that some pattern begins with.
pub(super) fn all_named(command: &str, patterns: &[String]) -> bool {
    // What is substituted in a command is read before it.
    let named = patterns
        .iter()
        .filter_map(|pattern| names(&read(Source::whole(pattern))).pop());
    let named: HashSet<_> = named.collect();
    let run = names(&read(Source::whole(command)));
    run.iter()
        .all(|name| UNNAMED.contains(&name.as_str()) || named.contains(name))
}

/// What only moves to another folder, for the rest of the same text.
const MOVING: [&str; 7] = [
    "cd",
    "chdir",
    "pushd",
    "popd",
    "set-location",
    "push-location",
    "pop-location",
];

/// Whether something is done by a text in which an engine finds no program, so that it asks for nothing.
pub(super) fn goes_unasked(command: &str) -> bool {
    let script = read(Source::whole(command));
    let first = |command: &Command| {
        let stands_before = |word: &&Word| is_grammar(&word.text) || is_assignment(&word.text);
        let first = command.words.iter().find(|word| !stands_before(word))?;
        Some(program(&first.text))
    };
    let asks = |name: String| {
        // What stands in quotes where a shell counts looks like a program here.
        let is_none = GRAMMAR.contains(&name.as_str()) || name.contains(['[', '(']);
        !is_none && !UNNAMED.contains(&name.as_str())
    };
    if script.commands.iter().filter_map(first).any(asks) {
        return false;
    }
    script.commands.iter().any(|command| {
        let moves = first(command).is_some_and(|name| MOVING.contains(&name.as_str()));
        !moves || !command.written.is_empty()
    })
}

/// Whether a command writes behind what is in a file already.
pub(super) fn appends(command: &str) -> bool {
    let script = read(Source::whole(command));
    let mut written = script.commands.iter().flat_map(|command| &command.written);
    written.any(|written| written.appends && is_file(&written.target))
}

/// The names of the programs of a script.
fn names(script: &Script) -> Vec<String> {
    let names = script.commands.iter().map(|command| strip(&command.words).name);
    names
        .filter(|name| !name.is_empty() && !GRAMMAR.contains(&name.as_str()))
        .collect()
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

pub(super) struct Search<'a> {
    /// All that is read, in which the places lie.
    command: &'a str,
    found: Vec<Danger>,
}

impl Search<'_> {
    pub(super) fn found(&mut self, kind: DangerKind, words: &[Word]) {
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

    pub(super) fn script(&mut self, text: Source, level: usize) {
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
        let fetched = fetched(&script);
        for command in &script.commands {
            self.written(command);
            let context = Context {
                script: &script,
                downloads: &downloads,
                fetched: &fetched,
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
    pub(super) fn words(&mut self, words: &[Word], context: &Context<'_>) {
        let call = strip(words);
        let before = &words[..words.len() - call.arguments.len()];
        for set in assignments::leading(before, &call.name, call.arguments) {
            self.found(DangerKind::Obscured, std::slice::from_ref(set));
        }
        for named in assignments::naming(&call.name, call.arguments) {
            self.found(DangerKind::Obscured, std::slice::from_ref(named));
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
        if sets_subscript(&call) {
            self.found(DangerKind::Obscured, words);
        }
        if is_answered(&call, context) {
            self.found(DangerKind::DeletesFiles, words);
        }
        if is_database(&call.name) && drops_by_input(context) {
            self.found(DangerKind::DropsData, words);
        }
        self.scripts(&call, words, context);
    }
}

/// Whether a command that asks before it deletes is answered by its input.
fn is_answered(call: &Call<'_>, context: &Context<'_>) -> bool {
    let has_input = context.command.input != Input::Inherited || !context.command.fed.is_empty();
    call.name == "rm" && has_input && operands(call.arguments).next().is_some()
}

/// Whether what a client of a database reads deletes what is in it, as far as that stands in the command.
fn drops_by_input(context: &Context<'_>) -> bool {
    if says_drop(&context.command.fed.text()) {
        return true;
    }
    let Input::Pipe(source) = context.command.input else {
        return false;
    };
    let source = context.script.commands.get(source);
    source.is_some_and(|source| {
        says_drop(&source.fed.text())
            || strip(&source.words)
                .arguments
                .iter()
                .any(|word| says_drop(&word.text))
    })
}

/// Whether words for the shell's own arithmetic hold commands, which it carries out where it reads the name of an
/// element of an array.
fn sets_subscript(call: &Call<'_>) -> bool {
    let counts = [
        "[[", "[", "test", "let", "declare", "typeset", "local", "printf", "read", "unset", "export",
    ];
    counts.contains(&call.name.as_str())
        && call
            .arguments
            .iter()
            .any(|word| word.text.contains("[$(") || word.text.contains("[`"))
}

/// Where a command stands.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) script: &'a Script,
    pub(super) downloads: &'a [bool],
    /// The files that downloads were written to.
    pub(super) fetched: &'a [String],
    pub(super) command: &'a Command,
    pub(super) level: usize,
}

/// For each command, whether what comes out of it came from the network.
fn downloads(script: &Script) -> Vec<bool> {
    let mut downloads = Vec::with_capacity(script.commands.len());
    for command in &script.commands {
        let from_pipe = match command.input {
            Input::Pipe(source) => downloads.get(source).copied().unwrap_or(false),
            Input::Inherited | Input::Several => false,
        };
        downloads.push(from_pipe || DOWNLOADERS.contains(&strip(&command.words).name.as_str()));
    }
    downloads
}

/// The files that the downloads of a script are written to, as far as it says.
fn fetched(script: &Script) -> Vec<String> {
    let mut files = Vec::new();
    for command in &script.commands {
        let call = strip(&command.words);
        if !DOWNLOADERS.contains(&call.name.as_str()) || files.len() >= MOST_FETCHED {
            continue;
        }
        files.extend(
            command
                .written
                .iter()
                .map(|written| bare(&written.target.text).to_owned()),
        );
        let mut is_named = false;
        for (at, word) in call.arguments.iter().enumerate() {
            let text = word.text.as_str();
            if [
                "-o",
                "-O",
                "--output",
                "--output-document",
                "-OutFile",
                "-outfile",
            ]
            .contains(&text)
            {
                let file = call.arguments.get(at + 1).map(|file| bare(&file.text).to_owned());
                files.extend(file);
            } else if let Some((_, file)) = text
                .split_once('=')
                .filter(|(option, _)| option.starts_with("--output"))
            {
                files.push(bare(file).to_owned());
            } else if !text.starts_with('-') && !is_named && text.contains('/') {
                // Else it has the name that its address ends with.
                let path = text.split(['?', '#']).next().unwrap_or_default();
                files.extend(
                    path.rsplit('/')
                        .next()
                        .filter(|name| !name.is_empty())
                        .map(str::to_owned),
                );
                is_named = true;
            }
        }
        files.truncate(MOST_FETCHED);
    }
    files
}

/// A path without what says that it begins here.
pub(super) fn bare(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}
