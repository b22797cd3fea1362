//! Keeping our own memory from others of the same user.

use std::io;

/// Forbids other processes of this user to read or trace this one, and to find secrets in a crash dump of it.
///
/// To be called first of all, before a secret is in memory. Programs that are started later are not affected.
/// Linux only: macOS forbids it by the hardened runtime an app is signed with; Windows has no such switch.
///
/// # Errors
/// What the operating system said.
#[cfg(target_os = "linux")]
pub fn forbid_inspection() -> io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Does nothing here; see the Linux version.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "one signature on all systems")]
pub fn forbid_inspection() -> io::Result<()> {
    Ok(())
}
