//! What a shell puts something else in place of: escapes, substitutions, parameters, arithmetic; arrays and tests.

use super::{Before, Draft, Input, List, Reader, Source, Word};

/// How far the end of an arithmetic expression is looked for, in characters. A longer one is read as commands, which
/// finds more in it than there is.
const LONGEST_ARITHMETIC: usize = 1_000;

impl Reader {
    /// Reads `$'…'`, in which characters can be written as numbers.
    pub(super) fn escaped(&mut self, word: &mut Word) {
        let opened = self.at;
        self.at += 2;
        // A character of the number nought ends the text, and what follows up to the quote is dropped.
        let mut ended = false;
        while let Some(character) = self.peek(0) {
            let place = self.text.place(self.at);
            self.at += 1;
            let meant = match character {
                '\'' => return,
                '\\' => {
                    let Some(next) = self.peek(0) else { break };
                    self.at += 1;
                    self.escape(next)
                }
                other => Some(other),
            };
            if meant == Some('\0') {
                self.broken(opened);
                ended = true;
            }
            if !ended {
                if meant.is_none() {
                    word.push('\\', place);
                }
                word.push(
                    meant.or(self.text.character(self.at - 1)).unwrap_or_default(),
                    place,
                );
            }
        }
        self.broken(opened);
    }

