//! The proof of the box: targets outside, an attack from within, and a look at what came of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use cowork_policy::confinement::{Means, Rules};

use super::canaries::{BEAT, Plan, sign_of_life};
use crate::proof::{Proof, Targets};
use crate::proving::{
    self, Found, Line, Listening, VARIABLE, judge, left_file, no_targets, nonce_and_secret, outcome, remove,
};
use crate::yard::folder_around;
use crate::{Refusal, Yard};

/// A box that takes longer does not work. The first on Windows writes rights to all of a folder.
const PATIENCE: Duration = Duration::from_secs(15);

/// Attacks the box of the folder, and writes the proof.
pub(crate) fn prove(targets: &Targets) -> ExitCode {
    proving::prove(targets, attempt)
}

fn attempt(targets: &Targets, yard: &Yard, rules: &Rules) -> Result<Proof, Refusal> {
    let folder = fs::canonicalize(&targets.folder).map_err(no_targets)?;
    folder_around(rules, &folder)?;
    let (nonce, secret) = nonce_and_secret(targets)?;
    let listening = Listening::open().map_err(no_targets)?;
    let mut victim = victim(&yard.wrapper(), &secret).map_err(no_targets)?;
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
        writers: &["writing-outside"],
        lives_on: lives_on(&folder.join(sign_of_life(&nonce))),
        wrote_inside: remove(&folder.join(left_file(&nonce))),
    };
    let _gone = victim.kill();
    let _reaped = victim.wait();
    Ok(judge(rules.means, said, found))
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
    Plan {
        nonce: nonce.to_owned(),
        secret_reversed: secret.chars().rev().collect(),
        secret_file: targets.secret.clone(),
        outside,
        sockets: listening
            .socket()
            .into_iter()
            .chain(targets.sockets.clone())
            .collect(),
        ports: listening.ports().chain(targets.ports.clone()).collect(),
        datagram_port: listening.datagram_port(),
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
    let child = Command::new(yard.wrapper())
        .arg("try-shell")
        .args(script(means, &yard.wrapper(), plan, &word))
        .current_dir(folder)
        .env(VARIABLE, secret)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    outcome(child, PATIENCE)
}

/// Whether what stays behind still writes its sign after the command has ended.
fn lives_on(sign: &Path) -> bool {
    remove(sign);
    std::thread::sleep(BEAT * 10);
    remove(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

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
