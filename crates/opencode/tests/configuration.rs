//! What the engine is told, and what it is kept from.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use cowork_opencode::{
    AgentPermission, AuthContent, EngineConfiguration, IgnoredKind, Launch, LaunchContext,
    ModelConfiguration, PROXY_TOKEN_VARIABLE, Password, ProviderConfiguration, ProviderKind, ProviderToken,
    ProxyToken, ignored_in, new_message_id,
};

fn configuration() -> EngineConfiguration {
    EngineConfiguration {
        providers: vec![ProviderConfiguration {
            id: "local".to_owned(),
            base_url: "http://127.0.0.1:11434/v1".to_owned(),
            token: ProviderToken::None,
            kind: ProviderKind::Custom {
                name: "Local".to_owned(),
                models: vec![ModelConfiguration::new("small:1b", "Small", 8_192, 2_048)],
            },
        }],
        servers: Vec::new(),
        others_too: false,
        default_model: Some("local/small:1b".to_owned()),
        small_model: None,
        permission: serde_json::from_str(r#"{"*":"deny","zeta":"allow","bash":{"*":"ask","a *":"allow"}}"#)
            .unwrap(),
        agents: vec![AgentPermission {
            agent: "plan".to_owned(),
            permission: serde_json::from_str(r#"{"edit":"deny"}"#).unwrap(),
        }],
    }
}

#[test]
fn the_file_holds_what_was_configured_and_nothing_is_fetched_or_shared() {
    let file = configuration().to_json();
    assert_eq!(file["model"], "local/small:1b");
    assert_eq!(
        file["small_model"], "local/small:1b",
        "titles are not sent elsewhere"
    );
    assert_eq!(file["enabled_providers"], serde_json::json!(["local"]));
    assert_eq!(
        file["provider"]["local"]["options"]["baseURL"],
        "http://127.0.0.1:11434/v1"
    );
    assert_eq!(file["provider"]["local"]["options"]["apiKey"], "");
    assert_eq!(
        file["provider"]["local"]["models"]["small:1b"]["limit"]["context"],
        8_192
    );
    assert_eq!(file["share"], "disabled");
    assert_eq!(file["autoupdate"], false);
    assert_eq!(file["mcp"], serde_json::json!({}));
    assert_eq!(file["agent"]["plan"]["permission"]["edit"], "deny");
}

#[test]
fn the_rules_keep_the_order_that_decides_which_wins() {
    let text = String::from_utf8(configuration().to_bytes()).unwrap();
    let place = |key: &str| text.find(&format!("\"{key}\"")).unwrap();
    assert!(place("permission") < place("*"));
    assert!(place("*") < place("zeta") && place("zeta") < place("bash") && place("bash") < place("a *"));
}

#[test]
fn the_password_is_in_the_environment_alone() {
    let home = Path::new("/private/home");
    let password = Password::new("correct horse");
    let environment = Launch::environment(&LaunchContext {
        home,
        password: &password,
        machine_home: None,
        proxy_token: None,
        shell: None,
        egress: None,
        sign_ins: None,
    });
    assert_eq!(
        environment[std::ffi::OsStr::new("OPENCODE_SERVER_PASSWORD")],
        "correct horse"
    );
    for name in [
        "OPENCODE_DISABLE_PROJECT_CONFIG",
        "OPENCODE_PURE",
        "OPENCODE_DISABLE_EXTERNAL_SKILLS",
    ] {
        assert_eq!(
            environment[std::ffi::OsStr::new(name)],
            "1",
            "a folder's own code is not loaded"
        );
    }
    assert!(!environment.contains_key(std::ffi::OsStr::new("OPENCODE_DISABLE_DEFAULT_PLUGINS")));
    let arguments = Launch::arguments(4_711);
    assert!(
        arguments
            .iter()
            .all(|argument| !argument.to_string_lossy().contains("horse"))
    );
    assert!(arguments.iter().any(|argument| argument == "4711"));
    assert!(
        !format!(
            "{:?}",
            LaunchContext {
                home,
                password: &password,
                machine_home: None,
                proxy_token: None,
                shell: None,
                egress: None,
                sign_ins: None,
            }
        )
        .contains("horse")
    );
}

#[test]
fn every_configuration_directory_is_seeded_so_that_nothing_is_installed() {
    let files = Launch::seed_files(&configuration());
    let directories = Launch::seed_directories();
    assert_eq!(directories.len(), 2);
    for directory in directories {
        let of = directory.parent().unwrap();
        for name in ["package.json", "package-lock.json"] {
            let (_, contents) = files.iter().find(|(path, _)| *path == of.join(name)).unwrap();
            let seed: serde_json::Value = serde_json::from_slice(contents).unwrap();
            assert!(seed.to_string().contains(Launch::EXPECTED_VERSION));
        }
    }
    assert!(files.iter().all(|(path, _)| path.is_relative()));
    let named = Launch::configuration_file(Path::new("/home"));
    assert!(
        files
            .iter()
            .any(|(path, _)| Path::new("/home").join(path) == named)
    );
}

#[test]
fn what_a_folder_brings_along_is_named_and_an_empty_place_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    assert_eq!(ignored_in(root), []);
    assert_eq!(ignored_in(&root.join("missing")), []);
    std::fs::create_dir_all(root.join(".opencode/agent")).unwrap();
    std::fs::create_dir_all(root.join(".opencode/plugin")).unwrap();
    std::fs::write(root.join(".opencode/plugin/evil.js"), "").unwrap();
    std::fs::write(root.join("opencode.jsonc"), "{}").unwrap();
    std::fs::write(root.join("AGENTS.md"), "be good").unwrap();
    let found: Vec<(IgnoredKind, PathBuf)> = ignored_in(root)
        .into_iter()
        .map(|thing| (thing.kind, thing.path))
        .collect();
    assert_eq!(
        found,
        [
            (IgnoredKind::Configuration, PathBuf::from("opencode.jsonc")),
            (IgnoredKind::Plugins, PathBuf::from(".opencode/plugin")),
            (IgnoredKind::Instructions, PathBuf::from("AGENTS.md")),
        ]
    );
}

#[test]
fn ids_of_ours_look_and_sort_like_the_engines() {
    // A prompt of the recorded streams and the instant it was made.
    let id = new_message_id(1_795_196_606_505, [0; 14]);
    assert_eq!(id.as_str(), "msg_1fa0e582900000000000000000");
    assert!(
        id.as_str() < "msg_1fa0e582900179NxJjM4ILAIhW",
        "before the engine's first of the same millisecond"
    );
    assert!(new_message_id(1_795_196_606_506, [0; 14]).as_str() > "msg_1fa0e582900179NxJjM4ILAIhW");
    assert_eq!(
        new_message_id(0, [61; 14]).as_str(),
        "msg_000000000000zzzzzzzzzzzzzz"
    );
    assert!(
        new_message_id(0, [255; 14])
            .as_str()
            .bytes()
            .skip(4)
            .all(|byte| byte.is_ascii_alphanumeric())
    );
}

#[test]
fn other_providers_are_there_only_in_the_person_s_own_home() {
    let mut configuration = configuration();
    let text = |configuration: &EngineConfiguration| String::from_utf8(configuration.to_bytes()).unwrap();
    assert!(text(&configuration).contains("enabled_providers"));
    configuration.others_too = true;
    assert!(!text(&configuration).contains("enabled_providers"));
}

#[test]
fn the_person_s_own_home_is_named_only_when_it_was_chosen() {
    let password = Password::new("correct horse");
    let environment = |machine_home| {
        Launch::environment(&LaunchContext {
            home: Path::new("/private/home"),
            password: &password,
            machine_home,
            proxy_token: None,
            shell: None,
            egress: None,
            sign_ins: None,
        })
    };
    let private = environment(None);
    let machine = environment(Some(Path::new("/home/person")));
    let value = |environment: &std::collections::BTreeMap<_, _>, name: &str| {
        environment
            .get(std::ffi::OsStr::new(name))
            .map(|value: &std::ffi::OsString| value.to_string_lossy().into_owned())
    };
    assert_eq!(value(&private, "HOME"), None);
    assert_eq!(value(&private, "FOLDER_GUARD_TRUSTED"), None);
    assert_eq!(value(&private, "OPENCODE_PURE").as_deref(), Some("1"));
    assert_eq!(value(&machine, "HOME").as_deref(), Some("/home/person"));
    assert_eq!(value(&machine, "OPENCODE_PURE"), None);
    assert_eq!(
        value(&machine, "OPENCODE_DISABLE_PROJECT_CONFIG").as_deref(),
        Some("1"),
        "a folder's own configuration stays out in both"
    );
}

fn known(models: &[&str], options: &[(&str, &str)]) -> ProviderConfiguration {
    ProviderConfiguration {
        id: "amazon-bedrock".to_owned(),
        base_url: "http://127.0.0.1:4711/amazon-bedrock".to_owned(),
        token: ProviderToken::Proxy,
        kind: ProviderKind::Known {
            models: models.iter().map(|&model| model.to_owned()).collect(),
            options: options
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        },
    }
}

fn provider_in_file(provider: ProviderConfiguration) -> serde_json::Value {
    let (id, mut configuration) = (provider.id.clone(), configuration());
    configuration.providers = vec![provider];
    configuration.to_json()["provider"][id].clone()
}

#[test]
fn a_known_provider_is_its_id_the_address_and_the_name_of_a_variable() {
    assert_eq!(
        provider_in_file(known(&[], &[])),
        serde_json::json!({
            "env": ["COWORK_PROXY_TOKEN"],
            "options": { "baseURL": "http://127.0.0.1:4711/amazon-bedrock" },
        }),
        "a name, a package or models would replace what the engine knows of it"
    );
    let limited = provider_in_file(known(&["a", "b"], &[("region", "eu-west-1")]));
    assert_eq!(limited["whitelist"], serde_json::json!(["a", "b"]));
    assert_eq!(limited["options"]["region"], "eu-west-1");
}

#[test]
fn what_is_peculiar_to_a_provider_can_neither_move_it_nor_give_it_a_key() {
    let file = provider_in_file(known(
        &[],
        &[("baseURL", "https://evil.example"), ("apiKey", "sk-ant-real")],
    ));
    assert_eq!(
        file["options"],
        serde_json::json!({ "baseURL": "http://127.0.0.1:4711/amazon-bedrock" })
    );
}

#[test]
fn a_model_says_what_it_can_do_and_read() {
    let mut model = ModelConfiguration::new("m", "M", 1_000, 100);
    let mut provider = known(&[], &[]);
    let mut of = |model: &ModelConfiguration| {
        provider.kind = ProviderKind::Custom {
            name: "Own".to_owned(),
            models: vec![model.clone()],
        };
        let file = provider_in_file(provider.clone());
        assert_eq!(file["env"], serde_json::json!(["COWORK_PROXY_TOKEN"]));
        assert_eq!(file["npm"], "@ai-sdk/openai-compatible");
        file["models"]["m"].clone()
    };
    let plain = of(&model);
    assert_eq!(plain["tool_call"], true);
    assert_eq!(plain["attachment"], false);
    assert_eq!(plain["modalities"]["input"], serde_json::json!(["text"]));
    model.tool_call = false;
    model.reasoning = true;
    model.reads = vec!["image".to_owned(), "pdf".to_owned()];
    let other = of(&model);
    assert_eq!(other["tool_call"], false);
    assert_eq!(other["reasoning"], true);
    assert_eq!(other["attachment"], true);
    assert_eq!(
        other["modalities"]["input"],
        serde_json::json!(["text", "image", "pdf"])
    );
}

#[test]
fn the_proxy_s_token_is_in_the_environment_alone() {
    let password = Password::new("correct horse");
    let token = ProxyToken::new("battery staple");
    let sign_ins = AuthContent::new(token.clone())
        .with_github_copilot(None)
        .with_chat_gpt("account-1");
    let context = LaunchContext {
        home: Path::new("/private/home"),
        password: &password,
        machine_home: None,
        proxy_token: Some(&token),
        shell: None,
        egress: None,
        sign_ins: Some(&sign_ins),
    };
    assert!(!format!("{context:?}").contains("battery"));
    let environment = Launch::environment(&context);
    assert_eq!(
        environment[std::ffi::OsStr::new(PROXY_TOKEN_VARIABLE)],
        "battery staple"
    );
    let told = environment[std::ffi::OsStr::new("OPENCODE_AUTH_CONTENT")].to_string_lossy();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        told,
        serde_json::json!({
            "github-copilot": {
                "type": "oauth", "refresh": "battery staple", "access": "battery staple", "expires": 0,
            },
            "openai": {
                "type": "oauth", "refresh": "none", "access": "battery staple", "expires": 4_102_444_800_000_i64,
                "accountId": "account-1",
            },
        })
    );
    let mut configuration = configuration();
    configuration.providers = vec![known(&[], &[])];
    assert!(
        Launch::seed_files(&configuration)
            .iter()
            .all(|(_, contents)| !String::from_utf8_lossy(contents).contains("battery"))
    );
}
