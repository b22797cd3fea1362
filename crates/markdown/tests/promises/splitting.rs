//! However a message is cut into deltas, the finished document is the one of the whole.

use crate::reading;
use cowork_markdown::{Block, BlockKind, Document, Patch, render};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser};

/// What the interface does with patches: the blocks it ends up with must be the document's.
fn apply(blocks: &mut Vec<Block>, patch: &Patch) {
    blocks.truncate(patch.blocks);
    for change in &patch.changes {
        if change.index == blocks.len() {
            assert_eq!(change.keep, 0, "a new block has nothing to keep");
            blocks.push(Block {
                kind: BlockKind::Html,
                pieces: Vec::new(),
            });
        }
        let block = &mut blocks[change.index];
        assert!(
            change.keep <= block.pieces.len(),
            "a change keeps only what is there"
        );
        block.kind = change.kind.clone();
        block.pieces.truncate(change.keep);
        block.pieces.extend(change.pieces.iter().cloned());
    }
    assert_eq!(
        blocks.len(),
        patch.blocks,
        "a patch leaves the list as long as it says"
    );
}

fn stream(source: &str, cuts: &[usize]) -> Vec<Block> {
    let mut document = Document::new();
    let mut mirror = Vec::new();
    let mut from = 0;
    for cut in cuts.iter().copied().chain([source.len()]) {
        let to = source.floor_char_boundary(cut.clamp(from, source.len()));
        let patch = document.push(&source[from..to]);
        apply(&mut mirror, &patch);
        assert_eq!(
            mirror,
            document.blocks(),
            "patches lead to the document's blocks, at {to} of {source:?}"
        );
        from = to;
    }
    apply(&mut mirror, &document.finish());
    assert_eq!(
        mirror,
        document.blocks(),
        "the last patch leads to the document's blocks, of {source:?}"
    );
    assert_eq!(document.source(), source);
    mirror
}

fn every(step: usize, length: usize) -> Vec<usize> {
    (step..length).step_by(step).collect()
}

fn assert_same(source: &str, cuts: &[usize]) {
    let whole = render(source);
    let streamed = stream(source, cuts);
    assert_eq!(streamed, whole, "cut at {cuts:?}: {source:?}");
    reading::assert_safe(source, &whole);
}

/// Pieces of markdown that are likely to meet badly.
fn token() -> impl Strategy<Value = &'static str> {
    proptest::sample::select([PLAIN_TOKENS, FORMULA_TOKENS].concat())
}

const PLAIN_TOKENS: &[&str] = &[
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    " ",
    "  ",
    "    ",
    "\t",
    "a",
    "word",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2) ",
    "10. ",
    "> ",
    ">",
    "# ",
    "## ",
    "---",
    "***",
    "===",
    "-",
    "=",
    "```",
    "````",
    "~~~",
    "```rust\n",
    "`",
    "``",
    "*",
    "**",
    "_",
    "__",
    "~~",
    "~",
    "[",
    "]",
    "(",
    ")",
    "[a]",
    "[b]: /url",
    "[a]: http://a.example 'title'\n",
    "[a]: http://b.example\n",
    "[a]:",
    "'title",
    "title'",
    "\"",
    "![",
    "![alt](http://i.example/x.png)",
    "[x](http://x.example)",
    "[^1]",
    "[^1]: note\n",
    "[^1]:",
    "[^n]",
    "[^n]: other\n",
    "|",
    "| a | b |\n",
    "|---|:-:|\n",
    "|-|\n",
    "--|--\n",
    "| 1 | [a] |\n",
    "\\",
    "\\|",
    "<",
    ">",
    "<b>",
    "</b>",
    "<div>",
    "</div>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<details>\n",
    "<pre>",
    "<a\n",
    "<table><tr><td>",
    "&amp;",
    "&#x202E;",
    "\u{202E}",
    "\0",
    "\r\n",
    "\r",
    "é",
    "中",
    "http://e.example/?a=b",
    "www.e.example",
    "me@e.example",
    "[ ] ",
    "[x] ",
    "- [ ] ",
    "- [x] done\n",
    "let x = 1;",
    "fn main() {}\n",
    "\u{a0}",
];

const FORMULA_TOKENS: &[&str] = &[
    "$",
    "$",
    "$$",
    "$x^2$",
    "$5",
    "$\\frac{1}{2}$",
    "$$\na = b\n$$\n",
    "\\text{",
    "US$10",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\\(x^2\\)",
    "\\[\na = b\n\\]\n",
];

fn markdown(tokens: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    proptest::collection::vec(token(), tokens).prop_map(|tokens| tokens.concat())
}

/// Whole lines, so that large lists, tables and fences come about.
fn lines() -> impl Strategy<Value = String> {
    let line = proptest::sample::select(vec![
        "",
        "",
        "- item",
        "- item with [a] and [^1]",
        "  continued",
        "    deeper",
        "* other",
        "1. one",
        "2. two",
        "> quote",
        "text",
        "text with [a]",
        "# heading",
        "```",
        "```js",
        "| a | b |",
        "|---|---|",
        "| 1 | [a] |",
        "[a]: http://a.example",
        "[^1]: note [a]",
        "---",
        "<div>",
        "</div>",
        "<!-- c",
        "c -->",
        "    code",
        "  - nested",
        "  ```sh",
        "  echo $HOME",
        "  ```",
        "lazy",
    ]);
    proptest::collection::vec((line, 1usize..40), 1..40).prop_map(|parts| {
        let mut source = String::new();
        for (line, times) in parts {
            for _ in 0..times {
                source.push_str(line);
                source.push('\n');
            }
        }
        source
    })
}

