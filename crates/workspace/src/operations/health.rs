//! How each part of the app stands, but for the engine, the boxes and the index, which a window knows all the while.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use cowork_store::DEFAULT_SIZE_LIMIT;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::storage::set_aside_count;
use crate::error::{Result, WorkspaceError};
use crate::folders::Folders;
use crate::view::{FolderKind, HealthMark, HealthPart, HealthRow, KeyState, ScreenDelay};
use crate::workspace::{Workspace, blocking};

/// How long a port of our own may take to accept: it is on this machine.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// With less room a turn, a clone or a build soon fails.
const LITTLE_ROOM: u64 = 2 * 1024 * 1024 * 1024;
/// With less the database itself may fail to write.
const NO_ROOM: u64 = 200 * 1024 * 1024;
/// Milliseconds from one batch to the next from which on a reader sees the text come in steps.
const SLOW_GAP: u32 = 100;

impl Workspace {
    /// How each part stands that a window does not know all the while.
    ///
    /// # Errors
    /// When a background task was cut off.
    pub async fn health_rows(&self) -> Result<Vec<HealthRow>> {
        let inner = &self.inner;
        let proxy = SocketAddr::from((Ipv4Addr::LOCALHOST, inner.proxy.port()));
        let (proxy_silent, gateway_silent) = tokio::join!(silent(proxy), silent(inner.boxes.gate_address()));
        let (database, granted) = (
            inner.options.places.database.clone(),
            inner.state().folders.snapshot(),
        );
        let (disk, bytes, set_aside, folders) = blocking(move || {
            let data = database.parent().unwrap_or(&database);
            (
                room(data),
                database_bytes(&database),
                set_aside_count(&database),
                Folders::list(&granted),
            )
        })
        .await
        .map_err(WorkspaceError::Internal)?;
        let missing: Vec<_> = folders
            .iter()
            .filter(|folder| folder.kind == FolderKind::Project && !folder.available)
            .map(|folder| folder.label.clone())
            .collect();
        let (providers, safety) = {
            let state = inner.state();
            (state.provider_rows(), state.safety())
        };
        let used = inner.proxy.usage();
        let mut parts = vec![keychain(&providers)];
        parts.extend(providers.into_iter().map(|row| {
            let usage = used.iter().find(|usage| usage.provider == row.id);
            HealthPart::Provider {
                requests: usage.map_or(0, |usage| usage.requests),
                failures: usage.map_or(0, |usage| usage.failures),
                last_status: usage.and_then(|usage| usage.last_status),
                capped: usage.is_some_and(|usage| usage.run_requests >= usage.run_cap),
                id: row.id,
                name: row.name,
                key: row.key,
                left_out: row.left_out,
            }
        }));
        parts.push(HealthPart::KeyProxy {
            port: inner.proxy.port(),
            requests: used.iter().map(|usage| usage.requests).sum(),
            strangers: inner.proxy.strangers(),
            silent: proxy_silent,
        });
        let traffic = inner.boxes.traffic();
        parts.push(HealthPart::Gateway {
            open: traffic.open,
            connections: traffic.connections,
            refused: traffic.refused,
            silent: gateway_silent,
        });
        parts.push(HealthPart::Database {
            bytes,
            limit: DEFAULT_SIZE_LIMIT,
            set_aside,
            not_saving: safety.not_saving,
        });
        parts.extend(disk.map(|(free, total)| HealthPart::Disk { free, total }));
        parts.push(HealthPart::Window {
            delay: inner.feed.screen_delay(),
        });
        let count = folders
            .iter()
            .filter(|folder| folder.kind == FolderKind::Project)
            .count();
        parts.push(inner.state().remote.health());
        parts.push(HealthPart::Folders {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            missing,
        });
        Ok(parts
            .into_iter()
            .map(|part| HealthRow {
                mark: mark(&part),
                part,
            })
            .collect())
    }
}

