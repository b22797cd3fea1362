//! The proof of the box: targets outside, an attack from within, and a look at what came of it.

use std::ffi::OsString;
use std::fs;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use cowork_policy::confinement::{Means, Rules};

use super::attack::Plan;
use crate::proof::{Proof, Targets};
use crate::proving::{
    self, Found, Line, Listening, VARIABLE, judge, left_file, no_targets, nonce_and_secret, outcome, remove,
};
use crate::yard::{IN_ENGINES_BOX, folder_around};
use crate::{Refusal, Yard};

/// A box that takes longer does not work.
const PATIENCE: Duration = Duration::from_secs(10);

/// Attacks the box of the folder, and writes the proof.
pub(crate) fn prove(targets: &Targets) -> ExitCode {
    proving::prove(targets, attempt)
}

/// A socket that has a name and no file.
fn listen_by_name(name: &str) -> std::io::Result<UnixListener> {
    let unnamed = UnixListener::bind_addr(&SocketAddr::from_abstract_name(name)?)?;
    unnamed.set_nonblocking(true)?;
    Ok(unnamed)
}

fn attempt(targets: &Targets, yard: &Yard, rules: &Rules) -> Result<Proof, Refusal> {
    let folder = fs::canonicalize(&targets.folder).map_err(no_targets)?;
    folder_around(rules, &folder)?;
    let (nonce, secret) = nonce_and_secret(targets)?;
    let listening = Listening::open().map_err(no_targets)?;
    let unnamed = listen_by_name(&nonce).map_err(no_targets)?;
    let mut victim = victim(&yard.wrapper(), &secret).map_err(no_targets)?;
    let victim_id = i32::try_from(victim.id()).unwrap_or(0);
    let plan = plan(
        targets,
        yard,
        rules,
        &folder,
        &listening,
        (&nonce, &secret, victim_id),
    );
    let said = attack(yard, rules.means, &folder, &plan, &secret);
    let mut reached = listening.reached();
    if unnamed.accept().is_ok() {
        reached.push(("abstract-socket", "a connection arrived"));
    }
    let victim_lives = matches!(victim.try_wait(), Ok(None));
    let _gone = victim.kill();
    let _reaped = victim.wait();
    let found = Found {
        reached,
        victim_lives,
        left_outside: plan
            .outside
            .iter()
            .filter(|directory| remove(&directory.join(left_file(&nonce))))
            .cloned()
            .collect(),
        writers: &["writing-outside", "writing-by-link", "exchanging-links"],
        lives_on: is_behind(&nonce),
        wrote_inside: remove(&folder.join(left_file(&nonce))),
    };
    if let Some(folder) = rules.folder_of(&folder) {
        remove(&folder.home.join(left_file(&nonce)));
    }
    Ok(judge(rules.means, said, found))
}

/// What the attack is told.
fn plan(
    targets: &Targets,
    yard: &Yard,
    rules: &Rules,
    folder: &Path,
    base: &Listening,
    (nonce, secret, victim): (&str, &str, i32),
) -> Plan {
    let mut outside = vec![base.directory.path().to_owned(), yard.root().to_owned()];
    outside.extend(["/usr/local", "/etc", "/var/tmp"].map(PathBuf::from));
    outside.extend(rules.person_home.clone());
    outside.extend(
        targets
            .secret
            .as_ref()
            .and_then(|secret| secret.parent())
            .map(Path::to_owned),
    );
    outside.extend(targets.outside.clone());
    // What is written in the folder is no escape.
    outside.retain(|path| !path.starts_with(folder));
    Plan {
        nonce: nonce.to_owned(),
        secret_reversed: secret.chars().rev().collect(),
        secret_file: targets.secret.clone(),
        outside,
        sockets: base.socket().into_iter().chain(targets.sockets.clone()).collect(),
        abstract_socket: nonce.to_owned(),
        ports: base.ports().chain(targets.ports.clone()).collect(),
        datagram_port: base.datagram_port(),
        victim,
    }
}

/// A process that holds the secret in its environment and its memory.
fn victim(wrapper: &Path, secret: &str) -> std::io::Result<Child> {
    Command::new(wrapper)
        .arg("victim")
        .env_clear()
        .env(VARIABLE, secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
}

/// Has the attack run as the engine has a command run, but that it does not wait for its own outcome.
fn attack(yard: &Yard, means: Means, folder: &Path, plan: &Plan, secret: &str) -> Result<Vec<Line>, String> {
    let plan_text = serde_json::to_string(plan).map_err(|error| error.to_string())?;
    let inside = if means == Means::Namespaces {
        Path::new(IN_ENGINES_BOX).join("bin/cowork-box")
    } else {
        yard.wrapper()
    };
    let script = format!(
        "echo inside > {} && exec {} attack {}",
        left_file(&plan.nonce),
        quoted(&inside.to_string_lossy()),
        quoted(&plan_text)
    );
    let child = Command::new(yard.wrapper())
        .args([OsString::from("try-shell"), "-c".into(), script.into()])
        .current_dir(folder)
        .env(VARIABLE, secret)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| error.to_string())?;
    outcome(child, PATIENCE)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a process of the attack is still there. The nonce is in its command line.
fn is_behind(nonce: &str) -> bool {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let own = std::process::id().to_string();
    let mut lines = entries
        .filter(|entry| entry.file_name().to_string_lossy() != own)
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.any(|line| line.windows(nonce.len()).any(|part| part == nonce.as_bytes()))
}
