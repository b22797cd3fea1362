//! Words: quotes, escapes, expansions, redirections and here-documents.

use super::{Before, Draft, Input, List, Reader, Source, Word, Written};

/// How far the end of an arithmetic expression is looked for, in characters. A longer one is read as commands, which
/// finds more in it than there is.
const LONGEST_ARITHMETIC: usize = 1_000;

/// A here-document whose body comes after the line.
pub(super) struct Awaited {
    pub(super) delimiter: String,
    /// Leading tabs are no part of it.
    pub(super) indented: bool,
    /// Substitutions in it are carried out.
    pub(super) expanded: bool,
    /// Its command's place in the list.
    pub(super) command: usize,
}

impl Word {
    fn push(&mut self, character: char, place: u32) {
        self.text.push(character);
        self.places.push(place);
    }

    /// Its text, to be read by itself.
    pub(in crate::danger) fn source(&self) -> Source {
        let mut source = Source::default();
        source.append(&self.text, &self.places);
        source
    }
}

impl Reader {
    /// Reads an arrow and what it points to.
    pub(super) fn redirection(&mut self, draft: &mut Draft) {
        let begun = self.at;
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
        if self.at == start {
            self.broken(begun);
        }
        // `>&2` and `>&-` say which stream, and no file.
        let is_stream = modifier == Some('&')
            && !target.text.is_empty()
            && target
                .text
                .chars()
                .all(|character| character.is_ascii_digit() || character == '-');
        match arrow.as_str() {
            "<<" => draft.documents.push(Awaited {
                delimiter: target.text,
                indented: modifier == Some('-'),
                expanded: !(start..self.at).any(|at| {
                    self.text
                        .character(at)
                        .is_some_and(|character| "'\"\\".contains(character))
                }),
                command: 0,
            }),
            "<<<" => {
                draft.fed.append(&target.text, &target.places);
                draft.fed.push('\n', target.span.end);
            }
            "<" => {}
            _ if is_stream => {}
            _ => draft.written.push(Written {
                appends: arrow != ">",
                arrow: self.text.place(begun),
                target,
            }),
        }
    }

    /// Reads the bodies of the here-documents of the line that just ended.
    pub(super) fn documents(&mut self) {
        for document in std::mem::take(&mut self.awaited) {
            let mut body = Source::default();
            while self.at < self.text.len() {
                let start = self.at;
                self.skip_line();
                let end = self.at;
                self.at += 1;
                let tabs = (start..end)
                    .take_while(|at| document.indented && self.text.character(*at) == Some('\t'))
                    .count();
                let line = self.text.part(start + tabs, end);
                if line.text() == document.delimiter {
                    break;
                }
                body.extend(&line);
                body.push('\n', self.text.place(end));
            }
            self.at = self.at.min(self.text.len());
            if document.expanded {
                self.substitutions_in(body.clone());
            }
            if let Some(command) = self.script.commands.get_mut(document.command) {
                command.fed.extend(&body);
            }
        }
    }

    /// Reads the substitutions in a text that is otherwise data.
    fn substitutions_in(&mut self, text: Source) {
        let outer = (
            std::mem::replace(&mut self.text, text),
            std::mem::take(&mut self.at),
        );
        let quoted = std::mem::replace(&mut self.quoted, true);
        let mut word = Word::default();
        while self.at < self.text.len() {
            self.character(&mut word);
        }
        self.quoted = quoted;
        (self.text, self.at) = outer;
    }

    /// Reads one word up to the next blank or operator.
    pub(super) fn word(&mut self) -> Word {
        let start = self.at;
        let mut word = Word::default();
        let mut braced = false;
        while let Some(character) = self.peek(0) {
            match character {
                '<' | '>' if self.peek(1) == Some('(') && word.text.is_empty() => {
                    self.at += 2;
                    self.substitution(&mut word, ')');
                }
                '(' if is_array(&word.text) => self.array(&mut word),
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>' => break,
                '\'' => self.single_quoted(&mut word),
                '"' => self.double_quoted(&mut word),
                '$' if self.peek(1) == Some('\'') => self.escaped(&mut word),
                '$' if self.peek(1) == Some('"') => self.at += 1,
                // The end of the substitution this word stands in, and not the beginning of another.
                '`' if self.ends.last() == Some(&Some('`')) => break,
                _ => {
                    braced |= character == '{';
                    word.expands |= "*?".contains(character) || (braced && character == ',');
                    self.character(&mut word);
                }
            }
        }
        let end = self.at.max(start + 1) - 1;
        word.span = self.text.place(start)..self.text.behind(end.min(self.text.len().max(1) - 1));
        word
    }

