//! Which providers can be connected, where they are and how they are found.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use cowork_brand::Brand;
use cowork_providers::{BaseError, Catalogue, Descriptor, EngineFacts, SignInKeeper, SignInWay, Wire};
use proptest::prelude::*;
use serde_json::{Value, json};

fn get(id: &str) -> &'static Descriptor {
    Catalogue::stock().get(id).unwrap()
}

fn inputs(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Inputs that every provider takes.
fn all_inputs() -> BTreeMap<String, String> {
    inputs(&[
        ("region", "eu-west-1"),
        ("resource", "my-models"),
        ("account", "0123456789abcdef0123456789abcdef"),
        ("host", "dbc-1.cloud.databricks.com"),
        ("product", "12345"),
    ])
}

fn branded(providers: &Value) -> Brand {
    let file = json!({
        "contractVersion": 1,
        "branding": { "name": "X", "shortName": "X", "appId": "org.example.x", "dataDirName": "desk" },
        "providers": providers,
    });
    Brand::parse(&file.to_string()).unwrap()
}

#[test]
fn the_committed_file_is_read_and_written_the_same() {
    let facts = EngineFacts::committed();
    assert!(facts.providers.len() > 200 && facts.engine == "1.18.33");
    assert_eq!(EngineFacts::unpack(&facts.pack().unwrap()).unwrap(), facts);
    assert!(EngineFacts::unpack(b"not a file of ours").is_err());
}

#[test]
fn every_provider_has_an_address_by_https_and_a_model() {
    let all = Catalogue::stock().all();
    assert!(all.len() > 190, "{}", all.len());
    for descriptor in all {
        let base = descriptor.base(&all_inputs()).unwrap();
        assert_eq!(base.scheme(), "https", "{}", descriptor.id);
        assert!(base.host_str().is_some_and(|host| host.contains('.')), "{base}");
        assert!(
            base.query().is_none() && base.username().is_empty() && base.port().is_none(),
            "{base}"
        );
        assert!(!descriptor.models.is_empty(), "{}", descriptor.id);
        assert!(
            descriptor.takes_key || !descriptor.sign_ins.is_empty(),
            "{} can be connected in some way",
            descriptor.id
        );
        assert!(
            descriptor.key_url.starts_with("https://"),
            "{}: {}",
            descriptor.id,
            descriptor.key_url
        );
        assert!(
            descriptor.key_placeholder.is_empty()
                || descriptor.key_placeholder.starts_with(descriptor.key_prefix),
            "{} says one thing about its keys",
            descriptor.id
        );
    }
}

#[test]
fn addresses_and_protocols_are_those_that_were_measured() {
    for (id, wire, base) in [
        ("anthropic", Wire::Anthropic, "https://api.anthropic.com/v1"),
        ("openai", Wire::OpenAi, "https://api.openai.com/v1"),
        (
            "google",
            Wire::Google,
            "https://generativelanguage.googleapis.com/v1beta",
        ),
        (
            "google-vertex",
            Wire::Vertex,
            "https://aiplatform.googleapis.com/v1/publishers/google",
        ),
        (
            "azure",
            Wire::Azure,
            "https://my-models.openai.azure.com/openai/v1",
        ),
        (
            "azure-cognitive-services",
            Wire::Azure,
            "https://my-models.cognitiveservices.azure.com/openai/v1",
        ),
        (
            "amazon-bedrock",
            Wire::Bedrock,
            "https://bedrock-runtime.eu-west-1.amazonaws.com/",
        ),
        (
            "openrouter",
            Wire::OpenAiCompatible,
            "https://openrouter.ai/api/v1",
        ),
        ("github-copilot", Wire::Copilot, "https://api.githubcopilot.com/"),
        ("minimax", Wire::Anthropic, "https://api.minimax.io/anthropic/v1"),
        ("deepinfra", Wire::DeepInfra, "https://api.deepinfra.com/v1"),
        ("cohere", Wire::Cohere, "https://api.cohere.com/v2"),
        ("xai", Wire::OpenAi, "https://api.x.ai/v1"),
        ("deepseek", Wire::OpenAiCompatible, "https://api.deepseek.com/"),
        (
            "databricks",
            Wire::OpenAiCompatible,
            "https://dbc-1.cloud.databricks.com/ai-gateway/mlflow/v1",
        ),
        (
            "cloudflare-workers-ai",
            Wire::OpenAiCompatible,
            "https://api.cloudflare.com/client/v4/accounts/0123456789abcdef0123456789abcdef/ai/v1",
        ),
    ] {
        let descriptor = get(id);
        assert_eq!(descriptor.wire, wire, "{id}");
        assert_eq!(descriptor.base(&all_inputs()).unwrap().as_str(), base, "{id}");
    }
}

#[test]
fn inputs_become_a_part_of_the_address_and_lead_nowhere_else() {
    let azure = |resource: &str| get("azure").base(&inputs(&[("resource", resource)]));
    assert_eq!(
        azure(" My-Models ").unwrap().host_str(),
        Some("my-models.openai.azure.com"),
        "as people type it"
    );
    assert_eq!(azure(""), Err(BaseError::Missing("Resource name")));
    for text in [
        "evil.example/",
        "evil.example#",
        "evil.example?",
        "a@b",
        "a b",
        "a.b",
        "-a",
        "a-",
        "a_b",
        "ä",
        "{region}",
        "%2e",
        &"a".repeat(64),
    ] {
        assert_eq!(azure(text), Err(BaseError::NoLabel("Resource name")), "{text}");
    }
    for text in [
        "localhost",
        "127.0.0.1",
        "2130706433",
        "[::1]",
        "a.example/",
        "a.example:80",
        "https://a.example",
        "a..b",
        "u@a.example",
    ] {
        let base = get("databricks").base(&inputs(&[("host", text)]));
        assert_eq!(base, Err(BaseError::NoHost("Workspace host")), "{text}");
    }
}

#[test]
fn what_the_engine_has_to_know_of_an_account_is_said_in_its_words() {
    let bedrock = get("amazon-bedrock");
    assert_eq!(
        bedrock
            .engine_options(&inputs(&[("region", "eu-west-1")]))
            .unwrap(),
        inputs(&[("region", "eu-west-1")])
    );
    assert_eq!(
        bedrock.engine_options(&inputs(&[])).unwrap(),
        inputs(&[("region", "us-east-1")]),
        "the usual one when none is given, the same as in the address"
    );
    assert!(get("azure").engine_options(&all_inputs()).unwrap().is_empty());
}

#[test]
fn models_at_another_address_are_kept_from_the_engine() {
    let azure = get("azure");
    assert!(!azure.only_models().is_empty());
    assert!(
        azure.models.iter().all(|model| !model.id.starts_with("claude")),
        "those are at another host, which the key would not be sent to"
    );
    assert!(get("anthropic").only_models().is_empty(), "all it knows");
    let zen = get("opencode");
    assert!(zen.models.len() > 8 && zen.models.iter().all(|model| !model.id.starts_with("claude")));
}

#[test]
fn what_cannot_be_connected_is_not_offered_and_says_why() {
    for id in [
        "cloudflare-ai-gateway",
        "sap-ai-core",
        "watsonx",
        "google-vertex-anthropic",
        "vercel",
        "gitlab",
    ] {
        assert!(Catalogue::stock().get(id).is_none(), "{id}");
        assert!(Catalogue::why_not(id).is_some(), "{id}");
    }
    assert_eq!(Catalogue::why_not("anthropic"), None);
    // None vanishes without a word.
    for provider in EngineFacts::committed().providers {
        assert!(
            Catalogue::stock().get(&provider.id).is_some() != Catalogue::why_not(&provider.id).is_some(),
            "{}",
            provider.id
        );
    }
}

#[test]
fn those_people_look_for_come_first_and_the_others_by_name() {
    let popular: Vec<_> = Catalogue::stock().popular().map(|one| one.id.as_str()).collect();
    assert_eq!(
        popular[..5],
        ["anthropic", "openai", "google", "openrouter", "github-copilot"]
    );
    let all = Catalogue::stock().all();
    assert!(all[..popular.len()].iter().all(Descriptor::is_popular));
    let names: Vec<_> = all[popular.len()..]
        .iter()
        .map(|one| one.name.to_lowercase())
        .collect();
    assert!(names.is_sorted());
}

#[test]
fn a_search_finds_providers_by_name_first_and_then_by_model() {
    let found = |text: &str| -> Vec<&str> {
        let found = Catalogue::stock().search(text);
        found.iter().map(|one| one.id.as_str()).collect()
    };
    assert_eq!(found("ANTHROPIC")[0], "anthropic");
    assert_eq!(
        found("router open")[0],
        "openrouter",
        "the order of words is free"
    );
    let claude = found("claude opus");
    assert!(claude.contains(&"anthropic") && claude.contains(&"openrouter"));
    assert!(found("no such thing anywhere").is_empty());
    assert_eq!(found("  ").len(), Catalogue::stock().all().len());
}

#[test]
fn sign_ins_say_who_keeps_what_they_bring() {
    let copilot = get("github-copilot");
    assert!(!copilot.takes_key);
    assert_eq!(copilot.sign_ins[0].way, SignInWay::DeviceCode);
    assert_eq!(copilot.sign_ins[0].keeper, SignInKeeper::App);
    assert!(
        get("openai")
            .sign_ins
            .iter()
            .all(|one| one.keeper == SignInKeeper::App)
    );
    assert_eq!(get("xai").sign_ins[0].keeper, SignInKeeper::Engine);
    assert!(get("anthropic").sign_ins.is_empty());
}

#[test]
fn a_brand_limits_orders_names_and_chooses() {
    let brand = branded(&json!({
        "available": ["openrouter", "watsonx", "openai"],
        "descriptors": { "openrouter": {
            "name": "House router", "description": "Ours.", "models": [
                { "id": "anthropic/claude-haiku-4.5", "name": "The small one" }, { "id": "not/there" },
            ],
            "credentials": [{ "key": "apiKey", "label": "Key", "placeholder": "ask the desk" }],
        } },
        "defaultProvider": "openai", "defaultModel": "gpt-5.4", "custom": false,
    }));
    let catalogue = Catalogue::stock().branded(&brand.providers);
    let ids: Vec<_> = catalogue.all().iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["openrouter", "openai"]);
    assert!(catalogue.all().iter().all(Descriptor::is_popular));
    assert!(!catalogue.allows_custom());
    let router = catalogue.get("openrouter").unwrap();
    assert_eq!(
        (router.name.as_str(), router.description.as_str()),
        ("House router", "Ours.")
    );
    assert_eq!(router.key_placeholder, "ask the desk");
    assert_eq!(router.only_models(), ["anthropic/claude-haiku-4.5"]);
    assert_eq!(router.models[0].name, "The small one");
    assert!(router.models[0].context > 0, "what is known of it stays");
    assert_eq!(
        router.base(&inputs(&[])).unwrap().as_str(),
        "https://openrouter.ai/api/v1",
        "where a key goes is not a brand's to say"
    );
    assert_eq!(
        catalogue.get("openai").unwrap().default_model.as_deref(),
        Some("gpt-5.4")
    );
    let missing = catalogue.not_available(&brand.providers);
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].0, "watsonx");
}

