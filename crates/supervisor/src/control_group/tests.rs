//! With a service manager that the test plays, at a bus of its own. It can record what it is asked and move nothing: what a
//! real one does with it was not seen where tests run.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use zbus::zvariant::{OwnedObjectPath, OwnedValue};
use zbus::{connection, fdo, interface};

use super::{Ceiling, MemoryKeeper, buses, hold};

const CEILING: Ceiling = Ceiling {
    memory: 9 << 30,
    tasks: 777,
    processor_weight: 40,
};

/// Name of the unit, mode, properties.
type Asked = (String, String, Vec<(String, OwnedValue)>);

#[derive(Clone, Default)]
struct Player {
    asked: Arc<Mutex<Vec<Asked>>>,
    /// It is from before managers knew how a scope ends for its memory.
    is_old: bool,
}

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl Player {
    fn start_transient_unit(
        &self,
        name: String,
        mode: String,
        properties: Vec<(String, OwnedValue)>,
        auxiliary: Vec<(String, Vec<(String, OwnedValue)>)>,
    ) -> fdo::Result<OwnedObjectPath> {
        assert!(auxiliary.is_empty());
        // The call takes what it is sent.
        drop(auxiliary);
        let knows = !self.is_old || properties.iter().all(|(name, _)| name != "OOMPolicy");
        self.asked.lock().unwrap().push((name, mode, properties));
        if !knows {
            return Err(fdo::Error::PropertyReadOnly("OOMPolicy".to_owned()));
        }
        Ok(OwnedObjectPath::try_from("/org/freedesktop/systemd1/job/1").unwrap())
    }
}

/// Ended with the test.
struct Bus(Child, String);

