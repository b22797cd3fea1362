//! Sign-ins, from the first page to the tokens that are kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use cowork_sign_in::{Endpoints, EnterpriseDomain, Inputs, Provider, SignIn, Way};
use cowork_vault::Sensitive;
use http::{HeaderName, HeaderValue};
use tokio::task::AbortHandle;

use super::{Connected, Keeper};
use crate::engine::sentence;
use crate::error::{Result, WorkspaceError};
use crate::operations::providers::connected_by_sign_in;
use crate::view::{ProviderInput, SignInKeeper, SignInOffer, SignInState, SignInView, SignInWay};
use crate::workspace::Inner;

/// What is under way: one at a time, the last one asked for.
#[derive(Default)]
pub(crate) struct RunningSignIn(Mutex<Option<Running>>);

struct Running {
    task: AbortHandle,
    flow: Flow,
}

/// Who leads it.
#[derive(Clone)]
enum Flow {
    App(Arc<SignIn>),
    /// The engine, and whether it waits for what its page showed.
    Engine {
        provider: String,
        method: usize,
    },
}

impl RunningSignIn {
    fn replace(&self, running: Option<Running>) {
        let before = std::mem::replace(
            &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner),
            running,
        );
        if let Some(before) = before {
            before.task.abort();
        }
    }

    fn flow(&self) -> Option<Flow> {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().map(|running| running.flow.clone())
    }
}

/// What a company's own GitHub is given as.
const ENTERPRISE: &str = "enterprise";

/// The ways the app itself signs in at a provider.
pub(crate) fn own_offers(provider: &str) -> Vec<SignInOffer> {
    let Some(provider) = Provider::of(provider) else {
        return Vec::new();
    };
    let offer = |way: &Way| SignInOffer {
        id: own_id(*way).to_owned(),
        label: provider.name().to_owned(),
        way: match way {
            Way::DeviceCode => SignInWay::DeviceCode,
            Way::Browser => SignInWay::Browser,
        },
        keeper: SignInKeeper::App,
        inputs: match provider {
            Provider::Copilot => vec![ProviderInput {
                id: ENTERPRISE.to_owned(),
                label: "Your company's GitHub, if your subscription is there".to_owned(),
                placeholder: "company.ghe.com".to_owned(),
                optional: true,
            }],
            Provider::ChatGpt => Vec::new(),
        },
    };
    provider.ways().iter().map(offer).collect()
}

fn input(prompt: &cowork_engine::SignInPrompt) -> ProviderInput {
    ProviderInput {
        id: prompt.key.clone(),
        label: prompt.message.clone(),
        placeholder: prompt.placeholder.clone().unwrap_or_default(),
        // The engine knows what it takes when nothing is said, and says what it needs.
        optional: true,
    }
}

fn own_id(way: Way) -> &'static str {
    match way {
        Way::DeviceCode => "code",
        Way::Browser => "browser",
    }
}

/// The ways the engine signs in, at providers at which the app itself does not.
pub(crate) async fn engine_offers(inner: &Inner) -> BTreeMap<String, Vec<SignInOffer>> {
    let engine = inner.engine.borrow().clone();
    let Some(engine) = engine else {
        return BTreeMap::new();
    };
    let methods = match engine.auth_methods().await {
        Ok(methods) => methods,
        Err(error) => {
            tracing::warn!(%error, "asking the engine how one signs in");
            return BTreeMap::new();
        }
    };
    methods
        .into_iter()
        .filter(|(provider, _)| Provider::of(provider).is_none())
        .map(|(provider, methods)| {
            // What is chosen from a list is asked for by none of the providers that are left.
            let asked = methods.into_iter().filter(|method| {
                method.with_account && method.prompts.iter().all(|prompt| prompt.choices.is_empty())
            });
            let offers = asked.map(|method| SignInOffer {
                inputs: method.prompts.iter().map(input).collect(),
                id: format!("{ENGINE}{}", method.index),
                label: method.label,
                way: SignInWay::Browser,
                keeper: SignInKeeper::Engine,
            });
            (provider, offers.collect())
        })
        .collect()
}

