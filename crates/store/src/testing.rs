//! Stores for tests: one suite, every engine.
//!
//! A test asks for [`engines`] and runs its claim on each store it gets.
//! PostgreSQL takes part when `CNA_TEST_POSTGRES` holds the address of a
//! server whose user may create schemas; otherwise the test says by name that
//! it was skipped there, and `CNA_REQUIRE=postgres` makes that a failure.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use cve::time::Timestamp;
use cve::world::World;

use crate::{DatabaseUrl, Store};

/// A store that is gone when the test ends.
#[derive(Debug)]
pub struct TestStore {
    /// The engine's name, for messages.
    pub engine: &'static str,
    /// The store.
    pub store: Store,
    /// Where it is; a second store can be opened on it.
    pub url: DatabaseUrl,
    _folder: Option<tempfile::TempDir>,
}

/// A fresh store on every engine there is, for the test called `test`.
///
/// # Panics
/// When a store cannot be opened, or an engine is required and missing.
pub fn engines(test: &str) -> Vec<TestStore> {
    let mut stores = vec![sqlite()];
    if let Some(server) = postgres_server(test) {
        stores.push(postgres(&server));
    }
    stores
}

/// A world with a real-looking fixed clock and counted "randomness".
pub fn world() -> World {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let start: i64 = 1_793_700_000_000;
    let at = Timestamp::from_unix_ms(start).unwrap_or_else(|| unreachable!());
    World::new(
        move || at,
        |bytes| {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let digest = cve::hash::Digest::of(&next.to_be_bytes());
            for (byte, random) in bytes.iter_mut().zip(digest.as_bytes().iter().cycle()) {
                *byte = *random;
            }
        },
    )
}

/// A fresh store on SQLite.
///
/// # Panics
/// When it cannot be opened.
pub fn sqlite() -> TestStore {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let url = DatabaseUrl::Sqlite(folder.path().join("test.sqlite"));
    open("sqlite", url, Some(folder))
}

/// A store on SQLite in `world`, with everything that is in `template`, to
/// which nothing may be written meanwhile; in memory where the machine has a
/// file system for that, because a test of rules need not wait for a disk.
///
/// # Panics
/// When `template` is not on SQLite, or the copy cannot be opened.
pub fn sqlite_copy(template: &TestStore, world: World) -> TestStore {
    let DatabaseUrl::Sqlite(file) = &template.url else {
        panic!("the template is on {}, expected sqlite", template.engine);
    };
    let memory = std::path::Path::new("/dev/shm");
    let folder = match tempfile::tempdir_in(memory) {
        Ok(folder) => folder,
        Err(_) => tempfile::tempdir().unwrap_or_else(|error| panic!("{error}")),
    };
    let copy = folder.path().join("test.sqlite");
    std::fs::copy(file, &copy).unwrap_or_else(|error| panic!("{error}"));
    // What is not folded back yet is beside it.
    let log = |file: &std::path::Path| file.with_extension("sqlite-wal");
    if log(file).exists() {
        std::fs::copy(log(file), log(&copy)).unwrap_or_else(|error| panic!("{error}"));
    }
    open_in(world, "sqlite", DatabaseUrl::Sqlite(copy), Some(folder))
}

/// The test server's address, or nothing and a message that `test` skips it.
///
/// # Panics
/// When `CNA_REQUIRE` names `postgres` and there is no server.
pub fn postgres_server(test: &str) -> Option<String> {
    let server = variable("CNA_TEST_POSTGRES");
    if server.is_none() {
        let required = variable("CNA_REQUIRE").unwrap_or_default();
        assert!(
            !required.split(',').any(|suite| suite == "postgres"),
            "{test}: CNA_REQUIRE names postgres and CNA_TEST_POSTGRES is not set"
        );
        // Written past the capture, so that it shows when the test passes.
        let _ = writeln!(
            std::io::stderr(),
            "skipped on PostgreSQL: {test} (set CNA_TEST_POSTGRES to run it)"
        );
    }
    server
}

