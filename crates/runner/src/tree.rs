//! What the processes of a box use, seen from outside.

/// What a process and all below it use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Bytes of memory. What several processes share is counted once where the kernel tells, many times otherwise.
    pub(crate) memory: u64,
    /// Processes and threads.
    pub(crate) tasks: u64,
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{is_there, members, usage};

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::fs;

    use super::Usage;

    /// A process, by its number and the moment of its start: numbers are used again.
    pub(crate) type Member = (u32, u64);

    /// What `root` and all below it use. `memory` is looked at closely only when it may be too much.
    pub(crate) fn usage(root: u32, memory: u64) -> Usage {
        let below = descendants(root);
        let page = rustix::param::page_size() as u64;
        let mut usage = Usage::default();
        for process in &below {
            usage.tasks +=
                fs::read_dir(format!("/proc/{process}/task")).map_or(0, |tasks| tasks.count() as u64);
            usage.memory += resident(*process).unwrap_or(0) * page;
        }
        if usage.memory > memory {
            usage.memory = below
                .iter()
                .map(|process| {
                    proportional(*process).unwrap_or_else(|| resident(*process).unwrap_or(0) * page)
                })
                .sum();
        }
        usage
    }

    /// All below `root`, so that it can be seen later whether one is left.
    pub(crate) fn members(root: u32) -> Vec<Member> {
        let below = descendants(root).into_iter();
        below
            .filter_map(|process| Some((process, started(process)?)))
            .collect()
    }

    /// Whether the very same process is still there.
    pub(crate) fn is_there((process, start): Member) -> bool {
        started(process) == Some(start)
    }

    fn started(process: u32) -> Option<u64> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let (_, after_name) = stat.rsplit_once(')')?;
        let mut fields = after_name.split_whitespace();
        // A zombie has ended; it only waits to be asked how.
        if fields.next() == Some("Z") {
            return None;
        }
        fields.nth(18)?.parse().ok()
    }

    fn resident(process: u32) -> Option<u64> {
        let sizes = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
        sizes.split_whitespace().nth(1)?.parse().ok()
    }

    fn proportional(process: u32) -> Option<u64> {
        let sizes = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        let line = sizes.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    }

    fn descendants(root: u32) -> Vec<u32> {
        let mut found = vec![root];
        let mut next = 0;
        while let Some(process) = found.get(next).copied() {
            next += 1;
            let Some(children) = children(process) else {
                // A kernel that does not tell children.
                return descendants_by_parents(root);
            };
            found.extend(children);
        }
        found
    }

    fn children(process: u32) -> Option<Vec<u32>> {
        let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else {
            return Some(Vec::new());
        };
        let mut children = Vec::new();
        for task in tasks.flatten() {
            match fs::read_to_string(task.path().join("children")) {
                Ok(list) => {
                    children.extend(
                        list.split_whitespace()
                            .filter_map(|child| child.parse::<u32>().ok()),
                    );
                }
                Err(_) if task.path().join("stat").exists() => return None,
                Err(_) => {}
            }
        }
        Some(children)
    }

    fn descendants_by_parents(root: u32) -> Vec<u32> {
        let mut by_parent: HashMap<u32, Vec<u32>> = HashMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let parent = fs::read_to_string(entry.path().join("stat"))
                .ok()
                .and_then(|stat| {
                    let (_, after_name) = stat.rsplit_once(')')?;
                    after_name.split_whitespace().nth(1)?.parse().ok()
                });
            if let Some(parent) = parent {
                by_parent.entry(parent).or_default().push(process);
            }
        }
        let mut found = vec![root];
        let mut next = 0;
        while let Some(process) = found.get(next).copied() {
            next += 1;
            found.extend(by_parent.get(&process).into_iter().flatten());
        }
        found
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn both_ways_to_find_a_family_find_the_same() {
            let mut child = std::process::Command::new("sh")
                .args(["-c", "sleep 30 & sleep 30 & wait"])
                .spawn()
                .unwrap();
            std::thread::sleep(std::time::Duration::from_millis(300));
            let mut one = descendants(child.id());
            let mut other = descendants_by_parents(child.id());
            one.sort_unstable();
            other.sort_unstable();
            assert_eq!(one, other);
            assert_eq!(one.len(), 3);
            let used = usage(child.id(), 0);
            assert_eq!(used.tasks, 3);
            assert!(used.memory > 100_000, "{used:?}");
            let members = members(child.id());
            for (process, _) in &members {
                let process = rustix::process::Pid::from_raw(i32::try_from(*process).unwrap()).unwrap();
                rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
            }
            child.wait().unwrap();
        }
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn usage(_: u32, _: u64) -> Usage {
    // Only containers run there, and their engine counts.
    Usage::default()
}
