//! What a program is told to run: scripts in its arguments, through pipes and from files, and commands of its words.

use super::DangerKind;
use super::assignments::sets_program;
use super::commands::{Context, DEEPEST, INTERPRETERS, SHELLS, Search, bare};
use super::prefixes::{after_options, program, strip};
use super::programs::{Call, operands};
use super::runners::{run_by, unversioned};
use super::shell::{Input, Source, Word};

/// Names of the standard input as a file.
const STANDARD_INPUT: [&str; 4] = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Programs with an option behind which a script stands.
const WITH_SCRIPT: [(&[&str], &[&str]); 3] = [
    (
        &["flock", "script", "runuser", "sg"],
        &["-c", "--command", "--session-command"],
    ),
    (&["npx", "npm", "pnpm"], &["-c", "--call"]),
    (&["nix-shell"], &["--run", "--command"]),
];

/// Options of `ssh` that have a value.
const SSH_VALUED: [&str; 20] = [
    "-p", "-i", "-o", "-l", "-L", "-R", "-D", "-F", "-J", "-b", "-c", "-e", "-m", "-W", "-E", "-S", "-w",
    "-Q", "-B", "-I",
];

fn is_standard_input(word: &Word) -> bool {
    STANDARD_INPUT.contains(&word.text.as_str())
}

