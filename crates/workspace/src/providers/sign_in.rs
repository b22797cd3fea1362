//! Sign-ins, from the first page to the tokens that are kept.

mod offers;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cowork_sign_in::{Endpoints, EnterpriseDomain, Inputs, Provider, SignIn};
use cowork_vault::{SecretName, Sensitive};
use http::{HeaderName, HeaderValue};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use self::offers::{ENGINE, ENTERPRISE, own_id};
pub(crate) use self::offers::{engine_offers, own_offers};
use super::{Connected, Keeper, secrets, sign_out};
use crate::engine::sentence;
use crate::error::{Result, WorkspaceError};
use crate::operations::providers::connected_by_sign_in;
use crate::view::{EngineHome, NoticeKind, SignInKeeper, SignInState, SignInView};
use crate::workspace::{Inner, now};

/// What is under way: one at a time, the last one asked for.
#[derive(Default)]
pub(crate) struct RunningSignIn {
    running: Mutex<Option<Running>>,
    /// Counts sign-ins, so that the end of an earlier one is not told as the present one's.
    number: AtomicU64,
}

struct Running {
    number: u64,
    /// None while it waits for what the page shows.
    task: Option<AbortHandle>,
    flow: Flow,
    /// Its end was told.
    over: bool,
}

/// What is said of one that the person stopped.
pub(crate) const STOPPED: &str = "It was stopped.";

/// Who leads it.
#[derive(Clone)]
enum Flow {
    App(Arc<SignIn>),
    /// The engine, and whether it waits for what its page showed.
    Engine {
        provider: String,
        method: usize,
        wants_code: bool,
    },
}

impl RunningSignIn {
    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts another one, or none, in the place of the present one, and ends that. At the engine one cannot be ended: it
    /// may still succeed there, so its task waits for that and sees to what it brings. Gives the provider of one at the
    /// engine that nobody waits for.
    fn replace(&self, running: Option<Running>) -> Option<String> {
        let before = std::mem::replace(&mut *self.running(), running)?;
        match before.flow {
            Flow::App(_) => {
                before.task.inspect(AbortHandle::abort);
                None
            }
            Flow::Engine { provider, .. } => (before.task.is_none() && !before.over).then_some(provider),
        }
    }

    /// Whether another sign-in at the engine is under way at a provider.
    fn is_another_at(&self, provider: &str, number: u64) -> bool {
        self.running().as_ref().is_some_and(|running| {
            let there = matches!(&running.flow, Flow::Engine { provider: its, .. } if its == provider);
            there && running.number != number && !running.over
        })
    }

