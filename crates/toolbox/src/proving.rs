//! What the proofs of all kinds of boxes have in common: what waits to be reached, how the attack is waited for, and what
//! follows from what it said and from what was seen outside.

use std::io::{Read, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use cowork_policy::confinement::{Means, Rules};
use serde::{Deserialize, Serialize};

use crate::proof::{Failed, Proof, Targets, beginning};
use crate::{Refusal, Yard};

/// Under this name the wrapper gets the secret, as it gets the engine's.
pub(crate) const VARIABLE: &str = "COWORK_PROOF_SECRET";

/// The last line, without which the attack did not come to its end.
pub(crate) const FINISHED: &str = "finished";

/// What is left of an output when the time is over is waited for this long.
const REST: Duration = Duration::from_millis(20);

/// One line of what the attack says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) name: String,
    /// How it got through; nothing when it was held.
    pub(crate) how: Option<String>,
}

/// The name of a file that an attack leaves in a directory.
pub(crate) fn left_file(nonce: &str) -> String {
    format!(".cowork-proof-{nonce}")
}

/// Attacks the box of the folder, and writes the proof.
pub(crate) fn prove(
    targets: &Targets,
    attempt: impl FnOnce(&Targets, &Yard, &Rules) -> Result<Proof, Refusal>,
) -> ExitCode {
    let begin = Instant::now();
    let proof = Yard::find()
        .ok_or_else(|| Refusal::box_failed("finding the rules", "there is no such place"))
        .and_then(|yard| Ok((yard.read_rules()?, yard)))
        .and_then(|(rules, yard)| attempt(targets, &yard, &rules));
    let written = proof.and_then(|mut proof| {
        proof.milliseconds = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
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

/// A word that only this proof has, and what must not be read.
pub(crate) fn nonce_and_secret(targets: &Targets) -> Result<(String, String), Refusal> {
    let random = || getrandom::u64().map_err(|error| Refusal::box_failed("chance", error));
    let nonce = format!("{:016x}", random()?);
    let secret = match &targets.secret {
        Some(file) => beginning(file).map_err(no_targets)?,
        None => format!("{:016x}{:016x}", random()?, random()?),
    };
    Ok((nonce, secret))
}

pub(crate) fn no_targets(error: std::io::Error) -> Refusal {
    Refusal::box_failed("making targets for the proof", error)
}

/// What waits to be reached.
pub(crate) struct Listening {
    pub(crate) directory: tempfile::TempDir,
    streams: Vec<TcpListener>,
    datagrams: Vec<UdpSocket>,
    #[cfg(unix)]
    file: std::os::unix::net::UnixListener,
}

impl Listening {
    pub(crate) fn open() -> std::io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("cowork-proof.").tempdir()?;
        // A machine may have only one of the two.
        let addresses = [
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)),
            TcpListener::bind((Ipv6Addr::LOCALHOST, 0)),
        ];
        let streams: Vec<_> = addresses.into_iter().flatten().collect();
        let first = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let second = UdpSocket::bind((Ipv6Addr::LOCALHOST, first.local_addr()?.port()));
        let datagrams: Vec<_> = [first].into_iter().chain(second).collect();
        for stream in &streams {
            stream.set_nonblocking(true)?;
        }
        for socket in &datagrams {
            socket.set_nonblocking(true)?;
        }
        Ok(Self {
            #[cfg(unix)]
            file: {
                let file = std::os::unix::net::UnixListener::bind(directory.path().join("socket"))?;
                file.set_nonblocking(true)?;
                file
            },
            directory,
            streams,
            datagrams,
        })
    }

    /// The socket in the directory, where there are such.
    pub(crate) fn socket(&self) -> Option<PathBuf> {
        cfg!(unix).then(|| self.directory.path().join("socket"))
    }

    pub(crate) fn ports(&self) -> impl Iterator<Item = u16> {
        let addresses = self.streams.iter().map(TcpListener::local_addr);
        addresses.filter_map(|address| Some(address.ok()?.port()))
    }

    pub(crate) fn datagram_port(&self) -> u16 {
        let address = self.datagrams.first().and_then(|socket| socket.local_addr().ok());
        address.map_or(0, |address| address.port())
    }

    /// What was reached, whatever the attack says of it.
    pub(crate) fn reached(&self) -> Vec<(&'static str, &'static str)> {
        let mut reached = Vec::new();
        if self.streams.iter().any(|listener| listener.accept().is_ok()) {
            reached.push(("ports", "a connection arrived"));
        }
        let mut datagrams = self.datagrams.iter();
        if datagrams.any(|socket| socket.recv(&mut [0; 64]).is_ok()) {
            reached.push(("datagrams", "one arrived"));
        }
        #[cfg(unix)]
        if self.file.accept().is_ok() {
            reached.push(("sockets", "a connection arrived"));
        }
        reached
    }
}

