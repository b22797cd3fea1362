//! Every command of the registry can be called from the window it is granted to, and from no other place.
//!
//! No display is needed: the access-control list, the manifest and the guard are the real ones, the webview is
//! not. What only a real webview shows (frames, navigation) is in the end-to-end tests.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use cowork_api::registry::{Command, commands};
use cowork_api::{Api, Shell};
use cowork_brand::{Brand, Places};
use cowork_supervisor::Holder;
use cowork_workspace::{Options, Workspace};
use serde_json::{Value, json};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

struct NoShell;

#[async_trait]
impl Shell for NoShell {
    async fn pick_folder(&self, _: cowork_api::PickedFor) -> Option<PathBuf> {
        None
    }

    async fn pick_files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn open_link(&self, _: &Url) -> anyhow::Result<()> {
        anyhow::bail!("there is no browser here")
    }

    fn open_folder(&self, _: &std::path::Path) -> anyhow::Result<()> {
        anyhow::bail!("there is no file manager here")
    }

    fn zoom(&self, _: u32) -> anyhow::Result<()> {
        anyhow::bail!("there is no window here")
    }

    async fn notify(&self, _: cowork_workspace::Tiding) -> anyhow::Result<()> {
        anyhow::bail!("there is no desktop here")
    }

    fn open_file(
        &self,
        _: &std::path::Path,
        _: Option<u32>,
        _: &cowork_workspace::PersonPrograms,
    ) -> anyhow::Result<cowork_workspace::view::OpenedWhere> {
        anyhow::bail!("there is no editor here")
    }

    fn show_preview(&self, _: cowork_workspace::OpenPreview) -> anyhow::Result<()> {
        anyhow::bail!("there is no window here")
    }

    fn leave(&self) {}

    async fn agree(&self, _: cowork_api::Subject, _: &str) -> bool {
        false
    }
}

/// An app with the real context and guard, on a home that is thrown away, without an engine.
fn app() -> (App<MockRuntime>, tokio::runtime::Runtime, tempfile::TempDir) {
    let home = tempfile::tempdir().expect("a temporary folder can be made");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    let options = Options {
        home_directory: None,
        confinement: cowork_supervisor::Confinement::default(),
        clock: cowork_workspace::Clock::default(),
        log: None,
        #[cfg(debug_assertions)]
        plaintext_secrets: None,
        brand: Brand::stock().expect("the stock brand is valid"),
        places: Places::under(home.path()).expect("an absolute path"),
        engine: PathBuf::from("/does/not/exist"),
        ripgrep: None,
        box_program: cowork_workspace::box_program(),
        tool_servers: Vec::new(),
        holder: Holder::App,
        version: "0".to_owned(),
        folders: Vec::new(),
    };
    let workspace = runtime
        .block_on(Workspace::open(options))
        .expect("the workspace opens");
    let app = cowork_app::guarded(mock_builder())
        .manage(Api::new(workspace, Arc::new(NoShell)))
        .build(cowork_app::context())
        .expect("the app is built");
    (app, runtime, home)
}

fn window(app: &App<MockRuntime>, label: &str) -> WebviewWindow<MockRuntime> {
    WebviewWindowBuilder::new(app, label, WebviewUrl::default())
        .build()
        .expect("a window is made")
}

const OWN_PAGE: &str = if cfg!(any(windows, target_os = "android")) {
    "http://tauri.localhost"
} else {
    "tauri://localhost"
};

/// What a call is answered, by the place it comes from.
fn call(window: &WebviewWindow<MockRuntime>, command: &str, from: &str) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: from.parse().expect("an address"),
        // Nothing any command takes: a command that is reached answers, or says what is wrong with it.
        body: InvokeBody::Json(json!({ "request": null, "channel": "__CHANNEL__:1" })),
        headers: tauri::http::HeaderMap::new(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize::<Value>().unwrap_or(Value::Null))
}

