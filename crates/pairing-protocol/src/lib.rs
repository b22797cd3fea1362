//! What a paired desktop and an org's server say to each other.
//!
//! The published pairing protocol, to the byte ([`wire`]), and what this product adds to it for two sides that both
//! announce that they know it ([`extension`], [`session`]). A side that announces nothing gets the published protocol
//! and no more. Both the desktop's client and the server's broker are written against these types, so that they cannot
//! drift apart; neither does anything here.

pub mod extension;
pub mod session;
pub mod wire;
