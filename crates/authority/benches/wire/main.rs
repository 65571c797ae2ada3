//! The authority over HTTP, beside bare programs that do nothing but the one
//! thing it rests on, under one load generator, in turns, in one run.
//!
//! `bench/authority` builds `cna` and runs this; by itself,
//! `cargo bench -p authority --bench wire` serves the router in a child of its
//! own. Words after `--` choose: `sqlite`, `postgres`, `read`, `write` (or
//! `reserve` or `publish` alone), `list`, `large`; `loaded` keeps every
//! processor busy meanwhile, as the other work of a shared machine does;
//! `cna=FILE` measures that executable. PostgreSQL takes part when
//! `CNA_TEST_POSTGRES` names a server.
//!
//! The programs are children, so that the CPU time of each is its own. Ours and
//! the bare one take turns, so that a change in the speed of the machine
//! touches both; the ratio is the median over the turns.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark, configured by the environment"
)]

mod bare;
mod child;
mod data;
mod load;

use std::time::Duration;

use child::{Busy, Child};
use data::Data;
use load::{Load, Measured};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(2500);

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|w| w != "--bench")
        .collect();
    if let Some((serve, rest)) = words.split_first()
        && serve == "serve"
    {
        return bare::serve(rest);
    }
    let plan = Plan { words };
    let _busy = plan
        .words
        .iter()
        .any(|word| word == "loaded")
        .then(Busy::start);
    println!(
        "| engine | request | limit | ours/s | bare/s | ratio | of the turns | p50 ms | p99 ms | \
         CPU us ours | CPU us bare |"
    );
    println!("|---|---|---|---:|---:|---:|---|---:|---:|---:|---:|");
    if plan.asks("sqlite", "postgres") {
        plan.run(&Data::sqlite(), 20_000);
    }
    if plan.asks("postgres", "sqlite")
        && let Some(server) = store::testing::postgres_server("the benchmark")
    {
        plan.run(&Data::postgres(&server), 5_000);
    }
    if plan.words.iter().any(|word| word == "large") {
        large(&plan);
    }
}

struct Plan {
    words: Vec<String>,
}

impl Plan {
    fn asks(&self, word: &str, other: &str) -> bool {
        let has = |word: &str| self.words.iter().any(|own| own == word);
        has(word) || !has(other)
    }

    fn wants(&self, part: &str) -> bool {
        let parts = ["read", "write", "reserve", "publish", "list", "large"];
        let named = |part: &str| self.words.iter().any(|own| own == part);
        named(part) || !parts.into_iter().any(named)
    }

    fn ours(&self, data: &Data) -> Child {
        let cna = self.words.iter().find_map(|word| word.strip_prefix("cna="));
        Child::ours(cna, data)
    }

    fn run(&self, data: &Data, records: u32) {
        let engine = data.engine;
        if self.wants("read") || self.wants("list") {
            data.publish(records);
        }
        if self.wants("read") {
            let ours = self.ours(data);
            let bare = Child::bare(&["point", &data.url()]);
            let limit = format!("{engine} point read");
            let read = |known: bool| Load::new(ROUND, data.shows(known));
            row(
                engine,
                "GET /cve/:id",
                &limit,
                (&ours, &read(false)),
                (&bare, &read(false)),
            );
            let empty = Child::bare(&["empty"]);
            row(
                engine,
                "GET /cve/:id, 304",
                "empty handler",
                (&ours, &read(true).expecting(304)),
                (&empty, &read(false)),
            );
        }
        if self.wants("list") {
            let ours = self.ours(data);
            let ten = Load::new(ROUND, data.list_of_ten());
            alone(engine, "GET /cve-id, ten IDs", &ours, &ten);
            let page = Load::new(ROUND, data.list_of_all());
            alone(engine, "GET /cve-id, page of 500", &ours, &page);
        }
        let writes = ["reserve", "publish"].map(|part| self.wants(part) || self.wants("write"));
        if writes.contains(&true) {
            let ours = self.ours(data);
            let of_reserve = ("POST /cve-id, one", data::RESERVE_BYTES, data.reserves());
            let of_publish = ("POST /cve/:id/cna", data::RECORD_BYTES, data.publications());
            let all = [of_reserve, of_publish].into_iter().zip(writes);
            for ((name, bytes, load), _) in all.filter(|(_, wanted)| *wanted) {
                let bare = Child::bare(&["insert", &data.bare_url()]);
                let limit = format!("insert and commit of {bytes} bytes");
                let ours_load = Load::new(ROUND, load);
                let bare_load = Load::new(ROUND, data::inserts(bytes));
                row(
                    engine,
                    name,
                    &limit,
                    (&ours, &ours_load),
                    (&bare, &bare_load),
                );
            }
        }
    }
}

