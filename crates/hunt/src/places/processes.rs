//! Processes: their environments and their arguments.

use std::fs;

use super::Until;
use crate::needle::Needle;
use crate::report::{Place, Report};

/// The processes there are, but this one.
pub(super) fn others() -> Vec<u32> {
    let own = std::process::id();
    let mut ids: Vec<u32> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id| *id != own)
        .collect();
    ids.sort_unstable();
    ids
}

/// A process as a person knows it.
pub(super) fn name(id: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
    format!("process {id} ({})", name.trim_end())
}

pub(super) fn look(needle: &Needle, until: Until, report: &mut Report<'_>) {
    // Its own environment, too: it is what the engine's children get.
    let ids = others().into_iter().chain([std::process::id()]);
    for id in ids.take_while(|_| !until.is_over()) {
        report.tally.processes += 1;
        if let Ok(environment) = fs::read(format!("/proc/{id}/environ")) {
            report.tally.environments += 1;
            report.hits(Place::Environment, &name(id), &needle.find(&environment));
        }
        if let Ok(arguments) = fs::read(format!("/proc/{id}/cmdline")) {
            report.hits(Place::Arguments, &name(id), &needle.find(&arguments));
        }
    }
}
