//! The rules that "always" would save: what is proposed, what a person may write instead, and what is refused.

use std::path::Path;

use cowork_engine::{PermissionAsk, PermissionKind};

use crate::allowance::{AllowedPattern, covered, permission_name};
use crate::ask::may_always;
use crate::danger::{appends, danger, runs_anything};
use crate::folder::may_open;
use crate::rules::{Action, Rule, SECRET_FILES, agent_rules, engine_rules, matches};
use crate::visible::visible;

/// The longest pattern in bytes: twice the longest path of a Linux system, as a pattern goes on behind a path.
const LONGEST_PATTERN: usize = 8 * 1024;
/// How many rules one answer saves: as many as a card shows the commands of.
const MOST_RULES: usize = 20;

/// A rule that is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What it would allow, with `*` for any run of characters and `?` for one.
    pub pattern: String,
    /// What could be allowed instead, the narrowest first, the pattern itself among them.
    pub choices: Vec<String>,
}

/// Why a rule is not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleRefusal {
    /// Nothing stands in it.
    Empty,
    /// It is longer than anybody reads.
    TooLong,
    /// It holds characters that cannot be seen.
    Hidden,
    /// What it names deletes, overwrites or cannot be read: that asks each time, whatever was allowed.
    Dangerous,
    /// It would allow almost anything: any program, any host, any file that holds secrets.
    TooWide,
}

/// The rules that are proposed for "always"; none where an ask may not be allowed for good. Together they cover it.
#[must_use]
pub fn proposals(ask: &PermissionAsk) -> Vec<Proposal> {
    if !may_always(ask) || matches!(ask.kind, PermissionKind::Other(_)) {
        return Vec::new();
    }
    let mut proposals: Vec<Proposal> = Vec::new();
    let mut propose = |wanted: Vec<String>, preferred: &str| {
        let mut choices: Vec<String> = Vec::new();
        for choice in wanted {
            if refused_rule(ask, &choice).is_none() && !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        let pattern = choices
            .iter()
            .find(|choice| *choice == preferred)
            .or(choices.first());
        if let Some(pattern) = pattern.cloned()
            && !proposals.iter().any(|known| known.pattern == pattern)
        {
            proposals.push(Proposal { pattern, choices });
        }
    };
    for asked in &ask.patterns {
        // What the engine proposes for it, which for most kinds is everything.
        let offered = ask.always.iter().find(|offered| matches(offered, asked));
        let offered = offered.cloned().unwrap_or_default();
        match &ask.kind {
            PermissionKind::Edit => {
                let folder = asked.rsplit_once('/').map(|(folder, _)| format!("{folder}/*"));
                let mut wanted = vec![asked.clone()];
                wanted.extend(folder);
                wanted.push("*".to_owned());
                propose(wanted, asked);
            }
            PermissionKind::Fetch => {
                let host = host_of(asked).map(|host| format!("{host}/*"));
                let preferred = host.clone().unwrap_or_default();
                propose(
                    [Some(asked.clone()), host].into_iter().flatten().collect(),
                    &preferred,
                );
            }
            PermissionKind::Read | PermissionKind::Task => {
                propose(vec![asked.clone(), offered], asked);
            }
            // What the engine offers is the program, and says nothing of the file.
            PermissionKind::Shell if appends(asked) => propose(vec![asked.clone()], asked),
            _ => propose(vec![asked.clone(), offered.clone()], &offered),
        }
    }
    let patterns: Vec<_> = proposals
        .iter()
        .map(|proposal| proposal.pattern.as_str())
        .collect();
    // What could not be said as rules is asked for each time.
    if proposals.len() > MOST_RULES || !rules_cover(ask, &patterns) {
        return Vec::new();
    }
    proposals
}

/// Why a rule that a person worded is not saved for an ask, if it is not.
#[must_use]
pub fn refused_rule(ask: &PermissionAsk, pattern: &str) -> Option<RuleRefusal> {
    if pattern.trim().is_empty() {
        return Some(RuleRefusal::Empty);
    }
    if pattern.len() > LONGEST_PATTERN {
        return Some(RuleRefusal::TooLong);
    }
    if visible(pattern) != pattern {
        return Some(RuleRefusal::Hidden);
    }
    let too_wide = match &ask.kind {
        PermissionKind::Shell => {
            let literal = pattern.split(' ').next().unwrap_or_default();
            if literal.contains(['*', '?']) || runs_anything(pattern) {
                true
            } else if danger(pattern).is_some() {
                return Some(RuleRefusal::Dangerous);
            } else {
                false
            }
        }
        PermissionKind::Read => {
            let secrets = SECRET_FILES.map(|secret| secret.replace('*', "x"));
            secrets.iter().filter(|secret| matches(pattern, secret)).count() * 2 > SECRET_FILES.len()
        }
        PermissionKind::Fetch => host_of(pattern).is_none(),
        PermissionKind::ExternalFolder => {
            let literal = pattern.split(['*', '?']).next().unwrap_or_default();
            let folder = Path::new(literal);
            folder.components().count() < 3 || may_open(folder).is_err()
        }
        // Where commands and edits happen is the folder's and the box's to bound.
        PermissionKind::Edit
        | PermissionKind::WebSearch
        | PermissionKind::Task
        | PermissionKind::RepeatedCall
        | PermissionKind::Skill
        | PermissionKind::Tool(_)
        | PermissionKind::Other(_) => false,
    };
    too_wide.then_some(RuleRefusal::TooWide)
}

/// Whether rules of these patterns would answer an ask.
#[must_use]
pub fn rules_cover(ask: &PermissionAsk, patterns: &[&str]) -> bool {
    let permission = permission_name(&ask.kind);
    let allowed = patterns
        .iter()
        .map(|&pattern| AllowedPattern { permission, pattern });
    patterns.len() <= MOST_RULES && covered(ask, allowed)
}

/// The rule that has an ask put to the person: the last that matches, of the ones an engine is started with. Tools of
/// servers have one by the server's name, which an ask does not tell.
#[must_use]
pub fn asking_rule(ask: &PermissionAsk, agent: &str) -> Option<Rule> {
    if matches!(ask.kind, PermissionKind::Tool(_) | PermissionKind::Other(_)) {
        return None;
    }
    let mut rules = engine_rules(&[]);
    let own = agent_rules().into_iter().find(|(name, _)| *name == agent);
    rules.extend(own.into_iter().flat_map(|(_, rules)| rules));
    let permission = permission_name(&ask.kind);
    let of_pattern = |pattern: &str| {
        rules
            .iter()
            .rev()
            .find(|rule| matches(rule.permission.as_str(), permission) && matches(&rule.pattern, pattern))
            .filter(|rule| rule.action == Action::Ask)
            .cloned()
    };
    ask.patterns
        .iter()
        .map(String::as_str)
        .chain(ask.path.as_deref())
        .find_map(of_pattern)
}

/// Scheme and host of an address or of a pattern of some, where they are said in full.
fn host_of(address: &str) -> Option<&str> {
    let begin = address.find("://")? + 3;
    let rest = &address[begin..];
    let length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = &rest[..length];
    // A host that ends in a wildcard goes on: `https://example.*` is many.
    let literal = !host.is_empty() && !address[..begin + length].contains(['*', '?']);
    let ends = rest[length..].starts_with('/') || length == rest.len();
    (literal && ends).then(|| &address[..begin + length])
}
