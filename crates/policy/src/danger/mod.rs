//! Warnings beside the ask for a shell command.

mod assignments;
mod commands;
mod prefixes;
mod programs;
mod runners;
mod scripts;
mod services;
mod shell;

use std::fmt;
use std::ops::Range;

/// Longer commands are not read: nobody can judge them on a card either, so they get the warning that says so.
const LONGEST: usize = 256 * 1024;
/// How much of the dangerous part is shown.
const SHOWN: usize = 160;

/// What a dangerous command does, least severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DangerKind {
    /// Writes a file anew (`>`), whatever was in it.
    OverwritesFile,
    /// Runs with more rights than the person has (`sudo`).
    RaisesPrivilege,
    /// Runs something that cannot be seen in the command: data piped into a shell, nesting too deep to read, a variable
    /// that decides which programs its names stand for.
    Obscured,
    /// Is no command that a shell would take as it stands, so that what it does is not known.
    Unreadable,
    /// Ends other programs.
    KillsProcesses,
    /// Changes the owner or rights of a whole folder.
    ChangesPermissions,
    /// Makes something public for good.
    Publishes,
    /// Runs a program that is being downloaded.
    RunsDownload,
    /// Throws away uncommitted work or unmerged commits.
    DiscardsWork,
    /// Replaces what others have in a shared repository.
    RewritesRemote,
    /// Removes containers, clusters or other running infrastructure.
    RemovesInfrastructure,
    /// Switches the machine off.
    StopsMachine,
    /// Deletes what is in a database.
    DropsData,
    /// Deletes files without asking again.
    DeletesFiles,
    /// Overwrites files, disks or partitions.
    OverwritesData,
}

impl DangerKind {
    fn sentence(self) -> &'static str {
        match self {
            Self::OverwritesFile => "writes a file anew, whatever was in it",
            Self::Unreadable => "cannot be read to its end, so what it does is not known",
            Self::DropsData => "deletes what is in a database",
            Self::RaisesPrivilege => "runs with the administrator's rights",
            Self::Obscured => "runs something that cannot be seen here",
            Self::KillsProcesses => "ends other programs",
            Self::ChangesPermissions => "changes the owner or rights of everything in a folder",
            Self::Publishes => "publishes something for good",
            Self::RunsDownload => "runs a program straight from the network",
            Self::DiscardsWork => "throws away work that is not saved elsewhere",
            Self::RewritesRemote => "replaces what others have in a shared repository",
            Self::RemovesInfrastructure => "removes running infrastructure",
            Self::StopsMachine => "switches the machine off",
            Self::DeletesFiles => "deletes files without asking again",
            Self::OverwritesData => "overwrites data that cannot be brought back",
        }
    }
}

/// Why a command deserves a second look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Danger {
    /// What it does; the most severe thing where there are several.
    pub kind: DangerKind,
    /// The part that does it, quotes and escapes undone, cut to what fits on a card.
    pub part: String,
    /// Where it stands in the command, in bytes. Of what stands in a script within it, the words that say so; of what
    /// nobody can read, all of it.
    pub place: Range<usize>,
}

impl fmt::Display for Danger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind.sentence(), self.part)
    }
}

/// Looks for what is destructive in a shell command, through quotes, pipes, lists, subshells, substitutions,
/// here-documents, redirections, assignments and prefixes such as `sudo`, `env` or `xargs`, and gives the most severe.
///
/// This is a hint for the person's eye, not a boundary: every command asks, and a command made to deceive (by
/// aliases, by scripts on disk) can hide from any reader. What cannot be read is dangerous for that alone. Takes time in
/// proportion to the command's length, times a small bound on how often scripts within scripts are read.
#[must_use]
pub fn danger(command: &str) -> Option<Danger> {
    // Of several that are as severe, the first.
    dangers(command)
        .into_iter()
        .rev()
        .max_by_key(|danger| danger.kind)
}

/// All that [`danger`] finds, in the order it stands in the command; of very many the most severe.
#[must_use]
pub fn dangers(command: &str) -> Vec<Danger> {
    if command.len() > LONGEST {
        return vec![Danger {
            kind: DangerKind::Obscured,
            part: shown(command),
            place: 0..command.len(),
        }];
    }
    commands::all(command)
}

/// The programs that a command runs, each once, in the order they stand there, with the verb behind those that have one
/// (`npm test`). Empty for what is too long to be read.
#[must_use]
pub fn programs(command: &str) -> Vec<String> {
    if command.len() > LONGEST {
        return Vec::new();
    }
    commands::programs(command)
}

/// Whether something is done by a command in which an engine finds no program, so that it asks nobody: it empties a file by
/// an arrow alone, say, or has a shell count what holds a command. What only moves to another folder does nothing.
#[must_use]
pub fn goes_unasked(command: &str) -> bool {
    command.len() <= LONGEST && commands::goes_unasked(command)
}

/// Whether each program that a command runs is one that a pattern of those an engine made of it begins with. Where the
/// engine reads less in a command than a shell does, a rule for what it read says nothing of the rest.
pub(crate) fn all_named(command: &str, patterns: &[String]) -> bool {
    command.len() <= LONGEST && commands::all_named(command, patterns)
}

/// Whether a command writes behind what is in a file already (`>>`), which a rule that names its program does not say.
pub(crate) fn appends(command: &str) -> bool {
    command.len() > LONGEST || commands::appends(command)
}

/// Whether a pattern of commands names a program that runs whatever it is told to, and leaves open what that is:
/// `python *`, `sh -c *`, `npx *`. A rule of it would be one of everything.
pub(crate) fn runs_anything(pattern: &str) -> bool {
    runners::runs_anything(pattern)
}

fn shown(part: &str) -> String {
    let mut cut: String = part.chars().take(SHOWN).collect();
    if cut.len() < part.len() {
        cut.push('…');
    }
    cut
}