impl Search<'_> {
    /// Reads what a command would run besides its own program.
    pub(super) fn scripts(&mut self, call: &Call<'_>, words: &[Word], context: &Context<'_>) {
        let (name, arguments) = (call.name.as_str(), call.arguments);
        self.split(words, context);
        let own = words
            .len()
            .checked_sub(arguments.len() + 1)
            .and_then(|at| words.get(at));
        self.downloaded(own.filter(|word| word.text.contains('/')), words, context);
        match name {
            "eval" => {
                let rest = after_options(arguments, &[]);
                self.made(rest, joined(rest), words, context);
            }
            "watch" => {
                let rest = after_options(
                    arguments,
                    &["-n", "-q", "-s", "--interval", "--equexit", "--shotsdir"],
                );
                self.made(rest, joined(rest), words, context);
            }
            "parallel" | "sem" => self.parallel(arguments, words, context),
            "trap" => {
                if let Some(first) = operands(arguments).next() {
                    self.made(std::slice::from_ref(first), first.source(), words, context);
                }
            }
            "ssh" => {
                let rest = after_options(arguments, &SSH_VALUED);
                let there = rest.get(1..).unwrap_or_default();
                self.script(joined(there), context.level + 1);
                // Without a command it is a shell there that reads.
                if there.is_empty() || SHELLS.contains(&strip(there).name.as_str()) {
                    self.fed(words, context);
                }
            }
            "source" | "." => {
                self.downloaded(operands(arguments).next(), words, context);
                self.sourced(arguments, words, context);
                if operands(arguments).next().is_some_and(is_standard_input) {
                    self.fed(words, context);
                }
            }
            "at" | "batch" => self.fed(words, context),
            "find" | "fd" | "fdfind" => self.executed(arguments, context),
            "cmd" => {
                let script = arguments
                    .iter()
                    .position(|word| ["/c", "/k", "/r"].contains(&word.text.to_ascii_lowercase().as_str()));
                if let Some(script) = script {
                    let rest = &arguments[script + 1..];
                    self.made(rest, joined(rest), words, context);
                }
            }
            "powershell" | "pwsh" => self.power_shell(call, words, context),
            "su" => self.shell(call, words, context),
            "git" => self.git(arguments, words, context),
            _ if SHELLS.contains(&name) => self.shell(call, words, context),
            _ if INTERPRETERS.contains(&unversioned(name)) => {
                self.downloaded(operands(arguments).next(), words, context);
                let inline = ["-c", "-m", "-e", "-E", "-p", "-r"];
                let told = arguments.iter().any(|word| inline.contains(&word.text.as_str()));
                if !told && operands(arguments).next().is_none_or(is_standard_input) {
                    self.sourced(&context.command.read, words, context);
                    self.piped(words, context);
                }
            }
            _ => self.told(call, words, context),
        }
    }

    /// `env -S` takes a word apart into a command.
    fn split(&mut self, words: &[Word], context: &Context<'_>) {
        let Some(env) = words.iter().position(|word| program(&word.text) == "env") else {
            return;
        };
        let options = words[env + 1..]
            .iter()
            .take_while(|word| word.text.starts_with('-'));
        for (at, option) in options.enumerate() {
            let text = option.text.as_str();
            let long = text
                .strip_prefix("--split-string")
                .map(|rest| rest.trim_start_matches('='));
            let short = || {
                text.find('S')
                    .filter(|_| !text.starts_with("--"))
                    .map(|at| &text[at + 1..])
            };
            let Some(value) = long.or_else(short) else {
                continue;
            };
            let mut script = Source::default();
            let begin = option.places.len().saturating_sub(value.chars().count());
            script.append(value, &option.places[begin..]);
            script.push(' ', option.span.end);
            script.extend(&joined(&words[env + at + 2..]));
            self.script(script, context.level + 1);
            return;
        }
    }

    /// A program that is told by a verb or an option to run a command, or a script.
    fn told(&mut self, call: &Call<'_>, words: &[Word], context: &Context<'_>) {
        let name = unversioned(&call.name);
        let options = WITH_SCRIPT.iter().find(|(names, _)| names.contains(&name));
        let script = options.and_then(|(_, options)| {
            let at = call.arguments.iter().position(|word| {
                let text = word.text.as_str();
                options.contains(&text)
                    || (text.starts_with('-') && !text.starts_with("--") && text.ends_with('c'))
            })?;
            call.arguments.get(at + 1)
        });
        if let Some(script) = script {
            self.made(std::slice::from_ref(script), script.source(), words, context);
        }
        if let Some(command) = run_by(name, call.arguments).filter(|command| !command.is_empty()) {
            self.inner(command, words, context);
        }
    }

    /// A command that is some words of another.
    fn inner(&mut self, command: &[Word], words: &[Word], context: &Context<'_>) {
        if context.level >= DEEPEST {
            self.found(DangerKind::Obscured, words);
            return;
        }
        let inner = Context {
            level: context.level + 1,
            ..*context
        };
        self.words(command, &inner);
    }

    /// What git runs of what it is told: by its settings, for each submodule or commit.
    fn git(&mut self, arguments: &[Word], words: &[Word], context: &Context<'_>) {
        let rest = after_options(arguments, &super::programs::GIT_VALUED);
        let settings = &arguments[..arguments.len() - rest.len()];
        let leads = settings.iter().any(|word| {
            let text = word.text.to_ascii_lowercase();
            text.starts_with("--exec-path=") || text.starts_with("--config-env") || sets_program(&text)
        });
        if leads {
            self.found(DangerKind::Obscured, words);
        }
        let text = |at: usize| rest.get(at).map_or("", |word| word.text.as_str());
        match text(0) {
            "submodule" => {
                if let Some(each) = rest.iter().position(|word| word.text == "foreach") {
                    let script = after_options(&rest[each + 1..], &[]);
                    self.made(script, joined(script), words, context);
                }
            }
            "bisect" if text(1) == "run" => self.inner(&rest[2..], words, context),
            "rebase" => {
                for (at, word) in rest.iter().enumerate().take(64) {
                    if let (true, Some(script)) =
                        (["-x", "--exec"].contains(&word.text.as_str()), rest.get(at + 1))
                    {
                        self.made(std::slice::from_ref(script), script.source(), words, context);
                    } else if let Some(script) = word.text.strip_prefix("--exec=") {
                        let mut source = Source::default();
                        source.append(script, word.places.get("--exec=".len()..).unwrap_or_default());
                        self.script(source, context.level + 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// `parallel` has a shell run its words, for each line it reads or for what stands behind `:::`.
    fn parallel(&mut self, arguments: &[Word], words: &[Word], context: &Context<'_>) {
        let valued = [
            "-j",
            "-n",
            "-I",
            "-N",
            "-L",
            "-P",
            "-S",
            "-a",
            "-d",
            "--jobs",
            "--max-args",
            "--delay",
            "--joblog",
            "--results",
            "--retries",
            "--timeout",
            "--sshlogin",
            "--colsep",
            "--arg-file",
            "--max-procs",
        ];
        let rest = after_options(arguments, &valued);
        let begins = |word: &Word| word.text.starts_with(":::");
        let end = rest.iter().position(begins).unwrap_or(rest.len());
        let (command, lists) = rest.split_at(end);
        if command.is_empty() {
            if lists.iter().any(|word| word.text.starts_with("::::")) {
                self.found(DangerKind::Obscured, words);
            }
            for script in lists.iter().filter(|word| !begins(word)).take(64) {
                self.made(std::slice::from_ref(script), script.source(), words, context);
            }
            if lists.is_empty() {
                self.fed(words, context);
            }
            return;
        }
        let mut script = joined(command);
        if !command.iter().any(|word| word.text.contains('{')) {
            // What it is run for stands at its end.
            for character in " {}".chars() {
                script.push(character, script.after());
            }
        }
        self.made(command, script, words, context);
    }

    /// A shell and what it is given to run: a script in an argument, a here-document, a pipe.
    fn shell(&mut self, call: &Call<'_>, words: &[Word], context: &Context<'_>) {
        let script = call.arguments.iter().position(|word| {
            let long = ["--command", "--session-command"]
                .iter()
                .any(|option| word.text == *option);
            let short = word.text.strip_prefix('-');
            long || short.is_some_and(|short| !short.starts_with('-') && short.contains('c'))
        });
        let attached = call.arguments.iter().find_map(|word| {
            let script = word.text.strip_prefix("--command=")?;
            let mut source = Source::default();
            source.append(script, word.places.get("--command=".len()..).unwrap_or_default());
            Some(source)
        });
        if let Some(attached) = attached {
            self.script(attached, context.level + 1);
            return;
        }
        // `-s`: what would be the script are its arguments.
        let reads = call
            .arguments
            .iter()
            .take_while(|word| word.text.starts_with('-'))
            .any(|word| !word.text.starts_with("--") && word.text.contains('s'));
        let file = operands(call.arguments).next();
        if let Some(script) = script.and_then(|option| operands(&call.arguments[option + 1..]).next()) {
            if ["sh", "dash", "ash"].contains(&call.name.as_str()) && is_for_another_shell(&script.text) {
                self.found(DangerKind::Unreadable, words);
            }
            self.made(std::slice::from_ref(script), script.source(), words, context);
        } else if file.is_some_and(|file| call.name != "su" && !reads && !is_standard_input(file)) {
            self.downloaded(file, words, context);
            self.sourced(call.arguments, words, context);
        } else if context.command.fed.is_blank() {
            self.fed(words, context);
            return;
        }
        if !context.command.fed.is_empty() {
            self.script(context.command.fed.clone(), context.level + 1);
        }
    }

    /// `-Command`, or what stands there without it, is a script; `-EncodedCommand` one that nobody can read.
    fn power_shell(&mut self, call: &Call<'_>, words: &[Word], context: &Context<'_>) {
        for (at, word) in call.arguments.iter().enumerate() {
            let option = word.text.to_ascii_lowercase();
            if option == "-" || (option.len() > 1 && "-command".starts_with(&option)) {
                let rest = &call.arguments[at + 1..];
                if rest.is_empty() || rest.first().is_some_and(is_standard_input) {
                    self.fed(words, context);
                } else {
                    self.made(rest, joined(rest), words, context);
                }
                return;
            }
            if option.starts_with("-e") && !option.starts_with("-ex") && option != "-ep" {
                self.found(DangerKind::Obscured, words);
                return;
            }
            if option.starts_with("-f") {
                return;
            }
        }
        let rest = after_options(
            call.arguments,
            &[
                "-ExecutionPolicy",
                "-executionpolicy",
                "-WindowStyle",
                "-Version",
                "-ep",
                "-ex",
            ],
        );
        if rest.is_empty() {
            self.fed(words, context);
        } else {
            self.made(rest, joined(rest), words, context);
        }
    }

    /// A file that is run, or read by what runs it, and was downloaded before by the same text.
    fn downloaded(&mut self, file: Option<&Word>, words: &[Word], context: &Context<'_>) {
        if file.is_some_and(|file| context.fetched.iter().any(|fetched| fetched == bare(&file.text))) {
            self.found(DangerKind::RunsDownload, words);
        }
    }

    /// A script that is made of words, perhaps of the output of other commands.
    fn made(&mut self, made_of: &[Word], text: Source, words: &[Word], context: &Context<'_>) {
        self.sourced(made_of, words, context);
        if !text.is_blank() {
            self.script(text, context.level + 1);
        }
    }

    /// A script that is the output of commands in the same text.
    fn sourced(&mut self, arguments: &[Word], words: &[Word], context: &Context<'_>) {
        for range in arguments.iter().filter_map(|word| word.made_of.clone()) {
            if range.is_empty() {
                continue;
            }
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

    /// A script that comes as input, from wherever that is.
    fn fed(&mut self, words: &[Word], context: &Context<'_>) {
        if !context.command.fed.is_blank() {
            self.script(context.command.fed.clone(), context.level + 1);
        }
        self.sourced(&context.command.read, words, context);
        if context.command.fed.is_empty() {
            self.piped(words, context);
        }
    }

    /// A script that comes through a pipe.
    fn piped(&mut self, words: &[Word], context: &Context<'_>) {
        let source = match context.command.input {
            Input::Inherited => return,
            Input::Several => {
                let downloaded = context.downloads.contains(&true);
                let kind = if downloaded {
                    DangerKind::RunsDownload
                } else {
                    DangerKind::Obscured
                };
                self.found(kind, words);
                return;
            }
            Input::Pipe(source) => source,
        };
        let source_words = context
            .script
            .commands
            .get(source)
            .map_or(&[][..], |command| &command.words);
        let spoken = strip(source_words);
        if context.downloads.get(source).copied().unwrap_or(false) {
            self.found(DangerKind::RunsDownload, words);
            return;
        }
        // What is spoken is read where it is what it says; escapes and places for others make something else of it.
        let is_option = |word: &&Word| match spoken.name.as_str() {
            "echo" => {
                let letters = word.text.strip_prefix('-').unwrap_or_default();
                !letters.is_empty() && letters.chars().all(|letter| "neE".contains(letter))
            }
            _ => word.text == "--",
        };
        let said = spoken.arguments;
        let said = &said[said.iter().take_while(is_option).count()..];
        let is_made = |word: &Word| word.text.replace("\\n", "").contains(['\\', '%']);
        match spoken.name.as_str() {
            "echo" | "printf" => {
                if said.iter().any(is_made) {
                    self.found(DangerKind::Obscured, words);
                }
                self.made(said, joined(said), words, context);
            }
            _ => self.found(DangerKind::Obscured, words),
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

/// Whether a script has brackets that some shells compare or count in, and others run commands in.
fn is_for_another_shell(script: &str) -> bool {
    let script = script.replace("$((", "");
    script.contains("((") || script.contains("[[ ")
}

pub(super) fn joined(words: &[Word]) -> Source {
    let mut joined = Source::default();
    for word in words {
        if !joined.is_empty() {
            joined.push(' ', word.span.start);
        }
        joined.append(&word.text, &word.places);
    }
    joined
}
