//! Serving a listener until told to stop, and then to the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::limits::Limits;

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
    let connections = Arc::new(Semaphore::new(limits.max_connections.max(1)));
    let graceful = GracefulShutdown::new();
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
                let connection = graceful.watch(connect(stream, client, router.clone(), limits));
                tokio::spawn(async move {
                    // A client that hangs up or talks nonsense ends its own
                    // connection; nobody else needs to know.
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "a connection ended early");
                    }
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
            }
        }
    }
    drop(listener);
    let drained = graceful.shutdown();
    tokio::time::timeout(Duration::from_millis(DRAIN_MS), drained)
        .await
        .is_ok()
}

/// One connection, served by `router` within `limits`.
fn connect(
    stream: TcpStream,
    client: SocketAddr,
    router: Router,
    limits: Limits,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    // Small answers go out at once instead of waiting for more to say.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(client));
        router.clone().oneshot(request)
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.header_timeout_ms))
        .max_buf_size(limits.max_header_bytes.max(8192))
        .serve_connection(TokioIo::new(stream), service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
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
    async fn a_client_that_sends_no_headers_is_cut_off() {
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
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HT").await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
    }
}
