//! Links as the writer writes them: from markdown and raw tags, for images, and for bare URLs in text.

use super::writer::{Origin, Writer};
use crate::{escape, limits, link};

impl Writer<'_> {
    /// An image never loads: the reader decides, by following a link to it.
    pub(super) fn image_link(&mut self, url: &str, alt: &str) {
        let href = link::safe_href(url).filter(|href| link::is_http(href) && !self.in_link());
        let Some(href) = href else {
            escape::push_text(&mut self.out, alt);
            return;
        };
        self.out.push_str("<a class=\"image-link\" href=\"");
        escape::push_attribute(&mut self.out, &href);
        self.out.push_str("\">");
        escape::push_text(&mut self.out, if alt.trim().is_empty() { url } else { alt });
        self.out.push_str("</a>");
    }

    /// Opens a link, or a frame without an element when the URL must not be one.
    pub(super) fn anchor(&mut self, url: &str, title: &str, origin: Origin) {
        let Some(href) = link::safe_href(url).filter(|_| !self.in_link()) else {
            self.open("", "", origin);
            return;
        };
        let mut attributes = String::from(" href=\"");
        escape::push_attribute(&mut attributes, &href);
        attributes.push('"');
        if !title.is_empty() {
            attributes.push_str(" title=\"");
            escape::push_attribute(&mut attributes, title);
            attributes.push('"');
        }
        self.open("a", &attributes, origin);
    }

    fn in_link(&self) -> bool {
        self.links_open > 0
    }

    /// Writes the text collected so far, its bare links as links.
    pub(super) fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        if self.in_link() {
            escape::push_text(&mut self.out, &text);
            return;
        }
        for stretch in link::split_bare_links(&text) {
            match stretch.url.as_deref().and_then(link::safe_href) {
                Some(href) if self.written_depth < limits::NESTING => {
                    self.out.push_str("<a href=\"");
                    escape::push_attribute(&mut self.out, &href);
                    self.out.push_str("\">");
                    escape::push_text(&mut self.out, stretch.text);
                    self.out.push_str("</a>");
                }
                _ => escape::push_text(&mut self.out, stretch.text),
            }
        }
    }
}
