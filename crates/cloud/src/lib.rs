//! The org's server: people sign in, their desktops come in from outside, and what one says reaches the other.
//!
//! [`server`] takes connections and bounds them, [`http`] answers requests, [`sign_in`] knows who asks, [`commands`] is
//! how a desktop is asked to do something. What is kept, and the rules of who may do what, are `cowork-cloud-store`'s.
//!
//! Start one with [`server::Server::start`].

pub mod clock;
pub mod commands;
pub mod figures;
pub mod http;
pub mod limits;
pub mod logs;
pub mod options;
pub mod server;
pub mod shared;
pub mod sign_in;
