//! Names that nobody can guess.

use std::fmt::Write as _;
use std::io;

/// 128 random bits in lower-case hexadecimal digits.
pub(crate) fn name() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let mut name = String::with_capacity(32);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    Ok(name)
}
