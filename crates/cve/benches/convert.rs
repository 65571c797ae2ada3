//! Documents a second on one core, from records that were parsed before.
//!
//! `cargo bench -p cve --bench convert`. Uses the records of the shared folder
//! when it exists, else our fixtures, which are few and small.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cve::convert::{
    CsafProfile, CsafVersion, CycloneDxVersion, Options, Publisher, Record, Target, convert,
};
use cve::time::Timestamp;

#[path = "measured/corpus.rs"]
mod corpus;

/// Each target is measured at least this long, three times.
const MEASURED: Duration = Duration::from_secs(2);

fn main() {
    // Every eighth record: enough for an average.
    let texts: Vec<Vec<u8>> = corpus::records().into_iter().step_by(8).collect();
    let parsed = Instant::now();
    let records: Vec<Record> = texts
        .iter()
        .filter_map(|text| Record::parse(text).ok())
        .collect();
    let per_second = records.len() as f64 / parsed.elapsed().as_secs_f64();
    println!(
        "{} records; parsing: {per_second:.0} a second",
        records.len()
    );
    let publisher = Publisher::unnamed();
    let Some(now) = Timestamp::from_unix_ms(0) else {
        return;
    };
    let options = Options::new(&publisher, now);
    let csaf = |version, profile| Target::Csaf { version, profile };
    for (name, target) in [
        ("OSV", Target::Osv),
        (
            "CSAF 2.0",
            csaf(CsafVersion::V2_0, CsafProfile::SecurityAdvisory),
        ),
        (
            "CSAF 2.1",
            csaf(CsafVersion::V2_1, CsafProfile::SecurityAdvisory),
        ),
        ("CSAF 2.0 VEX", csaf(CsafVersion::V2_0, CsafProfile::Vex)),
        ("OpenVEX", Target::OpenVex),
        ("CycloneDX 1.6", Target::CycloneDx(CycloneDxVersion::V1_6)),
    ] {
        let best = (0..3)
            .map(|_| measure(&records, target, &options))
            .fold(0.0, f64::max);
        println!("{name:14} {best:>9.0} documents a second");
    }
}

fn measure(records: &[Record], target: Target, options: &Options) -> f64 {
    let (started, mut made) = (Instant::now(), 0usize);
    while started.elapsed() < MEASURED {
        for record in records {
            made += usize::from(black_box(convert(record, target, options)).is_ok());
        }
    }
    made as f64 / started.elapsed().as_secs_f64()
}
