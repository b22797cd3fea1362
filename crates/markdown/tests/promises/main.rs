//! What the crate promises, asserted from outside over its public API.

mod dialect;
mod highlighting;
mod hostile;
mod reading;
mod splitting;
mod unsafe_html;
