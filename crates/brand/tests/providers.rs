//! What the config file says of model providers.

use cowork_brand::{Brand, BrandError, BrandedModel, BrandedProviders};
use proptest::prelude::*;
use serde_json::{Value, json};

fn with(providers: &Value) -> Result<Brand, BrandError> {
    let file = json!({
        "contractVersion": 1,
        "branding": {
            "name": "Example Desk", "shortName": "Desk", "appId": "org.example.desk", "dataDirName": "example-desk",
        },
        "providers": providers,
    });
    Brand::parse(&file.to_string())
}

/// What the published contract's own file says.
fn published() -> Value {
    json!({
        "available": ["openrouter", "openai"],
        "descriptors": {
            "openrouter": {
                "runtime": "builtin",
                "name": "OpenRouter",
                "description": "Many models through one key.",
                "defaultModel": "anthropic/claude-sonnet-4",
                "credentials": [{
                    "key": "apiKey", "label": "OpenRouter API Key", "description": "Needed.", "placeholder": "sk-or-...",
                    "secret": true, "required": true, "env": "OPENROUTER_API_KEY",
                }],
                "models": [{ "id": "anthropic/claude-sonnet-4", "name": "Claude Sonnet 4" }, { "id": "openai/gpt-5.5" }],
                "dynamicCatalog": { "url": "https://openrouter.ai/api/v1/models" },
            },
            "openai": { "runtime": "builtin", "name": "OpenAI", "credentials": [], "models": [] },
        },
        "defaultProvider": "openrouter",
        "defaultModel": "anthropic/claude-sonnet-4",
        "custom": {},
    })
}

#[test]
fn what_the_contract_allows_is_read() {
    let brand = with(&published()).unwrap();
    let providers = brand.providers;
    assert_eq!(
        providers.available.as_deref(),
        Some(&["openrouter".to_owned(), "openai".to_owned()][..]),
        "the order is the brand's"
    );
    assert!(providers.custom, "an object closes no door");
    assert_eq!(providers.default_provider.as_deref(), Some("openrouter"));
    assert_eq!(
        providers.default_model.as_deref(),
        Some("anthropic/claude-sonnet-4")
    );
    let router = &providers.descriptors[1];
    assert_eq!(
        (router.id.as_str(), router.name.as_str()),
        ("openrouter", "OpenRouter")
    );
    assert_eq!(router.default_model.as_deref(), Some("anthropic/claude-sonnet-4"));
    assert_eq!(
        router.models[1],
        BrandedModel {
            id: "openai/gpt-5.5".to_owned(),
            name: "openai/gpt-5.5".to_owned(),
        },
        "a model without a name is called by its id"
    );
    let key = &router.credentials[0];
    assert!(key.secret && key.required);
    assert_eq!(key.env.as_deref(), Some("OPENROUTER_API_KEY"));
    assert_eq!(key.placeholder.as_deref(), Some("sk-or-..."));
    assert_eq!(
        brand.unknown_fields,
        ["providers.descriptors.openrouter.dynamicCatalog"],
        "nobody shall believe that a list is fetched"
    );
}

#[test]
fn without_the_part_everything_is_offered() {
    let brand = Brand::stock().unwrap();
    assert_eq!(brand.providers, BrandedProviders::default());
    assert!(brand.providers.custom && brand.providers.available.is_none());
}

#[test]
fn false_forbids_addresses_of_one_s_own() {
    assert!(!with(&json!({ "custom": false })).unwrap().providers.custom);
    assert!(with(&json!({ "custom": true })).unwrap().providers.custom);
    assert!(with(&json!({})).unwrap().providers.custom);
    let named = with(&json!({ "custom": { "mine": { "npm": "x" } } })).unwrap();
    assert_eq!(named.unknown_fields, ["providers.custom.mine"]);
}

#[test]
fn a_credential_is_secret_unless_the_file_says_otherwise() {
    let brand = with(&json!({
        "descriptors": { "x": { "name": "X", "credentials": [{ "key": "apiKey", "label": "Key" }] } },
    }))
    .unwrap();
    assert!(brand.providers.descriptors[0].credentials[0].secret);
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    let descriptor = |descriptor: Value| json!({ "descriptors": { "x": descriptor } });
    for (providers, path) in [
        (json!([]), "\"providers\""),
        (json!({ "available": "all" }), "providers.available"),
        (json!({ "available": ["openai", 7] }), "providers.available.1"),
        (json!({ "available": ["../x"] }), "providers.available.0"),
        (json!({ "available": ["x", "y", "x"] }), "providers.available"),
        (json!({ "custom": "no" }), "providers.custom"),
        (json!({ "descriptors": [] }), "providers.descriptors"),
        (
            json!({ "descriptors": { "X Y": {} } }),
            "providers.descriptors.X Y",
        ),
        (
            json!({ "available": ["y"], "defaultProvider": "x" }),
            "providers.defaultProvider",
        ),
        (json!({ "defaultModel": "m" }), "providers.defaultModel"),
        (descriptor(json!({})), "providers.descriptors.x.name"),
        (
            descriptor(json!({ "name": "bi\u{202e}di" })),
            "providers.descriptors.x.name",
        ),
        (
            descriptor(json!({ "name": "X", "credentials": [{ "key": "k" }] })),
            "providers.descriptors.x.credentials.0.label",
        ),
        (
            descriptor(
                json!({ "name": "X", "credentials": [{ "key": "k", "label": "K", "secret": "yes" }] }),
            ),
            "providers.descriptors.x.credentials.0.secret",
        ),
        (
            descriptor(json!({ "name": "X", "credentials": [{ "key": "k", "label": "K", "env": "A-B" }] })),
            "providers.descriptors.x.credentials.0.env",
        ),
        (
            descriptor(json!({ "name": "X", "models": [{ "id": "a b" }] })),
            "providers.descriptors.x.models.0.id",
        ),
        (
            descriptor(json!({ "name": "X", "models": [{ "id": "a" }], "defaultModel": "b" })),
            "providers.descriptors.x.defaultModel",
        ),
    ] {
        let message = with(&providers).unwrap_err().to_string();
        assert!(message.contains(path), "{providers}: {message}");
    }
}

#[test]
fn a_provider_the_engine_does_not_have_inside_is_listed() {
    let brand = with(&json!({ "descriptors": { "x": { "name": "X", "runtime": "custom" } } })).unwrap();
    assert_eq!(brand.unknown_fields, ["providers.descriptors.x.runtime"]);
}

proptest! {
    #[test]
    fn no_text_whatever_makes_the_reader_panic(text in any::<String>(), field in "[a-zA-Z]{1,12}") {
        for value in [json!(text), json!([text]), json!({ text.clone(): text })] {
            let _ = with(&value);
            let _ = with(&json!({ field.clone(): value }));
            let _ = with(&json!({ "available": value, "descriptors": { "x": value } }));
        }
    }
}
