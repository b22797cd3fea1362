//! The feed with a clock that is moved by hand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::pace::{FRAME, WIDEST};
use super::*;

pub(super) async fn settle() {
    for _ in 0..20 {
        tokio::time::sleep(FRAME).await;
    }
}

/// A feed that sends what `next` gives, and how often that was asked for it.
fn feed_of(next: impl Fn() -> Option<Batch> + Send + 'static) -> (Arc<Feed>, Arc<AtomicU64>) {
    let feed = Arc::new(Feed::default());
    let built = Arc::new(AtomicU64::new(0));
    let (runner, counter) = (feed.clone(), built.clone());
    tokio::spawn(async move {
        runner
            .run(move || {
                counter.fetch_add(1, Ordering::Relaxed);
                std::future::ready(next())
            })
            .await;
    });
    (feed, built)
}

/// A feed whose every batch has something in it.
fn full() -> (Arc<Feed>, Arc<AtomicU64>) {
    feed_of(|| Some(Batch::default()))
}

#[tokio::test(start_paused = true)]
async fn a_window_that_does_not_confirm_gets_two_batches_and_then_all_the_rest_in_one() {
    let (feed, _) = full();
    let received = Arc::new(Mutex::new(Vec::new()));
    let sequences = received.clone();
    feed.subscribe(Arc::new(move |update: Update| {
        sequences.lock().unwrap().push(update.sequence);
        true
    }));
    for _ in 0..1_000 {
        feed.changed();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    settle().await;
    assert_eq!(
        *received.lock().unwrap(),
        [1, 2],
        "a silent window is not flooded"
    );
    feed.confirm(1);
    settle().await;
    assert_eq!(
        *received.lock().unwrap(),
        [1, 2, 3],
        "a confirmation lets what gathered go"
    );
    feed.confirm(u64::MAX);
    for _ in 0..100 {
        feed.changed();
        tokio::time::sleep(FRAME).await;
    }
    assert_eq!(
        *received.lock().unwrap(),
        [1, 2, 3, 4, 5],
        "confirming the future earns no more than was sent"
    );
}

#[tokio::test(start_paused = true)]
async fn a_listener_may_confirm_while_it_is_told() {
    let (feed, _) = full();
    let (listener, heard) = (feed.clone(), Arc::new(AtomicU64::new(0)));
    let last = heard.clone();
    feed.subscribe(Arc::new(move |update: Update| {
        listener.confirm(update.sequence);
        last.store(update.sequence, Ordering::Relaxed);
        update.sequence < 10
    }));
    settle().await;
    assert_eq!(heard.load(Ordering::Relaxed), 10);
}

#[tokio::test(start_paused = true)]
async fn a_window_that_is_gone_is_forgotten() {
    let (feed, _) = full();
    feed.subscribe(Arc::new(|_| false));
    settle().await;
    assert!(feed.lock().is_none());
}

#[tokio::test(start_paused = true)]
async fn what_changes_between_two_listeners_waits_for_the_second() {
    let waiting = Arc::new(AtomicU64::new(0));
    let counter = waiting.clone();
    let (feed, _) = feed_of(move || (counter.swap(0, Ordering::Relaxed) > 0).then(Batch::default));
    let told = Arc::new(Mutex::new(Vec::new()));
    let listen = |name: &'static str| -> Sink {
        let told = told.clone();
        Arc::new(move |_| {
            told.lock().unwrap().push(name);
            true
        })
    };
    feed.subscribe(listen("the page that was"));
    settle().await;
    feed.unsubscribe();
    waiting.store(1, Ordering::Relaxed);
    feed.changed();
    settle().await;
    assert!(told.lock().unwrap().is_empty(), "nobody listens");
    feed.subscribe(listen("the page that is"));
    settle().await;
    assert_eq!(*told.lock().unwrap(), ["the page that is"]);
}

/// A feed whose every batch has something in it, and when its batches came.
fn talkative() -> (Arc<Feed>, Arc<Mutex<Vec<Instant>>>) {
    let (feed, _) = full();
    let came = Arc::new(Mutex::new(Vec::new()));
    let log = came.clone();
    feed.subscribe(Arc::new(move |_| {
        log.lock().unwrap().push(Instant::now());
        true
    }));
    (feed, came)
}

