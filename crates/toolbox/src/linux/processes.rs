//! The processes of a box, as the kernel lists them to the wrapper outside of it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use rustix::fs::{Mode, OFlags};

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

/// Bytes of memory that are these processes' share of what they use, with `files` of memory files. Slower to ask for,
/// and exact.
pub(crate) fn exact(family: &Family, files: u64) -> u64 {
    let of_one = |pid: &i32| {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
            Some(kilobytes * 1024)
        };
        let all = field("Pss:")?;
        // A kernel that does not tell them apart counts what is mapped of files twice.
        Some((all, field("Pss_Shmem:").unwrap_or(0).min(all)))
    };
    let sums = family.members.iter().map(of_one);
    let known = sums.reduce(|sum, one| {
        let ((all, shared), (more, more_shared)) = (sum?, one?);
        Some((all + more, shared + more_shared))
    });
    match known.flatten() {
        Some((all, shared)) => all - shared + shared.max(files),
        None => family.resident.saturating_add(files),
    }
}

/// Bytes of files in memory, mapped or not: those that the processes hold open, and those in their temporary places.
pub(crate) fn memory_files(family: &Family) -> u64 {
    open_files(family) + temporary_files(family)
}

/// Files that only memory knows and a process has open, each once.
fn open_files(family: &Family) -> u64 {
    let mut known = BTreeMap::new();
    for pid in &family.members {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd"));
        for descriptor in descriptors.into_iter().flatten().flatten() {
            let path = descriptor.path();
            let is_memory = fs::read_link(&path)
                .is_ok_and(|target| target.as_os_str().as_encoded_bytes().starts_with(b"/memfd:"));
            if is_memory && let Ok(metadata) = fs::metadata(&path) {
                known.insert((metadata.dev(), metadata.ino()), metadata.blocks() * 512);
            }
        }
    }
    known.into_values().sum()
}

/// What lies in the temporary places of the box, as far as they are its own and in memory.
fn temporary_files(family: &Family) -> u64 {
    let view = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/mnt")).ok();
    let own = view("self");
    let inside = family
        .members
        .iter()
        .map(ToString::to_string)
        // The last ones were started last, and so are inside; what made the box is not.
        .rev()
        .find(|pid| view(pid).is_some_and(|view| Some(view) != own));
    let Some(pid) = inside else { return 0 };
    let of_one = |place: &&str| {
        // A link would lead to where it leads outside of the box.
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let held = rustix::fs::open(format!("/proc/{pid}/root/{place}"), flags, Mode::empty()).ok()?;
        let found = rustix::fs::fstatfs(held).ok()?;
        let used = found.f_blocks.saturating_sub(found.f_bfree);
        let size = u64::try_from(found.f_bsize).ok()?;
        (found.f_type == libc::TMPFS_MAGIC).then_some(used * size)
    };
    ["dev/shm", "var/tmp", "run"].iter().filter_map(of_one).sum()
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
        assert!(family.resident > 0 && exact(&family, 0) > 0);
        assert!(exact(&family, 1 << 40) >= 1 << 40);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
