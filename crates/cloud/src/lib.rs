//! The org's server.