    /// What an escape within `$'…'` stands for; nothing where it stands for itself.
    fn escape(&mut self, letter: char) -> Option<char> {
        let code = match letter {
            'x' if self.peek(0) == Some('{') => {
                self.at += 1;
                let code = self.number(16, 8);
                self.at += usize::from(self.peek(0) == Some('}'));
                Some(code.unwrap_or_default())
            }
            'x' => self.number(16, 2),
            'u' => self.number(16, 4),
            'U' => self.number(16, 8),
            '0'..='7' => {
                self.at -= 1;
                self.number(8, 3).map(|code| code & 0xff)
            }
            'c' if self.peek(0).is_some_and(|next| next != '\'') => {
                self.at += 1;
                let control = self.text.character(self.at - 1).unwrap_or_default();
                Some(u32::from(control.to_ascii_uppercase()) & 0x1f)
            }
            'n' => Some(0x0a),
            't' => Some(0x09),
            'r' => Some(0x0d),
            'a' => Some(0x07),
            'b' => Some(0x08),
            'e' | 'E' => Some(0x1b),
            'f' => Some(0x0c),
            'v' => Some(0x0b),
            '\\' | '\'' | '"' | '?' => Some(u32::from(letter)),
            _ => None,
        };
        code.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Reads the number of a character, when there is one.
    fn number(&mut self, base: u32, most: usize) -> Option<u32> {
        let mut value = None;
        for _ in 0..most {
            let Some(digit) = self.peek(0).and_then(|digit| digit.to_digit(base)) else {
                break;
            };
            value = Some(value.unwrap_or(0_u32).saturating_mul(base).saturating_add(digit));
            self.at += 1;
        }
        value
    }

    /// Reads one character that may begin an expansion.
    pub(super) fn character(&mut self, word: &mut Word) {
        let place = self.text.place(self.at);
        match (self.peek(0), self.peek(1)) {
            (Some('$'), Some('(')) => {
                if self.peek(2) == Some('(')
                    && let Some(end) = self.arithmetic_end(self.at + 3, false)
                {
                    word.expands = true;
                    self.arithmetic(end, 3);
                    return;
                }
                self.at += 2;
                self.substitution(word, Some(')'), Input::Inherited);
            }
            (Some('$'), Some('{')) => self.braces(word),
            (Some('$'), Some(name)) if name.is_ascii_alphanumeric() || "_@*?#!$-".contains(name) => {
                word.expands = true;
                word.push('$', place);
                self.at += 1;
            }
            (Some('`'), _) => self.backquoted(word),
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
                '\'' => {
                    // A quote to some shells, and a letter to others.
                    self.broken(self.at);
                    self.character(word);
                }
                '$' if !self.quoted && self.peek(1) == Some('\'') => self.escaped(word),
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
    pub(super) fn array(&mut self, word: &mut Word) {
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
                ' ' | '\t' => self.at += 1,
                '\n' => self.line_end(),
                '\r' => self.carriage_return(),
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

    /// Reads commands whose output, or file, becomes a part of a word. Here-documents begun around them wait until after.
    pub(super) fn substitution(&mut self, word: &mut Word, end: Option<char>, input: Input) {
        let start = self.script.commands.len();
        let awaited = std::mem::take(&mut self.awaited);
        let documents_open = std::mem::take(&mut self.documents_open);
        let opened = self.at.saturating_sub(1);
        self.list(end, input);
        if !self.awaited.is_empty() {
            // Where a document is that begins in the last line of them is told differently by each shell.
            self.broken(opened);
        }
        (self.awaited, self.documents_open) = (awaited, documents_open);
        let commands = self.script.commands.len();
        let first = word.made_of.as_ref().map_or(start, |range| range.start);
        word.made_of = Some(first..commands);
    }

    /// Reads commands between backquotes. They end at the first that no backslash stands before, whatever they hold, and
    /// are read without those backslashes.
    fn backquoted(&mut self, word: &mut Word) {
        let opened = self.at;
        self.at += 1;
        let mut inner = Source::default();
        let mut closed = false;
        while let Some(character) = self.peek(0) {
            let place = self.text.place(self.at);
            self.at += 1;
            match (character, self.peek(0)) {
                ('`', _) => {
                    closed = true;
                    break;
                }
                ('\\', Some(next)) if "$`\\".contains(next) || (self.quoted && next == '"') => {
                    inner.push(next, self.text.place(self.at));
                    self.at += 1;
                }
                _ => inner.push(character, place),
            }
        }
        if !closed {
            self.broken(opened);
        }
        let text = std::mem::replace(&mut self.text, inner);
        let at = std::mem::take(&mut self.at);
        self.substitution(word, None, Input::Inherited);
        (self.text, self.at) = (text, at);
    }

    /// Reads `[[ … ]]`, in which arrows and bars compare.
    pub(super) fn test(&mut self, draft: &mut Draft) {
        let opened = self.at;
        let mut fits = false;
        while let Some(character) = self.peek(0) {
            let next = self.peek(1);
            match character {
                ' ' | '\t' | '(' | ')' => self.at += 1,
                '<' | '>' if next != Some('(') => self.at += 1,
                '\n' => self.line_end(),
                '\r' => self.carriage_return(),
                '&' | '|' if next == Some(character) => {
                    self.at += 2;
                    fits = false;
                }
                '|' if fits => self.at += 1,
                '&' | '|' | ';' => {
                    self.broken(self.at);
                    self.at += 1;
                }
                _ => {
                    let start = self.at;
                    let word = self.word();
                    self.at += usize::from(self.at == start);
                    let ends = word.is("]]");
                    // Bars stand in the pattern behind it.
                    fits |= word.is("=~");
                    draft.words.push(word);
                    if ends {
                        return;
                    }
                }
            }
        }
        self.broken(opened);
    }

    /// Reads `(( … ))` where a command could stand. Whether there was one.
    pub(super) fn begins_arithmetic(&mut self, list: &mut List) -> bool {
        if self.peek(1) != Some('(') || list.draft.redirected {
            return false;
        }
        // `for ((…))` has a word before it.
        let is_for = match list.draft.own_words() {
            [] => false,
            [only] if only.is("for") => true,
            _ => return false,
        };
        let Some(end) = self.arithmetic_end(self.at + 2, is_for) else {
            return false;
        };
        self.arithmetic(end, 2);
        list.before = Before::Command;
        true
    }

    /// Where the `))` of an arithmetic expression stands; none where it is no such expression, or one with quotes in it,
    /// which are told apart from brackets when it is read as commands.
    fn arithmetic_end(&self, from: usize, is_for: bool) -> Option<usize> {
        let mut open = 0_usize;
        for at in from..from + LONGEST_ARITHMETIC {
            match self.text.character(at)? {
                '(' => open += 1,
                ')' if open > 0 => open -= 1,
                ')' => return (self.text.character(at + 1) == Some(')')).then_some(at),
                ';' if !is_for && open == 0 => return None,
                '\'' | '"' | '\\' | '`' => return None,
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
pub(super) fn is_array(before: &str) -> bool {
    let Some(name) = before.strip_suffix('=') else {
        return false;
    };
    let name = name.strip_suffix('+').unwrap_or(name);
    !name.is_empty()
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
}
