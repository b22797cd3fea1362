//! The processes of a box, as the kernel lists them to the wrapper outside of it.

use std::collections::BTreeMap;
use std::fs;

/// What one line of the list says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Listed {
    parent: i32,
    threads: u64,
    pages: u64,
}

/// What a process and all below it use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Family {
    pub(crate) members: Vec<i32>,
    /// Bytes of resident memory, where what is shared counts for each.
    pub(crate) resident: u64,
}

/// All descendants of a process, and itself.
pub(crate) fn family(root: i32) -> Family {
    let listed = list();
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for (pid, process) in &listed {
        children.entry(process.parent).or_default().push(*pid);
    }
    let mut family = Family::default();
    let mut waiting = vec![root];
    while let Some(pid) = waiting.pop() {
        if let Some(process) = listed.get(&pid) {
            family.members.push(pid);
            family.resident += process.pages * page_size();
        }
        waiting.extend(children.remove(&pid).unwrap_or_default());
    }
    family
}

/// Bytes of memory that are these processes' share of what they use. Slower to ask for, and exact.
pub(crate) fn proportional(family: &Family) -> u64 {
    let of_one = |pid: &i32| {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kilobytes * 1024)
    };
    let known: Option<u64> = family.members.iter().map(of_one).sum();
    known.unwrap_or(family.resident)
}

/// Threads of this user's, which is what the kernel counts against its limit.
pub(crate) fn threads_of_user() -> u64 {
    list().values().map(|process| process.threads).sum()
}

/// Whether so little memory is left that the machine is about to choose itself what ends.
pub(crate) fn memory_is_short() -> bool {
    let Ok(text) = fs::read_to_string("/proc/meminfo") else {
        return false;
    };
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    match (field("MemAvailable:"), field("MemTotal:")) {
        (Some(available), Some(total)) => available < total / 50,
        _ => false,
    }
}

fn list() -> BTreeMap<i32, Listed> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read(entry.path().join("stat")).ok()?;
            Some((pid, parse(&String::from_utf8_lossy(&stat))?))
        })
        .collect()
}

/// A program's name may hold anything, so what counts begins after its last parenthesis.
fn parse(stat: &str) -> Option<Listed> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(Listed {
        parent: fields.get(1)?.parse().ok()?,
        threads: fields.get(17)?.parse().ok()?,
        pages: fields.get(21)?.parse().ok()?,
    })
}

fn page_size() -> u64 {
    u64::try_from(rustix::param::page_size()).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_whatever_the_program_is_called() {
        let stat =
            "7 (a) b 1 (x)) S 5 7 7 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 3 0 99 1000 42 18446744073709551615";
        let expected = Listed {
            parent: 5,
            threads: 3,
            pages: 42,
        };
        assert_eq!(parse(stat), Some(expected));
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_family_has_its_root_and_its_child() {
        let mut child = std::process::Command::new("sleep").arg("5").spawn().unwrap();
        let own = i32::try_from(std::process::id()).unwrap();
        let family = family(own);
        assert!(family.members.contains(&own));
        assert!(family.members.contains(&i32::try_from(child.id()).unwrap()));
        assert!(family.resident > 0 && proportional(&family) > 0);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