/// How the ids of the engine's ways begin.
const ENGINE: &str = "engine-";

/// Begins a sign-in.
pub(crate) async fn begin(
    inner: &Arc<Inner>,
    provider: &str,
    offer: &str,
    inputs: &BTreeMap<String, String>,
) -> Result<SignInView> {
    stop(inner);
    match (Provider::of(provider), offer.strip_prefix(ENGINE)) {
        (_, Some(method)) => {
            let method = method
                .parse()
                .map_err(|_| WorkspaceError::NotFound("This way to sign in"))?;
            begin_at_engine(inner, provider, method, inputs).await
        }
        (Some(own), None) => begin_own(inner, own, offer, inputs).await,
        (None, None) => Err(WorkspaceError::NotFound("This way to sign in")),
    }
}

/// The engine takes its sign-ins from one place: from its own file, or from what the app tells it.
fn not_beside(inner: &Inner, other: Keeper) -> Result<()> {
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
    not_beside(inner, Keeper::Engine)?;
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
    let (waiting, asked) = (inner.clone(), flow.clone());
    let task = tokio::spawn(async move {
        let outcome = match asked.wait().await {
            Ok(tokens) => signed_in(&waiting, provider, tokens).await,
            Err(error) => Err(sentence(&error.to_string())),
        };
        ended(&waiting, outcome);
    });
    inner.running_sign_in.replace(Some(Running {
        task: task.abort_handle(),
        flow: Flow::App(flow),
    }));
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
    connected_by_sign_in(inner, provider.id(), provider.name(), Some(base), Keeper::App)
        .await
        .map_err(|error| error.to_string())?;
    kept.map_err(|error| sentence(&error.to_string()))
}

async fn begin_at_engine(
    inner: &Arc<Inner>,
    provider: &str,
    method: usize,
    inputs: &BTreeMap<String, String>,
) -> Result<SignInView> {
    not_beside(inner, Keeper::App)?;
    let engine = inner.engine().await?;
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
    };
    let (waiting, id, wants_code) = (inner.clone(), provider.to_owned(), page.wants_code);
    let task = tokio::spawn(async move {
        // One that wants a code is finished by the code.
        if !wants_code {
            finish_at_engine(&waiting, &id, method, None).await;
        }
    });
    inner.running_sign_in.replace(Some(Running {
        task: task.abort_handle(),
        flow,
    }));
    Ok(shown)
}

async fn finish_at_engine(inner: &Arc<Inner>, provider: &str, method: usize, code: Option<&Sensitive>) {
    let outcome = async {
        let engine = inner.engine().await.map_err(|error| error.to_string())?;
        engine
            .complete(provider, method, code.map(Sensitive::expose))
            .await
            .map_err(|error| sentence(&error.to_string()))?;
        connected_by_sign_in(inner, provider, provider, None, Keeper::Engine)
            .await
            .map_err(|error| error.to_string())
    };
    let outcome = outcome.await;
    ended(inner, outcome);
}

/// Takes what the provider's page showed at the end.
pub(crate) async fn paste(inner: &Arc<Inner>, text: Sensitive) -> Result<()> {
    match inner.running_sign_in.flow() {
        None => Err(WorkspaceError::NotFound("The sign-in")),
        Some(Flow::App(sign_in)) => sign_in
            .paste(text.expose())
            .map_err(|error| WorkspaceError::InvalidInput(sentence(&error.to_string()))),
        Some(Flow::Engine { provider, method }) => {
            finish_at_engine(inner, &provider, method, Some(&text)).await;
            Ok(())
        }
    }
}

/// Ends the sign-in that is under way.
pub(crate) fn stop(inner: &Inner) {
    inner.running_sign_in.replace(None);
    let mut state = inner.state();
    if state
        .sign_in
        .as_ref()
        .is_some_and(|known| known.state == SignInState::Waiting)
    {
        state.change_sign_in(|sign_in| {
            sign_in.state = SignInState::Failed {
                message: "It was stopped.".to_owned(),
            };
            sign_in.code.clear();
        });
    }
    drop(state);
    inner.feed.changed();
}

fn ended(inner: &Inner, outcome: std::result::Result<(), String>) {
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
