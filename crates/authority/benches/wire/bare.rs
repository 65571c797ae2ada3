//! Bare programs: axum, no checks, and the one thing ours rests on.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::sync::{mpsc, oneshot};

/// Serves what the words say until it is killed.
pub(crate) fn serve(words: &[String]) {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words == ["busy"] {
        loop {
            std::hint::spin_loop();
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let router = match words[..] {
            ["empty"] => Router::new().fallback(|| async {}),
            ["point", url] => match url.strip_prefix("sqlite:") {
                Some(file) => sqlite_point(file),
                None => postgres_point(url).await,
            },
            ["insert", url] => match url.strip_prefix("sqlite:") {
                Some(file) => sqlite_insert(Path::new(file)),
                None => postgres_insert(url).await,
            },
            ["ours", url] => return ours(listener, url).await,
            _ => panic!("{words:?}"),
        };
        axum::serve(listener, router).await.unwrap();
    });
}

/// The authority, its log written to where nobody reads.
async fn ours(listener: tokio::net::TcpListener, url: &str) {
    let world = cve::world::World::new(
        || {
            let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
            cve::time::Timestamp::from_unix_ms(since.as_millis().try_into().unwrap()).unwrap()
        },
        |bytes| {
            // Unpredictable enough for salts nobody has to guess.
            let mut state = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0);
            for byte in bytes {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                *byte = (state >> 56) as u8;
            }
        },
    );
    let url: store::DatabaseUrl = url.parse().unwrap();
    let store = tokio::task::block_in_place(|| store::Store::open(url, world.clone())).unwrap();
    let (lines, log) = std::sync::mpsc::sync_channel::<authority::RequestLine>(16_384);
    std::thread::spawn(move || {
        let mut text = Vec::new();
        for line in &log {
            text.clear();
            line.add_json(&mut text);
            log.try_iter().for_each(|line| line.add_json(&mut text));
            std::hint::black_box(&text);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    });
    let settings = authority::Settings {
        log: Some(authority::RequestLog::new(move |line| {
            let _ = lines.try_send(line);
        })),
        ..authority::Settings::default()
    };
    let limits = settings.limits;
    let service = authority::Service::new(store, world, settings);
    let answer = move |client, request| service.answer(client, request);
    http::serve_by(listener, answer, limits, std::future::pending()).await;
}

thread_local! {
    static READER: RefCell<Option<rusqlite::Connection>> = const { RefCell::new(None) };
}

/// Reads of our own file, on the thread that has the connection.
fn sqlite_point(file: &str) -> Router {
    let file: Arc<str> = file.into();
    let read = move |axum::extract::Path(id): axum::extract::Path<String>| {
        let file = file.clone();
        async move {
            READER.with_borrow_mut(|reader| {
                let connection =
                    reader.get_or_insert_with(|| rusqlite::Connection::open(&*file).unwrap());
                let mut select = connection
                    .prepare_cached("select body from records where cve_id = ?1")
                    .unwrap();
                select
                    .query_row([id], |row| row.get::<_, Vec<u8>>(0))
                    .unwrap()
            })
        }
    };
    Router::new().route("/api/cve/{id}", get(read))
}

type Insert = (Bytes, oneshot::Sender<()>);

/// Inserts what is posted; one writer commits for all who wait.
fn sqlite_insert(file: &Path) -> Router {
    let _ = std::fs::remove_file(file);
    let connection = rusqlite::Connection::open(file).unwrap();
    connection
        .execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; \
             create table bare (id integer primary key, body blob)",
        )
        .unwrap();
    let (queue, receiver) = channel::<Insert>();
    std::thread::spawn(move || bare_writer(&connection, &receiver));
    let insert = move |body: Bytes| {
        let queue: Sender<Insert> = queue.clone();
        async move {
            let (reply, answer) = oneshot::channel();
            queue.send((body, reply)).unwrap();
            answer.await.unwrap();
            StatusCode::OK
        }
    };
    Router::new().route("/insert", post(insert))
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
            insert.execute([&body[..]]).unwrap();
        }
        connection.execute_batch("commit").unwrap();
        for (_, reply) in batch {
            let _ = reply.send(());
        }
    }
}

/// Connections to PostgreSQL, one for each request under way.
struct Pool {
    give: mpsc::UnboundedSender<Ready>,
    take: tokio::sync::Mutex<mpsc::UnboundedReceiver<Ready>>,
}

type Ready = (tokio_postgres::Client, tokio_postgres::Statement);

impl Pool {
    async fn open(url: &str, sql: &str) -> Arc<Pool> {
        let (give, take) = mpsc::unbounded_channel();
        for _ in 0..32 {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
                .await
                .unwrap();
            tokio::spawn(connection);
            let statement = client.prepare(sql).await.unwrap();
            let _ = give.send((client, statement));
        }
        let take = tokio::sync::Mutex::new(take);
        Arc::new(Pool { give, take })
    }

    async fn get(&self) -> Ready {
        self.take.lock().await.recv().await.unwrap()
    }
}

async fn postgres_point(url: &str) -> Router {
    let pool = Pool::open(url, "select body from records where cve_id = $1").await;
    let read = move |axum::extract::Path(id): axum::extract::Path<String>| {
        let pool = pool.clone();
        async move {
            let (client, select) = pool.get().await;
            let row = client.query_one(&select, &[&id]).await.unwrap();
            let _ = pool.give.send((client, select));
            row.get::<_, Vec<u8>>(0)
        }
    };
    Router::new().route("/api/cve/{id}", get(read))
}

async fn postgres_insert(url: &str) -> Router {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
        .batch_execute(
            "drop table if exists bare; create table bare (id bigserial primary key, body bytea)",
        )
        .await
        .unwrap();
    let pool = Pool::open(url, "insert into bare (body) values ($1)").await;
    let insert = move |body: Bytes| {
        let pool = pool.clone();
        async move {
            let (client, insert) = pool.get().await;
            client.execute(&insert, &[&&body[..]]).await.unwrap();
            let _ = pool.give.send((client, insert));
        }
    };
    Router::new().route("/insert", post(insert))
}
