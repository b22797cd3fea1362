//! A small reader of POSIX shell: from text to simple commands, all in one list, in one pass.
//!
//! It expands nothing. Where a real shell would refuse the text (an unclosed quote, say) it goes on as if the
//! missing piece stood at the end, so that whatever can be seen is seen.

use std::ops::Range;

/// Deeper nesting of substitutions and subshells is not read, so that hostile text cannot exhaust the stack.
const DEEPEST: usize = 48;

/// Where a command's standard input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// The terminal, or what the caller gave.
    Inherited,
    /// The command before it in a pipe, which is at this place in the list.
    Pipe(usize),
}

/// One word of a command, quotes and escapes undone.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) text: String,
    /// The commands whose output the word is made of, as places in the list.
    pub(super) made_of: Option<Range<usize>>,
}

/// One simple command.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) words: Vec<Word>,
    /// Files it writes to by redirection.
    pub(super) written: Vec<String>,
    /// The text of its here-documents and here-strings.
    pub(super) fed: String,
    pub(super) input: Input,
}

/// What a text holds.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) commands: Vec<Command>,
    /// Something was nested too deeply to be read.
    pub(super) too_deep: bool,
}

/// Reads a text.
pub(super) fn read(text: &str) -> Script {
    let mut reader = Reader {
        text: text.chars().collect(),
        at: 0,
        ends: Vec::new(),
        script: Script::default(),
        awaited: Vec::new(),
    };
    reader.list(None, Input::Inherited);
    reader.script
}

/// A here-document whose body comes after the line.
struct Awaited {
    delimiter: String,
    /// Leading tabs are no part of it.
    indented: bool,
    /// Substitutions in it are carried out.
    expanded: bool,
    /// Its command's place in the list.
    command: usize,
}

struct Reader {
    text: Vec<char>,
    at: usize,
    /// What ends each of the lists that are being read, innermost last.
    ends: Vec<Option<char>>,
    script: Script,
    awaited: Vec<Awaited>,
}

/// A command while it is read.
#[derive(Default)]
struct Draft {
    words: Vec<Word>,
    written: Vec<String>,
    fed: String,
    documents: Vec<Awaited>,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    /// Reads commands until `end` or the end of the text; takes `end` with it.
    fn list(&mut self, end: Option<char>, input: Input) {
        if self.ends.len() >= DEEPEST {
            self.script.too_deep = true;
            self.at = self.text.len();
            return;
        }
        self.ends.push(end);
        let mut input_now = input;
        let mut draft = Draft::default();
        while let Some(character) = self.peek(0) {
            if Some(character) == end {
                self.at += 1;
                break;
            }
            match character {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.peek(1) == Some('\n') => self.at += 2,
                '#' => self.skip_line(),
                '\n' => {
                    self.at += 1;
                    self.finish(&mut draft, input_now);
                    input_now = input;
                    self.documents();
                }
                ';' | ')' => {
                    self.at += 1;
                    self.finish(&mut draft, input_now);
                    input_now = input;
                }
                '&' if self.peek(1) == Some('>') => {
                    self.at += 1;
                    self.redirection(&mut draft);
                }
                '&' => {
                    self.at += 1 + usize::from(self.peek(1) == Some('&'));
                    self.finish(&mut draft, input_now);
                    input_now = input;
                }
                '|' if self.peek(1) == Some('|') => {
                    self.at += 2;
                    self.finish(&mut draft, input_now);
                    input_now = input;
                }
                '|' => {
                    self.at += 1 + usize::from(self.peek(1) == Some('&'));
                    self.finish(&mut draft, input_now);
                    input_now = self
                        .script
                        .commands
                        .len()
                        .checked_sub(1)
                        .map_or(input, Input::Pipe);
                }
                '(' => {
                    self.at += 1;
                    self.finish(&mut draft, input_now);
                    self.list(Some(')'), input_now);
                }
                '<' | '>' if self.peek(1) != Some('(') => self.redirection(&mut draft),
                _ => self.word_into(&mut draft),
            }
        }
        self.finish(&mut draft, input_now);
        self.ends.pop();
    }

    fn word_into(&mut self, draft: &mut Draft) {
        let start = self.at;
        let word = self.word();
        let bare = self.text[start..self.at].iter().all(char::is_ascii_digit);
        // The number before an arrow says which stream, and is no argument.
        if !(bare && matches!(self.peek(0), Some('<' | '>'))) {
            draft.words.push(word);
        }
    }

