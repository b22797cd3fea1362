//! Shows a person what an agent's command serves in its box, and lets it reach nothing else.
//!
//! A box has a network of its own, into which nothing connects. What runs first in it looks for ports that listen, and
//! tells the app at a socket of its folder ([`Previews::serve_folder`]); when the app wants a connection to one, the box
//! makes it from inside and hands it over there. No port of this machine leads into a box.
//!
//! A window that shows such a server has an HTTP proxy of its own ([`Previews::open`]): a port of this machine that
//! serves one host name, which nobody can guess, and leads to one port of one folder's boxes. All else it refuses, so a
//! page in that window reaches its own server and neither the internet, nor this machine, nor another preview.
//!
//! What a box says and what a page asks for may have been written to break this: lines, heads, times and connections have
//! bounds ([`Limits`]). What a program in a box can say here is what its server could: it gains nothing by it.
//!
//! Do not put here how the window is made, nor how boxes are.

mod boxes;
mod exchange;
mod forwarder;
mod headers;
mod limits;
mod pages;
mod secret;
#[cfg(unix)]
mod way_in;

pub use boxes::Server;
pub use forwarder::{Preview, Watch};
pub use limits::Limits;
#[cfg(unix)]
pub use way_in::WayIn;

use std::io;
use std::sync::Arc;

use cowork_gateway::FolderId;
use tokio::sync::watch;

use crate::boxes::Boxes;

/// The servers in boxes, and the windows that show them.
pub struct Previews {
    boxes: Arc<Boxes>,
}

impl Previews {
    /// With nothing that serves.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            boxes: Arc::new(Boxes::new(limits)),
        }
    }

    /// What serves now, oldest first.
    #[must_use]
    pub fn servers(&self) -> watch::Receiver<Vec<Server>> {
        self.boxes.servers()
    }

    /// Hears of servers in a folder's boxes at a socket of the file system, until what is given is dropped.
    ///
    /// Must be called in a runtime of tokio.
    ///
    /// # Errors
    /// [`io::ErrorKind::AddrInUse`] where something else is at `path`; others of the operating system.
    #[cfg(unix)]
    pub fn serve_folder(&self, path: &std::path::Path, folder: FolderId) -> io::Result<WayIn> {
        WayIn::open(&self.boxes, path, folder)
    }

    /// Opens the way of one window to a port in a folder's boxes, whether or not something serves there now.
    ///
    /// # Errors
    /// When the system gives no port or no randomness.
    pub async fn open(&self, folder: FolderId, port: u16) -> io::Result<Preview> {
        Preview::open(Arc::clone(&self.boxes), folder, port).await
    }
}
