//! Parser events to HTML that is balanced and no deeper than [`limits::NESTING`].
//!
//! The HTML is sanitized afterwards all the same. Being balanced matters for cost: the rules by which browsers repair
//! broken HTML can multiply it.

use std::fmt::Write as _;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};

use super::{CodeMemory, ListContinuation};
use crate::definitions::{Definitions, Label, Meaning};
use crate::highlight::language_of_info;
use crate::math::Marks;
use crate::{escape, limits, math};

/// Why an element is open: what may close it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Origin {
    /// A markdown construct, closed by its end event.
    Markdown,
    /// A raw tag, closed by a raw end tag, or with the markdown construct around it.
    Raw,
    /// A paragraph put around the text of an item, closed by the item or the next block in it.
    Item,
}

pub(super) struct Frame {
    /// Empty when the construct has no element of its own.
    pub(super) name: &'static str,
    pub(super) origin: Origin,
    /// Whether the element was written: it is not when it is nested too deep.
    written: bool,
}

/// An image being read: its text content is its alternative text.
struct Image {
    url: String,
    alt: String,
    depth: usize,
}

/// Writes one block.
pub(crate) struct Writer<'a> {
    pub(super) out: String,
    /// Text not yet written, because a bare link may run through several events.
    pub(super) text: String,
    pub(super) frames: Vec<Frame>,
    pub(super) written_depth: usize,
    pub(super) links_open: usize,
    image: Option<Image>,
    code: Option<(Option<String>, String)>,
    html: Option<String>,
    alignments: Vec<Alignment>,
    column: usize,
    cells_left: usize,
    in_table_head: bool,
    lists: usize,
    loose: bool,
    definitions: &'a Definitions,
    memory: &'a mut CodeMemory,
    continuation: Option<&'a ListContinuation>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(
        definitions: &'a Definitions,
        memory: &'a mut CodeMemory,
        continuation: Option<&'a ListContinuation>,
    ) -> Self {
        Self {
            out: String::new(),
            text: String::new(),
            frames: Vec::new(),
            written_depth: 0,
            links_open: 0,
            image: None,
            code: None,
            html: None,
            alignments: Vec::new(),
            column: 0,
            cells_left: limits::NESTED_CELLS,
            in_table_head: false,
            lists: 0,
            loose: continuation.is_some_and(|list| list.loose),
            definitions,
            memory,
            continuation,
        }
    }

    /// Whether an item of the outermost list is a paragraph.
    pub(crate) fn has_loose_items(&self) -> bool {
        self.loose
    }

    /// Gives the alignment of the columns when only rows are written.
    pub(crate) fn set_alignments(&mut self, alignments: Vec<Alignment>) {
        self.alignments = alignments;
    }

    /// Makes the cells that follow header cells, when only those are written.
    pub(crate) fn start_head_cells(&mut self) {
        self.in_table_head = true;
        self.column = 0;
    }

    /// Ends everything that is open and returns the HTML.
    pub(crate) fn finish(mut self) -> String {
        self.flush();
        while let Some(frame) = self.frames.pop() {
            self.end_frame(&frame);
        }
        self.out
    }

    /// Takes the next event; `written` is what it stands for in the source.
    pub(crate) fn event(&mut self, event: Event<'_>, written: &str) {
        if self.image.is_some() {
            self.image_event(&event);
            return;
        }
        match event {
            Event::Text(text) => {
                if let Some((_, code)) = &mut self.code {
                    code.push_str(&text);
                } else if let Some(html) = &mut self.html {
                    html.push_str(&text);
                } else {
                    self.before_inline();
                    self.text.push_str(&text);
                }
                return;
            }
            Event::Html(html) => {
                match &mut self.html {
                    Some(block) => block.push_str(&html),
                    None => self.raw_html(&html, true),
                }
                return;
            }
            _ => self.flush(),
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Code(code) => self.inline_code(&code),
            Event::InlineHtml(html) => {
                self.before_inline();
                self.raw_html(&html, false);
            }
            Event::FootnoteReference(label) => self.footnote_reference(&label),
            Event::SoftBreak => {
                self.before_inline();
                self.out.push('\n');
            }
            Event::HardBreak => {
                self.before_inline();
                self.out.push_str("<br>\n");
            }
            Event::Rule => {
                self.before_block();
                self.out.push_str("<hr>");
            }
            Event::TaskListMarker(done) => {
                self.before_inline();
                let class = if done { "task done" } else { "task" };
                let _ = write!(
                    self.out,
                    "<span class=\"{class}\" role=\"checkbox\" aria-checked=\"{done}\" aria-disabled=\"true\"></span> "
                );
            }
            Event::InlineMath(source) | Event::DisplayMath(source) => {
                self.before_inline();
                math::push(&mut self.out, &source, Marks::of(written), self.links_open > 0);
            }
            Event::Text(_) | Event::Html(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => {
                if self.lists == 1 && self.frames.last().is_some_and(|frame| frame.name == "li") {
                    self.loose = true;
                }
                self.block("p", "");
            }
            Tag::Heading { level, .. } => self.block(heading(level), ""),
            Tag::BlockQuote(_) => self.block("blockquote", ""),
            Tag::List(number) => self.list(number),
            Tag::Item => self.block("li", ""),
            Tag::CodeBlock(kind) => {
                self.before_block();
                let language = match kind {
                    CodeBlockKind::Fenced(info) => language_of_info(&info),
                    CodeBlockKind::Indented => None,
                };
                self.code = Some((language, String::new()));
            }
            Tag::HtmlBlock => {
                self.before_block();
                self.html = Some(String::new());
            }
            Tag::Table(alignments) => {
                self.alignments = alignments;
                self.block("table", "");
            }
            Tag::TableHead => {
                self.column = 0;
                self.in_table_head = true;
                self.out.push_str("<thead><tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.out.push_str("<tr>");
            }
            Tag::TableCell => self.cell(),
            Tag::Emphasis => self.inline("em", ""),
            Tag::Strong => self.inline("strong", ""),
            Tag::Strikethrough => self.inline("del", ""),
            Tag::Link {
                dest_url,
                title,
                link_type,
                ..
            } => {
                let url = if link_type == pulldown_cmark::LinkType::Email {
                    format!("mailto:{dest_url}")
                } else {
                    dest_url.into_string()
                };
                self.before_inline();
                self.anchor(&url, &title, Origin::Markdown);
            }
            Tag::Image { dest_url, .. } => {
                self.before_inline();
                self.image = Some(Image {
                    url: dest_url.into_string(),
                    alt: String::new(),
                    depth: 0,
                });
            }
            Tag::Superscript => self.inline("sup", ""),
            Tag::Subscript => self.inline("sub", ""),
            Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => self.block("", ""),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => {
                let Some((language, code)) = self.code.take() else {
                    return;
                };
                let html = self.memory.highlight(language, &code);
                self.out.push_str("<pre><code>");
                self.out.push_str(html.as_str());
                self.out.push_str("</code></pre>");
            }
            TagEnd::HtmlBlock => {
                let Some(html) = self.html.take() else { return };
                let open = self.frames.len();
                self.raw_html(&html, true);
                self.end_frames_above(open);
            }
            TagEnd::TableHead => {
                self.in_table_head = false;
                self.out.push_str("</tr></thead><tbody>");
            }
            TagEnd::TableRow => self.out.push_str("</tr>"),
            TagEnd::Table => {
                self.out.push_str("</tbody>");
                self.end_markdown();
            }
            TagEnd::List(_) => {
                self.lists -= 1;
                self.end_markdown();
            }
            _ => self.end_markdown(),
        }
    }

    fn list(&mut self, number: Option<u64>) {
        self.lists += 1;
        let continued = if self.lists == 1 { self.continuation } else { None };
        let class = if continued.is_some() {
            " class=\"continued\""
        } else {
            ""
        };
        let number = match (number, continued) {
            (Some(own), continued) => Some(continued.and_then(|list| list.number).unwrap_or(own)),
            (None, _) => None,
        };
        match number {
            None => self.block("ul", class),
            Some(1) => self.block("ol", class),
            Some(number) => self.block("ol", &format!("{class} start=\"{number}\"")),
        }
    }

    fn cell(&mut self) {
        let alignment = self
            .alignments
            .get(self.column)
            .copied()
            .unwrap_or(Alignment::None);
        self.column += 1;
        let class = match alignment {
            Alignment::None => "",
            Alignment::Left => " class=\"left\"",
            Alignment::Center => " class=\"center\"",
            Alignment::Right => " class=\"num\"",
        };
        if self.cells_left == 0 || self.column > limits::TABLE_COLUMNS {
            self.out.push(' ');
            self.frames.push(Frame {
                name: "",
                origin: Origin::Markdown,
                written: false,
            });
            return;
        }
        self.cells_left -= 1;
        self.open(
            if self.in_table_head { "th" } else { "td" },
            class,
            Origin::Markdown,
        );
    }

    fn inline_code(&mut self, code: &str) {
        self.before_inline();
        self.out.push_str("<code>");
        escape::push_code(&mut self.out, code);
        self.out.push_str("</code>");
    }

    fn footnote_reference(&mut self, label: &str) {
        self.before_inline();
        if let Some(Meaning::Number(number)) = self.definitions.get(&Label::footnote(label)) {
            let _ = write!(self.out, "<sup class=\"footnote-ref\">{number}</sup>");
        } else {
            self.out.push_str("[^");
            escape::push_text(&mut self.out, label);
            self.out.push(']');
        }
    }

    fn image_event(&mut self, event: &Event<'_>) {
        let Some(image) = &mut self.image else { return };
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                image.alt.push_str(text);
            }
            Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
            Event::Start(Tag::Image { .. }) => image.depth += 1,
            Event::End(TagEnd::Image) if image.depth > 0 => image.depth -= 1,
            Event::End(TagEnd::Image) => {
                if let Some(image) = self.image.take() {
                    self.image_link(&image.url, &image.alt);
                }
            }
            _ => {}
        }
    }

    /// A tight item of a list that was loose before gets its paragraph.
    fn before_inline(&mut self) {
        let wanted = self.lists == 1
            && self.continuation.is_some_and(|list| list.loose)
            && self.frames.last().is_some_and(|frame| frame.name == "li");
        if wanted {
            self.open("p", "", Origin::Item);
        }
    }

    fn before_block(&mut self) {
        if self
            .frames
            .last()
            .is_some_and(|frame| frame.origin == Origin::Item)
        {
            self.end_frames_above(self.frames.len() - 1);
        }
    }

    fn block(&mut self, name: &'static str, attributes: &str) {
        self.before_block();
        self.open(name, attributes, Origin::Markdown);
    }

    fn inline(&mut self, name: &'static str, attributes: &str) {
        self.before_inline();
        self.open(name, attributes, Origin::Markdown);
    }

    pub(super) fn open(&mut self, name: &'static str, attributes: &str, origin: Origin) {
        let written = !name.is_empty() && self.written_depth < limits::NESTING;
        if written {
            self.written_depth += 1;
            self.links_open += usize::from(name == "a");
            self.out.push('<');
            self.out.push_str(name);
            self.out.push_str(attributes);
            self.out.push('>');
        }
        self.frames.push(Frame {
            name,
            origin,
            written,
        });
    }

    /// Ends the innermost markdown construct and whatever raw tags were left open in it.
    fn end_markdown(&mut self) {
        while let Some(frame) = self.frames.pop() {
            self.end_frame(&frame);
            if frame.origin == Origin::Markdown {
                return;
            }
        }
    }

    pub(super) fn end_frames_above(&mut self, length: usize) {
        while self.frames.len() > length {
            if let Some(frame) = self.frames.pop() {
                self.end_frame(&frame);
            }
        }
    }

    fn end_frame(&mut self, frame: &Frame) {
        if frame.written {
            self.written_depth -= 1;
            self.links_open -= usize::from(frame.name == "a");
            self.out.push_str("</");
            self.out.push_str(frame.name);
            self.out.push('>');
        } else if matches!(frame.name, "p" | "li" | "blockquote") {
            self.out.push(' ');
        }
    }
}

fn heading(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h1",
        HeadingLevel::H2 => "h2",
        HeadingLevel::H3 => "h3",
        HeadingLevel::H4 => "h4",
        HeadingLevel::H5 => "h5",
        HeadingLevel::H6 => "h6",
    }
}
