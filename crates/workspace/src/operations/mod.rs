//! What a person does, by subject.

mod allowances;
mod asks;
mod boxes;
mod choices;
mod folders;
mod keys;
pub(crate) mod prompts;
pub(crate) mod providers;
mod sessions;
