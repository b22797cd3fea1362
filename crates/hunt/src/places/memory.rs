//! Memory, as a debugger reads it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;

use nix::sys::ptrace;
use nix::unistd::Pid;

use super::{Until, processes};
use crate::needle::Needle;
use crate::report::{Place, Report};

/// Of one process. What it has beyond is mostly caches of one kind.
const BYTES_OF_A_PROCESS: u64 = 1024 * 1024 * 1024;
const PAGE: u64 = 4096;

pub(super) fn look(needle: &Needle, until: Until, report: &mut Report<'_>) {
    for id in processes::others() {
        if until.is_over() {
            report.cut("memory");
            return;
        }
        if attaches(id) {
            report.tally.attached += 1;
        }
        let Ok(memory) = File::open(format!("/proc/{id}/mem")) else {
            continue;
        };
        let mut pages = Pages::of(id, &memory, until);
        let Ok((hits, bytes)) = needle.find_in(&mut pages, BYTES_OF_A_PROCESS) else {
            continue;
        };
        if bytes > 0 {
            report.tally.memories += 1;
            report.tally.memory_bytes += bytes;
        }
        report.hits(Place::Memory, &processes::name(id), &hits);
    }
}

/// Whether a debugger could be attached. On a thread of its own, whose end is the debugger's: nothing is stopped.
fn attaches(id: u32) -> bool {
    let Ok(id) = i32::try_from(id) else { return false };
    let attach = move || ptrace::seize(Pid::from_raw(id), ptrace::Options::empty()).is_ok();
    std::thread::spawn(attach).join().unwrap_or(false)
}

/// A process' writable pages, one after the other. What is read only is the content of files.
struct Pages<'a> {
    memory: &'a File,
    present: Option<File>,
    regions: std::vec::IntoIter<(u64, u64)>,
    /// What is left of the present region.
    region: (u64, u64),
    until: Until,
}

impl<'a> Pages<'a> {
    fn of(id: u32, memory: &'a File, until: Until) -> Self {
        let maps = fs::read_to_string(format!("/proc/{id}/maps")).unwrap_or_default();
        let regions: Vec<_> = maps.lines().filter_map(writable).collect();
        Self {
            memory,
            present: File::open(format!("/proc/{id}/pagemap")).ok(),
            regions: regions.into_iter(),
            region: (0, 0),
            until,
        }
    }

    /// Goes to the next page that is there, and gives how many of the pages that follow are there, too. Most of what a
    /// JavaScript engine has reserved was never touched, and would be made by being read.
    fn next_run(&mut self) -> Option<u64> {
        const LOOKED_AT: u64 = 512;
        loop {
            let (start, end) = self.region;
            if start >= end {
                self.region = self.regions.next()?;
                continue;
            }
            let pages = ((end - start) / PAGE).clamp(1, LOOKED_AT);
            let Some(present) = &self.present else {
                return Some(pages);
            };
            let mut entries = vec![0; usize::try_from(8 * pages).unwrap_or_default()];
            if present.read_exact_at(&mut entries, 8 * (start / PAGE)).is_err() {
                return Some(pages);
            }
            // Bit 63: in memory; bit 62: swapped out.
            let mut there = entries.chunks(8).map(|entry| entry[7] & 0xc0 != 0);
            let absent = there.by_ref().take_while(|there| !there).count() as u64;
            self.region.0 += absent * PAGE;
            if absent < pages {
                return Some(1 + there.take_while(|there| *there).count() as u64);
            }
        }
    }
}

impl Read for Pages<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.until.is_over() {
                return Ok(0);
            }
            let Some(pages) = self.next_run() else {
                return Ok(0);
            };
            let (start, end) = self.region;
            let wanted = (pages * PAGE).min(end - start);
            let wanted = usize::try_from(wanted).unwrap_or(usize::MAX).min(buffer.len());
            match self.memory.read_at(&mut buffer[..wanted], start) {
                Ok(read) if read > 0 => {
                    self.region.0 += read as u64;
                    return Ok(read);
                }
                // A page that is gone meanwhile, or a device's.
                _ => self.region.0 = (start / PAGE + 1) * PAGE,
            }
        }
    }
}

fn writable(line: &str) -> Option<(u64, u64)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let rights = words.next()?;
    let at = |text| u64::from_str_radix(text, 16).ok();
    rights.starts_with("rw").then_some((at(start)?, at(end)?))
}
