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

/// Memory in MB.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// All of it: what is shared counted by its share, and in full where the system does not tell the share, which is
    /// the app, because it lets no other process look into it.
    pub(crate) all: f64,
    /// What the app has for itself, not mapped from a file.
    pub(crate) app: f64,
    /// The same of the processes that the webview starts.
    pub(crate) webview: f64,
}

impl Memory {
    /// What is mapped from no file.
    pub(crate) fn own(self) -> f64 {
        self.app + self.webview
    }
}

pub(crate) fn memory(processes: &[u32]) -> Memory {
    let mut memory = Memory::default();
    for process in processes {
        let Some(own) = line(*process, "status", "RssAnon:") else {
            continue;
        };
        let all = line(*process, "smaps_rollup", "Pss:").or_else(|| line(*process, "status", "VmRSS:"));
        memory.all += all.unwrap_or(own);
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        if name.starts_with("WebKit") {
            memory.webview += own;
        } else {
            memory.app += own;
        }
    }
    memory
}

/// A line of a file about a process that tells kilobytes, in MB; `None` when the process has ended or does not let it be read.
fn line(process: u32, file: &str, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/{file}")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(float(line.split_whitespace().next()?.parse().ok()?) / 1024.0)
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
