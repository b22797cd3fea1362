//! Input made to hurt: no panic, bounded output, bounded patches, nothing unsafe.
#![expect(
    clippy::format_collect,
    reason = "what a source looks like is easier to read so"
)]

use crate::reading;
use cowork_markdown::{Block, Document, Patch, highlight, render};

fn size(blocks: &[Block]) -> usize {
    blocks
        .iter()
        .flat_map(|block| &block.pieces)
        .map(|piece| piece.as_str().len())
        .sum()
}

fn patch_size(patch: &Patch) -> usize {
    patch
        .changes
        .iter()
        .flat_map(|change| &change.pieces)
        .map(|piece| piece.as_str().len())
        .sum()
}

/// Sources that grow with a factor and would be quadratic, or overflow a stack, if nothing stopped them.
#[expect(clippy::too_many_lines, reason = "a table")]
fn hostile(factor: usize) -> Vec<(&'static str, String)> {
    let n = factor;
    vec![
        ("quotes", ">".repeat(n)),
        ("spaced quotes", "> ".repeat(n)),
        ("quote lines", "> > > > a\n".repeat(n / 8)),
        ("brackets", "[".repeat(n)),
        ("bracket pairs", "[]".repeat(n / 2)),
        ("image openings", "![".repeat(n / 2)),
        (
            "links in links",
            format!("{}a{}", "[".repeat(n / 8), "](http://a.example)".repeat(n / 16)),
        ),
        ("stars", "*".repeat(n)),
        ("open emphasis", "*a ".repeat(n / 3)),
        (
            "nested emphasis",
            format!("{}a{}", "*a **b ".repeat(n / 16), "b** a*".repeat(n / 16)),
        ),
        ("underscores", "_a__".repeat(n / 4)),
        (
            "backticks",
            (1..)
                .map(|count| "`".repeat(count % 90) + " ")
                .take(n / 45)
                .collect(),
        ),
        ("nested lists", "- ".repeat(n / 2)),
        (
            "deeper lists",
            (0..200.min(n / 8))
                .map(|depth| format!("{}- a\n", "  ".repeat(depth)))
                .collect(),
        ),
        ("ordered nesting", "1. ".repeat(n / 3)),
        (
            "blank lines after nesting",
            format!("{}a{}", "- ".repeat(n / 8), "\n".repeat(n / 2)),
        ),
        (
            "wide table",
            format!(
                "|{}\n|{}\n{}",
                "a|".repeat(n / 8),
                "-|".repeat(n / 8),
                "b\n".repeat(n / 8)
            ),
        ),
        ("long table", format!("|a|b|\n|-|-|\n{}", "|1|2|\n".repeat(n / 6))),
        (
            "short rows",
            format!(
                "{}\n{}\n{}",
                "|a".repeat(60),
                "|-".repeat(60),
                "x\n".repeat(n / 2)
            ),
        ),
        (
            "wide nested table",
            format!(
                "- a\n{}\n  {}\n  {}\n{}",
                "  text\n".repeat(n / 16),
                "|a".repeat(n / 16),
                "|-".repeat(n / 16),
                "  x\n".repeat(n / 8)
            ),
        ),
        (
            "nested table",
            format!(
                "- {}\n  {}\n{}",
                "|a".repeat(60),
                "|-".repeat(60),
                "  x\n".repeat(n / 8)
            ),
        ),
        ("entities", "&amp;&#x41;&lt;".repeat(n / 14)),
        ("entity words", "&".repeat(n)),
        ("one line", "a".repeat(n)),
        ("one line of words", "a b ".repeat(n / 4)),
        ("one paragraph", "words and words\n".repeat(n / 16)),
        ("one code line", format!("```js\n{}", "a(".repeat(n / 2))),
        ("one backtick line", format!("```\n{}", "`".repeat(n))),
        ("open tags", "<b>".repeat(n / 3)),
        ("open anchors", "<a href=\"http://a.example\">x".repeat(n / 28)),
        ("half tags", "<a ".repeat(n / 3)),
        ("half quotes", "<a b=\"".repeat(n / 6)),
        (
            "block tags",
            format!("<div>\n{}", "<ul><li><table><tr><td><p><b>".repeat(n / 29)),
        ),
        (
            "foster children",
            format!("<table>\n{}", "x<b></b>".repeat(n / 8)),
        ),
        ("comments", "<!-- ".repeat(n / 5)),
        ("processing instructions", "<?".repeat(n / 2)),
        ("bare links", "http://".repeat(n / 7)),
        ("dots and www", "www.".repeat(n / 4)),
        ("addresses", "a@".repeat(n / 2)),
        ("closing brackets", format!("http://a.example/{}", ")".repeat(n))),
        (
            "definitions",
            (0..n / 32)
                .map(|number| format!("[l{number}]: http://a.example\n"))
                .collect(),
        ),
        ("same definition", "[l]: http://a.example\n".repeat(n / 22)),
        (
            "long definition",
            format!(
                "[l]: http://a.example/{}\n\n{}",
                "x".repeat(1_500),
                "[l] ".repeat(n / 8)
            ),
        ),
        (
            "footnotes",
            (0..n / 32)
                .map(|number| format!("[^{number}]: note\n\ntext[^{number}]\n\n"))
                .collect(),
        ),
        (
            "footnote references",
            format!("{}\n\n[^1]: note", "[^1]".repeat(n / 8)),
        ),
        ("controls", "\u{202E}\0\u{1b}".repeat(n / 5)),
        ("carriage returns", "a\r\r\n".repeat(n / 4)),
        ("pipes", "|".repeat(n)),
        ("setext", "a\n=\n".repeat(n / 4)),
        ("tiny fences", "```\n```\n".repeat(n / 8)),
        ("tildes", "~".repeat(n)),
        ("backslashes", "\\".repeat(n)),
    ]
}

