//! What boxes say, and how it is shown.

use std::time::Duration;

use cowork_gateway::FolderId;

use crate::world::{PORT, World, ask, echo, folder, get};

#[tokio::test]
async fn what_serves_is_told_while_it_serves() {
    let world = World::new();
    let mut servers = world.previews.servers();
    let server = world.serve(echo).await;
    {
        let told = servers.borrow_and_update();
        assert_eq!((told[0].port, &told[0].folder, told.len()), (PORT, &folder(), 1));
    }
    drop(server);
    let gone = servers.wait_for(Vec::is_empty);
    tokio::time::timeout(Duration::from_secs(5), gone)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn the_servers_of_one_folder_are_not_those_of_another() {
    let world = World::new();
    let _box = world.serve(echo).await;
    let other = world.previews.open(FolderId::new("two"), PORT).await.unwrap();
    let answer = ask(&other, &get(&other, "/")).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
}

#[tokio::test]
async fn a_box_that_makes_no_connection_is_not_waited_for_for_ever() {
    let world = World::with(cowork_preview::Limits {
        introduction: Duration::from_millis(300),
        ..cowork_preview::Limits::default()
    });
    let _silent = world.say(&format!("serves\nports {PORT}\n")).await;
    let mut servers = world.previews.servers();
    servers.wait_for(|servers| !servers.is_empty()).await.unwrap();
    let preview = world.preview().await;
    let answer = ask(&preview, &get(&preview, "/")).await;
    assert!(
        answer.starts_with("HTTP/1.1 502") && answer.contains("takes no connection"),
        "{answer}"
    );
}
