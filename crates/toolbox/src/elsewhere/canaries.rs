//! The attack on a box from within, as far as it is the same on every system. Each try is made for what it does and not
//! for what it answers: what a box lets through silently the proof finds outside.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::proving::{FINISHED, Line, left_file};

/// What the attack is given: everything but the secret as it is, which must not be found in what the box was told.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Plan {
    /// In the names of all that is left behind.
    pub(super) nonce: String,
    /// The last character first.
    pub(super) secret_reversed: String,
    pub(super) secret_file: Option<PathBuf>,
    pub(super) outside: Vec<PathBuf>,
    pub(super) sockets: Vec<PathBuf>,
    /// On both loopback addresses.
    pub(super) ports: Vec<u16>,
    pub(super) datagram_port: u16,
    /// A process outside, which holds the secret.
    pub(super) victim: u32,
}

impl Plan {
    /// As a word that no shell changes.
    pub(super) fn to_word(&self) -> Result<String, serde_json::Error> {
        let text = serde_json::to_string(self)?;
        Ok(text.bytes().fold(String::new(), |mut word, byte| {
            // Writing to a string cannot fail.
            let _written = write!(word, "{byte:02x}");
            word
        }))
    }

    fn of_word(word: &str) -> Option<Self> {
        let pairs = word.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> = pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        serde_json::from_slice(&bytes?).ok()
    }

    fn secret(&self) -> String {
        self.secret_reversed.chars().rev().collect()
    }
}

/// The file that what stays behind writes again and again.
pub(super) fn sign_of_life(nonce: &str) -> String {
    format!(".cowork-alive-{nonce}")
}

/// How often it does.
pub(super) const BEAT: Duration = Duration::from_millis(20);

/// How many times. It is looked for as soon as the command has ended, of which it was started last.
const BEATS: usize = 200;

/// What is on loopback answers at once. Where it does not, as where it is dropped, that is no way through.
const CONNECT: Duration = Duration::from_millis(200);

type Outcome = Result<(), String>;

/// One try.
#[derive(Clone, Copy)]
enum Attack {
    /// It knows whether it got through, and gives how as an error.
    Known(fn(&Plan) -> Outcome),
    /// Its success shows only outside of the box.
    SeenOutside(fn(&Plan)),
}

use Attack::{Known, SeenOutside};

const ATTACKS: &[(&str, Attack)] = &[
    ("own-environment", Known(own_environment)),
    ("environments-of-others", Known(environments_of_others)),
    ("secret-file", Known(secret_file)),
    ("secret-by-link", Known(secret_by_link)),
    ("listing-outside", Known(listing_outside)),
    ("ports", Known(ports)),
    ("datagrams", SeenOutside(datagrams)),
    #[cfg(unix)]
    ("sockets", Known(sockets)),
    ("writing-outside", Known(writing_outside)),
    ("signals", Known(signals)),
    ("staying-behind", SeenOutside(staying_behind)),
];

/// Attacks, and says a line for each try.
pub(crate) fn attack(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let plan = words
        .into_iter()
        .next()
        .and_then(|word| Plan::of_word(word.to_str()?));
    let Some(plan) = plan else {
        return Refusal::new("this is for the proof to call", "Call `cowork-box prove`").report();
    };
    for line in lines(&plan) {
        if let Ok(text) = serde_json::to_string(&line) {
            // Nobody listens any more: then the proof fails for want of an end.
            let _unheard = std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{text}\n"));
        }
    }
    ExitCode::SUCCESS
}

fn lines(plan: &Plan) -> impl Iterator<Item = Line> {
    let tries = ATTACKS.iter().map(|(name, attack)| Line {
        name: (*name).to_owned(),
        how: match attack {
            Known(attack) => attack(plan).err(),
            SeenOutside(attack) => {
                attack(plan);
                None
            }
        },
    });
    tries.chain([Line {
        name: FINISHED.to_owned(),
        how: None,
    }])
}

/// Lives for a while, and says so in the file it is given. It is what an attack leaves behind.
pub(crate) fn linger(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Some(sign) = words.into_iter().next() else {
        return ExitCode::FAILURE;
    };
    for _ in 0..BEATS {
        // A directory that is gone needs no sign.
        let _unwritten = fs::write(&sign, "alive");
        std::thread::sleep(BEAT);
    }
    let _gone = fs::remove_file(&sign);
    ExitCode::SUCCESS
}

