//! How long a search of the CVE List takes, inside the process.
//!
//! ```text
//! CNA_BENCH_LIST=DATA cargo bench -p store --bench search
//! ```
//!
//! `DATA` is a data folder with an imported list; without one, 2,000 invented
//! records are indexed. Asked are, in turn and in an order that does not
//! change, words of titles, one to four of them; whole titles; product names;
//! references; commits; IDs; and the commonest words, which cost most.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark stops at the first surprise and reads its own settings"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use cve::id::{CveId, Year};
use cve::time::Timestamp;
use store::cve_list::{CveList, ListEntry, ListQuery, ListSource};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Records from which questions are taken.
const SAMPLES: usize = 400;

/// How often each question is asked; the first time is left out.
const ROUNDS: usize = 6;

fn main() {
    let temporary = tempfile::tempdir().unwrap();
    let data = match std::env::var("CNA_BENCH_LIST") {
        Ok(data) => PathBuf::from(data),
        Err(_) => {
            invent(temporary.path());
            temporary.path().to_owned()
        }
    };
    let list = CveList::inside(&data);
    let status = list.status().unwrap();
    println!(
        "CVE List of {} records, {} MB in {}",
        status.records,
        status.bytes / 1_000_000,
        data.display()
    );
    let samples = samples(&list);
    println!("kind                asked      p50 ms   p90 ms   p99 ms   max ms");
    let mut all = Vec::new();
    for (kind, questions) in questions(&samples) {
        let times = asked(&list, &questions);
        row(kind, &times);
        all.extend(times);
    }
    row("all", &all);
}

/// Times of each question, in every round but the first.
fn asked(list: &CveList, questions: &[ListQuery]) -> Vec<Duration> {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        for question in questions {
            let start = Instant::now();
            let hits = list.search(question).unwrap();
            let took = start.elapsed();
            std::hint::black_box(hits);
            if round > 0 {
                times.push(took);
            }
        }
    }
    times
}

fn row(kind: &str, times: &[Duration]) {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = |percent: usize| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, Duration::as_secs_f64) * 1_000.0
    };
    println!(
        "{kind:<16} {:>8} {:>11.3} {:>8.3} {:>8.3} {:>8.3}",
        times.len(),
        at(50),
        at(90),
        at(99),
        at(100)
    );
}

/// Records spread over the list: those of the first words that come to hand.
fn samples(list: &CveList) -> Vec<ListEntry> {
    let mut samples: Vec<ListEntry> = Vec::new();
    for year in (1999..=2026).rev().chain([1900]) {
        for word in [
            "sql", "overflow", "kernel", "plugin", "remote", "flaw", "service", "page",
        ] {
            let query = ListQuery {
                text: word.into(),
                year: Year::new(year),
                limit: 20,
                ..ListQuery::default()
            };
            for hit in list.search(&query).unwrap() {
                let is_new = samples.iter().all(|old| old.title != hit.entry.title);
                if samples.len() < SAMPLES && is_new {
                    samples.push(hit.entry);
                }
            }
        }
    }
    samples
}

fn questions(samples: &[ListEntry]) -> Vec<(&'static str, Vec<ListQuery>)> {
    let typed = |texts: Vec<String>| texts.iter().map(|text| ListQuery::typed(text)).collect();
    let words = |count: usize| -> Vec<String> {
        let texts = samples.iter().map(|entry| {
            let text = format!("{} {}", entry.title, entry.description);
            let long = text.split_whitespace().filter(|word| word.len() > 3);
            long.step_by(3).take(count).collect::<Vec<_>>().join(" ")
        });
        texts.filter(|text| !text.is_empty()).collect()
    };
    let titles = samples.iter().map(|entry| entry.title.clone()).collect();
    let products: Vec<ListQuery> = samples
        .iter()
        .filter_map(|entry| entry.products.first())
        .map(|product| ListQuery {
            product: product.product.clone(),
            limit: 10,
            ..ListQuery::default()
        })
        .filter(|query| !query.is_empty())
        .collect();
    let references = samples
        .iter()
        .flat_map(|entry| entry.references.first().cloned());
    let commits = samples
        .iter()
        .flat_map(|entry| entry.commits.first().cloned());
    let ids = samples.iter().map(|entry| entry.cve_id.to_string());
    let common = [
        "vulnerability",
        "allows attackers",
        "linux kernel",
        "cross site scripting",
        "the",
        "remote code execution",
        "sql injection",
        "buffer overflow",
        "denial of service",
        "wordpress plugin",
        "attacker",
        "a vulnerability in",
        "1 0",
        "arbitrary code via crafted",
    ];
    vec![
        ("one word", typed(words(1))),
        ("two words", typed(words(2))),
        ("four words", typed(words(4))),
        ("a title", typed(titles)),
        ("a product", products),
        ("a reference", typed(references.collect())),
        ("a commit", typed(commits.collect())),
        ("an ID", typed(ids.collect())),
        ("common words", typed(common.map(str::to_owned).to_vec())),
    ]
}

/// A list of invented records, so that the benchmark runs anywhere.
fn invent(data: &std::path::Path) {
    let mut import = CveList::inside(data).import(true).unwrap();
    let year = Year::new(1900).unwrap();
    for number in 1..=2_000u64 {
        let id = CveId::new(year, number).unwrap();
        let record = format!(
            r#"{{"cveMetadata": {{"cveId": "{id}", "state": "PUBLISHED"}}, "containers": {{"cna": {{
            "title": "Flaw {number} of the service", "descriptions": [{{"lang": "en", "value":
            "A page of service {} overflows a buffer"}}], "affected": [{{"vendor": "example",
            "product": "service {}"}}], "references": [{{"url":
            "https://example.org/{number}"}}]}}}}}}"#,
            number % 97,
            number % 31
        );
        import.offer(None, record.as_bytes()).unwrap();
    }
    let source = ListSource {
        path: data.to_owned(),
        imported: Timestamp::from_unix_ms(0).unwrap(),
        records: 2_000,
    };
    import.commit(vec![source]).unwrap();
}
