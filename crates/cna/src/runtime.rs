//! Starting the runtime that servers and in-process requests need.

use anyhow::Context as _;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A runtime with a thread for each core.
pub(crate) fn start() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")
}

/// Listens for the operator's wish to end the program, SIGTERM or Ctrl-C, from
/// now on; the future resolves when it has come.
///
/// Called before the program says that it is there: whoever reads that may
/// ask it to end at once, and then it ends cleanly, too.
pub(crate) fn asked_to_end(runtime: &Runtime) -> impl Future<Output = ()> + Send + use<> {
    let _inside = runtime.enter();
    let terminate = signal(SignalKind::terminate());
    let interrupt = signal(SignalKind::interrupt());
    async move {
        tokio::select! {
            () = came(terminate) => {}
            () = came(interrupt) => {}
        }
    }
}

async fn came(signal: std::io::Result<Signal>) {
    match signal {
        Ok(mut signal) => {
            signal.recv().await;
        }
        // Without a handler the signal ends the process by itself.
        Err(_) => std::future::pending().await,
    }
}
