//! The bodies that pass: bounded, timed and counted, and never held as a whole.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use cowork_outward::Body;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep};

use crate::answer::Refusal;
use crate::echo::{EchoGuard, Forms};
use crate::limits::Limits;
use crate::socket::RequestUnderWay;
use crate::usage::Tally;

/// Rings when nothing happened for some time. What happens only notes the time: setting a timer for each piece of a
/// stream would cost more than passing it on.
struct Patience {
    length: Duration,
    last: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl Patience {
    fn new(length: Duration) -> Self {
        Self {
            length,
            last: Instant::now(),
            alarm: Box::pin(tokio::time::sleep(length)),
        }
    }

    fn something_happened(&mut self) {
        self.last = Instant::now();
    }

    fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.alarm.as_mut().poll(context));
            let until = self.last + self.length;
            if until <= Instant::now() {
                return Poll::Ready(());
            }
            self.alarm.as_mut().reset(until);
        }
    }
}

/// Why a request's body was not passed on to its end, for whoever answers the request.
#[derive(Clone, Default)]
pub(crate) struct Fault(Arc<AtomicU8>);

const TOO_LONG: u8 = 1;
const TOO_SLOW: u8 = 2;

impl Fault {
    pub(crate) fn refusal(&self, limits: &Limits) -> Option<Refusal> {
        match self.0.load(Ordering::Acquire) {
            TOO_LONG => Some(Refusal::TooLong {
                limit: limits.body_bytes,
            }),
            TOO_SLOW => Some(Refusal::BodyTooSlow),
            _ => None,
        }
    }
}

/// A request's body on its way out.
pub(crate) struct RequestBody {
    inner: Incoming,
    left: u64,
    patience: Patience,
    fault: Fault,
    tally: Arc<Tally>,
}

impl RequestBody {
    pub(crate) fn boxed(inner: Incoming, limits: &Limits, tally: Arc<Tally>, fault: Fault) -> Body {
        let body = Self {
            inner,
            left: limits.body_bytes,
            patience: Patience::new(limits.body_idle),
            fault,
            tally,
        };
        BodyExt::boxed(body)
    }

    fn broken(
        &self,
        fault: u8,
        kind: std::io::ErrorKind,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.fault.0.store(fault, Ordering::Release);
        Poll::Ready(Some(Err(kind.into())))
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let this = self.get_mut();
        loop {
            match Pin::new(&mut this.inner).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers are left out: no model request has any.
                    let Ok(data) = frame.into_data() else { continue };
                    this.patience.something_happened();
                    let length = data.len() as u64;
                    if length > this.left {
                        return this.broken(TOO_LONG, std::io::ErrorKind::FileTooLarge);
                    }
                    this.left -= length;
                    this.tally.sent(data.len());
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(std::io::Error::other(error)))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    ready!(this.patience.poll_over(context));
                    return this.broken(TOO_SLOW, std::io::ErrorKind::TimedOut);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body on its way to the engine.
pub(crate) struct AnswerBody {
    inner: Body,
    /// None where there is no key that could be in it.
    guard: Option<(Forms, EchoGuard)>,
    /// How much more is taken of an answer that is an error; the rest is left out.
    left: Option<u64>,
    patience: Patience,
    whole: Pin<Box<Sleep>>,
    ended: bool,
    tally: Arc<Tally>,
    /// The place among the requests that may go on at the same time.
    _permit: OwnedSemaphorePermit,
}

/// What an answer's body is passed on with.
pub(crate) struct AnswerParts {
    pub(crate) forms: Option<Forms>,
    pub(crate) is_error: bool,
    pub(crate) deadline: Instant,
    pub(crate) tally: Arc<Tally>,
    pub(crate) permit: OwnedSemaphorePermit,
}

impl AnswerBody {
    pub(crate) fn boxed(inner: Body, limits: &Limits, parts: AnswerParts) -> Body {
        let body = Self {
            inner,
            guard: parts.forms.map(|forms| {
                let guard = EchoGuard::new(&forms);
                (forms, guard)
            }),
            left: parts.is_error.then_some(limits.error_bytes),
            patience: Patience::new(limits.answer_idle),
            whole: Box::pin(tokio::time::sleep_until(parts.deadline)),
            ended: false,
            tally: parts.tally,
            _permit: parts.permit,
        };
        BodyExt::boxed(body)
    }

    /// An end that is no end: the connection to the engine breaks off, so that it does not take half an answer for
    /// a whole one.
    fn broken(&mut self, error: std::io::Error) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.ended = true;
        self.tally.failed();
        Poll::Ready(Some(Err(error)))
    }

    fn end(&mut self) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.ended = true;
        let rest = match &mut self.guard {
            Some((forms, guard)) => guard.finish(forms),
            None => Bytes::new(),
        };
        Poll::Ready((!rest.is_empty()).then(|| Ok(Frame::data(rest))))
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        if this.whole.as_mut().poll(context).is_ready() {
            return this.broken(std::io::ErrorKind::TimedOut.into());
        }
        loop {
            match Pin::new(&mut this.inner).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers are left out: no engine reads any.
                    let Ok(mut data) = frame.into_data() else { continue };
                    this.patience.something_happened();
                    this.tally.received(data.len());
                    if let Some(left) = &mut this.left {
                        data.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                        *left -= data.len() as u64;
                    }
                    if let Some((forms, guard)) = &mut this.guard {
                        data = guard.pass(forms, data);
                    }
                    if !data.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                    if this.left == Some(0) {
                        return this.end();
                    }
                }
                Poll::Ready(Some(Err(error))) => return this.broken(error),
                Poll::Ready(None) => return this.end(),
                Poll::Pending => {
                    ready!(this.patience.poll_over(context));
                    return this.broken(std::io::ErrorKind::TimedOut.into());
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended || (self.guard.is_none() && self.inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        // What the guard replaces, and what is left out, changes the length.
        if self.guard.is_none() && self.left.is_none() {
            self.inner.size_hint()
        } else {
            SizeHint::default()
        }
    }
}

/// A body whose end, or loss, ends the request.
pub(crate) struct Reply {
    inner: Body,
    _under_way: RequestUnderWay,
}

impl Reply {
    pub(crate) fn new(inner: Body, under_way: RequestUnderWay) -> Self {
        Self {
            inner,
            _under_way: under_way,
        }
    }
}

impl HttpBody for Reply {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
