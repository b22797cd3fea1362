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
        self.lines += 1;
        if self.lines > limits::HIGHLIGHT_LINES {
            self.state = None;
        }
        let mut html = CodeHtml::default();
        let Some((parse, stack)) = &mut self.state else {
            html.push(None, line);
            return html;
        };
        if is_too_long(line) {
            html.push(None, line);
            return html;
        }
        let with_end = format!("{line}\n");
        let Ok(operations) = parse.parse_line(&with_end, grammar::syntaxes()) else {
            self.state = None;
            html.push(None, line);
            return html;
        };
        let mut spans = Spans {
            html,
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
        spans.finish()
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

/// Neighbouring tokens of one class become one span.
struct Spans<'a> {
    html: CodeHtml,
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
            self.html.push(class, &self.line[start..self.from]);
        }
    }

    fn finish(mut self) -> CodeHtml {
        self.flush();
        self.html
    }
}

fn is_too_long(line: &str) -> bool {
    line.len() > limits::HIGHLIGHT_LINE_CHARS && line.chars().count() > limits::HIGHLIGHT_LINE_CHARS
}
