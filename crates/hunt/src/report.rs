//! What a hunt says: lines of JSON.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::needle::Form;
use crate::scan::Hits;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case")]
pub enum Line {
    /// The value was found.
    Finding(Finding),
    /// The engine or the proxy answered.
    Answer(Answer),
    /// What was looked at. The last line.
    Tally(Tally),
}

/// The value was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// Where there: a path, a process, an address. Nothing of the value.
    pub at: String,
    /// How it is written there.
    pub form: Form,
    /// How often.
    pub times: usize,
}

/// A kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A process' environment.
    Environment,
    /// A process' arguments.
    Arguments,
    /// A process' memory.
    Memory,
    /// A file, or its name.
    File,
    /// What the engine answers.
    Engine,
    /// What the key proxy answers.
    Proxy,
    /// What was sent to an address of the hunter's own.
    Trap,
    /// The key ring.
    KeyRing,
}

/// What the engine or the proxy answered to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The engine or the proxy.
    pub place: Place,
    /// Method and path.
    pub asked: String,
    /// Whether it is a model request, which a program with the token may make.
    pub model_request: bool,
    /// The status of HTTP; 0 where nothing of HTTP came back.
    pub status: u16,
    /// The proxy says by its own word that it refused.
    pub refused: bool,
    /// Something was taken out of it.
    pub redacted: bool,
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// Processes there were.
    pub processes: usize,
    /// Environments that could be read.
    pub environments: usize,
    /// Processes it could attach to as a debugger does.
    pub attached: usize,
    /// Processes whose memory could be read.
    pub memories: usize,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Files that could be read.
    pub files: usize,
    /// Bytes of files.
    pub file_bytes: u64,
    /// Files that could not be read.
    pub files_refused: usize,
    /// What was not gone through to its end, for time or size.
    pub cut: BTreeSet<String>,
    /// Ports something listens on.
    pub ports: usize,
    /// The engine answered to the password in the environment.
    pub engine_answers: usize,
    /// Requests to the proxy that were answered.
    pub proxy_answers: usize,
    /// Addresses at which a bus might be.
    pub buses: usize,
    /// Addresses of buses that took a connection.
    pub buses_connected: BTreeSet<String>,
    /// Items of key rings that were read.
    pub items: usize,
    /// Items that were named and not given out.
    pub items_locked: usize,
}

/// Where lines go. Called from one thread.
pub(crate) struct Report<'a> {
    pub(crate) write: &'a mut dyn FnMut(&Line),
    pub(crate) tally: Tally,
}

impl Report<'_> {
    pub(crate) fn hits(&mut self, place: Place, at: &str, hits: &Hits) {
        for (form, times) in hits.forms() {
            (self.write)(&Line::Finding(Finding {
                place,
                at: at.to_owned(),
                form,
                times,
            }));
        }
    }

    pub(crate) fn cut(&mut self, what: &str) {
        self.tally.cut.insert(what.to_owned());
    }

    pub(crate) fn answer(&mut self, answer: Answer) {
        (self.write)(&Line::Answer(answer));
    }
}