impl Bus {
    fn open(directory: &std::path::Path) -> Self {
        let configuration = directory.join("bus.conf");
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={}/bus</listen><policy context=\"default\">\
             <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>\
             </busconfig>",
            directory.display()
        );
        std::fs::write(&configuration, text).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is needed");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self(bus, address.trim().to_owned())
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

async fn play(bus: &Bus, player: &Player) -> zbus::Connection {
    connection::Builder::address(bus.1.as_str())
        .unwrap()
        .name("org.freedesktop.systemd1")
        .unwrap()
        .serve_at("/org/freedesktop/systemd1", player.clone())
        .unwrap()
        .build()
        .await
        .unwrap()
}

fn at(addresses: &[&str]) -> Vec<String> {
    addresses.iter().map(|address| (*address).to_owned()).collect()
}

async fn settled(mut known: tokio::sync::watch::Receiver<MemoryKeeper>) -> MemoryKeeper {
    let settled = known.wait_for(|keeper| *keeper != MemoryKeeper::Unknown);
    let settled = tokio::time::timeout(Duration::from_secs(30), settled).await;
    settled.expect("it is found out").unwrap().clone()
}

fn number(properties: &[(String, OwnedValue)], name: &str) -> u64 {
    let (_, value) = properties.iter().find(|(known, _)| known == name).unwrap();
    u64::try_from(value).unwrap()
}

fn word(properties: &[(String, OwnedValue)], name: &str) -> String {
    let (_, value) = properties.iter().find(|(known, _)| known == name).unwrap();
    <&str>::try_from(value).unwrap().to_owned()
}

#[tokio::test]
async fn the_manager_is_asked_for_a_scope_with_the_whole_box_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let bus = Bus::open(directory.path());
    let player = Player::default();
    let _served = play(&bus, &player).await;
    let mut engine = Command::new("sh")
        .args(["-c", "sleep 60 & echo started; wait"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let said = BufReader::new(engine.stdout.take().unwrap()).read_line(&mut line);
    said.unwrap();
    let keeper = settled(hold(engine.id(), Some(CEILING), at(&[&bus.1]))).await;
    let below = crate::process_table::descendants(engine.id());
    let below: Vec<u32> = below
        .into_iter()
        .map(crate::process_table::ProcessIdentity::process_id)
        .collect();
    for process in &below {
        let pid = rustix::process::Pid::from_raw(i32::try_from(*process).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
    engine.kill().unwrap();
    engine.wait().unwrap();
    {
        let asked = player.asked.lock().unwrap();
        let (name, mode, properties) = &asked[0];
        assert_eq!(*name, format!("cowork-engine-{}.scope", engine.id()));
        assert_eq!(mode, "fail");
        let (_, pids) = properties.iter().find(|(name, _)| name == "PIDs").unwrap();
        let pids = Vec::<u32>::try_from(pids.try_clone().unwrap()).unwrap();
        assert_eq!(pids, [vec![engine.id()], below].concat(), "what it started too");
        assert_eq!(number(properties, "MemoryMax"), 9 << 30);
        assert_eq!(number(properties, "TasksMax"), 777);
        assert_eq!(number(properties, "CPUWeight"), 40);
        assert_eq!(word(properties, "CollectMode"), "inactive-or-failed");
        assert_eq!(word(properties, "OOMPolicy"), "continue");
        assert_eq!(asked.len(), 1);
    }
    // It took the engine in and moved nothing, which must not pass for a control group.
    let MemoryKeeper::Watchdog { reason } = keeper else {
        panic!("{keeper:?}")
    };
    assert!(reason.contains("did not move it"), "{reason}");
}

#[tokio::test]
async fn an_old_manager_is_asked_again_without_what_it_does_not_know() {
    let directory = tempfile::tempdir().unwrap();
    let bus = Bus::open(directory.path());
    let player = Player {
        is_old: true,
        ..Player::default()
    };
    let _served = play(&bus, &player).await;
    let keeper = settled(hold(std::process::id(), Some(CEILING), at(&[&bus.1]))).await;
    let asked = player.asked.lock().unwrap();
    assert_eq!(asked.len(), 2);
    assert!(asked[1].2.iter().all(|(name, _)| name != "OOMPolicy"));
    assert_eq!(number(&asked[1].2, "MemoryMax"), 9 << 30);
    assert!(matches!(keeper, MemoryKeeper::Watchdog { reason } if reason.contains("did not move it")));
}

#[tokio::test]
async fn where_there_is_no_manager_wrappers_watch_and_nobody_waits_to_hear_it() {
    let directory = tempfile::tempdir().unwrap();
    let bus = Bus::open(directory.path());
    // Someone who takes the connection and says nothing.
    let silent = directory.path().join("silent");
    let _silent = std::os::unix::net::UnixListener::bind(&silent).unwrap();
    let silent = format!("unix:path={}", silent.display());
    let gone = format!("unix:path={}/gone", directory.path().display());
    for (addresses, said) in [
        (Vec::new(), "there is no service manager of the person's"),
        (at(&[&gone]), "connecting to the session's bus"),
        (at(&["no address"]), "the address of the bus"),
        (at(&[&bus.1]), "no service manager is at the session's bus"),
        (at(&[&silent]), "it did not answer"),
    ] {
        let begun = Instant::now();
        let known = hold(std::process::id(), Some(CEILING), addresses);
        assert!(begun.elapsed() < Duration::from_millis(100), "{said}");
        assert_eq!(*known.borrow(), MemoryKeeper::Unknown);
        let keeper = settled(known).await;
        assert!(
            matches!(&keeper, MemoryKeeper::Watchdog { reason } if reason.contains(said)),
            "{keeper:?}"
        );
    }
    let known = hold(std::process::id(), None, at(&[&bus.1]));
    assert!(
        matches!(&*known.borrow(), MemoryKeeper::Watchdog { .. }),
        "none was asked for"
    );
}

#[test]
fn a_manager_is_looked_for_where_the_session_says() {
    let directory = tempfile::tempdir().unwrap();
    let runtime = directory.path().to_owned();
    let with = |bus: Option<&str>| {
        buses(|name| match name {
            "XDG_RUNTIME_DIR" => Some(runtime.clone().into_os_string()),
            "DBUS_SESSION_BUS_ADDRESS" => bus.map(Into::into),
            _ => None,
        })
    };
    assert!(with(None).is_empty(), "what is not there is not tried");
    std::fs::write(runtime.join("bus"), "").unwrap();
    let usual = format!("unix:path={}/bus", runtime.display());
    assert_eq!(
        with(Some(&usual)),
        std::slice::from_ref(&usual),
        "it is asked once"
    );
    assert_eq!(
        with(Some("unix:abstract=x")),
        ["unix:abstract=x".to_owned(), usual]
    );
    assert!(buses(|_| None).is_empty());
}
