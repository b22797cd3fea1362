//! What is asked from afar: fetched, judged, carried out at most once, and answered.

mod hands;
mod ledger;

pub use hands::{Asked, Hands, Reconciled};
pub use ledger::{Ledger, Record, Stage};
