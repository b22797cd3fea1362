//! How the real engine reaches providers, with a server that takes everything down where the key proxy will stand.
//!
//! `COWORK_ENGINE` names the engine's program; without it these tests fail and say so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/facts.rs"]
mod facts;
mod support;
#[path = "support/upstream.rs"]
mod upstream;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use cowork_engine::{
    Engine as _, EngineError, ModelReference, NewSession, PartContent, Prompt, Role, SessionId,
};
use cowork_opencode::{
    AuthContent, ModelConfiguration, ProviderConfiguration, ProviderKind, ProviderToken, ProxyToken,
};
use cowork_providers::{Catalogue, EngineFacts, KeyHeader, Wire};
use facts::facts_in;
use support::{PASSWORD, RunningEngine, Told, message_id};
use upstream::{Asked, Upstream, words};

const TOKEN: &str = "cwk-throw-away-token-of-this-run";
/// Against a test that hangs; nothing is measured by it.
const PATIENCE: Duration = Duration::from_mins(1);
/// Keys a person may have in their environment.
const REAL_KEYS: [(&str, &str); 3] = [
    ("ANTHROPIC_API_KEY", "sk-ant-real-key-of-the-person"),
    ("OPENAI_API_KEY", "sk-real-key-of-the-person"),
    ("OPENROUTER_API_KEY", "sk-or-real-key-of-the-person"),
];

