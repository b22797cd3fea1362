//! What secrets look like that need no name beside them.

mod class;
mod composed;
mod keys;

pub(crate) use class::Class;
pub(crate) use composed::{COMPOSED, Composed};
pub(crate) use keys::{KEYS, Key};

/// Whether a word begins at this place: at its boundary, after an underscore, or after a line break or tab that
/// is written as an escape.
pub(crate) fn begins(bytes: &[u8], at: usize) -> bool {
    match bytes[..at] {
        [] | [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., before] => !before.is_ascii_alphanumeric(),
    }
}
