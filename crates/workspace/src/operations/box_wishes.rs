//! What a page asks for of the box of a folder: whether it can be had, and what of it a person has to agree to.

use std::path::Path;

use cowork_policy::confinement::{Grant, Limit, Network, OwnLimits};

use crate::boxes::{BoxSettings, settings::MOST_HOSTS};
use crate::error::{Result, WorkspaceError};
use crate::folders;
use crate::view::{BoxSettingsView, NetworkMode};

/// Folders a person may open to those of one folder. Each is a mount of every command there.
const MOST_GRANTS: usize = 50;

/// What a page asked for, made into what can be kept. Looks at the disk.
pub(super) fn judged(wanted: BoxSettingsView) -> Result<BoxSettings> {
    within_bounds(wanted.hosts.len(), wanted.granted.len())?;
    let mut hosts = Vec::new();
    for host in wanted.hosts {
        let host = host.trim().to_ascii_lowercase();
        if !is_host(&host) {
            return Err(WorkspaceError::InvalidInput(format!(
                "\"{host}\" is no host. Write a name such as example.org, or .example.org for all below it."
            )));
        }
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    let limits = wanted.limits.into_iter();
    let limits = limits
        .map(|(limit, amount)| within_range(limit.into(), amount))
        .collect::<Result<_>>()?;
    let mut granted: Vec<Grant> = Vec::new();
    for grant in wanted.granted {
        let path = folders::readable(Path::new(&grant.path))?;
        let writable = grant.writable;
        put(&mut granted, Grant { path, writable });
    }
    Ok(BoxSettings {
        network: match wanted.network {
            NetworkMode::Off => Network::Off,
            NetworkMode::Listed => Network::Listed(hosts),
            NetworkMode::Open => Network::Open,
        },
        granted,
        limits: OwnLimits(limits),
    })
}

/// A limit, if it may be set to that.
fn within_range(limit: Limit, amount: u64) -> Result<(Limit, u64)> {
    let range = limit.range();
    if range.holds(amount) {
        return Ok((limit, amount));
    }
    let what = match limit {
        Limit::Memory => "Memory of a command and all it starts",
        Limit::Processes => "The number of processes of a command",
        Limit::OpenFiles => "The number of open files of a process",
        Limit::FileSize => "The size of a file",
        Limit::Processor => "Processor time of a process",
        Limit::BackgroundProcessor => "Processor time of a process in the background",
    };
    Err(WorkspaceError::InvalidInput(format!(
        "{what} is limited to between {} and {}.",
        limit.in_words(range.least),
        limit.in_words(range.most)
    )))
}

/// Adds a grant, in the place of one for the same folder.
pub(super) fn put(granted: &mut Vec<Grant>, grant: Grant) {
    granted.retain(|known| known.path != grant.path);
    granted.push(grant);
}

pub(super) fn within_bounds(hosts: usize, granted: usize) -> Result<()> {
    if hosts > MOST_HOSTS || granted > MOST_GRANTS {
        return Err(WorkspaceError::InvalidInput(format!(
            "A folder has up to {MOST_HOSTS} hosts and {MOST_GRANTS} other folders. Remove some first."
        )));
    }
    Ok(())
}

/// Letters, digits, hyphens and dots, as names of hosts are made of. An address is none: a name on the list is judged by
/// where it leads.
fn is_host(host: &str) -> bool {
    let name = host.strip_prefix('.').unwrap_or(host);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
            && !label.starts_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.contains('.')
        && name.split('.').all(is_label)
        && last.chars().any(|letter| letter.is_ascii_alphabetic())
}

/// What `wanted` opens that was closed, in words. Limits open nothing, however high they are.
pub(super) fn widened(known: &BoxSettings, wanted: &BoxSettings) -> Vec<String> {
    let mut widened = Vec::new();
    match (&known.network, &wanted.network) {
        (Network::Open, _) | (_, Network::Off) => {}
        (_, Network::Open) => widened.push("connect to everything on the internet".to_owned()),
        (known, Network::Listed(hosts)) => {
            let new: Vec<&str> = match known {
                Network::Listed(known) => hosts.iter().filter(|host| !known.contains(host)).collect(),
                _ => hosts.iter().collect::<Vec<_>>(),
            }
            .into_iter()
            .map(String::as_str)
            .collect();
            if *known == Network::Off {
                widened.push("connect to package registries".to_owned());
            }
            if !new.is_empty() {
                widened.push(format!("connect to {}", new.join(", ")));
            }
        }
    }
    for grant in &wanted.granted {
        let had = known.granted.iter().find(|known| known.path == grant.path);
        match had {
            Some(had) if had.writable || !grant.writable => {}
            _ if grant.writable => widened.push(format!("read and change {}", grant.path.display())),
            _ => widened.push(format!("read {}", grant.path.display())),
        }
    }
    widened
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::LimitName;

    #[test]
    fn hosts_are_names_and_no_addresses() {
        for host in [
            "example.org",
            ".example.org",
            "a-b.c0.museum",
            "xn--bcher-kva.example",
        ] {
            assert!(is_host(host), "{host}");
        }
        for other in [
            "",
            ".",
            "org",
            "127.0.0.1",
            "[::1]",
            "http://x.org",
            "x.org:80",
            "a..b",
            "*.x.org",
            "-a.org",
        ] {
            assert!(!is_host(other), "{other}");
        }
    }

    #[test]
    fn what_is_opened_is_said_and_what_is_closed_needs_no_consent() {
        let off = BoxSettings::default();
        let listed = |hosts: &[&str]| BoxSettings {
            network: Network::Listed(hosts.iter().map(|host| (*host).to_owned()).collect()),
            ..BoxSettings::default()
        };
        let open = BoxSettings {
            network: Network::Open,
            ..BoxSettings::default()
        };
        assert!(widened(&open, &off).is_empty());
        assert!(widened(&open, &listed(&["a.org"])).is_empty());
        assert_eq!(widened(&off, &listed(&[])), ["connect to package registries"]);
        assert_eq!(
            widened(&listed(&["a.org"]), &listed(&["a.org", "b.org"])),
            ["connect to b.org"]
        );
        assert!(widened(&listed(&["a.org", "b.org"]), &listed(&["b.org"])).is_empty());
        assert_eq!(
            widened(&listed(&[]), &open),
            ["connect to everything on the internet"]
        );
        let read = BoxSettings {
            granted: vec![Grant {
                path: "/x".into(),
                writable: false,
            }],
            ..BoxSettings::default()
        };
        let write = BoxSettings {
            granted: vec![Grant {
                path: "/x".into(),
                writable: true,
            }],
            ..BoxSettings::default()
        };
        assert_eq!(widened(&off, &read), ["read /x"]);
        assert_eq!(widened(&read, &write), ["read and change /x"]);
        assert!(widened(&write, &read).is_empty());
    }

    #[test]
    fn limits_are_set_within_their_bounds_and_raised_without_consent() {
        let asked = |limits: &[(LimitName, u64)]| {
            judged(BoxSettingsView {
                limits: limits.iter().copied().collect(),
                ..BoxSettingsView::default()
            })
        };
        let raised = asked(&[(LimitName::Memory, 64 << 30), (LimitName::Processor, 36_000)]).unwrap();
        assert_eq!(raised.limits.limits().memory, 64 << 30);
        assert_eq!(raised.limits.limits().processor_seconds, 36_000);
        assert!(widened(&BoxSettings::default(), &raised).is_empty());
        assert_eq!(asked(&[]).unwrap(), BoxSettings::default(), "as everywhere");
        for (wrong, said) in [
            ((LimitName::Memory, 1 << 20), "between 1 GB and 1024 GB"),
            ((LimitName::OpenFiles, u64::MAX), "between 1024 and 1048576"),
            (
                (LimitName::BackgroundProcessor, 0),
                "between 1 hour and 720 hours",
            ),
        ] {
            let refused = asked(&[wrong]).unwrap_err();
            assert!(refused.to_string().contains(said), "{refused}");
        }
    }
}
