//! How slow a client may be with what it sends and what it takes.

use super::Limits;
use axum::{BoxError, body::Bytes};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::{
    io::{self, IoSlice},
    num::NonZeroU32,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// Patience with one client. It runs out while the client is waited for and grows by what comes,
/// as much as the slowest client would need for that; never beyond what it was at first.
struct Pace {
    most: Duration,
    floor: NonZeroU32,
    left: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    fn new(limits: &Limits) -> Self {
        Self { most: limits.stall, floor: limits.floor, left: limits.stall, waiting: None }
    }

    /// Whether patience has run out with a client that is still being waited for.
    fn is_spent(&mut self, cx: &mut Context<'_>) -> bool {
        let left = self.left;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(left)));
        waiting.as_mut().poll(cx).is_ready()
    }

    /// So many bytes came through.
    fn moved(&mut self, bytes: usize) {
        if let Some(waiting) = self.waiting.take() {
            self.left = waiting.deadline().saturating_duration_since(Instant::now());
        }
        let bytes = Duration::from_secs(bytes.try_into().unwrap_or(u64::MAX));
        self.left = self.left.saturating_add(bytes / self.floor.get()).min(self.most);
    }
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client is too slow")
}

/// The body of a request, as it is given by the client: an error once that is too slow. How long
/// the handler takes between two pieces does not count.
pub(super) struct Given {
    body: Incoming,
    pace: Pace,
}

impl Given {
    pub(super) fn new(body: Incoming, limits: &Limits) -> Self {
        Self { body, pace: Pace::new(limits) }
    }
}

impl Body for Given {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            return if self.pace.is_spent(cx) {
                Poll::Ready(Some(Err(too_slow().into())))
            } else {
                Poll::Pending
            };
        };
        if let Some(Ok(frame)) = &frame {
            self.pace.moved(frame.data_ref().map_or(0, Bytes::len));
        }
        Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket whose answers are taken by the client: an error once that is too slow. Reading from
/// it is not limited here, since a client that waits for its answer sends nothing.
pub(super) struct Taken {
    stream: TcpStream,
    pace: Pace,
}

impl Taken {
    pub(super) fn new(stream: TcpStream, limits: &Limits) -> Self {
        Self { stream, pace: Pace::new(limits) }
    }

    fn within(
        &mut self,
        written: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Pending if self.pace.is_spent(cx) => return Poll::Ready(Err(too_slow())),
            Poll::Ready(Ok(bytes)) => self.pace.moved(*bytes),
            _ => {}
        }
        written
    }
}

impl AsyncRead for Taken {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Taken {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.within(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
