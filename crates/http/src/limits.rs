//! Sizes and times of a request.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes};

use crate::error::Failure;

/// How large and how slow a request may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body at most.
    pub max_body_bytes: usize,
    /// Bytes of request line and headers together at most.
    pub max_header_bytes: usize,
    /// How long the headers of a request may take to arrive; also how long a
    /// kept connection may lie idle.
    pub header_timeout_ms: u64,
    /// How long the body of a request may take to arrive.
    pub body_timeout_ms: u64,
    /// How long a request may take from its headers to its answer.
    pub request_timeout_ms: u64,
    /// Connections open at once at most; more wait to be accepted.
    pub max_connections: usize,
}

impl Default for Limits {
    /// Source: our choice; the body limit is CVE Services' (section 1), 3.8
    /// times 1024 times 1024 bytes.
    fn default() -> Limits {
        Limits {
            max_body_bytes: 3_984_588,
            max_header_bytes: 64 * 1024,
            header_timeout_ms: 30_000,
            body_timeout_ms: 30_000,
            request_timeout_ms: 60_000,
            max_connections: 4096,
        }
    }
}

impl Limits {
    /// Waits for `answer`, but no longer than a request may take.
    ///
    /// Errors: [`Failure::TimedOut`].
    pub async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Result<T, Failure> {
        let patience = Duration::from_millis(self.request_timeout_ms);
        within(patience, answer).await.ok_or(Failure::TimedOut)
    }

    /// Reads a whole body.
    ///
    /// Errors: [`Failure::TooLarge`], known before it is read where the client
    /// says its length; [`Failure::Slow`]; [`Failure::Broken`].
    pub async fn read_body(&self, body: Body) -> Result<Bytes, Failure> {
        use axum::body::HttpBody as _;
        let max_bytes = self.max_body_bytes;
        if body.size_hint().lower() > max_bytes as u64 {
            return Err(Failure::TooLarge { max_bytes });
        }
        let patience = Duration::from_millis(self.body_timeout_ms);
        within(patience, axum::body::to_bytes(body, max_bytes))
            .await
            .ok_or(Failure::Slow)?
            .map_err(|error| {
                // axum hides the kind of the error behind its text's source.
                let source = std::error::Error::source(&error);
                if source.is_some_and(|source| source.to_string().contains("limit")) {
                    Failure::TooLarge { max_bytes }
                } else {
                    Failure::Broken
                }
            })
    }
}

/// Waits for `work`, but no longer than `patience` after it was begun.
///
/// Most work ends without waiting, and an alarm that is set and put off again
/// would cost it more than its own part of a short request.
async fn within<T>(patience: Duration, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let begun = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await;
    match begun {
        Poll::Ready(done) => Some(done),
        // In a box, because an alarm is large and lies at a round address,
        // which would make everything that holds it so.
        Poll::Pending => Box::pin(tokio::time::timeout(patience, work)).await.ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(max_body_bytes: usize) -> Limits {
        Limits {
            max_body_bytes,
            ..Limits::default()
        }
    }

    #[tokio::test]
    async fn a_body_of_exactly_the_limit_is_read() {
        let body = Body::from(vec![b'x'; 8]);
        assert_eq!(limits(8).read_body(body).await.unwrap().len(), 8);
    }

    #[tokio::test]
    async fn a_larger_body_is_refused_whether_or_not_its_length_is_known() {
        let known = Body::from(vec![b'x'; 9]);
        let refused = limits(8).read_body(known).await;
        assert_eq!(refused, Err(Failure::TooLarge { max_bytes: 8 }));
        let pieces = (0..9).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"x")));
        let unknown = Body::from_stream(Pieces(pieces));
        let refused = limits(8).read_body(unknown).await;
        assert_eq!(refused, Err(Failure::TooLarge { max_bytes: 8 }));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_comes_is_given_up() {
        let answer = limits(0).in_time(std::future::pending::<()>()).await;
        assert_eq!(answer, Err(Failure::TimedOut));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_arriving_is_given_up() {
        let never = Body::from_stream(Pieces(std::iter::empty::<std::io::Result<Bytes>>()));
        assert_eq!(limits(8).read_body(never).await, Ok(Bytes::new()));
        let refused = limits(8).read_body(Body::from_stream(Silent)).await;
        assert_eq!(refused, Err(Failure::Slow));
    }

    /// A stream that never says anything.
    struct Silent;

    impl futures_core::Stream for Silent {
        type Item = std::io::Result<Bytes>;

        fn poll_next(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Pending
        }
    }

    /// An iterator as a stream.
    struct Pieces<I>(I);

    impl<I: Iterator + Unpin> futures_core::Stream for Pieces<I> {
        type Item = I::Item;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<I::Item>> {
            std::task::Poll::Ready(self.0.next())
        }
    }
}
