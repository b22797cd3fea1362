//! The dialect: what markdown becomes.

use crate::reading;
use cowork_markdown::{BlockKind, Document, render};

fn html(source: &str) -> String {
    let blocks = render(source);
    reading::assert_safe(source, &blocks);
    blocks.iter().map(reading::framed).collect()
}

#[track_caller]
fn assert_html(source: &str, expected: &str) {
    assert_eq!(html(source), expected, "of {source:?}");
}

#[test]
fn commonmark_blocks_render() {
    assert_html("# One\n\nTwo\n===\n", "<h1>One</h1><h1>Two</h1>");
    assert_html("a\nb  \nc", "<p>a\nb<br>\nc</p>");
    assert_html(
        "> a\n> > b",
        "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>",
    );
    assert_html("***", "<hr>");
    assert_html("- a\n- b", "<ul><li>a</li><li>b</li></ul>");
    assert_html("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>");
    assert_html("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>");
    assert_html(
        "    code\n\n    more",
        "<pre data-language=\"\"><code>code\n\nmore\n</code></pre>",
    );
    assert_html("<!-- nothing -->", "");
}

#[test]
fn commonmark_inlines_render() {
    assert_html(
        "*a* **b** `c<` ~~d~~ \\*",
        "<p><em>a</em> <strong>b</strong> <code>c&lt;</code> <del>d</del> *</p>",
    );
    assert_html(
        "[a](https://a.example \"t\") <https://b.example>",
        "<p><a href=\"https://a.example\" title=\"t\" rel=\"noopener noreferrer\">a</a> \
         <a href=\"https://b.example\" rel=\"noopener noreferrer\">https://b.example</a></p>",
    );
    assert_html(
        "[a][x] [x]\n\n[x]: https://x.example",
        "<p><a href=\"https://x.example\" rel=\"noopener noreferrer\">a</a> \
         <a href=\"https://x.example\" rel=\"noopener noreferrer\">x</a></p>",
    );
    assert_html("&copy; &amp; &#65;", "<p>© &amp; A</p>");
}

#[test]
fn bare_links_become_links_outside_of_code_and_links() {
    let link = |href: &str, text: &str| format!("<a href=\"{href}\" rel=\"noopener noreferrer\">{text}</a>");
    assert_html(
        "see https://a.example/x_y_z.",
        &format!(
            "<p>see {}.</p>",
            link("https://a.example/x_y_z", "https://a.example/x_y_z")
        ),
    );
    assert_html(
        "(www.a.example/q?(x))",
        &format!(
            "<p>({})</p>",
            link("http://www.a.example/q?(x)", "www.a.example/q?(x)")
        ),
    );
    assert_html(
        "mail me@a.example!",
        &format!("<p>mail {}!</p>", link("mailto:me@a.example", "me@a.example")),
    );
    assert_html(
        "https://a.example/?b=1&c=2",
        &format!(
            "<p>{}</p>",
            link("https://a.example/?b=1&amp;c=2", "https://a.example/?b=1&amp;c=2")
        ),
    );
    assert_html("`https://a.example`", "<p><code>https://a.example</code></p>");
    assert_html(
        "[https://a.example](https://b.example)",
        &format!("<p>{}</p>", link("https://b.example", "https://a.example")),
    );
    assert_html(
        "xhttps://a.example https:// www. @ a@b",
        "<p>xhttps://a.example https:// www. @ a@b</p>",
    );
}

#[test]
fn tables_align_by_class_and_come_in_row_pieces() {
    let source = "| a | b | c |\n|:--|:-:|--:|\n| 1 | **2** | 3\n| 4 |";
    let blocks = render(source);
    assert_eq!(blocks.len(), 1);
    assert_eq!(blocks[0].kind, BlockKind::Table);
    let pieces: Vec<_> = blocks[0]
        .pieces
        .iter()
        .map(cowork_markdown::SafeHtml::as_str)
        .collect();
    assert_eq!(
        pieces,
        [
            "<tr><th class=\"left\">a</th><th class=\"center\">b</th><th class=\"num\">c</th></tr>",
            "<tr><td class=\"left\">1</td><td class=\"center\"><strong>2</strong></td><td class=\"num\">3</td></tr>\
             <tr><td class=\"left\">4</td><td class=\"center\"></td><td class=\"num\"></td></tr>",
        ]
    );
    assert_html(
        "- | a |\n  |---|\n  | 1 |",
        "<ul><li><table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table></li></ul>",
    );
}

#[test]
fn task_lists_are_read_only_boxes() {
    let span = |class: &str, checked: bool| {
        format!(
            "<span class=\"{class}\" role=\"checkbox\" aria-checked=\"{checked}\" aria-disabled=\"true\"></span>"
        )
    };
    assert_html(
        "- [ ] a\n- [x] b",
        &format!(
            "<ul><li>{} a</li><li>{} b</li></ul>",
            span("task", false),
            span("task done", true)
        ),
    );
}

#[test]
fn footnotes_are_numbered_by_definition_and_gathered_at_the_end() {
    assert_html(
        "a[^x] b[^y] c[^z]\n\n[^x]: first\n[^y]: second\n\nlast",
        "<p>a<sup class=\"footnote-ref\">1</sup> b<sup class=\"footnote-ref\">2</sup> c[^z]</p><p>last</p>\
         <ol class=\"footnotes\"><li><p>first</p></li><li><p>second</p></li></ol>",
    );
}