/// A fresh store in a schema of its own on the server at `server`.
///
/// # Panics
/// When it cannot be opened.
pub fn postgres(server: &str) -> TestStore {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let schema = format!(
        "t{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let mut client = postgres::Client::connect(server, postgres::NoTls)
        .unwrap_or_else(|error| panic!("CNA_TEST_POSTGRES: {error}"));
    client
        .batch_execute(&format!(
            "drop schema if exists {schema} cascade; create schema {schema}"
        ))
        .unwrap_or_else(|error| panic!("{error}"));
    let mark = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{mark}options=-csearch_path%3D{schema}");
    open("postgres", DatabaseUrl::Postgres(url), None)
}

/// Marks the database at `url` as written by a program newer than any.
///
/// # Panics
/// When it cannot be opened.
pub fn make_newer(url: &DatabaseUrl) {
    let sql = "insert into migrations (version, name, at) values (9999, 'later', '')";
    crate::connect(url)
        .and_then(|mut connection| connection.run(sql))
        .unwrap_or_else(|error| panic!("{error}"));
}

fn open(engine: &'static str, url: DatabaseUrl, folder: Option<tempfile::TempDir>) -> TestStore {
    open_in(world(), engine, url, folder)
}

fn open_in(
    world: World,
    engine: &'static str,
    url: DatabaseUrl,
    folder: Option<tempfile::TempDir>,
) -> TestStore {
    let store = Store::open(url.clone(), world).unwrap_or_else(|error| panic!("{error}"));
    TestStore {
        engine,
        store,
        url,
        _folder: folder,
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The columns of text, in every table, in which `word` stands somewhere: as
/// `table.column`, sorted. For claims about what was erased.
///
/// # Panics
/// When the store cannot be read.
pub fn columns_holding(store: &Store, word: &str) -> Vec<String> {
    let list = match store.url() {
        DatabaseUrl::Sqlite(_) => {
            "select m.name, p.name from sqlite_master m, pragma_table_info(m.name) p \
             where m.type = 'table' and lower(p.type) = 'text' order by m.name, p.name"
        }
        DatabaseUrl::Postgres(_) => {
            "select cast(table_name as text), cast(column_name as text) \
             from information_schema.columns where table_schema = current_schema() \
             and data_type = 'text' order by table_name, column_name"
        }
    };
    let found = store.read(|reader| {
        let mut found = Vec::new();
        for row in reader.query(list, &[])? {
            let (table, column) = (row.text(0)?, row.text(1)?);
            let sql = format!("select {column} from {table}");
            for row in reader.query(&sql, &[])? {
                if row.opt_text(0)?.is_some_and(|text| text.contains(word)) {
                    found.push(format!("{table}.{column}"));
                    break;
                }
            }
        }
        Ok::<_, crate::Error>(found)
    });
    match found {
        Ok(found) => found,
        Err(error) => panic!("reading every table: {error}"),
    }
}

/// The tables of a PostgreSQL schema in whose files `word` stands, those of
/// long values among them. For claims about what a database no longer holds
/// although no query shows it.
///
/// Takes: `url` of a PostgreSQL; its user reads the files of the server.
///
/// # Panics
/// When the server does not allow it.
pub fn files_holding(url: &DatabaseUrl, word: &str) -> Vec<String> {
    let sql = "select cast(c.relname as text) from pg_class c \
         left join pg_class t on t.reltoastrelid = c.oid \
         where c.relkind in ('r', 't', 'i') \
         and coalesce(t.relnamespace, c.relnamespace) = \
         (select oid from pg_namespace where nspname = current_schema()) \
         and position(convert_to(?1, 'UTF8') in \
         pg_read_binary_file(pg_relation_filepath(c.oid))) > 0 order by 1";
    let found = crate::connect(url).and_then(|mut connection| {
        // Pages that are only in memory go to the files first.
        connection.run("checkpoint")?;
        let rows = connection.query(sql, crate::params![word])?;
        rows.iter().map(|row| row.text(0)).collect()
    });
    found.unwrap_or_else(|error: crate::Error| panic!("reading the server's files: {error}"))
}
