//! Words: quotes, redirections and here-documents.

use super::expansions::is_array;
use super::{Draft, Input, Reader, Source, Word, Written};

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
    pub(super) fn push(&mut self, character: char, place: u32) {
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
        draft.redirected = true;
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
            "<<" => {
                // Shells do not agree on which line ends such a document.
                if (start..self.at).any(|at| matches!(self.text.character(at), Some('$' | '`'))) {
                    self.broken(begun);
                }
                self.documents_open += 1;
                draft.documents.push(Awaited {
                    delimiter: target.text,
                    indented: modifier == Some('-'),
                    expanded: !target.quoted,
                    command: 0,
                });
            }
            "<<<" => {
                draft.fed.append(&target.text, &target.places);
                draft.fed.push('\n', target.span.end);
                draft.read.extend(target.made_of.is_some().then_some(target));
            }
            "<" => draft.read.extend(target.made_of.is_some().then_some(target)),
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
                let line = self.document_line(&document);
                let text = line.text();
                if text == document.delimiter {
                    break;
                }
                if text.strip_suffix('\r') == Some(document.delimiter.as_str()) {
                    self.broken(self.at.saturating_sub(2));
                }
                body.extend(&line);
                body.push('\n', self.text.place(self.at.saturating_sub(1)));
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

    /// Reads one line of a here-document. Where substitutions are carried out, a backslash at its end has it go on.
    fn document_line(&mut self, document: &Awaited) -> Source {
        while document.indented && self.peek(0) == Some('\t') {
            self.at += 1;
        }
        let mut line = Source::default();
        while let Some(character) = self.peek(0) {
            let next = self.peek(1);
            if character == '\n' {
                self.at += 1;
                break;
            }
            if character == '\\' && document.expanded && next == Some('\n') {
                self.at += 2;
                continue;
            }
            line.push(character, self.text.place(self.at));
            self.at += 1;
            if character == '\\'
                && document.expanded
                && let Some(next) = next
            {
                line.push(next, self.text.place(self.at));
                self.at += 1;
            }
        }
        line
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
                    // What is written into it comes from the command that it is a word of.
                    let input = if character == '>' {
                        Input::Several
                    } else {
                        Input::Inherited
                    };
                    self.substitution(&mut word, Some(')'), input);
                }
                '(' if is_array(&word.text) => self.array(&mut word),
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>' => break,
                '\'' => self.single_quoted(&mut word),
                '"' => self.double_quoted(&mut word),
                '$' if self.peek(1) == Some('\'') => self.escaped(&mut word),
                '$' if self.peek(1) == Some('"') => self.at += 1,
                _ => {
                    braced |= character == '{';
                    let one_of = character == ',' || (character == '.' && self.peek(1) == Some('.'));
                    word.expands |= "*?[".contains(character) || (braced && one_of);
                    self.character(&mut word);
                }
            }
        }
        word.quoted = (start..self.at).any(|at| match self.text.character(at) {
            Some('\'' | '"') => true,
            Some('\\') => self.text.character(at + 1) != Some('\n'),
            _ => false,
        });
        let end = self.at.max(start + 1) - 1;
        word.span = self.text.place(start)..self.text.behind(end.min(self.text.len().max(1) - 1));
        word
    }

    pub(super) fn single_quoted(&mut self, word: &mut Word) {
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
}
