//! Pairings as a person makes, changes, watches and ends them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cowork_engine::SessionId;
use cowork_outward::{Outward, Reach, SystemResolver};
use cowork_pairing::address::{BrokerAddress, looked_up, proxy_for};
use cowork_pairing::enrolment::{LABEL_CHARACTERS, shown};
use cowork_pairing::leaving::{Leaving, PATH_MARK};
use cowork_pairing::sharing::Shared as Telling;
use cowork_pairing::token::{Token, device_id, pairing_id};
use cowork_redact::MARK;
use cowork_store::{Pairing, PairingState as Kept, SharedThread, StoreError};
use cowork_vault::Sensitive;
use http_body_util::BodyExt as _;

use crate::consent::Consent;
use crate::error::{Result, WorkspaceError};
use crate::providers::secrets;
use crate::remote::{self, Snapshot, Which, host_of};
use crate::view::{
    PairingAddress, PairingAudit, PairingAuditRow, PairingBook, PairingPolicy, PairingPreview, PairingReach,
    PairingRow, PairingState, PairingToken, RemoteAnswers,
};
use crate::workspace::{Workspace, blocking, now};

/// Rows of a page of the audit, and of one that is read at once to be written into a file.
const AUDIT_PAGE: u32 = 50;
/// How long a token is shown to be entered somewhere: as long as it takes to find the page there and a phone.
const ENTERED_WITHIN: i64 = 10 * 60 * 1000;
/// How long a server may take to answer at all when a person types its address.
const ANSWERS_WITHIN: Duration = Duration::from_secs(8);
/// Bytes of such an answer that are read.
const ANSWER_BYTES: usize = 64 * 1024;
/// How long the removal of everything waits for each server to be told.
const TOLD_WITHIN: Duration = Duration::from_secs(5);
/// Events of a page of the preview, and the bytes of it.
const PREVIEW_EVENTS: usize = 50;
const PREVIEW_BYTES: usize = 128 * 1024;

/// A pairing as a person wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedPairing {
    /// The server's address, as it was written.
    pub address: String,
    /// What this desktop is called there.
    pub label: String,
    /// What it lets in and out.
    pub policy: PairingPolicy,
    /// The ids of folders all of whose threads are shared.
    pub folders: Vec<String>,
    /// The sessions of threads that are shared by themselves.
    pub threads: Vec<String>,
    /// Whether to go past the proxy.
    pub past_proxy: bool,
}

