//! Names nobody else has.

use anyhow::Context as _;

/// 64 random bits, as text.
///
/// # Errors
/// When the system has no randomness.
pub fn random_hex() -> anyhow::Result<String> {
    Ok(format!("{:016x}", random()?))
}

/// 64 random bits.
///
/// # Errors
/// When the system has no randomness.
pub fn random() -> anyhow::Result<u64> {
    getrandom::u64().context("the system gives no randomness")
}
