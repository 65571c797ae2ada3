//! Names of headers in the letters a client expects.
//!
//! The names of headers have no case, and hyper writes them in small letters.
//! Some clients compare them letter by letter all the same. hyper can write a
//! name as it was read, but lets nobody say how: the only way to its note of
//! the letters is to have it read them.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use axum::http::{Extensions, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBufCursor, Write};

/// How some names of headers are written.
#[derive(Debug, Clone)]
pub struct Spelling(Extensions);

impl Spelling {
    /// Notes the letters of `names`.
    ///
    /// Takes: names of headers, such as `CVE-API-KEY`.
    /// Gives: a spelling that changes nothing when a name cannot be one.
    pub fn of(names: &[&str]) -> Spelling {
        let mut request = b"GET / HTTP/1.1\r\nhost: a\r\n".to_vec();
        for name in names {
            request.extend_from_slice(name.as_bytes());
            request.extend_from_slice(b": 1\r\n");
        }
        request.extend_from_slice(b"\r\n");
        let noted = Arc::new(Mutex::new(Extensions::new()));
        let kept = noted.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = request.extensions().clone();
            std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(
                String::new(),
            )))
        });
        let mut connection = hyper::server::conn::http1::Builder::new()
            .preserve_header_case(true)
            .serve_connection(Memory(request), service);
        // Nothing in memory is ever waited for.
        let _ = Pin::new(&mut connection).poll(&mut Context::from_waker(Waker::noop()));
        let noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        Spelling(noted.clone())
    }

    /// Has the names in an answer written in these letters; others stay small.
    pub fn mark(&self, answer: &mut Response) {
        answer.extensions_mut().extend(self.0.clone());
    }
}

/// A request that is all there, and nobody who reads the answer.
struct Memory(Vec<u8>);

impl Read for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        let length = self.0.len().min(buffer.remaining());
        let rest = self.0.split_off(length);
        buffer.put_slice(&self.0);
        self.0 = rest;
        Poll::Ready(Ok(()))
    }
}

impl Write for Memory {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_name_goes_over_the_wire_in_the_letters_it_was_given() {
        let spelling = Spelling::of(&["CVE-API-REMAINING-QUOTA"]);
        let answer = get(move || async move {
            let mut answer = Response::new(axum::body::Body::from("x"));
            for name in ["cve-api-remaining-quota", "x-other"] {
                let value = axum::http::HeaderValue::from_static("7");
                answer.headers_mut().insert(name, value);
            }
            spelling.mark(&mut answer);
            answer
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(crate::serve(
            listener,
            Router::new().route("/", answer),
            crate::Limits::default(),
            std::future::pending(),
        ));
        let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        client.write_all(request).await.unwrap();
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        assert!(
            heard.contains("\r\nCVE-API-REMAINING-QUOTA: 7\r\n"),
            "{heard}"
        );
        assert!(heard.contains("\r\nx-other: 7\r\n"), "{heard}");
    }
}
