//! However events come, in whatever pieces and how often, what is shown in the end is what the whole of them shows.

use std::time::Duration;

use proptest::prelude::*;

use crate::browser::Browser;
use crate::memory::Memory;
use crate::story::{self, SESSION, Teller};

/// What somebody sees who comes when all is told.
async fn whole(memory: &Memory) -> Browser {
    let hub = memory.copy().hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    browser.read().await;
    browser
}

async fn follow(steps: &[(u8, u8)], pieces: &[u8], again: usize, joins: usize) {
    let memory = Memory::with_repetitions(again);
    let hub = memory.hub();
    let mut teller = Teller::new();
    let mut told = 0;
    memory.tell("desk", SESSION, &teller.told);
    let mut browsers = vec![Browser::new(&hub, "desk").await];
    browsers[0].open(SESSION).await.unwrap();
    for (step, (what, which)) in steps.iter().enumerate() {
        told = told.max(teller.told.len());
        teller.go_on(*what, *which);
        memory.tell("desk", SESSION, &teller.told[told..]);
        if pieces[step % pieces.len()].is_multiple_of(3) {
            tokio::time::sleep(Duration::from_millis(u64::from(pieces[step % pieces.len()]))).await;
        }
        if step == joins {
            let mut second = Browser::new(&hub, "desk").await;
            second.open(SESSION).await.unwrap();
            browsers.push(second);
            // The first one of another process: its room begins in the middle of all this.
            let mut elsewhere = Browser::new(&memory.hub(), "desk").await;
            elsewhere.open(SESSION).await.unwrap();
            browsers.push(elsewhere);
        }
        if pieces[step % pieces.len()].is_multiple_of(7) {
            browsers[0].read().await;
        }
    }
    let expected = whole(&memory).await;
    for browser in &mut browsers {
        browser.read().await;
        assert_eq!(browser.picture(), expected.picture());
        assert_eq!(browser.rows, expected.rows);
        assert_eq!(browser.inbox, expected.inbox);
    }
}

fn run(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces_and_repetitions_lead_to_the_same_picture(
        steps in prop::collection::vec(any::<(u8, u8)>(), 1..80),
        pieces in prop::collection::vec(any::<u8>(), 1..12),
        again in 0_usize..6,
        joins in 0_usize..80,
    ) {
        run(follow(&steps, &pieces, again, joins));
    }
}

#[test]
fn an_answer_that_grows_is_drawn_once_for_all_who_look() {
    run(async {
        let memory = Memory::new();
        memory.tell("desk", SESSION, &[story::thread("A", 1), story::busy()]);
        memory.tell(
            "desk",
            SESSION,
            &[
                story::message(SESSION, "msg_1", cowork_engine::Role::Assistant, 1, false),
                story::text("msg_1", "prt_1", ""),
            ],
        );
        let hub = memory.hub();
        let mut browsers = Vec::new();
        for _ in 0..20 {
            let mut browser = Browser::new(&hub, "desk").await;
            browser.open(SESSION).await.unwrap();
            browsers.push(browser);
        }
        for browser in &mut browsers {
            browser.read().await;
        }
        let (before, drawn) = (hub.figures().batches(), cowork_screen::render::rendered());
        let mut length = 0;
        for _ in 0..50 {
            memory.tell("desk", SESSION, &[story::grew("msg_1", "prt_1", length, "word ")]);
            length += 5;
            // Longer than between two batches, so that what is told and what is flushed never fall together.
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        assert_eq!(
            hub.figures().batches() - before,
            50,
            "one for each, however many look"
        );
        assert_eq!(
            cowork_screen::render::rendered() - drawn,
            length,
            "each byte is rendered once"
        );
        for browser in &mut browsers {
            browser.read().await;
            assert_eq!((browser.patches, browser.anew), (50, 0));
            let html = &browser.conversation.as_ref().unwrap()["messages"][0]["blocks"][0]["content"]["html"];
            assert!(html.to_string().matches("word").count() == 50, "{html}");
        }
    });
}

#[test]
fn a_log_that_was_compacted_shows_the_same() {
    run(async {
        let memory = Memory::new();
        let long = "a word ".repeat(20_000);
        let mut events = vec![story::thread("A", 1)];
        events.push(story::message(
            SESSION,
            "msg_1",
            cowork_engine::Role::Assistant,
            1,
            true,
        ));
        // What is left of it when the growth of before is gone: the whole in pieces, to a message that is complete.
        let mut at = 0;
        while at < long.len() {
            let end = (at + 16_384).min(long.len());
            events.push(if at == 0 {
                story::text("msg_1", "prt_1", &long[..end])
            } else {
                story::grew("msg_1", "prt_1", at, &long[at..end])
            });
            at = end;
        }
        memory.tell("desk", SESSION, &events);
        let hub = memory.hub();
        let mut browser = Browser::new(&hub, "desk").await;
        browser.open(SESSION).await.unwrap();
        assert_eq!(browser.watcher.source(SESSION, "msg_1").await.unwrap(), long);
        browser.read().await;
        assert_eq!(browser.desktop["behind"], false);
    });
}

#[test]
fn a_text_with_a_hole_is_not_taken_for_the_whole_and_that_is_told() {
    run(async {
        let memory = Memory::new();
        let hub = memory.hub();
        memory.tell(
            "desk",
            SESSION,
            &[
                story::thread("A", 1),
                story::busy(),
                story::message(SESSION, "msg_1", cowork_engine::Role::Assistant, 1, false),
                story::text("msg_1", "prt_1", "one "),
            ],
        );
        let mut browser = Browser::new(&hub, "desk").await;
        browser.open(SESSION).await.unwrap();
        memory.tell("desk", SESSION, &[story::grew("msg_1", "prt_1", 9, "three")]);
        browser.read().await;
        assert_eq!(browser.desktop["behind"], true);
        assert_eq!(browser.watcher.source(SESSION, "msg_1").await.unwrap(), "one ");
        memory.tell("desk", SESSION, &[story::text("msg_1", "prt_1", "one two three")]);
        browser.read().await;
        assert_eq!(browser.desktop["behind"], false);
        assert_eq!(
            browser.watcher.source(SESSION, "msg_1").await.unwrap(),
            "one two three"
        );
    });
}
