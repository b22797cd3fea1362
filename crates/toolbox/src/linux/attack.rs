//! The attack on a box from within: what the proof has run there, and how it says what held.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::attacks;
use crate::Refusal;
use crate::proving::{FINISHED, Line};

/// What the attack is given: everything but the secret as it is, which must not be found in what the box was told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// In the names of all that is left behind, and in the command line of who leaves it.
    pub(crate) nonce: String,
    /// The last character first.
    pub(crate) secret_reversed: String,
    pub(crate) secret_file: Option<PathBuf>,
    pub(crate) outside: Vec<PathBuf>,
    pub(crate) sockets: Vec<PathBuf>,
    pub(crate) abstract_socket: String,
    /// On both loopback addresses.
    pub(crate) ports: Vec<u16>,
    pub(crate) datagram_port: u16,
    /// A process outside, which holds the secret.
    pub(crate) victim: i32,
}

/// One try.
#[derive(Clone, Copy)]
enum Attack {
    /// It knows whether it got through, and gives how as an error.
    Known(fn(&Plan) -> Result<(), String>),
    /// Its success shows only outside of the box.
    SeenOutside(fn(&Plan)),
}

use Attack::{Known, SeenOutside};

/// All of them.
const ATTACKS: &[(&str, Attack)] = &[
    ("own-environment", Known(attacks::own_environment)),
    ("environments-of-others", Known(attacks::environments)),
    ("memory-of-others", Known(attacks::memory)),
    ("files-of-others", Known(attacks::files_of_others)),
    ("tracing", Known(attacks::tracing)),
    ("signals", Known(attacks::signals)),
    ("secret-file", Known(attacks::secret_file)),
    ("secret-by-link", Known(attacks::secret_by_link)),
    ("ports", Known(attacks::ports)),
    ("datagrams", SeenOutside(attacks::datagrams)),
    ("sockets", Known(attacks::sockets)),
    ("abstract-socket", Known(attacks::abstract_socket)),
    ("socket-families", Known(attacks::socket_families)),
    ("writing-outside", SeenOutside(attacks::writing_outside)),
    ("writing-by-link", SeenOutside(attacks::writing_by_link)),
    ("exchanging-links", SeenOutside(attacks::exchanging_links)),
    ("mounting", Known(attacks::mounting)),
    ("namespaces", Known(attacks::namespaces)),
    ("system-calls", Known(attacks::system_calls)),
    ("terminal-input", Known(attacks::terminal_input)),
    ("privileges", Known(attacks::privileges)),
    ("staying-behind", SeenOutside(attacks::staying_behind)),
];

/// Attacks, and says a line for each try.
pub(crate) fn attack(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let plan = words.into_iter().next().and_then(|word| {
        let text = word.into_string().ok()?;
        serde_json::from_str::<Plan>(&text).ok()
    });
    let Some(plan) = plan else {
        return Refusal::new("this is for the proof to call", "Call `cowork-box prove`").report();
    };
    for (name, attack) in ATTACKS {
        let how = match attack {
            Known(attack) => attack(&plan).err(),
            SeenOutside(attack) => {
                attack(&plan);
                None
            }
        };
        say(name, how);
    }
    say(FINISHED, None);
    ExitCode::SUCCESS
}

fn say(name: &str, how: Option<String>) {
    let line = Line {
        name: name.to_owned(),
        how,
    };
    if let Ok(text) = serde_json::to_string(&line) {
        // Nobody listens any more: then the proof fails for want of an end.
        let _unheard = writeln!(std::io::stdout(), "{text}");
    }
}