    fn finish(&mut self, draft: &mut Draft, input: Input) {
        let draft = std::mem::take(draft);
        if draft.words.is_empty() && draft.written.is_empty() && draft.documents.is_empty() {
            return;
        }
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
            input,
        });
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|character| character != '\n') {
            self.at += 1;
        }
    }

    /// Reads an arrow and what it points to.
    fn redirection(&mut self, draft: &mut Draft) {
        let mut arrow = String::new();
        while let Some(character) = self.peek(0).filter(|character| "<>".contains(*character)) {
            if self.peek(1) == Some('(') && !arrow.is_empty() {
                break;
            }
            arrow.push(character);
            self.at += 1;
        }
        let modifier = self.peek(0).filter(|character| "&|-".contains(*character));
        self.at += usize::from(modifier.is_some());
        while matches!(self.peek(0), Some(' ' | '\t')) {
            self.at += 1;
        }
        let start = self.at;
        let target = self.word();
        match arrow.as_str() {
            "<<" => draft.documents.push(Awaited {
                delimiter: target.text,
                indented: modifier == Some('-'),
                expanded: !self.text[start..self.at]
                    .iter()
                    .any(|character| "'\"\\".contains(*character)),
                command: 0,
            }),
            "<<<" => {
                draft.fed.push_str(&target.text);
                draft.fed.push('\n');
            }
            "<" => {}
            _ => draft.written.push(target.text),
        }
    }

    /// Reads the bodies of the here-documents of the line that just ended.
    fn documents(&mut self) {
        for document in std::mem::take(&mut self.awaited) {
            let mut body = String::new();
            while self.at < self.text.len() {
                let start = self.at;
                self.skip_line();
                let line: String = self.text[start..self.at].iter().collect();
                self.at += 1;
                let bare = if document.indented {
                    line.trim_start_matches('\t')
                } else {
                    &line
                };
                if bare == document.delimiter {
                    break;
                }
                body.push_str(bare);
                body.push('\n');
            }
            self.at = self.at.min(self.text.len());
            if document.expanded {
                self.substitutions_in(&body);
            }
            if let Some(command) = self.script.commands.get_mut(document.command) {
                command.fed.push_str(&body);
            }
        }
    }

    /// Reads the substitutions in a text that is otherwise data.
    fn substitutions_in(&mut self, text: &str) {
        let outer = (
            std::mem::replace(&mut self.text, text.chars().collect()),
            std::mem::take(&mut self.at),
        );
        let mut word = Word::default();
        while self.at < self.text.len() {
            self.character(&mut word);
        }
        (self.text, self.at) = outer;
    }

    /// Reads one word up to the next blank or operator.
    fn word(&mut self) -> Word {
        let mut word = Word::default();
        while let Some(character) = self.peek(0) {
            match character {
                '<' | '>' if self.peek(1) == Some('(') && word.text.is_empty() => {
                    self.at += 2;
                    self.substitution(&mut word, ')');
                }
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>' => break,
                '\'' => self.single_quoted(&mut word),
                '"' => self.double_quoted(&mut word),
                // The end of the substitution this word stands in, and not the beginning of another.
                '`' if self.ends.last() == Some(&Some('`')) => break,
                _ => self.character(&mut word),
            }
        }
        word
    }

    fn single_quoted(&mut self, word: &mut Word) {
        self.at += 1;
        while let Some(character) = self.peek(0) {
            self.at += 1;
            if character == '\'' {
                break;
            }
            word.text.push(character);
        }
    }

    fn double_quoted(&mut self, word: &mut Word) {
        self.at += 1;
        while let Some(character) = self.peek(0) {
            match character {
                '"' => {
                    self.at += 1;
                    break;
                }
                '\\' => {
                    match self.peek(1) {
                        Some('\n') | None => {}
                        Some(next) if "$`\"\\".contains(next) => word.text.push(next),
                        Some(next) => word.text.extend(['\\', next]),
                    }
                    self.at += 2;
                }
                _ => self.character(word),
            }
        }
        self.at = self.at.min(self.text.len());
    }

    /// Reads one character that may begin a substitution.
    fn character(&mut self, word: &mut Word) {
        match (self.peek(0), self.peek(1)) {
            (Some('$'), Some('(')) => {
                self.at += 2;
                self.substitution(word, ')');
            }
            (Some('`'), _) => {
                self.at += 1;
                self.substitution(word, '`');
            }
            (Some('\\'), Some('\n')) => self.at += 2,
            (Some('\\'), Some(next)) => {
                word.text.push(next);
                self.at += 2;
            }
            (Some('$'), Some('\'' | '"')) => self.at += 1,
            (Some(character), _) => {
                word.text.push(character);
                self.at += 1;
            }
            (None, _) => {}
        }
    }

    fn substitution(&mut self, word: &mut Word, end: char) {
        let start = self.script.commands.len();
        self.list(Some(end), Input::Inherited);
        let commands = self.script.commands.len();
        let first = word.made_of.as_ref().map_or(start, |range| range.start);
        word.made_of = Some(first..commands);
    }
}
