//! The attack on a box from within: what the proof has run there, and how it says what held.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::attacks;
use crate::Refusal;

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

/// One line of what the attack says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) name: String,
    /// How it got through; nothing when it was held.
    pub(crate) how: Option<String>,
}

/// The last line, without which the attack did not come to its end.
pub(crate) const FINISHED: &str = "finished";

/// The name of a file that an attack leaves in a directory.
pub(crate) fn left_file(nonce: &str) -> String {
    format!(".cowork-proof-{nonce}")
}

type Attack = fn(&Plan) -> Result<(), String>;

/// All of them. Each gives how it got through as an error.
const ATTACKS: &[(&str, Attack)] = &[
    ("own-environment", attacks::own_environment),
    ("environments-of-others", attacks::environments),
    ("memory-of-others", attacks::memory),
    ("files-of-others", attacks::files_of_others),
    ("tracing", attacks::tracing),
    ("signals", attacks::signals),
    ("secret-file", attacks::secret_file),
    ("secret-by-link", attacks::secret_by_link),
    ("ports", attacks::ports),
    ("datagrams", |plan| seen_outside(plan, attacks::datagrams)),
    ("sockets", attacks::sockets),
    ("abstract-socket", attacks::abstract_socket),
    ("socket-families", attacks::socket_families),
    ("writing-outside", |plan| seen_outside(plan, attacks::writing_outside)),
    ("writing-by-link", |plan| seen_outside(plan, attacks::writing_by_link)),
    ("exchanging-links", |plan| seen_outside(plan, attacks::exchanging_links)),
    ("mounting", attacks::mounting),
    ("namespaces", attacks::namespaces),
    ("system-calls", attacks::system_calls),
    ("terminal-input", attacks::terminal_input),
    ("privileges", attacks::privileges),
    ("staying-behind", |plan| seen_outside(plan, attacks::staying_behind)),
];

/// One whose success shows only outside of the box.
fn seen_outside(plan: &Plan, attack: fn(&Plan)) -> Result<(), String> {
    attack(plan);
    Ok(())
}

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
        say(name, attack(&plan).err());
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
