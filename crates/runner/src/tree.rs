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
pub(crate) use linux::{is_running, is_there, kill_children, members, usage};

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    use std::time::Duration;

    use rustix::process::{Pid, Signal, kill_process};

    use super::Usage;

    /// A process, by its number and the moment of its start: numbers are used again.
    pub(crate) type Member = (u32, u64);

    /// What `root` and all below it use. `memory` is looked at closely only when it may be too much; when there are more
    /// than `most` tasks nothing is looked at any more, since they become more faster than they can be counted.
    ///
    /// `first` is the first process of a box, whose own `/proc` lists all that are in it at once. A walk from parents
    /// to children misses most where parents end as fast as a fork bomb's do.
    pub(crate) fn usage(root: u32, first: Option<u32>, memory: u64, most: u64) -> Usage {
        let listed = first.and_then(|first| {
            let view = PathBuf::from(format!("/proc/{first}/root/proc"));
            // While the box is being made that is still the list of the whole computer.
            let is_the_box_s = started_in(&view, 1).is_some_and(|start| started(first) == Some(start));
            let processes = is_the_box_s.then(|| all_in(&view)).flatten()?;
            Some((view, processes))
        });
        let (view, processes) = listed.unwrap_or_else(|| {
            let below = descendants(root, usize::try_from(most).unwrap_or(usize::MAX));
            (PathBuf::from("/proc"), below)
        });
        let mut usage = Usage {
            memory: 0,
            tasks: processes.len() as u64,
        };
        if usage.tasks > most {
            return usage;
        }
        let threads = |process: &u32| {
            let tasks = fs::read_dir(view.join(format!("{process}/task")));
            tasks.map_or(0, |tasks| tasks.count() as u64)
        };
        usage.tasks = processes.iter().map(threads).sum();
        let page = rustix::param::page_size() as u64;
        let resident = |process: &u32| resident(&view, *process).unwrap_or(0) * page;
        usage.memory = processes.iter().map(resident).sum();
        if usage.memory > memory {
            let closely = |process: &u32| proportional(&view, *process).unwrap_or_else(|| resident(process));
            usage.memory = processes.iter().map(closely).sum();
        }
        usage
    }

    fn all_in(view: &Path) -> Option<Vec<u32>> {
        let entries = fs::read_dir(view).ok()?.flatten();
        Some(
            entries
                .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
                .collect(),
        )
    }

    /// Stops `parent`, which is a child of ours that was not asked yet how it ended, and kills its children: while it is
    /// stopped it makes no more of them, and none of their numbers is given to another.
    pub(crate) fn kill_children(parent: u32) {
        let Some(stopped) = pid(parent) else { return };
        if kill_process(stopped, Signal::STOP).is_err() {
            return;
        }
        for _ in 0..200 {
            // Stopped, or ended before it could be.
            if matches!(state(parent).as_deref(), None | Some("T" | "t" | "Z" | "X")) {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let children = children(parent).unwrap_or_else(|| descendants_by_parents(parent).split_off(1));
        for child in children {
            if let Some(child) = pid(child) {
                let _ = kill_process(child, Signal::KILL);
            }
        }
    }

    fn pid(process: u32) -> Option<Pid> {
        Pid::from_raw(i32::try_from(process).ok()?)
    }

    fn state(process: u32) -> Option<String> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let (_, after_name) = stat.rsplit_once(')')?;
        Some(after_name.split_whitespace().next()?.to_owned())
    }

    /// All below `root`, so that it can be seen later whether one is left.
    pub(crate) fn members(root: u32) -> Vec<Member> {
        let below = descendants(root, usize::MAX).into_iter();
        below
            .filter_map(|process| Some((process, started(process)?)))
            .collect()
    }

    /// Whether the very same process is still there.
    pub(crate) fn is_there((process, start): Member) -> bool {
        started(process) == Some(start)
    }

    /// Whether there is a process of this number that has not ended.
    pub(crate) fn is_running(process: u32) -> bool {
        started(process).is_some()
    }

    fn started(process: u32) -> Option<u64> {
        started_in(Path::new("/proc"), process)
    }

    fn started_in(view: &Path, process: u32) -> Option<u64> {
        let stat = fs::read_to_string(view.join(format!("{process}/stat"))).ok()?;
        let (_, after_name) = stat.rsplit_once(')')?;
        let mut fields = after_name.split_whitespace();
        // A zombie has ended; it only waits to be asked how.
        if fields.next() == Some("Z") {
            return None;
        }
        fields.nth(18)?.parse().ok()
    }

    fn resident(view: &Path, process: u32) -> Option<u64> {
        let sizes = fs::read_to_string(view.join(format!("{process}/statm"))).ok()?;
        sizes.split_whitespace().nth(1)?.parse().ok()
    }

    fn proportional(view: &Path, process: u32) -> Option<u64> {
        let sizes = fs::read_to_string(view.join(format!("{process}/smaps_rollup"))).ok()?;
        let line = sizes.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    }

    /// `root` and what is below it: all, or some more than `most`.
    fn descendants(root: u32, most: usize) -> Vec<u32> {
        let mut found = vec![root];
        let mut next = 0;
        while let Some(process) = found.get(next).copied()
            && found.len() <= most
        {
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
            std::thread::sleep(Duration::from_millis(300));
            let mut one = descendants(child.id(), 100);
            let mut other = descendants_by_parents(child.id());
            one.sort_unstable();
            other.sort_unstable();
            assert_eq!(one, other);
            assert_eq!(one.len(), 3);
            let used = usage(child.id(), None, 0, 100);
            assert_eq!(used.tasks, 3);
            assert!(used.memory > 100_000, "{used:?}");
            let members = members(child.id());
            for (process, _) in &members {
                let process = Pid::from_raw(i32::try_from(*process).unwrap()).unwrap();
                kill_process(process, Signal::KILL).unwrap();
            }
            child.wait().unwrap();
        }
    }
}

// Only containers run on other systems, and their engine counts and cleans up.

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn usage(_: u32, _: Option<u32>, _: u64, _: u64) -> Usage {
    Usage::default()
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn kill_children(_: u32) {}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn members(_: u32) -> Vec<(u32, u64)> {
    Vec::new()
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn is_there(_: (u32, u64)) -> bool {
    false
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn is_running(_: u32) -> bool {
    false
}