/// Inputs for all that need any.
fn inputs() -> BTreeMap<String, String> {
    [
        ("region", "eu-west-1"),
        ("resource", "r"),
        ("account", "a"),
        ("host", "h.example"),
        ("product", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// A provider as it is connected, but for its address.
fn known(id: &str, upstream: &Upstream) -> ProviderConfiguration {
    let descriptor = Catalogue::stock().get(id).unwrap();
    ProviderConfiguration {
        id: id.to_owned(),
        base_url: upstream.base(id),
        token: ProviderToken::Proxy,
        kind: ProviderKind::Known {
            models: descriptor.only_models(),
            options: descriptor.engine_options(&inputs()).unwrap(),
        },
    }
}

fn custom(upstream: &Upstream) -> ProviderConfiguration {
    ProviderConfiguration {
        id: "my-gateway".to_owned(),
        base_url: upstream.base("my-gateway"),
        token: ProviderToken::Proxy,
        kind: ProviderKind::Custom {
            name: "My gateway".to_owned(),
            models: vec![ModelConfiguration::new(
                "house-model",
                "House model",
                32_000,
                4_000,
            )],
        },
    }
}

fn told(providers: Vec<ProviderConfiguration>) -> Told {
    Told {
        providers: Some(providers),
        token: Some(ProxyToken::new(TOKEN)),
        variables: REAL_KEYS.to_vec(),
        ..Told::default()
    }
}

/// A turn's text, with this model of this provider.
async fn turn(engine: &mut RunningEngine, provider: &str, model: &str) -> Result<(SessionId, String)> {
    // With a title, so that the engine asks for none.
    let new = NewSession {
        title: Some("A turn".to_owned()),
    };
    let session = engine.client.create_session(&engine.folder, new).await?.id;
    let prompt = Prompt {
        message: message_id()?,
        text: "Hello.".to_owned(),
        parts: Vec::new(),
        agent: None,
        model: Some(ModelReference {
            provider: provider.to_owned(),
            model: model.to_owned(),
        }),
        variant: None,
    };
    engine.client.prompt(&engine.folder, &session, prompt).await?;
    engine.until_idle(&session).await?;
    let snapshot = engine.client.snapshot(&engine.folder, &session, None).await?;
    let text = snapshot
        .messages
        .iter()
        .filter(|message| message.message.role == Role::Assistant)
        .flat_map(|message| &message.parts)
        .filter_map(|part| match &part.content {
            PartContent::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    Ok((session, text))
}

/// What the engine answers at a route, as it is.
async fn raw(engine: &RunningEngine, route: &str) -> Result<String> {
    let address = format!("http://127.0.0.1:{}{route}", engine.port);
    let answer = reqwest::Client::new()
        .get(address)
        .basic_auth("opencode", Some(PASSWORD))
        .send()
        .await?;
    anyhow::ensure!(answer.status().is_success(), "{route}: {}", answer.status());
    Ok(answer.text().await?)
}

/// That a request came as this provider's wire has it, with the token and nothing else as its key.
fn assert_as_expected(asked: &Asked) {
    let wire = Catalogue::stock()
        .get(&asked.provider)
        .map_or(cowork_providers::CustomProvider::WIRE, |descriptor| {
            descriptor.wire
        });
    assert!(
        wire.allows(&asked.method, &asked.path),
        "{}: {} {} is none of {wire:?}",
        asked.provider,
        asked.method,
        asked.path
    );
    let header = wire.key_header();
    assert_eq!(
        asked.keys(),
        [(header, format!("{}{TOKEN}", header.prefix()).as_str())],
        "{}: the token, in the header of its wire alone",
        asked.provider
    );
    assert!(
        !asked.query.contains(TOKEN),
        "{}: no key stands in an address",
        asked.provider
    );
    let all = format!("{asked:?}");
    for (name, key) in REAL_KEYS {
        assert!(!all.contains(key), "{}: {name} was sent", asked.provider);
    }
}

#[tokio::test]
async fn a_prompt_goes_to_its_provider_s_path_and_the_answer_becomes_the_turn_s_text() -> Result<()> {
    let upstream = Upstream::start().await?;
    let ids = ["anthropic", "openai", "google", "openrouter"];
    let mut providers: Vec<_> = ids.iter().map(|id| known(id, &upstream)).collect();
    providers.push(custom(&upstream));
    let mut engine = RunningEngine::start_told(told(providers)).await?;
    for (provider, model, path, query) in [
        ("anthropic", "claude-haiku-4-5", "/messages", ""),
        ("openai", "gpt-5.4", "/responses", ""),
        (
            "google",
            "gemini-3.6-flash",
            "/models/gemini-3.6-flash:streamGenerateContent",
            "alt=sse",
        ),
        (
            "openrouter",
            "anthropic/claude-haiku-4.5",
            "/chat/completions",
            "",
        ),
        ("my-gateway", "house-model", "/chat/completions", ""),
    ] {
        let (_, text) = turn(&mut engine, provider, model).await?;
        assert_eq!(text, words(provider), "{provider}");
        let asked = upstream.asked(provider);
        assert!(!asked.is_empty(), "{provider} was asked");
        for one in &asked {
            assert_as_expected(one);
            assert_eq!(
                (one.path.as_str(), one.query.as_str()),
                (path, query),
                "{provider}"
            );
        }
    }
    engine.stop().await
}

#[tokio::test]
async fn every_protocol_is_spoken_as_its_wire_says() -> Result<()> {
    let upstream = Upstream::start().await?;
    // One for each package the engine has inside and that is spoken here.
    let ids = [
        "amazon-bedrock",
        "azure",
        "azure-cognitive-services",
        "cerebras",
        "cloudflare-workers-ai",
        "cohere",
        "databricks",
        "deepinfra",
        "deepseek",
        "github-copilot",
        "google-vertex",
        "groq",
        "infomaniak",
        "meta",
        "minimax",
        "mistral",
        "opencode",
        "perplexity",
        "perplexity-agent",
        "togetherai",
        "v0",
        "venice",
        "xai",
    ];
    let providers = ids.iter().map(|id| known(id, &upstream)).collect();
    let mut engine = RunningEngine::start_told(told(providers)).await?;
    let offered = engine.client.models(&engine.folder).await?;
    for id in ids {
        let descriptor = Catalogue::stock().get(id).unwrap();
        let there = |model: &&cowork_providers::Model| {
            let mut all = offered.iter().map(|one| &one.reference);
            all.any(|one| one.provider == id && one.model == model.id)
        };
        // One that takes a turn whole, where there is one.
        let talks = descriptor.models.iter().filter(there);
        let model = talks.min_by_key(|model| !model.tool_call).context(id)?;
        tokio::time::timeout(PATIENCE, turn(&mut engine, id, &model.id))
            .await
            .with_context(|| format!("the turn with {} of {id} has no end", model.id))??;
        let asked = upstream.asked(id);
        assert!(!asked.is_empty(), "{id} was not asked for {}", model.id);
        asked.iter().for_each(assert_as_expected);
        assert!(
            offered
                .iter()
                .filter(|one| one.reference.provider == id)
                .all(|one| descriptor
                    .models
                    .iter()
                    .any(|model| model.id == one.reference.model)
                    || descriptor.only_models().is_empty()),
            "{id} offers no model that is at another address"
        );
    }
    engine.stop().await
}

#[tokio::test]
async fn the_engine_has_no_key_to_show_but_the_throw_away_token() -> Result<()> {
    let upstream = Upstream::start().await?;
    let mut providers: Vec<_> = ["anthropic", "openai", "openrouter", "google"]
        .iter()
        .map(|id| known(id, &upstream))
        .collect();
    providers.push(custom(&upstream));
    let engine = RunningEngine::start_told(told(providers)).await?;
    for route in ["/config", "/provider", "/config/providers", "/global/config"] {
        let shown = raw(&engine, route).await?;
        for (name, key) in REAL_KEYS {
            assert!(!shown.contains(key), "{route} shows {name}");
        }
    }
    assert!(
        raw(&engine, "/config/providers").await?.contains(TOKEN),
        "it shows what it has, so the search above would have found a key"
    );
    engine.stop().await
}

#[tokio::test]
async fn without_its_line_a_person_s_own_key_would_be_taken_and_shown() -> Result<()> {
    let upstream = Upstream::start().await?;
    let mut provider = known("anthropic", &upstream);
    provider.token = ProviderToken::None;
    let Told { variables, .. } = told(Vec::new());
    let engine = RunningEngine::start_told(Told {
        providers: Some(vec![provider]),
        variables,
        ..Told::default()
    })
    .await?;
    assert!(
        raw(&engine, "/provider").await?.contains(REAL_KEYS[0].1),
        "this is what the line in the configuration keeps away; if it is gone, so may be the line"
    );
    engine.stop().await
}

#[tokio::test]
async fn accounts_that_the_app_keeps_are_spoken_for_with_the_token() -> Result<()> {
    let upstream = Upstream::start().await?;
    let mut told = told(vec![
        known("github-copilot", &upstream),
        known("openai", &upstream),
    ]);
    let sign_ins = AuthContent::new(ProxyToken::new(TOKEN))
        .with_github_copilot(None)
        .with_chat_gpt("account-of-the-person");
    told.sign_ins = Some(sign_ins);
    let mut engine = RunningEngine::start_told(told).await?;
    let offered = engine.client.models(&engine.folder).await?;
    for (provider, wire) in [("github-copilot", Wire::Copilot), ("openai", Wire::ChatGpt)] {
        let model = offered
            .iter()
            .find(|model| model.reference.provider == provider && model.tool_call)
            .context(provider)?
            .reference
            .model
            .clone();
        turn(&mut engine, provider, &model).await?;
        let asked = upstream.asked(provider);
        assert!(!asked.is_empty(), "{provider} was asked for {model}");
        for one in asked {
            assert_eq!(
                one.keys(),
                [(KeyHeader::Bearer, format!("Bearer {TOKEN}").as_str())],
                "{provider} {}",
                one.path
            );
            assert!(wire.allows(&one.method, &one.path), "{provider} {}", one.path);
            if provider == "openai" {
                assert_eq!(
                    one.headers.get("chatgpt-account-id").map(String::as_str),
                    Some("account-of-the-person")
                );
            }
        }
    }
    engine.stop().await
}

#[tokio::test]
async fn sign_ins_are_offered_begun_and_forgotten() -> Result<()> {
    let engine = RunningEngine::start().await?;
    let methods = engine.client.auth_methods().await?;
    for provider in [
        "openai",
        "github-copilot",
        "xai",
        "gitlab",
        "poe",
        "digitalocean",
        "snowflake-cortex",
    ] {
        let of = methods.get(provider).context(provider)?;
        assert!(of.iter().any(|method| method.with_account), "{provider}: {of:?}");
    }
    let prompts = &methods["github-copilot"][0].prompts;
    assert_eq!(prompts[0].choices.len(), 2);
    let condition = prompts[1].when.as_ref().unwrap();
    assert_eq!(
        (condition.key.as_str(), condition.value.as_str(), condition.equal),
        ("deploymentType", "enterprise", true)
    );
    for provider in methods.keys().filter_map(|id| Catalogue::stock().get(id)) {
        assert_eq!(
            provider.sign_ins.is_empty(),
            !methods[&provider.id].iter().any(|method| method.with_account),
            "{}: the catalogue knows of it",
            provider.id
        );
    }

    // This one needs no network before its page, and listens at a port of the system's choice.
    let step = engine
        .client
        .authorize("poe", 0, &BTreeMap::new())
        .await?
        .unwrap();
    assert_eq!(step.page.host_str(), Some("poe.com"));
    assert!(!step.wants_code && !step.instructions.is_empty());
    let key = engine.client.authorize("poe", 1, &BTreeMap::new()).await?;
    assert_eq!(key, None, "a key is asked for by us, on no page");

    let nobody = engine.client.complete("nobody", 0, Some("code")).await;
    assert!(
        matches!(nobody, Err(EngineError::Refused { status: 400, .. })),
        "{nobody:?}"
    );
    engine.client.sign_out("poe").await?;
    engine.client.sign_out("nobody").await?;
    engine.stop().await
}

#[tokio::test]
async fn the_committed_catalogue_is_what_the_pinned_engine_says() -> Result<()> {
    let engine = RunningEngine::start_told(Told {
        providers: Some(Vec::new()),
        others_too: true,
        // Without one it hides what its own service sells.
        variables: vec![("OPENCODE_API_KEY", "none")],
        ..Told::default()
    })
    .await?;
    let said = serde_json::from_str(&raw(&engine, "/provider").await?)?;
    let program = std::fs::read(std::env::var_os("COWORK_ENGINE").context("COWORK_ENGINE")?)?;
    let facts = facts_in(&said, &program);
    engine.stop().await?;
    assert!(facts.providers.len() > 200, "{}", facts.providers.len());
    if let Some(path) = std::env::var_os("COWORK_WRITE_CATALOGUE") {
        std::fs::write(path, facts.pack()?)?;
        return Ok(());
    }
    let committed = EngineFacts::committed();
    for (ours, its) in committed.providers.iter().zip(&facts.providers) {
        assert_eq!(ours, its, "run scripts/catalogue and look at what changed");
    }
    assert_eq!(committed, facts, "run scripts/catalogue and look at what changed");
    Ok(())
}
