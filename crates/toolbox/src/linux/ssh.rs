//! SSH as git calls it in a box: through the gateway, to hosts that the person knows.
//!
//! A host's key is what tells it from whoever stands in between, so one that is new is for the person to compare: it is
//! refused here, and never taken down for known.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use super::inside::number;
use crate::Refusal;
use crate::refusal::complain;
use crate::yard::{IN_ENGINES_BOX, KNOWN_HOSTS, WRAPPER};

/// What SSH exits with for an error of its own.
const FAILED: i32 = 255;

/// Options of SSH that take their value from the next word.
const WITH_VALUE: &[u8] = b"BbcDEeFIiJLlmOoPpQRSWw";

/// Where the hosts are that the person knows, in a box that may sign in as them.
pub(crate) fn known_hosts() -> PathBuf {
    PathBuf::from(IN_ENGINES_BOX).join(KNOWN_HOSTS)
}

/// What is there where a consent put the person's own SSH directory into the box. No command can put it there.
pub(crate) fn of_person() -> PathBuf {
    PathBuf::from(IN_ENGINES_BOX).join("ssh-of-person")
}

/// The lists that a host may be in. Those of the box's home are among them only where that is the person's: a command can
/// write any key into its own.
fn lists() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let own = ["known_hosts", "known_hosts2"].map(|name| home.join(".ssh").join(name));
    let own = own.into_iter().filter(|_| of_person().symlink_metadata().is_ok());
    [known_hosts()]
        .into_iter()
        .filter(|list| list.is_file())
        .chain(own)
        .collect()
}

/// As an option of SSH has them.
fn written(lists: &[PathBuf]) -> String {
    if lists.is_empty() {
        return "/dev/null".to_owned();
    }
    let quoted = lists.iter().map(|list| format!("\"{}\"", list.display()));
    quoted.collect::<Vec<_>>().join(" ")
}

/// Runs SSH, and gives its exit code.
pub(crate) fn ssh(words: impl IntoIterator<Item = OsString>) -> Result<ExitCode, Refusal> {
    let words: Vec<OsString> = words.into_iter().collect();
    let mut command = Command::new("ssh");
    command
        .arg("-o")
        .arg(format!(
            "ProxyCommand=\"{IN_ENGINES_BOX}/bin/{WRAPPER}\" connect %h %p"
        ))
        .args(["-o", "StrictHostKeyChecking=yes"]);
    let lists = lists();
    let knows_hosts = !lists.is_empty();
    command
        .arg("-o")
        .arg(format!("UserKnownHostsFile={}", written(&lists)));
    if of_person().symlink_metadata().is_err() {
        // Settings that a command left in the box's home vouch for no host either. Old versions do not know the first.
        for option in [
            "IgnoreUnknown=KnownHostsCommand",
            "KnownHostsCommand=none",
            "GlobalKnownHostsFile=/etc/ssh/ssh_known_hosts",
            "VerifyHostKeyDNS=no",
            "NoHostAuthenticationForLocalhost=no",
        ] {
            command.args(["-o", option]);
        }
    }
    command.args(&words);
    super::keeper::end_with_this(&mut command);
    let status = command
        .status()
        .map_err(|error| Refusal::not_started("ssh".as_ref(), &error))?;
    if status.code() == Some(FAILED)
        && let Some(host) = host(&words)
        && !is_known(&host)
    {
        complain(&advice(&host, knows_hosts));
    }
    Ok(ExitCode::from(number(status)))
}

fn advice(host: &str, knows_hosts: bool) -> String {
    if knows_hosts {
        format!(
            "{host} is not among the hosts that the person knows, and a new one is refused here. They can connect to it \
             once in a terminal of their own, compare its key, and start the engine again."
        )
    } else {
        format!(
            "{host} is not known here, and a new host is refused. With the SSH agent opened, in the app under Settings, \
             the hosts that the person knows are known here too."
        )
    }
}

/// The host that is meant, as a list of known hosts spells it.
fn host(words: &[OsString]) -> Option<String> {
    let mut words = words.iter().map(|word| word.to_string_lossy());
    let mut port = None;
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix('-') else {
            let host = word.rsplit('@').next().unwrap_or(&word).to_ascii_lowercase();
            return Some(match port {
                Some(port) if port != "22" => format!("[{host}]:{port}"),
                _ => host,
            });
        };
        let [letter, attached @ ..] = option.as_bytes() else {
            return None;
        };
        if WITH_VALUE.contains(letter) {
            let value = if attached.is_empty() {
                words.next()?.into_owned()
            } else {
                option[1..].to_owned()
            };
            if *letter == b'p' {
                port = Some(value);
            }
        }
    }
    None
}

/// Whether any list has a key of a host.
fn is_known(host: &str) -> bool {
    let mut lists = lists();
    lists.push("/etc/ssh/ssh_known_hosts".into());
    lists.iter().filter(|list| list.is_file()).any(|list| {
        let found = Command::new("ssh-keygen")
            .args(["-F", host, "-f"])
            .arg(list)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        // Without the program nothing is said of the host.
        found.map_or(true, |status| status.success())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_found_as_git_names_it() {
        for (words, expected) in [
            (
                &["git@Example.org", "git-upload-pack 'x'"][..],
                Some("example.org"),
            ),
            (
                &["-o", "SendEnv=GIT_PROTOCOL", "-p", "2222", "git@example.org", "x"],
                Some("[example.org]:2222"),
            ),
            (&["-4", "-p22", "example.org"], Some("example.org")),
            (&["-G"], None),
        ] {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            assert_eq!(host(&words).as_deref(), expected, "{words:?}");
        }
    }
}
