//! A small reader of shell: from text to simple commands, all in one list, in one pass.
//!
//! It reads what POSIX has and what bash adds where that changes which words are commands: quotes (`$'…'` too),
//! substitutions, here-documents, redirections, subshells, `case`, `[[ ]]`, `(( ))` and arrays. It expands nothing. Where a
//! real shell would refuse the text (an unclosed quote, say) it says so, and goes on as if the missing piece stood at the
//! end, so that whatever can be seen is seen.
//!
//! The parsers that are to be had would not do: they give a tree to run a program by, in which what a script within a
//! script says has no place in the text that a person reads, and they would be the largest part of this crate many times
//! over.

mod expansions;
mod source;
mod words;

use std::ops::Range;

pub(super) use source::Source;
use words::Awaited;

/// Deeper nesting of substitutions and subshells is not read, so that hostile text cannot exhaust the stack.
const DEEPEST: usize = 48;

/// Words of the shell's own grammar that stand before a command.
pub(super) const KEYWORDS: [&str; 10] = [
    "if", "then", "elif", "else", "while", "until", "do", "!", "{", "coproc",
];

/// Where a command's standard input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// The terminal, or what the caller gave.
    Inherited,
    /// The command before it in a pipe, which is at this place in the list.
    Pipe(usize),
    /// Something that no single command of the list writes.
    Several,
}

/// One word of a command, quotes and escapes undone.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) text: String,
    /// For each character of the text where it stands in the command.
    pub(super) places: Vec<u32>,
    /// Where the word stands in the command, its quotes included.
    pub(super) span: Range<u32>,
    /// The commands whose output the word is made of, as places in the list.
    pub(super) made_of: Option<Range<usize>>,
    /// The shell puts something else in its place: a variable, what files are called, one of several.
    pub(super) expands: bool,
    /// Some of it stands in quotes or behind a backslash, which makes it no word of the shell's grammar.
    pub(super) quoted: bool,
}

impl Word {
    /// Whether it is a word of the shell's grammar.
    fn is(&self, reserved: &str) -> bool {
        !self.quoted && self.text == reserved
    }

    fn is_keyword(&self) -> bool {
        !self.quoted && KEYWORDS.contains(&self.text.as_str())
    }
}

/// A file that a command writes to by redirection.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) target: Word,
    /// Where the arrow stands.
    pub(super) arrow: u32,
    /// What was in the file stays.
    pub(super) appends: bool,
}

/// One simple command.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) words: Vec<Word>,
    pub(super) written: Vec<Written>,
    /// The text of its here-documents and here-strings.
    pub(super) fed: Source,
    /// What it reads by redirection that is the output of commands.
    pub(super) read: Vec<Word>,
    pub(super) input: Input,
}

/// What a text holds.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) commands: Vec<Command>,
    /// Something was nested too deeply to be read.
    pub(super) too_deep: bool,
    /// From where on a shell would not take the text, when it would not.
    pub(super) broken: Option<u32>,
}

/// Reads a text.
pub(super) fn read(text: Source) -> Script {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        quoted: false,
        script: Script::default(),
        awaited: Vec::new(),
        documents_open: 0,
    };
    reader.list(None, Input::Inherited);
    reader.script
}

struct Reader {
    text: Source,
    at: usize,
    /// How many lists, expansions and arrays are being read within each other.
    depth: usize,
    /// Within double quotes.
    quoted: bool,
    script: Script,
    awaited: Vec<Awaited>,
    /// How many here-documents belong to commands that are not read to their end.
    documents_open: usize,
}

/// A command while it is read.
#[derive(Default)]
struct Draft {
    words: Vec<Word>,
    written: Vec<Written>,
    fed: Source,
    read: Vec<Word>,
    documents: Vec<Awaited>,
    /// An arrow stands in it. What follows one is no word of the grammar.
    redirected: bool,
}

impl Draft {
    fn is_empty(&self) -> bool {
        self.words.is_empty()
            && self.written.is_empty()
            && self.documents.is_empty()
            && self.fed.is_empty()
            && self.read.is_empty()
    }

    /// The words behind those of the grammar.
    fn own_words(&self) -> &[Word] {
        let own = self.words.iter().position(|word| !word.is_keyword());
        own.map_or(&[], |own| &self.words[own..])
    }

