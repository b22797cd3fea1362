//! The proof of the box: targets outside, an attack from within, and a look at what came of it.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use cowork_policy::confinement::{Means, Rules};

use super::canaries::{BEAT, FINISHED, Line, Plan, left_file, sign_of_life};
use crate::proof::{Failed, Proof, Targets, beginning};
use crate::yard::folder_around;
use crate::{Refusal, Yard};

/// A box that takes longer does not work. The first on Windows writes rights to all of a folder.
const PATIENCE: Duration = Duration::from_secs(15);

/// Under this name the wrapper gets the secret, as it gets the engine's.
const VARIABLE: &str = "COWORK_PROOF_SECRET";

/// Attacks the box of the folder, and writes the proof.
pub(crate) fn prove(targets: &Targets) -> ExitCode {
    let proof = Yard::find()
        .ok_or_else(|| Refusal::box_failed("finding the rules", "there is no such place"))
        .and_then(|yard| Ok((yard.read_rules()?, yard)))
        .and_then(|(rules, yard)| attempt(targets, &yard, &rules));
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
    #[cfg(unix)]
    file: std::os::unix::net::UnixListener,
}

impl Listening {
    fn open() -> std::io::Result<Self> {
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

    /// What was reached, whatever the attack says of it.
    fn reached(&self) -> Vec<(&'static str, &'static str)> {
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

fn attempt(targets: &Targets, yard: &Yard, rules: &Rules) -> Result<Proof, Refusal> {
    let begin = Instant::now();
    let failed = |error: std::io::Error| Refusal::box_failed("making targets for the proof", error);
    let folder = fs::canonicalize(&targets.folder).map_err(failed)?;
    folder_around(rules, &folder)?;
    let random = || getrandom::u64().map_err(|error| Refusal::box_failed("chance", error));
    let nonce = format!("{:016x}", random()?);
    let secret = match &targets.secret {
        Some(file) => beginning(file).map_err(failed)?,
        None => format!("{:016x}{:016x}", random()?, random()?),
    };
    let listening = Listening::open().map_err(failed)?;
    let mut victim = victim(&yard.wrapper(), &secret).map_err(failed)?;
    let plan = plan(
        targets,
        yard,
        rules,
        &folder,
        &listening,
        (&nonce, &secret, victim.id()),
    );
    let said = attack(yard, rules.means, &folder, &plan, &secret);
    let found = Found {
        reached: listening.reached(),
        victim_lives: matches!(victim.try_wait(), Ok(None)),
        left_outside: plan
            .outside
            .iter()
            .filter(|directory| remove(&directory.join(left_file(&nonce))))
            .cloned()
            .collect(),
        lives_on: lives_on(&folder.join(sign_of_life(&nonce))),
        wrote_inside: remove(&folder.join(left_file(&nonce))),
    };
    let _gone = victim.kill();
    let _reaped = victim.wait();
    let (held, failed) = judge(said, found);
    Ok(Proof {
        proven: failed.is_empty(),
        held,
        failed,
        means: serde_json::to_value(rules.means)
            .ok()
            .and_then(|value| Some(value.as_str()?.to_owned()))
            .unwrap_or_default(),
        milliseconds: u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// What was seen outside after the attack.
#[derive(Debug, Default)]
struct Found {
    reached: Vec<(&'static str, &'static str)>,
    victim_lives: bool,
    left_outside: Vec<PathBuf>,
    lives_on: bool,
    wrote_inside: bool,
}

/// What held, and what did not.
fn judge(said: Result<Vec<Line>, String>, found: Found) -> (Vec<String>, Vec<Failed>) {
    let mut failed: Vec<Failed> = Vec::new();
    let mut fail = |name: &str, how: String| {
        failed.push(Failed {
            name: name.to_owned(),
            how,
        });
    };
    let lines = said.unwrap_or_else(|reason| {
        fail("running", reason);
        Vec::new()
    });
    if !lines.iter().any(|line| line.name == FINISHED) {
        fail("running", "the attack did not come to its end".to_owned());
    }
    for line in &lines {
        if let Some(how) = &line.how {
            fail(&line.name, how.clone());
        }
    }
    for (name, how) in found.reached {
        fail(name, how.to_owned());
    }
    if !found.victim_lives {
        fail("signals", "a process outside was ended".to_owned());
    }
    for directory in found.left_outside {
        fail("writing-outside", directory.display().to_string());
    }
    if found.lives_on {
        fail("staying-behind", "a process outlived its command".to_owned());
    }
    if !found.wrote_inside {
        fail(
            "writing-inside",
            "what was written in the folder is not there".to_owned(),
        );
    }
    let names = lines.into_iter().map(|line| line.name);
    let held = names.filter(|name| name != FINISHED && !failed.iter().any(|failed| failed.name == *name));
    (held.collect(), failed)
}

/// What the attack is told.
fn plan(
    targets: &Targets,
    yard: &Yard,
    rules: &Rules,
    folder: &Path,
    listening: &Listening,
    (nonce, secret, victim): (&str, &str, u32),
) -> Plan {
    let mut outside = vec![listening.directory.path().to_owned(), yard.root().to_owned()];
    outside.extend(rules.person_home.clone());
    let secrets = targets.secret.as_ref().and_then(|secret| secret.parent());
    outside.extend(secrets.map(Path::to_owned));
    if cfg!(unix) {
        outside.extend(["/usr/local", "/tmp", "/private/var/tmp"].map(PathBuf::from));
    }
    outside.extend(targets.outside.clone());
    // What is written in the folder is no escape, and what is not there cannot be written in.
    outside.retain(|path| !path.starts_with(folder) && path.is_dir());
    let sockets = cfg!(unix).then(|| listening.directory.path().join("socket"));
    let own = listening
        .streams
        .iter()
        .filter_map(|listener| Some(listener.local_addr().ok()?.port()));
    let datagrams = listening
        .datagrams
        .first()
        .and_then(|socket| socket.local_addr().ok());
    Plan {
        nonce: nonce.to_owned(),
        secret_reversed: secret.chars().rev().collect(),
        secret_file: targets.secret.clone(),
        outside,
        sockets: sockets.into_iter().chain(targets.sockets.clone()).collect(),
        ports: own.chain(targets.ports.clone()).collect(),
        datagram_port: datagrams.map_or(0, |address| address.port()),
        victim,
    }
}

/// A process that holds the secret in its environment and its memory.
fn victim(wrapper: &Path, secret: &str) -> std::io::Result<Child> {
    Command::new(wrapper)
        .arg("victim")
        .env(VARIABLE, secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
}

/// What the shell of the box is told to do.
fn script(means: Means, wrapper: &Path, plan: &Plan, word: &str) -> [String; 2] {
    let (wrapper, file) = (wrapper.to_string_lossy(), left_file(&plan.nonce));
    if means == Means::RestrictedToken {
        let wrapper = wrapper.replace('\'', "''");
        let script = format!(
            "Set-Content -LiteralPath {file} -Value inside; & '{wrapper}' attack {word}; exit $LASTEXITCODE"
        );
        ["-Command".to_owned(), script]
    } else {
        let wrapper = wrapper.replace('\'', r"'\''");
        [
            "-c".to_owned(),
            format!("echo inside > {file} && exec '{wrapper}' attack {word}"),
        ]
    }
}

/// Has the attack run as the engine has a command run, but that it does not wait for its own outcome.
fn attack(yard: &Yard, means: Means, folder: &Path, plan: &Plan, secret: &str) -> Result<Vec<Line>, String> {
    let word = plan.to_word().map_err(|error| error.to_string())?;
    let mut child = Command::new(yard.wrapper())
        .arg("try-shell")
        .args(script(means, &yard.wrapper(), plan, &word))
        .current_dir(folder)
        .env(VARIABLE, secret)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("its output could not be read".to_owned());
    };
    let (stdout, stderr) = (read(stdout), read(stderr));
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
    // What is left of a box may hold its output open: then it is not waited for.
    let rest = || end.saturating_duration_since(Instant::now()).max(BEAT);
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

fn read(mut from: impl std::io::Read + Send + 'static) -> std::sync::mpsc::Receiver<String> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _partly = from.read_to_end(&mut bytes);
        // Nobody listens any more when its time is over.
        let _unheard = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// Whether what stays behind still writes its sign after the command has ended.
fn lives_on(sign: &Path) -> bool {
    remove(sign);
    std::thread::sleep(BEAT * 10);
    remove(sign)
}

/// Removes a file, and says whether it was there.
fn remove(path: &Path) -> bool {
    let there = fs::symlink_metadata(path).is_ok();
    let _gone = fs::remove_file(path);
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
        assert_eq!(
            judge(lines(), held()),
            (vec!["ports".to_owned(), "signals".to_owned()], vec![])
        );
        let fails = |said, found| !judge(said, found).1.is_empty();
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

    #[test]
    fn a_wrapper_s_place_ends_no_string_of_a_shell() {
        let plan = Plan {
            nonce: "n".to_owned(),
            ..Plan::default()
        };
        let place = Path::new("/it's/$(x)/cowork-box");
        let [_, unix] = script(Means::Seatbelt, place, &plan, "7b");
        assert!(unix.contains(r"'/it'\''s/$(x)/cowork-box'"), "{unix}");
        let [_, windows] = script(Means::RestrictedToken, place, &plan, "7b");
        assert!(windows.contains("'/it''s/$(x)/cowork-box'"), "{windows}");
    }

    #[test]
    fn what_still_lives_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let sign = directory.path().join("sign");
        assert!(!lives_on(&sign));
        let mut child = Command::new("/bin/sh")
            .args(["-c", "while true; do echo >> \"$1\"; sleep 0.02; done", "x"])
            .arg(&sign)
            .spawn()
            .unwrap();
        let lives = lives_on(&sign);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(lives);
    }
}
