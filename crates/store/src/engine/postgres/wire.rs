//! One connection, driven by the thread that asks, with several statements in
//! one journey.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, Error, NoTls};

/// An answer under way.
pub(super) type Said<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// What speaks to the server; nothing moves unless somebody asks.
type Driver = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// A connection that is closed on a thread of its own: closing waits for the
/// server, and a thread that drives async tasks (where the last handle of a
/// store may be dropped) aborts the process when it is made to wait.
pub(super) struct Wire(Option<Open>);

struct Open {
    runtime: Runtime,
    client: Client,
    /// Nothing after the connection ended.
    driver: Option<Driver>,
}

impl Wire {
    /// Connects.
    ///
    /// Errors: in the words of the server or the system.
    pub(super) fn connect(config: &Config) -> Result<Wire, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("starting a connection: {error}"))?;
        let (client, connection) = runtime
            .block_on(config.connect(NoTls))
            .map_err(|error| super::words(&error))?;
        Ok(Wire(Some(Open {
            runtime,
            client,
            driver: Some(Box::pin(connection)),
        })))
    }

    /// Says whether the connection has ended.
    pub(super) fn is_closed(&self) -> bool {
        self.0
            .as_ref()
            .is_none_or(|open| open.driver.is_none() || open.client.is_closed())
    }

    /// Asks and waits for the answer.
    pub(super) fn ask<T>(
        &mut self,
        question: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let open = self.open();
        let question = question(&open.client);
        drive(&open.runtime, &mut open.driver, question)
    }

    /// Says everything at once, in its order, and waits for all answers.
    ///
    /// Gives: as many answers as there were statements, or the first error in
    /// their order.
    pub(super) fn journey<'w, T: 'w>(
        &'w mut self,
        say: impl FnOnce(&'w Client) -> Vec<Said<'w, T>>,
    ) -> Result<Vec<T>, Error> {
        let open = self.open();
        let said = say(&open.client);
        drive(&open.runtime, &mut open.driver, all(said))
    }

    fn open(&mut self) -> &mut Open {
        // Emptied only by `drop`.
        self.0.as_mut().unwrap_or_else(|| unreachable!())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let Some(open) = self.0.take() else { return };
        std::thread::spawn(move || {
            let Open {
                runtime,
                client,
                driver,
            } = open;
            // Without a client the driver says goodbye and ends.
            drop(client);
            if let Some(driver) = driver {
                // Nobody is left who could be told.
                let _ = runtime.block_on(driver);
            }
        });
    }
}

/// Sends each in turn before it waits for the first: a future of the client
/// has sent its statement when it was polled once.
async fn all<T>(said: Vec<Said<'_, T>>) -> Result<Vec<T>, Error> {
    let mut said: Vec<_> = said.into_iter().map(|one| (one, None)).collect();
    poll_fn(|cx| {
        for (one, answer) in &mut said {
            if let Poll::Ready(early) = one.as_mut().poll(cx) {
                *answer = Some(early);
            }
        }
        Poll::Ready(())
    })
    .await;
    let mut answers = Vec::with_capacity(said.len());
    for (one, answer) in said {
        answers.push(match answer {
            Some(answer) => answer?,
            None => one.await?,
        });
    }
    Ok(answers)
}

/// Waits for `asked` while the connection moves.
fn drive<T>(
    runtime: &Runtime,
    driver: &mut Option<Driver>,
    asked: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut asked = pin!(asked);
    runtime.block_on(poll_fn(|cx| {
        // First what is to be said, so that it goes out in one piece.
        if let Poll::Ready(answer) = asked.as_mut().poll(cx) {
            return Poll::Ready(answer);
        }
        if let Some(moving) = driver
            && let Poll::Ready(ended) = moving.as_mut().poll(cx)
        {
            // Whoever waits for an answer now hears that none comes.
            *driver = None;
            if let Err(error) = ended {
                return Poll::Ready(Err(error));
            }
        }
        asked.as_mut().poll(cx)
    }))
}
