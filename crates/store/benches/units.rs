//! Units of work a second, durable, from 32 callers, beside a bare
//! insert-and-commit of the same bytes on the same engine in the same run.
//!
//! `cargo bench -p store --bench units`; PostgreSQL takes part when
//! `CNA_TEST_POSTGRES` is set. The bare SQLite program groups its commits as
//! the store does; the bare PostgreSQL program is 32 connections, each
//! inserting and committing, which the server groups by itself.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use cve::hash::Digest;
use cve::id::{CveId, Year};
use store::testing::{TestStore, postgres, postgres_server, sqlite};
use store::{DatabaseUrl, OrgRow, Publish, RecordState, Reserve, Sequence, Stamp, Stamped, Store};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CALLERS: usize = 32;
const ROUND: Duration = Duration::from_millis(2000);
const ROUNDS: usize = 5;
/// More IDs than a round can publish.
const IDS_PER_ROUND: u32 = 100_000;
/// Bytes of a typical record, minified.
const RECORD_BYTES: usize = 4500;
/// Bytes a reservation stores: its row, its change, its audit event.
const RESERVE_BYTES: usize = 700;

fn main() {
    // Words after `--` choose: `sqlite`, `postgres`, `reserve`, `publish`.
    let words: Vec<String> = std::env::args().skip(1).collect();
    let asked = |word: &str, other: &str| {
        words.iter().any(|asked| asked == word) || words.iter().all(|asked| asked != other)
    };
    let units: Vec<&'static str> = [("reserve", "publish"), ("publish", "reserve")]
        .into_iter()
        .filter(|(unit, other)| asked(unit, other))
        .map(|(unit, _)| unit)
        .collect();
    println!("| engine | unit | ours/s | bare/s | ratio |");
    println!("|---|---|---:|---:|---:|");
    if asked("sqlite", "postgres") {
        run(&sqlite(), &units);
    }
    if asked("postgres", "sqlite")
        && let Some(server) = postgres_server("the benchmark")
    {
        run(&postgres(&server), &units);
    }
}

