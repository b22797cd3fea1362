//! What the crate promises, asserted from outside over its public API.

mod dialect;
mod formulas;
mod highlighting;
mod hostile;
mod payloads;
mod reading;
mod splitting;
mod unsafe_html;