fn keychain(providers: &[crate::view::ProviderRow]) -> HealthPart {
    let kept = |key: &KeyState| {
        matches!(
            key,
            KeyState::Kept { .. } | KeyState::SignedIn | KeyState::CannotBeRead { .. }
        )
    };
    let keys = providers.iter().filter(|row| kept(&row.key)).count();
    HealthPart::Keychain {
        keys: u32::try_from(keys).unwrap_or(u32::MAX),
        unreadable: providers.iter().find_map(|row| match &row.key {
            KeyState::CannotBeRead { why } => Some(why.clone()),
            _ => None,
        }),
    }
}

/// Statuses by which a service says that it is the key, and not the request, that it does not take.
const KEY_REFUSED: [u16; 2] = [401, 403];

/// How a part stands, from what is known of it.
fn mark(part: &HealthPart) -> HealthMark {
    let told = |bad: bool, mark: HealthMark, otherwise: HealthMark| if bad { mark } else { otherwise };
    match part {
        HealthPart::Keychain {
            unreadable: Some(_), ..
        } => HealthMark::NeedsYou,
        HealthPart::Keychain { keys, .. } => told(*keys == 0, HealthMark::Off, HealthMark::Working),
        HealthPart::KeyProxy { silent, .. } | HealthPart::Gateway { silent, .. } => {
            told(silent.is_some(), HealthMark::NeedsYou, HealthMark::Working)
        }
        HealthPart::Provider {
            key,
            left_out,
            last_status,
            requests,
            capped,
            ..
        } => {
            let refused = last_status.is_some_and(|status| KEY_REFUSED.contains(&status));
            let no_key = matches!(key, KeyState::Missing | KeyState::CannotBeRead { .. });
            let fails = last_status.is_some_and(|status| status >= 500 || status == 429);
            if refused || no_key || left_out.is_some() || *capped {
                HealthMark::NeedsYou
            } else if fails {
                HealthMark::Degraded
            } else {
                told(*requests == 0, HealthMark::Unknown, HealthMark::Working)
            }
        }
        HealthPart::Database {
            bytes,
            limit,
            not_saving,
            ..
        } => {
            let nearly_full = *bytes >= limit / 10 * 9;
            let saved = told(nearly_full, HealthMark::Degraded, HealthMark::Working);
            told(not_saving.is_some(), HealthMark::NeedsYou, saved)
        }
        HealthPart::Disk { free, .. } => {
            let enough = told(*free < LITTLE_ROOM, HealthMark::Degraded, HealthMark::Working);
            told(*free < NO_ROOM, HealthMark::NeedsYou, enough)
        }
        HealthPart::Window { delay: None } => HealthMark::Unknown,
        HealthPart::Window {
            delay: Some(ScreenDelay { gap, .. }),
        } => told(*gap >= SLOW_GAP, HealthMark::Degraded, HealthMark::Working),
        HealthPart::Folders { count: 0, .. } | HealthPart::Pairing { paired: 0, .. } => HealthMark::Off,
        HealthPart::Pairing { stuck, trouble, .. } => match (stuck, trouble) {
            (0, None) => HealthMark::Working,
            (0, Some(_)) => HealthMark::Degraded,
            _ => HealthMark::NeedsYou,
        },
        HealthPart::Folders { missing, .. } => {
            told(!missing.is_empty(), HealthMark::Degraded, HealthMark::Working)
        }
    }
}

/// What the database takes: its file, and the log beside it of what is not in the file yet, which can be the larger one.
fn database_bytes(database: &Path) -> u64 {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    length(database) + length(Path::new(&log))
}

/// Why nothing answers at an address of our own; none where something does.
async fn silent(address: SocketAddr) -> Option<String> {
    match timeout(ANSWERS_WITHIN, TcpStream::connect(address)).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("it did not answer in time".to_owned()),
    }
}

/// The free and all bytes of the disk a folder is on; none where the system does not say.
#[cfg(unix)]
fn room(folder: &Path) -> Option<(u64, u64)> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some((
        disk.f_bavail.saturating_mul(disk.f_frsize),
        disk.f_blocks.saturating_mul(disk.f_frsize),
    ))
}