impl Workspace {
    /// How every pairing stands, with the head of the audit.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pairing_book(&self) -> Result<PairingBook> {
        let audit = self.pairing_audit(None, None).await?;
        let state = self.inner.state();
        Ok(PairingBook {
            pairings: state.remote.view(&state),
            audit,
        })
    }

    /// A page of what was done with pairings and over them, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pairing_audit(&self, pairing: Option<&str>, before: Option<i64>) -> Result<PairingAudit> {
        let (store, pairing) = (self.inner.store.clone(), pairing.map(str::to_owned));
        let (mut rows, count) = blocking(move || {
            let pairing = pairing.as_deref();
            Ok::<_, StoreError>((
                store.audit(pairing, before, AUDIT_PAGE + 1)?,
                store.audit_count(pairing)?,
            ))
        })
        .await
        .map_err(WorkspaceError::Internal)?
        .map_err(|error| WorkspaceError::Internal(error.into()))?;
        let more = rows.len() > AUDIT_PAGE as usize;
        rows.truncate(AUDIT_PAGE as usize);
        let rows = rows.into_iter().map(|kept| PairingAuditRow {
            number: kept.number,
            pairing: kept.row.pairing,
            label: kept.row.label,
            action: kept.row.action,
            who: kept.row.who,
            detail: kept.row.detail,
            at: kept.row.at,
        });
        Ok(PairingAudit {
            rows: rows.collect(),
            count,
            more,
        })
    }

    /// Judges the address of a server, by its spelling and by where its name leads now, and looks whether anything answers.
    ///
    /// # Errors
    /// When no connection can be prepared at all.
    pub async fn check_pairing_address(&self, address: &str, past_proxy: bool) -> Result<PairingAddress> {
        let refused = |reason: String| Ok(PairingAddress::Refused { reason });
        let address = match BrokerAddress::judge(address) {
            Ok(address) => address,
            Err(error) => return refused(sentence(&error.to_string())),
        };
        let outward = self
            .inner
            .outward_of(past_proxy)
            .map_err(WorkspaceError::Internal)?;
        let behind_proxy = proxy_for(&address, &outward).is_some();
        // Behind a proxy the name is the proxy's to look up.
        if !behind_proxy && let Err(error) = looked_up(&address, &SystemResolver).await {
            return refused(sentence(&error.to_string()));
        }
        let (kept, host) = (address.as_str().to_owned(), host_of(address.as_str()));
        match asked(&outward, &address).await {
            Ok(known) => Ok(PairingAddress::Answers {
                address: kept,
                host,
                reach: match address.reach() {
                    Reach::Loopback => PairingReach::Loopback,
                    Reach::LocalNetwork | Reach::Public => PairingReach::Public,
                },
                secure: address.reach() != Reach::Loopback,
                behind_proxy,
                known,
            }),
            Err(reason) => Ok(PairingAddress::Silent {
                address: kept,
                host,
                behind_proxy,
                reason: sentence(&reason),
            }),
        }
    }

    /// Makes a pairing, and the token that is entered at the server.
    ///
    /// # Errors
    /// When the build allows none, the address may not be used, the label does not suit, something of it is not known,
    /// consent is missing, the keychain does not keep the token, or it cannot be saved.
    pub async fn create_pairing(&self, wanted: WantedPairing, consent: Consent) -> Result<PairingToken> {
        self.may_pair()?;
        let address = BrokerAddress::judge(&wanted.address)
            .map_err(|error| WorkspaceError::InvalidInput(sentence(&error.to_string())))?;
        let label = labelled(&wanted.label)?;
        let folders = self.granted(&wanted.folders)?;
        let threads = self.roots(&wanted.threads)?;
        let host = host_of(address.as_str());
        self.may_answer(&host, PairingPolicy::default(), wanted.policy, &consent)?;
        let inner = &self.inner;
        let _whole = inner.remote.changing.lock().await;
        let random = |error: cowork_pairing::token::NoRandomness| WorkspaceError::Internal(error.into());
        let created = now();
        let pairing = Pairing {
            id: pairing_id().map_err(random)?,
            device: device_id().map_err(random)?,
            broker: address.as_str().to_owned(),
            label,
            policy: written(wanted.policy)?,
            state: Kept::Waiting,
            paused: false,
            past_proxy: wanted.past_proxy,
            expires: Some(created + ENTERED_WITHIN),
            created,
            changed: created,
            last_answer: None,
            claimed: 0,
        };
        let token = self.mint(&pairing).await?;
        let row = pairing.clone();
        let kept = self.store(move |store| {
            store.put_pairing(&row)?;
            store.share_folders(&row.id, &folders)?;
            for session in threads {
                let thread = SharedThread {
                    session,
                    from_afar: false,
                    shared_at: created,
                };
                store.share_thread(&row.id, &thread)?;
            }
            store.pairing(&row.id)
        });
        let known = match kept.await {
            Ok(_) => self.known_pairing(pairing.clone()).await,
            Err(error) => Err(error),
        };
        let known = match known {
            Ok(known) => known,
            Err(error) => {
                remote::forget(inner, &pairing.id).await;
                return Err(error);
            }
        };
        inner.state().remote.pairings.push(known);
        inner.audit(&pairing.id, "pairing.created", &pairing.broker).await;
        self.audit_authority(&pairing.id, PairingPolicy::default(), wanted.policy)
            .await;
        remote::connect(inner, &pairing.id).await;
        inner.tell_pairings();
        self.token_shown(&pairing, &address, &token)
    }

    /// Makes another token for a pairing. The one before opens nothing from here any more, and nothing there once this one
    /// is entered.
    ///
    /// # Errors
    /// When it is over, or the keychain does not keep the token.
    pub async fn renew_pairing(&self, pairing: &str) -> Result<PairingToken> {
        self.may_pair()?;
        let inner = &self.inner;
        let _whole = inner.remote.changing.lock().await;
        let mut row = self.pairing_row(pairing)?;
        if !matches!(row.state, Kept::Waiting | Kept::Paired | Kept::Expired) {
            return Err(over());
        }
        let address = BrokerAddress::judge(&row.broker)
            .map_err(|error| WorkspaceError::NotAllowed(sentence(&error.to_string())))?;
        inner.disconnect(pairing).await;
        let token = self.mint(&row).await?;
        (row.state, row.paused) = (Kept::Waiting, false);
        (row.expires, row.changed) = (Some(now() + ENTERED_WITHIN), now());
        self.replace(&row).await?;
        inner
            .audit(pairing, "pairing.updated", "another token was made")
            .await;
        remote::connect(inner, pairing).await;
        inner.tell_pairings();
        self.token_shown(&row, &address, &token)
    }

    /// Changes what a pairing is called, lets in and out and shares.
    ///
    /// # Errors
    /// When it is over, something of it is not known, consent is missing, or it cannot be saved.
    pub async fn update_pairing(
        &self,
        pairing: &str,
        label: &str,
        policy: PairingPolicy,
        folders: &[String],
        past_proxy: bool,
        consent: Consent,
    ) -> Result<PairingRow> {
        let label = labelled(label)?;
        let folders = self.granted(folders)?;
        let inner = &self.inner;
        let _whole = inner.remote.changing.lock().await;
        let mut row = self.pairing_row(pairing)?;
        if matches!(row.state, Kept::Revoking | Kept::Revoked) {
            return Err(over());
        }
        let before = self.inner.state().remote.find(pairing).map(|known| known.policy);
        let before = before.unwrap_or_default();
        self.may_answer(&host_of(&row.broker), before, policy, &consent)?;
        let reconnects = row.past_proxy != past_proxy;
        (row.label, row.policy, row.past_proxy) = (label, written(policy)?, past_proxy);
        let (id, shared) = (pairing.to_owned(), folders.clone());
        self.store(move |store| store.share_folders(&id, &shared)).await?;
        self.replace(&row).await?;
        {
            let mut state = inner.state();
            if let Some(known) = state.remote.find_mut(pairing) {
                known.policy = policy;
                known.folders = folders.iter().map(PathBuf::from).collect();
            }
            state.remote.news.pairings.insert(pairing.to_owned());
        }
        if before != policy {
            // What was told by another policy is told anew, also over a pairing that is paused now.
            let id = pairing.to_owned();
            self.store(move |store| store.forget_untold_events(&id)).await?;
        }
        inner
            .audit(pairing, "pairing.updated", &changes(before, policy))
            .await;
        self.audit_authority(pairing, before, policy).await;
        inner.policy_changed(pairing, remote::policy(policy));
        if reconnects {
            remote::connect(inner, pairing).await;
        }
        inner.remote.wake.notify_one();
        inner.tell_pairings();
        self.row(pairing)
    }

    /// Pauses a pairing, or goes on with it. While it is paused nothing leaves and nothing comes in.
    ///
    /// # Errors
    /// When it is over, or that cannot be saved.
    pub async fn pause_pairing(&self, pairing: &str, paused: bool) -> Result<PairingRow> {
        let inner = &self.inner;
        let _whole = inner.remote.changing.lock().await;
        let mut row = self.pairing_row(pairing)?;
        if !matches!(row.state, Kept::Waiting | Kept::Paired) {
            return Err(over());
        }
        if row.paused != paused {
            row.paused = paused;
            self.replace(&row).await?;
            let action = if paused {
                "pairing.disabled"
            } else {
                "pairing.enabled"
            };
            inner.audit(pairing, action, "").await;
            remote::connect(inner, pairing).await;
            inner.state().remote.news.pairings.insert(pairing.to_owned());
            inner.remote.wake.notify_one();
            inner.tell_pairings();
        }
        self.row(pairing)
    }

    /// Asks the server now, and delivers what waits.
    ///
    /// # Errors
    /// When the pairing is paused or over.
    pub async fn sync_pairing(&self, pairing: &str) -> Result<PairingRow> {
        let inner = &self.inner;
        let row = self.pairing_row(pairing)?;
        if row.paused || !matches!(row.state, Kept::Waiting | Kept::Paired) {
            return Err(over());
        }
        // A person who asks again may have unlocked the key ring since, or changed what was wrong.
        inner.vault.ask_again();
        let stuck = self.row(pairing)?.state == PairingState::NeedsYou;
        if stuck || !inner.sync_now(pairing) {
            let _whole = inner.remote.changing.lock().await;
            remote::connect(inner, pairing).await;
        }
        self.row(pairing)
    }

    /// Ends a pairing: at once here, and at the server as soon as it answers.
    ///
    /// # Errors
    /// When it is not known.
    pub async fn revoke_pairing(&self, pairing: &str) -> Result<()> {
        let _whole = self.inner.remote.changing.lock().await;
        self.pairing_row(pairing)?;
        remote::end(&self.inner, pairing).await;
        Ok(())
    }

    /// Ends all pairings and forgets their tokens, and tells those servers that answer in time.
    pub(crate) async fn end_all_pairings(&self) {
        let inner = &self.inner;
        let _whole = inner.remote.changing.lock().await;
        let ids: Vec<_> = {
            let state = inner.state();
            let all = state.remote.pairings.iter();
            all.map(|known| known.pairing.id.clone()).collect()
        };
        for id in ids {
            if tokio::time::timeout(TOLD_WITHIN, remote::end_now(inner, &id))
                .await
                .is_err()
            {
                remote::forget(inner, &id).await;
            }
        }
    }

    /// Shares a thread by itself over a pairing, or no longer.
    ///
    /// # Errors
    /// When the pairing or the thread is not known, too many are shared, or it cannot be saved.
    pub async fn share_thread(&self, pairing: &str, session: &str, shared: bool) -> Result<PairingRow> {
        let inner = &self.inner;
        let _whole = inner.remote.changing.lock().await;
        let row = self.pairing_row(pairing)?;
        if matches!(row.state, Kept::Revoking | Kept::Revoked) {
            return Err(over());
        }
        if shared {
            let session = self.roots(&[session.to_owned()])?.remove(0);
            let thread = SharedThread {
                session,
                from_afar: false,
                shared_at: now(),
            };
            let (id, kept) = (pairing.to_owned(), thread.clone());
            self.store(move |store| store.share_thread(&id, &kept)).await?;
            let mut state = inner.state();
            if let Some(known) = state.remote.find_mut(pairing)
                && known.threads.iter().all(|known| known.session != thread.session)
            {
                known.threads.insert(0, thread);
            }
        } else {
            let (id, gone) = (pairing.to_owned(), session.to_owned());
            self.store(move |store| store.unshare_thread(&id, &gone)).await?;
            let mut state = inner.state();
            if let Some(known) = state.remote.find_mut(pairing) {
                known.threads.retain(|known| known.session != session);
            }
        }
        inner.state().remote.news.pairings.insert(pairing.to_owned());
        inner.remote.wake.notify_one();
        let said = if shared {
            "is shared"
        } else {
            "is shared no longer"
        };
        inner
            .audit(
                pairing,
                "pairing.updated",
                &format!("the thread {session} {said}"),
            )
            .await;
        inner.tell_pairings();
        self.row(pairing)
    }

    /// A page of exactly what would be sent of a thread now, over a pairing or by a policy.
    ///
    /// # Errors
    /// When the pairing, the thread or the page is not known, or the thread has to be read and cannot be.
    pub async fn preview_pairing(
        &self,
        pairing: Option<&str>,
        policy: Option<PairingPolicy>,
        session: &str,
        page: u32,
    ) -> Result<PairingPreview> {
        let (id, _) = self.inner.session(session)?;
        self.load(&id).await?;
        let (snapshot, places, shared, policy) = {
            let state = self.inner.state();
            let known = match pairing {
                Some(pairing) => Some(
                    state
                        .remote
                        .find(pairing)
                        .ok_or(WorkspaceError::NotFound("The pairing"))?,
                ),
                None => None,
            };
            let policy = policy
                .or_else(|| known.map(|known| known.policy))
                .unwrap_or_default();
            let row = state
                .rows
                .get(&id)
                .ok_or(WorkspaceError::NotFound("The thread"))?;
            let live = state
                .live
                .get(&id)
                .ok_or(WorkspaceError::NotFound("The thread"))?;
            (
                Snapshot::of(&live.transcript, remote::thread(row, &state), &Which::Newest),
                remote::places(row, &self.inner.options),
                known.is_some_and(|known| state.is_shared(known, &id)),
                remote::policy(policy),
            )
        };
        let pairing = pairing.unwrap_or("pairing_of_a_preview").to_owned();
        blocking(move || {
            preview(
                &pairing,
                &id,
                &snapshot,
                &Leaving::new(&policy, &places),
                shared,
                page,
            )
        })
        .await
        .and_then(std::convert::identity)
        .map_err(WorkspaceError::Internal)?
        .ok_or(WorkspaceError::NotFound("The page"))
    }

    /// Writes the whole audit into a new file of a folder that the person picked, a row of JSON each. The file's name.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn export_pairing_audit(&self, folder: PathBuf) -> Result<String> {
        let store = self.inner.store.clone();
        let short = self.inner.options.brand.data_dir_name.clone();
        blocking(move || export(&store, &folder, &short))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))
    }

    fn may_pair(&self) -> Result<()> {
        if self.inner.state().remote.forbidden {
            return Err(WorkspaceError::NotAllowed(
                "This build allows no pairing with a server. Whoever made it decided so.".into(),
            ));
        }
        Ok(())
    }

    /// Whether answers from afar may count by themselves, where they did not before.
    fn may_answer(
        &self,
        host: &str,
        before: PairingPolicy,
        policy: PairingPolicy,
        consent: &Consent,
    ) -> Result<()> {
        let opened = opened(before, policy);
        if opened.is_empty() {
            return Ok(());
        }
        if self.inner.state().remote.remote_answers_forbidden {
            return Err(WorkspaceError::NotAllowed(
                "This build lets no answer from elsewhere count without your word here. Choose to confirm them here."
                    .into(),
            ));
        }
        consent.covers(&format!(
            "Whoever is let in at {host} can then answer {} of the agent on this computer in your place, without your word \
             here: commands run and files change by what they say. Whoever takes over that server, or an account there, can \
             do the same. It holds until you take it back, or the pairing ends.",
            opened.join(" and ")
        ))
    }

    async fn audit_authority(&self, pairing: &str, before: PairingPolicy, policy: PairingPolicy) {
        let opened = opened(before, policy);
        if !opened.is_empty() {
            let detail = format!("answers to {} count without a word here", opened.join(" and "));
            self.inner
                .audit(pairing, "pairing.remote_allowed_enabled", &detail)
                .await;
        }
    }

    /// The paths of folders that were granted.
    fn granted(&self, ids: &[String]) -> Result<Vec<String>> {
        let state = self.inner.state();
        let paths = ids.iter().map(|id| state.folders.resolve(id));
        let paths: BTreeSet<PathBuf> = paths.collect::<Result<_>>()?;
        paths
            .into_iter()
            .map(|path| {
                path.into_os_string().into_string().map_err(|path| {
                    let name = path.to_string_lossy();
                    WorkspaceError::InvalidInput(format!(
                        "The folder {name} has a name that cannot be kept. Rename it."
                    ))
                })
            })
            .collect()
    }

    /// The threads of sessions.
    fn roots(&self, sessions: &[String]) -> Result<Vec<String>> {
        let mut roots = BTreeSet::new();
        for session in sessions {
            let (id, _) = self.inner.session(session)?;
            roots.insert(self.inner.state().root_of(&id).to_string());
        }
        Ok(roots.into_iter().collect())
    }

    fn pairing_row(&self, pairing: &str) -> Result<Pairing> {
        let state = self.inner.state();
        let known = state.remote.find(pairing);
        known
            .map(|known| known.pairing.clone())
            .ok_or(WorkspaceError::NotFound("The pairing"))
    }

    fn row(&self, pairing: &str) -> Result<PairingRow> {
        let state = self.inner.state();
        state
            .remote
            .row(pairing, &state)
            .ok_or(WorkspaceError::NotFound("The pairing"))
    }

    /// A new token in the keychain, in the place of the one there is.
    async fn mint(&self, pairing: &Pairing) -> Result<Token> {
        let token = Token::mint().map_err(|error| WorkspaceError::Internal(error.into()))?;
        let name = remote::secret_name(&pairing.id).map_err(WorkspaceError::Internal)?;
        let kept = self.inner.vault.set(&name, Sensitive::new(token.expose())).await;
        kept.map_err(|error| WorkspaceError::NotSaved(secrets::why(&error)))?;
        Ok(token)
    }

    async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&cowork_store::Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T> {
        let store = self.inner.store.clone();
        blocking(move || work(&store))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| match error {
                StoreError::TooMany { .. } | StoreError::TooLong { .. } => {
                    WorkspaceError::InvalidInput(sentence(&error.to_string()))
                }
                error => WorkspaceError::NotSaved(error.to_string()),
            })
    }

    async fn known_pairing(&self, pairing: Pairing) -> Result<remote::Known> {
        let store = self.inner.store.clone();
        blocking(move || remote::known(&store, pairing))
            .await
            .and_then(std::convert::identity)
            .map_err(WorkspaceError::Internal)
    }

    /// Keeps a pairing as it is from now on, in the store and in memory.
    async fn replace(&self, row: &Pairing) -> Result<()> {
        let kept = row.clone();
        self.store(move |store| store.put_pairing(&kept)).await?;
        if let Some(known) = self.inner.state().remote.find_mut(&row.id) {
            known.pairing = row.clone();
        }
        Ok(())
    }

    fn token_shown(&self, pairing: &Pairing, address: &BrokerAddress, token: &Token) -> Result<PairingToken> {
        let shown = shown(address, &pairing.id, &pairing.device, token, &pairing.label);
        let code = shown.modules.unwrap_or_default().into_iter().map(|row| {
            let modules = row.into_iter().map(|dark| if dark { '1' } else { '0' });
            modules.collect()
        });
        Ok(PairingToken {
            pairing: self.row(&pairing.id)?,
            device: pairing.device.clone(),
            token: token.expose().to_owned(),
            url: shown.address.to_string(),
            code: code.collect(),
            expires: pairing.expires.unwrap_or_default(),
        })
    }
}

