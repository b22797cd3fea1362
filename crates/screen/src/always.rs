//! The rules of "always" as they may be written down: what policy says of them, and no secret in them.
//!
//! A rule is kept as it is, because what is asked is matched against it. So one that holds a secret is not kept.

use cowork_engine::PermissionAsk;
use cowork_policy::Proposal;
use cowork_redact::{MARK, redact};

use crate::view::RuleRefusal;

/// The rules that are proposed for "always", those with a secret in them left out; none where what is left does not cover
/// the ask.
#[must_use]
pub fn proposals(ask: &PermissionAsk) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = Vec::new();
    for mut rule in cowork_policy::proposals(ask) {
        rule.choices.retain(|choice| !holds_secret(choice));
        if holds_secret(&rule.pattern) {
            let Some(narrowest) = rule.choices.first() else {
                return Vec::new();
            };
            rule.pattern.clone_from(narrowest);
        }
        if !proposals.iter().any(|known| known.pattern == rule.pattern) {
            proposals.push(rule);
        }
    }
    proposals
}

/// Why a rule that a person worded is not saved for an ask, if it is not.
#[must_use]
pub fn refused_rule(ask: &PermissionAsk, pattern: &str) -> Option<RuleRefusal> {
    use cowork_policy::RuleRefusal as Policy;
    match cowork_policy::refused_rule(ask, pattern) {
        Some(Policy::Empty) => Some(RuleRefusal::Empty),
        Some(Policy::TooLong) => Some(RuleRefusal::TooLong),
        Some(Policy::Hidden) => Some(RuleRefusal::Hidden),
        Some(Policy::Dangerous) => Some(RuleRefusal::Dangerous),
        Some(Policy::TooWide) => Some(RuleRefusal::TooWide),
        None => holds_secret(pattern).then_some(RuleRefusal::Secret),
    }
}

/// Whether what is written of it anywhere else would be without a part of it.
fn holds_secret(pattern: &str) -> bool {
    let count = |text: &str| text.matches(MARK).count();
    count(&redact(pattern)) > count(pattern)
}

#[cfg(test)]
mod tests {
    use cowork_engine::PermissionKind;

    use super::*;
    use crate::told;

    #[test]
    fn a_rule_with_a_secret_in_it_is_neither_proposed_nor_taken() {
        let secret = "deploy --token=sk-ant-abcdefghijklmnop";
        let ask = told::ask(PermissionKind::Shell, &[secret], &["deploy *"]);
        let proposed = proposals(&ask);
        assert_eq!(proposed.len(), 1);
        assert_eq!(
            (proposed[0].pattern.as_str(), proposed[0].choices.len()),
            ("deploy *", 1)
        );
        assert_eq!(refused_rule(&ask, secret), Some(RuleRefusal::Secret));
        assert_eq!(refused_rule(&ask, "deploy *"), None);

        let alone = told::ask(PermissionKind::Shell, &[secret], &[secret]);
        assert_eq!(proposals(&alone), [], "it is asked each time");

        let plain = told::ask(PermissionKind::Edit, &["/home/ada/notes.md"], &["*"]);
        assert_eq!(proposals(&plain)[0].pattern, "/home/ada/notes.md");
    }
}
