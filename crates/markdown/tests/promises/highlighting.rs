//! Code outside of markdown: diffs and file views.

use crate::reading;
use cowork_markdown::highlight;

fn lines(language: &str, code: &str) -> Vec<String> {
    highlight(language, code)
        .iter()
        .map(|line| line.as_str().to_owned())
        .collect()
}

/// The class of the first token that is exactly `token`.
fn class_of(language: &str, code: &str, token: &str) -> Option<String> {
    let html = lines(language, code).join("\n");
    let end = html.find(&format!(">{token}</span>"))?;
    let start = html[..end].rfind("class=\"")? + 7;
    html[start..end].split('"').next().map(str::to_owned)
}

#[test]
fn a_language_is_found_by_name_extension_and_path() {
    for name in ["rust", "rs", "src/main.rs", "C:\\src\\main.rs", "Rust"] {
        assert_eq!(class_of(name, "fn a() {}", "fn").as_deref(), Some("k"), "{name}");
    }
    for name in ["ts", "typescript", "tsx", "javascript", "jsx", "a/b.mjs"] {
        assert_eq!(
            class_of(name, "return 1;", "return").as_deref(),
            Some("k"),
            "{name}"
        );
    }
    for name in ["sh", "bash", "console", "zsh", "run.sh"] {
        assert_eq!(class_of(name, "# note", "# note").as_deref(), Some("c"), "{name}");
    }
    for name in ["", "nonsense", "text", "a/b/", "."] {
        assert_eq!(lines(name, "fn <a>"), ["fn &lt;a&gt;"], "{name}");
    }
}

#[test]
fn tokens_get_the_class_of_what_they_are() {
    for (language, code, token, class) in [
        ("rust", "let x: String = \"a\";", "let", "k"),
        ("rust", "let x: String = \"a\";", "&quot;a&quot;", "s"),
        ("rust", "let x = 4_096;", "4_096", "n"),
        ("rust", "struct Room;", "Room", "t"),
        ("rust", "fn run() {}", "run", "f"),
        ("python", "def run(): pass", "run", "f"),
        ("python", "x = 'a'  # b", "# b", "c"),
        ("json", "{\"a\": true}", "true", "n"),
        ("ts", "const a = `x`", "const", "k"),
        ("css", "a { color: red }", "color", "v"),
        ("html", "<b id=x>", "b", "t"),
        ("toml", "a = 1", "1", "n"),
        ("go", "func run() {}", "func", "k"),
    ] {
        assert_eq!(
            class_of(language, code, token).as_deref(),
            Some(class),
            "{token} in {language}: {:?}",
            lines(language, code)
        );
    }
}

#[test]
fn there_is_one_piece_per_line_and_state_runs_across_lines() {
    let pieces = lines("rust", "/* a\nb */ fn x() {}\n\n");
    assert_eq!(pieces.len(), 3);
    assert_eq!(pieces[0], "<span class=\"c\">/* a</span>");
    assert!(
        pieces[1].starts_with("<span class=\"c\">b */</span>"),
        "{}",
        pieces[1]
    );
    assert_eq!(pieces[2], "");
}

#[test]
fn beyond_the_caps_code_is_plain() {
    let many = "let a = 1;\n".repeat(5_002);
    let pieces = lines("rust", &many);
    assert!(pieces[4_999].contains("class=\"k\""), "the last highlighted line");
    assert_eq!(pieces[5_000], "let a = 1;");
    let long = format!("let a = \"{}\";", "é".repeat(2_000));
    assert_eq!(lines("rust", &long), [long.replace('"', "&quot;")]);
}

#[test]
fn highlighted_code_says_what_the_source_says() {
    let source = include_str!("highlighting.rs");
    let pieces = highlight("rs", source);
    let mut text = String::new();
    for piece in &pieces {
        for seen in reading::read(piece.as_str()) {
            match seen {
                reading::Seen::Text(part) => text.push_str(&part),
                reading::Seen::Open(name, _) => assert_eq!(name, "span"),
                reading::Seen::Close(_) => {}
                reading::Seen::Other(what) => panic!("{what}"),
            }
        }
        text.push('\n');
    }
    assert_eq!(text, source);
}
