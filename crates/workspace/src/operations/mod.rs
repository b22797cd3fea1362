//! What a person does, by subject.

mod allowances;
mod asks;
mod box_wishes;
mod boxes;
pub(crate) mod changes;
mod choices;
mod find;
mod folders;
mod fork;
mod going_back;
mod kept_output;
mod keys;
pub(crate) mod outputs;
pub(crate) mod previews;
pub(crate) mod prompts;
pub(crate) mod providers;
mod search;
mod sessions;
pub(crate) use sessions::NEWEST_READ;
mod storage;
mod tags;
pub(crate) mod threads;
mod usage;
