//! From the scopes of `TextMate` grammars to the eight classes of the interface.

use std::sync::LazyLock;

use syntect::parsing::{Scope, ScopeStack};

/// The class of the text under a stack of scopes: the innermost scope that says something decides.
pub(super) fn class_of(stack: &ScopeStack) -> Option<&'static str> {
    stack.as_slice().iter().rev().find_map(|scope| {
        TABLE
            .iter()
            .find(|(prefix, _)| prefix.is_prefix_of(*scope))
            .map(|(_, class)| *class)
    })?
}

/// Longer prefixes stand before shorter ones. `None` ends the search: the text is plain whatever surrounds it, as the
/// code interpolated into a string is.
static TABLE: LazyLock<Vec<(Scope, Option<&'static str>)>> = LazyLock::new(|| {
    let entries = [
        ("comment", Some("c")),
        ("punctuation.definition.comment", Some("c")),
        ("punctuation.definition.string", Some("s")),
        ("punctuation.definition.heading", Some("k")),
        ("punctuation.section.interpolation", Some("p")),
        ("punctuation.section.embedded", Some("p")),
        ("string.unquoted.plain", None),
        ("string", Some("s")),
        ("constant.character", Some("s")),
        ("constant.numeric", Some("n")),
        ("constant.language", Some("n")),
        ("constant.other.color", Some("n")),
        ("constant", Some("v")),
        ("keyword.operator.word", Some("k")),
        ("keyword.operator.logical.python", Some("k")),
        ("keyword.operator", Some("p")),
        ("keyword", Some("k")),
        ("storage", Some("k")),
        ("variable.language", Some("k")),
        ("variable.function", Some("f")),
        ("variable", Some("v")),
        ("entity.name.function", Some("f")),
        ("entity.name.section", Some("k")),
        ("entity.name.constant", Some("v")),
        ("entity.name.label", Some("v")),
        ("entity.name.tag", Some("t")),
        ("entity.name", Some("t")),
        ("entity.other.attribute-name", Some("v")),
        ("entity.other.inherited-class", Some("t")),
        ("support.function", Some("f")),
        ("support.macro", Some("f")),
        ("support.constant", Some("v")),
        ("support.type.property-name", Some("v")),
        ("support.variable", Some("v")),
        ("support.module", Some("t")),
        ("support", Some("t")),
        ("markup.heading", Some("k")),
        ("markup.inserted", Some("s")),
        ("markup.deleted", Some("k")),
        ("markup.raw", Some("s")),
        ("meta.diff", Some("c")),
        ("meta.mapping.key", Some("v")),
        ("meta.interpolation", None),
        ("meta.template.expression", None),
        ("meta.embedded", None),
        ("punctuation", Some("p")),
    ];
    entries
        .iter()
        .filter_map(|(prefix, class)| Some((Scope::new(prefix).ok()?, *class)))
        .collect()
});
