//! A desktop that tells, and browsers that look at it, through the whole of this room.

#![expect(clippy::unwrap_used, reason = "tests say so by failing")]

mod browser;
mod desktops;
mod fan_out;
mod hostile;
mod memory;
mod pictures;
mod presence;
mod ranges;
mod story;
