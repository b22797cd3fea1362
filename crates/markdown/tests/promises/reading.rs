//! Reading rendered HTML back with a real HTML tokenizer, to assert on what a browser would see.

use std::cell::RefCell;

use cowork_markdown::{Block, BlockKind};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// What a document holds, in order.
#[derive(Debug, PartialEq)]
pub(crate) enum Seen {
    Open(String, Vec<(String, String)>),
    Close(String),
    Text(String),
    Other(String),
}

#[derive(Default)]
struct Sink(RefCell<Vec<Seen>>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let seen = match token {
            Token::TagToken(Tag {
                kind: TagKind::StartTag,
                name,
                attrs,
                ..
            }) => Seen::Open(
                name.to_string(),
                attrs
                    .iter()
                    .map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()))
                    .collect(),
            ),
            Token::TagToken(Tag { name, .. }) => Seen::Close(name.to_string()),
            Token::CharacterTokens(text) => Seen::Text(text.to_string()),
            Token::NullCharacterToken => Seen::Other("NUL".to_owned()),
            Token::CommentToken(text) => Seen::Other(format!("comment {text}")),
            Token::DoctypeToken(_) => Seen::Other("doctype".to_owned()),
            Token::ParseError(_) | Token::EOFToken => return TokenSinkResult::Continue,
        };
        self.0.borrow_mut().push(seen);
        TokenSinkResult::Continue
    }
}

pub(crate) fn read(html: &str) -> Vec<Seen> {
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.take()
}

/// The block as the interface frames it.
pub(crate) fn framed(block: &Block) -> String {
    let inner: String = block
        .pieces
        .iter()
        .map(cowork_markdown::SafeHtml::as_str)
        .collect();
    match &block.kind {
        BlockKind::Html => inner,
        BlockKind::Code { language } => {
            format!(
                "<pre data-language=\"{}\"><code>{inner}</code></pre>",
                language.as_deref().unwrap_or_default()
            )
        }
        BlockKind::Table => {
            let head = block
                .pieces
                .first()
                .map(cowork_markdown::SafeHtml::as_str)
                .unwrap_or_default();
            let body: String = block
                .pieces
                .iter()
                .skip(1)
                .map(cowork_markdown::SafeHtml::as_str)
                .collect();
            format!("<table><thead>{head}</thead><tbody>{body}</tbody></table>")
        }
    }
}

/// The text a reader sees.
pub(crate) fn text_of(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        for piece in &block.pieces {
            for seen in read(piece.as_str()) {
                if let Seen::Text(part) = seen {
                    text.push_str(&part);
                }
            }
        }
    }
    text
}

const TAGS: [&str; 36] = [
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
];

const MATH: [&str; 25] = [
    "math",
    "menclose",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
];

const CLASSES: [&str; 23] = [
    "math-block",
    "math-source",
    "math-wide",
    "right",
    "apart",
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
    "image-link",
    "left",
    "center",
    "num",
    "footnote-ref",
    "footnotes",
    "continued",
];

/// Asserts everything that must hold for every piece of HTML this crate makes.
pub(crate) fn assert_safe(source: &str, blocks: &[Block]) {
    for piece in blocks.iter().flat_map(|block| &block.pieces) {
        let html = piece.as_str();
        let (mut depth, mut deepest) = (0usize, 0usize);
        for seen in read(html) {
            match seen {
                Seen::Open(name, attributes) => {
                    assert!(
                        TAGS.contains(&name.as_str()) || MATH.contains(&name.as_str()),
                        "unknown element <{name}> from {source:?}: {html}"
                    );
                    if !matches!(name.as_str(), "br" | "hr") {
                        depth += 1;
                        deepest = deepest.max(depth);
                    }
                    assert_attributes(source, html, &name, &attributes);
                }
                Seen::Close(name) => {
                    assert!(depth > 0, "</{name}> closes nothing, from {source:?}: {html}");
                    depth -= 1;
                }
                Seen::Text(_) => {}
                Seen::Other(what) => panic!("{what} from {source:?}: {html}"),
            }
        }
        assert_eq!(depth, 0, "every piece is balanced, from {source:?}: {html}");
        assert!(
            deepest <= 90,
            "nesting is bounded, from {} bytes: {deepest}",
            source.len()
        );
        let hidden = html.chars().find(|character| {
            matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
                || (character.is_control() && !matches!(character, '\n' | '\t'))
        });
        assert_eq!(
            hidden, None,
            "no control character reaches the document, from {source:?}"
        );
    }
}

fn assert_attributes(source: &str, html: &str, element: &str, attributes: &[(String, String)]) {
    for (name, value) in attributes {
        match (element, name.as_str()) {
            ("a", "href") => {
                let lower = value.to_ascii_lowercase();
                let allowed = ["http:", "https:", "mailto:"]
                    .iter()
                    .any(|scheme| lower.starts_with(scheme));
                assert!(allowed, "only web and mail links, from {source:?}: {value}");
            }
            ("a", "rel") => assert_eq!(value, "noopener noreferrer", "from {source:?}: {html}"),
            ("a" | "span", "title")
            | ("span", "role" | "aria-checked" | "aria-disabled")
            | ("ol", "start")
            | ("math", "alttext") => {}
            ("math", "display") => assert_eq!(value, "block", "from {source:?}: {html}"),
            ("span", "tabindex") => assert_eq!(value, "0", "from {source:?}: {html}"),
            (
                element,
                "width" | "height" | "depth" | "voffset" | "lspace" | "rspace" | "minsize" | "maxsize"
                | "linethickness",
            ) if MATH.contains(&element) => {
                let ems = value.trim_end_matches("em").parse::<f32>();
                let near = ems.is_ok_and(|ems| ems.abs() <= 8.0);
                assert!(near, "a formula stays in its place, from {source:?}: {value}");
            }
            (
                element,
                "accent" | "accentunder" | "displaystyle" | "largeop" | "movablelimits" | "stretchy"
                | "symmetric",
            ) if MATH.contains(&element) => assert!(matches!(value.as_str(), "true" | "false"), "{html}"),
            (element, "form" | "mathvariant" | "notation" | "scriptlevel") if MATH.contains(&element) => {
                assert!(
                    value
                        .chars()
                        .all(|letter| letter.is_ascii_alphanumeric() || "+- ".contains(letter)),
                    "{html}"
                );
            }
            (_, "class") => {
                for class in value.split_whitespace() {
                    assert!(
                        CLASSES.contains(&class),
                        "unknown class {class} from {source:?}: {html}"
                    );
                }
            }
            _ => panic!("attribute {name}={value:?} on <{element}> from {source:?}: {html}"),
        }
    }
    let linked = element == "a" && attributes.iter().any(|(name, _)| name == "href");
    assert!(
        !linked || attributes.iter().any(|(name, _)| name == "rel"),
        "every link carries rel, from {source:?}: {html}"
    );
}