#[test]
fn a_brand_that_says_nothing_changes_nothing() {
    let brand = branded(&json!({}));
    assert_eq!(&Catalogue::stock().branded(&brand.providers), Catalogue::stock());
    let none = branded(&json!({ "available": [] }));
    assert!(Catalogue::stock().branded(&none.providers).all().is_empty());
}

proptest! {
    #[test]
    fn no_input_whatever_moves_a_request_to_another_domain(text in any::<String>(), plain in "[a-z0-9.@:/#?\\\\-]{0,20}") {
        for text in [text, plain] {
            if let Ok(base) = get("azure").base(&inputs(&[("resource", &text)])) {
                prop_assert!(base.host_str().is_some_and(|host| host.ends_with(".openai.azure.com")));
                prop_assert_eq!(base.path(), "/openai/v1");
            }
            if let Ok(base) = get("cloudflare-workers-ai").base(&inputs(&[("account", &text)])) {
                prop_assert_eq!(base.host_str(), Some("api.cloudflare.com"));
                prop_assert!(base.path().starts_with("/client/v4/accounts/") && base.path().ends_with("/ai/v1"));
            }
        }
    }

    #[test]
    fn no_text_whatever_makes_the_search_panic(text in any::<String>()) {
        let _ = Catalogue::stock().search(&text);
    }
}
