//! The connections that read, each lent to one reader at a time.
//!
//! Source: docs/decisions/read-connections.md.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::{Connection, SqliteConnection};
use crate::error::Error;
use crate::url::DatabaseUrl;
use crate::writer::lock;

/// Connections open at once at most.
const READERS: usize = 16;

/// How long a read waits for a connection.
const READER_WAIT: Duration = Duration::from_secs(10);

/// Opens connections as they are needed and keeps them for the next reader.
#[derive(Debug)]
pub(crate) struct Readers {
    url: DatabaseUrl,
    /// Idle connections; each thread has a place it looks at first.
    places: [Mutex<Option<Connection>>; READERS],
    /// How many connections there are, lent and idle.
    open: Mutex<usize>,
    /// How many wait for one.
    waiting: AtomicUsize,
    /// Told when a connection is given back or gone.
    freed: Condvar,
    limit: usize,
    wait: Duration,
}

/// A connection lent to a reader, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Lent<'a> {
    readers: &'a Readers,
    /// Nothing only while it is dropped.
    connection: Option<Connection>,
}

impl Readers {
    pub(crate) fn new(url: DatabaseUrl) -> Readers {
        Readers {
            url,
            places: Default::default(),
            open: Mutex::default(),
            waiting: AtomicUsize::new(0),
            freed: Condvar::new(),
            limit: READERS,
            wait: READER_WAIT,
        }
    }

    /// Lends a connection.
    ///
    /// Errors: [`Error::Open`] when one more is needed and cannot be opened;
    /// [`Error::NoReader`] when all are lent for too long.
    pub(crate) fn get(&self) -> Result<Lent<'_>, Error> {
        if let Some(connection) = lock(self.own_place()).take() {
            return Ok(self.lend(connection));
        }
        // What a connection has in its memory is in the cache of the core it
        // worked on: on SQLite, where opening one is cheap and reads are
        // short, each thread gets its own as long as there are enough.
        let found = match self.url {
            DatabaseUrl::Sqlite(_) => self.open().or_else(|| self.find().map(Ok)),
            DatabaseUrl::Postgres(_) => self.find().map(Ok).or_else(|| self.open()),
        };
        let connection = found.unwrap_or_else(|| self.wait_for_one())?;
        Ok(self.lend(connection))
    }

    /// The place this thread looks at first.
    fn own_place(&self) -> &Mutex<Option<Connection>> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static OWN: usize = THREADS.fetch_add(1, Ordering::Relaxed);
        }
        &self.places[OWN.with(|own| own % READERS)]
    }

    /// Takes an idle connection from any place.
    fn find(&self) -> Option<Connection> {
        self.places.iter().find_map(|place| lock(place).take())
    }

    /// Opens one more, unless there are enough.
    fn open(&self) -> Option<Result<Connection, Error>> {
        let mut open = lock(&self.open);
        if *open >= self.limit {
            return None;
        }
        *open += 1;
        drop(open);
        let opened = self.connect();
        if opened.is_err() {
            self.lose(1);
        }
        Some(opened)
    }

    fn wait_for_one(&self) -> Result<Connection, Error> {
        // Counted before it looks: who gives one back later sees the count.
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let until = Instant::now() + self.wait;
        let mut open = lock(&self.open);
        let found = loop {
            if let Some(connection) = self.find() {
                break Ok(connection);
            }
            if *open < self.limit {
                drop(open);
                match self.open() {
                    Some(opened) => break opened,
                    None => open = lock(&self.open),
                }
                continue;
            }
            let now = Instant::now();
            if now >= until {
                break Err(Error::NoReader {
                    limit: self.limit,
                    seconds: self.wait.as_secs(),
                });
            }
            let waited = self.freed.wait_timeout(open, until - now);
            open = waited.unwrap_or_else(PoisonError::into_inner).0;
        };
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        found
    }

    fn connect(&self) -> Result<Connection, Error> {
        match &self.url {
            DatabaseUrl::Sqlite(file) => Ok(Connection::Sqlite(SqliteConnection::open_read(file)?)),
            DatabaseUrl::Postgres(text) => crate::connect_postgres(text, &self.url),
        }
    }

    fn lend(&self, connection: Connection) -> Lent<'_> {
        Lent {
            readers: self,
            connection: Some(connection),
        }
    }

    fn take_back(&self, connection: Connection) {
        if connection.is_broken() {
            // A server that closed one has most likely closed all of them.
            let dead: Vec<_> = std::iter::from_fn(|| self.find()).collect();
            return self.lose(dead.len() + 1);
        }
        if std::thread::panicking() {
            // Its reader may have left it within a transaction.
            return self.lose(1);
        }
        self.keep(connection);
        if self.waiting.load(Ordering::SeqCst) > 0 {
            // With the lock held, so that nobody is between looking and waiting.
            let _open = lock(&self.open);
            self.freed.notify_one();
        }
    }

    /// Puts a connection into the place of this thread, or the first empty one.
    fn keep(&self, connection: Connection) {
        let mut kept = Some(connection);
        for place in std::iter::once(self.own_place()).chain(&self.places) {
            let mut place = lock(place);
            if place.is_none() {
                *place = kept.take();
                return;
            }
        }
        // There are as many places as connections; one more is not kept.
        drop(kept);
        self.lose(1);
    }

    fn lose(&self, connections: usize) {
        *lock(&self.open) -= connections;
        self.freed.notify_all();
    }
}