/// The free and all bytes of the disk a folder is on; not asked here.
#[cfg(not(unix))]
fn room(_folder: &Path) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::testing::{Ring, open_as};

    fn provider(key: KeyState, last_status: Option<u16>) -> HealthPart {
        HealthPart::Provider {
            id: "one".to_owned(),
            name: "One".to_owned(),
            key,
            left_out: None,
            requests: u64::from(last_status.is_some()),
            failures: 0,
            last_status,
            capped: false,
        }
    }

    #[test]
    fn a_provider_needs_a_person_where_its_key_is_the_trouble() {
        let kept = || KeyState::Kept {
            hint: "sk-…abcd".to_owned(),
            changed: 1,
        };
        for (part, expected) in [
            (provider(kept(), Some(200)), HealthMark::Working),
            (provider(kept(), None), HealthMark::Unknown),
            (provider(kept(), Some(401)), HealthMark::NeedsYou),
            (provider(KeyState::Missing, None), HealthMark::NeedsYou),
            (provider(kept(), Some(503)), HealthMark::Degraded),
            (provider(kept(), Some(429)), HealthMark::Degraded),
            (provider(kept(), Some(404)), HealthMark::Working),
        ] {
            assert_eq!(mark(&part), expected, "{part:?}");
        }
    }

    #[test]
    fn a_full_disk_and_a_full_database_are_told_before_they_fail() {
        let disk = |free| {
            mark(&HealthPart::Disk {
                free,
                total: u64::MAX,
            })
        };
        assert_eq!(disk(LITTLE_ROOM), HealthMark::Working);
        assert_eq!(disk(LITTLE_ROOM - 1), HealthMark::Degraded);
        assert_eq!(disk(NO_ROOM - 1), HealthMark::NeedsYou);
        let database = |bytes, not_saving: Option<&str>| {
            let not_saving = not_saving.map(str::to_owned);
            mark(&HealthPart::Database {
                bytes,
                limit: 1_000,
                set_aside: 0,
                not_saving,
            })
        };
        assert_eq!(database(899, None), HealthMark::Working);
        assert_eq!(database(900, None), HealthMark::Degraded);
        assert_eq!(database(1, Some("read-only")), HealthMark::NeedsYou);
    }

    #[test]
    fn the_log_beside_the_database_counts() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("cowork.db");
        assert_eq!(database_bytes(&database), 0);
        std::fs::write(&database, "12345").unwrap();
        std::fs::write(folder.path().join("cowork.db-wal"), "123").unwrap();
        assert_eq!(database_bytes(&database), 8);
    }

    #[tokio::test]
    async fn a_look_at_the_gateway_is_no_connection_of_a_box() {
        let (_root, workspace) = open_as(&Ring::default(), |_| {}).await;
        for _ in 0..3 {
            let rows = workspace.health_rows().await.unwrap();
            let gateway = rows.iter().find_map(|row| match row.part {
                HealthPart::Gateway {
                    connections,
                    ref silent,
                    ..
                } => Some((connections, silent.clone())),
                _ => None,
            });
            assert_eq!(gateway, Some((0, None)));
        }
    }

    #[tokio::test]
    async fn each_part_of_an_app_that_just_began_stands_as_it_should() {
        let (_root, workspace) = open_as(&Ring::default(), |_| {}).await;
        let rows = workspace.health_rows().await.unwrap();
        let bad: Vec<_> = rows
            .iter()
            .filter(|row| row.mark < HealthMark::Working && !matches!(row.part, HealthPart::Disk { .. }))
            .collect();
        assert!(bad.is_empty(), "{bad:?}");
        for wanted in [
            "keychain", "keyProxy", "gateway", "database", "window", "pairing", "folders",
        ] {
            let has = |row: &HealthRow| serde_json::to_value(&row.part).unwrap()["kind"] == wanted;
            assert!(rows.iter().any(has), "{wanted}");
        }
        workspace.inner.proxy.stop().await;
        let rows = workspace.health_rows().await.unwrap();
        let proxy = rows
            .iter()
            .find(|row| matches!(row.part, HealthPart::KeyProxy { .. }))
            .unwrap();
        assert_eq!(proxy.mark, HealthMark::NeedsYou);
    }
}