/// A share of the usual number of cases, which `PROPTEST_CASES` sets: the sources are long.
fn cases(share: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig {
        cases: usual.cases / share,
        failure_persistence: None,
        ..usual
    }
}

proptest! {
    #![proptest_config(cases(2))]

    #[test]
    fn any_split_of_hostile_tokens_ends_in_the_same_blocks(
        source in markdown(1..60),
        cuts in proptest::collection::vec(0usize..400, 0..12),
    ) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        assert_same(&source, &cuts);
    }

    #[test]
    fn blocks_rendered_one_by_one_say_what_the_whole_document_says(source in markdown(1..60)) {
        // Footnotes move, raw HTML, images and formulas show otherwise on purpose.
        let source = source.replace(['<', '^', '!', '&', '\u{202E}', '\0', '\r', '$'], " ");
        let source = source.replace("\\(", " ").replace("\\[", " ");
        let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS;
        let mut expected = String::new();
        for event in Parser::new_ext(&source, options) {
            match event {
                Event::Text(text) | Event::Code(text) => expected.push_str(&text),
                _ => {}
            }
        }
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(squeeze(&reading::text_of(&render(&source))), squeeze(&expected), "of {:?}", source);
    }

    #[test]
    fn one_character_at_a_time_ends_in_the_same_blocks(source in markdown(1..40)) {
        assert_same(&source, &every(1, source.len()));
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn any_split_of_long_messages_ends_in_the_same_blocks(source in lines(), step in 7usize..700) {
        assert_same(&source, &every(step, source.len()));
    }

    #[test]
    fn replacing_the_source_ends_in_the_same_blocks(before in markdown(0..30), after in markdown(0..30)) {
        let mut document = Document::new();
        let mut mirror = Vec::new();
        apply(&mut mirror, &document.push(&before));
        apply(&mut mirror, &document.replace(&after));
        apply(&mut mirror, &document.finish());
        prop_assert_eq!(&mirror, &render(&after));
        apply(&mut mirror, &document.push("more"));
        apply(&mut mirror, &document.finish());
        prop_assert_eq!(mirror, render(&format!("{after}more")));
    }
}

#[test]
fn known_hard_cases_end_in_the_same_blocks() {
    let cases = [
        "[a]: /url\n'title'\n\n[a]",
        "[a]: http://a.example\n'title\nmore'\n[a]",
        "text\n=\n=",
        "a $x^2$ b $$\ny = [a]\n$$\n\n[a]: http://a.example",
        "**$5** to **$10** and [a] US$3\n\n[a]: http://a.example",
        "- $x$\n- $$y = 1$$\n  $",
        "| $a$ | b |\n|---|---|\n| $\\frac{1}{2}$ | $5 |\n",
        "text\n- bar",
        "a | b\n--|--\n1 | 2\nx\n\ny",
        "text\n| a |\n|---|\n| 1 |",
        "- a\n\n- b\n\n\ntext",
        "[^1] and [a]\n\n[^1]: note\n\n    more\n\n[a]: http://a.example",
        "[a]: http://a.example\n    indented\n\n    code",
        "```\n``\n```` \ntext",
        "~~~ rust\r\nfn a() {}\r\n~~~\r\n\r\nend",
        "  ```\n   a\n\tb\n  ```",
        "<div>\n*a*\n\n*b*\n</div>",
        "<!-- a\n\nb -->\n\nc",
        "a[a]\n\n[a]:|---|:-:|\n```",
        "- item\n  ```\n[a]: http://a.example\n2. two\n2. two\n---\n",
        "- ```rust\n[a]: http://a.example 'title'\n    <b>\n> ",
        "[^1]: note\n    [^1]: note\n\n",
        "[^1]: [^2]: both\n[^1] [^2]",
        "- [ ] \n\n",
    ];
    for source in cases {
        for step in [1, 2, 3, 5] {
            assert_same(source, &every(step, source.len()));
        }
    }
}

#[test]
fn long_lists_end_in_the_same_blocks_and_keep_counting() {
    let mut source = String::from("1. zero\n");
    for number in 0..400 {
        source.push_str("1. item number ");
        source.push_str(&number.to_string());
        source.push_str(if number % 50 == 0 { "\n\n" } else { "\n" });
    }
    for step in [9, 130, 2_500] {
        assert_same(&source, &every(step, source.len()));
    }
    let blocks = render(&source);
    assert!(blocks.len() > 2, "a long list is shown in parts");
    let mut expected = 1;
    for block in &blocks {
        let html = reading::framed(block);
        let start = html
            .split("start=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .map_or(1, |number| number.parse::<usize>().unwrap_or_default());
        assert_eq!(start, expected, "each part goes on counting: {html}");
        expected += html.matches("<li>").count();
    }
    assert_eq!(expected, 402, "no item is lost");
}