    /// The number of a new one; what is still to come of those before counts for nothing from now on.
    fn next(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn is_present(&self, number: u64) -> bool {
        self.number.load(Ordering::Relaxed) == number
    }

    fn flow(&self) -> Option<Flow> {
        self.running().as_ref().map(|running| running.flow.clone())
    }
}

/// Begins a sign-in.
pub(crate) async fn begin(
    inner: &Arc<Inner>,
    provider: &str,
    offer: &str,
    inputs: &BTreeMap<String, String>,
) -> Result<SignInView> {
    stop(inner);
    // What the catalogue does not show is no offer, whoever asks for it.
    if inner.offered.get(provider).is_none() {
        return Err(WorkspaceError::NotFound("The provider"));
    }
    if inner.running_surroundings().home == EngineHome::Machine {
        return Err(WorkspaceError::NotAllowed(
            "The engine lives in your own OpenCode home, so one signs in with OpenCode itself. Choose the app's private \
             home under Settings, Engine, to sign in here."
                .into(),
        ));
    }
    match (Provider::of(provider), offer.strip_prefix(ENGINE)) {
        (None, Some(method)) => {
            let method = method
                .parse()
                .map_err(|_| WorkspaceError::NotFound("This way to sign in"))?;
            begin_at_engine(inner, provider, method, inputs).await
        }
        (Some(own), None) => begin_own(inner, own, offer, inputs).await,
        (Some(_), Some(_)) | (None, None) => Err(WorkspaceError::NotFound("This way to sign in")),
    }
}

/// The engine takes its sign-ins from one place: from its own file, or from what the app tells it.
pub(crate) fn not_beside(inner: &Inner, keeper: Keeper) -> Result<()> {
    let other = match keeper {
        Keeper::App => Keeper::Engine,
        Keeper::Engine => Keeper::App,
    };
    let state = inner.state();
    let found = state
        .providers
        .iter()
        .find(|provider| provider.details.sign_in == Some(other));
    match found {
        None => Ok(()),
        Some(provider) => Err(WorkspaceError::NotAllowed(format!(
            "Sign-ins kept by this app and sign-ins kept by the engine cannot be used side by side. Remove {} first, or \
             use a key.",
            provider.name
        ))),
    }
}

async fn begin_own(
    inner: &Arc<Inner>,
    provider: Provider,
    offer: &str,
    inputs: &BTreeMap<String, String>,
) -> Result<SignInView> {
    not_beside(inner, Keeper::App)?;
    let way = provider
        .ways()
        .iter()
        .copied()
        .find(|way| own_id(*way) == offer)
        .ok_or(WorkspaceError::NotFound("This way to sign in"))?;
    let enterprise = match inputs.get(ENTERPRISE).map(|text| text.trim()) {
        None | Some("") => None,
        Some(domain) => Some(
            EnterpriseDomain::parse(domain)
                .map_err(|error| WorkspaceError::InvalidInput(error.to_string()))?,
        ),
    };
    let (prompt, flow) = SignIn::begin(
        inner.outward.clone(),
        provider,
        way,
        &Inputs { enterprise },
        &Endpoints::real(),
    )
    .await
    .map_err(|error| WorkspaceError::Unreachable(sentence(&error.to_string())))?;
    let shown = SignInView {
        provider: provider.id().to_owned(),
        url: prompt.url.to_string(),
        code: prompt.code.unwrap_or_default(),
        instructions: String::new(),
        paste_back: prompt.paste_back,
        expires: i64::try_from(prompt.expires).unwrap_or(i64::MAX),
        keeper: SignInKeeper::App,
        state: SignInState::Waiting,
    };
    inner.state().set_sign_in(shown.clone());
    inner.feed.changed();
    let flow = Arc::new(flow);
    let number = inner.running_sign_in.next();
    let (waiting, asked) = (inner.clone(), flow.clone());
    let task = tokio::spawn(async move {
        let outcome = match asked.wait().await {
            Ok(tokens) => {
                // In a task of its own: tokens that came are kept and shown, or forgotten, and never lost between.
                let inner = waiting.clone();
                tokio::spawn(async move { signed_in(&inner, provider, tokens).await })
                    .await
                    .unwrap_or_else(|error| Err(error.to_string()))
            }
            Err(error) => Err(sentence(&error.to_string())),
        };
        ended(&waiting, number, outcome);
    });
    begun(inner, number, Some(task.abort_handle()), Flow::App(flow));
    Ok(shown)
}

/// The person is signed in: the tokens are kept, and the provider is connected.
async fn signed_in(
    inner: &Arc<Inner>,
    provider: Provider,
    tokens: cowork_sign_in::Tokens,
) -> std::result::Result<(), String> {
    let base = provider.upstream(&tokens);
    let keeper = inner
        .sign_ins
        .keeper(inner, provider.id())
        .ok_or("The provider is not known.")?;
    // Tokens that cannot be kept hold until the app ends, and that is said.
    let kept = keeper.signed_in(tokens).await;
    // The tokens are there, so they are shown, whatever was stopped meanwhile.
    let outcome = connected_by_sign_in(
        inner,
        provider.id(),
        provider.name(),
        Some(base),
        Keeper::App,
        || true,
    );
    if let Err(error) = outcome.await {
        forget_tokens(inner, provider.id()).await.ok();
        return Err(error.to_string());
    }
    if let Err(error) = kept {
        let mut state = inner.state();
        state.notice(NoticeKind::NotSaved, sentence(&error.to_string()), now());
        drop(state);
        inner.feed.changed();
    }
    Ok(())
}

/// Forgets the tokens of a sign-in that the app keeps. Twice, since a renewal that was under way may have kept new ones
/// in between.
pub(crate) async fn forget_tokens(inner: &Inner, provider: &str) -> anyhow::Result<()> {
    let name = secrets::sign_in_name(provider)?;
    for _ in 0..2 {
        if let Some(keeper) = inner.sign_ins.keeper(inner, provider) {
            // Waits for a renewal.
            keeper.forget().await;
        }
        forget_secret(inner, &name).await?;
    }
    Ok(())
}

/// Forgets a secret, if one is known by that name: the keychain is not asked for what was never there.
pub(crate) async fn forget_secret(inner: &Inner, name: &SecretName) -> anyhow::Result<()> {
    let known = inner.vault.list().await?;
    if known.iter().any(|entry| entry.name == *name) {
        inner.vault.delete(name).await?;
    }
    Ok(())
}

async fn begin_at_engine(
    inner: &Arc<Inner>,
    provider: &str,
    method: usize,
    inputs: &BTreeMap<String, String>,
) -> Result<SignInView> {
    not_beside(inner, Keeper::Engine)?;
    let engine = inner.engine().await?;
    {
        // A sign-out that is still owed would undo this sign-in later.
        let _whole = inner.changing_providers.lock().await;
        sign_out::settle(inner).await;
    }
    let page = engine
        .authorize(provider, method, inputs)
        .await?
        .ok_or(WorkspaceError::NotFound("This way to sign in"))?;
    let shown = SignInView {
        provider: provider.to_owned(),
        url: page.page.to_string(),
        code: String::new(),
        instructions: crate::render::plain(&page.instructions),
        paste_back: page.wants_code,
        expires: 0,
        keeper: SignInKeeper::Engine,
        state: SignInState::Waiting,
    };
    inner.state().set_sign_in(shown.clone());
    inner.feed.changed();
    let flow = Flow::Engine {
        provider: provider.to_owned(),
        method,
        wants_code: page.wants_code,
    };
    let number = inner.running_sign_in.next();
    if page.wants_code {
        // It is finished by the code.
        begun(inner, number, None, flow);
        return Ok(shown);
    }
    let (waiting, id) = (inner.clone(), provider.to_owned());
    // Its end is noted of what is remembered, so it begins when that is.
    let (go, remembered) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        remembered.await.ok();
        finish_at_engine(&waiting, number, &id, method, None).await;
    });
    begun(inner, number, Some(task.abort_handle()), flow);
    go.send(()).ok();
    Ok(shown)
}

