//! How people and programs prove who they are.

pub mod passwords;
pub mod rates;
pub mod secrets;
