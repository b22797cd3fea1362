//! Which grammar reads a language, and the lazily loaded set of all of them.

use std::sync::LazyLock;

use syntect::parsing::{SyntaxReference, SyntaxSet};

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

pub(super) fn syntaxes() -> &'static SyntaxSet {
    &SYNTAXES
}

/// Names people and models write that the collection does not know.
const ALIASES: [(&str, &str); 14] = [
    ("console", "sh"),
    ("shell-session", "sh"),
    ("zsh", "sh"),
    ("golang", "go"),
    ("c++", "cpp"),
    ("c#", "cs"),
    ("csharp", "cs"),
    ("jsonc", "json"),
    ("json5", "json"),
    ("jsx", "js"),
    ("mjs", "js"),
    ("cjs", "js"),
    ("python3", "python"),
    ("docker", "dockerfile"),
];

/// The longest name that can be a language: keeps a hostile info string out of the interface's label.
const LANGUAGE_CHARS: usize = 32;

/// Finds the grammar for a language name, an extension or a file path.
pub(crate) fn syntax_for(language_or_path: &str) -> Option<&'static SyntaxReference> {
    let file_name = language_or_path.rsplit(['/', '\\']).next()?.trim();
    if file_name.is_empty() {
        return None;
    }
    let lower = file_name.to_ascii_lowercase();
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == lower)
        .map_or(file_name, |(_, name)| name);
    let syntax = SYNTAXES.find_syntax_by_token(name).or_else(|| {
        let (_, extension) = name.rsplit_once('.')?;
        let lower = extension.to_ascii_lowercase();
        let extension = ALIASES
            .iter()
            .find(|(alias, _)| *alias == lower)
            .map_or(extension, |(_, name)| name);
        SYNTAXES.find_syntax_by_extension(extension)
    })?;
    (syntax.name != "Plain Text").then_some(syntax)
}

/// The language a fence names: the first word of its info string, as models write it (`rust`, `ts title="x"`,
/// `python:src/app.py`, `{.sh}`).
pub(crate) fn language_of_info(info: &str) -> Option<String> {
    let word: String = info
        .trim_start_matches(|character: char| character.is_whitespace() || matches!(character, '{' | '.'))
        .chars()
        .take_while(|character| {
            character.is_alphanumeric() || matches!(character, '+' | '#' | '-' | '_' | '.')
        })
        .take(LANGUAGE_CHARS)
        .collect();
    (!word.is_empty()).then_some(word)
}
