//! Whether what an ask asks for was allowed for good.

use cowork_engine::{PermissionAsk, PermissionKind};

use crate::ask::may_always;
use crate::danger::{all_named, appends};
use crate::rules::matches;

/// One pattern that a person allowed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllowedPattern<'a> {
    /// The permission's name, as [`permission_name`] says it. It is a name and never a pattern.
    pub permission: &'a str,
    /// Which commands, paths or addresses, with `*` for any run of characters and `?` for one.
    pub pattern: &'a str,
}

/// The name that the permission rules have for a kind of ask. Engines ask for a few permissions by more than one
/// name; here they have the one that the rules name first (listing, finding and searching are `read`).
#[must_use]
pub fn permission_name(kind: &PermissionKind) -> &str {
    match kind {
        PermissionKind::Shell => "bash",
        PermissionKind::Edit => "edit",
        PermissionKind::Read => "read",
        PermissionKind::Fetch => "webfetch",
        PermissionKind::WebSearch => "websearch",
        PermissionKind::Task => "task",
        PermissionKind::ExternalFolder => "external_directory",
        PermissionKind::RepeatedCall => "doom_loop",
        PermissionKind::Skill => "skill",
        PermissionKind::Tool(name) | PermissionKind::Other(name) => name,
    }
}

/// Whether everything an ask asks for was allowed for good, so that the person need not be asked again. `allowed`
/// holds what was allowed for the ask's folder and agent.
///
/// It is not when the ask is one that may not be allowed for good (see [`may_always`]: what deletes or overwrites
/// is asked for each time, whatever pattern would match it), when its kind is one this product does not know, or
/// when it does not say what it asks for. Each of its patterns has to be matched by one that was allowed, and each
/// program that its command runs has to be in them; what is written to a file by an arrow has to be said by one.
/// [`decide`](crate::decide) comes first: what it refuses stays refused.
#[must_use]
pub fn covered<'a>(ask: &PermissionAsk, allowed: impl Iterator<Item = AllowedPattern<'a>>) -> bool {
    covered_by(ask, allowed).is_some()
}

/// The same with which of those that were allowed it takes: for each pattern of the ask the first that allows it.
#[must_use]
pub fn covered_by<'a>(
    ask: &PermissionAsk,
    allowed: impl Iterator<Item = AllowedPattern<'a>>,
) -> Option<Vec<usize>> {
    let command = ask
        .command
        .as_deref()
        .filter(|_| ask.kind == PermissionKind::Shell);
    if matches!(ask.kind, PermissionKind::Other(_))
        || ask.patterns.is_empty()
        || !may_always(ask)
        || command.is_some_and(|command| !all_named(command, &ask.patterns))
    {
        return None;
    }
    let allowed: Vec<_> = allowed.collect();
    let taken = matched_by(ask, allowed.iter().copied())?;
    let says = |index: &usize| allowed[*index].pattern.contains(">>");
    let is_said = !command.is_some_and(appends) || taken.iter().any(says);
    is_said.then_some(taken)
}

/// The same by the patterns alone, whether the ask may be allowed for good or not.
#[must_use]
pub fn matched_by<'a>(
    ask: &PermissionAsk,
    allowed: impl Iterator<Item = AllowedPattern<'a>>,
) -> Option<Vec<usize>> {
    let permission = permission_name(&ask.kind);
    let allowed: Vec<_> = allowed.collect();
    let mut taken = Vec::new();
    for asked in &ask.patterns {
        let index = allowed
            .iter()
            .position(|allowed| allowed.permission == permission && includes(allowed.pattern, asked))?;
        if !taken.contains(&index) {
            taken.push(index);
        }
    }
    Some(taken)
}

/// Whether all that is asked for lies within a pattern. What is asked for can be a pattern itself (a folder and
/// everything in it), and its `*` is more than the one character that a `?` stands for.
fn includes(allowed: &str, asked: &str) -> bool {
    allowed == asked || (matches(allowed, asked) && !(allowed.contains('?') && asked.contains('*')))
}
