//! What a person opens to the commands of a folder, and what they say to what was stopped.

use std::path::{Path, PathBuf};

use cowork_policy::confinement::{Grant, Network};

use crate::boxes::{self, BoxSettings, settings::MOST_HOSTS};
use crate::error::{Result, WorkspaceError};
use crate::view::{BoxSettingsView, NetworkMode};
use crate::workspace::{Workspace, blocking};
use crate::{folders, index};

/// Folders a person may open to those of one folder. Each is a mount of every command there.
const MOST_GRANTS: usize = 50;

impl Workspace {
    /// Sets what commands of a folder may reach beside it. With `agreed` the person agreed where no page can answer;
    /// taking something back needs no consent.
    ///
    /// # Errors
    /// When consent is missing, the folder is not known, a host is none, or it cannot be saved.
    pub async fn set_box(&self, folder: &str, wanted: BoxSettingsView, agreed: bool) -> Result<()> {
        let path = self.inner.state().folders.resolve(folder)?;
        let wanted = blocking(move || judged(wanted))
            .await
            .map_err(WorkspaceError::Internal)??;
        // One change after the other, or the second would bring back what the first took away.
        let _whole = self.inner.changing_boxes.lock().await;
        let known = self.inner.state().folders.settings.get(&path).cloned();
        let widened = widened(&known.unwrap_or_default(), &wanted);
        if !widened.is_empty() && !agreed {
            return Err(WorkspaceError::ConsentNeeded(format!(
                "Commands the agent runs in {} can then also {}. What they read there can be sent to the model.",
                path.display(),
                widened.join(", and ")
            )));
        }
        let mut all = self.inner.state().folders.settings.clone();
        all.insert(path.clone(), wanted.clone());
        let (store, saved) = (self.inner.store.clone(), all.clone());
        blocking(move || index::save_box_settings(&store, &saved))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        {
            let mut state = self.inner.state();
            state.folders.settings = all;
            let network = wanted.network.clone();
            state.forget_stopped(|stopped| stopped.folder == folder && network.allows(&stopped.host));
        }
        for grant in &wanted.granted {
            boxes::bring_into_reach(&self.inner, &grant.path).await;
        }
        boxes::write_rules(&self.inner)
            .await
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        self.tell_folders().await.map(drop)
    }

    /// Opens a folder that the person picked in the system's dialog to the commands of another.
    ///
    /// # Errors
    /// When it cannot be read, or cannot be saved.
    pub async fn grant_to_box(&self, folder: &str, picked: PathBuf, writable: bool) -> Result<()> {
        let path = self.inner.state().folders.resolve(folder)?;
        let known = self.inner.state().folders.settings.get(&path).cloned();
        let mut wanted = known.unwrap_or_default().view();
        wanted.granted.push(crate::view::GrantView {
            path: picked.display().to_string(),
            writable,
        });
        // Picking it in the system's dialog is the consent.
        self.set_box(folder, wanted, true).await
    }

    /// Tries the box of a folder again.
    ///
    /// # Errors
    /// When the folder is not known.
    pub async fn prove_box(&self, folder: &str) -> Result<()> {
        let path = self.inner.state().folders.resolve(folder)?;
        boxes::prove(&self.inner, &path).await;
        Ok(())
    }

    /// Lets go of what boxes stopped lately, one host of a folder or all.
    pub fn forget_stopped(&self, which: Option<(&str, &str)>) {
        self.inner.state().forget_stopped(|stopped| {
            which.is_none_or(|(folder, host)| stopped.folder == folder && stopped.host == host)
        });
        self.inner.feed.changed();
    }
}

/// What a page asked for, made into what can be kept. Looks at the disk.
fn judged(wanted: BoxSettingsView) -> Result<BoxSettings> {
    if wanted.hosts.len() > MOST_HOSTS || wanted.granted.len() > MOST_GRANTS {
        return Err(WorkspaceError::InvalidInput(format!(
            "A folder has up to {MOST_HOSTS} hosts and {MOST_GRANTS} other folders. Remove some first."
        )));
    }
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
    let mut granted: Vec<Grant> = Vec::new();
    for grant in wanted.granted {
        let path = folders::readable(Path::new(&grant.path))?;
        granted.retain(|known| known.path != path);
        granted.push(Grant {
            path,
            writable: grant.writable,
        });
    }
    Ok(BoxSettings {
        network: match wanted.network {
            NetworkMode::Off => Network::Off,
            NetworkMode::Listed => Network::Listed(hosts),
            NetworkMode::Open => Network::Open,
        },
        granted,
    })
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

/// What `wanted` opens that was closed, in words.
fn widened(known: &BoxSettings, wanted: &BoxSettings) -> Vec<String> {
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
            granted: Vec::new(),
        };
        let open = BoxSettings {
            network: Network::Open,
            granted: Vec::new(),
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
}
