//! Looks for a key wherever a program of the same user can look.
//!
//! The end-to-end tests give the app a key that is random and worth nothing, have an agent run this from inside the
//! engine's box, and run it once more outside. Inside it must find nothing, and must have looked; outside it must find
//! the key, or a hunt that is blind would pass for a key that is safe.
//!
//! Use [`Needle`] also where a test looks by itself, in answers or messages. Use it for keys that a test made, never
//! for a person's: it goes through the memory of every process it may look into.
//!
//! Who hunts is told no key but what one would recognise it by ([`Description`]), because whatever is told to a command
//! of an agent stands in the conversation, in its arguments and in its memory. What it says of a finding is a place and
//! a form, and no more of the value than everybody knows.

mod needle;
#[cfg(target_os = "linux")]
pub mod places;
mod report;
mod scan;

pub use needle::{Description, Form, Needle, NoNeedle};
pub use report::{Answer, Finding, Line, Place, Tally};
pub use scan::Hits;