async fn finish_at_engine(
    inner: &Arc<Inner>,
    number: u64,
    provider: &str,
    method: usize,
    code: Option<&Sensitive>,
) {
    let is_wanted = || inner.running_sign_in.is_present(number);
    let outcome = async {
        let engine = inner.engine().await.map_err(|error| error.to_string())?;
        engine
            .complete(provider, method, code.map(Sensitive::expose))
            .await
            .map_err(|error| sentence(&error.to_string()))?;
        connected_by_sign_in(inner, provider, provider, None, Keeper::Engine, is_wanted)
            .await
            .map_err(|error| error.to_string())
    };
    let outcome = outcome.await;
    if outcome.is_err() {
        sign_out_unless_wanted(inner, number, provider).await;
    }
    ended(inner, number, outcome);
}

/// Has the engine forget what a sign-in brought that came to nothing here: it may have succeeded there all the same.
/// Not where the person is signed in, by an earlier one or a later one; and one that is under way sees to it at its own
/// end, or it would lose what it is about to bring.
async fn sign_out_unless_wanted(inner: &Inner, number: u64, provider: &str) {
    let _whole = inner.changing_providers.lock().await;
    let is_signed_in = inner
        .state()
        .provider(provider)
        .is_some_and(|known| known.details.sign_in == Some(Keeper::Engine));
    if is_signed_in || inner.running_sign_in.is_another_at(provider, number) {
        return;
    }
    if let Err(error) = sign_out::sign_out(inner, provider).await {
        tracing::warn!(error = format!("{error:#}"), provider, "signing out again");
    }
}