#[test]
fn images_are_links_that_load_nothing() {
    let link = "<a class=\"image-link\" href=\"https://a.example/i.png\" rel=\"noopener noreferrer\">";
    assert_html(
        "![a *b*](https://a.example/i.png)",
        &format!("<p>{link}a b</a></p>"),
    );
    assert_html(
        "![](https://a.example/i.png)",
        &format!("<p>{link}https://a.example/i.png</a></p>"),
    );
    assert_html(
        "<img src=\"https://a.example/i.png\" alt=\"x\" onerror=\"y\">",
        &format!("{link}x</a>"),
    );
    assert_html(
        "![alt](data:image/png;base64,AAAA) ![b](file:///etc/passwd)",
        "<p>alt b</p>",
    );
    assert_html(
        "[![i](https://a.example/i.png)](https://b.example)",
        "<p><a href=\"https://b.example\" rel=\"noopener noreferrer\">i</a></p>",
    );
}

#[test]
fn raw_html_formats_with_a_few_tags_and_shows_the_rest() {
    assert_html(
        "a <kbd>b</kbd> <mark>c</mark><br>H<sub>2</sub>O",
        "<p>a <kbd>b</kbd> <mark>c</mark><br>H<sub>2</sub>O</p>",
    );
    assert_html("a Vec<String> <b>open", "<p>a Vec&lt;String&gt; <b>open</b></p>");
    assert_html(
        "<details><summary>s</summary>t</details>\n",
        "<details><summary>s</summary>t</details>",
    );
    assert_html(
        "<table><tr><td>1<td>2</table>",
        "<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
    );
    assert_html("<p align=center>x &nbsp;&#8212; y</p>", "<p>x &nbsp;— y</p>");
}

#[test]
fn code_blocks_carry_language_and_classes() {
    let blocks = render("```rust title=\"x\"\nfn main() {} // \"hi\"\n```\n\n~~~\n<b>\n~~~");
    assert_eq!(
        blocks[0].kind,
        BlockKind::Code {
            language: Some("rust".to_owned())
        }
    );
    assert_eq!(
        blocks[0].pieces[0].as_str(),
        "<span class=\"k\">fn</span> <span class=\"f\">main</span><span class=\"p\">()</span> <span class=\"p\">{}</span> \
         <span class=\"c\">// &quot;hi&quot;</span>\n"
    );
    assert_eq!(blocks[1].kind, BlockKind::Code { language: None });
    assert_eq!(blocks[1].pieces[0].as_str(), "&lt;b&gt;\n");
}

#[test]
fn an_unfinished_construct_shows_as_the_text_so_far() {
    for (source, expected) in [
        ("a **bo", "<p>a **bo</p>"),
        ("a `co", "<p>a `co</p>"),
        ("a [te](htt", "<p>a [te](htt</p>"),
        ("- ", "<ul><li></li></ul>"),
        ("```ru", "<pre data-language=\"ru\"><code></code></pre>"),
        (
            "```rust\nlet",
            "<pre data-language=\"rust\"><code><span class=\"k\">let</span></code></pre>",
        ),
        ("```\na\n``", "<pre data-language=\"\"><code>a\n</code></pre>"),
        (
            "|a|\n|-|\n|b",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        ),
        (
            "a[^1]\n\n[^1]: no",
            "<p>a[^1]</p><ol class=\"footnotes\"><li><p>no</p></li></ol>",
        ),
    ] {
        let mut document = Document::new();
        document.push(source);
        let shown: String = document.blocks().iter().map(reading::framed).collect();
        assert_eq!(shown, expected, "while {source:?} streams");
    }
}

#[test]
fn late_definitions_reach_back_when_their_line_ends() {
    let mut document = Document::new();
    document.push("see [a] and[^1]\n\nother\n\n");
    document.push("[a]: https://a.exam");
    assert_eq!(document.blocks()[0].pieces[0].as_str(), "<p>see [a] and[^1]</p>");
    let patch = document.push("ple\n");
    assert_eq!(
        patch
            .changes
            .iter()
            .map(|change| change.index)
            .collect::<Vec<_>>(),
        [0],
        "only what it touches changes"
    );
    assert!(
        document.blocks()[0].pieces[0]
            .as_str()
            .contains("href=\"https://a.example\"")
    );
    document.push("\n[^1]: note\n");
    assert!(
        document.blocks()[0].pieces[0]
            .as_str()
            .contains("<sup class=\"footnote-ref\">1</sup>")
    );
}

#[test]
fn characters_that_deceive_are_shown_in_code_and_dropped_in_prose() {
    assert_html("a\u{202E}b\u{2066}c\u{7}d", "<p>abcd</p>");
    let mark =
        |point: &str, glyph: &str| format!("<span class=\"control\" title=\"U+{point}\">{glyph}</span>");
    assert_html(
        "`a\u{202E}b`",
        &format!("<p><code>a{}b</code></p>", mark("202E", "␣")),
    );
    assert_html(
        "```\n\u{2067}\u{1b}[0m\n```",
        &format!(
            "<pre data-language=\"\"><code>{}{}[0m\n</code></pre>",
            mark("2067", "␣"),
            mark("001B", "␛")
        ),
    );
}

#[test]
fn safe_html_serializes_as_a_string_and_kinds_by_name() {
    let blocks = render("hi\n\n```js\n1\n```");
    let json = serde_json::to_value(&blocks).unwrap_or_default();
    assert_eq!(
        json[0],
        serde_json::json!({ "kind": "Html", "pieces": ["<p>hi</p>"] })
    );
    assert_eq!(
        json[1]["kind"],
        serde_json::json!({ "Code": { "language": "js" } })
    );
}
