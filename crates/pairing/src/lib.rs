//! The desktop's side of a pairing with an org's server.
//!
//! The desktop calls out and nobody calls in: no port is opened. From the top of what a person does to the bottom:
//!
//! - [`address`] judges the server's address, [`token`] makes what the desktop proves itself with, and [`enrolment`]
//!   shows it once, to be entered at the server.
//! - [`leaving`] takes out of everything what may not leave, also of a text that leaves in pieces; [`sharing`] turns
//!   what a session holds into the events that tell of it.
//! - [`broker`] is what can be asked of a server, and [`client`] asks it over the network.
//! - [`delivery`] brings the events of a [`journal`] there, each once and in order.
//! - [`commands`] fetches what is asked from afar, judges it by the [`policy`], has it carried out and answers, at most
//!   once whatever crashes.
//! - [`connection`] runs the last two for one pairing, and says how it stands.
//!
//! What is kept is behind traits ([`journal::Journal`], [`commands::Ledger`]), and so is who carries commands out
//! ([`commands::Hands`]): the app implements them. Time and chance are given ([`pace`]). Do not use it on the server,
//! which shares with it the types of `cowork_pairing_protocol` and no more.

pub mod address;
pub mod broker;
pub mod client;
pub mod commands;
pub mod connection;
pub mod delivery;
pub mod enrolment;
pub mod journal;
pub mod leaving;
pub mod pace;
pub mod policy;
pub mod sharing;
pub mod token;