    /// Whether a group in brackets may stand next.
    fn takes_group(&self) -> bool {
        !self.redirected
            && self
                .own_words()
                .iter()
                .all(|word| ["time", "-p"].contains(&word.text.as_str()))
    }

    /// Whether it begins what reads as one from a pipe, whichever of its commands does.
    fn begins_compound(&self) -> bool {
        let begins = ["for", "select", "case"];
        let first = self.words.first();
        !self.redirected
            && first.is_some_and(|word| word.is_keyword() || begins.iter().any(|begin| word.is(begin)))
    }
}

/// What stands before the place that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing, or the end of a command: what may stand at the beginning.
    Start,
    /// An operator that wants a command behind it.
    Operator,
    Command,
}

/// A list while it is read.
struct List {
    draft: Draft,
    /// What its first command reads, and each that no pipe feeds.
    input: Input,
    input_now: Input,
    /// What was read last is a group in brackets.
    after_group: bool,
    before: Before,
    /// How many `case` stand open.
    cases: usize,
    /// Whether a pattern of a `case` is being read.
    pattern: bool,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.character(self.at + ahead)
    }

    /// Notes that the text is none a shell would take.
    fn broken(&mut self, from: usize) {
        let place = self.text.place(from);
        self.script.broken = Some(self.script.broken.map_or(place, |known| known.min(place)));
    }

    /// Goes one level deeper; false where that is too deep, and then nothing more is read.
    fn enter(&mut self) -> bool {
        if self.depth >= DEEPEST {
            self.script.too_deep = true;
            self.at = self.text.len();
            return false;
        }
        self.depth += 1;
        true
    }

    /// Reads commands until `end` or the end of the text; takes `end` with it.
    fn list(&mut self, end: Option<char>, input: Input) {
        if !self.enter() {
            return;
        }
        let quoted = std::mem::replace(&mut self.quoted, false);
        let opened = self.at.saturating_sub(1);
        let mut closed = end.is_none();
        let mut list = List {
            draft: Draft::default(),
            input,
            input_now: input,
            after_group: false,
            before: Before::Start,
            cases: 0,
            pattern: false,
        };
        while let Some(character) = self.peek(0) {
            if Some(character) == end && !(list.pattern && character == ')') {
                self.at += 1;
                closed = true;
                break;
            }
            if list.pattern {
                self.pattern(&mut list, character);
            } else {
                self.step(&mut list, character);
            }
        }
        self.finish(&mut list);
        if !closed || list.before == Before::Operator || list.cases > 0 {
            self.broken(opened);
        }
        self.quoted = quoted;
        self.depth -= 1;
    }

    /// Reads what stands next in a list.
    fn step(&mut self, list: &mut List, character: char) {
        match character {
            ' ' | '\t' => self.at += 1,
            '\r' => self.carriage_return(),
            '\\' if self.peek(1) == Some('\n') => self.at += 2,
            '#' => self.skip_line(),
            '\n' => {
                self.at += 1;
                self.finish(list);
                // An operator at the end of a line goes on in the next.
                if list.before != Before::Operator {
                    list.before = Before::Start;
                    list.input_now = list.input;
                }
                self.documents();
            }
            ';' => self.semicolon(list),
            ')' => {
                self.broken(self.at);
                self.separator(list, 1, Before::Start);
            }
            '&' if self.peek(1) == Some('>') => {
                self.at += 1;
                self.redirection(&mut list.draft);
            }
            '&' if self.peek(1) == Some('&') => self.separator(list, 2, Before::Operator),
            '&' => self.separator(list, 1, Before::Start),
            '|' if self.peek(1) == Some('|') => self.separator(list, 2, Before::Operator),
            '|' => {
                let length = 1 + usize::from(self.peek(1) == Some('&'));
                self.separator(list, length, Before::Operator);
                let source = self.script.commands.len().checked_sub(1);
                list.input_now = match source {
                    Some(source) if !list.after_group => Input::Pipe(source),
                    Some(_) => Input::Several,
                    None => list.input,
                };
            }
            '(' if self.begins_arithmetic(list) => {
                (list.before, list.after_group) = (Before::Command, true);
            }
            '(' => {
                if !list.draft.takes_group() && !self.is_empty_group() {
                    self.broken(self.at);
                }
                self.at += 1;
                let input_now = list.input_now;
                self.finish(list);
                self.list(Some(')'), input_now);
                (list.before, list.after_group) = (Before::Command, true);
            }
            '<' | '>' if self.peek(1) != Some('(') => self.redirection(&mut list.draft),
            _ => self.word_into(list),
        }
    }

    /// Ends a command with an operator of a length.
    fn separator(&mut self, list: &mut List, length: usize, then: Before) {
        self.finish(list);
        if list.before != Before::Command {
            self.broken(self.at);
        }
        self.at += length;
        list.before = then;
        list.input_now = list.input;
    }

    fn semicolon(&mut self, list: &mut List) {
        let double = matches!(self.peek(1), Some(';' | '&'));
        let length = 1 + usize::from(double) + usize::from(double && self.peek(2) == Some('&'));
        if list.cases > 0 && double {
            self.finish(list);
            self.at += length;
            (list.pattern, list.before, list.input_now) = (true, Before::Start, list.input);
        } else {
            self.separator(list, 1, Before::Start);
        }
    }

    /// A blank to some shells and a letter to others, so that no two agree on what stands around it.
    fn carriage_return(&mut self) {
        self.broken(self.at);
        self.at += 1;
    }

    /// Goes over the end of a line within a command, from where on here-documents of commands before it stand.
    fn line_end(&mut self) {
        if self.documents_open > 0 {
            self.broken(self.at);
        }
        self.at += 1;
        self.documents();
    }

    /// Whether the brackets that open here hold nothing: those of a function.
    fn is_empty_group(&self) -> bool {
        let mut ahead = 1;
        while matches!(self.peek(ahead), Some(' ' | '\t')) {
            ahead += 1;
        }
        self.peek(ahead) == Some(')')
    }

    /// Reads what stands next in a pattern of a `case`, which is no command.
    fn pattern(&mut self, list: &mut List, character: char) {
        match character {
            ')' => {
                self.at += 1;
                list.draft = Draft::default();
                list.pattern = false;
            }
            '#' if list.draft.words.is_empty() => self.skip_line(),
            ' ' | '\t' | '(' | '|' => self.at += 1,
            '\n' => self.line_end(),
            '\r' => self.carriage_return(),
            ';' | '&' | '<' | '>' => {
                self.broken(self.at);
                self.at += 1;
            }
            _ => {
                let start = self.at;
                let word = self.word();
                self.at += usize::from(self.at == start);
                if list.draft.words.is_empty() && word.is("esac") {
                    list.cases -= 1;
                    (list.pattern, list.before) = (false, Before::Command);
                } else {
                    list.draft.words.push(word);
                }
            }
        }
    }

    fn word_into(&mut self, list: &mut List) {
        let start = self.at;
        let word = self.word();
        self.at += usize::from(self.at == start);
        // The number before an arrow says which stream, and is no argument.
        let bare = (start..self.at).all(|at| {
            self.text
                .character(at)
                .is_some_and(|character| character.is_ascii_digit())
        });
        if bare && matches!(self.peek(0), Some('<' | '>')) {
            return;
        }
        list.draft.words.push(word);
        if list.draft.redirected {
            return;
        }
        match list.draft.own_words() {
            [only] if only.is("[[") => self.test(&mut list.draft),
            [only] if only.is("esac") && list.cases > 0 => {
                list.cases -= 1;
                list.draft.words.clear();
                list.before = Before::Command;
            }
            [case, _, within] if case.is("case") && within.is("in") => {
                self.finish(list);
                list.cases += 1;
                list.pattern = true;
            }
            _ => {}
        }
    }

    /// Puts what was read of a command into the list of them.
    fn finish(&mut self, list: &mut List) {
        let draft = std::mem::take(&mut list.draft);
        if draft.is_empty() {
            return;
        }
        if draft.begins_compound() && list.input_now != list.input {
            list.input = list.input_now;
        }
        list.after_group = false;
        self.documents_open = self.documents_open.saturating_sub(draft.documents.len());
        let command = self.script.commands.len();
        self.awaited.extend(
            draft
                .documents
                .into_iter()
                .map(|document| Awaited { command, ..document }),
        );
        self.script.commands.push(Command {
            words: draft.words,
            written: draft.written,
            fed: draft.fed,
            read: draft.read,
            input: list.input_now,
        });
        list.before = Before::Command;
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|character| character != '\n') {
            self.at += 1;
        }
    }
}
