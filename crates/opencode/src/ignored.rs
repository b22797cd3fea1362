//! What a folder brings along for the engine and what is not loaded.

use std::path::{Path, PathBuf};

/// What kind of thing is not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IgnoredKind {
    /// Settings for the engine: models, permissions, servers.
    Configuration,
    /// Agents of its own.
    Agents,
    /// Commands of its own, which may run shell commands.
    Commands,
    /// Modes, the older form of agents.
    Modes,
    /// Code that would run inside the engine.
    Plugins,
    /// Skills.
    Skills,
    /// Tools of its own, which are code too.
    Tools,
    /// Instructions for agents.
    Instructions,
}

/// One thing that is there and not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredThing {
    /// What kind it is.
    pub kind: IgnoredKind,
    /// The file or directory, relative to the folder.
    pub path: PathBuf,
}

/// Every place the engine would load from, were it not told otherwise.
const PLACES: &[(&str, IgnoredKind)] = &[
    ("opencode.json", IgnoredKind::Configuration),
    ("opencode.jsonc", IgnoredKind::Configuration),
    (".opencode/opencode.json", IgnoredKind::Configuration),
    (".opencode/opencode.jsonc", IgnoredKind::Configuration),
    (".opencode/agent", IgnoredKind::Agents),
    (".opencode/agents", IgnoredKind::Agents),
    (".opencode/command", IgnoredKind::Commands),
    (".opencode/commands", IgnoredKind::Commands),
    (".opencode/mode", IgnoredKind::Modes),
    (".opencode/modes", IgnoredKind::Modes),
    (".opencode/plugin", IgnoredKind::Plugins),
    (".opencode/plugins", IgnoredKind::Plugins),
    (".opencode/skill", IgnoredKind::Skills),
    (".opencode/skills", IgnoredKind::Skills),
    (".claude/skills", IgnoredKind::Skills),
    (".agents/skills", IgnoredKind::Skills),
    (".opencode/tool", IgnoredKind::Tools),
    (".opencode/tools", IgnoredKind::Tools),
    // The switch that keeps a folder's configuration out takes these with it.
    ("AGENTS.md", IgnoredKind::Instructions),
    ("CLAUDE.md", IgnoredKind::Instructions),
    ("CONTEXT.md", IgnoredKind::Instructions),
];

/// Lists what `folder` holds for the engine that is deliberately not loaded, in a fixed order. Nothing is read:
/// only whether it is there is looked at. An empty directory is left out, as is what cannot be looked at, since the
/// engine does not get to it either way.
#[must_use]
pub fn ignored_in(folder: &Path) -> Vec<IgnoredThing> {
    PLACES
        .iter()
        .filter(|(path, _)| is_something(&folder.join(path)))
        .map(|(path, kind)| IgnoredThing {
            kind: *kind,
            path: PathBuf::from(path),
        })
        .collect()
}

fn is_something(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some())
        }
        Ok(_) => true,
        Err(_) => false,
    }
}
