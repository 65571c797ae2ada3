//! How long a search of the CVE List takes, inside the process.
//!
//! ```text
//! CNA_BENCH_LIST=DATA cargo bench -p store --bench search
//! ```
//!
//! `DATA` is a data folder with an imported list, or gets one. The records of
//! `CNA_BENCH_RECORDS`, one a line, are imported into it first; without `DATA`
//! twice, into a folder that goes again. What that costs is told. Without
//! either, 2,000 invented ones. Asked are, in turn and in an order that does not
//! change, words of titles, one to four of them; whole titles; product names;
//! references; commits; IDs; and the commonest words, which cost most.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark stops at the first surprise and reads its own settings"
)]

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cve::id::{CveId, Year};
use cve::time::Timestamp;
use store::cve_list::{CveList, ListEntry, ListQuery, ListSource, Offered};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Records from which questions are taken.
const SAMPLES: usize = 400;

/// How often each question is asked; the first time is left out.
const ROUNDS: usize = 6;

fn main() {
    let temporary = tempfile::tempdir().unwrap();
    let data = match std::env::var("CNA_BENCH_LIST") {
        Ok(data) => {
            if let Ok(records) = std::env::var("CNA_BENCH_RECORDS") {
                take(Path::new(&data), &records, "import");
            }
            PathBuf::from(data)
        }
        Err(_) => {
            match std::env::var("CNA_BENCH_RECORDS") {
                Ok(records) => {
                    take(temporary.path(), &records, "first import");
                    take(temporary.path(), &records, "second import");
                }
                Err(_) => invent(temporary.path()),
            }
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

/// Indexes the records of a file and tells what that cost.
fn take(data: &Path, records: &str, name: &str) {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let mut import = CveList::inside(data).import(false).unwrap();
    let mut lines = BufReader::with_capacity(1 << 20, File::open(records).unwrap());
    let (mut line, mut count, mut taken) = (Vec::new(), 0, 0);
    while lines.read_until(b'\n', &mut line).unwrap() > 0 {
        let offered = import.offer(None, &line).unwrap();
        taken += u64::from(matches!(offered, Offered::New | Offered::Changed));
        count += 1;
        line.clear();
    }
    import.commit(vec![source(data, count)]).unwrap();
    println!(
        "{name}: {count} records, {taken} of them new or changed; {:.1} CPU s, {:.1} s, {} MB \
         resident at most",
        cpu_seconds() - cpu,
        start.elapsed().as_secs_f64(),
        most_resident_mb()
    );
}

/// Seconds of CPU this process has used, all threads together.
///
/// Source: proc(5), fields 14 and 15 of `stat`, in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let behind_name = stat.rsplit(") ").next().unwrap();
    let ticks = behind_name.split(' ').skip(11).take(2);
    ticks
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum::<f64>()
        / 100.0
}

/// The most memory this process has had in use, in megabytes.
fn most_resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() / 1_000
}

fn source(data: &Path, records: u64) -> ListSource {
    ListSource {
        path: data.to_owned(),
        imported: Timestamp::from_unix_ms(0).unwrap(),
        records,
    }
}

/// A list of invented records, so that the benchmark runs anywhere.
fn invent(data: &Path) {
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
    import.commit(vec![source(data, 2_000)]).unwrap();
}