impl Deref for Lent<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
            .as_ref()
            .unwrap_or_else(|| unreachable!("it is taken only when it is dropped"))
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection
            .as_mut()
            .unwrap_or_else(|| unreachable!("it is taken only when it is dropped"))
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.take_back(connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readers(limit: usize) -> (Readers, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.sqlite");
        SqliteConnection::open(&file).unwrap();
        let readers = Readers {
            limit,
            wait: Duration::ZERO,
            ..Readers::new(DatabaseUrl::Sqlite(file))
        };
        (readers, folder)
    }

    #[test]
    fn a_connection_is_lent_again_instead_of_opening_another() {
        let (readers, _folder) = readers(2);
        for _ in 0..3 {
            readers.get().unwrap();
        }
        assert_eq!(*lock(&readers.open), 1);
    }

    #[cfg(feature = "testing")]
    #[test]
    fn on_postgresql_too_a_connection_is_lent_again() {
        let name = "on_postgresql_too_a_connection_is_lent_again";
        let Some(server) = crate::testing::postgres_server(name) else {
            return;
        };
        let readers = Readers::new(DatabaseUrl::Postgres(server));
        for _ in 0..3 {
            readers.get().unwrap();
        }
        assert_eq!(*lock(&readers.open), 1);
    }

    #[test]
    fn a_read_that_finds_all_lent_for_too_long_says_so() {
        let (readers, _folder) = readers(1);
        let lent = readers.get().unwrap();
        let refused = readers.get().unwrap_err().to_string();
        assert!(refused.contains("all 1 connections"), "{refused}");
        drop(lent);
        readers.get().unwrap();
    }

    #[test]
    fn a_connection_given_back_is_lent_to_who_waits() {
        let (mut readers, _folder) = readers(1);
        readers.wait = READER_WAIT;
        let lent = readers.get().unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| readers.get().map(drop));
            drop(lent);
            waiting.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_connection_whose_reader_panicked_is_not_lent_again() {
        let (readers, _folder) = readers(1);
        let reader = std::panic::AssertUnwindSafe(|| {
            let mut lent = readers.get().unwrap();
            lent.begin_read().unwrap();
            panic!("by the test");
        });
        std::panic::catch_unwind(reader).unwrap_err();
        assert_eq!(*lock(&readers.open), 0);
        readers.get().unwrap().begin_read().unwrap();
    }

    #[test]
    fn a_connection_that_cannot_be_opened_takes_no_place() {
        let readers = Readers {
            limit: 1,
            ..Readers::new(DatabaseUrl::Sqlite("no/such/folder/test.sqlite".into()))
        };
        for _ in 0..2 {
            assert!(matches!(readers.get(), Err(Error::Open { .. })));
        }
    }
}