/// Changes something each millisecond for so long; each batch is confirmed `after` it came.
async fn drive(feed: &Arc<Feed>, came: &Arc<Mutex<Vec<Instant>>>, long: Duration, after: Duration) {
    let until = Instant::now() + long;
    let mut confirmed = came.lock().unwrap().len();
    while Instant::now() < until {
        feed.changed();
        tokio::time::sleep(Duration::from_millis(1)).await;
        let due = came.lock().unwrap().get(confirmed).copied();
        if due.is_some_and(|due| due + after <= Instant::now()) {
            confirmed += 1;
            feed.confirm(confirmed as u64);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_falls_behind_is_told_less_often_and_one_that_caught_up_at_each_frame_again() {
    let (feed, came) = talkative();
    drive(&feed, &came, Duration::from_secs(3), Duration::from_millis(80)).await;
    let slow = came.lock().unwrap().clone();
    let last_gap = slow[slow.len() - 1] - slow[slow.len() - 2];
    assert!(last_gap >= WIDEST, "{last_gap:?}");
    drive(&feed, &came, Duration::from_secs(1), Duration::from_millis(10)).await;
    let all = came.lock().unwrap().clone();
    let last_gap = all[all.len() - 1] - all[all.len() - 2];
    assert!(last_gap < FRAME * 2, "{last_gap:?}");
}

#[tokio::test(start_paused = true)]
async fn the_first_change_after_a_pause_is_sent_at_once() {
    let (feed, came) = talkative();
    drive(&feed, &came, Duration::from_millis(100), Duration::ZERO).await;
    // What changed last has been told, and then nothing happens for a while.
    settle().await;
    feed.confirm(u64::MAX);
    settle().await;
    let before = came.lock().unwrap().len();
    let changed = Instant::now();
    feed.changed();
    tokio::task::yield_now().await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    let all = came.lock().unwrap().clone();
    assert_eq!(all.len(), before + 1);
    assert!(
        all[before] - changed <= Duration::from_millis(1),
        "{:?}",
        all[before] - changed
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_built_for_a_window_that_nobody_sees() {
    let (feed, built) = full();
    let listener = feed.clone();
    feed.subscribe(Arc::new(move |update: Update| {
        listener.confirm(update.sequence);
        true
    }));
    settle().await;
    feed.show(false);
    settle().await;
    let before = built.load(Ordering::Relaxed);
    for _ in 0..1_000 {
        feed.changed();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(built.load(Ordering::Relaxed), before);
    feed.show(true);
    settle().await;
    assert!(built.load(Ordering::Relaxed) > before, "what gathered is told");
}

/// A feed whose first batch is the only one that tells this of the lasting news.
fn telling(lasting: u64) -> Arc<Feed> {
    let left = AtomicU64::new(lasting);
    let (feed, _) = feed_of(move || {
        Some(Batch {
            lasting: left.swap(0, Ordering::Relaxed),
            ..Batch::default()
        })
    });
    feed.subscribe(Arc::new(|_| true));
    feed
}

#[tokio::test(start_paused = true)]
async fn news_that_last_are_seen_when_a_window_that_is_shown_drew_them() {
    let feed = telling(2);
    settle().await;
    assert_eq!(*feed.seen.borrow(), 0, "they were sent, and nobody drew them");
    feed.show(false);
    feed.confirm(1);
    assert_eq!(*feed.seen.borrow(), 0, "they were drawn where nobody looks");
    feed.show(true);
    feed.has_shown(2).await;

    // A page that goes before it drew them leaves them to the next one, which begins with them.
    let feed = telling(1);
    settle().await;
    feed.unsubscribe();
    feed.begins_with(1);
    feed.subscribe(Arc::new(|_| true));
    settle().await;
    feed.confirm(1);
    assert_eq!(*feed.seen.borrow(), 0, "its first picture is not drawn yet");
    feed.confirm(0);
    feed.has_shown(1).await;
}

#[tokio::test(start_paused = true)]
async fn what_waited_for_somebody_to_look_is_not_counted_as_delay() {
    let read = Instant::now().into_std();
    let (feed, _) = feed_of(move || {
        Some(Batch {
            reads: vec![read],
            ..Batch::default()
        })
    });
    feed.subscribe(Arc::new(|_| true));
    feed.show(false);
    tokio::time::sleep(Duration::from_secs(10)).await;
    feed.show(true);
    settle().await;
    feed.confirm(1);
    assert_eq!(feed.screen_delay(), None);
}

#[tokio::test(start_paused = true)]
async fn the_delay_to_the_screen_is_counted_from_the_read_to_the_confirmation() {
    let (feed, _) = feed_of(|| {
        Some(Batch {
            reads: vec![Instant::now().into_std()],
            ..Batch::default()
        })
    });
    feed.subscribe(Arc::new(|_| true));
    settle().await;
    assert_eq!(feed.screen_delay(), None, "nothing was drawn");
    feed.confirm(1);
    let delay = feed.screen_delay().expect("something was drawn");
    assert_eq!(delay.reads, 1);
    assert!(u128::from(delay.median) >= FRAME.as_millis(), "{delay:?}");
}
