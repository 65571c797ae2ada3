//! Requests a second over loopback, from 32 kept connections.
//!
//! `cargo bench -p authority --bench requests`; PostgreSQL takes part when
//! `CNA_TEST_POSTGRES` is set. Every commit is durable before its answer.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use authority::Settings;
use authority::admin::{self, NewOrg, NewUser};
use store::testing::{TestStore, postgres, postgres_server, sqlite, world};

const CALLERS: usize = 32;
const ROUND: Duration = Duration::from_millis(3000);
const RESERVE: &str = "/api/cve-id?amount=1&batch_type=sequential&cve_year=2099&short_name=acme";

fn main() {
    println!("| engine | request | a second | median ms | p99 ms |");
    println!("|---|---|---:|---:|---:|");
    run(&sqlite());
    if let Some(server) = postgres_server("the benchmark") {
        run(&postgres(&server));
    }
}

fn run(test: &TestStore) {
    let (store, world) = (test.store.clone(), world());
    let new = NewOrg {
        short_name: "acme".parse().unwrap(),
        name: "Acme".into(),
        roles: vec!["CNA".into()],
        id_quota: 100_000,
    };
    let org = admin::create_org(&store, &world, new).unwrap();
    let user = NewUser {
        username: "ann@acme".into(),
        ..NewUser::default()
    };
    let (_, key) = admin::create_user(&store, &world, &org.short_name, user).unwrap();
    admin::open_year(&store, "2099".parse().unwrap()).unwrap();
    let headers = format!(
        "host: a\r\ncve-api-org: acme\r\ncve-api-user: ann@acme\r\ncve-api-key: {}\r\n\
         content-type: application/json\r\n",
        key.reveal()
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bind = tokio::net::TcpListener::bind("127.0.0.1:0");
    let listener = runtime.block_on(bind).unwrap();
    let server = listener.local_addr().unwrap();
    let settings = Settings::default();
    let limits = settings.limits;
    let router = authority::router(store.clone(), world, settings);
    runtime.spawn(http::serve(
        listener,
        router,
        limits,
        std::future::pending(),
    ));
    let reserved = Mutex::new(Vec::new());
    let row = |name: &str, request: &(dyn Fn() -> Option<String> + Sync), keep: bool| {
        let found = measure(server, &headers, request, keep.then_some(&reserved));
        let (count, mut times) = (found.len(), found);
        times.sort_unstable();
        let at = |part: usize| times[(count * part / 100).min(count - 1)].as_secs_f64() * 1000.0;
        let rate = count as f64 / ROUND.as_secs_f64();
        let engine = test.engine;
        println!(
            "| {engine} | {name} | {rate:.0} | {:.1} | {:.1} |",
            at(50),
            at(99)
        );
    };
    let plain = |method: &str, path: &str| {
        format!("{method} {path} HTTP/1.1\r\n{headers}content-length: 0\r\n\r\n")
    };
    row("reserve one", &|| Some(plain("POST", RESERVE)), true);
    let ids = Mutex::new(reserved.lock().unwrap().clone());
    let body = container();
    let publish = || {
        let id = ids.lock().unwrap().pop()?;
        let length = body.len();
        Some(format!(
            "POST /api/cve/{id}/cna HTTP/1.1\r\n{headers}content-length: {length}\r\n\r\n{body}"
        ))
    };
    row("publish 4 KB", &publish, false);
    let id = reserved.lock().unwrap().last().unwrap().clone();
    let show = plain("GET", &format!("/api/cve/{id}"));
    row("show a record", &|| Some(show.clone()), false);
    let list = plain("GET", "/api/cve-id");
    row("list 500 IDs", &|| Some(list.clone()), false);
    let health = plain("GET", "/api/health-check");
    row("health check", &|| Some(health.clone()), false);
}

/// A container that makes a record of about four kilobytes.
fn container() -> String {
    let text = "A flaw in the example product. ".repeat(100);
    serde_json::json!({"cnaContainer": {
        "affected": [{"vendor": "v", "product": "p", "defaultStatus": "affected"}],
        "descriptions": [{"lang": "en", "value": text}],
        "references": [{"url": "https://example.com/1"}],
    }})
    .to_string()
}

/// Sends requests for one round; how long each took.
fn measure(
    server: SocketAddr,
    headers: &str,
    request: &(dyn Fn() -> Option<String> + Sync),
    ids: Option<&Mutex<Vec<String>>>,
) -> Vec<Duration> {
    assert!(headers.ends_with("\r\n"));
    let failed = AtomicU64::new(0);
    let end = Instant::now() + ROUND;
    let times = thread::scope(|scope| {
        let caller = || {
            let stream = TcpStream::connect(server).unwrap();
            stream.set_nodelay(true).unwrap();
            let mut reader = BufReader::new(stream);
            let mut times = Vec::new();
            while Instant::now() < end
                && let Some(request) = request()
            {
                let begun = Instant::now();
                reader.get_mut().write_all(request.as_bytes()).unwrap();
                let (status, body) = answer(&mut reader);
                times.push(begun.elapsed());
                if status != 200 {
                    failed.fetch_add(1, Ordering::Relaxed);
                }
                if let Some(ids) = ids {
                    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
                    let id = json["cve_ids"][0]["cve_id"].as_str().unwrap().to_owned();
                    ids.lock().unwrap().push(id);
                }
            }
            times
        };
        let threads: Vec<_> = (0..CALLERS).map(|_| scope.spawn(caller)).collect();
        let times = threads.into_iter().map(|thread| thread.join().unwrap());
        times.flatten().collect::<Vec<_>>()
    });
    assert_eq!(failed.into_inner(), 0, "a request failed");
    times
}

fn answer(reader: &mut BufReader<TcpStream>) -> (u16, Vec<u8>) {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap().parse().unwrap();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (status, body)
}
