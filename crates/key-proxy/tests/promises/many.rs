//! A thousand at once, and more than there are files for.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Semaphore;

use crate::common::{Behaviour, Room, eventually, whole};

const STREAMS: usize = 1000;

const PIECES: &[&str] = &[
    "data: one\n\n",
    "data: two\n\n",
    "data: three\n\n",
    "data: [DONE]\n\n",
];

/// Each stream is four connections' ends in this one process.
fn allow_open_files(wanted: u64) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let now = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: Some(now.maximum.map_or(wanted, |maximum| wanted.min(maximum))),
            maximum: now.maximum,
        };
        setrlimit(Resource::Nofile, raised).unwrap();
    }
    #[cfg(not(unix))]
    let _ = wanted;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_streams_at_once_all_come_whole() {
    allow_open_files(8192);
    let permits = Arc::new(Semaphore::new(0));
    let room = Arc::new(Room::new(Behaviour::Streams(PIECES, Arc::clone(&permits))).await);
    let asked: Vec<_> = (0..STREAMS)
        .map(|_| {
            let room = Arc::clone(&room);
            tokio::spawn(async move { whole(room.send(room.request()).await).await })
        })
        .collect();
    eventually("all are under way at the same time", || {
        room.provider.asked().len() == STREAMS
    })
    .await;
    permits.add_permits(STREAMS * PIECES.len());
    for answer in asked {
        let answer = answer.await.unwrap();
        assert_eq!((answer.status, answer.body), (200, PIECES.concat()));
    }
    let usage = &room.proxy.usage()[0];
    assert_eq!((usage.requests, usage.failures), (STREAMS as u64, 0));
    assert!(
        room.provider
            .asked()
            .iter()
            .all(|asked| asked.header("x-api-key").is_some())
    );
    assert_eq!(room.keys.asked.load(Ordering::SeqCst), STREAMS);
}

/// In a process of its own, since the limit on open files is the process's.
#[cfg(unix)]
#[tokio::test]
async fn when_there_are_no_more_files_to_be_had_it_goes_on_later() {
    use std::net::TcpStream;

    const CHILD: &str = "KEY_PROXY_TEST_FEW_FILES";
    if std::env::var_os(CHILD).is_none() {
        let output = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "many::when_there_are_no_more_files_to_be_had_it_goes_on_later",
            ])
            .env(CHILD, "1")
            .output()
            .await
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        return;
    }
    let room = Room::new(crate::common::answers(crate::common::JSON)).await;
    assert_eq!(room.ask(room.request()).await.status, 200);
    allow_open_files(64);
    let address = ("127.0.0.1", room.proxy.port());
    let mut open = Vec::new();
    while let Ok(stream) = TcpStream::connect(address) {
        open.push(stream);
        // Lets the proxy accept it.
        tokio::task::yield_now().await;
    }
    assert!(open.len() > 10, "the limit was reached by connections");
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    drop(open);
    for _ in 0..1000 {
        let answered = room.client.call(
            room.request(),
            cowork_outward::Reach::Loopback,
            1000,
            std::time::Duration::from_secs(5),
        );
        if answered.await.is_ok_and(|answer| answer.status() == 200) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("it accepts nothing any more");
}