fn held_unless(got_through: bool, how: impl Into<String>) -> Outcome {
    if got_through { Err(how.into()) } else { Ok(()) }
}

fn own_environment(plan: &Plan) -> Outcome {
    let secret = plan.secret();
    let has = std::env::vars_os().any(|(_, value)| value.to_string_lossy().contains(&secret));
    held_unless(has, "the engine's environment was handed on")
}

/// By what the system itself has for it.
fn environments_of_others(plan: &Plan) -> Outcome {
    #[cfg(target_os = "linux")]
    let seen = fs::read(format!("/proc/{}/environ", plan.victim)).unwrap_or_default();
    #[cfg(target_os = "macos")]
    let seen = arguments_of(plan.victim);
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    return held_unless(
        String::from_utf8_lossy(&seen).contains(&plan.secret()),
        "read the environment of a process outside",
    );
    #[cfg(windows)]
    return held_unless(
        super::windows::may_look_into(plan.victim),
        "may read the memory of a process outside",
    );
}

/// What the kernel tells of how a process was started, its environment included.
#[cfg(target_os = "macos")]
fn arguments_of(process: u32) -> Vec<u8> {
    let mut query = [libc::CTL_KERN, libc::KERN_PROCARGS2, process.cast_signed()];
    let mut bytes = vec![0_u8; 1 << 20];
    let mut length = bytes.len();
    // SAFETY: the query has three numbers, and the vector as many bytes as are said.
    let answer = unsafe {
        libc::sysctl(
            query.as_mut_ptr(),
            3,
            bytes.as_mut_ptr().cast(),
            &raw mut length,
            std::ptr::null_mut(),
            0,
        )
    };
    bytes.truncate(if answer == 0 { length } else { 0 });
    bytes
}

fn secret_file(plan: &Plan) -> Outcome {
    let Some(path) = &plan.secret_file else {
        return Ok(());
    };
    let bytes = fs::read(path).unwrap_or_default();
    let has = String::from_utf8_lossy(&bytes).contains(&plan.secret());
    held_unless(has, format!("read {}", path.display()))
}

fn secret_by_link(plan: &Plan) -> Outcome {
    let Some(path) = &plan.secret_file else {
        return Ok(());
    };
    let link = PathBuf::from(format!(".cowork-link-{}", plan.nonce));
    #[cfg(unix)]
    let _there = std::os::unix::fs::symlink(path, &link);
    #[cfg(windows)]
    let _there = std::os::windows::fs::symlink_file(path, &link);
    let bytes = fs::read(&link).unwrap_or_default();
    let _gone = fs::remove_file(&link);
    let has = String::from_utf8_lossy(&bytes).contains(&plan.secret());
    held_unless(has, "read through a link in the folder")?;
    // A hard link needs no right to read on some systems, and would stay.
    let hard = fs::hard_link(path, &link).is_ok();
    let _gone = fs::remove_file(&link);
    held_unless(hard, "made a hard link to it")
}

/// What directory the secret is in may be known; what else is in it may not.
fn listing_outside(plan: &Plan) -> Outcome {
    let Some(directory) = plan.secret_file.as_deref().and_then(Path::parent) else {
        return Ok(());
    };
    let listed = fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
    held_unless(listed, format!("listed {}", directory.display()))
}

fn loopback(port: u16) -> [SocketAddr; 2] {
    [
        (Ipv4Addr::LOCALHOST, port).into(),
        (Ipv6Addr::LOCALHOST, port).into(),
    ]
}

fn ports(plan: &Plan) -> Outcome {
    for address in plan.ports.iter().flat_map(|port| loopback(*port)) {
        let connected = TcpStream::connect_timeout(&address, CONNECT).is_ok();
        held_unless(connected, format!("connected to {address}"))?;
    }
    Ok(())
}

/// That one arrived is seen outside.
fn datagrams(plan: &Plan) {
    for address in loopback(plan.datagram_port) {
        let unspecified: SocketAddr = if address.is_ipv4() {
            (Ipv4Addr::UNSPECIFIED, 0).into()
        } else {
            (Ipv6Addr::UNSPECIFIED, 0).into()
        };
        if let Ok(socket) = UdpSocket::bind(unspecified) {
            let _unsent = socket.send_to(plan.nonce.as_bytes(), address);
        }
    }
}

#[cfg(unix)]
fn sockets(plan: &Plan) -> Outcome {
    for path in &plan.sockets {
        let connected = std::os::unix::net::UnixStream::connect(path).is_ok();
        held_unless(connected, format!("connected to {}", path.display()))?;
    }
    Ok(())
}

