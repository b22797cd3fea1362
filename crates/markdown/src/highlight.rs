//! Code highlighting: grammars from the `bat` collection, read by syntect, written as short class names.
//!
//! The classes are `k` keyword, `s` string, `n` number, `f` function, `t` type, `v` property or variable, `c` comment
//! and `p` punctuation; other text has no span. Colours are the theme's business.

mod classes;
mod grammar;

use syntect::parsing::{ParseState, ScopeStack, SyntaxReference};

use crate::limits;
use crate::safe_html::{CodeHtml, SafeHtml};

pub(crate) use grammar::{language_of_info, syntax_for};

/// Highlights code for diffs and file views: one piece per line, without its line end.
///
/// `language_or_path` is a language (`rust`, `ts`), an extension or a file path; an unknown one gives plain text. After
/// 5,000 lines, and in lines of more than 2,000 characters, the text is escaped only.
///
/// ```
/// let lines = cowork_markdown::highlight("src/main.rs", "// hi\nlet x = 1;");
/// assert_eq!(lines[0].as_str(), "<span class=\"c\">// hi</span>");
/// assert_eq!(lines.len(), 2);
/// ```
#[must_use]
pub fn highlight(language_or_path: &str, code: &str) -> Vec<SafeHtml> {
    let mut highlighter = LineHighlighter::new(syntax_for(language_or_path));
    code.lines()
        .map(|line| SafeHtml::code(highlighter.line(line)))
        .collect()
}

/// Highlights code as [`highlight`] does, with marks (`<mark>`) around parts of its lines: for each line the ranges of
/// bytes to mark, in order and apart from each other. Ranges that end within a character mark all of it.
///
/// ```
/// let lines = cowork_markdown::highlight_marked("txt", &["a < b"], &[vec![2..3]]);
/// assert_eq!(lines[0].as_str(), "a <mark>&lt;</mark> b");
/// ```
#[must_use]
pub fn highlight_marked(
    language_or_path: &str,
    lines: &[&str],
    marks: &[Vec<std::ops::Range<usize>>],
) -> Vec<SafeHtml> {
    let mut highlighter = LineHighlighter::new(syntax_for(language_or_path));
    let none = Vec::new();
    lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let marks = marks.get(index).unwrap_or(&none);
            SafeHtml::code(highlighter.marked_line(line, marks))
        })
        .collect()
}

/// Reads code line by line and remembers where the grammar stands.
#[derive(Clone)]
pub(crate) struct LineHighlighter {
    /// `None` when the language is unknown, the line limit is passed or the grammar failed: then text is plain.
    state: Option<(ParseState, ScopeStack)>,
    lines: usize,
}

impl LineHighlighter {
    pub(crate) fn new(syntax: Option<&'static SyntaxReference>) -> Self {
        Self {
            state: syntax.map(|syntax| (ParseState::new(syntax), ScopeStack::new())),
            lines: 0,
        }
    }

    /// Takes the next line, given without its line end.
    pub(crate) fn line(&mut self, line: &str) -> CodeHtml {
        let mut html = CodeHtml::default();
        match self.pieces(line) {
            Some(pieces) => {
                for (class, piece) in pieces {
                    html.push(class, &line[piece]);
                }
            }
            None => html.push(None, line),
        }
        html
    }

    /// The pieces of the next line with their classes, or nothing where it is plain.
    fn pieces(&mut self, line: &str) -> Option<Pieces> {
        self.lines += 1;
        if self.lines > limits::HIGHLIGHT_LINES {
            self.state = None;
        }
        let (parse, stack) = self.state.as_mut()?;
        if is_too_long(line) {
            return None;
        }
        let with_end = format!("{line}\n");
        let Ok(operations) = parse.parse_line(&with_end, grammar::syntaxes()) else {
            self.state = None;
            return None;
        };
        let mut spans = Spans {
            pieces: Vec::new(),
            line,
            from: 0,
            class: None,
        };
        for (at, operation) in operations {
            spans.reach(at.min(line.len()), classes::class_of(stack));
            if stack.apply(&operation).is_err() {
                *stack = ScopeStack::new();
            }
        }
        spans.reach(line.len(), classes::class_of(stack));
        Some(spans.finish())
    }

    /// Takes the next line, and marks parts of it.
    fn marked_line(&mut self, line: &str, marks: &[std::ops::Range<usize>]) -> CodeHtml {
        if marks.is_empty() {
            return self.line(line);
        }
        let plain = vec![(None, 0..line.len())];
        let pieces = self.pieces(line).unwrap_or(plain);
        let mut html = CodeHtml::default();
        let mut marks = marks.iter().peekable();
        for (class, piece) in pieces {
            let mut at = piece.start;
            while at < piece.end {
                while marks
                    .next_if(|mark| line.ceil_char_boundary(mark.end.min(line.len())) <= at)
                    .is_some()
                {}
                let (marked, end) = match marks.peek() {
                    Some(mark) if line.floor_char_boundary(mark.start) <= at => {
                        (true, line.ceil_char_boundary(mark.end.min(line.len())))
                    }
                    Some(mark) => (false, line.floor_char_boundary(mark.start)),
                    None => (false, piece.end),
                };
                let end = end.min(piece.end);
                html.push_marked(class, &line[at..end], marked);
                at = end;
            }
        }
        html
    }

    /// How a line looks that is still being written; the state does not move.
    pub(crate) fn open_line(&self, line: &str) -> CodeHtml {
        if line.len() > limits::HIGHLIGHT_OPEN_LINE_BYTES {
            let mut html = CodeHtml::default();
            html.push(None, line);
            return html;
        }
        self.clone().line(line)
    }
}

/// Parts of a line, each with its class.
type Pieces = Vec<(Option<&'static str>, std::ops::Range<usize>)>;

/// Neighbouring tokens of one class become one span.
struct Spans<'a> {
    pieces: Pieces,
    line: &'a str,
    from: usize,
    class: Option<(usize, Option<&'static str>)>,
}

impl Spans<'_> {
    fn reach(&mut self, to: usize, class: Option<&'static str>) {
        let Some(text) = self.line.get(self.from..to) else {
            return;
        };
        if text.is_empty() {
            return;
        }
        match self.class {
            Some((_, open)) if open == class => {}
            _ => {
                self.flush();
                self.class = Some((self.from, class));
            }
        }
        self.from = to;
    }

    fn flush(&mut self) {
        if let Some((start, class)) = self.class.take() {
            self.pieces.push((class, start..self.from));
        }
    }

    fn finish(mut self) -> Pieces {
        self.flush();
        self.pieces
    }
}

fn is_too_long(line: &str) -> bool {
    line.len() > limits::HIGHLIGHT_LINE_CHARS && line.chars().count() > limits::HIGHLIGHT_LINE_CHARS
}
