//! Raw HTML inside markdown: a few tags mean formatting, the rest is shown as the text it is.
//!
//! A model that writes `Vec<String>` or `<Button>` in prose means the words; dropping unknown tags would lose them.

use super::writer::{Origin, Writer};
use crate::raw_html::{Token, tokens};
use crate::{escape, limits};

/// Tags that format text, allowed anywhere.
const INLINE: [&str; 14] = [
    "a", "b", "code", "del", "em", "i", "kbd", "mark", "s", "strong", "sub", "sup", "u", "br",
];

/// Tags that build blocks, allowed where a line begins with one.
const BLOCK: [&str; 21] = [
    "blockquote",
    "details",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "summary",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Tags without meaning here; what they hold is shown.
const TRANSPARENT: [&str; 12] = [
    "center", "div", "font", "picture", "small", "source", "span", "section", "article", "tfoot", "colgroup",
    "col",
];

impl Writer<'_> {
    /// Writes raw HTML; `block` tells whether it stands as a block of its own.
    pub(super) fn raw_html(&mut self, html: &str, block: bool) {
        for token in tokens(html) {
            match token {
                Token::Comment => {}
                Token::Text(text) => {
                    if !text.trim().is_empty() {
                        self.leave_table_parts();
                    }
                    self.raw_text(text);
                }
                Token::Open {
                    name,
                    attributes,
                    source,
                } => match name.as_str() {
                    "br" | "hr" if name == "br" || block => {
                        self.leave_table_parts();
                        self.out.push_str(if name == "br" { "<br>" } else { "<hr>" });
                    }
                    "a" => {
                        self.leave_table_parts();
                        if !self.has_room() {
                            continue;
                        }
                        self.anchor(attributes.href.as_deref().unwrap_or_default(), "", Origin::Raw);
                    }
                    "img" => {
                        self.leave_table_parts();
                        let alt = attributes.alt.unwrap_or_default();
                        self.image_link(attributes.src.as_deref().unwrap_or_default(), &alt);
                    }
                    _ if TRANSPARENT.contains(&name.as_str()) => {}
                    _ => match formatting(&name, block) {
                        Some(name) => self.raw_open(name),
                        None => self.raw_source(source),
                    },
                },
                Token::Close { name, source } => {
                    if let Some(name) = formatting(&name, block) {
                        self.raw_close(name);
                    } else if !TRANSPARENT.contains(&name.as_str())
                        && !matches!(name.as_str(), "br" | "hr" | "img")
                    {
                        self.raw_source(source);
                    }
                }
            }
        }
    }

    /// Unclosed tags pile up; this many are remembered, later ones are passed over.
    fn has_room(&self) -> bool {
        self.frames
            .iter()
            .rev()
            .take_while(|frame| frame.origin == Origin::Raw)
            .take(limits::NESTING)
            .count()
            < limits::NESTING
    }

    fn raw_source(&mut self, source: &str) {
        self.leave_table_parts();
        escape::push_text(&mut self.out, source);
    }

    /// The parts of a table only stand in one another: anything else would be moved around by the browser.
    fn raw_open(&mut self, name: &'static str) {
        let parents: &[&str] = match name {
            "thead" | "tbody" => &["table"],
            "tr" => &["table", "thead", "tbody"],
            "td" | "th" => &["tr"],
            _ => {
                self.leave_table_parts();
                if self.has_room() {
                    self.open(name, "", Origin::Raw);
                }
                return;
            }
        };
        // A cell or row that was left open ends where the next begins.
        while let Some(open) = self.innermost_raw()
            && matches!(open, "td" | "th" | "tr" | "thead" | "tbody")
            && !parents.contains(&open)
        {
            self.end_frames_above(self.frames.len() - 1);
        }
        if self.has_room() && self.innermost_raw().is_some_and(|open| parents.contains(&open)) {
            self.open(name, "", Origin::Raw);
        }
    }

    fn raw_close(&mut self, name: &str) {
        let innermost = self
            .frames
            .iter()
            .enumerate()
            .rev()
            .take_while(|(_, frame)| frame.origin == Origin::Raw)
            .find(|(_, frame)| frame.name == name || (name == "a" && frame.name.is_empty()))
            .map(|(index, _)| index);
        if let Some(index) = innermost {
            self.end_frames_above(index);
        }
    }

    fn leave_table_parts(&mut self) {
        while matches!(self.innermost_raw(), Some("table" | "thead" | "tbody" | "tr")) {
            self.end_frames_above(self.frames.len() - 1);
        }
    }

    fn innermost_raw(&self) -> Option<&'static str> {
        self.frames
            .last()
            .filter(|frame| frame.origin == Origin::Raw)
            .map(|frame| frame.name)
    }

    /// Text between tags. Character references mean what they mean in HTML, except that none can bring in what the
    /// text itself could not.
    fn raw_text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            escape::push_text(&mut self.out, &rest[..at]);
            rest = &rest[at..];
            let length = rest
                .bytes()
                .take(32)
                .position(|byte| byte == b';')
                .map_or(0, |end| end + 1);
            let body = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
            if let Some(character) = numeric_reference(body) {
                escape::push_text(&mut self.out, character.encode_utf8(&mut [0; 4]));
                rest = &rest[length..];
            } else if !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                self.out.push_str(&rest[..length]);
                rest = &rest[length..];
            } else {
                self.out.push_str("&amp;");
                rest = &rest[1..];
            }
        }
        escape::push_text(&mut self.out, rest);
    }
}

fn formatting(name: &str, block: bool) -> Option<&'static str> {
    let inline = INLINE.iter().find(|known| **known == name);
    let found = if block {
        inline.or_else(|| BLOCK.iter().find(|known| **known == name))
    } else {
        inline
    };
    found.copied().filter(|name| !matches!(*name, "br" | "hr"))
}

fn numeric_reference(body: &str) -> Option<char> {
    let digits = body.strip_prefix('#')?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(code).filter(|character| *character != '\0')
}