fn writing_outside(plan: &Plan) -> Outcome {
    for directory in &plan.outside {
        let path = directory.join(left_file(&plan.nonce));
        let written = fs::write(&path, "left").is_ok();
        held_unless(written, format!("wrote in {}", directory.display()))?;
    }
    Ok(())
}

#[cfg(unix)]
fn signals(plan: &Plan) -> Outcome {
    use rustix::process::{Pid, Signal, kill_process};
    let victim = i32::try_from(plan.victim).ok().and_then(Pid::from_raw);
    let killed = victim.is_some_and(|victim| kill_process(victim, Signal::KILL).is_ok());
    held_unless(killed, "killed a process outside")
}

#[cfg(windows)]
fn signals(plan: &Plan) -> Outcome {
    held_unless(super::windows::may_end(plan.victim), "may end a process outside")
}

/// That it is still there is seen outside.
fn staying_behind(plan: &Plan) {
    let (Ok(own), Ok(here)) = (std::env::current_exe(), std::env::current_dir()) else {
        return;
    };
    let mut command = Command::new(own);
    command
        .arg("linger")
        .arg(here.join(sign_of_life(&plan.nonce)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        // SAFETY: the closure runs between fork and exec, and makes one system call.
        unsafe {
            command.pre_exec(|| {
                rustix::process::setsid()?;
                Ok(())
            });
        }
        let _unstarted = command.spawn();
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        use windows_sys::Win32::System::Threading::{CREATE_BREAKAWAY_FROM_JOB, DETACHED_PROCESS};
        command.creation_flags(CREATE_BREAKAWAY_FROM_JOB | DETACHED_PROCESS);
        if command.spawn().is_err() {
            command.creation_flags(DETACHED_PROCESS);
            let _unstarted = command.spawn();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_plan_comes_back_from_its_word_without_the_secret_in_it() {
        let plan = Plan {
            nonce: "n'\"$".to_owned(),
            secret_reversed: "terces".to_owned(),
            ports: vec![7],
            ..Plan::default()
        };
        let word = plan.to_word().unwrap();
        assert!(word.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let read = Plan::of_word(&word).unwrap();
        assert_eq!(
            (read.nonce, read.ports, read.secret_reversed),
            (plan.nonce, plan.ports, "terces".to_owned())
        );
        assert!(Plan::of_word("zz").is_none() && Plan::of_word("7").is_none());
    }

    /// Without a box each of them gets through, so that in one it can be told from a try that could not.
    #[test]
    fn without_a_box_the_attacks_get_through() {
        let directory = tempfile::tempdir().unwrap();
        let outside = directory.path().join("outside");
        fs::create_dir(&outside).unwrap();
        let secret = outside.join("secret");
        fs::write(&secret, "a secret of sixteen").unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let datagrams = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        datagrams.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let socket = outside.join("socket");
        let _listening = UnixListener::bind(&socket).unwrap();
        let mut victim = Command::new("sleep")
            .arg("60")
            .env("SECRET", "a secret of sixteen")
            .spawn()
            .unwrap();
        let plan = Plan {
            nonce: "nonce".to_owned(),
            secret_reversed: "neetxis fo terces a".to_owned(),
            secret_file: Some(secret),
            outside: vec![outside.clone()],
            sockets: vec![socket],
            ports: vec![listener.local_addr().unwrap().port()],
            datagram_port: datagrams.local_addr().unwrap().port(),
            victim: victim.id(),
        };
        for (name, attack) in [
            ("environment", environments_of_others as fn(&Plan) -> Outcome),
            ("file", secret_file),
            ("listing", listing_outside),
            ("ports", ports),
            ("sockets", sockets),
            ("writing", writing_outside),
            ("signals", signals),
        ] {
            // A process that was started a moment ago has its environment a moment later.
            let gets_through = (0..200).any(|_| {
                let got = attack(&plan).is_err();
                if !got {
                    std::thread::sleep(Duration::from_millis(20));
                }
                got
            });
            assert!(gets_through, "{name}");
        }
        assert!(!victim.wait().unwrap().success());
        assert!(outside.join(left_file("nonce")).exists());
        super::datagrams(&plan);
        assert_eq!(datagrams.recv(&mut [0; 16]).unwrap(), "nonce".len());
        assert!(own_environment(&plan).is_ok(), "ours has no secret");
    }
}
