//! The type that says "this may enter the document", and the only ways to make one.
//!
//! Rendered markdown is well-formed and limited by construction already; it still goes through ammonia, because one
//! wrong escape in the renderer must not become a hole. Code does not: it is escaped text inside our own spans, and
//! an HTML parser for every line of a stream would cost more than the rest of the crate.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use serde::Serialize;

use crate::{escape, math};

/// HTML that may enter the document.
///
/// Only this crate can make one: there is no public constructor and it does not deserialize. It holds no script, no
/// event handler, no `style`, no `id`, no image and no link but `http`, `https` and `mailto`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Passes rendered markdown through the sanitizer.
    pub(crate) fn sanitize(html: &str) -> Self {
        Self(SANITIZER.clean(html).to_string())
    }

    /// Sanitizes table rows, which an HTML parser drops outside a table. `section` is `thead` or `tbody`.
    pub(crate) fn sanitize_rows(section: &str, rows: &str) -> Self {
        let clean = SANITIZER
            .clean(&format!("<table><{section}>{rows}</{section}></table>"))
            .to_string();
        let inner = clean
            .strip_prefix(&format!("<table><{section}>"))
            .and_then(|rest| rest.strip_suffix(&format!("</{section}></table>")));
        match inner {
            Some(inner) => Self(inner.to_owned()),
            // The sanitizer moved something out of the table: whatever it was, show it as text.
            None => Self::plain_row(rows),
        }
    }

    /// One table row of one cell that holds plain text.
    pub(crate) fn plain_row(text: &str) -> Self {
        let mut html = String::from("<tr><td>");
        escape::push_text(&mut html, text);
        html.push_str("</td></tr>");
        Self(html)
    }

    /// Plain prose, its line breaks kept.
    pub(crate) fn plain(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                html.push_str("<br>");
            }
            escape::push_text(&mut html, line);
        }
        Self(html)
    }

    /// Output of the code writer: escaped text in class spans, nothing else.
    pub(crate) fn code(html: CodeHtml) -> Self {
        Self(html.0)
    }

    /// Safe parts in a row are safe when each is balanced, as sanitized HTML and code lines are.
    pub(crate) fn concat<'a>(parts: impl IntoIterator<Item = &'a SafeHtml>) -> Self {
        Self(parts.into_iter().map(SafeHtml::as_str).collect())
    }

    /// The footnotes of a message, the first of them numbered `start`.
    pub(crate) fn footnotes<'a>(start: usize, notes: impl IntoIterator<Item = &'a SafeHtml>) -> Self {
        let mut html = String::from("<ol class=\"footnotes\"");
        if start != 1 {
            // Writing to a String cannot fail.
            let _ = write!(html, " start=\"{start}\"");
        }
        html.push('>');
        for note in notes {
            html.push_str("<li>");
            html.push_str(note.as_str());
            html.push_str("</li>");
        }
        html.push_str("</ol>");
        Self(html)
    }
}

/// Code on its way to HTML: text can only be added escaped, and the only markup is a class span and a mark.
#[derive(Clone, Debug, Default)]
pub(crate) struct CodeHtml(String);

impl CodeHtml {
    pub(crate) fn push(&mut self, class: Option<&'static str>, text: &str) {
        if let Some(class) = class {
            self.0.push_str("<span class=\"");
            self.0.push_str(class);
            self.0.push_str("\">");
            escape::push_code(&mut self.0, text);
            self.0.push_str("</span>");
        } else {
            escape::push_code(&mut self.0, text);
        }
    }

    /// Adds text, within a mark where it is `marked`.
    pub(crate) fn push_marked(&mut self, class: Option<&'static str>, text: &str, marked: bool) {
        if marked {
            self.0.push_str("<mark>");
        }
        self.push(class, text);
        if marked {
            self.0.push_str("</mark>");
        }
    }

    pub(crate) fn append(&mut self, other: &CodeHtml) {
        self.0.push_str(&other.0);
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut tags = HashSet::from([
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "del",
        "details",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]);
    tags.extend(math::ELEMENTS);
    let mut attributes = HashMap::from([
        ("a", HashSet::from(["href", "title"])),
        ("ol", HashSet::from(["start"])),
        ("span", HashSet::from(["title"])),
    ]);
    for element in math::ELEMENTS {
        attributes.insert(element, HashSet::from(math::ATTRIBUTES));
    }
    attributes.insert("math", HashSet::from(["alttext"]));
    let mut builder = Builder::empty();
    builder
        .tags(tags)
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(attributes)
        .tag_attribute_values(HashMap::from([
            ("math", HashMap::from([("display", HashSet::from(["block"]))])),
            (
                "span",
                HashMap::from([
                    ("role", HashSet::from(["checkbox"])),
                    ("aria-checked", HashSet::from(["true", "false"])),
                    ("aria-disabled", HashSet::from(["true"])),
                    ("tabindex", HashSet::from(["0"])),
                ]),
            ),
        ]))
        .attribute_filter(|element, name, value| {
            let kept = !math::ATTRIBUTES.contains(&name)
                || !math::ELEMENTS.contains(&element)
                || math::is_value(name, value);
            kept.then_some(value.into())
        })
        .allowed_classes(HashMap::from([
            ("a", HashSet::from(["image-link"])),
            ("code", HashSet::from(["math-source"])),
            ("mtd", HashSet::from(["left", "right", "apart"])),
            ("ol", HashSet::from(["continued"])),
            (
                "span",
                HashSet::from([
                    "k",
                    "s",
                    "n",
                    "f",
                    "t",
                    "v",
                    "c",
                    "p",
                    "control",
                    "task",
                    "done",
                    "math-block",
                    "math-wide",
                ]),
            ),
            ("sup", HashSet::from(["footnote-ref"])),
            ("td", HashSet::from(["left", "center", "num"])),
            ("th", HashSet::from(["left", "center", "num"])),
            ("ul", HashSet::from(["continued"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true);
    builder
});
