//! The rules, held against simpler ones over made-up histories.

mod leases;
mod retention;
mod through;
