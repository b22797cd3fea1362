//! Tokens that are kept and renewed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use cowork_sign_in::{Keeper, KeeperError, Provider, StoreError, TokenStore, Tokens};
use cowork_vault::Sensitive;
use serde_json::json;
use support::{Asked, Fake, Reply, endpoints, outward};

fn in_seconds(seconds: i64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(i64::try_from(now.as_millis()).unwrap() + seconds * 1000).unwrap()
}

fn tokens(number: usize, expires: Option<u64>, refresh: bool) -> Tokens {
    Tokens {
        access: Sensitive::new(format!("access-{number}")),
        refresh: refresh.then(|| Sensitive::new(format!("refresh-{number}"))),
        expires,
        account: Some("acc-1".to_owned()),
        base: None,
    }
}

/// A vault that remembers what happened to it.
#[derive(Default)]
struct Store {
    kept: Mutex<Option<Tokens>>,
    saved: AtomicUsize,
    loaded: AtomicUsize,
    refuses_to_save: AtomicBool,
    refuses_to_load: AtomicBool,
}

impl Store {
    fn with(tokens: Tokens) -> Arc<Self> {
        Arc::new(Self {
            kept: Mutex::new(Some(tokens)),
            ..Self::default()
        })
    }

    fn access(&self) -> String {
        self.kept
            .lock()
            .unwrap()
            .as_ref()
            .unwrap()
            .access
            .expose()
            .to_owned()
    }
}

#[async_trait]
impl TokenStore for Store {
    async fn load(&self) -> Result<Option<Tokens>, StoreError> {
        self.loaded.fetch_add(1, Ordering::SeqCst);
        if self.refuses_to_load.load(Ordering::SeqCst) {
            return Err(StoreError("the key ring is locked: unlock it".to_owned()));
        }
        Ok(self.kept.lock().unwrap().as_ref().map(Tokens::duplicate))
    }

