//! The application: composes the rooms below it into what a person does.
pub mod view;
