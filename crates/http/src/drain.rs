//! Serving a listener until told to stop, and then to the end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use hyper::body::{Body as _, Incoming};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tower::ServiceExt as _;

use crate::alarm::Alarm;
use crate::limits::Limits;

/// What is under way for one request.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// How long requests may take to end after the server was told to stop.
///
/// Source: our choice: below the 30 seconds supervisors wait before they kill.
pub const DRAIN_MS: u64 = 20_000;

/// How long to wait after a connection could not be accepted, so that a
/// process without free file descriptors does not spin.
const ACCEPT_PAUSE_MS: u64 = 50;

/// Serves `router` on `listener` until `shutdown` resolves; then accepts no
/// more, lets the requests under way end, and returns.
///
/// Every request carries [`ConnectInfo`] with the address of the client.
///
/// Gives: `true` when all requests ended, `false` when some were cut off after
/// [`DRAIN_MS`].
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> bool {
    let answer = move |client: SocketAddr, mut request: Request<Body>| {
        request.extensions_mut().insert(ConnectInfo(client));
        Box::pin(router.clone().oneshot(request)) as Answering
    };
    serve_by(listener, answer, limits, shutdown).await
}

/// The same with a function in place of a router, which gets the address of
/// the client beside each request: short answers need not pay for a router
/// and for the extensions of a request.
pub async fn serve_by(
    listener: TcpListener,
    answer: impl Fn(SocketAddr, Request<Body>) -> Answering + Clone + Send + Unpin + 'static,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> bool {
    let connections = Arc::new(Semaphore::new(limits.max_connections.max(1)));
    let (stop, stopping) = watch::channel(false);
    // Every connection holds one end; the other hears when all are gone.
    let (open, mut all_gone) = mpsc::channel::<Infallible>(1);
    tokio::pin!(shutdown);
    loop {
        let accepted = async {
            // The semaphore is never closed; a permit always comes.
            let permit = connections.clone().acquire_owned().await.ok();
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, client)) => {
                let (answer, stopping, open) = (answer.clone(), stopping.clone(), open.clone());
                let answer = move |request| answer(client, request);
                tokio::spawn(async move {
                    connect(stream, answer, limits, stopping).await;
                    drop((permit, open));
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
            }
        }
    }
    drop((listener, open));
    stop.send_replace(true);
    tokio::time::timeout(Duration::from_millis(DRAIN_MS), all_gone.recv())
        .await
        .is_ok()
}

/// What a client hears that began to send the head of a request and did not
/// end it in time.
///
/// Source: RFC 9110 section 15.5.9.
const TOO_SLOW: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// One connection, its requests answered by `answer` within `limits` to its
/// end; from `stop` on, only to the end of the request under way.
async fn connect(
    stream: TcpStream,
    answer: impl Fn(Request<Body>) -> Answering + Unpin,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    // Small answers go out at once instead of waiting for more to say.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        // Most requests have none, and a box of it is made for each.
        answer(request.map(|body| match body.is_end_stream() {
            true => Body::empty(),
            false => Body::new(body),
        }))
    });
    let mut connection = hyper::server::conn::http1::Builder::new()
        .timer(Alarm::default())
        .header_read_timeout(Duration::from_millis(limits.header_timeout_ms))
        .max_buf_size(limits.max_header_bytes.max(8192))
        .serve_connection(TokioIo::new(stream), service);
    let mut told = false;
    let ended = loop {
        tokio::select! {
            biased;
            ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break ended,
            _ = stop.wait_for(|stop| *stop), if !told => {
                told = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner();
    if let Err(error) = ended {
        // A client that hangs up or talks nonsense ends its own connection;
        // nobody else needs to know.
        tracing::debug!(%error, "a connection ended early");
        // A connection that lay idle ends without a word: a client could take
        // one for the answer to its next request.
        if error.is_timeout() && !parts.read_buf.is_empty() {
            let _ = stream.write_all(TOO_SLOW).await;
        }
    }
    let _ = stream.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::AsyncReadExt as _;
    use tokio::sync::{Notify, oneshot};

    async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn a_request_under_way_is_answered_after_the_stop() {
        let (listener, address) = listener().await;
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (inner_begun, inner_go_on) = (begun.clone(), go_on.clone());
        let slow = get(move || async move {
            inner_begun.notify_one();
            inner_go_on.notified().await;
            "done"
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().route("/", slow);
        let server = tokio::spawn(serve(listener, router, Limits::default(), async {
            let _ = stopped.await;
        }));
        let mut client = TcpStream::connect(address).await.unwrap();
        client
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        begun.notified().await;
        stop.send(()).unwrap();
        go_on.notify_one();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("done"), "{answer}");
        assert!(server.await.unwrap());
    }

    #[tokio::test]
    async fn an_idle_connection_does_not_keep_a_stopped_server() {
        let (listener, address) = listener().await;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(listener, Router::new(), Limits::default(), async {
            let _ = stopped.await;
        }));
        let mut client = TcpStream::connect(address).await.unwrap();
        client
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        let mut byte = [0; 1];
        client.read_exact(&mut byte).await.unwrap();
        stop.send(()).unwrap();
        assert!(server.await.unwrap());
    }

    #[tokio::test]
    async fn a_client_that_does_not_end_its_headers_is_cut_off() {
        let (listener, address) = listener().await;
        let limits = Limits {
            header_timeout_ms: 20,
            ..Limits::default()
        };
        tokio::spawn(serve(
            listener,
            Router::new(),
            limits,
            std::future::pending(),
        ));
        for (sent, heard) in [("GET / HT", "HTTP/1.1 408 "), ("", "")] {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(sent.as_bytes()).await.unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with(heard), "{answer}");
            assert_eq!(answer.is_empty(), heard.is_empty(), "{answer}");
        }
    }

    #[tokio::test]
    async fn headers_beyond_their_limit_are_answered_with_431() {
        let (listener, address) = listener().await;
        let limits = Limits {
            max_header_bytes: 8192,
            ..Limits::default()
        };
        tokio::spawn(serve(
            listener,
            Router::new(),
            limits,
            std::future::pending(),
        ));
        let mut client = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n",
            "y".repeat(9000)
        );
        // The server may have heard enough before all is sent.
        let _ = client.write_all(head.as_bytes()).await;
        let mut answer = String::new();
        let _ = client.read_to_string(&mut answer).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}