/// Remembers a sign-in that was begun.
fn begun(inner: &Arc<Inner>, number: u64, task: Option<AbortHandle>, flow: Flow) {
    let left = inner.running_sign_in.replace(Some(Running {
        number,
        task,
        flow,
        over: false,
    }));
    see_to(inner, left);
}

/// Sees to what an earlier sign-in may have left at the engine for the one that was stopped before it was finished.
fn see_to(inner: &Arc<Inner>, left: Option<String>) {
    if let Some(provider) = left {
        let inner = inner.clone();
        // No sign-in has this number.
        tokio::spawn(async move { sign_out_unless_wanted(&inner, 0, &provider).await });
    }
}

/// Takes what the provider's page showed at the end.
pub(crate) fn paste(inner: &Arc<Inner>, text: Sensitive) -> Result<()> {
    match inner.running_sign_in.flow() {
        None => Err(WorkspaceError::NotFound("The sign-in")),
        Some(Flow::App(sign_in)) => sign_in
            .paste(text.expose())
            .map_err(|error| WorkspaceError::InvalidInput(sentence(&error.to_string()))),
        Some(Flow::Engine {
            wants_code: false, ..
        }) => Err(WorkspaceError::InvalidInput(
            "This sign-in ends in the browser; nothing has to be pasted.".into(),
        )),
        Some(Flow::Engine { provider, method, .. }) => {
            let mut running = inner.running_sign_in.running();
            let Some(running) = running.as_mut() else {
                return Err(WorkspaceError::NotFound("The sign-in"));
            };
            if running.task.as_ref().is_some_and(|task| !task.is_finished()) {
                return Err(WorkspaceError::InvalidInput(
                    "What was pasted before is still being looked at. Wait a moment.".into(),
                ));
            }
            running.over = false;
            let (finishing, number) = (inner.clone(), running.number);
            let task = tokio::spawn(async move {
                finish_at_engine(&finishing, number, &provider, method, Some(&text)).await;
            });
            running.task = Some(task.abort_handle());
            Ok(())
        }
    }
}

/// Ends the sign-in that is under way.
pub(crate) fn stop(inner: &Arc<Inner>) {
    inner.running_sign_in.next();
    let left = inner.running_sign_in.replace(None);
    see_to(inner, left);
    let mut state = inner.state();
    if state
        .sign_in
        .as_ref()
        .is_some_and(|known| known.state == SignInState::Waiting)
    {
        state.change_sign_in(|sign_in| {
            sign_in.state = SignInState::Failed {
                message: STOPPED.to_owned(),
            };
            sign_in.code.clear();
        });
    }
    drop(state);
    inner.feed.changed();
}

fn ended(inner: &Inner, number: u64, outcome: std::result::Result<(), String>) {
    if let Some(running) = inner.running_sign_in.running().as_mut()
        && running.number == number
    {
        running.over = true;
    }
    if !inner.running_sign_in.is_present(number) {
        return;
    }
    inner.state().change_sign_in(|sign_in| {
        sign_in.code.clear();
        sign_in.state = match outcome {
            Ok(()) => SignInState::Done,
            Err(message) => SignInState::Failed { message },
        };
    });
    inner.feed.changed();
}

/// What a sign-in that the app keeps wants on each request.
pub(crate) async fn headers(inner: &Inner, connected: &Connected) -> Vec<(HeaderName, HeaderValue)> {
    if connected.details.sign_in != Some(Keeper::App) {
        return Vec::new();
    }
    let (Some(provider), Some(keeper)) = (
        Provider::of(&connected.id),
        inner.sign_ins.keeper(inner, &connected.id),
    ) else {
        return Vec::new();
    };
    match keeper.tokens().await {
        Ok(tokens) => provider.route_headers(&tokens),
        Err(error) => {
            tracing::warn!(%error, provider = connected.id, "reading a sign-in");
            inner.state().set_key(
                &connected.id,
                crate::view::KeyState::CannotBeRead {
                    why: sentence(&error.to_string()),
                },
            );
            Vec::new()
        }
    }
}
