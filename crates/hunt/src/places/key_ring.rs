//! The Secret Service, at every address a bus might have.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use zbus::blocking::{Connection, connection};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use super::{Until, processes};
use crate::needle::Needle;
use crate::report::{Place, Report};

const ADDRESS: &str = "DBUS_SESSION_BUS_ADDRESS=";
const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const INTERFACE: &str = "org.freedesktop.Secret.Service";
/// For one call.
const PATIENCE: Duration = Duration::from_secs(3);
/// For one bus, from the connection to the last item.
const WHOLE: Duration = Duration::from_secs(10);

/// A secret as the service hands it out: session, parameters, value, content type.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// What one bus gave.
#[derive(Default)]
struct Given {
    values: Vec<(OwnedObjectPath, Vec<u8>)>,
    locked: usize,
}

pub(super) fn look(needle: &Needle, until: Until, report: &mut Report<'_>) {
    for address in addresses() {
        if until.is_over() {
            report.cut("buses");
            return;
        }
        report.tally.buses += 1;
        let (sender, given) = mpsc::channel();
        let bus = address.clone();
        // Somebody who takes the connection and says nothing holds a thread, and not the hunt.
        std::thread::spawn(move || {
            let connected = connection::Builder::address(bus.as_str())
                .and_then(|builder| builder.method_timeout(PATIENCE).build());
            let given = connected.map(|bus| secrets(&bus).unwrap_or_default());
            // The hunt may have gone on.
            let _ = sender.send(given);
        });
        let Ok(Ok(given)) = given.recv_timeout(WHOLE) else {
            continue;
        };
        report.tally.buses_connected.insert(address.clone());
        report.tally.items += given.values.len();
        report.tally.items_locked += given.locked;
        for (item, value) in given.values {
            report.hits(
                Place::KeyRing,
                &format!("{item} at {address}"),
                &needle.find(&value),
            );
        }
    }
}

fn secrets(bus: &Connection) -> zbus::Result<Given> {
    let opened = bus.call_method(
        Some(NAME),
        PATH,
        Some(INTERFACE),
        "OpenSession",
        &("plain", Value::from("")),
    )?;
    let (_, session): (OwnedValue, OwnedObjectPath) = opened.body().deserialize()?;
    let found = bus.call_method(
        Some(NAME),
        PATH,
        Some(INTERFACE),
        "SearchItems",
        &HashMap::<&str, &str>::new(),
    )?;
    let (unlocked, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = found.body().deserialize()?;
    let given = bus.call_method(
        Some(NAME),
        PATH,
        Some(INTERFACE),
        "GetSecrets",
        &(unlocked, session),
    )?;
    let secrets: HashMap<OwnedObjectPath, Secret> = given.body().deserialize()?;
    Ok(Given {
        values: secrets
            .into_iter()
            .map(|(item, (_, _, value, _))| (item, value))
            .collect(),
        locked: locked.len(),
    })
}

/// Addresses at which a bus might be: in environments, at the usual places, and in the kernel's list of sockets, which
/// names those of all sessions wherever they are.
fn addresses() -> BTreeSet<String> {
    let mut addresses = BTreeSet::new();
    for id in processes::others().into_iter().chain([std::process::id()]) {
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        let named = environment
            .split(|byte| *byte == 0)
            .filter_map(|variable| std::str::from_utf8(variable).ok()?.strip_prefix(ADDRESS));
        addresses.extend(named.flat_map(|list| list.split(';')).map(str::to_owned));
    }
    let path = |path: &Path| format!("unix:path={}", path.display());
    for folder in ["/run/user", "/run", "/run/dbus", "/tmp"] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let entry = entry.path();
            if names_a_bus(&entry) {
                addresses.insert(path(&entry));
            }
            if entry.join("bus").exists() {
                addresses.insert(path(&entry.join("bus")));
            }
        }
    }
    if let Some(runtime) = std::env::var_os("XDG_RUNTIME_DIR") {
        addresses.insert(path(&Path::new(&runtime).join("bus")));
    }
    let sockets = fs::read_to_string("/proc/net/unix").unwrap_or_default();
    for socket in sockets
        .lines()
        .filter_map(|line| line.split_ascii_whitespace().nth(7))
        .filter(|socket| names_a_bus(Path::new(socket)))
    {
        addresses.insert(match socket.strip_prefix('@') {
            Some(name) => format!("unix:abstract={name}"),
            None => path(Path::new(socket)),
        });
    }
    addresses
}

fn names_a_bus(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.contains("bus")
}
