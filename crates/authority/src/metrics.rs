//! What is counted of requests, in the text format of Prometheus.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Statuses counted by themselves; all others count as `other`.
const STATUSES: [u16; 16] = [
    200, 204, 206, 301, 304, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503,
];

/// Upper bounds of the classes of durations, in microseconds.
const BOUNDS_US: [u64; 12] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 10_000_000,
];

/// Counts of one route.
#[derive(Debug, Default)]
struct Counts {
    statuses: [AtomicU64; STATUSES.len() + 1],
    durations: [AtomicU64; BOUNDS_US.len() + 1],
    total_us: AtomicU64,
}

/// Counts of a server; nothing here waits for anything.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// One for each route of the table, and one for paths that lead nowhere.
    routes: Vec<Counts>,
    in_flight: AtomicI64,
}

/// A request under way; ends when it is dropped.
pub(crate) struct InFlight<'a>(&'a Metrics);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    pub(crate) fn new(routes: usize) -> Metrics {
        Metrics {
            routes: (0..=routes).map(|_| Counts::default()).collect(),
            in_flight: AtomicI64::new(0),
        }
    }

    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    /// Counts an answer.
    ///
    /// Takes: `route`, its place in the table; nothing for none.
    pub(crate) fn count(&self, route: Option<usize>, status: u16, took: Duration) {
        let last = self.routes.len().saturating_sub(1);
        let Some(counts) = self.routes.get(route.unwrap_or(last)) else {
            return;
        };
        let known = STATUSES.iter().position(|known| *known == status);
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = BOUNDS_US.iter().position(|bound| us <= *bound);
        // `get` cannot fail: each array has one place more than its table.
        for count in [
            counts.statuses.get(known.unwrap_or(STATUSES.len())),
            counts.durations.get(class.unwrap_or(BOUNDS_US.len())),
        ]
        .into_iter()
        .flatten()
        {
            count.fetch_add(1, Ordering::Relaxed);
        }
        counts.total_us.fetch_add(us, Ordering::Relaxed);
    }

    /// All counts as text.
    ///
    /// Takes: `names`, method and pattern of each route of the table.
    /// Source: Prometheus exposition formats, text format 0.0.4.
    pub(crate) fn text(&self, names: &[(String, Arc<str>)]) -> String {
        let mut text = String::new();
        let nowhere = ("-".to_owned(), "-".into());
        let labelled = || self.routes.iter().zip(names.iter().chain([&nowhere]));
        text.push_str(
            "# HELP cna_authority_requests_total Requests answered, by route and status.\n\
             # TYPE cna_authority_requests_total counter\n",
        );
        for (counts, (method, route)) in labelled() {
            let codes = STATUSES.iter().map(u16::to_string).chain(["other".into()]);
            for (code, count) in codes.zip(&counts.statuses) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let _ = writeln!(
                        text,
                        "cna_authority_requests_total{{method=\"{method}\",route=\"{route}\",\
                         status=\"{code}\"}} {count}"
                    );
                }
            }
        }
        text.push_str(
            "# HELP cna_authority_request_seconds Time from a request's head to its answer.\n\
             # TYPE cna_authority_request_seconds histogram\n",
        );
        for (counts, (method, route)) in labelled() {
            let labels = format!("method=\"{method}\",route=\"{route}\"");
            histogram(&mut text, counts, &labels);
        }
        let _ = write!(
            text,
            "# HELP cna_authority_requests_in_flight Requests that are being worked on.\n\
             # TYPE cna_authority_requests_in_flight gauge\n\
             cna_authority_requests_in_flight {}\n",
            self.in_flight.load(Ordering::Relaxed)
        );
        text
    }
}

fn histogram(text: &mut String, counts: &Counts, labels: &str) {
    let mut sum = 0;
    let mut lines = String::new();
    let bounds = BOUNDS_US
        .iter()
        .map(|us| seconds(*us))
        .chain(["+Inf".into()]);
    for (bound, count) in bounds.zip(&counts.durations) {
        sum += count.load(Ordering::Relaxed);
        let _ = writeln!(
            lines,
            "cna_authority_request_seconds_bucket{{{labels},le=\"{bound}\"}} {sum}"
        );
    }
    if sum > 0 {
        let total = seconds(counts.total_us.load(Ordering::Relaxed));
        let _ = writeln!(
            lines,
            "cna_authority_request_seconds_sum{{{labels}}} {total}\n\
             cna_authority_request_seconds_count{{{labels}}} {sum}"
        );
        text.push_str(&lines);
    }
}

/// Microseconds as seconds, without zeros at the end.
fn seconds(us: u64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_and_status() {
        let metrics = Metrics::new(1);
        let names = [("GET".to_owned(), "/api/cve/:id".into())];
        metrics.count(Some(0), 200, Duration::from_micros(300));
        metrics.count(Some(0), 200, Duration::from_micros(1_500));
        metrics.count(None, 418, Duration::from_secs(60));
        let under_way = metrics.begin();
        let text = metrics.text(&names);
        for line in [
            "cna_authority_requests_total{method=\"GET\",route=\"/api/cve/:id\",status=\"200\"} 2",
            "cna_authority_requests_total{method=\"-\",route=\"-\",status=\"other\"} 1",
            "cna_authority_request_seconds_bucket{method=\"GET\",route=\"/api/cve/:id\",le=\"0.0005\"} 1",
            "cna_authority_request_seconds_bucket{method=\"GET\",route=\"/api/cve/:id\",le=\"+Inf\"} 2",
            "cna_authority_request_seconds_sum{method=\"GET\",route=\"/api/cve/:id\"} 0.0018",
            "cna_authority_requests_in_flight 1",
        ] {
            assert!(text.lines().any(|own| own == line), "{line}\n{text}");
        }
        drop(under_way);
        assert!(metrics.text(&names).contains("in_flight 0"));
    }
}
