//! The proof of the box: targets outside, an attack from within, and a look at what came of it.

use std::ffi::OsString;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use cowork_policy::confinement::{Means, Rules};

use super::attack::{FINISHED, Line, Plan, left_file};
use crate::proof::{Failed, Proof, Targets, beginning};
use crate::yard::{IN_ENGINES_BOX, folder_around};
use crate::{Refusal, Yard};

/// A box that takes longer does not work.
const PATIENCE: Duration = Duration::from_secs(10);

/// Under this name the wrapper gets the secret, as it gets the engine's.
const VARIABLE: &str = "COWORK_PROOF_SECRET";

/// Attacks the box of the folder, and writes the proof.
pub(crate) fn prove(targets: &Targets) -> ExitCode {
    let begin = Instant::now();
    let proof = Yard::find()
        .ok_or_else(|| Refusal::box_failed("finding the rules", "there is no such place"))
        .and_then(|yard| Ok((yard.read_rules()?, yard)))
        .and_then(|(rules, yard)| attempt(targets, &yard, &rules, begin));
    let written = proof.and_then(|proof| {
        serde_json::to_string(&proof).map_err(|error| Refusal::box_failed("writing the proof", error))
    });
    match written {
        Ok(text) => {
            let _unread = writeln!(std::io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(refusal) => refusal.report(),
    }
}

/// What waits to be reached.
struct Listening {
    directory: tempfile::TempDir,
    streams: Vec<TcpListener>,
    datagrams: Vec<UdpSocket>,
    file: UnixListener,
    unnamed: UnixListener,
}

impl Listening {
    fn open(nonce: &str) -> std::io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("cowork-proof.").tempdir()?;
        // A machine may have only one of the two.
        let streams: Vec<_> = [
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)),
            TcpListener::bind((Ipv6Addr::LOCALHOST, 0)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let port = |socket: &UdpSocket| socket.local_addr().map(|address| address.port());
        let first = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut datagrams: Vec<UdpSocket> = Vec::new();
        datagrams.extend(UdpSocket::bind((Ipv6Addr::LOCALHOST, port(&first)?)));
        datagrams.insert(0, first);
        let file = UnixListener::bind(directory.path().join("socket"))?;
        let unnamed = UnixListener::bind_addr(&SocketAddr::from_abstract_name(nonce)?)?;
        for stream in &streams {
            stream.set_nonblocking(true)?;
        }
        for socket in &datagrams {
            socket.set_nonblocking(true)?;
        }
        file.set_nonblocking(true)?;
        unnamed.set_nonblocking(true)?;
        Ok(Self {
            directory,
            streams,
            datagrams,
            file,
            unnamed,
        })
    }

    /// What was reached, whatever the attack says of it.
    fn reached(&self) -> Vec<(&'static str, &'static str)> {
        let mut reached = Vec::new();
        if self.streams.iter().any(|listener| listener.accept().is_ok()) {
            reached.push(("ports", "a connection arrived"));
        }
        if self
            .datagrams
            .iter()
            .any(|socket| socket.recv(&mut [0; 64]).is_ok())
        {
            reached.push(("datagrams", "one arrived"));
        }
        if self.file.accept().is_ok() {
            reached.push(("sockets", "a connection arrived"));
        }
        if self.unnamed.accept().is_ok() {
            reached.push(("abstract-socket", "a connection arrived"));
        }
        reached
    }
}

fn attempt(targets: &Targets, yard: &Yard, rules: &Rules, begin: Instant) -> Result<Proof, Refusal> {
    let failed = |error: std::io::Error| Refusal::box_failed("making targets for the proof", error);
    let folder = fs::canonicalize(&targets.folder).map_err(failed)?;
    folder_around(rules, &folder)?;
    let random = |error: getrandom::Error| Refusal::box_failed("chance", error);
    let nonce = format!("{:016x}", getrandom::u64().map_err(random)?);
    let secret = match &targets.secret {
        Some(file) => beginning(file).map_err(failed)?,
        None => format!(
            "{:016x}{:016x}",
            getrandom::u64().map_err(random)?,
            getrandom::u64().map_err(random)?
        ),
    };
    let listening = Listening::open(&nonce).map_err(failed)?;
    let mut victim = victim(&yard.wrapper(), &secret).map_err(failed)?;
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
    let mut failures: Vec<Failed> = Vec::new();
    let mut fail = |name: &str, how: &str| {
        failures.push(Failed {
            name: name.to_owned(),
            how: how.to_owned(),
        });
    };
    let lines = match said {
        Ok(lines) => lines,
        Err(reason) => {
            fail("running", &reason);
            Vec::new()
        }
    };
    if !lines.iter().any(|line| line.name == FINISHED) {
        fail("running", "the attack did not come to its end");
    }
    for line in &lines {
        if let Some(how) = &line.how {
            fail(&line.name, how);
        }
    }
    for (name, how) in listening.reached() {
        fail(name, how);
    }
    if !matches!(victim.try_wait(), Ok(None)) {
        fail("signals", "a process outside was ended");
    }
    let _gone = victim.kill();
    let _reaped = victim.wait();
    for directory in &plan.outside {
        if remove(&directory.join(left_file(&nonce))) {
            for name in ["writing-outside", "writing-by-link", "exchanging-links"] {
                fail(name, &directory.display().to_string());
            }
        }
    }
    if is_behind(&nonce) {
        fail("staying-behind", "a process outlived its command");
    }
    if !remove(&folder.join(left_file(&nonce))) {
        fail("writing-inside", "what was written in the folder is not there");
    }
    if let Some(folder) = rules.folder_of(&folder) {
        remove(&folder.home.join(left_file(&nonce)));
    }
    let held = lines
        .iter()
        .map(|line| line.name.clone())
        .filter(|name| name != FINISHED && !failures.iter().any(|failed| failed.name == *name))
        .collect();
    Ok(Proof {
        proven: failures.is_empty(),
        held,
        failed: failures,
        means: serde_json::to_value(rules.means)
            .ok()
            .and_then(|value| Some(value.as_str()?.to_owned()))
            .unwrap_or_default(),
        milliseconds: u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// What the attack is told.
fn plan(
    targets: &Targets,
    yard: &Yard,
    rules: &Rules,
    folder: &Path,
    listening: &Listening,
    (nonce, secret, victim): (&str, &str, i32),
) -> Plan {
    let mut outside = vec![listening.directory.path().to_owned(), yard.root().to_owned()];
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
        sockets: [listening.directory.path().join("socket")]
            .into_iter()
            .chain(targets.sockets.clone())
            .collect(),
        abstract_socket: nonce.to_owned(),
        ports: listening
            .streams
            .iter()
            .filter_map(|listener| Some(listener.local_addr().ok()?.port()))
            .chain(targets.ports.clone())
            .collect(),
        datagram_port: listening
            .datagrams
            .first()
            .and_then(|socket| socket.local_addr().ok())
            .map_or(0, |address| address.port()),
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
    let mut child = Command::new(yard.wrapper())
        .args([OsString::from("try-shell"), "-c".into(), script.into()])
        .current_dir(folder)
        .env(VARIABLE, secret)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| error.to_string())?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("its output could not be read".to_owned());
    };
    let read = |mut from: Box<dyn std::io::Read + Send>| {
        std::thread::spawn(move || {
            let mut text = String::new();
            let _partly = from.read_to_string(&mut text);
            text
        })
    };
    let (stdout, stderr) = (read(Box::new(stdout)), read(Box::new(stderr)));
    let end = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(1)),
            _ => {
                let _gone = child.kill();
                let _reaped = child.wait();
                break None;
            }
        }
    };
    let stderr = stderr.join().unwrap_or_default();
    let stdout = stdout.join().unwrap_or_default();
    match status {
        None => Err("the box did not answer".to_owned()),
        Some(status) if !status.success() => Err(format!("{status}: {}", stderr.trim())),
        Some(_) => Ok(stdout
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Removes a file, and says whether it was there.
fn remove(path: &Path) -> bool {
    let there = fs::symlink_metadata(path).is_ok();
    let _gone = fs::remove_file(path);
    there
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