    async fn save(&self, tokens: &Tokens) -> Result<(), StoreError> {
        // Whoever uses a token that is being kept would be seen here.
        tokio::task::yield_now().await;
        if self.refuses_to_save.load(Ordering::SeqCst) {
            return Err(StoreError("the key ring is locked: unlock it".to_owned()));
        }
        *self.kept.lock().unwrap() = Some(tokens.duplicate());
        self.saved.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// An authority that takes each refresh token once and gives the next.
async fn rotating() -> Fake {
    let next = AtomicUsize::new(1);
    Fake::start(move |asked| {
        let spent = next.fetch_add(1, Ordering::SeqCst);
        let form = asked.form();
        assert_eq!(form["grant_type"], "refresh_token");
        assert_eq!(form["client_id"], "app_EMoamEEZ73f0CkXaXp7hrann");
        if form["refresh_token"] != format!("refresh-{spent}") {
            return Reply::Json(
                401,
                json!({"error": {"code": "refresh_token_reused", "message": "spent"}}),
            );
        }
        Reply::Later(Duration::from_millis(50), Box::new(renewed(spent + 1)))
    })
    .await
}

fn renewed(number: usize) -> Reply {
    Reply::Json(
        200,
        json!({
            "access_token": format!("access-{number}"), "refresh_token": format!("refresh-{number}"),
            "expires_in": 3600,
        }),
    )
}

fn keeper(server: &Fake, store: &Arc<Store>) -> Keeper {
    let store: Arc<dyn TokenStore> = Arc::clone(store) as _;
    Keeper::new(Provider::ChatGpt, outward(), endpoints(&server.base), store)
}

async fn access(keeper: &Keeper) -> Result<String, KeeperError> {
    keeper.access().await.map(|access| access.expose().to_owned())
}

#[tokio::test]
async fn a_token_that_is_good_is_given_without_asking() {
    let server = rotating().await;
    let store = Store::with(tokens(1, Some(in_seconds(600)), true));
    let keeper = keeper(&server, &store);
    for _ in 0..3 {
        assert_eq!(access(&keeper).await.as_deref(), Ok("access-1"));
    }
    assert!(server.paths().is_empty());
    assert_eq!(store.loaded.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_token_that_runs_out_soon_is_renewed_once_for_fifty_who_ask() {
    let server = rotating().await;
    let store = Store::with(tokens(1, Some(in_seconds(200)), true));
    let keeper = keeper(&server, &store);
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let (keeper, store) = (keeper.clone(), Arc::clone(&store));
            tokio::spawn(async move {
                let got = access(&keeper).await.unwrap();
                (got, store.access())
            })
        })
        .collect();
    for asked in asking {
        let (got, kept) = asked.await.unwrap();
        assert_eq!(got, "access-2");
        assert_eq!(kept, "access-2", "a token is kept before it is used");
    }
    assert_eq!(server.paths().len(), 1);
    assert_eq!(store.saved.load(Ordering::SeqCst), 1);
    let kept = store.kept.lock().unwrap();
    let kept = kept.as_ref().unwrap();
    assert_eq!(kept.refresh.as_ref().map(Sensitive::expose), Some("refresh-2"));
    assert_eq!(kept.account.as_deref(), Some("acc-1"), "what is not told stays");
}

#[tokio::test]
async fn a_renewal_outlives_whoever_asked_for_it() {
    let server = rotating().await;
    let store = Store::with(tokens(1, Some(in_seconds(-5)), true));
    let keeper = keeper(&server, &store);
    let asking = tokio::spawn({
        let keeper = keeper.clone();
        async move { access(&keeper).await }
    });
    while server.paths().is_empty() {
        tokio::task::yield_now().await;
    }
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-2"));
    assert_eq!(store.access(), "access-2");
    assert_eq!(server.paths().len(), 1, "the spent token is not used again");
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_however_many_say_so() {
    let server = rotating().await;
    let store = Store::with(tokens(1, Some(in_seconds(3600)), true));
    let keeper = keeper(&server, &store);
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-1"));
    for _ in 0..5 {
        keeper.refused().await;
    }
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-2"));
    // Requests that were on their way with the one before come back refused too.
    keeper.refused().await;
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-2"));
    assert_eq!(server.paths().len(), 1);
}

#[tokio::test]
async fn a_sign_in_that_was_ended_says_so_and_keeps_what_it_had() {
    let server = Fake::start(|_| {
        Reply::Json(
            400,
            json!({"error": "invalid_grant", "error_description": "refresh-1 was revoked"}),
        )
    })
    .await;
    let store = Store::with(tokens(1, Some(in_seconds(-5)), true));
    let keeper = keeper(&server, &store);
    for _ in 0..3 {
        let error = access(&keeper).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "ChatGPT ended this sign-in ([redacted] was revoked): sign in again"
        );
    }
    assert_eq!(server.paths().len(), 1, "nobody asks again");
    assert_eq!(store.access(), "access-1");
    assert!(keeper.trouble().await.unwrap().contains("sign in again"));
    keeper
        .signed_in(tokens(7, Some(in_seconds(3600)), true))
        .await
        .unwrap();
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-7"));
    assert_eq!(store.access(), "access-7");
    assert_eq!(keeper.trouble().await, None);
}

#[tokio::test]
async fn what_another_program_renewed_is_used() {
    let server = rotating().await;
    let store = Store::with(tokens(9, Some(in_seconds(-5)), true));
    let keeper = keeper(&server, &store);
    // The first question is refused: the authority expects another refresh token.
    assert!(access(&keeper).await.is_err());
    keeper.forget().await;
    *store.kept.lock().unwrap() = Some(tokens(2, Some(in_seconds(-5)), true));
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-3"));
}

#[tokio::test]
async fn a_newer_sign_in_in_the_vault_is_taken_when_the_held_one_is_refused() {
    let server = Fake::start(|asked: &Asked| {
        if asked.form()["refresh_token"] == "refresh-5" {
            renewed(6)
        } else {
            Reply::Json(
                401,
                json!({"error": {"code": "refresh_token_reused", "message": "spent"}}),
            )
        }
    })
    .await;
    let store = Store::with(tokens(1, Some(in_seconds(3600)), true));
    let keeper = keeper(&server, &store);
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-1"));
    *store.kept.lock().unwrap() = Some(tokens(5, Some(in_seconds(-5)), true));
    keeper.refused().await;
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-6"));
}

#[tokio::test]
async fn an_outage_does_not_take_a_token_that_is_still_good() {
    for reply in [
        || Reply::Gone,
        || Reply::Json(503, json!({"error": {"message": "down", "code": "x"}})),
        || Reply::Text(403, "text/html", "<html>blocked".to_owned()),
        || Reply::Text(200, "text/plain", "garbage".to_owned()),
    ] {
        let server = Fake::start(move |_| reply()).await;
        let store = Store::with(tokens(1, Some(in_seconds(100)), true));
        let keeper = keeper(&server, &store);
        for _ in 0..20 {
            assert_eq!(access(&keeper).await.as_deref(), Ok("access-1"));
        }
        assert_eq!(server.paths().len(), 1, "it is not tried at each request");

        let store = Store::with(tokens(1, Some(in_seconds(-5)), true));
        let over = self::keeper(&server, &store);
        let asking: Vec<_> = (0..20)
            .map(|_| {
                let over = over.clone();
                tokio::spawn(async move { access(&over).await })
            })
            .collect();
        for asked in asking {
            let error = asked.await.unwrap().unwrap_err();
            assert!(matches!(error, KeeperError::NotRenewed { .. }), "{error:?}");
        }
        assert_eq!(server.paths().len(), 2, "those who wait share the answer");
        assert_eq!(store.access(), "access-1");
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_kept_are_used_and_kept_later() {
    let server = rotating().await;
    let store = Store::with(tokens(1, Some(in_seconds(-5)), true));
    store.refuses_to_save.store(true, Ordering::SeqCst);
    let keeper = keeper(&server, &store);
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-2"));
    assert_eq!(store.access(), "access-1");
    assert!(keeper.trouble().await.unwrap().contains("could not be kept"));
    store.refuses_to_save.store(false, Ordering::SeqCst);
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-2"));
    assert_eq!(store.access(), "access-2");
    assert_eq!(keeper.trouble().await, None);
    assert_eq!(server.paths().len(), 1);
}

#[tokio::test]
async fn a_vault_that_cannot_be_read_is_not_a_sign_in_that_is_missing() {
    let server = rotating().await;
    let store = Arc::new(Store::default());
    let keeper = keeper(&server, &store);
    assert_eq!(
        access(&keeper).await,
        Err(KeeperError::NotSignedIn { provider: "ChatGPT" })
    );
    store.refuses_to_load.store(true, Ordering::SeqCst);
    let error = access(&keeper).await.unwrap_err();
    assert!(matches!(error, KeeperError::Unreadable { .. }), "{error:?}");
    // And it is read as soon as it can be.
    store.refuses_to_load.store(false, Ordering::SeqCst);
    *store.kept.lock().unwrap() = Some(tokens(4, Some(in_seconds(3600)), true));
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-4"));
}

#[tokio::test]
async fn a_token_without_an_end_is_given_for_ever() {
    let server = rotating().await;
    let store = Store::with(tokens(1, None, false));
    let holding: Arc<dyn TokenStore> = Arc::clone(&store) as _;
    let keeper = Keeper::new(Provider::Copilot, outward(), endpoints(&server.base), holding);
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-1"));
    keeper.refused().await;
    // There is no way to another one, and one refusal may be the provider's hiccup.
    assert_eq!(access(&keeper).await.as_deref(), Ok("access-1"));
    assert!(keeper.trouble().await.unwrap().contains("sign in again"));
    assert!(server.paths().is_empty());
}
