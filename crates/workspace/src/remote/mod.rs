//! Pairing as a part of the app: what of it is seen through an organization's server, what leaves, what comes from afar
//! and what becomes of that, and what is written down of it.
//!
//! Nothing is seen that was not shared: [`Shared`] knows which threads are, and is asked wherever something would leave
//! or be done.

mod shared;

pub(crate) use shared::{Known, Shared, Standing};
