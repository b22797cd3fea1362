//! The only way out of a box to the network.
//!
//! What an agent starts runs without a network. Where the person opened one to a folder, a socket of the file system
//! leads from its box to here ([`Gateway::serve_folder`]), and the usual variables (`HTTPS_PROXY` and the like, by a
//! bridge inside the box) name it as an HTTP proxy. Each target is held against the folder's rules by name
//! (`cowork_policy::Network`), looked up once, judged by where it leads, and connected to at exactly the addresses that
//! were judged (`cowork_outward`): a name on the list that leads to this machine or into a private network is refused.
//! The engine's own requests take the same way by a password ([`Gateway::serve_engine`]).
//!
//! What is refused is told to the program in words, since a model reads them, and to the app ([`GatewayEvent`]), which
//! can offer to open what was asked for.
//!
//! Whoever speaks to a gateway may have been written to break it: heads, times and connections have bounds
//! ([`Limits`]), one connection carries one request, and nothing of a body is kept. Bytes of a tunnel are not looked
//! into: who may speak to a host may say anything to it.
//!
//! Do not put here what a folder's rules are or how a person changes them, nor how a box is made.

mod answer;
mod connection;
mod destination;
mod engine;
mod gate;
mod gateway;
mod hop;
mod limits;
mod metered;
mod news;
mod password;
#[cfg(unix)]
mod socket_file;

pub use engine::{EngineGate, EngineUrl, Exceptions};
pub use gate::Traffic;
#[cfg(unix)]
pub use gateway::FolderGate;
pub use gateway::{Dial, Gateway};
pub use hop::without_hop;
pub use limits::Limits;
pub use news::{FolderId, GatewayEvent, Source, Why};
#[cfg(unix)]
pub use socket_file::SocketFile;
