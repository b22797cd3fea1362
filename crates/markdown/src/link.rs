//! Which URLs may be links, and the bare URLs and addresses in text that are meant as links.

use crate::escape;
use crate::limits;

/// The URL as an `href`, or `None` when it must not be a link.
///
/// Only `http`, `https` and `mailto` pass. A relative URL does not: in the app it would point at the app itself.
pub(crate) fn safe_href(url: &str) -> Option<String> {
    let url = url.trim();
    if url.len() > limits::URL_BYTES || url.chars().any(escape::deceives) {
        return None;
    }
    let (scheme, rest) = url.split_once(':')?;
    let known = ["http", "https", "mailto"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    if !known || rest.is_empty() {
        return None;
    }
    let mut href = String::with_capacity(url.len());
    for character in url.chars() {
        match character {
            ' ' => href.push_str("%20"),
            '\t' => href.push_str("%09"),
            '\n' => href.push_str("%0A"),
            '"' => href.push_str("%22"),
            '<' => href.push_str("%3C"),
            '>' => href.push_str("%3E"),
            '\\' => href.push_str("%5C"),
            '`' => href.push_str("%60"),
            _ => href.push(character),
        }
    }
    Some(href)
}

/// Whether a URL is one a remote image could load from.
pub(crate) fn is_http(href: &str) -> bool {
    href.split_once(':').is_some_and(|(scheme, _)| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    })
}

/// A stretch of text, and the URL it links to when it is a bare link.
pub(crate) struct Stretch<'a> {
    pub(crate) text: &'a str,
    pub(crate) url: Option<String>,
}

/// Splits text at its bare links: the "extended autolinks" of GitHub Flavored Markdown.
pub(crate) fn split_bare_links(text: &str) -> Vec<Stretch<'_>> {
    let mut stretches = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find(['h', 'H', 'w', 'W', '@']) {
        let start = at + found;
        at = start + 1;
        let link = if text[start..].starts_with('@') {
            mail_around(text, start, from)
        } else {
            url_at(text, start)
        };
        let Some((link_start, link_end, url)) = link else {
            continue;
        };
        if link_start > from {
            stretches.push(Stretch {
                text: &text[from..link_start],
                url: None,
            });
        }
        stretches.push(Stretch {
            text: &text[link_start..link_end],
            url: Some(url),
        });
        from = link_end;
        at = link_end;
    }
    if from < text.len() {
        stretches.push(Stretch {
            text: &text[from..],
            url: None,
        });
    }
    stretches
}

fn url_at(text: &str, start: usize) -> Option<(usize, usize, String)> {
    let preceded_well = text[..start]
        .chars()
        .next_back()
        .is_none_or(|before| before.is_whitespace() || "*_~([{\"'<>|,;:".contains(before));
    if !preceded_well {
        return None;
    }
    let prefix = ["https://", "http://", "www."].into_iter().find(|prefix| {
        text.get(start..start + prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    })?;
    let rest = &text[start..];
    // The bound keeps a long run of "http://http://…" linear; a longer URL is no link anyway.
    let end = rest
        .char_indices()
        .take_while(|(at, character)| {
            *at <= limits::URL_BYTES && !character.is_whitespace() && *character != '<'
        })
        .last()
        .map_or(0, |(at, character)| at + character.len_utf8());
    let link = trim_trailing(&rest[..end]);
    let host = link.get(prefix.len()..)?;
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let domain = if prefix == "www." {
        host.contains(|character: char| character.is_alphanumeric())
    } else {
        is_host(host)
    };
    if !domain {
        return None;
    }
    let url = if prefix == "www." {
        format!("http://{link}")
    } else {
        link.to_owned()
    };
    Some((start, start + link.len(), url))
}

fn is_host(host: &str) -> bool {
    host.starts_with(|character: char| character.is_alphanumeric() || character == '[')
}

/// Punctuation at the end belongs to the sentence, and so does a closing bracket without its opening one.
fn trim_trailing(link: &str) -> &str {
    let mut end = link.len();
    let mut unbalanced = link
        .matches(')')
        .count()
        .saturating_sub(link.matches('(').count());
    while let Some(last) = link[..end].chars().next_back() {
        match last {
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | '"' | '>' | ']' | '}' | '|' => {}
            ')' if unbalanced > 0 => unbalanced -= 1,
            _ => break,
        }
        end -= last.len_utf8();
    }
    &link[..end]
}

/// The longest part of an address before its `@`; also what keeps the look back from each `@` short.
const MAIL_NAME_BYTES: usize = 64;

fn mail_around(text: &str, at_sign: usize, from: usize) -> Option<(usize, usize, String)> {
    let bytes = text.as_bytes();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
    let floor = from.max(at_sign.saturating_sub(MAIL_NAME_BYTES));
    let mut start = at_sign;
    while start > floor && is_name(bytes[start - 1]) {
        start -= 1;
    }
    let domain_start = at_sign + 1;
    let domain_length = bytes[domain_start..]
        .iter()
        .take(limits::URL_BYTES)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(byte))
        .count();
    let domain = text[domain_start..domain_start + domain_length].trim_end_matches('.');
    let valid =
        start < at_sign && domain.contains('.') && !domain.ends_with(['-', '_']) && !domain.starts_with('.');
    let end = domain_start + domain.len();
    valid.then(|| (start, end, format!("mailto:{}", &text[start..end])))
}
