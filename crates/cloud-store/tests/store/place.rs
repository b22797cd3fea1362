//! A database of one test, and what most tests need in it.

use std::sync::atomic::{AtomicI64, Ordering};

use cowork_cloud_store::{
    Actor, ClaimRequest, Claimed, Command, CommandId, DeviceId, EventId, Ingested, Limits, NewCommand,
    NewEvent, NewPairing, NewUser, Options, OrganizationId, Pairing, PairingId, Proven, SecretHash,
    SessionId, Store, StoreError, UserId, Visibility,
};
use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::{CommandKind, EventType, Policy};
use serde_json::{Value, json};

use crate::postgres::Cluster;

/// When tests begin.
pub(crate) const NOW: i64 = 1_700_000_000_000;

/// Where a test's database is.
pub(crate) struct Place {
    pub(crate) options: Options,
    _folder: Option<tempfile::TempDir>,
    _cluster: Option<Cluster>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::at(format!("sqlite:{}/cloud of tests.db", folder.path().display()));
        Self {
            options,
            _folder: Some(folder),
            _cluster: None,
        }
    }

    pub(crate) fn postgres() -> Self {
        let cluster = Cluster::shared();
        let options = Options {
            connections: 8,
            ..Options::at(cluster.database())
        };
        Self {
            options,
            _folder: None,
            _cluster: Some(cluster),
        }
    }

    /// The database, ready.
    pub(crate) async fn store(&self) -> Store {
        Store::migrate(&self.options).await.unwrap();
        Store::open(&self.options).await.unwrap()
    }

    /// The same with other bounds.
    pub(crate) async fn store_with(&self, limits: Limits) -> Store {
        Store::migrate(&self.options).await.unwrap();
        Store::open(&Options {
            limits,
            ..self.options.clone()
        })
        .await
        .unwrap()
    }
}

