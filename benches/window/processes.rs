//! What the app's processes take, without the engine's.

use std::path::Path;
use std::time::Duration;

/// Clock ticks of `/proc` in a second; Linux has said 100 to programs on every architecture since 2.6.
const TICKS: f64 = 100.0;

/// The app and its webview's processes, found from the driver that started it.
pub(crate) fn of(driver: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut queue = vec![driver];
    while let Some(process) = queue.pop() {
        let command = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).into_owned();
        // The engine and what it starts have their own size, which is not the window's.
        if command.contains("opencode") || command.contains("cowork-box") {
            continue;
        }
        if process != driver {
            found.push(process);
        }
        let tasks = std::fs::read_dir(format!("/proc/{process}/task"))
            .into_iter()
            .flatten()
            .flatten();
        for task in tasks {
            let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            queue.extend(
                children
                    .split_whitespace()
                    .filter_map(|id| id.parse::<u32>().ok()),
            );
        }
    }
    found
}

/// Memory in MB, what is shared counted by its share.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) app: f64,
    /// Of the processes that the webview starts.
    pub(crate) webview: f64,
}

impl Memory {
    pub(crate) fn both(self) -> f64 {
        self.app + self.webview
    }
}

pub(crate) fn memory(processes: &[u32]) -> Memory {
    let mut memory = Memory::default();
    for process in processes {
        let Some(kilobytes) = proportional(*process) else {
            continue;
        };
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        let part = if name.starts_with("WebKit") {
            &mut memory.webview
        } else {
            &mut memory.app
        };
        *part += float(kilobytes) / 1024.0;
    }
    memory
}

/// The `Pss` of a process, in KiB; `None` when it has ended.
fn proportional(process: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Processor time so far, in seconds.
fn spent(processes: &[u32]) -> f64 {
    let ticks: u64 = processes
        .iter()
        .filter_map(|process| {
            let path = format!("/proc/{process}/stat");
            let stat = std::fs::read_to_string(Path::new(&path)).ok()?;
            // The name stands in brackets and may hold anything; user and system time are the 12th and 13th behind it.
            let (_, fields) = stat.rsplit_once(") ")?;
            let mut fields = fields.split_whitespace().skip(11);
            Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
        })
        .sum();
    float(ticks) / TICKS
}

/// Exact up to four thousand million, which none of these figures reaches.
fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The share of one core that they use over so long, in percent.
pub(crate) async fn usage(processes: &[u32], long: Duration) -> f64 {
    let before = spent(processes);
    tokio::time::sleep(long).await;
    (spent(processes) - before) / long.as_secs_f64() * 100.0
}
