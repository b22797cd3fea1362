//! What an event costs does not depend on how many other desktops are looked at.

use std::time::Duration;

use crate::browser::Browser;
use crate::memory::Memory;
use crate::story::{self, SESSION};

/// What is counted for events of one desktop among so many.
async fn counted(rooms: usize) -> (u64, u64, u64, u64) {
    let memory = Memory::new();
    let hub = memory.hub();
    let mut browsers = Vec::new();
    for number in 0..rooms {
        let desk = format!("desk_{number}");
        memory.tell(
            &desk,
            SESSION,
            &[
                story::thread("A", 1),
                story::busy(),
                story::message(SESSION, "msg_1", cowork_engine::Role::Assistant, 1, false),
                story::text("msg_1", "prt_1", ""),
            ],
        );
        let mut browser = Browser::new(&hub, &desk).await;
        browser.open(SESSION).await.unwrap();
        browsers.push(browser);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let figures = || {
        let figures = hub.figures();
        [
            figures.events(),
            figures.batches(),
            figures.frames(),
            figures.reads(),
        ]
    };
    let before = figures();
    let mut length = 0;
    for _ in 0..20 {
        memory.tell(
            "desk_0",
            SESSION,
            &[story::grew("msg_1", "prt_1", length, "word ")],
        );
        length += 5;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let after = figures();
    let [events, batches, frames, reads] = std::array::from_fn(|place| after[place] - before[place]);
    (events, batches, frames, reads)
}

#[tokio::test(start_paused = true)]
async fn an_event_costs_the_same_however_many_desktops_are_looked_at() {
    let alone = counted(1).await;
    assert_eq!(alone, (20, 20, 20, 20));
    assert_eq!(counted(150).await, alone);
}