fn over() -> WorkspaceError {
    WorkspaceError::NotAllowed("This pairing is paused or over. Go on with it, or make a new one.".into())
}

fn labelled(label: &str) -> Result<String> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > LABEL_CHARACTERS || label.chars().any(char::is_control) {
        return Err(WorkspaceError::InvalidInput(format!(
            "A desktop's name has 1 to {LABEL_CHARACTERS} characters in one line. Choose another."
        )));
    }
    Ok(label.to_owned())
}

fn written(policy: PairingPolicy) -> Result<String> {
    serde_json::to_string(&policy).map_err(|error| WorkspaceError::Internal(error.into()))
}

/// What answers from afar count for from now on and did not before.
fn opened(before: PairingPolicy, policy: PairingPolicy) -> Vec<&'static str> {
    let opens = |before, now| before != RemoteAnswers::RemoteAllowed && now == RemoteAnswers::RemoteAllowed;
    let mut opened = Vec::new();
    if opens(before.approvals, policy.approvals) {
        opened.push("requests for permission");
    }
    if opens(before.questions, policy.questions) {
        opened.push("questions");
    }
    opened
}

/// What changed of a policy, for the audit.
fn changes(before: PairingPolicy, policy: PairingPolicy) -> String {
    let fields = |policy| match serde_json::to_value(policy) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let before = fields(before);
    let changed = fields(policy)
        .into_iter()
        .filter(|(name, value)| before.get(name) != Some(value));
    let changed: Vec<_> = changed.map(|(name, value)| format!("{name}: {value}")).collect();
    changed.join(", ")
}

