//! What a browser sees of a desktop.
//!
//! A paired desktop tells what happens in its sessions; the server keeps that as a log. This room reads the log, projects
//! it with the same `transcript` the desktop has, draws it with the same `screen`, and hands it to every browser that
//! looks: whole pictures when they ask, and batches of changes while they look. So a browser shows what the desktop's own
//! window shows, out of the same types, and nothing that a desktop sends is ever taken for HTML: markup is made here, from
//! source.
//!
//! [`Hub`] finds who looks at a desktop by its pairing alone, and a room follows its own desktop and no other. So what
//! arrives for a desktop costs nothing here where nobody looks at it; where somebody does, its room projects it once, renders it once, and hands the same bytes to
//! all who stand at the same place. A room reads its desktop's log when the first browser comes, and goes some seconds
//! after the last one left. A [`Watcher`] is one browser's connection: what it was not given yet waits in a bounded queue,
//! and one that is too slow for it is told to begin anew and holds nobody up.
//!
//! A desktop may be anybody's. So everything it tells is bounded and cleaned before it is taken ([`bounds`]), what goes
//! beyond is left out in sight, and a session can name no other session's messages.
//!
//! Use it from the server. It knows no database ([`Log`] reads), no transport and no rights: who may look at a desktop, and
//! what may be asked of it, is for whoever calls.

pub mod bounds;
mod clean;
mod desktop;
mod hub;
mod log;
mod queue;
mod room;
mod told;
mod watcher;

pub use desktop::{DesktopState, DesktopView, SharedPolicy};
pub use hub::{Clock, Figures, Hub, Options, Refused};
pub use log::{Entry, Follow, Key, Log, LogError, News, Page, Place, Presence, Standing};
pub use queue::{Frame, SharedUpdate};
pub use watcher::{ConversationText, NotThere, Watcher, WatcherId};
