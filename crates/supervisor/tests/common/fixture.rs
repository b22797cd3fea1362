//! What the tests supervise. `engine BEHAVIOUR PORT` pretends to be an engine; `hold` and `supervise` are processes
//! that use the crate and then wait to be killed, for promises that only hold between processes.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an engine talks through its pipes"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cowork_supervisor::{Confinement, Holder, Invocation, LaunchPlan, PrivateHome, ProbeAnswer, start};

const READY: &str = "fixture listening on ";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["engine", behaviour, port] => engine(behaviour, port.parse()?),
        ["hold", root] => hold(Path::new(root)),
        ["supervise", root, confinement, behaviour] => supervise(Path::new(root), confinement, behaviour),
        _ => anyhow::bail!("unknown words: {words:?}"),
    }
}

/// `BEHAVIOUR` is a name and, after a colon, a value.
fn engine(behaviour: &str, port: u16) -> anyhow::Result<()> {
    let (name, value) = behaviour.split_once(':').unwrap_or((behaviour, ""));
    match name {
        "healthy" => {}
        "dies" => {
            println!("opening the database");
            eprintln!("the disk is full");
            std::process::exit(3);
        }
        "hangs" => wait_for_ever(),
        "port-taken" => refuse_first_starts(value.parse()?)?,
        "garbage" => {
            std::io::stdout().write_all(b"\x00\xff\xfe\xc3( half a character\r\n\n\x1b[31m\xf0\x9f\n")?;
            std::io::stderr().write_all(b"\x80\x81 invalid on the other pipe\n")?;
        }
        "flood" => flood(value.parse()?)?,
        "one-line" => {
            eprintln!("begin {} end", "x".repeat(value.parse()?));
        }
        "litters" => {
            let temporary = PathBuf::from(std::env::var_os("TMPDIR").context("no TMPDIR")?);
            println!("found {} files", std::fs::read_dir(&temporary)?.count());
            std::fs::write(
                temporary.join(format!("left-by-{}", std::process::id())),
                "litter",
            )?;
        }
        "leaves" => leave_behind(value)?,
        "says-password" => println!("the password is {}", std::env::var("FIXTURE_PASSWORD")?),
        _ => anyhow::bail!("unknown behaviour {behaviour}"),
    }
    // As an engine does: the port is really taken.
    let _listener = TcpListener::bind(("127.0.0.1", port))?;
    println!("{READY}http://127.0.0.1:{port}");
    wait_for_ever();
    Ok(())
}

fn wait_for_ever() {
    loop {
        std::thread::park();
    }
}

/// Says that the port is taken for the first `refusals` starts in this home.
fn refuse_first_starts(refusals: usize) -> anyhow::Result<()> {
    let home = PathBuf::from(std::env::var_os("HOME").context("no HOME")?);
    let count = std::fs::read_dir(&home)?.count();
    if count < refusals {
        std::fs::write(home.join(format!("start-{count}")), "")?;
        eprintln!("ServeError: the port is in use");
        std::process::exit(1);
    }
    Ok(())
}

fn flood(bytes: usize) -> anyhow::Result<()> {
    let line = [b"flood ".repeat(160), b"\n".to_vec()].concat();
    let mut stderr = std::io::stderr().lock();
    for _ in 0..bytes / line.len() {
        stderr.write_all(&line)?;
    }
    Ok(())
}

/// Starts a sleeper that has left the engine's session and family; `value` is `orphan`, `nameless` (without the
/// inherited environment, but still a child) and, after another colon, how long it sleeps.
fn leave_behind(value: &str) -> anyhow::Result<()> {
    let (kind, seconds) = value.split_once(':').context("no duration")?;
    let mut command = std::process::Command::new("setsid");
    match kind {
        // `--fork` twice: first out of the session, then away from the parent, which ends.
        "orphan" => {
            command.args(["--fork", "setsid", "--fork", "sleep", seconds]);
        }
        "nameless" => {
            command.args(["env", "-i", "/bin/sleep", seconds]);
        }
        _ => anyhow::bail!("unknown kind {kind}"),
    }
    command.spawn()?;
    // Not before the sleeper is what the test will look for.
    while !is_running(seconds)? {
        std::thread::yield_now();
    }
    Ok(())
}

fn is_running(argument: &str) -> anyhow::Result<bool> {
    for entry in std::fs::read_dir("/proc")? {
        let mut command_line = Vec::new();
        // Entries that vanish or are no process are not the sleeper.
        if let Ok(mut file) = std::fs::File::open(entry?.path().join("cmdline"))
            && file.read_to_end(&mut command_line).is_ok()
        {
            let words: Vec<&[u8]> = command_line.split(|byte| *byte == 0).collect();
            if words.first().is_some_and(|program| program.ends_with(b"sleep"))
                && words.get(1) == Some(&argument.as_bytes())
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn hold(root: &Path) -> anyhow::Result<()> {
    let _home = PrivateHome::claim(root, Holder::CommandLine)?;
    println!("claimed");
    wait_for_ever();
    Ok(())
}

#[tokio::main]
async fn supervise(root: &Path, confinement: &str, behaviour: &str) -> anyhow::Result<()> {
    let home = PrivateHome::claim(root, Holder::CommandLine)?;
    let behaviour = behaviour.to_owned();
    let mut plan = LaunchPlan::new(
        std::env::current_exe()?,
        READY,
        move |address| Invocation {
            arguments: vec![
                "engine".into(),
                behaviour.clone().into(),
                address.port.to_string().into(),
            ],
            ..Invocation::default()
        },
        async |_| {
            Ok(ProbeAnswer {
                version: "1".to_owned(),
            })
        },
        str::to_owned,
    );
    plan.confinement = match confinement {
        "without-box" => Confinement::WithoutBox,
        "watched" => Confinement::Watched,
        _ => Confinement::Strongest,
    };
    let running = start(&home, &plan, |_| {}).await?;
    println!("running {} {:?}", running.process_id(), running.containment());
    wait_for_ever();
    Ok(())
}