/// Whether an answer is a refusal for where the call came from, and not the command's own.
fn refused(answer: &Result<Value, Value>) -> bool {
    match answer {
        Ok(_) => false,
        Err(Value::String(text)) => text.contains("not allowed") || text.contains("not found"),
        Err(failure) => {
            failure["code"] == "notAllowed"
                && failure["message"]
                    .as_str()
                    .is_some_and(|text| text.contains("own page"))
        }
    }
}

fn every_command() -> Vec<Command> {
    let commands = commands();
    assert!(commands.len() > 20, "the registry is read");
    commands
}

#[test]
fn every_command_can_be_called_from_the_window_it_is_granted_to() {
    let (app, _runtime, _home) = app();
    let main = window(&app, "main");
    for command in every_command() {
        let answer = call(&main, command.name, OWN_PAGE);
        assert!(!refused(&answer), "{}: {answer:?}", command.name);
    }
}

#[test]
fn no_command_can_be_called_from_a_second_window() {
    let (app, _runtime, _home) = app();
    let second = window(&app, "second");
    for command in every_command() {
        let answer = call(&second, command.name, OWN_PAGE);
        assert!(refused(&answer), "{}: {answer:?}", command.name);
    }
}

#[test]
fn no_command_can_be_called_from_a_preview() {
    let (app, _runtime, _home) = app();
    let label = format!("{}1", cowork_app::preview::LABEL);
    let page: Url = "http://0123.preview.localhost:5173/".parse().expect("an address");
    let preview = WebviewWindowBuilder::new(&app, label, WebviewUrl::External(page.clone()))
        .build()
        .expect("a window is made");
    for from in [page.as_str(), OWN_PAGE] {
        for command in every_command() {
            let answer = call(&preview, command.name, from);
            assert!(refused(&answer), "{} from {from}: {answer:?}", command.name);
        }
        for command in FRAMEWORK {
            let answer = call(&preview, command, from);
            assert!(refused(&answer), "{command} from {from}: {answer:?}");
        }
    }
}

#[test]
fn no_command_can_be_called_from_a_remote_origin() {
    let (app, _runtime, _home) = app();
    let main = window(&app, "main");
    for command in every_command() {
        let answer = call(&main, command.name, "https://example.org");
        assert!(refused(&answer), "{}: {answer:?}", command.name);
    }
}

#[test]
fn no_command_can_be_called_from_a_main_frame_that_was_led_away() {
    let (app, _runtime, _home) = app();
    let main = window(&app, "main");
    // A custom scheme counts as local for the access-control list, so only the guard stands here.
    for place in [
        "artifact://localhost/",
        "asset://localhost/",
        "tauri://elsewhere/",
        "about:blank",
    ] {
        main.navigate(place.parse().expect("an address"))
            .expect("the window is led away");
        for command in every_command() {
            let answer = call(&main, command.name, place);
            assert!(refused(&answer), "{} from {place}: {answer:?}", command.name);
        }
    }
}

/// What the framework brings, and what nobody does.
const FRAMEWORK: [&str; 11] = [
    "plugin:window|create",
    "plugin:window|close",
    "plugin:webview|create_webview_window",
    "plugin:webview|internal_toggle_devtools",
    "plugin:event|emit",
    "plugin:event|listen",
    "plugin:app|version",
    "plugin:path|resolve_directory",
    "plugin:menu|new",
    "plugin:resources|close",
    "made_up",
];

#[test]
fn no_command_of_the_framework_can_be_called() {
    let (app, _runtime, _home) = app();
    let main = window(&app, "main");
    for command in FRAMEWORK {
        let answer = call(&main, command, OWN_PAGE);
        assert!(refused(&answer), "{command}: {answer:?}");
    }
}

#[test]
fn the_registry_and_the_permission_file_name_the_same_commands() {
    let file = std::fs::read_to_string("src-tauri/permissions/commands.toml").expect("the file is there");
    for command in every_command() {
        assert_eq!(
            file.matches(&format!("commands.allow = [\"{}\"]", command.name))
                .count(),
            1,
            "{}",
            command.name
        );
    }
    assert_eq!(file.matches("commands.allow").count(), every_command().len());
}
