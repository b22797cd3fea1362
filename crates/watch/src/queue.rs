//! What waits for one browser.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::bounds;
use crate::desktop::DesktopView;

/// What an update begins with as it is serialized, before what all who get it share.
const BEGINS: &[u8] = b"{\"sequence\":0,";

/// Something for a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A `view::Update`.
    Update(SharedUpdate),
    /// How the desktop stands now.
    Desktop(Arc<DesktopView>),
    /// The browser was too slow, or was not seen: all that was told is to be asked for anew, and nothing is told before.
    Anew,
}

/// An update: all who get it share its bytes but for its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedUpdate {
    sequence: u64,
    body: Bytes,
}

impl SharedUpdate {
    /// The update as JSON, in two pieces: the first is this browser's own, the second shared.
    #[must_use]
    pub fn json(&self) -> (Bytes, Bytes) {
        let own = format!("{{\"sequence\":{},", self.sequence);
        (Bytes::from(own), self.body.clone())
    }
}

impl Frame {
    /// About how many bytes it has.
    fn bytes(&self) -> usize {
        match self {
            Self::Update(update) => update.body.len() + BEGINS.len(),
            Self::Desktop(_) | Self::Anew => BEGINS.len(),
        }
    }
}

/// An update as all share it: what comes after the sequence. None where it is serialized otherwise than it was written.
pub(crate) fn shared(update: Vec<u8>) -> Option<Bytes> {
    update
        .starts_with(BEGINS)
        .then(|| Bytes::from(update).slice(BEGINS.len()..))
}

/// What became of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits.
    Waits,
    /// There was no room: the browser is told to begin anew, and is told nothing until it does.
    Overrun,
    /// It was told so before, or is gone.
    LetGo,
}

#[derive(Debug, Default)]
struct Held {
    frames: VecDeque<Frame>,
    bytes: usize,
    sent: u64,
    confirmed: u64,
    confirms: bool,
    /// It was told to begin anew and did not yet.
    anew: bool,
    closed: bool,
}

/// The frames that wait for one browser.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    held: Mutex<Held>,
    ready: Notify,
}

impl Queue {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An update, as it is shared.
    pub(crate) fn update(&self, body: &Bytes) -> Pushed {
        let mut held = self.held();
        if held.anew || held.closed {
            return Pushed::LetGo;
        }
        // One that never confirms reads at its own pace; what it does not read fills the queue.
        let is_behind = held.confirms && held.sent.saturating_sub(held.confirmed) >= bounds::UNCONFIRMED;
        let frame = Frame::Update(SharedUpdate {
            sequence: held.sent + 1,
            body: body.clone(),
        });
        if is_behind || !held.has_room(&frame) {
            held.begin_anew();
            drop(held);
            self.ready.notify_one();
            return Pushed::Overrun;
        }
        held.sent += 1;
        held.put(frame);
        drop(held);
        self.ready.notify_one();
        Pushed::Waits
    }

    /// Something that is no update.
    pub(crate) fn put(&self, frame: Frame) -> Pushed {
        let mut held = self.held();
        if held.anew || held.closed {
            return Pushed::LetGo;
        }
        let has_room = held.has_room(&frame);
        if has_room {
            held.put(frame);
        } else {
            held.begin_anew();
        }
        drop(held);
        self.ready.notify_one();
        if has_room { Pushed::Waits } else { Pushed::Overrun }
    }

    /// Has the browser begin anew.
    pub(crate) fn anew(&self) {
        let mut held = self.held();
        if !held.closed && !held.anew {
            held.begin_anew();
            drop(held);
            self.ready.notify_one();
        }
    }

    /// The browser begins: what waited for it is in what it asked for.
    pub(crate) fn begin(&self) {
        let mut held = self.held();
        // Their numbers are given to those that come next.
        let updates = held
            .frames
            .iter()
            .filter(|frame| matches!(frame, Frame::Update(_)))
            .count();
        held.sent -= updates as u64;
        held.frames.clear();
        held.bytes = 0;
        held.anew = false;
        held.confirmed = held.confirmed.min(held.sent);
    }

    /// The browser drew everything up to here. What was never sent earns nothing.
    pub(crate) fn confirm(&self, sequence: u64) {
        let mut held = self.held();
        held.confirms |= sequence > 0;
        held.confirmed = held.confirmed.max(sequence.min(held.sent));
    }

