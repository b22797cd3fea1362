//! A provider of a model, and an application that is connected to it.

use cowork_scripted_model::{SCRIPTED_MODEL, Server};
use cowork_workspace::{GivenKey, WantedProvider, Workspace};

pub(crate) const KEY: &str = "sk-canary-0123456789abcdefghijklmnopqrstuvwxyz";

pub(crate) async fn upstream() -> Server {
    let options = cowork_scripted_model::Options {
        token: Some(KEY.to_owned()),
        ..cowork_scripted_model::Options::default()
    };
    Server::start(options).await.unwrap()
}

pub(crate) fn given(key: &str) -> GivenKey {
    GivenKey {
        key: cowork_workspace::Sensitive::new(key),
        this_run: false,
    }
}

pub(crate) async fn connect(workspace: &Workspace, server: &Server, key: &str) -> String {
    let wanted = WantedProvider::Custom {
        name: "Upstream".to_owned(),
        base_url: server.base_url(),
    };
    let models = vec![SCRIPTED_MODEL.to_owned()];
    let connected = workspace
        .connect_provider(wanted, models, Some(given(key)), false)
        .await;
    connected.unwrap().provider.id
}
