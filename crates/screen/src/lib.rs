//! What a window is shown: a conversation as blocks of safe HTML, and the patches that bring a window from one state to
//! the next.
//!
//! [`view`] has the types that travel, [`render`] makes them of what a transcript holds, and [`open`] follows one
//! conversation that somebody looks at: which stretch of it is held, what of it changed, and how that is told. Whoever
//! shows a conversation, a desktop's own window or a page elsewhere, uses these, so that both show the same.
//!
//! Everything here is pure: no file is read, no clock asked, nothing awaited, and no store, engine or window known.

pub mod always;
pub mod open;
pub mod places;
pub mod render;
pub mod view;

#[cfg(test)]
use cowork_told as told;