fn run(test: &TestStore, units: &[&'static str]) {
    let owner = set_up(&test.store);
    for unit in units {
        let mut pairs = Vec::new();
        // Ours and the bare program take turns, so that a change in the speed
        // of the machine touches both.
        for _ in 0..ROUNDS {
            let (ours, bytes) = match *unit {
                "reserve" => (reserves(&test.store, &owner), RESERVE_BYTES),
                _ => (publishes(&test.store, &owner), RECORD_BYTES),
            };
            pairs.push((ours, bare(&test.url, bytes)));
        }
        pairs.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let (ours, bare) = pairs[pairs.len() / 2];
        println!(
            "| {} | {unit} | {ours:.0} | {bare:.0} | {:.2} |",
            test.engine,
            ours / bare
        );
    }
}

fn year() -> Year {
    Year::new(2099).unwrap()
}

fn set_up(store: &Store) -> String {
    let uuid = "a0000000-0000-4000-8000-000000000001".to_owned();
    let org = uuid.clone();
    store
        .write(move |tx| {
            tx.insert_org(&OrgRow {
                uuid: org.clone(),
                short_name: "acme".parse().unwrap(),
                name: "Acme".into(),
                roles: vec!["CNA".into()],
                id_quota: 100_000_000,
                reserved: 0,
                created: tx.now(),
                modified: tx.now(),
            })?;
            tx.open_year(year())?;
            Ok::<_, store::Error>(())
        })
        .unwrap();
    uuid
}

fn reserve_command(owner: &str, amount: u32) -> Reserve {
    Reserve {
        owner: owner.into(),
        requester_org: owner.into(),
        requester_user: "b0000000-0000-4000-8000-000000000001".into(),
        actor: "ann".into(),
        year: year(),
        amount,
        sequence: if amount == 1 {
            Sequence::Priority
        } else {
            Sequence::Sequential
        },
    }
}

fn reserves(store: &Store, owner: &str) -> f64 {
    per_second(|_| {
        let store = store.clone();
        let owner = owner.to_owned();
        move || {
            store.reserve(reserve_command(&owner, 1)).unwrap().unwrap();
        }
    })
}

fn publishes(store: &Store, owner: &str) -> f64 {
    // Enough IDs for the round, taken before the clock starts, and published
    // in the order in which they were reserved, as people do.
    let ids = Mutex::new(
        (0..IDS_PER_ROUND / 4000)
            .flat_map(|_| {
                store
                    .reserve(reserve_command(owner, 4000))
                    .unwrap()
                    .unwrap()
                    .ids
            })
            .rev()
            .collect::<Vec<CveId>>(),
    );
    let at = store.read(|reader| reader.database_time()).unwrap();
    let body = vec![b'x'; RECORD_BYTES];
    per_second(|_| {
        let store = store.clone();
        let owner = owner.to_owned();
        let body = body.clone();
        let ids = &ids;
        move || {
            let id = ids
                .lock()
                .unwrap()
                .pop()
                .expect("reserved more IDs than a round uses");
            let command = Publish {
                id,
                state: RecordState::Published,
                at,
                stamp: stamp(&body),
                actor: "ann".into(),
                caller_org: owner.clone(),
            };
            store.publish(command).unwrap().unwrap();
        }
    })
}

/// Makes `body` the record of any ID.
fn stamp(body: &[u8]) -> Stamp {
    let (body, digest) = (body.to_vec(), Digest::of(body));
    Box::new(move |_| {
        let body = body.clone();
        Some(Stamped { body, digest })
    })
}

/// Runs `CALLERS` threads for a round; each does what `make` gave it.
fn per_second<W: FnMut() + Send>(make: impl Fn(usize) -> W) -> f64 {
    let stop = AtomicBool::new(false);
    let done = AtomicU64::new(0);
    let work: Vec<W> = (0..CALLERS).map(make).collect();
    let start = Instant::now();
    thread::scope(|scope| {
        for mut step in work {
            let (stop, done) = (&stop, &done);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    step();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(ROUND);
        stop.store(true, Ordering::Relaxed);
    });
    done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64()
}

fn bare(url: &DatabaseUrl, bytes: usize) -> f64 {
    match url {
        DatabaseUrl::Sqlite(file) => bare_sqlite(&file.with_extension("bare"), bytes),
        DatabaseUrl::Postgres(url) => bare_postgres(url, bytes),
    }
}

type Insert = (Vec<u8>, std::sync::mpsc::SyncSender<()>);

fn bare_sqlite(file: &std::path::Path, bytes: usize) -> f64 {
    let _ = std::fs::remove_file(file);
    let connection = rusqlite::Connection::open(file).unwrap();
    connection
        .execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; \
             create table bare (id integer primary key, body blob)",
        )
        .unwrap();
    let (queue, receiver) = channel::<Insert>();
    let writer = thread::spawn(move || bare_writer(&connection, &receiver));
    let rate = per_second(|_| {
        let queue = queue.clone();
        let body = vec![b'x'; bytes];
        move || {
            let (reply, answer) = sync_channel(1);
            queue.send((body.clone(), reply)).unwrap();
            answer.recv().unwrap();
        }
    });
    drop(queue);
    writer.join().unwrap();
    rate
}

fn bare_writer(connection: &rusqlite::Connection, queue: &Receiver<Insert>) {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        while batch.len() < 64
            && let Ok(next) = queue.try_recv()
        {
            batch.push(next);
        }
        connection.execute_batch("begin immediate").unwrap();
        let mut insert = connection
            .prepare_cached("insert into bare (body) values (?1)")
            .unwrap();
        for (body, _) in &batch {
            insert.execute([body]).unwrap();
        }
        connection.execute_batch("commit").unwrap();
        for (_, reply) in batch {
            let _ = reply.send(());
        }
    }
}

fn bare_postgres(url: &str, bytes: usize) -> f64 {
    let mut client = ::postgres::Client::connect(url, ::postgres::NoTls).unwrap();
    client
        .batch_execute(
            "drop table if exists bare; \
             create table bare (id bigserial primary key, body bytea)",
        )
        .unwrap();
    per_second(|_| {
        let mut client = ::postgres::Client::connect(url, ::postgres::NoTls).unwrap();
        let insert = client
            .prepare("insert into bare (body) values ($1)")
            .unwrap();
        let body = vec![b'x'; bytes];
        move || {
            client.execute(&insert, &[&body]).unwrap();
        }
    })
}
