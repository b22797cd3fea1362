//! What a person does, by subject.

mod allowances;
mod asks;
mod choices;
mod folders;
mod prompts;
mod sessions;