/// Runs ours and the bare program in turns and prints the medians.
fn row(engine: &str, name: &str, limit: &str, ours: (&Child, &Load), bare: (&Child, &Load)) {
    // One turn warms both and is not counted.
    let turn = |(child, load): (&Child, &Load)| load.run(child);
    let mut turns: Vec<(Measured, Measured)> = (0..=ROUNDS)
        .map(|_| (turn(ours), turn(bare)))
        .skip(1)
        .collect();
    let ratio = |(ours, bare): &(Measured, Measured)| ours.rate / bare.rate;
    let all: Vec<String> = turns
        .iter()
        .map(|turn| format!("{:.2}", ratio(turn)))
        .collect();
    turns.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let median = &turns[turns.len() / 2];
    let (own, other) = median;
    println!(
        "| {engine} | {name} | {limit} | {:.0} | {:.0} | {:.2} | {} | {:.2} | {:.2} | {:.0} | {:.0} |",
        own.rate,
        other.rate,
        ratio(median),
        all.join(" "),
        own.p50_ms,
        own.p99_ms,
        own.cpu_us,
        other.cpu_us,
    );
}

/// Measures ours, where there is no bare program to compare with.
fn alone(engine: &str, name: &str, ours: &Child, load: &Load) {
    load.run(ours);
    let mut turns: Vec<Measured> = (0..3).map(|_| load.run(ours)).collect();
    turns.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    let own = &turns[1];
    println!(
        "| {engine} | {name} | | {:.0} | | | | {:.2} | {:.2} | {:.0} | |",
        own.rate, own.p50_ms, own.p99_ms, own.cpu_us
    );
}

/// What 320,000 records change: memory, reads, pages at the end.
fn large(plan: &Plan) {
    let data = Data::sqlite();
    data.publish(1000);
    let before = {
        let ours = plan.ours(&data);
        let load = Load::new(ROUND, data.shows(false));
        load.run(&ours);
        load.run(&ours)
    };
    data.publish(data::MANY - 1000);
    let ours = plan.ours(&data);
    let load = Load::new(ROUND, data.shows(false));
    load.run(&ours);
    let after = load.run(&ours);
    println!("\n{} records:\n", data::MANY);
    println!(
        "- GET /cve/:id {:.0}/s with 1000 records, {:.0}/s with {}: {:.2}",
        before.rate,
        after.rate,
        data::MANY,
        after.rate / before.rate
    );
    let last = data::MANY.div_ceil(500);
    for path in ["/api/cve-id", "/api/cve"] {
        let times: Vec<String> = [1, 2, last / 2, last]
            .map(|page| {
                let ms = load::once(
                    &ours,
                    &data.secretariat_gets(&format!("{path}?page={page}")),
                );
                format!("page {page} {ms:.1} ms")
            })
            .into();
        println!("- GET {path}: {}", times.join(", "));
    }
    println!("- GET /api/cve_cursor: {}", load::walk(&ours, &data));
    for path in ["/api/cve_count", "/api/cve_count?state=PUBLISHED"] {
        let ms = load::once(&ours, &data.secretariat_gets(path));
        println!("- GET {path}: {ms:.1} ms");
    }
    println!(
        "- resident memory after all that: {:.0} MB",
        ours.resident_mb()
    );
}