fn sentence(text: &str) -> String {
    crate::engine::sentence(text)
}

/// Asks an address for what it says of itself. Whether it is a server of ours; an error where nothing answers.
async fn asked(outward: &Outward, address: &BrokerAddress) -> Result<bool, String> {
    let body = http_body_util::Empty::new()
        .map_err(|never| match never {})
        .boxed();
    let request = http::Request::get(address.at("/api/server"))
        .body(body)
        .map_err(|error| error.to_string())?;
    let answered = outward
        .call(request, address.reach(), ANSWER_BYTES, ANSWERS_WITHIN)
        .await;
    let answer = answered.map_err(|error| error.to_string())?;
    let said: serde_json::Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    Ok(answer.status().is_success() && said.get("version").is_some_and(serde_json::Value::is_string))
}

/// What would be sent, in pages.
fn preview(
    pairing: &str,
    session: &SessionId,
    snapshot: &Snapshot,
    leaving: &Leaving,
    shared: bool,
    page: u32,
) -> anyhow::Result<Option<PairingPreview>> {
    let told = Telling::new(leaving.clone()).begin(&snapshot.held(), snapshot.cut);
    let mut pages: Vec<Vec<String>> = vec![Vec::new()];
    let (mut bytes, mut on_page) = (0_usize, 0_usize);
    let count = told.len();
    for told in told {
        let event = remote::session_event(pairing, session, told.event)?.event;
        let event: serde_json::Value = serde_json::from_str(&event)?;
        let event = serde_json::to_string_pretty(&event)?;
        bytes += event.len();
        if let Some(last) = pages.last_mut()
            && !last.is_empty()
            && (last.len() >= PREVIEW_EVENTS || on_page + event.len() > PREVIEW_BYTES)
        {
            pages.push(Vec::new());
            on_page = 0;
        }
        on_page += event.len();
        if let Some(last) = pages.last_mut() {
            last.push(event);
        }
    }
    let all = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    let marks = |text: &String| text.matches(MARK).count() + text.matches(PATH_MARK).count();
    let redactions = pages.iter().flatten().map(marks).sum::<usize>();
    let Some(events) = pages.into_iter().nth(page as usize) else {
        return Ok(None);
    };
    Ok(Some(PairingPreview {
        events,
        page,
        pages: all,
        count: u32::try_from(count).unwrap_or(u32::MAX),
        bytes: bytes as u64,
        redactions: u32::try_from(redactions).unwrap_or(u32::MAX),
        shared,
        cut: snapshot.cut,
    }))
}

/// Writes all rows of the audit into a new file, the oldest first.
fn export(store: &cowork_store::Store, folder: &Path, short: &str) -> anyhow::Result<String> {
    let stamp = jiff::Zoned::now().strftime("%Y-%m-%d-%H%M%S").to_string();
    let name = format!("{short}-pairing-audit-{stamp}.jsonl");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = std::io::BufWriter::new(options.open(folder.join(&name))?);
    let mut rows = store.audit(None, None, cowork_store::AUDIT_LIMIT)?;
    rows.reverse();
    for kept in rows {
        let row = kept.row;
        let line = serde_json::json!({
            "number": kept.number,
            "at": jiff::Timestamp::from_millisecond(row.at)?.to_string(),
            "action": row.action,
            "pairing": row.pairing,
            "label": row.label,
            "who": row.who,
            "detail": row.detail,
        });
        writeln!(file, "{line}")?;
    }
    file.into_inner()?.sync_all()?;
    Ok(name)
}