/// Runs each test on both databases.
macro_rules! on_both {
    ($($(#[$about:meta])* async fn $name:ident($place:ident) $body:block)*) => {
        $(
            async fn $name($place: $crate::place::Place) $body

            mod $name {
                $(#[$about])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    super::$name($crate::place::Place::sqlite()).await;
                }

                $(#[$about])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    super::$name($crate::place::Place::postgres()).await;
                }
            }
        )*
    };
}

pub(crate) use on_both;

static NEXT: AtomicI64 = AtomicI64::new(1);

fn next() -> i64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The newest commands of a pairing, newest first.
pub(crate) async fn newest(
    store: &Store,
    organization: &OrganizationId,
    pairing: &PairingId,
    limit: u32,
) -> Vec<Command> {
    let marks = store.newest_marks(organization, pairing, limit).await.unwrap();
    let mut newest = Vec::new();
    for some in marks.chunks(100) {
        let ids: Vec<_> = some.iter().map(|mark| mark.id.clone()).collect();
        let commands = store.commands_by_id(organization, pairing, &ids).await.unwrap();
        newest.extend(commands.into_iter().rev());
    }
    newest
}

pub(crate) fn actor() -> Actor {
    Actor {
        kind: cowork_cloud_store::ActorKind::Operator,
        id: String::new(),
        label: "a test".to_owned(),
    }
}

pub(crate) fn new_user(name: &str) -> NewUser {
    NewUser {
        email: format!("{name}@example.org"),
        name: name.to_owned(),
        password_hash: format!("hash of {name}'s password"),
    }
}

/// An organization and its owner, who came by a link.
pub(crate) async fn organization(store: &Store, name: &str) -> (OrganizationId, UserId) {
    let secret = SecretHash::of(&format!("link {}", next()));
    store.mint_owner_link(&secret, NOW + 1_000, NOW).await.unwrap();
    let welcomed = store
        .redeem_owner_link(&secret, &new_user(name), &format!("{name}'s"), NOW)
        .await
        .unwrap();
    (welcomed.organization, welcomed.user)
}

/// A desktop, paired and with its token.
pub(crate) struct Desktop {
    pub(crate) organization: OrganizationId,
    pub(crate) owner: UserId,
    pub(crate) pairing: PairingId,
    pub(crate) device: DeviceId,
    pub(crate) token: String,
    pub(crate) proven: Proven,
}

pub(crate) async fn desktop(store: &Store, organization: &OrganizationId, owner: &UserId) -> Desktop {
    let token = format!("ocp_{}", next());
    let (pairing, device) = (
        PairingId::random(),
        DeviceId::parse(&format!("device {}", next())).unwrap(),
    );
    enrol(store, organization, owner, &pairing, &device, &token)
        .await
        .unwrap();
    let proven = store
        .prove(&pairing, &device, &SecretHash::of(&token))
        .await
        .unwrap()
        .unwrap();
    Desktop {
        organization: organization.clone(),
        owner: owner.clone(),
        pairing,
        device,
        token,
        proven,
    }
}

pub(crate) async fn enrol(
    store: &Store,
    organization: &OrganizationId,
    owner: &UserId,
    pairing: &PairingId,
    device: &DeviceId,
    token: &str,
) -> Result<Pairing, StoreError> {
    let new = NewPairing {
        id: pairing.clone(),
        device: device.clone(),
        label: "desk".to_owned(),
        token: SecretHash::of(token),
        visibility: Visibility::Owner,
    };
    store.enrol(organization, owner, &new, &actor(), NOW).await
}

/// One desktop in an organization of its own.
pub(crate) async fn one_desktop(store: &Store, name: &str) -> Desktop {
    let (organization, owner) = organization(store, name).await;
    desktop(store, &organization, &owner).await
}

pub(crate) fn prompt(actor: &UserId, key: &str, now: i64) -> NewCommand {
    NewCommand {
        kind: CommandKind::Prompt,
        workspace: "local".to_owned(),
        session: Some(SessionId::parse("ses_1").unwrap()),
        actor: actor.clone(),
        actor_label: "somebody".to_owned(),
        payload: Some(json!({ "text": key })),
        idempotency_key: key.to_owned(),
        deadline: now + 600_000,
    }
}

pub(crate) fn request(after: i64, extensions: &[Extension]) -> ClaimRequest {
    ClaimRequest {
        first: true,
        after_sequence: after,
        limit: 10,
        lease_seconds: 45,
        kinds: CommandKind::ALL
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
        workspaces: vec!["local".to_owned()],
        policy: Policy::default(),
        extensions: extensions.to_vec(),
    }
}

impl Desktop {
    pub(crate) async fn give(&self, store: &Store, key: &str, now: i64) -> CommandId {
        let command = prompt(&self.owner, key, now);
        store
            .enqueue(&self.organization, &self.pairing, &command, now)
            .await
            .unwrap()
            .command
            .id
    }

    pub(crate) async fn claim(
        &self,
        store: &Store,
        after: i64,
        extensions: &[Extension],
        now: i64,
    ) -> Claimed {
        store
            .claim(&self.proven, &request(after, extensions), now)
            .await
            .unwrap()
    }

    pub(crate) async fn tell(&self, store: &Store, events: Vec<NewEvent>) -> Ingested {
        store.ingest(&self.proven, events, NOW).await.unwrap()
    }
}

pub(crate) fn event(id: &str, sequence: Option<i64>) -> NewEvent {
    NewEvent {
        id: EventId::parse(id).unwrap(),
        kind: EventType::SessionEvent,
        sequence,
        workspace: None,
        session: Some(SessionId::parse("ses_1").unwrap()),
        command: None,
        payload: Some(json!({ "v": 1, "event": { "kind": "failed", "number": sequence } })),
        occurred: NOW,
    }
}

/// What is told of a session.
pub(crate) fn told(session: &str, sequence: i64, event: &Value) -> NewEvent {
    NewEvent {
        id: EventId::parse(&format!("told {sequence}")).unwrap(),
        session: Some(SessionId::parse(session).unwrap()),
        payload: Some(json!({ "v": 1, "event": event })),
        ..self::event("told", Some(sequence))
    }
}