/// What was seen outside after the attack.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) reached: Vec<(&'static str, &'static str)>,
    pub(crate) victim_lives: bool,
    /// Directories outside that the attack left its file in.
    pub(crate) left_outside: Vec<PathBuf>,
    /// The tries that can have left it there.
    pub(crate) writers: &'static [&'static str],
    pub(crate) lives_on: bool,
    pub(crate) wrote_inside: bool,
}

/// What follows from what the attack said and what was seen.
pub(crate) fn judge(means: Means, said: Result<Vec<Line>, String>, found: Found) -> Proof {
    let mut failed: Vec<Failed> = Vec::new();
    let mut fail = |name: &str, how: &str| {
        failed.push(Failed {
            name: name.to_owned(),
            how: how.to_owned(),
        });
    };
    let lines = said.unwrap_or_else(|reason| {
        fail("running", &reason);
        Vec::new()
    });
    if !lines.iter().any(|line| line.name == FINISHED) {
        fail("running", "the attack did not come to its end");
    }
    for line in &lines {
        if let Some(how) = &line.how {
            fail(&line.name, how);
        }
    }
    for (name, how) in found.reached {
        fail(name, how);
    }
    if !found.victim_lives {
        fail("signals", "a process outside was ended");
    }
    for directory in found.left_outside {
        for name in found.writers {
            fail(name, &directory.display().to_string());
        }
    }
    if found.lives_on {
        fail("staying-behind", "a process outlived its command");
    }
    if !found.wrote_inside {
        fail("writing-inside", "what was written in the folder is not there");
    }
    let names = lines.into_iter().map(|line| line.name);
    let held = names.filter(|name| name != FINISHED && !failed.iter().any(|failed| failed.name == *name));
    Proof {
        proven: failed.is_empty(),
        held: held.collect(),
        means: serde_json::to_value(means)
            .ok()
            .and_then(|value| Some(value.as_str()?.to_owned()))
            .unwrap_or_default(),
        milliseconds: 0,
        failed,
    }
}

/// Waits for the attack, and gives what it said.
pub(crate) fn outcome(mut child: Child, patience: Duration) -> Result<Vec<Line>, String> {
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("its output could not be read".to_owned());
    };
    let (stdout, stderr) = (read(stdout), read(stderr));
    let end = Instant::now() + patience;
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
    // What is left of a box may hold its output open: then it is not waited for.
    let rest = || end.saturating_duration_since(Instant::now()).max(REST);
    let stdout = stdout.recv_timeout(rest()).unwrap_or_default();
    let stderr = stderr.recv_timeout(rest()).unwrap_or_default();
    match status {
        None => Err("the box did not answer".to_owned()),
        Some(status) if !status.success() => Err(format!("{status}: {}", stderr.trim())),
        Some(_) => Ok(stdout
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()),
    }
}

fn read(mut from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _partly = from.read_to_end(&mut bytes);
        // Nobody listens any more when its time is over.
        let _unheard = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// Removes a file, and says whether it was there.
pub(crate) fn remove(path: &Path) -> bool {
    let there = std::fs::symlink_metadata(path).is_ok();
    let _gone = std::fs::remove_file(path);
    there
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, how: Option<&str>) -> Line {
        Line {
            name: name.to_owned(),
            how: how.map(str::to_owned),
        }
    }

    fn held() -> Found {
        Found {
            victim_lives: true,
            wrote_inside: true,
            writers: &["writing-outside"],
            ..Found::default()
        }
    }

    #[test]
    fn a_box_is_proven_only_when_the_attack_ended_and_nothing_was_seen_outside() {
        let lines = || {
            Ok(vec![
                line("ports", None),
                line("signals", None),
                line(FINISHED, None),
            ])
        };
        let proof = judge(Means::Landlock, lines(), held());
        assert!(proof.proven && proof.failed.is_empty());
        assert_eq!(
            (proof.held, proof.means.as_str()),
            (vec!["ports".to_owned(), "signals".to_owned()], "landlock")
        );
        let fails = |said, found| {
            let proof = judge(Means::Landlock, said, found);
            assert_eq!(proof.proven, proof.failed.is_empty());
            !proof.proven
        };
        assert!(fails(Ok(vec![line("ports", None)]), held()), "it did not end");
        assert!(fails(Err("no shell".to_owned()), held()));
        assert!(fails(
            Ok(vec![line("ports", Some("x")), line(FINISHED, None)]),
            held()
        ));
        for found in [
            Found {
                reached: vec![("ports", "arrived")],
                ..held()
            },
            Found {
                victim_lives: false,
                ..held()
            },
            Found {
                left_outside: vec!["/x".into()],
                ..held()
            },
            Found {
                lives_on: true,
                ..held()
            },
            Found {
                wrote_inside: false,
                ..held()
            },
        ] {
            assert!(fails(lines(), found));
        }
    }
}
