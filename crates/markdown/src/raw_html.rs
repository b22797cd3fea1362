//! Raw HTML in markdown, cut into tags and text.
//!
//! Not a parser of HTML: it knows enough to recognise the few tags that mean formatting, so that the writer can emit
//! them balanced. Whatever it does not recognise is text, and text is escaped.

use crate::limits;

/// One token of raw HTML.
#[derive(Debug, PartialEq)]
pub(crate) enum Token<'a> {
    /// Everything that is no tag.
    Text(&'a str),
    /// `<name …>`; attributes are only those that can matter.
    Open {
        name: String,
        attributes: Attributes,
        source: &'a str,
    },
    /// `</name>`.
    Close { name: String, source: &'a str },
    /// `<!-- … -->`, which shows nothing.
    Comment,
}

/// The attributes that survive, by name.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Attributes {
    pub(crate) href: Option<String>,
    pub(crate) src: Option<String>,
    pub(crate) alt: Option<String>,
}

/// Cuts raw HTML into tokens.
pub(crate) fn tokens(mut html: &str) -> impl Iterator<Item = Token<'_>> {
    std::iter::from_fn(move || {
        if html.is_empty() {
            return None;
        }
        let (token, length) = next(html);
        html = &html[length..];
        Some(token)
    })
}

fn next(html: &str) -> (Token<'_>, usize) {
    if let Some(rest) = html.strip_prefix("<!--") {
        let length = rest.find("-->").map_or(html.len(), |end| 4 + end + 3);
        return (Token::Comment, length);
    }
    if html.starts_with('<')
        && let Some(tag) = tag(html)
    {
        return tag;
    }
    let skip = usize::from(html.starts_with('<'));
    let length = html[skip..].find('<').map_or(html.len(), |at| at + skip);
    (Token::Text(&html[..length]), length)
}

fn tag(html: &str) -> Option<(Token<'_>, usize)> {
    let closing = html[1..].starts_with('/');
    let name_start = if closing { 2 } else { 1 };
    let name_length = html[name_start..]
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        .count();
    let after_name = name_start + name_length;
    if !html[name_start..].starts_with(|character: char| character.is_ascii_alphabetic()) {
        return None;
    }
    let name = html[name_start..after_name].to_ascii_lowercase();
    let mut attributes = Attributes::default();
    let mut at = after_name;
    loop {
        at += html[at..]
            .bytes()
            .take_while(|byte| byte.is_ascii_whitespace() || *byte == b'/')
            .count();
        if at > limits::RAW_TAG_BYTES {
            return None;
        }
        match html.as_bytes().get(at)? {
            b'>' => break,
            b'<' => return None,
            _ => at += attribute(&html[at..], &mut attributes)?,
        }
    }
    let length = at + 1;
    let source = &html[..length];
    let token = if closing {
        Token::Close { name, source }
    } else {
        Token::Open {
            name,
            attributes,
            source,
        }
    };
    Some((token, length))
}

/// Reads one attribute and returns its length.
fn attribute(html: &str, into: &mut Attributes) -> Option<usize> {
    let bytes = html.as_bytes();
    let bounded = |from: usize, stop: &[u8]| {
        bytes[from..]
            .iter()
            .take(limits::RAW_TAG_BYTES)
            .position(|byte| stop.contains(byte))
            .map(|at| from + at)
    };
    let name_end = bounded(1, b" \t\n\r\x0c=/><")?;
    let spaces = |from: usize| {
        from + bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count()
    };
    let equals = spaces(name_end);
    if bytes.get(equals) != Some(&b'=') {
        return Some(name_end);
    }
    let value_start = spaces(equals + 1);
    let first = *bytes.get(value_start)?;
    let (value_start, value_end, end) = if matches!(first, b'"' | b'\'') {
        let end = bounded(value_start + 1, &[first])?;
        (value_start + 1, end, end + 1)
    } else {
        let end = bounded(value_start, b" \t\n\r\x0c><\"'`")?;
        (value_start, end, end)
    };
    let value = html.get(value_start..value_end)?;
    let slot = match html.get(..name_end)?.to_ascii_lowercase().as_str() {
        "href" => &mut into.href,
        "src" => &mut into.src,
        "alt" => &mut into.alt,
        _ => return Some(end),
    };
    // Other references stay as written: the writer escapes them, so the browser sees what the scheme check saw.
    if slot.is_none() {
        *slot = Some(value.replace("&amp;", "&"));
    }
    Some(end)
}