    fn single_quoted(&mut self, word: &mut Word) {
        let opened = self.at;
        self.at += 1;
        while let Some(character) = self.peek(0) {
            self.at += 1;
            if character == '\'' {
                return;
            }
            word.push(character, self.text.place(self.at - 1));
        }
        self.broken(opened);
    }

    pub(super) fn double_quoted(&mut self, word: &mut Word) {
        let opened = self.at;
        self.at += 1;
        let quoted = std::mem::replace(&mut self.quoted, true);
        let mut closed = false;
        while let Some(character) = self.peek(0) {
            match character {
                '"' => {
                    self.at += 1;
                    closed = true;
                    break;
                }
                '\\' => {
                    let place = self.text.place(self.at);
                    match self.peek(1) {
                        Some('\n') | None => {}
                        Some(next) if "$`\"\\".contains(next) => word.push(next, place),
                        Some(next) => {
                            word.push('\\', place);
                            word.push(next, self.text.place(self.at + 1));
                        }
                    }
                    self.at += 2;
                }
                _ => self.character(word),
            }
        }
        self.quoted = quoted;
        self.at = self.at.min(self.text.len());
        if !closed {
            self.broken(opened);
        }
    }

    /// Reads `$'…'`, in which characters can be written as numbers.
    fn escaped(&mut self, word: &mut Word) {
        let opened = self.at;
        self.at += 2;
        while let Some(character) = self.peek(0) {
            let place = self.text.place(self.at);
            self.at += 1;
            match character {
                '\'' => return,
                '\\' => {
                    let Some(next) = self.peek(0) else { break };
                    self.at += 1;
                    let meant = match next {
                        'x' => self.number(16, 2),
                        'u' => self.number(16, 4),
                        'U' => self.number(16, 8),
                        '0'..='7' => {
                            self.at -= 1;
                            self.number(8, 3)
                        }
                        'n' => Some('\n'),
                        't' => Some('\t'),
                        'r' => Some('\r'),
                        other => Some(other),
                    };
                    word.push(meant.unwrap_or(char::REPLACEMENT_CHARACTER), place);
                }
                other => word.push(other, place),
            }
        }
        self.broken(opened);
    }

    /// Reads the number of a character.
    fn number(&mut self, base: u32, most: usize) -> Option<char> {
        let mut value = 0_u32;
        for _ in 0..most {
            let Some(digit) = self.peek(0).and_then(|digit| digit.to_digit(base)) else {
                break;
            };
            value = value.saturating_mul(base).saturating_add(digit);
            self.at += 1;
        }
        char::from_u32(value)
    }

    /// Reads one character that may begin an expansion.
    fn character(&mut self, word: &mut Word) {
        let place = self.text.place(self.at);
        match (self.peek(0), self.peek(1)) {
            (Some('$'), Some('(')) => {
                if self.peek(2) == Some('(')
                    && let Some(end) = self.arithmetic_end(self.at + 3)
                {
                    word.expands = true;
                    self.arithmetic(end, 3);
                    return;
                }
                self.at += 2;
                self.substitution(word, ')');
            }
            (Some('$'), Some('{')) => self.braces(word),
            (Some('$'), Some(name)) if name.is_ascii_alphanumeric() || "_@*?#!$-".contains(name) => {
                word.expands = true;
                word.push('$', place);
                self.at += 1;
            }
            (Some('`'), _) => {
                self.at += 1;
                self.substitution(word, '`');
            }
            (Some('\\'), Some('\n')) => self.at += 2,
            (Some('\\'), Some(next)) => {
                word.push(next, place);
                self.at += 2;
            }
            (Some(character), _) => {
                word.push(character, place);
                self.at += 1;
            }
            (None, _) => {}
        }
    }

