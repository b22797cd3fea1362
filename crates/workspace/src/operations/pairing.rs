//! Pairings as a person makes, changes, watches and ends them.

mod address;
mod audit;
mod authority;
mod preview;
mod sharing;

use std::path::PathBuf;
use std::time::Duration;

use cowork_pairing::address::BrokerAddress;
use cowork_pairing::enrolment::{LABEL_CHARACTERS, shown};
use cowork_pairing::token::{Token, device_id, pairing_id};
use cowork_store::{Pairing, PairingState as Kept, SharedThread, StoreError};
use cowork_vault::Sensitive;

use self::authority::{Settings, changes, narrows};
use crate::consent::Consent;
use crate::engine::sentence;
use crate::error::{Result, WorkspaceError};
use crate::providers::secrets;
use crate::remote::{self, host_of};
use crate::view::{PairingBook, PairingPolicy, PairingRow, PairingState, PairingToken};
use crate::workspace::{Workspace, blocking, now};

/// How long a token is shown to be entered somewhere: as long as it takes to find the page there and a phone.
const ENTERED_WITHIN: i64 = 10 * 60 * 1000;
/// How long the removal of everything waits for each server to be told.
const TOLD_WITHIN: Duration = Duration::from_secs(5);

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
        let row = self.pairing_row(pairing)?;
        may_be_renewed(&row)?;
        let address = BrokerAddress::judge(&row.broker)
            .map_err(|error| WorkspaceError::NotAllowed(sentence(&error.to_string())))?;
        inner.disconnect(pairing).await;
        let minted = self.mint(&row).await;
        let token = match minted {
            Ok(token) => token,
            Err(error) => {
                // The one there is still holds.
                remote::connect(inner, pairing).await;
                return Err(error);
            }
        };
        let renewed = inner.change_pairing(pairing, |row| {
            may_be_renewed(row)?;
            (row.state, row.paused) = (Kept::Waiting, false);
            (row.expires, row.changed) = (Some(now() + ENTERED_WITHIN), now());
            Ok(())
        });
        let row = match renewed.await {
            Ok(row) => row,
            Err(error) => {
                // What it says of itself is not how it stood before.
                remote::connect(inner, pairing).await;
                return Err(error);
            }
        };
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
        let row = self.pairing_row(pairing)?;
        let is_over = |row: &Pairing| matches!(row.state, Kept::Revoking | Kept::Revoked);
        if is_over(&row) {
            return Err(over());
        }
        let before = self.inner.state().remote.find(pairing).cloned();
        let before = before.ok_or(WorkspaceError::NotFound("The pairing"))?;
        let before = Settings {
            label: row.label.clone(),
            policy: before.policy,
            folders: before.folders,
            past_proxy: row.past_proxy,
        };
        let after = Settings {
            label: label.clone(),
            policy,
            folders: folders.iter().map(PathBuf::from).collect(),
            past_proxy,
        };
        let said = changes(&before, &after);
        let before = before.policy;
        self.may_answer(&host_of(&row.broker), before, policy, &consent)?;
        let reconnects = row.past_proxy != past_proxy;
        let kept = written(policy)?;
        let (id, shared) = (pairing.to_owned(), folders.clone());
        self.store(move |store| store.share_folders(&id, &shared)).await?;
        let changed = inner.change_pairing(pairing, |row| {
            if is_over(row) {
                return Err(over());
            }
            (row.label, row.policy, row.past_proxy) = (label, kept, past_proxy);
            Ok(())
        });
        changed.await?;
        {
            let mut state = inner.state();
            if let Some(known) = state.remote.find_mut(pairing) {
                known.policy = policy;
                known.folders = after.folders;
            }
            state.remote.news.pairings.insert(pairing.to_owned());
        }
        // It holds from here on, whatever cannot be written down below.
        inner.policy_changed(pairing, remote::policy(policy));
        let forgotten = if before == policy {
            Ok(())
        } else {
            // What was told by another policy is told anew, also over a pairing that is paused now.
            let id = pairing.to_owned();
            self.store(move |store| store.forget_untold_events(&id)).await
        };
        let let_go = if narrows(before, policy) {
            // What went out and may not have arrived was made by the wider one.
            remote::let_go(inner, pairing, None).await
        } else {
            remote::let_go_of_unshared(inner, pairing).await
        };
        inner.audit(pairing, "pairing.updated", &said).await;
        self.audit_authority(pairing, before, policy).await;
        forgotten?;
        let_go.map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
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
        let row = self.pairing_row(pairing)?;
        let is_on = |row: &Pairing| matches!(row.state, Kept::Waiting | Kept::Paired);
        if !is_on(&row) {
            return Err(over());
        }
        if row.paused != paused {
            let changed = inner.change_pairing(pairing, |row| {
                if !is_on(row) {
                    return Err(over());
                }
                row.paused = paused;
                Ok(())
            });
            changed.await?;
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

    fn may_pair(&self) -> Result<()> {
        if self.inner.state().remote.forbidden {
            return Err(WorkspaceError::NotAllowed(
                "This build allows no pairing with a server. Whoever made it decided so.".into(),
            ));
        }
        Ok(())
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
            .map_err(remote::not_kept)
    }

    async fn known_pairing(&self, pairing: Pairing) -> Result<remote::Known> {
        let store = self.inner.store.clone();
        blocking(move || remote::known(&store, pairing))
            .await
            .and_then(std::convert::identity)
            .map_err(WorkspaceError::Internal)
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

fn may_be_renewed(row: &Pairing) -> Result<()> {
    if matches!(row.state, Kept::Waiting | Kept::Paired | Kept::Expired) {
        Ok(())
    } else {
        Err(over())
    }
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
