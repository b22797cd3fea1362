//! Finding the model servers of this machine.

use cowork_key_proxy::check::find_local;
use cowork_outward::{Options, Outward, Proxies};
use cowork_providers::LocalServer;
use serde_json::json;

use crate::support::{Reply, Service};

fn server(name: &'static str, base: String, path: &'static str, member: &'static str) -> LocalServer {
    LocalServer {
        name: name.into(),
        base_url: base.into(),
        recognise_path: path.into(),
        recognise_member: member.into(),
        recognise_text: None,
    }
}

#[tokio::test]
async fn servers_are_told_by_their_answers_and_their_models_listed() {
    let outward = Outward::new(Options {
        proxies: Proxies::None,
        ..Options::default()
    })
    .unwrap();
    let ollama = Service::start(|asked| match asked.path.as_str() {
        "/api/tags" => Reply::json(200, json!({"models": [{"name": "qwen3"}]})),
        "/v1/models" => Reply::json(200, json!({"data": [{"id": "qwen3"}, {"id": "gemma"}]})),
        _ => Reply::json(404, json!({})),
    })
    .await;
    let another = Service::start(|_| Reply::text(200, "text/html", "<html>my page")).await;
    let silent = Service::start(|_| Reply::Hang).await;
    let shy = Service::start(|asked| match asked.path.as_str() {
        "/props" => Reply::json(200, json!({"default_generation_settings": {}})),
        _ => Reply::json(401, json!({})),
    })
    .await;
    let servers = [
        server("Ollama", ollama.base("/v1").to_string(), "/api/tags", "/models"),
        server("Another", another.base("/v1").to_string(), "/api/tags", "/models"),
        server("Silent", silent.base("/v1").to_string(), "/api/tags", "/models"),
        server(
            "Shy",
            shy.base("/v1").to_string(),
            "/props",
            "/default_generation_settings",
        ),
        server("Elsewhere", "http://10.0.0.7/v1".to_owned(), "/", ""),
    ];
    let found = find_local(&outward, &servers).await;
    let running: Vec<_> = found
        .iter()
        .map(|found| (found.name.as_str(), found.running))
        .collect();
    assert_eq!(
        running,
        [
            ("Ollama", true),
            ("Another", false),
            ("Silent", false),
            ("Shy", true),
            ("Elsewhere", false)
        ]
    );
    assert_eq!(found[0].models, ["qwen3", "gemma"]);
    assert_eq!(found[0].base_url, ollama.base("/v1").as_str());
    assert!(found[3].models.is_empty());
}