    /// Reads `${…}`, in which words can stand.
    fn braces(&mut self, word: &mut Word) {
        if !self.enter() {
            return;
        }
        let opened = self.at;
        word.expands = true;
        for _ in 0..2 {
            word.push(self.peek(0).unwrap_or('$'), self.text.place(self.at));
            self.at += 1;
        }
        let mut closed = false;
        while let Some(character) = self.peek(0) {
            match character {
                '}' => {
                    word.push('}', self.text.place(self.at));
                    self.at += 1;
                    closed = true;
                    break;
                }
                '\'' if !self.quoted => self.single_quoted(word),
                '"' => self.double_quoted(word),
                _ => self.character(word),
            }
        }
        if !closed {
            self.broken(opened);
        }
        self.depth -= 1;
    }

    /// Reads the words of an array, which are no command.
    fn array(&mut self, word: &mut Word) {
        if !self.enter() {
            return;
        }
        let opened = self.at;
        self.at += 1;
        let mut closed = false;
        while let Some(character) = self.peek(0) {
            match character {
                ')' => {
                    self.at += 1;
                    closed = true;
                    break;
                }
                ' ' | '\t' | '\r' | '\n' => self.at += 1,
                '#' => self.skip_line(),
                _ => {
                    let start = self.at;
                    let element = self.word();
                    self.at += usize::from(self.at == start);
                    if let Some(made_of) = element.made_of {
                        let first = word.made_of.as_ref().map_or(made_of.start, |range| range.start);
                        word.made_of = Some(first..made_of.end);
                    }
                }
            }
        }
        if !closed {
            self.broken(opened);
        }
        self.depth -= 1;
    }

    fn substitution(&mut self, word: &mut Word, end: char) {
        let start = self.script.commands.len();
        self.list(Some(end), Input::Inherited);
        let commands = self.script.commands.len();
        let first = word.made_of.as_ref().map_or(start, |range| range.start);
        word.made_of = Some(first..commands);
    }

    /// Reads `[[ … ]]`, in which arrows and bars compare.
    pub(super) fn test(&mut self, draft: &mut Draft) {
        let opened = self.at;
        while let Some(character) = self.peek(0) {
            if " \t\r\n<>|&();".contains(character) {
                self.at += 1;
                continue;
            }
            let start = self.at;
            let word = self.word();
            self.at += usize::from(self.at == start);
            let ends = word.text == "]]";
            draft.words.push(word);
            if ends {
                return;
            }
        }
        self.broken(opened);
    }

    /// Reads `(( … ))` where a command could stand. Whether there was one.
    pub(super) fn begins_arithmetic(&mut self, list: &mut List) -> bool {
        if self.peek(1) != Some('(') || !list.draft.own_words().is_empty() {
            // `for ((…))` has a word before it.
            let is_for = matches!(list.draft.own_words(), [only] if only.text == "for");
            if self.peek(1) != Some('(') || !is_for {
                return false;
            }
        }
        let Some(end) = self.arithmetic_end(self.at + 2) else {
            return false;
        };
        self.arithmetic(end, 2);
        list.before = Before::Command;
        true
    }

    /// Where the `))` of an arithmetic expression stands; none where it is no such expression.
    fn arithmetic_end(&self, from: usize) -> Option<usize> {
        let mut open = 0_usize;
        for at in from..from + LONGEST_ARITHMETIC {
            match self.text.character(at)? {
                '(' => open += 1,
                ')' if open > 0 => open -= 1,
                ')' => return (self.text.character(at + 1) == Some(')')).then_some(at),
                _ => {}
            }
        }
        None
    }

    /// Reads the substitutions in an arithmetic expression.
    fn arithmetic(&mut self, end: usize, opening: usize) {
        self.at += opening;
        let mut word = Word::default();
        while self.at < end {
            self.character(&mut word);
        }
        self.at = self.at.max(end + 2).min(self.text.len());
    }
}

/// Whether what follows in brackets are the elements of an array.
fn is_array(before: &str) -> bool {
    let Some(name) = before.strip_suffix('=') else {
        return false;
    };
    let name = name.strip_suffix('+').unwrap_or(name);
    !name.is_empty()
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
}
