//! What a person does, by subject.

mod allowances;
mod asks;
mod choices;
mod folders;
pub(crate) mod prompts;
pub(crate) mod providers;
mod sessions;
