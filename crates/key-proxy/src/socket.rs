//! A connection to the proxy, and how long it may do nothing.
//!
//! The HTTP library knows one limit for the time between two requests and for the time a head may take; here they
//! differ. It also closes a connection as soon as its answer is written: a client that is still sending would find its
//! connection reset before it has read why it was refused, and try again for ever. So the end is waited for a little.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::limits::Limits;

/// What a connection is at.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    /// A request's head is arriving.
    Head = 0,
    /// A request is being answered; its parts have limits of their own.
    Request = 1,
    /// Nothing goes on.
    Idle = 2,
}

/// What a connection is at, known to the socket and to the requests on it.
#[derive(Clone)]
pub(crate) struct Activity(Arc<AtomicU8>);

impl Activity {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU8::new(Phase::Head as u8)))
    }

    /// A request has begun; it ends when what is returned is dropped.
    pub(crate) fn request(&self) -> RequestUnderWay {
        self.0.store(Phase::Request as u8, Ordering::Release);
        RequestUnderWay(self.clone())
    }

    fn phase(&self) -> Phase {
        match self.0.load(Ordering::Acquire) {
            0 => Phase::Head,
            1 => Phase::Request,
            _ => Phase::Idle,
        }
    }

    fn head_begins(&self) {
        self.0.store(Phase::Head as u8, Ordering::Release);
    }
}

pub(crate) struct RequestUnderWay(Activity);

impl Drop for RequestUnderWay {
    fn drop(&mut self) {
        self.0.0.store(Phase::Idle as u8, Ordering::Release);
    }
}

/// A connection to the proxy.
pub(crate) struct Socket {
    stream: TcpStream,
    activity: Activity,
    /// What the alarm was set for.
    seen: Phase,
    alarm: Pin<Box<Sleep>>,
    closing: bool,
    limits: Limits,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, activity: Activity, limits: Limits) -> Self {
        Self {
            stream,
            activity,
            seen: Phase::Head,
            alarm: Box::pin(tokio::time::sleep(limits.head)),
            closing: false,
            limits,
        }
    }

    fn set_alarm(&mut self, patience: Duration) {
        self.alarm.as_mut().reset(Instant::now() + patience);
    }

    fn notice_phase(&mut self) -> Phase {
        let phase = self.activity.phase();
        if phase != self.seen {
            self.seen = phase;
            match phase {
                Phase::Head => self.set_alarm(self.limits.head),
                Phase::Idle => self.set_alarm(self.limits.idle),
                Phase::Request => {}
            }
        }
        phase
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let phase = self.notice_phase();
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                if phase == Phase::Idle && buffer.filled().len() > before {
                    self.activity.head_begins();
                }
                Poll::Ready(read)
            }
            Poll::Pending => {
                if phase != Phase::Request && self.alarm.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Err(std::io::ErrorKind::TimedOut.into()));
                }
                Poll::Pending
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let this = &mut *self;
        if !this.closing {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
            this.closing = true;
            this.set_alarm(this.limits.linger);
        }
        let mut rest = [0; 16 * 1024];
        loop {
            if this.alarm.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut buffer = ReadBuf::new(&mut rest);
            // Whatever comes is not for anybody; when it ends, or fails, the other side has read the answer.
            let read = ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }
}