#[test]
fn output_stays_in_proportion_to_hostile_input_and_safe() {
    for (name, source) in hostile(64 * 1024) {
        let blocks = render(&source);
        reading::assert_safe(name, &blocks);
        // The widest factors are escaping (&quot;) and the padding of short table rows.
        let bound = if name == "short rows" {
            5_000 * 60 * 12 + 64 * source.len()
        } else {
            64 * source.len() + 4_096
        };
        assert!(
            size(&blocks) <= bound,
            "{name}: {} bytes from {}",
            size(&blocks),
            source.len()
        );
    }
}

#[test]
fn streaming_hostile_input_sends_a_bounded_patch_per_delta_on_average() {
    for (name, source) in hostile(24 * 1024) {
        let mut document = Document::new();
        let (mut sent, mut deltas, mut from) = (0, 0, 0);
        while from < source.len() {
            let to = source.floor_char_boundary((from + 48).min(source.len()));
            sent += patch_size(&document.push(&source[from..to]));
            deltas += 1;
            from = to;
        }
        document.finish();
        assert_eq!(document.blocks(), render(&source), "{name}");
        // The open block may be sent again, never the message: 4 KB of source, at most 16 times that as HTML, doubled
        // for the blocks that grow beyond it.
        assert!(
            sent / deltas <= 128 * 1024,
            "{name}: {} bytes per delta",
            sent / deltas
        );
    }
}

#[test]
fn a_megabyte_in_one_line_streams_and_ends() {
    for source in [
        "word ".repeat(200_000),
        format!("```\n{}", "x".repeat(1_000_000)),
        format!("|a|\n|-|\n|{}", "y ".repeat(500_000)),
    ] {
        let mut document = Document::new();
        let mut sent = 0;
        let mut rest = source.as_str();
        while !rest.is_empty() {
            let (delta, next) = rest.split_at(rest.len().min(1_000));
            sent += patch_size(&document.push(delta));
            rest = next;
        }
        document.finish();
        assert_eq!(document.blocks(), render(&source));
        assert!(
            sent <= 24 * source.len(),
            "a megabyte is sent a bounded number of times: {sent}"
        );
    }
}

#[test]
fn a_delta_in_a_long_open_block_sends_the_same_as_in_a_short_one() {
    let samples: [(&str, &str, &str); 4] = [
        (
            "fence",
            "```rust\n",
            "    let total: u64 = items.iter().sum(); // bytes\n",
        ),
        ("table", "| a | b |\n|---|---|\n", "| one **cell** | another |\n"),
        (
            "list",
            "",
            "- a step with `code` and **weight**, about as long as steps are\n",
        ),
        (
            "prose",
            "",
            "A paragraph of *some* words, as they come, and then a few more of them.\n\n",
        ),
    ];
    for (name, opening, line) in samples {
        let sent_at = |size: usize| {
            let mut document = Document::new();
            document.push(opening);
            document.push(&line.repeat(size / line.len()));
            let (mut sent, mut changed) = (0, 0);
            for piece in line.repeat(60).as_bytes().chunks(8) {
                let patch = document.push(std::str::from_utf8(piece).unwrap_or_default());
                sent += patch_size(&patch);
                changed = changed.max(patch.changes.len());
            }
            assert!(changed <= 4, "{name}: a delta changes the blocks at the end only");
            sent
        };
        let (short, long) = (sent_at(1_024), sent_at(100 * 1_024));
        assert!(
            long <= 2 * short,
            "{name}: {long} bytes at 100 KB, {short} at 1 KB"
        );
    }
}

#[test]
fn late_definitions_do_not_render_the_message_once_each() {
    let references: String = (0..1_500).map(|number| format!("[l{number}] ")).collect();
    let table = format!("|a|\n|-|\n{}", format!("| {references} |\n").repeat(1));
    let mut source = format!("{}\n{table}\n", format!("{references}\n\n").repeat(20));
    let mut document = Document::new();
    document.push(&source);
    let mut sent = 0;
    for number in 0..1_500 {
        let line = format!("[l{number}]: http://a.example/{number}\n");
        sent += patch_size(&document.push(&line));
        source.push_str(&line);
    }
    assert!(
        sent <= 64 * source.len(),
        "{sent} bytes sent for {} of source",
        source.len()
    );
    document.finish();
    assert_eq!(document.blocks(), render(&source));
}

#[test]
fn nesting_is_flattened_not_followed() {
    for source in [
        "> ".repeat(100_000),
        "- ".repeat(50_000),
        format!("{}x", "*a **b ".repeat(20_000)),
        "<b><i>".repeat(30_000),
    ] {
        reading::assert_safe(&source[..16], &render(&source));
    }
}

#[test]
fn code_made_to_backtrack_is_highlighted_or_plain_but_ends() {
    for language in [
        "js", "python", "rust", "html", "sh", "markdown", "cpp", "java", "css", "yaml",
    ] {
        for unit in ["(", "a<", "\"", "/*", "{[", "a.b(", "= ", "'\\", "<a b="] {
            let code = unit.repeat(1_900 / unit.len());
            assert_eq!(highlight(language, &code).len(), 1, "{language} {unit}");
        }
    }
}