    /// Nothing more comes.
    pub(crate) fn close(&self) {
        self.held().closed = true;
        self.ready.notify_one();
    }

    /// The next frame; none when nothing more comes.
    pub(crate) async fn next(&self) -> Option<Frame> {
        loop {
            {
                let mut held = self.held();
                if let Some(frame) = held.frames.pop_front() {
                    held.bytes -= frame.bytes();
                    return Some(frame);
                }
                if held.closed {
                    return None;
                }
            }
            self.ready.notified().await;
        }
    }
}

/// A room's end of a browser's queue. Wherever it is let go of, with a room that fails or on the way into one that is gone
/// already, the browser is told that nothing more comes: nobody is left with a stream that says nothing.
#[derive(Debug)]
pub(crate) struct Feed(Arc<Queue>);

impl Feed {
    pub(crate) fn new(queue: &Arc<Queue>) -> Self {
        Self(Arc::clone(queue))
    }
}

impl Deref for Feed {
    type Target = Queue;

    fn deref(&self) -> &Queue {
        &self.0
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Held {
    fn has_room(&self, frame: &Frame) -> bool {
        let (frames, bytes) = bounds::QUEUE;
        // One that is larger than all that may wait goes alone.
        self.frames.is_empty() || (self.frames.len() < frames && self.bytes + frame.bytes() <= bytes)
    }

    fn put(&mut self, frame: Frame) {
        self.bytes += frame.bytes();
        self.frames.push_back(frame);
    }

    fn begin_anew(&mut self) {
        let updates = self
            .frames
            .iter()
            .filter(|frame| matches!(frame, Frame::Update(_)))
            .count();
        self.sent -= updates as u64;
        self.frames.clear();
        self.bytes = 0;
        self.put(Frame::Anew);
        self.anew = true;
    }
}

#[cfg(test)]
mod tests {
    use cowork_screen::view::Update;

    use super::*;

    fn body(text: &str) -> Bytes {
        Bytes::from(text.to_owned())
    }

    #[test]
    fn an_update_is_shared_but_for_its_number() {
        let update = Update {
            threads: true,
            ..Update::default()
        };
        let whole = serde_json::to_vec(&update).unwrap();
        let shared = shared(whole).expect("the sequence comes first");
        let queue = Queue::default();
        for _ in 0..2 {
            assert_eq!(queue.update(&shared), Pushed::Waits);
        }
        let held = queue.held();
        let Frame::Update(update) = &held.frames[1] else {
            panic!("an update waits");
        };
        let (own, body) = update.json();
        let told: serde_json::Value = serde_json::from_slice(&[own, body.clone()].concat()).unwrap();
        assert_eq!(
            (told["sequence"].as_u64(), told["threads"].as_bool()),
            (Some(2), Some(true))
        );
        assert_eq!(body.as_ptr(), shared.as_ptr(), "nothing is copied");
    }

    #[tokio::test]
    async fn one_that_does_not_read_is_told_to_begin_anew_and_nothing_else_until_it_does() {
        let queue = Queue::default();
        for _ in 0..bounds::QUEUE.0 {
            assert_eq!(queue.update(&body("1}")), Pushed::Waits);
        }
        assert_eq!(queue.update(&body("1}")), Pushed::Overrun);
        assert_eq!(queue.update(&body("1}")), Pushed::LetGo);
        assert_eq!(queue.next().await, Some(Frame::Anew));
        queue.begin();
        assert_eq!(queue.update(&body("1}")), Pushed::Waits);
        assert!(matches!(queue.next().await, Some(Frame::Update(_))));
        queue.close();
        assert_eq!(queue.next().await, None);
    }

    #[test]
    fn what_is_large_counts_by_its_bytes() {
        let queue = Queue::default();
        let large = body(&"x".repeat(bounds::QUEUE.1));
        assert_eq!(
            queue.update(&large),
            Pushed::Waits,
            "alone it may be as large as it is"
        );
        assert_eq!(queue.update(&body("1}")), Pushed::Overrun);
    }

    #[test]
    fn one_that_confirms_may_be_behind_by_so_many_only() {
        let queue = Queue::default();
        let take = || queue.held().frames.clear();
        queue.update(&body("1}"));
        queue.confirm(9_999);
        for _ in 0..bounds::UNCONFIRMED {
            take();
            assert_eq!(queue.update(&body("1}")), Pushed::Waits);
        }
        take();
        assert_eq!(queue.update(&body("1}")), Pushed::Overrun);
    }
}
