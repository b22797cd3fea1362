//! What a run says on its way to who listens.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::decode::Decoder;
use crate::news::{OutputStream, Phase, RunEvent};

/// Events on their way to the listener. A program that writes more waits until some are taken, as at a pipe.
pub(crate) const WAITING: usize = 64;

/// What a run says.
pub(crate) struct Telling {
    events: mpsc::Sender<RunEvent>,
    /// What did not fit: of one read at most, since nothing more is read before it is gone.
    held: Option<RunEvent>,
}

impl Telling {
    pub(crate) fn new(events: mpsc::Sender<RunEvent>) -> Self {
        Self { events, held: None }
    }

    /// Whether more can be said now.
    pub(crate) fn is_free(&mut self) -> bool {
        if let Some(held) = self.held.take() {
            self.say(held);
        }
        self.held.is_none()
    }

    fn say(&mut self, event: RunEvent) {
        // Who does not listen any more has stopped the run, too.
        if let Err(TrySendError::Full(event)) = self.events.try_send(event) {
            self.held = Some(event);
        }
    }

    /// Says it, and waits until it is taken or nobody listens any more.
    pub(crate) fn say_and_wait(&mut self, event: RunEvent) {
        for event in self.held.take().into_iter().chain([event]) {
            if self.events.blocking_send(event).is_err() {
                return;
            }
        }
    }
}

/// The output of one phase.
pub(crate) struct Output<'a> {
    telling: &'a mut Telling,
    phase: Phase,
    left: usize,
    decoders: [Decoder; 2],
}

impl<'a> Output<'a> {
    /// Takes `limit` bytes.
    pub(crate) fn new(telling: &'a mut Telling, phase: Phase, limit: usize) -> Self {
        Self {
            telling,
            phase,
            left: limit,
            decoders: Default::default(),
        }
    }

    pub(crate) fn is_free(&mut self) -> bool {
        self.telling.is_free()
    }

    /// Whether that was all within the limit.
    pub(crate) fn push(&mut self, stream: OutputStream, bytes: &[u8]) -> bool {
        let taken = bytes.len().min(self.left);
        self.left -= taken;
        let text = self.decoder(stream).push(&bytes[..taken]);
        self.tell(stream, text);
        taken == bytes.len()
    }

    /// The phase is over.
    pub(crate) fn finish(mut self) {
        for stream in [OutputStream::Output, OutputStream::Error] {
            let text = self.decoder(stream).finish();
            if !text.is_empty() {
                self.wait_until_free();
                self.tell(stream, text);
            }
        }
    }

    /// Like [`Output::push`], at the end of a phase: there is nothing any more that would be held up by waiting.
    pub(crate) fn push_rest(&mut self, stream: OutputStream, bytes: &[u8]) -> bool {
        self.wait_until_free();
        self.push(stream, bytes)
    }

    fn wait_until_free(&mut self) {
        while !self.telling.events.is_closed() && !self.telling.is_free() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn decoder(&mut self, stream: OutputStream) -> &mut Decoder {
        match stream {
            OutputStream::Output => &mut self.decoders[0],
            OutputStream::Error => &mut self.decoders[1],
        }
    }

    fn tell(&mut self, stream: OutputStream, text: String) {
        if !text.is_empty() {
            let phase = self.phase;
            self.telling.say(RunEvent::Output { phase, stream, text });
        }
    }
}
